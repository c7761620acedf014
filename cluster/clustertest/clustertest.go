// Package clustertest gives the tests of a package one real sandbox. It is
// for tests only: it builds the sandbox's program where $K8STUTOR_SANDBOX
// does not name one, which takes minutes the first time.
package clustertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// Sandbox is a sandbox that is started by the first test that needs it. Make
// one per test package, and stop it in TestMain:
//
//	var sandbox clustertest.Sandbox
//
//	func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }
type Sandbox struct {
	mu       sync.Mutex
	program  string
	stateDir string
	lease    *cluster.Lease
	err      error
}

// Main runs the tests of a package, then stops the sandbox and deletes its
// data. It returns the exit code.
func (s *Sandbox) Main(m *testing.M) int {
	code := m.Run()
	if err := s.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the sandbox:", err)
		return max(code, 1)
	}
	return code
}

// Open opens the sandbox until the end of the test.
func (s *Sandbox) Open(t testing.TB) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Open(t.Context(), s.Options(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Options returns how to open the sandbox, which runs from then on.
func (s *Sandbox) Options(t testing.TB) cluster.Options {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a sandbox")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stateDir == "" && s.err == nil {
		s.err = s.start()
	}
	if s.err != nil {
		t.Fatalf("no sandbox: %v", s.err)
	}
	return options(s.stateDir, s.program)
}

// Alone returns how to open a sandbox that belongs to one test, for tests
// that kill it. It is stopped and its data deleted at the end of the test.
func (s *Sandbox) Alone(t testing.TB) cluster.Options {
	t.Helper()
	shared := s.Options(t)
	o := options(t.TempDir(), shared.Env("K8STUTOR_SANDBOX"))
	t.Cleanup(func() {
		if err := cluster.NewSandbox(o).Down(context.Background(), true); err != nil {
			t.Error("stop the sandbox: ", err)
		}
	})
	return o
}

// Workspace makes the workspace of a lesson on the cluster, which is deleted
// after the test. Tests that run beside each other use different lessons.
func Workspace(t testing.TB, c *cluster.Cluster, lesson string) lessons.Workspace {
	t.Helper()
	ws, err := c.Prepare(t.Context(), lesson)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The namespace controller takes five seconds and more; that it began is
		// enough, for Prepare waits for the end.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := c.Clear(ctx, lessons.Workspace{Lesson: ws.Lesson, Namespace: ws.Namespace})
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error("clear the workspace: ", err)
		}
	})
	return ws
}

// options leave nothing of the machine's own in sight but PATH.
func options(stateDir, program string) cluster.Options {
	env := map[string]string{
		"K8STUTOR_SANDBOX": program,
		"PATH":             os.Getenv("PATH"),
		"HOME":             stateDir,
		// A sandbox that tests drive has memory to spare and no time.
		"GOGC": "400", "GOMEMLIMIT": "1500MiB",
	}
	return cluster.Options{
		Choice:   cluster.ChoiceSandbox,
		StateDir: stateDir,
		Env:      func(name string) string { return env[name] },
	}
}

func (s *Sandbox) start() error {
	program, err := Program()
	if err != nil {
		return err
	}
	if s.stateDir, err = os.MkdirTemp("", "k8stutor-test-"); err != nil {
		return err
	}
	s.program = program
	// The package's own lease: the sandbox outlives each single test.
	s.lease, err = cluster.NewSandbox(options(s.stateDir, program)).Up(context.Background(), cluster.LeaseOptions{}, nil)
	return err
}

func (s *Sandbox) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stateDir == "" {
		return nil
	}
	if s.lease != nil {
		s.lease.Close()
	}
	if err := cluster.NewSandbox(options(s.stateDir, s.program)).Down(context.Background(), true); err != nil {
		return err
	}
	return os.RemoveAll(s.stateDir)
}

// Program returns the path of the sandbox's program. The built one is shared by
// all test packages; go build leaves it alone when it is up to date.
func Program() (string, error) {
	if program := os.Getenv("K8STUTOR_SANDBOX"); program != "" {
		return filepath.Abs(program)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "k8stutor-test")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	if err := lock.Lock(); err != nil {
		return "", err
	}
	defer lock.Close()
	program := filepath.Join(dir, "k8stutor-sandbox")
	command := exec.Command("go", "build", "-o", program, "github.com/k8stutor/k8stutor/cmd/k8stutor-sandbox")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, output)
	}
	return program, nil
}
