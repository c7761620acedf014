package coursetest

import (
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// podSpec returns the path from an object to the spec of the Pods it runs; ok
// is false when it runs none.
func podSpec(o lessons.Object) (path []string, ok bool) {
	switch kind(o) {
	case "Pod":
		return []string{"spec"}, true
	case "CronJob":
		return []string{"spec", "jobTemplate", "spec", "template", "spec"}, true
	}
	return []string{"spec", "template", "spec"}, at(o, "spec", "template", "spec") != nil
}

// fixed reports whether the API server refuses most changes to the object's
// Pods.
func fixed(o lessons.Object) bool { return kind(o) == "Pod" || kind(o) == "Job" }

// respec is a mutation of the Pods that an object runs.
func (t target) respec(name string, change func(spec map[string]any)) mutation {
	path, _ := podSpec(t.object)
	changed := bare(t.object)
	change(fields(changed, path...))
	if fixed(t.object) {
		return t.anew(name, changed)
	}
	// The API server merges a patch of lists by replacing them.
	patch := map[string]any{}
	inner := patch
	for _, p := range path {
		next := map[string]any{}
		inner[p] = next
		inner = next
	}
	inner["containers"] = at(changed, append(slices.Clone(path), "containers")...)
	return t.patch(name, patch)
}

// images uses another tag, and another repository.
func (t target) images() []mutation {
	path, ok := podSpec(t.object)
	if !ok {
		return nil
	}
	containers := list(t.object, append(slices.Clone(path), "containers")...)
	if len(containers) == 0 {
		return nil
	}
	// Every container's image, for a check that asks for one container with an
	// image does not say which.
	change := func(name string, to func(image string) string) mutation {
		if !fixed(t.object) || kind(t.object) != "Pod" {
			return t.respec(name, func(spec map[string]any) {
				for _, c := range list(spec, "containers") {
					if container, ok := c.(map[string]any); ok {
						container["image"] = to(text(c, "image"))
					}
				}
			})
		}
		args := []string{"set", "image", ref(t.object)}
		for _, c := range containers {
			args = append(args, text(c, "name")+"="+to(text(c, "image")))
		}
		return mutation{name: name + " " + t.query, do: []action{{args: args}}}
	}
	return []mutation{change("image-tag", otherTag), change("image-repository", otherRepository)}
}

// otherTag returns the image with a tag that it does not have.
func otherTag(image string) string {
	repository, tag := split(image)
	if tag == "latest" || tag == "" {
		return repository + ":0.0-none"
	}
	return repository + ":latest"
}

// otherRepository returns another program's image.
func otherRepository(image string) string {
	if repository, _ := split(image); strings.HasSuffix(repository, "httpd") {
		return "nginx:1.27"
	}
	return "httpd:2.4"
}

// split takes an image's name apart; tag is "" when it has none.
func split(image string) (repository, tag string) {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[:i], image[i+1:]
	}
	return image, ""
}

// containers renames those that the step speaks of, and removes one of several.
func (t target) containers(step *lessons.Step) []mutation {
	path, ok := podSpec(t.object)
	if !ok {
		return nil
	}
	all := list(t.object, append(slices.Clone(path), "containers")...)
	var found []mutation
	for i, c := range all {
		called := text(c, "name")
		if !speaksOf(step, called) {
			continue
		}
		found = append(found, t.respec("container-renamed-"+called, func(spec map[string]any) {
			if container, ok := list(spec, "containers")[i].(map[string]any); ok {
				container["name"] = mistyped(called)
			}
		}))
		if len(all) > 1 {
			found = append(found, t.respec("container-removed-"+called, func(spec map[string]any) {
				spec["containers"] = slices.Delete(slices.Clone(list(spec, "containers")), i, i+1)
			}))
		}
	}
	return found
}

// notReady gives the Pods a readiness probe that cannot succeed.
func (t target) notReady() []mutation {
	path, ok := podSpec(t.object)
	if !ok || kind(t.object) == "Job" || kind(t.object) == "CronJob" || len(list(t.object, append(slices.Clone(path), "containers")...)) == 0 {
		return nil
	}
	return []mutation{t.respec("not-ready", func(spec map[string]any) {
		if container, ok := list(spec, "containers")[0].(map[string]any); ok {
			container["readinessProbe"] = map[string]any{
				"httpGet":          map[string]any{"path": "/", "port": 59999},
				"periodSeconds":    1,
				"failureThreshold": 1,
			}
		}
	})}
}

// relabelled has Pods with another label, and a selector that goes with it:
// what selects them by the old one does not find them any more.
func (t target) relabelled() []mutation {
	labels := fields(t.object, "spec", "selector", "matchLabels")
	if len(labels) == 0 || at(t.object, "spec", "template") == nil {
		return nil
	}
	key := slices.Sorted(keys(labels))[0]
	changed := bare(t.object)
	value := text(labels, key) + "-x"
	fields(changed, "spec", "selector", "matchLabels")[key] = value
	fields(changed, "spec", "template", "metadata", "labels")[key] = value
	return []mutation{t.anew("labels", changed)}
}
