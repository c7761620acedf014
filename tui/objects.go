package tui

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// health is the state of an object as far as a list can show it.
type health int

const (
	healthy health = iota
	progressing
	broken
	inert // has no state: a ConfigMap, an old ReplicaSet
)

// objectRow is one object of the workspace as the list shows it.
type objectRow struct {
	key    string // kind and uid: a new object of the same name is another one
	depth  int    // how many owners above it are in the list
	name   string // "Deployment/web"
	health health
	facts  []string
	made   time.Time
}

// objectRows turns a snapshot into the rows of the workspace's object list:
// owners before what they own, Services before their EndpointSlices.
func objectRows(snap lessons.Snapshot, namespace string, w *words) []objectRow {
	var all []lessons.Object
	for kind, listing := range snap.Kinds {
		for _, o := range listing.Objects {
			if (!kind.Namespaced || lessons.TextAt(o, "metadata", "namespace") == namespace) && !isBackground(kind.Kind, o) {
				all = append(all, o)
			}
		}
	}
	slices.SortFunc(all, func(a, b lessons.Object) int {
		return cmp.Or(
			cmp.Compare(kindOrder(lessons.TextAt(a, "kind")), kindOrder(lessons.TextAt(b, "kind"))),
			cmp.Compare(lessons.TextAt(a, "kind"), lessons.TextAt(b, "kind")),
			cmp.Compare(lessons.TextAt(a, "metadata", "name"), lessons.TextAt(b, "metadata", "name")))
	})
	present := map[string]bool{}
	for _, o := range all {
		present[selfKey(o)] = true
	}
	children := map[string][]lessons.Object{}
	for _, o := range all {
		owner := ownerKey(o)
		if !present[owner] || owner == selfKey(o) {
			owner = ""
		}
		children[owner] = append(children[owner], o)
	}
	var rows []objectRow
	seen := map[string]bool{}
	var walk func(owner string, depth int)
	walk = func(owner string, depth int) {
		for _, o := range children[owner] {
			if seen[selfKey(o)] {
				continue
			}
			seen[selfKey(o)] = true
			rows = append(rows, rowOf(o, depth, w))
			walk(selfKey(o), depth+1)
		}
	}
	walk("", 0)
	return rows
}

func rowOf(o lessons.Object, depth int, w *words) objectRow {
	r := objectRow{key: lessons.TextAt(o, "kind") + "/" + lessons.TextAt(o, "metadata", "uid"), depth: depth,
		name: lessons.TextAt(o, "kind") + "/" + lessons.TextAt(o, "metadata", "name")}
	r.made, _ = time.Parse(time.RFC3339, lessons.TextAt(o, "metadata", "creationTimestamp"))
	if lessons.TextAt(o, "metadata", "deletionTimestamp") != "" {
		r.health, r.facts = progressing, []string{w.Objects.Deleting}
		return r
	}
	r.health, r.facts = factsOf(o, w)
	return r
}

// factsOf says of an object what its kind is looked at for.
func factsOf(o lessons.Object, w *words) (health, []string) {
	switch lessons.TextAt(o, "kind") {
	case "Deployment", "ReplicaSet", "StatefulSet":
		return replicaFacts(lessons.NumberAt(0, o, "spec", "replicas"), lessons.NumberAt(0, o, "status", "readyReplicas"), o, w)
	case "DaemonSet":
		return replicaFacts(lessons.NumberAt(0, o, "status", "desiredNumberScheduled"), lessons.NumberAt(0, o, "status", "numberReady"), o, w)
	case "Pod":
		return podFacts(o)
	case "Job":
		return jobFacts(o, w)
	case "CronJob":
		return inert, []string{lessons.TextAt(o, "spec", "schedule")}
	case "Service":
		return inert, serviceFacts(o)
	case "EndpointSlice":
		return sliceFacts(o, w)
	case "ConfigMap", "Secret":
		n := len(lessons.MapAt(o, "data")) + len(lessons.MapAt(o, "binaryData"))
		return inert, []string{fmt.Sprintf(w.Objects.Entries, n)}
	case "PersistentVolumeClaim", "PersistentVolume", "Namespace":
		phase := lessons.TextAt(o, "status", "phase")
		if phase == "Bound" || phase == "Active" || phase == "Available" {
			return healthy, []string{phase}
		}
		return progressing, []string{phase}
	case "Node":
		if lessons.ConditionOf(o, "Ready") == "True" {
			return healthy, []string{"Ready"}
		}
		return broken, []string{"NotReady"}
	}
	return inert, nil
}

func replicaFacts(want, ready int64, o lessons.Object, w *words) (health, []string) {
	facts := []string{fmt.Sprintf(w.Objects.Ready, ready, want)}
	if images := imagesOf(lessons.ListAt(o, "spec", "template", "spec", "containers")); images != "" && lessons.TextAt(o, "kind") != "ReplicaSet" {
		facts = append(facts, images)
	}
	switch {
	case want == 0:
		return inert, facts
	case lessons.TextAt(o, "kind") == "Deployment" && lessons.NumberAt(0, o, "status", "updatedReplicas") < want:
		// Every Pod may be ready and the rollout stuck all the same.
		return progressing, facts
	case ready == want:
		return healthy, facts
	}
	return progressing, facts
}

