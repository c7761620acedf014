package content_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/clustertest"
	"github.com/k8stutor/k8stutor/content"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursetest"
)

var sandbox clustertest.Sandbox

// atOnce is how many scenarios run beside each other. They mostly wait for the
// cluster, so it is more than there are processors.
const atOnce = "6"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(sandbox.Main(m))
}

func course(t *testing.T) *lessons.Course {
	t.Helper()
	c, err := lessons.Load(content.Courses, "kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shell runs a lesson's commands as a learner's shell would: kubectl is on the
// PATH and pinned to the workspace. Many of them run at once, so each workspace
// has a kubeconfig of its own, and kubectl is linked where it is not pinned to
// the one that the tutor writes.
type shell struct {
	c    *cluster.Cluster
	dir  string
	path string
	mu   sync.Mutex // the cluster writes one kubeconfig at a time
}

func newShell(t *testing.T, c *cluster.Cluster) *shell {
	t.Helper()
	o := sandbox.Options(t)
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(o.Env("K8STUTOR_SANDBOX"), filepath.Join(bin, "kubectl")); err != nil {
		t.Fatal(err)
	}
	return &shell{c: c, dir: dir, path: bin + string(filepath.ListSeparator) + o.Env("PATH")}
}

func (s *shell) run(ctx context.Context, ws lessons.Workspace, command string) (string, error) {
	kubeconfig, err := s.kubeconfig(ws)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir = s.dir
	cmd.Env = []string{"HOME=" + s.dir, "PATH=" + s.path, "KUBECONFIG=" + kubeconfig}
	out, err := cmd.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		return string(out), nil // a mistake may be refused
	}
	return string(out), err
}

func (s *shell) kubeconfig(ws lessons.Workspace) (string, error) {
	own := filepath.Join(s.dir, ws.Namespace+".kubeconfig")
	s.mu.Lock()
	defer s.mu.Unlock()
	path, err := s.c.WriteKubeconfig(ws)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return own, os.WriteFile(own, data, 0o600)
}

// TestLessonsOnTheSandbox proves every step of every lesson in both directions.
func TestLessonsOnTheSandbox(t *testing.T) {
	c := sandbox.Open(t)
	sh := newShell(t, c)
	var alone []coursetest.Scenario
	n := 0
	play := func(t *testing.T, s coursetest.Scenario, suffix string) {
		if err := coursetest.Play(t.Context(), c, sh.run, s, suffix, sh.dir); err != nil {
			t.Error(err)
		}
	}
	t.Run("beside each other", func(t *testing.T) {
		for _, l := range course(t).Lessons() {
			for _, s := range coursetest.Scenarios(l) {
				if s.Foreign() {
					alone = append(alone, s)
					continue
				}
				n++
				suffix := fmt.Sprint(n)
				t.Run(s.Name(), func(t *testing.T) {
					t.Parallel()
					play(t, s, suffix)
				})
			}
		}
	})
	for _, s := range alone {
		n++
		t.Run(s.Name(), func(t *testing.T) {
			play(t, s, fmt.Sprint(n))
			tidy := "kubectl delete deployment,pod,service --all -n default --wait=true"
			if out, err := sh.run(t.Context(), lessons.Workspace{Lesson: "tidy", Namespace: "default"}, tidy); err != nil {
				t.Error(err, out)
			}
		})
	}
}
