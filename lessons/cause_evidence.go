package lessons

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// evidence is what causes are sought in: the objects of one moment, seen from
// one step. It is made of what a cluster sent, so no shape is taken for granted.
type evidence struct {
	ws    Workspace
	step  *Step
	now   time.Time
	kinds map[string]*listed // by name of the kind
	known map[string]*Cause  // of objects looked at before, by kind/name; nil: none
	// answers are the objects of queries asked before, by name of the query.
	answers map[string][]thing
}

// listed are the objects of one kind. All but the first three are made when
// they are asked for.
type listed struct {
	kind    Kind
	all     []Object // as received: of the workspace, of default, or of no namespace
	certain bool     // what is not among them does not exist
	made    bool
	here    []Object           // of the workspace or of no namespace
	live    []thing            // those of them that are not being deleted
	byOwner map[string][]thing // those, by uid of an owner
}

func newEvidence(step *Step, snap Snapshot, ws Workspace, now time.Time) *evidence {
	e := &evidence{ws: ws, step: step, now: now, kinds: make(map[string]*listed, len(snap.Kinds)), known: map[string]*Cause{},
		answers: map[string][]thing{}}
	for kind, l := range snap.Kinds {
		e.kinds[kind.Kind] = &listed{kind: kind, all: l.Objects, certain: l.Synced && l.Err == nil}
	}
	return e
}

// kind returns what is known of a kind; nothing when it is not followed.
func (e *evidence) kind(name string) *listed {
	l := e.kinds[name]
	if l == nil {
		return &listed{}
	}
	if l.made {
		return l
	}
	l.made, l.byOwner = true, map[string][]thing{}
	l.here, l.live = make([]Object, 0, len(l.all)), make([]thing, 0, len(l.all))
	for _, o := range l.all {
		if l.kind.Namespaced && text(o, "metadata", "namespace") != e.ws.Namespace {
			continue
		}
		l.here = append(l.here, o)
		if terminating(o) {
			continue
		}
		t := thing{&l.kind, o}
		l.live = append(l.live, t)
		for _, owner := range list(o, "metadata", "ownerReferences") {
			if uid := text(owner, "uid"); uid != "" {
				l.byOwner[uid] = append(l.byOwner[uid], t)
			}
		}
	}
	return l
}

// thing is an object with its kind, which the object itself need not tell. It
// comes from an evidence; its kind is never nil.
type thing struct {
	kind *Kind
	Object
}

func (e *evidence) ref(t thing) Ref {
	r := Ref{Kind: *t.kind, Name: t.name()}
	if t.kind.Namespaced {
		r.Namespace = e.ws.Namespace
	}
	return r
}

func (t thing) name() string { return text(t.Object, "metadata", "name") }
func (t thing) uid() string  { return text(t.Object, "metadata", "uid") }

func terminating(o Object) bool { return field(o, "metadata", "deletionTimestamp") != nil }

// live lists the objects of a kind in the workspace that are not being deleted.
// The caller must not change the list.
func (e *evidence) live(kind string) []thing { return e.kind(kind).live }

// named returns the object of that kind and name in the workspace, unless it is
// being deleted.
func (e *evidence) named(kind, name string) (thing, bool) {
	for _, t := range e.live(kind) {
		if t.name() == name {
			return t, true
		}
	}
	return thing{}, false
}

// certain reports whether all objects of a kind are known.
func (e *evidence) certain(kind string) bool { return e.kind(kind).certain }

// lacks reports whether it is certain that the workspace has no such object.
func (e *evidence) lacks(kind, name string) bool {
	_, ok := e.named(kind, name)
	return !ok && e.certain(kind)
}

// owned lists the objects of a kind that owner made. The caller must not change
// the list.
func (e *evidence) owned(kind string, owner thing) []thing { return e.kind(kind).byOwner[owner.uid()] }

// queries lists what a check speaks of in the workspace: first what it is
// about.
func (e *evidence) queries(check *Check, p *program) []Query {
	var found []Query
	add := func(name string) {
		for _, q := range e.step.Queries {
			if q.Name == name && (q.Namespace == "" || q.Namespace == e.ws.Namespace) &&
				!slices.ContainsFunc(found, func(f Query) bool { return f.Name == name }) {
				found = append(found, q)
			}
		}
	}
	add(check.About)
	if p != nil {
		for _, name := range p.uses {
			add(name)
		}
	}
	return found
}

// asked lists the objects that a query of the step yields. The caller must not
// change the list.
func (e *evidence) asked(q Query) []thing {
	if found, known := e.answers[q.Name]; known {
		return found
	}
	var found []thing
	l := e.kind(q.Kind.Kind)
	for _, o := range l.here {
		if q.matches(o, e.ws.Namespace) && (q.Object == "" || text(o, "metadata", "name") == q.Object) {
			found = append(found, thing{&l.kind, o})
		}
	}
	e.answers[q.Name] = found
	return found
}

// messageMost is how many characters of a cluster's message are shown.
const messageMost = 300

// quote writes a value from a cluster as a code span of Markdown: nothing in it
// is obeyed by a terminal or read as Markdown.
func quote(s string) string {
	s = brief(s, messageMost)
	if strings.TrimSpace(s) == "" {
		return "`\"\"`"
	}
	return "`" + strings.ReplaceAll(s, "`", "'") + "`"
}

// brief cuts a text from a cluster to so many characters, without what a
// terminal would obey.
func brief(s string, most int) string {
	const utfMax = utf8.UTFMax
	if len(s) > most*utfMax { // bound the work on a text of any length
		s = s[:most*utfMax]
	}
	s = strings.ToValidUTF8(Printable(s), "")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
