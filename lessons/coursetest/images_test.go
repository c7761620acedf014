package coursetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

func TestImagesAreThoseOfRightWays(t *testing.T) {
	t.Parallel()
	l := &lessons.Lesson{Steps: []*lessons.Step{{
		Setup: []lessons.Object{{"kind": "Pod", "spec": map[string]any{"containers": []any{map[string]any{"image": "busybox:1.37"}}}},
			{"kind": "Service", "spec": map[string]any{}}},
		Solution: []string{"kubectl create deployment web --image=nginx:1.27 --replicas=3", "kubectl run x --image 'docker.io/library/httpd:2.4'"},
		Variants: [][]string{
			{"kubectl set image deployment/web '*=nginx:1.28'", "kubectl set image pod/web web=nginx:1.27"},
			{`kubectl patch deployment web -p '{"spec":{"containers":[{"name":"c","image":"redis:7"}]}}'`, "kubectl create service clusterip web --tcp=80:80", "kubectl label pod x app=web", "kubectl apply -f - <<E\n  image: k8s.gcr.io/pause@sha256:00\nE"},
		},
		Mistakes: []*lessons.Mistake{{Try: []string{"kubectl run web --image=ngnix:1.27"}}},
	}}}
	want := []string{"busybox:1.37", "docker.io/library/httpd:2.4", "k8s.gcr.io/pause@sha256:00", "nginx:1.27", "nginx:1.28", "redis:7"}
	if diff := cmp.Diff(want, Images([]*lessons.Lesson{l})); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
}

func TestWhatCouldNotBePulledIsTold(t *testing.T) {
	t.Parallel()
	state := func(name, id, reason string) any {
		return map[string]any{"name": name, "imageID": id, "state": map[string]any{"waiting": map[string]any{"reason": reason}}}
	}
	pod := func(states ...any) []lessons.Object {
		return []lessons.Object{{"kind": "Pod", "status": map[string]any{"containerStatuses": states}}}
	}
	images := []string{"a:1", "b:1"}
	for name, tc := range map[string]struct {
		pods    []lessons.Object
		missing []string
		settled bool
	}{
		"no Pod yet":              {},
		"nothing said yet":        {pods: pod()},
		"one is on its way":       {pods: pod(state("c0", "sha", ""), state("c1", "", "ContainerCreating"))},
		"both are there":          {pods: pod(state("c0", "sha", "CrashLoopBackOff"), state("c1", "sha", "")), settled: true},
		"one cannot be had":       {pods: pod(state("c0", "sha", ""), state("c1", "", "ImagePullBackOff")), missing: []string{"b:1"}, settled: true},
		"one cannot, one not yet": {pods: pod(state("c0", "", "ErrImagePull"), state("c1", "", "ContainerCreating")), missing: []string{"a:1"}},
		"an impossible name":      {pods: pod(state("c0", "", "InvalidImageName"), state("c1", "sha", "")), missing: []string{"a:1"}, settled: true},
	} {
		missing, settled := pulled(tc.pods, images)
		if settled != tc.settled || !cmp.Equal(missing, tc.missing) {
			t.Errorf("%s: missing %q, settled %t; want %q, %t", name, missing, settled, tc.missing, tc.settled)
		}
	}
}

func TestAProofIsLeftOutOnlyForWantOfAnImageThatItEndsWith(t *testing.T) {
	t.Parallel()
	r := &run{o: Options{Lacks: []string{"ngnix:1.27", "nginx:1.27.5"}}}
	for name, tc := range map[string]struct {
		commands []string
		want     string
	}{
		"an image that is there":       {[]string{"kubectl run web --image=nginx:1.27"}, ""},
		"a longer name":                {[]string{"kubectl run web --image=nginx:1.27.55"}, ""},
		"the last one is missing":      {[]string{"kubectl create deployment web --image=ngnix:1.27 --replicas=3", "kubectl set image deployment/web '*=nginx:1.27.5'"}, "nginx:1.27.5"},
		"in a patch":                   {[]string{`kubectl patch deployment web -p '{"image":"nginx:1.27.5"}'`}, "nginx:1.27.5"},
		"at the end of a command line": {[]string{"kubectl set image pod/web web=nginx:1.27.5"}, "nginx:1.27.5"},
	} {
		if got := r.lacks(tc.commands); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestProofsThatWereNotMadeDoNotCount(t *testing.T) {
	t.Parallel()
	tallies := Tallies([]Result{
		{Lesson: "pods", Step: "run", Sort: Variant, Name: "1"},
		{Lesson: "pods", Step: "run", Sort: Variant, Name: "2", Left: "this cluster cannot pull x"},
	})
	if len(tallies) != 1 || tallies[0].All() != 1 || tallies[0].Left != 1 || tallies[0].Wrong != 0 {
		t.Errorf("tallies: %+v; want one proof, one left out, none wrong", tallies)
	}
}

// Where two runs meet on one cluster, and a learner, their workspaces differ.
func TestWorkspacesOfARunAreItsOwn(t *testing.T) {
	t.Parallel()
	own, shared := &run{}, &run{o: Options{Run: "x7k2p"}}
	if got := own.suffix(); got != "1" {
		t.Errorf("on a cluster of its own: %q, want 1", got)
	}
	if first, second := shared.suffix(), shared.suffix(); first != "x7k2p-1" || second != "x7k2p-2" {
		t.Errorf("on a shared cluster: %q, %q; want x7k2p-1, x7k2p-2", first, second)
	}
}
