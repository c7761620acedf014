package lessons

import "github.com/google/cel-go/cel"

func ownerFunctions() []function {
	return []function{
		{name: "ownedBy", args: anything(2), out: cel.BoolType, cost: costOfOwners, call: func(a []any) any {
			return descent(a[1], nil).includes(a[0])
		}},
		{name: "ownedBy", args: anything(3), out: cel.BoolType, cost: costOfOwners, call: func(a []any) any {
			return descent(a[1], asList(a[2])).includes(a[0])
		}},
		{name: "owned", args: anything(2), out: cel.ListType(cel.DynType), yields: 1, cost: costOfOwners, call: func(a []any) any {
			return descent(a[1], nil).among(asList(a[0]))
		}},
		{name: "owned", args: anything(3), out: cel.ListType(cel.DynType), yields: 1, cost: costOfOwners, call: func(a []any) any {
			return descent(a[1], asList(a[2])).among(asList(a[0]))
		}},
		{name: "owners", args: anything(1), out: cel.ListType(cel.StringType), call: func(a []any) any {
			names := []any{}
			for _, o := range list(a[0], "metadata", "ownerReferences") {
				names = append(names, text(o, "kind")+"/"+text(o, "name"))
			}
			return names
		}},
	}
}

// lineage is a set of uids: an owner and what it owns.
type lineage map[string]bool

// descent is the lineage of an owner through the objects between it and what is
// asked about: the ReplicaSets of a Deployment. The owner is an object, a uid,
// or a list of these. Names do not matter: another object of the same name is
// another owner.
func descent(owner any, between []any) lineage {
	l := lineage{}
	l.add(owner)
	for range 4 { // a chain of owners is at most CronJob, Job, Pod; this is ample
		grown := false
		for _, o := range between {
			if uid := text(o, "metadata", "uid"); uid != "" && !l[uid] && l.includes(o) {
				l[uid], grown = true, true
			}
		}
		if !grown {
			break
		}
	}
	return l
}

func (l lineage) add(owner any) {
	switch v := owner.(type) {
	case string:
		l[v] = v != ""
	case []any:
		for _, one := range v {
			if _, nested := one.([]any); !nested {
				l.add(one)
			}
		}
	default:
		if uid := text(v, "metadata", "uid"); uid != "" {
			l[uid] = true
		}
	}
}

// includes reports whether one of the lineage owns the object.
func (l lineage) includes(object any) bool {
	for _, o := range list(object, "metadata", "ownerReferences") {
		if uid := text(o, "uid"); uid != "" && l[uid] {
			return true
		}
	}
	return false
}

func (l lineage) among(objects []any) []any {
	found := []any{}
	for _, o := range objects {
		if l.includes(o) {
			found = append(found, o)
		}
	}
	return found
}

// costOfOwners counts the owners of each object too.
func costOfOwners(args []any) uint64 {
	cost := uint64(0)
	for _, a := range args {
		for _, o := range asList(a) {
			cost += uint64(len(list(o, "metadata", "ownerReferences")))
		}
	}
	return cost
}
