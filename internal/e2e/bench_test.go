package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// The benchmarks measure what a learner waits for, on the programs as they are
// shipped. One iteration is one sample: -benchtime=30x takes thirty. Nothing
// fails because it is slow. docs/PERFORMANCE.md says what the figures mean.

// benchTimeout bounds every wait, on a machine however busy.
const benchTimeout = 2 * time.Minute

// BenchmarkBinarySize reports how large the two programs are.
func BenchmarkBinarySize(b *testing.B) {
	for b.Loop() {
		for name, path := range map[string]string{"tutor-MB": built.tutor, "sandbox-MB": built.sandbox} {
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(info.Size())/1e6, name)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFirstFrame starts the tutor on a terminal. It takes the time from
// just before the fork to the first text on the screen, and to the course map.
func BenchmarkFirstFrame(b *testing.B) {
	b.Run("new", func(b *testing.B) {
		benchmarkFirstFrame(b, b.TempDir, "Services")
	})
	b.Run("resumed", func(b *testing.B) {
		home := b.TempDir()
		tt := openTutor(b, home, "services")
		tt.Wait("page 1 of")
		tt.Keys("n")
		tt.Wait("page 2 of")
		tt.Keys("q")
		tt.Exit(0)
		benchmarkFirstFrame(b, func() string { return home }, "Continue: Services")
	})
}

func benchmarkFirstFrame(b *testing.B, home func() string, text string) {
	var drawn, complete samples
	for b.Loop() {
		in := home()
		began := time.Now()
		tt := openTutor(b, in)
		tt.Until("the screen is not empty", func(screen string) bool { return strings.TrimSpace(screen) != "" })
		drawn.since(began)
		tt.Wait(text)
		complete.since(began)
		tt.Keys("q")
		tt.Exit(0)
	}
	drawn.report(b, "frame")
	complete.report(b, "map")
}

// BenchmarkSandbox runs `k8stutor sandbox up`. It takes the time from its start
// to its end, and until a Pod that is created then has been seen Running; and
// the daemon's resident memory at that moment.
func BenchmarkSandbox(b *testing.B) {
	b.Run("new", func(b *testing.B) {
		benchmarkSandbox(b, func() string {
			home := b.TempDir()
			b.Cleanup(func() { stopSandbox(b, home) })
			return home
		}, func(home string) { stopSandbox(b, home) })
	})
	b.Run("kept", func(b *testing.B) {
		home := b.TempDir()
		b.Cleanup(func() { stopSandbox(b, home) })
		down := func(home string) { tutor(b, home, "sandbox", "down") }
		tutor(b, home, "sandbox", "up")
		runPod(b, home)
		down(home)
		benchmarkSandbox(b, func() string { return home }, down)
	})
}

func benchmarkSandbox(b *testing.B, home func() string, stop func(home string)) {
	var up, pod samples
	var resident []float64
	for b.Loop() {
		in := home()
		began := time.Now()
		tutor(b, in, "sandbox", "up")
		up.since(began)
		runPod(b, in)
		pod.since(began)
		resident = append(resident, residentMB(b, in))
		stop(in)
	}
	up.report(b, "up")
	pod.report(b, "pod")
	b.ReportMetric(slices.Max(resident), "rss-MB")
}

// BenchmarkVerdict scales the Deployment of the exercise on Services to two
// replicas and back to three, while the tutor shows it, and waits for the verdict
// on the step to change on the screen. An iteration is one of the two.
//
// The step is taken back by the first event of the change, which says that two
// replicas are wanted, and passed by the last of many, which says that three are
// available. The event's time is when a watch of the benchmark's own received
// it, which may be a little before or after the tutor's watch did. What the Pods
// do goes on beside the measurement, on the same processors, as it does for a
// learner; the next change comes when the Deployment has been quiet for a while.
func BenchmarkVerdict(b *testing.B) {
	home := b.TempDir()
	b.Cleanup(func() { stopSandbox(b, home) })
	tutor(b, home, "sandbox", "up")

	tt := openTutor(b, home, "--cluster", "sandbox", "services")
	tt.Wait("page 1 of")
	tt.Keys("e")
	tt.WaitRE(`Create the Deployment +not yet`)

	deployments := client(b, home).Resource(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}).Namespace("k8stutor-services")
	ctx, cancel := context.WithCancel(b.Context())
	made, err := deployments.Create(ctx, deployment("web", 3), metav1.CreateOptions{})
	if err != nil {
		b.Fatal(err)
	}
	events, stop := follow(b, ctx, deployments, made)
	defer stop()
	defer cancel()
	passed := regexp.MustCompile(`Create the Deployment +pass`)
	takenBack := regexp.MustCompile(`Create the Deployment +no longer`)
	tt.Until("the step is passed", passed.MatchString)
	events.untilQuiet(b)
	before := residentMB(b, home)

	var fromEvent samples
	replicas := int64(3)
	for b.Loop() {
		replicas = 5 - replicas
		verdict, decides := passed, atRest(3)
		if replicas == 2 {
			verdict, decides = takenBack, func(d *unstructured.Unstructured) bool { return number(d, "spec", "replicas") == 2 }
		}
		patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
		var request sync.WaitGroup
		request.Go(func() {
			if _, err := deployments.Patch(ctx, "web", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
				b.Errorf("scale: %v", err)
			}
		})
		tt.Until("the screen shows the new verdict", verdict.MatchString)
		shown := time.Now()
		request.Wait()
		fromEvent.add(shown.Sub(events.until(b, decides)))
		events.untilQuiet(b)
	}
	fromEvent.report(b, "event")
	b.ReportMetric(before, "rss-MB")
	b.ReportMetric(residentMB(b, home), "rss-after-MB")
	tt.Keys("q")
	tt.Exit(0)
}

// samples are durations of one kind.
type samples []time.Duration

func (s *samples) add(d time.Duration)   { *s = append(*s, d) }
func (s *samples) since(began time.Time) { s.add(time.Since(began)) }
func (s samples) quantile(q float64) float64 {
	sorted := slices.Sorted(slices.Values(s))
	return float64(sorted[max(0, int(math.Ceil(q*float64(len(s))))-1)]) / float64(time.Millisecond)
}

// report reports the median and the slowest; of a hundred samples and more the
// 99th percentile, which is by nearest rank a value that was measured.
func (s samples) report(b *testing.B, name string) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(s.quantile(0.5), name+"-p50-ms")
	if len(s) >= 100 {
		b.ReportMetric(s.quantile(0.99), name+"-p99-ms")
	}
	b.ReportMetric(s.quantile(1), name+"-max-ms")
}

