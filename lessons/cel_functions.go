package lessons

import (
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// functions are what expressions have beyond CEL and Kubernetes' libraries;
// docs/COURSES.md describes them for authors.
func functions() cel.EnvOption {
	one := func(name string, in, out *cel.Type, f func(any) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.Overload(name, []*cel.Type{in}, out,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return f(native(v)) })))
	}
	return cel.Lib(append(celLibrary(kubernetesFunctions()),
		one("show", cel.DynType, cel.StringType, func(v any) ref.Val { return types.String(show(v)) }),
		one("imageRepo", cel.StringType, cel.StringType, func(v any) ref.Val {
			repo, _ := splitImage(v.(string))
			return types.String(repo)
		}),
		one("imageTag", cel.StringType, cel.StringType, func(v any) ref.Val {
			_, tag := splitImage(v.(string))
			return types.String(tag)
		}),
		one("isReady", cel.DynType, cel.BoolType, func(v any) ref.Val { return types.Bool(isReady(v)) }),
		one("rolledOut", cel.DynType, cel.BoolType, func(v any) ref.Val { return types.Bool(rolledOut(v)) }),
		one("readyAddresses", cel.DynType, cel.IntType, func(v any) ref.Val { return types.Int(len(readyAddresses(asList(v)))) }),
		one("waitingReason", cel.DynType, cel.StringType, func(v any) ref.Val { return types.String(waitingReason(v)) }),
		cel.Function("selects", cel.Overload("selects", []*cel.Type{cel.DynType, cel.DynType}, cel.BoolType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val { return types.Bool(selects(native(a), native(b))) }))),
	))
}

// celLibrary is a CEL library made of a list of options.
type celLibrary []cel.EnvOption

func (l celLibrary) CompileOptions() []cel.EnvOption   { return l }
func (celLibrary) ProgramOptions() []cel.ProgramOption { return nil }

// splitImage takes an image name apart into repository and tag. Names of Docker
// Hub lose their "docker.io/" and "library/"; a missing tag is "latest"; a name
// pinned by digest only has the digest as its tag.
func splitImage(image string) (repo, tag string) {
	repo, tag = image, "latest"
	if at := strings.Index(repo, "@"); at >= 0 {
		repo, tag = repo[:at], repo[at+1:]
	}
	if colon := strings.LastIndex(repo, ":"); colon > strings.LastIndex(repo, "/") {
		repo, tag = repo[:colon], repo[colon+1:]
	}
	for _, host := range []string{"docker.io/", "index.docker.io/", "registry-1.docker.io/"} {
		repo = strings.TrimPrefix(repo, host)
	}
	return strings.TrimPrefix(repo, "library/"), tag
}

func isReady(pod any) bool {
	if field(pod, "metadata", "deletionTimestamp") != nil {
		return false
	}
	for _, c := range list(pod, "status", "conditions") {
		if text(c, "type") == "Ready" {
			return text(c, "status") == "True"
		}
	}
	return false
}

// rolledOut is kubectl rollout status in one look, but no replicas at all is
// not "rolled out": nothing runs.
func rolledOut(d any) bool {
	want := number(1, d, "spec", "replicas")
	return want > 0 &&
		number(0, d, "status", "observedGeneration") >= number(0, d, "metadata", "generation") &&
		number(0, d, "status", "updatedReplicas") == want &&
		number(0, d, "status", "replicas") == want &&
		number(0, d, "status", "availableReplicas") == want
}

// readyAddresses lists the distinct addresses that are ready in a list of
// EndpointSlices. An unset ready condition means ready (the API's own rule).
func readyAddresses(slices []any) []string {
	var all []string
	seen := map[string]bool{}
	for _, s := range slices {
		for _, e := range list(s, "endpoints") {
			if ready, ok := field(e, "conditions", "ready").(bool); ok && !ready {
				continue
			}
			for _, a := range list(e, "addresses") {
				if a, ok := a.(string); ok && !seen[a] {
					seen[a] = true
					all = append(all, a)
				}
			}
		}
	}
	return all
}

// selects reports whether an equality selector matches labels. A Service
// without a selector selects nothing, hence an empty one does not match.
func selects(selector, labels any) bool {
	sel, _ := selector.(map[string]any)
	have, _ := labels.(map[string]any)
	if len(sel) == 0 {
		return false
	}
	for k, v := range sel {
		if have[k] != v {
			return false
		}
	}
	return true
}

// waitingReason returns why the first container of a Pod that waits does so,
// init containers first; the harmless reasons of a normal start do not count.
func waitingReason(pod any) string {
	for _, group := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, s := range list(pod, "status", group) {
			switch reason := text(s, "state", "waiting", "reason"); reason {
			case "", "ContainerCreating", "PodInitializing":
			default:
				return reason
			}
		}
	}
	return ""
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}
