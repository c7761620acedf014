//go:build unix

package cluster_test

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/clustertest"
	"github.com/k8stutor/k8stutor/lessons"
)

// TestTheLifeOfASandbox takes one sandbox of its own through what can befall
// it, in order: starts cost seconds.
func TestTheLifeOfASandbox(t *testing.T) {
	t.Parallel()
	o := sandbox.Alone(t)
	c, err := cluster.Open(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	t.Run("work is there again after it was killed", func(t *testing.T) { killed(t, o, c) })
	t.Run("a server that hangs is away until it goes on", func(t *testing.T) { hung(t, o, c) })
	t.Run("a namespace that an API which is down keeps is explained", func(t *testing.T) { undiscovered(t, c) })
	t.Run("cleanup leaves only what is not ours", func(t *testing.T) { cleanedUp(t, c) })
	t.Run("another cluster at the same place is told apart, and used", func(t *testing.T) { replaced(t, o, c) })
}

func killed(t *testing.T, o cluster.Options, c *cluster.Cluster) {
	ws := clustertest.Workspace(t, c, "killed")
	create(t, client(t, c), ws.Namespace, configMap("work", nil))
	maps := kind(t, "ConfigMap")
	hasWork := func(s lessons.Snapshot) bool { return slices.Contains(names(s, maps), ws.Namespace+"/work") }
	snapshots := c.Follow(t.Context(), ws, []lessons.Kind{maps})
	await(t, snapshots, patient, "the work is shown", hasWork)

	signal(t, o, syscall.SIGKILL)
	at := time.Now()
	away := await(t, snapshots, patient, "it is said that the server is away", func(s lessons.Snapshot) bool { return s.Away != nil })
	t.Logf("away was shown after %v", time.Since(at))
	if away.Away.Trouble != lessons.Unreachable || !hasWork(away) {
		t.Errorf("away %v; the last seen is kept: %t", away.Away, hasWork(away))
	}
	if err := c.Plant(t.Context(), ws, nil); trouble(t, err) != lessons.Unreachable {
		t.Errorf("planting while it is away: %v", err)
	}

	var stages int
	if err := c.Restart(t.Context(), func(cluster.Progress) { stages++ }); err != nil {
		t.Fatal(err)
	}
	if stages == 0 {
		t.Error("the restart reported no stage")
	}
	await(t, snapshots, patient, "it is back with the work", func(s lessons.Snapshot) bool { return s.Away == nil && hasWork(s) })
	create(t, client(t, c), ws.Namespace, configMap("more", nil))
	await(t, snapshots, patient, "new work is shown", func(s lessons.Snapshot) bool {
		return slices.Contains(names(s, maps), ws.Namespace+"/more")
	})
}

// signal sends a signal to the sandbox's process.
func signal(t *testing.T, o cluster.Options, s syscall.Signal) {
	t.Helper()
	status, err := cluster.NewSandbox(o).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(status.PID, s); err != nil {
		t.Fatal(err)
	}
}

func hung(t *testing.T, o cluster.Options, c *cluster.Cluster) {
	ws := clustertest.Workspace(t, c, "hung")
	snapshots := c.Follow(t.Context(), ws, kinds(t, "ConfigMap"))
	if first := <-snapshots; first.Away != nil {
		t.Fatal(first.Away)
	}
	status, err := cluster.NewSandbox(o).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signal(t, o, syscall.SIGSTOP)
	// Whatever happens, a stopped process could not be ended in order.
	t.Cleanup(func() { _ = syscall.Kill(status.PID, syscall.SIGCONT) })
	at := time.Now()
	away := await(t, snapshots, patient, "it is said that the server is away", func(s lessons.Snapshot) bool { return s.Away != nil })
	t.Logf("away was shown after %v", time.Since(at))
	if away.Away.Trouble != lessons.TimedOut {
		t.Errorf("away %v", away.Away)
	}
	if _, err := cluster.NewSandbox(o).Status(t.Context()); trouble(t, err) != lessons.NoSandbox {
		t.Errorf("the status of a sandbox that hangs: %v", err)
	}
	if err := syscall.Kill(status.PID, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	await(t, snapshots, patient, "it is back", func(s lessons.Snapshot) bool { return s.Away == nil })
}

func cleanedUp(t *testing.T, c *cluster.Cluster) {
	var want []string
	for _, lesson := range []string{"cleanup-a", "cleanup-b"} {
		want = append(want, clustertest.Workspace(t, c, lesson).Namespace)
	}
	d := client(t, c)
	namespaces := d.Resource(resource(kind(t, "Namespace")))
	for name, labels := range map[string]any{
		"k8stutor-look-alike": nil,
		"of-helm":             map[string]any{"app.kubernetes.io/managed-by": "Helm", "k8stutor.dev/lesson": "x"},
	} {
		ns := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name, "labels": labels}}}
		if _, err := namespaces.Create(t.Context(), ns, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	traces, err := c.Traces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, trace := range traces {
		if slices.Contains(want, trace.Ref.Name) { // not those of the tests before, on their way out
			got = append(got, trace.Ref.Name)
		}
	}
	if still, err := c.Sweep(t.Context(), traces); err != nil || len(still) != 0 {
		t.Errorf("left are %v, %v", still, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	left, err := c.Workspaces(t.Context())
	if err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	for _, name := range []string{"k8stutor-look-alike", "of-helm", "default"} {
		ns, err := namespaces.Get(t.Context(), name, metav1.GetOptions{})
		if err != nil || ns.GetDeletionTimestamp() != nil {
			t.Errorf("namespace %s: %v", name, err)
		}
	}
}

func replaced(t *testing.T, o cluster.Options, c *cluster.Cluster) {
	ws, err := c.Prepare(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	snapshots := c.Follow(t.Context(), ws, kinds(t, "ConfigMap"))
	if first := <-snapshots; first.Away != nil {
		t.Fatal(first.Away)
	}
	if err := cluster.NewSandbox(o).Down(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := c.Restart(t.Context(), nil); err != nil {
		t.Errorf("restart on an empty sandbox: %v", err)
	}
	await(t, snapshots, patient, "it is said that it is another", func(s lessons.Snapshot) bool {
		return s.Away != nil && s.Away.Trouble == lessons.Replaced
	})
	again, err := c.Prepare(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	if again.ClusterUID == ws.ClusterUID || again.UID == ws.UID {
		t.Errorf("the workspace on the other cluster is %+v, before it was %+v", again, ws)
	}
	if err := c.Plant(t.Context(), ws, []lessons.Object{configMap("stranger", nil)}); trouble(t, err) != lessons.Guarded {
		t.Errorf("planted for the old cluster: %v", err)
	}
}

func undiscovered(t *testing.T, c *cluster.Cluster) {
	ws, err := c.Prepare(t.Context(), "undiscovered")
	if err != nil {
		t.Fatal(err)
	}
	services := client(t, c).Resource(schema.GroupVersionResource{Group: "apiregistration.k8s.io", Version: "v1", Resource: "apiservices"})
	down := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
		"metadata": map[string]any{"name": "v1.down.example.com"},
		"spec": map[string]any{"group": "down.example.com", "version": "v1", "groupPriorityMinimum": int64(100), "versionPriority": int64(100),
			"insecureSkipTLSVerify": true, "service": map[string]any{"namespace": "default", "name": "down"}}}}
	if _, err := services.Create(t.Context(), down, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	defer services.Delete(t.Context(), "v1.down.example.com", metav1.DeleteOptions{})
	err = c.Clear(t.Context(), ws)
	explained, ok := errors.AsType[*lessons.ClusterError](err)
	if !ok || !strings.Contains(err.Error(), "down.example.com") || !strings.Contains(explained.Hint.In(lessons.English), "kubectl get apiservices") ||
		!strings.Contains(explained.Hint.In(lessons.Chinese), "kubectl get apiservices") {
		t.Errorf("cleared with an API that is down: %v, %v", err, explained)
	}
}
