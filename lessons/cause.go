package lessons

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The ids of causes. They are stable: programs go by them.
const (
	causeBeingDeleted   = "being-deleted"
	causeOtherNamespace = "other-namespace"
	causeOtherKind      = "other-kind"
	causeNearName       = "near-name"
	causeLabel          = "label"

	causeSelector      = "selector"
	causeNoSelector    = "no-selector"
	causeNobody        = "no-pods"
	causeTargetPort    = "target-port"
	causeIngressTarget = "ingress-service"
	causeIngressPort   = "ingress-port"

	causeImagePull   = "image-pull"
	causeConfig      = "container-config"
	causeStart       = "container-start"
	causeCrash       = "crash"
	causeOutOfMemory = "out-of-memory"
	causeInit        = "init-container"
	causeReadiness   = "readiness"
	causeVolume      = "volume-source"
	causePodFailed   = "pod-failed"

	causeUnschedulable = "unschedulable"
	causeResources     = "unschedulable-resources"
	causeTaint         = "unschedulable-taint"
	causeAffinity      = "unschedulable-affinity"
	causeNodeClosed    = "unschedulable-cordon"
	causeClaim         = "unschedulable-claim"
	causeGate          = "scheduling-gate"

	causeQuota          = "quota"
	causeLimitRange     = "limit-range"
	causePodSecurity    = "pod-security"
	causeServiceAccount = "service-account"
	causeRefused        = "pods-refused"
	causeDeadline       = "progress-deadline"
	causePaused         = "paused"
	causeNoReplicas     = "no-replicas"
	causeJobFailed      = "job-failed"
	causeSuspended      = "suspended"

	causeNoClass      = "no-storage-class"
	causeUnknownClass = "unknown-storage-class"
	causeUnusedClaim  = "claim-unused"

	causeNoProgress = "no-progress"
)

// CauseIDs lists the ids that Cause.ID can have, sorted.
func CauseIDs() []string {
	ids := []string{causeBeingDeleted, causeOtherNamespace, causeOtherKind, causeNearName, causeLabel,
		causeSelector, causeNoSelector, causeNobody, causeTargetPort, causeIngressTarget, causeIngressPort,
		causeImagePull, causeConfig, causeStart, causeCrash, causeOutOfMemory, causeInit, causeReadiness, causeVolume, causePodFailed,
		causeUnschedulable, causeResources, causeTaint, causeAffinity, causeNodeClosed, causeClaim, causeGate,
		causeQuota, causeLimitRange, causePodSecurity, causeServiceAccount, causeRefused, causeDeadline, causePaused, causeNoReplicas,
		causeJobFailed, causeSuspended, causeNoClass, causeUnknownClass, causeUnusedClaim, causeNoProgress}
	slices.Sort(ids)
	return ids
}

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

// cause finds why a check is not passed; nil when the objects tell nothing.
func (e *evidence) cause(check *Check, p *program) *Cause {
	queries := e.queries(check, p)
	for i, q := range queries {
		found := e.asked(q)
		if len(found) > 0 || check.Absent {
			continue
		}
		if q.Object == "" && i > 0 {
			continue // an expression may well speak of lists that are empty
		}
		if c := e.missing(q); c != nil {
			return c
		}
	}
	if check.Absent {
		return nil // what is meant to be gone is there: nothing explains that
	}
	if !p.readsState(e.step) {
		return e.specCause(check, queries)
	}
	var first *Cause
	for i, q := range queries {
		if i > 0 && q.everything() {
			continue // what else there is in the workspace need have no part in it
		}
		for _, t := range e.subjects(q) {
			c := e.of(t)
			if c != nil && c.Stuck {
				return c
			}
			if first == nil {
				first = c
			}
		}
	}
	return first
}

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

// everything reports whether a query asks for all objects of a kind.
func (q Query) everything() bool { return q.Object == "" && len(q.Selector) == 0 }

