package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// BenchmarkTerminal prints `seq 1 200000` in the tutor's terminal pane and in
// tmux, in turn, in terminals of the same size, and takes the time from the enter
// key to the end being on the screen. The last figure is the tutor's resident
// memory with a full scrollback of 10,000 lines, 120 columns of them Chinese.
func BenchmarkTerminal(b *testing.B) {
	if _, err := exec.LookPath("tmux"); err != nil {
		b.Skip("tmux is not installed")
	}
	home := b.TempDir()
	b.Cleanup(func() { stopSandbox(b, home) })
	tutor(b, home, "sandbox", "up")

	cmd := exec.Command(built.tutor, "--cluster", "sandbox", "services")
	cmd.Env = environment(home, "C.UTF-8")
	pane := tuitest.Setup{Timeout: benchTimeout}.Command(b, cmd, 120, 40)
	pane.Wait("page 1 of")
	pane.Keys("e")
	pane.WaitRE(`Create the Deployment +not yet`)
	pane.Keys("f6")
	pane.Type("PS1='ready> '; clear\r")
	pane.Wait("ready>")

	judge := exec.Command("tmux", "-S", filepath.Join(home, "tmux"), "-f", "/dev/null", "new-session", "env PS1='ready> ' bash --norc -i")
	judge.Env = environment(home, "C.UTF-8")
	other := tuitest.Setup{Timeout: benchTimeout}.Command(b, judge, 120, 40)
	other.Wait("ready>")
	b.Cleanup(func() { exec.Command("tmux", "-S", filepath.Join(home, "tmux"), "kill-server").Run() })

	n := 0
	print := func(tt *tuitest.T) time.Duration {
		n++
		tt.Type(fmt.Sprintf("clear; seq 1 200000; echo end-$((%d))-", n))
		began := time.Now()
		tt.Type("\r")

		tt.WaitRE(fmt.Sprintf(`(?m)end-%d-`, n))
		return time.Since(began)
	}
	var ours, theirs samples
	for b.Loop() {
		ours.add(print(pane))
		theirs.add(print(other))
	}
	ours.report(b, "pane")
	theirs.report(b, "tmux")
	b.ReportMetric(ours.quantile(0.5)/theirs.quantile(0.5), "pane/tmux")

	pane.Type("clear; yes " + strings.Repeat("中文", 15) + " | head -n 12000; echo full-$((1))-\r")
	pane.WaitRE(`(?m)full-1-`)
	b.ReportMetric(processMB(b, cmd.Process.Pid), "rss-MB")
	pane.Keys("ctrl+]", "q")
	pane.Exit(0)
}

// processMB is the resident memory of a process.
func processMB(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skipf("memory is read from /proc: %v", err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		b.Fatal("no resident memory in /proc")
	}
	kb, err := strconv.Atoi(string(m[1]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kb) / 1024
}
