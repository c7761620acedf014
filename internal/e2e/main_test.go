// Package e2e tests the two programs as they are shipped: the real binaries,
// driven through a terminal emulator or by scripts, with a home folder of their
// own and a sandbox that they start themselves.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// programs are the paths of the two binaries.
type programs struct{ tutor, sandbox string }

var built programs

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run builds what the environment does not name, and runs the tests.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "k8stutor-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	for _, p := range []struct {
		path     *string
		env, pkg string
	}{
		{&built.tutor, "K8STUTOR_BIN", "github.com/k8stutor/k8stutor"},
		{&built.sandbox, "K8STUTOR_SANDBOX", "github.com/k8stutor/k8stutor/cmd/k8stutor-sandbox"},
	} {
		if *p.path = os.Getenv(p.env); *p.path != "" {
			continue
		}
		*p.path = filepath.Join(dir, filepath.Base(p.pkg))
		fmt.Fprintln(os.Stderr, "building", p.pkg)
		if out, err := exec.Command("go", "build", "-o", *p.path, p.pkg).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", p.pkg, err, out)
			return 1
		}
	}
	return m.Run()
}

// environment is what a learner's shell has, and nothing of this machine's.
// They have been here before: the welcome of the first run is a test of its own.
func environment(home, locale string) []string {
	welcomed(home)
	return []string{
		"HOME=" + home,
		"XDG_STATE_HOME=" + filepath.Join(home, "state"),
		"K8STUTOR_SANDBOX=" + built.sandbox,
		"PATH=" + filepath.Dir(built.tutor) + string(filepath.ListSeparator) + "/usr/local/bin:/usr/bin:/bin",
		"SHELL=/bin/bash",
		"TERM=xterm-256color",
		"COLORTERM=truecolor",
		"LANG=" + locale,
		"TMPDIR=" + os.TempDir(),
	}
}

// welcomed makes a home one whose learner has seen the welcome, unless it has
// progress already.
func welcomed(home string) {
	path := filepath.Join(home, "state", "k8stutor", "progress.json")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		panic(err)
	}
	if err := os.WriteFile(path, []byte(`{"version":1,"screen":{"welcomed":"2026-11-23T00:00:00Z"}}`), 0o600); err != nil {
		panic(err)
	}
}

// stopSandbox ends the sandbox of a home, whatever the test left behind, and
// makes sure that no process of it remains.
func stopSandbox(t testing.TB, home string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, built.tutor, "sandbox", "down", "--purge", "--yes")
	cmd.Env = environment(home, "C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("stop the sandbox: %v\n%s", err, out)
	}
}

// TestScripts runs the command lines of testdata/*.txtar.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			if err := os.MkdirAll(home, 0o700); err != nil {
				return err
			}
			env.Vars = append(env.Vars, environment(home, "C.UTF-8")...)
			env.Defer(func() {
				if _, err := os.Stat(filepath.Join(home, "state")); err == nil {
					stopSandbox(t, home)
				}
			})
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
		},
	})
}

// exits runs a program and compares its exit code: exits CODE PROGRAM ARG...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		ts.Fatalf("exits: %v", err)
	}
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("run %q: %v", args[1:], err)
	}
	if got != want {
		ts.Fatalf("%q exited with %d, want %d", args[1:], got, want)
	}
}
