package lessons

import "github.com/google/cel-go/cel"

func conditionFunctions() []function {
	one := func(name, field string) function {
		return function{name: name, args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.StringType, readsStatus: true,
			call: func(a []any) any { return text(condition(a[0], a[1].(string)), field) }}
	}
	return []function{
		{name: "condition", args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.StringType, readsStatus: true,
			call: func(a []any) any { return ConditionOf(a[0], a[1].(string)) }},
		one("conditionReason", "reason"),
		one("conditionMessage", "message"),
		{name: "isReady", args: anything(1), out: cel.BoolType, readsStatus: true, call: func(a []any) any { return isReady(a[0]) }},
	}
}

// condition finds one of an object's conditions; nil when it has none of that
// type.
func condition(o any, kind string) any {
	for _, c := range list(o, "status", "conditions") {
		if text(c, "type") == kind {
			return c
		}
	}
	return nil
}

// ConditionOf returns the status of one of an object's conditions: "True",
// "False", "Unknown", or "" when the object has no such condition. One that
// speaks of an older spec is "Unknown".
func ConditionOf(o any, kind string) string {
	c := condition(o, kind)
	if seen := number(0, c, "observedGeneration"); seen > 0 && seen < number(0, o, "metadata", "generation") {
		return "Unknown"
	}
	return text(c, "status")
}

func isReady(pod any) bool {
	return field(pod, "metadata", "deletionTimestamp") == nil && text(condition(pod, "Ready"), "status") == "True"
}
