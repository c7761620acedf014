package coursetest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// pullTime bounds how long all images of a course may take to be pulled, and
// pullLook how often it is looked at.
const (
	pullTime = 10 * time.Minute
	pullLook = 500 * time.Millisecond
)

// Images lists the images that right ways through lessons name, each once, in
// order. Some may not exist, on purpose.
func Images(all []*lessons.Lesson) []string {
	var found []string
	named := regexp.MustCompile(`--image[= ]'?([a-z0-9][\w./:@-]*)|=([a-z][a-z0-9./_-]*:\w[\w.-]*)|"?image"?:\s*"?([a-z0-9][\w./:@-]*)`)
	for _, l := range all {
		for _, step := range l.Steps {
			for _, lines := range append(slices.Clone(step.Variants), step.Solution) {
				for _, line := range lines {
					for _, m := range named.FindAllStringSubmatch(line, -1) {
						found = append(found, m[1]+m[2]+m[3])
					}
				}
			}
			for _, o := range step.Setup {
				path, ok := podSpec(o)
				if !ok {
					continue
				}
				for _, c := range list(o, append(slices.Clone(path), "containers")...) {
					found = append(found, text(c, "image"))
				}
			}
		}
	}
	slices.Sort(found)
	return slices.DeleteFunc(slices.Compact(found), func(image string) bool { return image == "" })
}

// Pull has the cluster pull images, so that the first proof that uses one does
// not wait for it, and returns those that it could not pull: that is no fault
// of a lesson. It takes a workspace of its own, and gives it back.
func Pull(ctx context.Context, b *Bench, run string, images []string) (missing []string, err error) {
	if len(images) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, pullTime)
	defer cancel()
	ws, err := b.Cluster.Prepare(ctx, "images-"+run)
	if err != nil {
		return nil, err
	}
	defer func() {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearTime)
		defer cancel()
		_ = b.Cluster.Clear(after, ws) // the order is enough; who ends the run waits for the end
	}()
	var containers []any
	for i, image := range images {
		containers = append(containers, map[string]any{"name": fmt.Sprintf("c%d", i), "image": image, "command": []any{"true"},
			"resources": map[string]any{"requests": map[string]any{"cpu": "1m", "memory": "4Mi"}, "limits": map[string]any{"cpu": "10m", "memory": "32Mi"}}})
	}
	pod := lessons.Object{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "images"},
		"spec": map[string]any{"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": containers}}
	if _, err := b.Apply(ctx, ws, []string{"create", "--validate=false", "-f", "-"}, encode(pod)); err != nil {
		return nil, fmt.Errorf("have the images pulled: %w", err)
	}
	kind, _ := lessons.KindNamed("Pod")
	for {
		pods, err := b.List(ctx, ws.Namespace, []lessons.Kind{kind})
		if err != nil {
			return nil, err
		}
		var settled bool
		if missing, settled = pulled(pods, images); settled {
			return missing, nil
		}
		if err := pause(ctx, pullLook); err != nil {
			return missing, fmt.Errorf("the images were not pulled: %w", err)
		}
	}
}

// pulled returns the images that could not be pulled, and whether each has been
// tried.
func pulled(pods []lessons.Object, images []string) (missing []string, settled bool) {
	settled = len(pods) > 0
	for _, pod := range pods {
		states := list(pod, "status", "containerStatuses")
		settled = settled && len(states) == len(images)
		for i, image := range images {
			at := slices.IndexFunc(states, func(c any) bool { return text(c, "name") == fmt.Sprintf("c%d", i) })
			if at < 0 {
				settled = false
				continue
			}
			switch reason := text(states[at], "state", "waiting", "reason"); {
			case text(states[at], "imageID") != "":
			case reason == "ErrImagePull", reason == "ImagePullBackOff", reason == "InvalidImageName":
				missing = append(missing, image)
			case text(states[at], "state", "terminated", "reason") == "":
				settled = false
			}
		}
	}
	return missing, settled
}