// openTutor starts the tutor on a terminal.
func openTutor(b *testing.B, home string, args ...string) *tuitest.T {
	b.Helper()
	cmd := exec.Command(built.tutor, args...)
	cmd.Env = environment(home, "C.UTF-8")
	return tuitest.Setup{Timeout: benchTimeout}.Command(b, cmd, 120, 40)
}

// tutor runs a command of the tutor and returns its output.
func tutor(b *testing.B, home string, args ...string) string {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), benchTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, built.tutor, args...)
	cmd.Env = environment(home, "C.UTF-8")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			out = exit.Stderr
		}
		b.Fatalf("k8stutor %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// residentMB is the resident memory of a home's sandbox, in millions of bytes.
func residentMB(b *testing.B, home string) float64 {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(daemonPID(b, home)), "status"))
	if err != nil {
		b.Skipf("resident memory is read from /proc: %v", err)
	}
	for line := range bytes.Lines(text) {
		if f := strings.Fields(string(line)); len(f) == 3 && f[0] == "VmRSS:" {
			kB, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kB * 1024 / 1e6
		}
	}
	b.Fatalf("process %d has no VmRSS", daemonPID(b, home))
	return 0
}

// client is a client for the API server of a home's sandbox.
func client(b *testing.B, home string) dynamic.Interface {
	b.Helper()
	path := strings.TrimSpace(tutor(b, home, "sandbox", "kubeconfig"))
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		b.Fatal(err)
	}
	config.QPS = -1
	c, err := dynamic.NewForConfig(config)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// runPod creates a Pod and waits for it to be Running.
