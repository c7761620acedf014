package plain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/k8stutor/k8stutor/lessons"
)

// objects says in words what there is in the workspace.
func (t *talk) objects(ctx context.Context) error {
	ws, ok := t.workspace()
	if !ok {
		t.say(t.words.NotRunningYet)
		return nil
	}
	var blocks [][]string
	if away := t.work.report.Snapshot.Away; away != nil {
		blocks = append(blocks, t.paragraph(t.words.Away), t.paragraph(t.words.LastSeen))
	}
	var lines []string
	for _, o := range objectsOf(t.work.report.Snapshot, ws.Namespace) {
		lines = append(lines, t.out.wrap("- ", "  ", t.describe(o))...)
	}
	if len(lines) == 0 {
		blocks = append(blocks, t.paragraph(t.words.NoObjects))
	}
	_, err := t.recite(ctx, compact(append(blocks, lines)))
	return err
}

// objectsOf are the objects of a workspace that tell a learner something, what
// owns others first.
func objectsOf(snap lessons.Snapshot, namespace string) []lessons.Object {
	order := []string{"Node", "Namespace", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet", "Pod",
		"Service", "EndpointSlice", "Ingress", "ConfigMap", "Secret", "PersistentVolumeClaim"}
	rank := func(o lessons.Object) int {
		if i := slices.Index(order, lessons.TextAt(o, "kind")); i >= 0 {
			return i
		}
		return len(order)
	}
	var all []lessons.Object
	for kind, listing := range snap.Kinds {
		for _, o := range listing.Objects {
			if (!kind.Namespaced || lessons.TextAt(o, "metadata", "namespace") == namespace) && !background(o) {
				all = append(all, o)
			}
		}
	}
	slices.SortFunc(all, func(a, b lessons.Object) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(nameOf(a), nameOf(b)))
	})
	return all
}

// background reports whether an object is in every namespace.
func background(o lessons.Object) bool {
	name := lessons.TextAt(o, "metadata", "name")
	switch lessons.TextAt(o, "kind") {
	case "ConfigMap":
		return name == "kube-root-ca.crt"
	case "ServiceAccount":
		return name == "default"
	case "Event":
		return true
	}
	return false
}

func nameOf(o lessons.Object) string {
	return lessons.TextAt(o, "kind") + " " + lessons.TextAt(o, "metadata", "name")
}

// describe says of an object what its kind is looked at for.
func (t *talk) describe(o lessons.Object) string {
	w := t.words
	facts := t.facts(o)
	if lessons.TextAt(o, "metadata", "deletionTimestamp") != "" {
		facts = []string{w.Deleting}
	}
	text := nameOf(o)
	for _, ref := range lessons.ListAt(o, "metadata", "ownerReferences") {
		text += fmt.Sprintf(w.OwnedBy, lessons.TextAt(ref, "kind")+" "+lessons.TextAt(ref, "name"))
		break
	}
	if len(facts) > 0 {
		text += w.Colon + strings.Join(facts, w.Comma)
	}
	return text
}

func (t *talk) facts(o lessons.Object) []string {
	w := t.words
	switch lessons.TextAt(o, "kind") {
	case "Deployment", "ReplicaSet", "StatefulSet":
		return []string{fmt.Sprintf(w.ReadyOf, lessons.NumberAt(0, o, "status", "readyReplicas"), lessons.NumberAt(0, o, "spec", "replicas"))}
	case "DaemonSet":
		return []string{fmt.Sprintf(w.ReadyOf, lessons.NumberAt(0, o, "status", "numberReady"), lessons.NumberAt(0, o, "status", "desiredNumberScheduled"))}
	case "Pod":
		return t.podFacts(o)
	case "Job":
		return []string{fmt.Sprintf(w.CompletedOf, lessons.NumberAt(0, o, "status", "succeeded"), max(1, lessons.NumberAt(0, o, "spec", "completions")))}
	case "CronJob":
		return []string{lessons.TextAt(o, "spec", "schedule")}
	case "Service":
		return t.serviceFacts(o)
	case "EndpointSlice":
		return t.sliceFacts(o)
	case "ConfigMap", "Secret":
		return []string{fmt.Sprintf(w.Entries, len(lessons.MapAt(o, "data"))+len(lessons.MapAt(o, "binaryData")))}
	case "PersistentVolumeClaim", "PersistentVolume", "Namespace":
		return []string{lessons.TextAt(o, "status", "phase")}
	case "Node":
		return []string{"Ready" + w.Colon + cmp.Or(lessons.ConditionOf(o, "Ready"), "Unknown")}
	}
	return nil
}

