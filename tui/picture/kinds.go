package picture

import (
	"slices"

	"github.com/k8stutor/k8stutor/lessons"
)

// Places reports whether a lesson is about Nodes: whether its steps ask for them.
func Places(l *lessons.Lesson) bool {
	return slices.ContainsFunc(l.Kinds(), func(k lessons.Kind) bool { return k.Kind == "Node" })
}

// Kinds are the kinds that a picture of a lesson's workspace shows: those that its
// steps ask for, and all that have a place of their own in a picture.
func Kinds(l *lessons.Lesson) []lessons.Kind {
	kinds := slices.DeleteFunc(l.FollowedKinds(), func(k lessons.Kind) bool { return k.Kind == "Event" })
	for _, name := range []string{"StatefulSet", "DaemonSet", "Job", "CronJob", "Ingress", "ConfigMap", "Secret", "PersistentVolumeClaim", "HorizontalPodAutoscaler", "Node"} {
		if k, ok := lessons.KindNamed(name); ok && !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}