// readsState reports whether the outcome of an expression hangs on what the
// cluster does, and not only on what the learner wrote down: on a status, or on
// objects that controllers write alone.
func (p *program) readsState(step *Step) bool {
	if p == nil {
		return false
	}
	if len(p.statusOf) > 0 {
		return true
	}
	return slices.ContainsFunc(step.Queries, func(q Query) bool {
		return slices.Contains(p.uses, q.Name) && (q.Kind.Kind == "EndpointSlice" || q.Kind.Kind == "Endpoints" || q.Kind.Kind == "Event")
	})
}

// specCause explains a check on what the learner wrote: only a fault in that
// very field of the object does.
func (e *evidence) specCause(check *Check, queries []Query) *Cause {
	if len(queries) == 0 || check.Path == "" {
		return nil
	}
	for _, t := range e.asked(queries[0]) {
		for _, find := range specFinders(t.kind.Kind) {
			if c := find(e, t); c != nil && samePlace(c.Path, check.Path) {
				return c
			}
		}
	}
	return nil
}

// samePlace reports whether two field paths are the same or one leads to the
// other: "spec.ports" and "spec.ports[0].targetPort".
func samePlace(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	rest, ok := strings.CutPrefix(b, a)
	return ok && a != "" && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// subjectsMost bounds how many objects one query is looked at for.
const subjectsMost = 300

// subjects lists the objects in which the cause for what a query yields may
// lie: those themselves, or where controllers make them, what they are made
// from.
func (e *evidence) subjects(q Query) []thing {
	found := e.asked(q)
	found = found[:len(found):len(found)] // what is appended goes into a copy
	switch q.Kind.Kind {
	case "EndpointSlice", "Endpoints":
		found = e.servicesOf(q, found)
	case "Pod", "ReplicaSet":
		found = append(found, e.makers(q)...)
	}
	return found[:min(len(found), subjectsMost)]
}

// finder looks for one cause in an object.
type finder func(e *evidence, t thing) *Cause

// finders are the causes for which objects of a kind are searched, in order.
func finders(kind string) []finder {
	switch kind {
	case "Pod":
		return podFinders()
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController":
		return workloadFinders()
	case "Job":
		return jobFinders()
	case "CronJob":
		return []finder{cronSuspended}
	case "Service":
		return serviceFinders()
	case "Ingress":
		return []finder{ingressBackend}
	case "PersistentVolumeClaim":
		return claimFinders()
	}
	return nil
}

// specFinders are those of them that find a fault in what the learner wrote.
func specFinders(kind string) []finder {
	switch kind {
	case "Service":
		return []finder{serviceNoSelector, serviceSelector, serviceTargetName, serviceTargetNumber}
	case "Ingress":
		return []finder{ingressBackend}
	case "PersistentVolumeClaim":
		return []finder{claimClass}
	}
	return nil
}

// of returns the first cause found in an object. What is stuck is said before
// what may still mend itself. An object is searched once, which also ends
// circles of owners.
func (e *evidence) of(t thing) *Cause {
	if t.kind.Kind == "Pod" && isReady(map[string]any(t.Object)) {
		return nil
	}
	key := t.kind.Kind + "/" + t.name()
	if c, known := e.known[key]; known {
		return c
	}
	e.known[key] = nil
	var first *Cause
	for _, find := range finders(t.kind.Kind) {
		c := find(e, t)
		if c != nil && (first == nil || c.Stuck && !first.Stuck) {
			first = c
		}
		if c != nil && c.Stuck {
			break
		}
	}
	e.known[key] = first
	return first
}

// worst returns the cause in the first of the objects that has one; one that is
// stuck is preferred.
func (e *evidence) worst(all []thing) *Cause {
	var first *Cause
	for _, t := range all {
		c := e.of(t)
		if c != nil && c.Stuck {
			return c
		}
		if first == nil {
			first = c
		}
	}
	return first
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
