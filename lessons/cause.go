package lessons

import (
	"regexp"
	"slices"
	"strings"
	"sync"
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

// pattern is a regular expression that is compiled when it is first needed:
// repeats of 253 make them large, and together they would cost every start of
// the program 8 ms.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
