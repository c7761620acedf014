package coursetest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// mutation is one change of the solved state.
type mutation struct {
	name    string // "replicas-more web"
	foreign bool   // it acts outside the workspace
	do      []action
	undo    []action // before the workspace is put back: what that would not undo, or only at great cost
}

// action is one kubectl command, with what it reads.
type action struct {
	args      []string
	object    lessons.Object // on standard input; nil for none
	namespace string         // where, if not in the workspace
}

func (a action) String() string {
	line := "kubectl " + strings.Join(a.args, " ")
	if a.namespace != "" {
		line += " --namespace=" + a.namespace
	}
	if a.object != nil {
		line += " <<< '" + string(encode(a.object)) + "'"
	}
	return line
}

// target is an object that a step's checks are about.
type target struct {
	query  string // by which the step knows it
	object lessons.Object
}

// targets finds the objects that the checks of a step are about: what their
// queries name, or the objects that own it.
func targets(step *lessons.Step, objects []lessons.Object) []target {
	about := map[string]bool{}
	for _, c := range step.Checks {
		if !c.Absent {
			about[c.About] = true
		}
	}
	byUID := map[string]lessons.Object{}
	for _, o := range objects {
		byUID[uid(o)] = o
	}
	var found []target
	add := func(query string, o lessons.Object) {
		for owner := byUID[controller(o)]; owner != nil; owner = byUID[controller(o)] {
			o = owner
		}
		if !slices.ContainsFunc(found, func(t target) bool { return uid(t.object) == uid(o) }) {
			found = append(found, target{query, o})
		}
	}
	// Objects that a query names come first: they give the mutation its name.
	for _, named := range []bool{true, false} {
		for _, q := range step.Queries {
			if !about[q.Name] || q.Namespace != "" || (q.Object != "") != named {
				continue
			}
			for _, o := range objects {
				if selectedBy(q, o) {
					add(q.Name, o)
				}
			}
		}
	}
	// An owner that another query of the step names goes by that name.
	for i, t := range found {
		for _, q := range step.Queries {
			if q.Object == name(t.object) && q.Kind.Kind == kind(t.object) && q.Namespace == "" {
				found[i].query = q.Name
			}
		}
	}
	// Two objects of one list are told apart by their names.
	for i, t := range found {
		if slices.ContainsFunc(found[:i], func(other target) bool { return other.query == t.query }) {
			found[i].query = strings.ToLower(kind(t.object)) + "/" + name(t.object)
		}
	}
	return found
}

func selectedBy(q lessons.Query, o lessons.Object) bool {
	if q.Kind.Kind != kind(o) || q.Kind.APIVersion() != text(o, "apiVersion") || q.Object != "" && q.Object != name(o) {
		return false
	}
	for k, v := range q.Selector {
		if text(o, "metadata", "labels", k) != v {
			return false
		}
	}
	return true
}

// mutations lists what can be changed of the objects that a step is about, the
// changes that leave the objects in place first.
func mutations(step *lessons.Step, objects []lessons.Object) []mutation {
	var mild, hard []mutation
	for _, t := range targets(step, objects) {
		mild = append(mild, t.scaled()...)
		mild = append(mild, t.images()...)
		mild = append(mild, t.containers(step)...)
		mild = append(mild, t.notReady()...)
		mild = append(mild, t.service()...)
		mild = append(mild, t.keys()...)
		hard = append(hard, t.relabelled()...)
		hard = append(hard, t.moved()...)
	}
	return append(mild, hard...)
}

// speaksOf reports whether an expression of the step asks for a container of
// that name.
func speaksOf(step *lessons.Step, container string) bool {
	quoted := `['"]` + regexp.QuoteMeta(container) + `['"]`
	asked := regexp.MustCompile(`\b(c|s|container)\.name\s*==\s*` + quoted + `|\bcontainer\([^()]*,\s*` + quoted + `\)`)
	return slices.ContainsFunc(step.Checks, func(c *lessons.Check) bool { return asked.MatchString(c.Expr.Source) })
}

// patch changes an object in place.
func (t target) patch(name string, change map[string]any) mutation {
	return mutation{name: name + " " + t.query, do: []action{{args: []string{"patch", ref(t.object), "--type=merge", "-p", string(encode(change))}}}}
}

// anew deletes the object and makes it again, changed, where the API server
// lets nobody change it in place.
func (t target) anew(name string, changed lessons.Object) mutation {
	return mutation{name: name + " " + t.query, do: []action{
		{args: []string{"delete", ref(t.object), "--now"}},
		{args: []string{"create", "--validate=false", "-f", "-"}, object: changed},
	}}
}

// without deletes the object and leaves what it owns.
func (t target) without() action {
	if kind(t.object) == "Pod" || kind(t.object) == "Service" {
		return action{args: []string{"delete", ref(t.object), "--now", "--ignore-not-found"}}
	}
	return action{args: []string{"delete", ref(t.object), "--cascade=orphan", "--ignore-not-found"}}
}

// scaled asks for no Pods, and for one more.
func (t target) scaled() []mutation {
	if at(t.object, "spec", "replicas") == nil {
		return nil
	}
	n := number(t.object, "spec", "replicas")
	return []mutation{
		t.patch("replicas-zero", map[string]any{"spec": map[string]any{"replicas": 0}}),
		t.patch("replicas-more", map[string]any{"spec": map[string]any{"replicas": n + 1}}),
	}
}

// moved has the object in another place, or under another name, or not at all,
// while what it owns goes on as if nothing had happened.
func (t target) moved() []mutation {
	typo := elsewhere(t.object)
	fields(typo, "metadata")["name"] = mistyped(name(t.object))
	away := []mutation{{
		name: "name-typo " + t.query,
		do:   []action{t.without(), {args: []string{"create", "--validate=false", "-f", "-"}, object: typo}},
		undo: []action{target{t.query, typo}.without()},
	}, {
		name:    "wrong-namespace " + t.query,
		foreign: true,
		do:      []action{t.without(), {args: []string{"create", "--validate=false", "-f", "-"}, object: elsewhere(t.object), namespace: "default"}},
		undo:    []action{{args: []string{"delete", ref(t.object), "--now", "--wait=false", "--ignore-not-found"}, namespace: "default"}},
	}}
	if template(t.object) != nil && kind(t.object) != "Pod" {
		away = append(away, mutation{name: "ownerless " + t.query, do: []action{t.without()}})
	}
	return away
}

// mistyped is a name one letter off.
func mistyped(name string) string { return name + name[len(name)-1:] }
