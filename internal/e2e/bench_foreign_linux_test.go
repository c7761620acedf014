package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// foreignPods is how many Pods of others are on the cluster, all of them in
// namespace default, which is watched beside the workspace: the worst place.
const foreignPods = 5000

// BenchmarkForeignPods measures what other people's Pods cost the tutor: the most
// memory that `check` takes while it watches a workspace, on an empty cluster and
// beside 5,000 Pods.
func BenchmarkForeignPods(b *testing.B) {
	home := b.TempDir()
	b.Cleanup(func() { stopSandbox(b, home) })
	run := func(args ...string) (peakMB float64) {
		b.Helper()
		cmd := exec.CommandContext(b.Context(), built.tutor, args...)
		cmd.Env = environment(home, "C.UTF-8")
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState.ExitCode() != 1 {
			b.Fatalf("%s: %v\n%s", cmd, err, out)
		}
		return float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
	}
	watching := func() float64 {
		var peaks []float64
		for range max(b.N, 3) {
			peaks = append(peaks, run("check", "services", "--wait", "3s"))
		}
		slices.Sort(peaks)
		return peaks[len(peaks)/2]
	}
	run("sandbox", "up")
	run("start", "services")
	empty := watching()
	run("cleanup", "--yes")
	// The Pods are there first: what is older than the workspace is not the learner's.
	makePods(b, filepath.Join(home, "state", "k8stutor", "sandbox", "kubeconfig"), foreignPods)
	run("start", "services")
	b.ResetTimer()
	crowded := watching()
	b.ReportMetric(empty, "empty-MB")
	b.ReportMetric(crowded, "crowded-MB")
	b.ReportMetric(crowded-empty, "added-MB")
}

// makePods makes Pods that no scheduler takes: they stay Pending and cost nothing
// but their place.
func makePods(b *testing.B, kubeconfig string, n int) {
	b.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		b.Fatal(err)
	}
	config.QPS = -1
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		b.Fatal(err)
	}
	pods := client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace("default")
	var making sync.WaitGroup
	const makers = 16
	errs := make(chan error, makers)
	for maker := range makers {
		making.Go(func() {
			for i := maker; i < n; i += makers {
				pod := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Pod",
					"metadata": map[string]any{"name": fmt.Sprintf("foreign-%04d", i), "labels": map[string]any{"app": "foreign"}},
					"spec":     map[string]any{"schedulerName": "nobody", "containers": []any{map[string]any{"name": "c", "image": "nginx:1.27"}}}}}
				if _, err := pods.Create(context.WithoutCancel(b.Context()), pod, metav1.CreateOptions{}); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	making.Wait()
	select {
	case err := <-errs:
		b.Fatal(err)
	default:
	}
}
