package coursetest

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// at returns the value at a path of fields, nil when there is none.
func at(value any, path ...string) any {
	for _, name := range path {
		fields, ok := value.(map[string]any)
		if !ok {
			if o, isObject := value.(lessons.Object); isObject {
				fields = o
			}
		}
		value = fields[name]
	}
	return value
}

func text(value any, path ...string) string {
	s, _ := at(value, path...).(string)
	return s
}

func fields(value any, path ...string) map[string]any {
	m, _ := at(value, path...).(map[string]any)
	return m
}

func list(value any, path ...string) []any {
	l, _ := at(value, path...).([]any)
	return l
}

// number returns a whole number, however JSON was decoded.
func number(value any, path ...string) int64 {
	switch n := at(value, path...).(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	case int:
		return int64(n)
	}
	return 0
}

func name(o lessons.Object) string { return text(o, "metadata", "name") }
func uid(o lessons.Object) string  { return text(o, "metadata", "uid") }
func kind(o lessons.Object) string { return text(o, "kind") }

// ref is how kubectl takes the object on its command line.
func ref(o lessons.Object) string {
	group, _, grouped := strings.Cut(text(o, "apiVersion"), "/")
	if !grouped {
		return strings.ToLower(kind(o)) + "/" + name(o)
	}
	return strings.ToLower(kind(o)) + "." + group + "/" + name(o)
}

// controller returns the uid of the object's controlling owner, "" when it
// stands for itself.
func controller(o lessons.Object) string {
	for _, owner := range list(o, "metadata", "ownerReferences") {
		if at(owner, "controller") == true {
			return text(owner, "uid")
		}
	}
	return ""
}

func leaving(o lessons.Object) bool { return at(o, "metadata", "deletionTimestamp") != nil }

// clone copies an object so that it can be changed.
func clone(o lessons.Object) lessons.Object {
	data, err := json.Marshal(o)
	if err != nil {
		return nil // it came from JSON
	}
	var c lessons.Object
	if json.Unmarshal(data, &c) != nil {
		return nil
	}
	return c
}

// bare returns the object as somebody could have written it: without what the
// API server and controllers add, so that it can be made again.
func bare(o lessons.Object) lessons.Object {
	c := clone(o)
	delete(c, "status")
	metadata := fields(c, "metadata")
	for _, added := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink",
		"ownerReferences", "namespace", "generateName"} {
		delete(metadata, added)
	}
	if kind(o) == "Pod" {
		spec := fields(c, "spec")
		delete(spec, "nodeName")
		withoutToken(spec)
	}
	return c
}

// withoutToken removes the volume of the ServiceAccount's token, which
// admission puts into every Pod anew.
func withoutToken(spec map[string]any) {
	isToken := func(v any) bool { return strings.HasPrefix(text(v, "name"), "kube-api-access-") }
	keep := func(all []any) []any {
		var kept []any
		for _, v := range all {
			if !isToken(v) {
				kept = append(kept, v)
			}
		}
		return kept
	}
	if volumes := keep(list(spec, "volumes")); len(volumes) > 0 {
		spec["volumes"] = volumes
	} else {
		delete(spec, "volumes")
	}
	for _, group := range []string{"containers", "initContainers"} {
		for _, c := range list(spec, group) {
			container, _ := c.(map[string]any)
			if mounts := keep(list(c, "volumeMounts")); len(mounts) > 0 {
				container["volumeMounts"] = mounts
			} else {
				delete(container, "volumeMounts")
			}
		}
	}
}

// elsewhere returns the object as it would be made in another namespace: without
// the addresses and ports that are its own here.
func elsewhere(o lessons.Object) lessons.Object {
	c := bare(o)
	if kind(o) == "Service" {
		spec := fields(c, "spec")
		if text(spec, "clusterIP") != "None" {
			delete(spec, "clusterIP")
			delete(spec, "clusterIPs")
		}
		delete(spec, "healthCheckNodePort")
		for _, p := range list(spec, "ports") {
			if port, ok := p.(map[string]any); ok {
				delete(port, "nodePort")
			}
		}
	}
	return c
}

// same reports whether two states of an object were written alike, whatever
// controllers say of them.
func same(a, b lessons.Object) bool {
	return string(written(a)) == string(written(b))
}

func written(o lessons.Object) []byte {
	c := bare(o)
	metadata := fields(c, "metadata")
	if notes := maps.Clone(fields(metadata, "annotations")); notes != nil {
		// The Deployment controller counts rollouts here.
		delete(notes, "deployment.kubernetes.io/revision")
		delete(notes, "deployment.kubernetes.io/revision-history")
		delete(metadata, "annotations")
		if len(notes) > 0 {
			metadata["annotations"] = notes
		}
	}
	data, err := json.Marshal(c) // maps are written in the order of their keys
	if err != nil {
		return nil
	}
	return data
}

// encode writes an object for kubectl's standard input.
func encode(o lessons.Object) []byte {
	data, err := json.Marshal(o)
	if err != nil {
		return nil // it came from JSON
	}
	return data
}

// template returns the Pod template of an object, the object's own fields for
// a Pod, nil for what runs no Pods.
func template(o lessons.Object) map[string]any {
	switch kind(o) {
	case "Pod":
		return o
	case "CronJob":
		return fields(o, "spec", "jobTemplate", "spec", "template")
	}
	return fields(o, "spec", "template")
}
