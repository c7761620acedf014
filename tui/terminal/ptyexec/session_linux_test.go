package ptyexec

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCloseEndsJobsThatIgnoreIt closes the terminal of a shell with a background
// job that ignores SIGHUP and SIGTERM. A process of another session lives on.
func TestCloseEndsJobsThatIgnoreIt(t *testing.T) {
	t.Parallel()
	other := exec.Command("sleep", "60")
	other.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Wait()
	defer other.Process.Kill()

	r, w := io.Pipe()
	p, err := Start(exec.Command("bash", "--norc", "-ic", `(trap '' HUP TERM; echo "job=$BASHPID."; exec sleep 61) & wait`), 80, 24, NewInput(), w)
	if err != nil {
		t.Fatal(err)
	}
	pid := 0
	for lines := bufio.NewScanner(r); pid == 0 && lines.Scan(); {
		if _, rest, found := strings.Cut(lines.Text(), "job="); found {
			number, _, _ := strings.Cut(rest, ".")
			pid, _ = strconv.Atoi(number)
		}
	}
	go io.Copy(io.Discard, r)
	if pid == 0 || syscall.Kill(pid, 0) != nil {
		t.Fatalf("the job %d does not run, so this proves nothing", pid)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	gone := func() bool {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(5 * time.Second); !gone(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("the job %d outlived its terminal", pid)
		}
	}
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("a process of another session was ended: %v", err)
	}
}
