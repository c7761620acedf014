package lessons

import (
	"slices"

	"github.com/google/cel-go/cel"
)

func selectorFunctions() []function {
	return []function{
		{name: "selects", args: anything(2), out: cel.BoolType, call: func(a []any) any { return selects(a[0], a[1]) }},
		{name: "selected", args: anything(2), out: cel.ListType(cel.DynType), yields: 2, call: func(a []any) any {
			s, found := parseSelector(a[0]), []any{}
			for _, o := range asList(a[1]) {
				if s.matches(labelsOf(o)) {
					found = append(found, o)
				}
			}
			return found
		}, cost: func(args []any) uint64 {
			s := parseSelector(args[0])
			return uint64(len(asList(args[1])) * (len(s.equal) + len(s.expressions)))
		}},
	}
}

// selector is what a Service, a workload or a policy selects Pods by.
type selector struct {
	all         bool // an empty selector that selects everything
	equal       map[string]any
	expressions []any
}

// parseSelector reads a selector: a Service's map of labels, a LabelSelector,
// or that of an object which has one. A Service without a selector selects
// nothing, hence neither does an empty map; the empty selector of a
// NetworkPolicy or a PodDisruptionBudget is one for all Pods.
func parseSelector(v any) selector {
	if spec := mapAt(v, "spec"); spec != nil {
		if pods := mapAt(spec, "podSelector"); pods != nil {
			s := parseSelector(pods)
			s.all = len(s.equal)+len(s.expressions) == 0
			return s
		}
		sel := mapAt(spec, "selector")
		s := parseSelector(sel)
		s.all = sel != nil && len(s.equal)+len(s.expressions) == 0 && text(v, "kind") == "PodDisruptionBudget"
		return s
	}
	m := mapAt(v)
	equal, expressions := mapAt(m, "matchLabels"), list(m, "matchExpressions")
	if equal != nil || expressions != nil {
		return selector{equal: equal, expressions: expressions}
	}
	return selector{equal: m}
}

// selects reports whether a selector matches labels, or those of an object; of
// one that makes Pods, the labels of its Pods.
func selects(sel, labels any) bool { return parseSelector(sel).matches(labelsOf(labels)) }

// labelsOf returns the labels that a selector of Pods looks at: those of the
// Pods that v makes, those of v, or v itself when it is a map of labels.
func labelsOf(v any) map[string]any {
	if mapAt(v, "metadata") != nil || mapAt(v, "spec") != nil {
		return podLabels(v)
	}
	return mapAt(v)
}

func (s selector) matches(labels map[string]any) bool {
	if len(s.equal)+len(s.expressions) == 0 {
		return s.all
	}
	for k, v := range s.equal {
		want, ok := v.(string)
		if have, is := labels[k].(string); !ok || !is || have != want {
			return false
		}
	}
	for _, e := range s.expressions {
		have, has := labels[text(e, "key")]
		in := has && slices.ContainsFunc(list(e, "values"), func(v any) bool { return isText(v, have) })
		switch text(e, "operator") {
		case "In":
			if !in {
				return false
			}
		case "NotIn":
			if in {
				return false
			}
		case "Exists":
			if !has {
				return false
			}
		case "DoesNotExist":
			if has {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// isText reports whether both are the same string.
func isText(a, b any) bool {
	x, ok := a.(string)
	y, is := b.(string)
	return ok && is && x == y
}