// podFacts are what kubectl shows of a Pod: its phase or the reason why it does
// not run, restarts, address.
func (t *talk) podFacts(o lessons.Object) []string {
	status := cmp.Or(lessons.TextAt(o, "status", "reason"), lessons.TextAt(o, "status", "phase"))
	ready, total, restarts := 0, len(lessons.ListAt(o, "spec", "containers")), int64(0)
	for _, list := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, c := range lessons.ListAt(o, "status", list) {
			restarts += lessons.NumberAt(0, c, "restartCount")
			if list == "containerStatuses" && lessons.BoolAt(c, "ready") {
				ready++
			}
			if reason := lessons.TextAt(c, "state", "waiting", "reason"); reason != "" {
				status = reason
			} else if lessons.NumberAt(0, c, "state", "terminated", "exitCode") != 0 {
				status = cmp.Or(lessons.TextAt(c, "state", "terminated", "reason"), status)
			}
		}
	}
	facts := []string{status, fmt.Sprintf(t.words.ReadyOf, ready, total)}
	if restarts > 0 {
		facts = append(facts, fmt.Sprintf(t.words.Restarts, restarts))
	}
	if ip := lessons.TextAt(o, "status", "podIP"); ip != "" {
		facts = append(facts, t.words.Address+ip)
	}
	return facts
}

func (t *talk) serviceFacts(o lessons.Object) []string {
	facts := []string{lessons.TextAt(o, "spec", "type")}
	if ip := lessons.TextAt(o, "spec", "clusterIP"); ip != "" {
		facts = append(facts, t.words.Address+ip)
	}
	for _, p := range lessons.ListAt(o, "spec", "ports") {
		facts = append(facts, fmt.Sprintf(t.words.PortTo, fmt.Sprint(lessons.FieldAt(p, "port")), fmt.Sprint(lessons.FieldAt(p, "targetPort"))))
	}
	selector := lessons.MapAt(o, "spec", "selector")
	if len(selector) == 0 {
		return append(facts, t.words.NoSelector)
	}
	var labels []string
	for k, v := range selector {
		labels = append(labels, fmt.Sprintf("%s=%v", k, v))
	}
	slices.Sort(labels)
	return append(facts, t.words.Selects+strings.Join(labels, ","))
}

func (t *talk) sliceFacts(o lessons.Object) []string {
	var ready []string
	waiting := 0
	for _, e := range lessons.ListAt(o, "endpoints") {
		for _, a := range lessons.ListAt(e, "addresses") {
			if said, ok := lessons.FieldAt(e, "conditions", "ready").(bool); ok && !said {
				waiting++
			} else {
				ready = append(ready, fmt.Sprint(a))
			}
		}
	}
	slices.Sort(ready)
	facts := []string{fmt.Sprintf(t.words.ReadyAddresses, len(ready))}
	if waiting > 0 {
		facts = append(facts, fmt.Sprintf(t.words.WaitingAddresses, waiting))
	}
	return append(facts, ready...)
}

// yaml reads one object aloud as YAML: "yaml pod web". Managed fields are left
// out.
func (t *talk) yaml(ctx context.Context, arg string) error {
	ws, ok := t.workspace()
	if !ok {
		t.say(t.words.NotRunningYet)
		return nil
	}
	words := strings.Fields(strings.ReplaceAll(normal(arg), "/", " "))
	if len(words) != 2 {
		t.say(t.words.YAMLHow)
		return nil
	}
	for _, o := range objectsOf(t.work.report.Snapshot, ws.Namespace) {
		if !isKind(o, words[0]) || lessons.TextAt(o, "metadata", "name") != words[1] {
			continue
		}
		text, err := yaml.Marshal(withoutManagedFields(o))
		if err != nil {
			t.say(err.Error())
			return nil
		}
		var lines []string
		for line := range strings.SplitSeq(strings.TrimRight(string(text), "\n"), "\n") {
			lines = append(lines, t.out.wrap("", "    ", line)...)
		}
		_, err = t.recite(ctx, [][]string{lines})
		return err
	}
	t.sayf(t.words.NoObject, words[0], words[1])
	return nil
}

// isKind reports whether an object is of the kind that was typed: its name, its
// plural, or what kubectl takes for short.
func isKind(o lessons.Object, typed string) bool {
	kind := strings.ToLower(lessons.TextAt(o, "kind"))
	short := map[string]string{"deploy": "deployment", "rs": "replicaset", "po": "pod", "svc": "service", "sts": "statefulset", "ds": "daemonset",
		"cm": "configmap", "pvc": "persistentvolumeclaim", "pv": "persistentvolume", "ns": "namespace", "no": "node", "ing": "ingress", "cj": "cronjob"}
	typed = strings.ToLower(typed)
	typed = cmp.Or(short[typed], typed)
	return typed == kind || typed == kind+"s" || typed == kind+"es"
}

func withoutManagedFields(o lessons.Object) map[string]any {
	out := map[string]any{}
	for k, v := range o {
		out[k] = v
	}
	meta := map[string]any{}
	for k, v := range lessons.MapAt(o, "metadata") {
		if k != "managedFields" {
			meta[k] = v
		}
	}
	out["metadata"] = meta
	return out
}
