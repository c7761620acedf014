package lessons

import (
	"context"
	"errors"
	"slices"
)

// scene is what the expressions of one step see at one moment.
type scene struct {
	vars      map[string]any
	trouble   map[string]*ClusterError // by query: why it cannot be answered
	several   map[string][]string      // by single query: the objects that fit, when there are several
	away      *ClusterError
	namespace string
}

// look resolves the queries of a step in a snapshot.
func look(step *Step, snap Snapshot, ws Workspace, before map[string]any) scene {
	sc := scene{vars: map[string]any{}, trouble: map[string]*ClusterError{}, several: map[string][]string{}, away: snap.Away, namespace: ws.Namespace}
	if before == nil {
		before = map[string]any{}
	}
	sc.vars["before"] = before
	for _, q := range step.Queries {
		listing, followed := snap.Kinds[q.Kind]
		switch {
		case snap.Away != nil:
			sc.trouble[q.Name] = snap.Away
		case listing.Err != nil:
			sc.trouble[q.Name] = listing.Err
		case !followed || !listing.Synced:
			sc.trouble[q.Name] = &ClusterError{Trouble: TimedOut, Op: "list " + q.Kind.Resource, Server: ws.Cluster,
				Err: errors.New("no complete answer yet"), Hint: hintWait()}
		}
		namespace := q.Namespace
		if namespace == "" {
			namespace = ws.Namespace
		}
		switch {
		case q.List():
			sc.vars[q.Name] = q.list(listing.Objects, namespace)
		case q.Object == "":
			sc.vars[q.Name], sc.several[q.Name] = q.lone(listing.Objects, namespace)
		default:
			sc.vars[q.Name] = q.one(listing.Objects, namespace)
		}
	}
	return sc
}

func (q Query) matches(o Object, namespace string) bool {
	if q.Kind.Namespaced && text(o, "metadata", "namespace") != namespace {
		return false
	}
	if !q.Terminating && field(o, "metadata", "deletionTimestamp") != nil {
		return false
	}
	for k, v := range q.Selector {
		if text(o, "metadata", "labels", k) != v {
			return false
		}
	}
	return true
}

func (q Query) list(objects []Object, namespace string) []any {
	found := []any{}
	for _, o := range objects {
		if q.matches(o, namespace) {
			found = append(found, map[string]any(o))
		}
	}
	return found
}

func (q Query) one(objects []Object, namespace string) map[string]any {
	for _, o := range objects {
		if text(o, "metadata", "name") == q.Object && q.matches(o, namespace) {
			return o
		}
	}
	return map[string]any{}
}

// lone returns the one object that fits, or the names of all when there are
// several: which of them is meant nobody can tell.
func (q Query) lone(objects []Object, namespace string) (map[string]any, []string) {
	found := q.list(objects, namespace)
	if len(found) == 1 {
		return found[0].(map[string]any), nil
	}
	var names []string
	for _, o := range found {
		names = append(names, text(o, "metadata", "name"))
	}
	return map[string]any{}, names
}

// ambiguous returns the first single query of which an expression, or about,
// speaks and for which there are several objects.
func (sc scene) ambiguous(step *Step, p *program, about string) (q Query, names []string) {
	for _, q := range step.Queries {
		if names := sc.several[q.Name]; len(names) > 0 && (q.Name == about || slices.Contains(p.uses, q.Name)) {
			return q, names
		}
	}
	return Query{}, nil
}

// blocked returns the first trouble with a query that the program speaks of.
func (sc scene) blocked(p *program) *ClusterError {
	if sc.away != nil {
		return sc.away
	}
	for _, name := range p.uses {
		if t := sc.trouble[name]; t != nil {
			return t
		}
	}
	return nil
}

// value evaluates p for display; what cannot be had is none.
func (sc scene) value(ctx context.Context, p *program) string {
	if p == nil || sc.blocked(p) != nil {
		return ""
	}
	v, err := p.eval(ctx, sc.vars)
	if err != nil {
		return none
	}
	return show(v)
}

func (sc scene) isTrue(ctx context.Context, p *program) bool {
	if p == nil || sc.blocked(p) != nil {
		return false
	}
	ok, err := p.evalBool(ctx, sc.vars)
	return err == nil && ok
}

// missing reports whether the query is about an object that does not exist, or
// about a list with nothing in it.
func (sc scene) missing(query string) bool {
	switch v := sc.vars[query].(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

func about(step *Step, check *Check, namespace string) Ref {
	for _, q := range step.Queries {
		if q.Name != check.About {
			continue
		}
		ref := Ref{Kind: q.Kind, Namespace: q.Namespace, Name: q.Object}
		if ref.Namespace == "" && q.Kind.Namespaced {
			ref.Namespace = namespace
		}
		return ref
	}
	return Ref{}
}

// filling fills the step's values into its texts. A value is evaluated when a
// text asks for it.
type filling struct {
	s      *gradedStep
	sc     scene
	values map[string]string
}

func (s *gradedStep) filling(sc scene) filling { return filling{s, sc, map[string]string{}} }

// fill returns t with every {{name}} replaced by the value of that name; pairs
// are further names and their values.
func (f filling) fill(ctx context.Context, t Text, pairs ...string) Text {
	asked := false
	for _, text := range t {
		eachPlaceholder(text, func(name string, _ int) {
			asked = true
			if p, declared := f.s.values[name]; declared {
				if _, known := f.values[name]; !known {
					f.values[name] = f.sc.value(ctx, p)
				}
			}
		})
	}
	if !asked {
		return t
	}
	return Fill(t, with(f.values, pairs...))
}

func with(values map[string]string, pairs ...string) map[string]string {
	all := make(map[string]string, len(values)+len(pairs)/2)
	for k, v := range values {
		all[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}
