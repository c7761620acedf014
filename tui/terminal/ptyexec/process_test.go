//go:build unix

package ptyexec

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// output collects what a command prints and lets a test wait for it.
type output struct {
	mu      sync.Mutex
	changed *sync.Cond
	buf     bytes.Buffer
}

func newOutput() *output {
	o := &output{}
	o.changed = sync.NewCond(&o.mu)
	return o
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.changed.Broadcast()
	return o.buf.Write(p)
}

// wait returns the output once it holds s.
func (o *output) wait(t *testing.T, s string) string {
	t.Helper()
	late := false
	timer := time.AfterFunc(20*time.Second, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		late = true
		o.changed.Broadcast()
	})
	defer timer.Stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	for !strings.Contains(o.buf.String(), s) {
		if late {
			t.Fatalf("no %q in the output:\n%s", s, o.buf.String())
		}
		o.changed.Wait()
	}
	return o.buf.String()
}

func start(t *testing.T, script string) (*Process, *Input, *output) {
	t.Helper()
	in, out := NewInput(), newOutput()
	p, err := Start(exec.Command("sh", "-c", script), 80, 24, in, out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, in, out
}

func waitDone(t *testing.T, p *Process) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the command did not end")
	}
}

func TestCommandReadsAndWritesItsTerminal(t *testing.T) {
	t.Parallel()
	p, in, out := start(t, `stty size; read line; echo "got $line"; exit 3`)
	out.wait(t, "24 80")
	if _, ok := p.ExitCode(); ok {
		t.Error("an exit code while the command runs")
	}
	io.WriteString(in, "hello\n")
	waitDone(t, p)
	out.wait(t, "got hello")
	if code, ok := p.ExitCode(); code != 3 || !ok {
		t.Errorf("exit code %d, %v; want 3", code, ok)
	}
}

func TestResizeReachesTheCommand(t *testing.T) {
	t.Parallel()
	p, in, out := start(t, `trap 'stty size' WINCH; echo ready; while :; do read line; done`)
	out.wait(t, "ready")
	if err := p.Resize(100, 30); err != nil {
		t.Fatal(err)
	}
	io.WriteString(in, "\n") // some shells run traps only between commands
	out.wait(t, "30 100")
}

func TestCloseEndsWhatWillNotHangUp(t *testing.T) {
	t.Parallel()
	p, _, out := start(t, `trap '' HUP; echo pid=$$.; exec sleep 300`)
	text := out.wait(t, ".")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if code, ok := p.ExitCode(); code != 128+int(syscall.SIGKILL) || !ok {
		t.Errorf("exit code %d, %v; want that of SIGKILL", code, ok)
	}
	_, rest, _ := strings.Cut(text, "pid=")
	digits, _, _ := strings.Cut(rest, ".")
	pid, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(-pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the command's group is still there: %v", err)
	}
}

func TestCloseLeavesNothingOfTheSession(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the processes of a session can be found on Linux alone")
	}
	for name, script := range map[string]string{
		"the command has ended before":           `trap '' HUP; sleep 300 & echo pid=$!.; exit 0`,
		"the command and its job do not hang up": `trap '' HUP TERM; set -m; sleep 300 & echo pid=$!.; while :; do sleep 1; done`,
		"the job is stopped":                     `set -m; sh -c 'kill -STOP $$; sleep 300' & echo pid=$!.; cat`,
		"nothing obeys":                          `trap '' HUP TERM INT; sh -c 'trap "" HUP TERM; while :; do sleep 1; done' & echo pid=$!.; exec sleep 300`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _, out := start(t, script)
			text := out.wait(t, ".")
			_, rest, _ := strings.Cut(text, "pid=")
			digits, _, _ := strings.Cut(rest, ".")
			pid, err := strconv.Atoi(digits)
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			// Half a second, and what a busy machine adds to it.
			if d := time.Since(began); d > 2*time.Second {
				t.Errorf("closing took %v", d)
			}
			if !gone(pid) {
				t.Errorf("the job %d is left", pid)
			}
		})
	}
}

// gone reports whether a process has ended, or ends within a second.
func gone(pid int) bool {
	for range 100 {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return true
		}
		exec.Command("sleep", "0.01").Run()
	}
	return false
}

func TestWritingNeverBlocks(t *testing.T) {
	t.Parallel()
	p, in, out := start(t, `stty raw -echo; echo ready; exec sleep 300`)
	out.wait(t, "ready")
	block := bytes.Repeat([]byte("x"), 64<<10)
	var err error
	for range 2 * MaxInput / len(block) {
		if _, err = in.Write(block); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrInputFull) {
		t.Errorf("writing to a program that does not read: %v, want ErrInputFull", err)
	}
	p.Close()
	if _, err := in.Write(block); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("writing after Close: %v", err)
	}
}

func TestStartSaysWhatCouldNotBeStarted(t *testing.T) {
	t.Parallel()
	_, err := Start(exec.Command("/nonexistent/shell"), 80, 24, NewInput(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "/nonexistent/shell") {
		t.Errorf("error %v", err)
	}
}