// podFacts shows what kubectl shows under STATUS, and the Pod's address.
func podFacts(o lessons.Object) (health, []string) {
	status, state := lessons.TextAt(o, "status", "phase"), progressing
	if reason := lessons.TextAt(o, "status", "reason"); reason != "" {
		status, state = reason, broken
	}
	var restarts int64
	ready, total := 0, len(lessons.ListAt(o, "spec", "containers"))
	for _, kind := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, c := range lessons.ListAt(o, "status", kind) {
			restarts += lessons.NumberAt(0, c, "restartCount")
			if kind == "containerStatuses" && lessons.BoolAt(c, "ready") {
				ready++
			}
			reason := lessons.TextAt(c, "state", "waiting", "reason")
			if reason == "" && lessons.NumberAt(0, c, "state", "terminated", "exitCode") != 0 {
				reason = lessons.TextAt(c, "state", "terminated", "reason")
			}
			if reason != "" && reason != "ContainerCreating" && reason != "PodInitializing" {
				status, state = reason, broken
			}
		}
	}
	switch lessons.TextAt(o, "status", "phase") {
	case "Succeeded":
		return inert, []string{"Completed"}
	case "Failed":
		state = broken
	case "Running":
		if state != broken && ready == total {
			state = healthy
		}
	}
	facts := []string{status}
	if status == "Running" && ready != total {
		facts = append(facts, fmt.Sprintf("%d/%d", ready, total))
	}
	if restarts > 0 {
		facts = append(facts, fmt.Sprintf("↻%d", restarts))
	}
	if ip := lessons.TextAt(o, "status", "podIP"); ip != "" {
		facts = append(facts, ip)
	}
	return state, facts
}

func jobFacts(o lessons.Object, w *words) (health, []string) {
	want := max(1, lessons.NumberAt(0, o, "spec", "completions"))
	done := lessons.NumberAt(0, o, "status", "succeeded")
	facts := []string{fmt.Sprintf(w.Objects.Completed, done, want)}
	switch {
	case lessons.ConditionOf(o, "Failed") == "True":
		return broken, facts
	case done >= want:
		return healthy, facts
	}
	return progressing, facts
}

// serviceFacts shows type, address, ports and selector.
func serviceFacts(o lessons.Object) []string {
	facts := []string{lessons.TextAt(o, "spec", "type")}
	if ip := lessons.TextAt(o, "spec", "clusterIP"); ip != "" {
		facts = append(facts, ip)
	}
	for _, p := range lessons.ListAt(o, "spec", "ports") {
		facts = append(facts, show(p, "port")+"→"+show(p, "targetPort"))
	}
	if sel := lessons.MapAt(o, "spec", "selector"); len(sel) > 0 {
		facts = append(facts, labelText(sel))
	}
	return facts
}

// sliceFacts shows the addresses that get traffic, and how many do not.
func sliceFacts(o lessons.Object, w *words) (health, []string) {
	var ready []string
	waiting := 0
	for _, e := range lessons.ListAt(o, "endpoints") {
		addresses := lessons.ListAt(e, "addresses")
		if _, said := lessons.FieldAt(e, "conditions", "ready").(bool); said && !lessons.BoolAt(e, "conditions", "ready") {
			waiting += len(addresses)
			continue
		}
		for _, a := range addresses {
			if s, ok := a.(string); ok {
				ready = append(ready, s)
			}
		}
	}
	slices.Sort(ready)
	facts := []string{fmt.Sprintf(w.Objects.Addresses, len(ready))}
	if waiting > 0 {
		facts = append(facts, fmt.Sprintf(w.Objects.NotReady, waiting))
	}
	facts = append(facts, ready...)
	switch {
	case waiting > 0:
		return progressing, facts
	case len(ready) == 0:
		return inert, facts
	}
	return healthy, facts
}

// isBackground reports whether an object is in every namespace, and tells a
// learner nothing.
func isBackground(kind string, o lessons.Object) bool {
	name := lessons.TextAt(o, "metadata", "name")
	switch kind {
	case "ConfigMap":
		return name == "kube-root-ca.crt"
	case "ServiceAccount":
		return name == "default"
	case "Event":
		return true
	}
	return false
}

// kindOrder is the order of kinds in the list; unknown kinds come last.
func kindOrder(kind string) int {
	order := []string{"Node", "Namespace", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet", "Pod",
		"Service", "EndpointSlice", "Ingress", "ConfigMap", "Secret", "PersistentVolumeClaim"}
	if i := slices.Index(order, kind); i >= 0 {
		return i
	}
	return len(order)
}

// selfKey and ownerKey say which object stands under which: by owner reference,
// and an EndpointSlice under its Service.
func selfKey(o lessons.Object) string {
	return lessons.TextAt(o, "kind") + "/" + lessons.TextAt(o, "metadata", "name")
}

func ownerKey(o lessons.Object) string {
	for _, ref := range lessons.ListAt(o, "metadata", "ownerReferences") {
		return lessons.TextAt(ref, "kind") + "/" + lessons.TextAt(ref, "name")
	}
	if service := lessons.TextAt(o, "metadata", "labels", "kubernetes.io/service-name"); service != "" {
		return "Service/" + service
	}
	return ""
}
