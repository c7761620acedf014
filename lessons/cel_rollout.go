package lessons

import "github.com/google/cel-go/cel"

func rolloutFunctions() []function {
	return []function{
		{name: "rolledOut", args: anything(1), out: cel.BoolType, readsStatus: true, call: func(a []any) any { return rolledOut(a[0]) }},
	}
}

// rolledOut is kubectl rollout status in one look, for a Deployment,
// StatefulSet, DaemonSet or ReplicaSet; but no replicas at all is not "rolled
// out": nothing runs.
func rolledOut(o any) bool {
	if number(0, o, "status", "observedGeneration") < number(0, o, "metadata", "generation") {
		return false
	}
	status := func(name string) int64 { return number(0, o, "status", name) }
	switch text(o, "kind") {
	case "DaemonSet":
		want := status("desiredNumberScheduled")
		return want > 0 && status("updatedNumberScheduled") == want && status("numberAvailable") == want
	case "StatefulSet":
		want := number(1, o, "spec", "replicas")
		updated := text(o, "status", "updateRevision") == text(o, "status", "currentRevision")
		// Pods below the partition keep the old revision on purpose.
		if partition := number(0, o, "spec", "updateStrategy", "rollingUpdate", "partition"); partition > 0 {
			updated = status("updatedReplicas") >= want-partition
		}
		return want > 0 && updated && status("replicas") == want && status("availableReplicas") == want
	case "ReplicaSet":
		want := number(1, o, "spec", "replicas")
		return want > 0 && status("replicas") == want && status("availableReplicas") == want
	}
	want := number(1, o, "spec", "replicas")
	return want > 0 && status("updatedReplicas") == want && status("replicas") == want && status("availableReplicas") == want
}
