package shell_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// screen is what a person sees.
type screen struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{}
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	close(s.changed)
	s.changed = make(chan struct{})
	return len(b), nil
}

// conversation is a shell on a terminal.
type conversation struct {
	t      *testing.T
	tty    *proc.TTY
	screen *screen
	seen   int // how much of the screen has been waited for
	ended  chan int
}

func converse(t *testing.T, imageName string, args ...string) *conversation {
	t.Helper()
	p := newTestTask(t, imageName, args...)
	// A container has a first process beside it, which ignores what it does not handle.
	init := p.Container.NewProcess([]string{"/pause"}, nil, "/")
	p.Table.AddIdle(init)
	return onTerminal(t, p, imageName, args...)
}

// onTerminal runs a process on a terminal.
func onTerminal(t *testing.T, p *proc.Process, imageName string, args ...string) *conversation {
	t.Helper()
	c := &conversation{t: t, screen: &screen{changed: make(chan struct{})}, ended: make(chan int, 1)}
	c.tty = proc.NewTTY(c.screen, p.Table)
	p.TTY, p.Stdin, p.Stdout, p.Stderr = c.tty, c.tty, c.tty, c.tty
	program, ok := p.Image.LookUp(args[0])
	if !ok {
		t.Fatalf("%s has no %s", imageName, args[0])
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { c.ended <- p.Run(ctx, program) }()
	t.Cleanup(cancel)
	return c
}

// wait waits until text appears after what was waited for before.
func (c *conversation) wait(text string) {
	c.t.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	for {
		c.screen.mu.Lock()
		all, changed := c.screen.text.String(), c.screen.changed
		c.screen.mu.Unlock()
		if i := strings.Index(all[c.seen:], text); i >= 0 {
			c.seen += i + len(text)
			return
		}
		select {
		case <-changed:
		case <-limit.C:
			c.t.Fatalf("%q did not appear; the screen shows %q", text, all)
		}
	}
}

func (c *conversation) typeKeys(keys string) { c.tty.Input([]byte(keys)) }

// do types a line and waits for the answer and the next prompt.
func (c *conversation) do(line, answer string) {
	c.t.Helper()
	c.typeKeys(line + "\r")
	c.wait("\r\n" + answer + "/ # ")
}

func TestAPersonTalksToAShell(t *testing.T) {
	t.Parallel()
	c := converse(t, "busybox", "sh")
	c.wait("/ # ")
	c.do("echo hello", "hello\r\n")
	c.do("false", "")
	c.do("echo $?", "1\r\n")
	c.do("nope", "sh: nope: not found\r\n")
	c.do("x=5; f() { echo $((x+1)); }", "")
	c.do("f", "6\r\n")
	c.typeKeys("for i in 1 2\r")
	c.wait("> ")
	c.typeKeys("do echo $i; done\r")
	c.wait("1\r\n2\r\n/ # ")
	c.typeKeys("cd /tmp\r")
	c.wait("/tmp # ")
	c.typeKeys("cd\r")
	c.wait("~ # ")
	c.do("cd /", "")
	c.typeKeys("echo one\x15\x1b[A\x1b[A\x1b[A\r") // erased, then the line before the last two: cd /tmp
	c.wait("/tmp # ")
	c.do("cd /", "")
	c.do("echo /etc/hostn\t", "/etc/hostname\r\n")
	c.typeKeys("exit 3\r")
	if code := <-c.ended; code != 3 {
		t.Errorf("it ended with %d", code)
	}
}

func TestControlCEndsTheCommandAndNotTheShell(t *testing.T) {
	t.Parallel()
	c := converse(t, "busybox", "sh")
	c.wait("/ # ")
	for name, tc := range map[string]struct{ line, seen string }{
		"a program":             {"echo go; sleep 1000", "go\r\n"},
		"a loop of programs":    {"while true; do echo go; sleep 1000; done", "go\r\n"},
		"a loop of builtins":    {"echo go; while :; do :; done", "go\r\n"},
		"a pipeline":            {"echo go; sleep 1000 | cat", "go\r\n"},
		"a program that reads":  {"echo go; cat", "go\r\n"},
		"the builtin that does": {"echo go; read x", "go\r\n"},
	} {
		c.typeKeys(tc.line + "\r")
		c.wait("\r\n" + tc.seen)
		c.typeKeys("\x03")
		c.wait("^C\r\n/ # ")
		c.typeKeys("echo $?\r")
		c.wait("\r\n")
		c.wait("130\r\n/ # ")
		if t.Failed() {
			t.Fatal(name)
		}
	}
	c.typeKeys("half a line\x03")
	c.wait("^C\r\n/ # ")
}

func TestControlDEndsTheShellAndInputOfCommands(t *testing.T) {
	t.Parallel()
	c := converse(t, "busybox", "sh")
	c.wait("/ # ")
	c.typeKeys("cat\r")
	c.wait("cat\r\n")
	c.typeKeys("abc\r")
	c.wait("abc\r\nabc\r\n")
	c.typeKeys("\x04")
	c.wait("/ # ")
	c.do("(exit 4)", "")
	c.typeKeys("\x04")
	if code := <-c.ended; code != 4 {
		t.Errorf("it ended with %d", code)
	}
}

func TestABackgroundCommandOutlivesControlC(t *testing.T) {
	t.Parallel()
	c := converse(t, "busybox", "sh")
	c.wait("/ # ")
	c.typeKeys("sleep 1000 &\r")
	c.wait("[1] ")
	c.wait("/ # ")
	c.typeKeys("sleep 2000\r")
	c.wait("sleep 2000\r\n")
	c.typeKeys("\x03")
	c.wait("/ # ")
	c.typeKeys("jobs\r")
	c.wait("Running")
	c.wait("sleep 1000")
	c.wait("/ # ")
	c.typeKeys("kill %1; wait\r")
	c.wait("/ # ")
}

func TestAShellInAShellHasTheTerminal(t *testing.T) {
	t.Parallel()
	c := converse(t, "busybox", "sh")
	c.wait("/ # ")
	c.do("PS1='inner # ' sh -c 'exit 0'", "")
	c.typeKeys("PS1='inner # ' sh\r")
	c.wait("' sh\r\n") // the echo of what was typed has the prompt in it
	c.wait("inner # ")
	c.typeKeys("sleep 1000\r")
	c.wait("sleep 1000\r\n")
	c.typeKeys("\x03")
	c.wait("inner # ")
	c.typeKeys("\x04")
	c.wait("/ # ")
	c.do("echo outer", "outer\r\n")
}

func TestAnInterruptEndsTheFirstShellOfAContainer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script, shows string
		code          int
	}{
		"a loop":                    {"while sleep 0.01; do echo tick; done", "tick", 130},
		"a command among others":    {"echo tick; sleep 1000; echo never", "tick", 130},
		"the EXIT trap runs":        {"trap 'echo bye' EXIT; echo tick; sleep 1000; true", "tick", 130},
		"a trap is the script's":    {"trap 'echo caught; exit 5' INT; echo tick; while true; do sleep 0.01; done", "tick", 5},
		"what ignores it goes on":   {"trap '' INT; echo tick; sleep 0.2; exit 7", "tick", 7},
		"a program in its place is": {"echo tick; exec sh -c 'trap \"exit 9\" INT; echo tock; while true; do sleep 0.01; done'", "tock", 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"sh", "-c", tc.script}
			c := onTerminal(t, newTestTask(t, "busybox", args...), "busybox", args...)
			c.wait(tc.shows)
			c.typeKeys("\x03")
			select {
			case code := <-c.ended:
				if code != tc.code {
					t.Errorf("it ended with %d, want %d", code, tc.code)
				}
			case <-time.After(20 * time.Second):
				t.Errorf("it goes on; the screen shows %q", c.screen.text.String())
			}
			if tc.script[:8] == "trap 'ec" && !strings.Contains(c.screen.text.String(), map[int]string{130: "bye", 5: "caught"}[tc.code]) {
				t.Errorf("its trap did not run: %q", c.screen.text.String())
			}
		})
	}
}

func TestAnInterruptSparesAProgramThatIsTheFirstProcess(t *testing.T) {
	t.Parallel()
	args := []string{"sh", "-c", "echo tick; exec sleep 1"}
	c := onTerminal(t, newTestTask(t, "busybox", args...), "busybox", args...)
	c.wait("tick")
	c.wait("\n")
	c.typeKeys("\x03")
	if code := <-c.ended; code != 0 {
		t.Errorf("it ended with %d", code)
	}
}
