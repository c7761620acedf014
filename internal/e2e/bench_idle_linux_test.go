package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// BenchmarkTutorIdle leaves the tutor alone at a page for ten seconds, and takes
// the processor time that it uses, in hundredths of one processor.
func BenchmarkTutorIdle(b *testing.B) {
	cmd := exec.Command(built.tutor, "services", "--lang", "zh")
	cmd.Env = environment(b.TempDir(), "C.UTF-8")
	tt := tuitest.Setup{Timeout: benchTimeout}.Command(b, cmd, 120, 40)
	tt.Wait("第 1 页")
	const rest = 10 * time.Second
	used := time.Duration(0)
	for b.Loop() {
		before := tutorTime(b, cmd.Process.Pid)
		<-time.After(rest)
		used += tutorTime(b, cmd.Process.Pid) - before
	}
	b.ReportMetric(100*float64(used)/float64(rest)/float64(b.N), "core-%")
	b.ReportMetric(0, "ns/op")
}

// tutorTime is what a process has used, in ticks of 10 ms. See
// proc_pid_stat(5).
func tutorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var user, system int
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		b.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
