package picture

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// state says of an object what its kind is looked at for.
func (g *Graph) state(kind string, o lessons.Object) (Health, string, []string) {
	w := g.words
	switch kind {
	case "Deployment", "ReplicaSet", "StatefulSet", "ReplicationController":
		return replicaState(kind, lessons.NumberAt(1, o, "spec", "replicas"), lessons.NumberAt(0, o, "status", "readyReplicas"), o, w)
	case "DaemonSet":
		return replicaState(kind, lessons.NumberAt(0, o, "status", "desiredNumberScheduled"), lessons.NumberAt(0, o, "status", "numberReady"), o, w)
	case "Pod":
		return podState(o)
	case "Job":
		return jobState(o, w)
	case "CronJob":
		if lessons.BoolAt(o, "spec", "suspend") {
			return Inert, w.Suspended, []string{lessons.TextAt(o, "spec", "schedule")}
		}
		return Inert, lessons.TextAt(o, "spec", "schedule"), nil
	case "Service":
		return Inert, serviceType(o), serviceFacts(o)
	case "EndpointSlice":
		return sliceState(o, w)
	case "ConfigMap", "Secret":
		n := len(lessons.MapAt(o, "data")) + len(lessons.MapAt(o, "binaryData"))
		return Inert, fmt.Sprintf(w.Entries, n), nil
	case "PersistentVolumeClaim":
		return storageState(o, lessons.TextAt(o, "status", "capacity", "storage"), lessons.TextAt(o, "spec", "resources", "requests", "storage"))
	case "PersistentVolume":
		return storageState(o, lessons.TextAt(o, "spec", "capacity", "storage"), "")
	case "Namespace":
		return phaseState(o)
	case "Node":
		return nodeState(o, w)
	case "HorizontalPodAutoscaler":
		return Inert, fmt.Sprintf("%d–%d", lessons.NumberAt(1, o, "spec", "minReplicas"), lessons.NumberAt(0, o, "spec", "maxReplicas")), metricFacts(o)
	}
	return Inert, "", nil
}

func replicaState(kind string, want, ready int64, o lessons.Object, w *Words) (Health, string, []string) {
	var facts []string
	if images := Images(o); images != "" {
		facts = append(facts, images)
	}
	state := fmt.Sprintf(w.Ready, ready, want)
	updated := lessons.NumberAt(0, o, "status", "updatedReplicas")
	switch {
	case kind == "Deployment" && condition(o, "Progressing", "reason") == "ProgressDeadlineExceeded":
		return Broken, state, append(facts, w.Stuck)
	case want == 0 && ready == 0:
		return Inert, state, facts
	case kind == "Deployment" && (updated < want || lessons.NumberAt(0, o, "status", "replicas") > updated):
		// Every Pod may be ready and the rollout under way all the same.
		return Progressing, state, append(facts, w.RollingOut)
	case ready == want:
		return Good, state, facts
	}
	return Progressing, state, facts
}

// Images lists the images of an object's Pods, each once.
func Images(o lessons.Object) string {
	containers := lessons.ListAt(o, "spec", "template", "spec", "containers")
	if containers == nil {
		containers = lessons.ListAt(o, "spec", "containers")
	}
	var images []string
	for _, c := range containers {
		if image := lessons.TextAt(c, "image"); image != "" && !slices.Contains(images, image) {
			images = append(images, image)
		}
	}
	return strings.Join(images, ", ")
}

// podState shows what kubectl shows under STATUS, and the Pod's address.
func podState(o lessons.Object) (Health, string, []string) {
	status, health := lessons.TextAt(o, "status", "phase"), Progressing
	if reason := lessons.TextAt(o, "status", "reason"); reason != "" {
		status, health = reason, Broken
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
			switch reason {
			case "":
			case "ContainerCreating", "PodInitializing":
				if health != Broken {
					status = reason
				}
			default:
				status, health = reason, Broken
			}
		}
	}
	switch lessons.TextAt(o, "status", "phase") {
	case "Succeeded":
		return Inert, "Completed", nil
	case "Failed":
		health = Broken
	case "Running":
		if health != Broken && ready == total {
			health = Good
		}
	case "":
		status = "Pending"
	case "Pending":
		if condition(o, "PodScheduled", "reason") == "Unschedulable" {
			status, health = "Unschedulable", Broken
		}
	}
	var facts []string
	if status == "Running" && ready != total {
		facts = append(facts, strconv.Itoa(ready)+"/"+strconv.Itoa(total))
	}
	if restarts > 0 {
		facts = append(facts, "↻"+strconv.FormatInt(restarts, 10))
	}
	if ip := lessons.TextAt(o, "status", "podIP"); ip != "" {
		facts = append(facts, ip)
	}
	return health, status, facts
}

