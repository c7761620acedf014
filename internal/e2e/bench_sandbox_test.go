package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var deployments = schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}

// upSandbox starts a sandbox that has run a Pod, and returns its home.
func upSandbox(b *testing.B) string {
	b.Helper()
	home := b.TempDir()
	b.Cleanup(func() { stopSandbox(b, home) })
	tutor(b, home, "sandbox", "up")
	runPod(b, home)
	return home
}

// BenchmarkScale makes a Deployment of a hundred Pods and waits until all are
// available. It also reports how much memory the daemon holds more than before.
func BenchmarkScale(b *testing.B) {
	const replicas = 100
	var ready samples
	for b.Loop() {
		home := upSandbox(b)
		before := residentMB(b, home)
		in := client(b, home).Resource(deployments).Namespace("default")
		began := time.Now()
		d, err := in.Create(b.Context(), deployment("hundred", replicas), metav1.CreateOptions{})
		if err != nil {
			b.Fatal(err)
		}
		events, stop := follow(b, b.Context(), in, d)
		events.until(b, atRest(replicas))
		ready.since(began)
		stop()
		b.ReportMetric(residentMB(b, home)-before, "added-MB")
		stopSandbox(b, home)
	}
	ready.report(b, "ready")
}

// BenchmarkIdle reports how much of one processor a sandbox uses that nobody
// talks to: what the kernel charged its process with during a minute, after
// the start has settled for another.
func BenchmarkIdle(b *testing.B) {
	home := upSandbox(b)
	for b.Loop() {
		waitIdle(b, home, time.Minute)
		b.ReportMetric(waitIdle(b, home, time.Minute), "core-%")
	}
	b.ReportMetric(0, "ns/op")
}

// clockTick is the unit of /proc/PID/stat on Linux.
const clockTick = 10 * time.Millisecond

// waitIdle waits and returns the share of a processor used meanwhile, in percent.
func waitIdle(b *testing.B, home string, d time.Duration) float64 {
	b.Helper()
	before := processorTime(b, home)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.Context().Done():
		b.Fatal(b.Context().Err())
	}
	return 100 * float64(processorTime(b, home)-before) / float64(d)
}

// processorTime is what the daemon has used of the processors so far.
func processorTime(b *testing.B, home string) time.Duration {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(daemonPID(b, home)), "stat"))
	if err != nil {
		b.Skipf("processor time is read from /proc: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name may hold spaces
	fields := strings.Fields(rest)
	var total time.Duration
	for _, i := range []int{11, 12} { // utime and stime, see proc(5)
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			b.Fatal(err)
		}
		total += time.Duration(n) * clockTick
	}
	return total
}

func daemonPID(b *testing.B, home string) int {
	b.Helper()
	var status struct{ PID int }
	if err := json.Unmarshal([]byte(tutor(b, home, "sandbox", "status", "-o", "json")), &status); err != nil {
		b.Fatal(err)
	}
	return status.PID
}

// BenchmarkExec runs `kubectl exec POD -- true`, and `kubectl get pod` for what
// kubectl itself and one request take.
func BenchmarkExec(b *testing.B) {
	home := upSandbox(b)
	tutor(b, home, "kubectl", "-n", "default", "run", "box", "--image=busybox", "--command", "--", "sleep", "infinity")
	tutor(b, home, "kubectl", "-n", "default", "wait", "--for=condition=Ready", "pod/box", "--timeout=60s")
	var exec, get samples
	for b.Loop() {
		began := time.Now()
		tutor(b, home, "kubectl", "-n", "default", "exec", "box", "--", "true")
		exec.since(began)
		began = time.Now()
		tutor(b, home, "kubectl", "-n", "default", "get", "pod", "box")
		get.since(began)
	}
	exec.report(b, "exec")
	get.report(b, "get")
}

// BenchmarkRequests lets wget in one Pod fetch the page of nginx in another
// through a Service, and reports how many times a second. What exec and the
// shell take is left out by the difference of a long and a short run.
func BenchmarkRequests(b *testing.B) {
	const few, many = 100, 4100
	home := upSandbox(b)
	kubectl := func(args ...string) { tutor(b, home, append([]string{"kubectl", "-n", "default"}, args...)...) }
	kubectl("create", "deployment", "web", "--image=nginx:1.27")
	kubectl("expose", "deployment", "web", "--port=80")
	kubectl("run", "box", "--image=busybox", "--command", "--", "sleep", "infinity")
	kubectl("wait", "--for=condition=Ready", "pod/box", "--timeout=60s")
	kubectl("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")
	// The DNS of a new sandbox comes up beside its first Pods.
	kubectl("exec", "box", "--", "sh", "-c", "until wget -q -O /dev/null http://web 2>/dev/null; do sleep 0.1; done")
	kubectl("wait", "-n", "kube-system", "--for=condition=Available", "deployment/coredns", "--timeout=60s")
	fetch := func(n int) time.Duration {
		began := time.Now()
		kubectl("exec", "box", "--", "sh", "-c", fmt.Sprintf("seq %d | sed 's|.*|http://web/|' | xargs -n 1000 wget -q -O /dev/null", n))
		return time.Since(began)
	}
	for b.Loop() {
		short := fetch(few)
		b.ReportMetric((many-few)/(fetch(many)-short).Seconds(), "requests/s")
	}
	b.ReportMetric(0, "ns/op")
}
