package e2e

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// processesOf are the processes whose home is the given one, as "PID COMMAND".
// Zombies have ended.
func processesOf(home string) []string {
	var found []string
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		environ, err := os.ReadFile(filepath.Join(folder, "environ"))
		if err != nil || !bytes.Contains(append([]byte{0}, environ...), []byte("\x00HOME="+home+"\x00")) {
			continue
		}
		command, err := os.ReadFile(filepath.Join(folder, "cmdline"))
		if err == nil && len(command) > 0 {
			found = append(found, filepath.Base(folder)+" "+strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return found
}

// pollable is the same file in a mode in which closing it ends a read.
func pollable(t *testing.T, f *os.File) *os.File {
	t.Helper()
	defer f.Close()
	fd, err := syscall.Dup(int(f.Fd()))
	if err == nil {
		syscall.CloseOnExec(fd)
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), f.Name())
}

// eventually waits until cond holds.
func eventually(t *testing.T, what string, within time.Duration, cond func() bool) bool {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(within); ; {
		if cond() {
			return true
		}
		select {
		case <-tick.C:
		case <-late:
			t.Errorf("%s: not so after %v", what, within)
			return false
		}
	}
}

// TestALostTerminalLeavesNothing closes the tutor's terminal while it does an
// exercise and a program that ignores SIGHUP runs in its shell: the window is
// closed, the connection breaks, somebody sends the signal.
func TestALostTerminalLeavesNothing(t *testing.T) {
	for name, lose := range map[string]func(cmd *exec.Cmd, master *os.File){
		"closed": func(_ *exec.Cmd, master *os.File) { master.Close() },
		"hangup": func(cmd *exec.Cmd, _ *os.File) { cmd.Process.Signal(syscall.SIGHUP) },
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			t.Cleanup(func() { stopSandbox(t, home) })
			cmd := exec.Command(built.tutor, "--cluster", "sandbox", "services")
			cmd.Env, cmd.Dir = environment(home, "C.UTF-8"), home
			master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
			if err != nil {
				t.Fatal(err)
			}
			master = pollable(t, master)
			defer master.Close()
			screen := vt.New(120, 40, vt.Options{Reply: func(b []byte) { master.Write(b) }})
			go io.Copy(screen, master)
			shows := func(text string) {
				t.Helper()
				if !eventually(t, fmt.Sprintf("the screen shows %q", text), 2*time.Minute, func() bool { return strings.Contains(screen.Screen(), text) }) {
					t.Fatal(screen.Screen())
				}
			}
			shows("page 1 of")
			io.WriteString(master, "e")
			shows(lesson(t, "services").Steps[0].Title.In(lessons.English))
			shows("Terminal ─")
			io.WriteString(master, "\x1b[17~") // F6
			shows("ctrl-]")
			io.WriteString(master, "(trap '' HUP TERM; sleep 987) &\r")
			running := func() bool { return strings.Contains(strings.Join(processesOf(home), "\n"), "sleep 987") }
			eventually(t, "the program in the shell runs", time.Minute, running)

			lose(cmd, master)
			ended := make(chan struct{})
			go func() { cmd.Wait(); close(ended) }()
			select {
			case <-ended:
			case <-time.After(30 * time.Second):
				t.Errorf("the tutor still runs: %v", processesOf(home))
				cmd.Process.Kill()
			}
			if !eventually(t, "no process is left", time.Minute, func() bool { return len(processesOf(home)) == 0 }) {
				t.Errorf("left behind: %v", processesOf(home))
				for _, p := range processesOf(home) {
					var pid int
					if fmt.Sscan(p, &pid); pid > 1 {
						syscall.Kill(pid, syscall.SIGKILL)
					}
				}
			}
			if b, err := os.ReadFile(filepath.Join(home, "state", "k8stutor", "progress.json")); err != nil || !bytes.Contains(b, []byte("services")) {
				t.Errorf("progress was not kept: %v %s", err, b)
			}
		})
	}
}
