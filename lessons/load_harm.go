package lessons

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// maxReplicas is how many Pods one object of another person's course may ask
// for.
const maxReplicas = 20

// hostPathRoot is where a PersistentVolume of another person's course may keep
// its files on a node.
const hostPathRoot = "/tmp/k8stutor/"

// harm lists what in an object of another person's course reaches beyond its
// workspace: to the node, to other namespaces, or into the end of the
// namespace. The namespace itself is labelled so that the API server refuses
// Pods of the same kinds, whoever makes them.
func harm(o Object) []string {
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if holds(field(o, "metadata", "finalizers")) {
		say("metadata.finalizers: it could never be deleted again")
	}
	annotations, _ := field(o, "metadata", "annotations").(map[string]any)
	for key, v := range annotations {
		if strings.HasSuffix(key, "-snippet") {
			say("annotation %s: it is configuration of the ingress controller, which serves others too", key)
		}
		if strings.HasSuffix(key, "is-default-class") && v == "true" {
			say("annotation %s: it would change what others get", key)
		}
	}
	switch text(o, "kind") {
	case "Service":
		if holds(field(o, "spec", "externalIPs")) {
			say("spec.externalIPs: it would take other people's traffic")
		}
	case "PriorityClass":
		if field(o, "globalDefault") == true {
			say("globalDefault: it would change what others get")
		}
	case "PersistentVolume":
		if spec, ok := field(o, "spec").(map[string]any); ok {
			if at := text(spec, "hostPath", "path"); at != "" && path.Clean(at) == strings.TrimSuffix(at, "/") && strings.HasPrefix(at, hostPathRoot) {
				return found
			}
		}
		fallthrough
	default:
		reachesNode(map[string]any(o), "", say)
	}
	slices.Sort(found)
	return found
}

// reachesNode looks for the fields by which a Pod leaves its container, wherever
// in a template they stand.
func reachesNode(v any, at string, say func(string, ...any)) {
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			reachesNode(item, fmt.Sprintf("%s[%d]", at, i), say)
		}
	case map[string]any:
		for key, value := range v {
			where := strings.TrimPrefix(at+"."+key, ".")
			switch key {
			case "hostNetwork", "hostPID", "hostIPC", "privileged", "hostProcess":
				if value == true {
					say("%s: it would leave its container", where)
				}
			case "hostPath", "local":
				if _, ok := value.(map[string]any); ok {
					say("%s: it is the node's file system (a PersistentVolume may have a hostPath under %s)", where, hostPathRoot)
				}
			case "hostPort":
				if value != int64(0) {
					say("%s: it is a port of the node", where)
				}
			case "replicas", "parallelism", "completions", "minReplicas", "maxReplicas":
				if n, ok := countOf(value); ok && n > maxReplicas {
					say("%s: %v Pods; at most %d", where, value, maxReplicas)
				}
			}
			reachesNode(value, where, say)
		}
	}
}

// countOf returns the number that a field of an object holds.
func countOf(v any) (n float64, ok bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// holds reports whether a field of an object is a list with something in it.
func holds(v any) bool {
	l, _ := v.([]any)
	return len(l) > 0
}