func runPod(b *testing.B, home string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), benchTimeout)
	pods := client(b, home).Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace("default")
	pod, err := pods.Create(ctx, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1",
		"kind":       "Pod",
		"metadata":   map[string]any{"generateName": "bench-"},
		"spec":       podSpec(),
	}}, metav1.CreateOptions{})
	if err != nil {
		cancel()
		b.Fatal(err)
	}
	events, stop := follow(b, ctx, pods, pod)
	defer stop()
	defer cancel()
	events.until(b, func(p *unstructured.Unstructured) bool {
		phase, _, _ := unstructured.NestedString(p.Object, "status", "phase")
		return phase == "Running"
	})
}

func podSpec() map[string]any {
	return map[string]any{"containers": []any{map[string]any{"name": "nginx", "image": "nginx:1.27"}}}
}

func deployment(name string, replicas int64) *unstructured.Unstructured {
	labels := map[string]any{"app": name}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apps/v1",
		"kind":       "Deployment",
		"metadata":   map[string]any{"name": name},
		"spec": map[string]any{
			"replicas": replicas,
			"selector": map[string]any{"matchLabels": labels},
			"template": map[string]any{"metadata": map[string]any{"labels": labels}, "spec": podSpec()},
		},
	}}
}

// atRest is whether a Deployment has as many Pods as it is to have, all of them
// available, and its controller knows.
func atRest(replicas int64) func(*unstructured.Unstructured) bool {
	return func(d *unstructured.Unstructured) bool {
		return number(d, "status", "observedGeneration") == d.GetGeneration() &&
			number(d, "status", "replicas") == replicas && number(d, "status", "availableReplicas") == replicas
	}
}

func number(o *unstructured.Unstructured, path ...string) int64 {
	n, _, _ := unstructured.NestedInt64(o.Object, path...)
	return n
}

// event is a state of an object, and when it was received.
type event struct {
	object *unstructured.Unstructured
	at     time.Time
}

type eventStream chan event

// follow watches an object from the state it is given. Cancel ctx before stop.
func follow(b *testing.B, ctx context.Context, of dynamic.ResourceInterface, o *unstructured.Unstructured) (_ eventStream, stop func()) {
	b.Helper()
	w, err := of.Watch(ctx, metav1.ListOptions{
		FieldSelector:   fields.OneTermEqualSelector("metadata.name", o.GetName()).String(),
		ResourceVersion: o.GetResourceVersion(),
	})
	if err != nil {
		b.Fatal(err)
	}
	events := make(eventStream, 1000) // a Deployment's scaling makes a handful
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(events)
		for e := range w.ResultChan() {
			at := time.Now()
			object, ok := e.Object.(*unstructured.Unstructured)
			if !ok || e.Type != watch.Added && e.Type != watch.Modified {
				return
			}
			select {
			case events <- event{object, at}:
			case <-ctx.Done():
				return
			}
		}
	})
	return events, func() { w.Stop(); reading.Wait() }
}

// until takes events up to the first state that cond holds of, and returns when
// that was received.
func (s eventStream) until(b *testing.B, cond func(*unstructured.Unstructured) bool) time.Time {
	b.Helper()
	timer := time.NewTimer(benchTimeout)
	defer timer.Stop()
	for {
		select {
		case e, open := <-s:
			if !open {
				b.Fatal("the watch has ended")
			}
			if cond(e.object) {
				return e.at
			}
		case <-timer.C:
			b.Fatalf("not so after %v", benchTimeout)
		}
	}
}

// untilQuiet takes events until none has come for a while.
func (s eventStream) untilQuiet(b *testing.B) {
	b.Helper()
	const quiet = 300 * time.Millisecond
	for {
		select {
		case _, open := <-s:
			if !open {
				b.Fatal("the watch has ended")
			}
		case <-time.After(quiet):
			return
		}
	}
}
