package lessons

import (
	"slices"

	"github.com/google/cel-go/cel"
)

// What runs Pods, a Pod, a Pod template and a Pod's spec are taken alike here:
// what is asked of them is asked of the Pod.

func workloadFunctions() []function {
	return []function{
		{name: "podSpec", args: anything(1), out: cel.DynType, call: func(a []any) any { return orEmpty(podSpec(a[0])) }},
		{name: "containers", args: anything(1), out: cel.ListType(cel.DynType), call: func(a []any) any { return orNone(appContainers(a[0])) }},
		{name: "initContainers", args: anything(1), out: cel.ListType(cel.DynType), call: func(a []any) any {
			return orNone(list(podSpec(a[0]), "initContainers"))
		}},
		{name: "container", args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.DynType, call: func(a []any) any {
			return orEmpty(containerNamed(a[0], a[1].(string)))
		}},
		{name: "containerByImage", args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.DynType, call: func(a []any) any {
			return firstMap(withImage(a[0], a[1].(string), ""))
		}},
		{name: "named", args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.DynType, yields: 1, call: func(a []any) any {
			return orEmpty(named(asList(a[0]), a[1].(string)))
		}},
		{name: "label", args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.StringType, call: func(a []any) any {
			return text(a[0], "metadata", "labels", a[1].(string))
		}},
		{name: "annotation", args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.StringType, call: func(a []any) any {
			return text(a[0], "metadata", "annotations", a[1].(string))
		}},
		{name: "podLabels", args: anything(1), out: cel.DynType, call: func(a []any) any { return orEmpty(podLabels(a[0])) }},
		{name: "request", args: []*cel.Type{cel.DynType, cel.StringType}, out: quantityType, call: func(a []any) any {
			return amount(field(a[0], "resources", "requests", a[1].(string)))
		}},
		{name: "limit", args: []*cel.Type{cel.DynType, cel.StringType}, out: quantityType, call: func(a []any) any {
			return amount(field(a[0], "resources", "limits", a[1].(string)))
		}},
		{name: "restarts", args: anything(1), out: cel.IntType, readsStatus: true, call: func(a []any) any { return restarts(a[0]) }},
		{name: "waitingReason", args: anything(1), out: cel.StringType, readsStatus: true, call: func(a []any) any { return waitingReason(a[0]) }},
	}
}

// podSpec finds the spec of the Pods that v is, describes or makes; nil when it
// is nothing of that kind.
func podSpec(v any) map[string]any {
	for _, path := range [][]string{{}, {"spec"}, {"spec", "template", "spec"}, {"template", "spec"}, {"spec", "jobTemplate", "spec", "template", "spec"}} {
		if spec := mapAt(v, path...); list(spec, "containers") != nil {
			return spec
		}
	}
	return nil
}

func appContainers(v any) []any { return list(podSpec(v), "containers") }

// runningContainers are the containers that run beside each other: the app's,
// and the init containers that are sidecars.
func runningContainers(v any) []any {
	spec := podSpec(v)
	all := slices.Clone(list(spec, "containers"))
	for _, c := range list(spec, "initContainers") {
		if text(c, "restartPolicy") == "Always" {
			all = append(all, c)
		}
	}
	return all
}

// containerNamed finds a container, or else an init or ephemeral container.
func containerNamed(v any, name string) map[string]any {
	spec := podSpec(v)
	for _, group := range []string{"containers", "initContainers", "ephemeralContainers"} {
		for _, c := range list(spec, group) {
			if text(c, "name") == name {
				return mapAt(c)
			}
		}
	}
	return nil
}

// named finds an object by its name, or anything else that has one.
func named(objects []any, name string) map[string]any {
	for _, o := range objects {
		if text(o, "metadata", "name") == name || field(o, "metadata") == nil && text(o, "name") == name {
			return mapAt(o)
		}
	}
	return nil
}

// podLabels returns the labels of the Pods that v makes, or else its own.
func podLabels(v any) map[string]any {
	for _, path := range [][]string{{"spec", "template"}, {"spec", "jobTemplate", "spec", "template"}} {
		if template := mapAt(v, path...); template != nil {
			return mapAt(template, "metadata", "labels")
		}
	}
	return mapAt(v, "metadata", "labels")
}

// containerStatuses are what the kubelet says of a Pod's containers, init
// containers first.
func containerStatuses(pod any) []any {
	return slices.Concat(list(pod, "status", "initContainerStatuses"), list(pod, "status", "containerStatuses"))
}

// restarts is how often the containers of a Pod were started again, together.
func restarts(pod any) int64 {
	var n int64
	for _, s := range containerStatuses(pod) {
		n += number(0, s, "restartCount")
	}
	return n
}

// waitingReason returns why the first container of a Pod that waits does so;
// the harmless reasons of a normal start do not count.
func waitingReason(pod any) string {
	for _, s := range containerStatuses(pod) {
		switch reason := text(s, "state", "waiting", "reason"); reason {
		case "", "ContainerCreating", "PodInitializing":
		default:
			return reason
		}
	}
	return ""
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

// orEmpty makes an absent map an empty one, as a query does with an object that
// does not exist.
func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

func orNone(l []any) []any {
	if l == nil {
		return []any{}
	}
	return l
}

func firstMap(l []any) map[string]any {
	if len(l) == 0 {
		return map[string]any{}
	}
	return orEmpty(mapAt(l[0]))
}
