package tuitest

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/tui/terminal/ptyexec"
)

// Command starts a program in a terminal as [Setup.Command] does.
func Command(tb testing.TB, cmd *exec.Cmd, width, height int) *T {
	tb.Helper()
	return Setup{}.Command(tb, cmd, width, height)
}

// Command starts a program on a pseudo-terminal of the given size.
//
// Its environment is a clean one, so that a test does not depend on whose
// machine it runs on: PATH and TMPDIR as they are, TERM=xterm-256color,
// COLORTERM=truecolor, LANG=C.UTF-8, TZ=UTC, and HOME a fresh directory. What
// cmd.Env holds is set on top of that.
func (s Setup) Command(tb testing.TB, cmd *exec.Cmd, width, height int) *T {
	tb.Helper()
	// The fresh HOME comes first, so that it is removed after the program ended.
	cmd.Env = append(cleanEnvironment(tb, cmd.Env), cmd.Env...)
	t := s.newT(tb, width, height)
	p, err := ptyexec.Start(cmd, width, height, t.in, t)
	if err != nil {
		tb.Fatal(err)
	}
	t.resize = func(width, height int) {
		if err := p.Resize(width, height); err != nil {
			tb.Error(err)
		}
	}
	t.outcome = func() (int, error) {
		code, _ := p.ExitCode()
		return code, nil
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		<-p.Done()
		close(t.done)
		t.wake()
	}()
	t.stop = func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
		<-watched
	}
	return t
}

// cleanEnvironment is what every program is given.
func cleanEnvironment(tb testing.TB, given []string) []string {
	env := []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "TZ=UTC"}
	for _, key := range []string{"PATH", "TMPDIR", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(key); ok {
			env = append(env, key+"="+v)
		}
	}
	if !slices.ContainsFunc(given, func(kv string) bool { return strings.HasPrefix(kv, "HOME=") }) {
		env = append(env, "HOME="+tb.TempDir())
	}
	return env
}
