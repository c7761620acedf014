package lessons

import (
	"path"

	"github.com/google/cel-go/cel"
)

func volumeFunctions() []function {
	return []function{
		{name: "mountedFrom", args: []*cel.Type{cel.DynType, cel.StringType}, out: cel.StringType, cost: costOfPod, call: func(a []any) any {
			return mountedFrom(podSpec(a[0]), list(podSpec(a[0]), "containers"), a[1].(string))
		}},
		{name: "mountedFrom", args: []*cel.Type{cel.DynType, cel.StringType, cel.StringType}, out: cel.StringType, cost: costOfPod, call: func(a []any) any {
			return mountedFrom(podSpec(a[0]), []any{containerNamed(a[0], a[2].(string))}, a[1].(string))
		}},
	}
}

// mountedFrom tells what the first of the containers that mounts something at
// exactly that path has there: "ConfigMap/name", "Secret/name",
// "PersistentVolumeClaim/name", or the kind of volume: "emptyDir", "hostPath",
// …; "" when nothing is mounted there.
func mountedFrom(spec map[string]any, containers []any, at string) string {
	for _, c := range containers {
		for _, m := range list(c, "volumeMounts") {
			if mount := text(m, "mountPath"); mount != "" && path.Clean(mount) == path.Clean(at) {
				return volumeSource(named(list(spec, "volumes"), text(m, "name")))
			}
		}
	}
	return ""
}

// volumeSource names what a volume of a Pod holds.
func volumeSource(volume map[string]any) string {
	for _, s := range []struct{ field, kind, name string }{
		{"configMap", "ConfigMap", "name"},
		{"secret", "Secret", "secretName"},
		{"persistentVolumeClaim", "PersistentVolumeClaim", "claimName"},
	} {
		if source := mapAt(volume, s.field); source != nil {
			return s.kind + "/" + text(source, s.name)
		}
	}
	for _, k := range sortedKeys(volume) {
		if k != "name" {
			return k
		}
	}
	return ""
}

// costOfPod counts the mounts and volumes of a Pod too.
func costOfPod(args []any) uint64 {
	spec := podSpec(args[0])
	cost := uint64(len(list(spec, "volumes")))
	for _, c := range list(spec, "containers") {
		cost += 1 + uint64(len(list(c, "volumeMounts")))
	}
	return cost
}