func jobState(o lessons.Object, w *Words) (Health, string, []string) {
	want := max(1, lessons.NumberAt(1, o, "spec", "completions"))
	done := lessons.NumberAt(0, o, "status", "succeeded")
	state := fmt.Sprintf(w.Completed, done, want)
	switch {
	case lessons.ConditionOf(o, "Failed") == "True":
		return Broken, state, []string{w.Failed}
	case done >= want:
		return Good, state, nil
	}
	return Progressing, state, nil
}

func serviceType(o lessons.Object) string {
	kind := lessons.TextAt(o, "spec", "type")
	if kind == "" || kind == "ClusterIP" && lessons.TextAt(o, "spec", "clusterIP") == "None" {
		return "headless"
	}
	return kind
}

// serviceFacts shows address and ports.
func serviceFacts(o lessons.Object) []string {
	var facts []string
	if name := lessons.TextAt(o, "spec", "externalName"); name != "" {
		return []string{"→ " + name}
	}
	if ip := lessons.TextAt(o, "spec", "clusterIP"); ip != "" && ip != "None" {
		facts = append(facts, ip)
	}
	for _, p := range lessons.ListAt(o, "spec", "ports") {
		port := scalar(p, "port") + "→" + scalar(p, "targetPort")
		if node := lessons.NumberAt(0, p, "nodePort"); node > 0 {
			port += " ⌂" + strconv.FormatInt(node, 10)
		}
		facts = append(facts, port)
	}
	for _, in := range lessons.ListAt(o, "status", "loadBalancer", "ingress") {
		for _, field := range []string{"ip", "hostname"} {
			if at := lessons.TextAt(in, field); at != "" {
				facts = append(facts, "⇐ "+at)
			}
		}
	}
	return facts
}

// scalar is a number or a name, as a port may be either.
func scalar(v any, path ...string) string {
	if s := lessons.TextAt(v, path...); s != "" {
		return s
	}
	if n := lessons.NumberAt(-1, v, path...); n >= 0 {
		return strconv.FormatInt(n, 10)
	}
	return "?"
}

// sliceState counts the addresses that get traffic, and those that do not.
func sliceState(o lessons.Object, w *Words) (Health, string, []string) {
	ready, waiting := 0, 0
	for _, e := range lessons.ListAt(o, "endpoints") {
		if n := len(lessons.ListAt(e, "addresses")); endpointReady(e) {
			ready += n
		} else {
			waiting += n
		}
	}
	state := fmt.Sprintf(w.Ready, ready, ready+waiting)
	switch {
	case waiting > 0:
		return Progressing, state, nil
	case ready == 0:
		return Inert, state, nil
	}
	return Good, state, nil
}

// endpointReady reports whether an endpoint gets traffic; what is not said counts
// as ready, as the API has it.
func endpointReady(e any) bool {
	_, said := lessons.FieldAt(e, "conditions", "ready").(bool)
	return !said || lessons.BoolAt(e, "conditions", "ready")
}

func storageState(o lessons.Object, size, asked string) (Health, string, []string) {
	health, phase, _ := phaseState(o)
	var facts []string
	if size == "" {
		size = asked
	}
	if size != "" {
		facts = append(facts, size)
	}
	if class := lessons.TextAt(o, "spec", "storageClassName"); class != "" {
		facts = append(facts, class)
	}
	return health, phase, facts
}

func phaseState(o lessons.Object) (Health, string, []string) {
	switch phase := lessons.TextAt(o, "status", "phase"); phase {
	case "Bound", "Active", "Available":
		return Good, phase, nil
	case "Lost", "Failed":
		return Broken, phase, nil
	default:
		return Progressing, phase, nil
	}
}

func nodeState(o lessons.Object, w *Words) (Health, string, []string) {
	switch {
	case lessons.ConditionOf(o, "Ready") != "True":
		return Broken, "NotReady", nil
	case lessons.BoolAt(o, "spec", "unschedulable"):
		return Progressing, w.Cordoned, nil
	}
	return Good, "Ready", nil
}

func metricFacts(o lessons.Object) []string {
	var facts []string
	for _, m := range lessons.ListAt(o, "spec", "metrics") {
		if name := lessons.TextAt(m, "resource", "name"); name != "" {
			fact := name
			if n := lessons.NumberAt(0, m, "resource", "target", "averageUtilization"); n > 0 {
				fact += " " + strconv.FormatInt(n, 10) + "%"
			}
			facts = append(facts, fact)
		}
	}
	return facts
}

// condition returns a field of one of the status' conditions.
func condition(o lessons.Object, kind, field string) string {
	for _, c := range lessons.ListAt(o, "status", "conditions") {
		if lessons.TextAt(c, "type") == kind {
			return lessons.TextAt(c, field)
		}
	}
	return ""
}

// Labels writes labels or a selector as kubectl does.
func Labels(m map[string]any) string {
	pairs := make([]string, 0, len(m))
	for k, v := range m {
		s, _ := v.(string)
		pairs = append(pairs, k+"="+s)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}
