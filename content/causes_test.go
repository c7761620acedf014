package content_test

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

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// causeScene is something broken that a learner may make, and what is to be
// found on a real cluster.
type causeScene struct {
	name     string
	query    lessons.Query
	expr     string // over "it"
	path     string
	commands []string
	id       string
	object   string
}

func kindOf(t *testing.T, name string) lessons.Kind {
	t.Helper()
	k, ok := lessons.KindNamed(name)
	if !ok {
		t.Fatalf("no kind %s", name)
	}
	return k
}

func causeScenes(t *testing.T) []causeScene {
	deployment := lessons.Query{Kind: kindOf(t, "Deployment"), Object: "web"}
	slices := lessons.Query{Kind: kindOf(t, "EndpointSlice"), Selector: map[string]string{"kubernetes.io/service-name": "web"}}
	pod := lessons.Query{Kind: kindOf(t, "Pod"), Object: "web"}
	const (
		available = "rolledOut(it)"
		addresses = "readyAddresses(it) > 0"
		ready     = "isReady(it)"
	)
	apply := func(manifest string) string { return "printf '%s' '" + manifest + "' | kubectl apply -f -" }
	return []causeScene{
		{"image", deployment, available, "status", []string{"kubectl create deployment web --image=ngnix:1.27"}, "image-pull", ""},
		{"quota", deployment, available, "status", []string{"kubectl create quota few --hard=pods=1", "kubectl create deployment web --image=nginx:1.27 --replicas=2"}, "quota", "Deployment/web"},
		{"too-big", pod, ready, "status", []string{apply(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"c","image":"nginx:1.27","resources":{"requests":{"cpu":"500"}}}]}}`)},
			"unschedulable-resources", "Pod/web"},
		{"no-node", pod, ready, "status", []string{`kubectl run web --image=nginx:1.27 --overrides='{"spec":{"nodeSelector":{"disk":"ssd"}}}'`}, "unschedulable-affinity", "Pod/web"},
		{"namespace", lessons.Query{Kind: kindOf(t, "ConfigMap"), Object: "cause-settings"}, "has(it.metadata)", "",
			[]string{"kubectl create configmap cause-settings --namespace=default --from-literal=a=b"}, "other-namespace", "ConfigMap/cause-settings"},
		{"label", slices, addresses, "endpoints", []string{"kubectl create deployment web --image=nginx:1.27", "kubectl expose deployment web --port=80", "kubectl set selector service web app=wbe"},
			"selector", "Service/web"},
		{"port-name", slices, addresses, "endpoints", []string{
			`kubectl create deployment web --image=nginx:1.27 --port=80`, "kubectl expose deployment web --port=80 --target-port=http"}, "target-port", "Service/web"},
		{"config-map", pod, ready, "status", []string{apply(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"name":"c","image":"nginx:1.27","envFrom":[{"configMapRef":{"name":"settings"}}]}]}}`)},
			"container-config", "Pod/web"},
		{"crash", pod, ready, "status", []string{"kubectl run web --image=busybox:1.36 -- sh -c 'exit 3'"}, "crash", "Pod/web"},
		{"kind", deployment, available, "status", []string{"kubectl run web --image=nginx:1.27"}, "other-kind", "Pod/web"},
		{"near", deployment, available, "status", []string{"kubectl create deployment wbe --image=nginx:1.27"}, "near-name", "Deployment/wbe"},
		{"zero", deployment, available, "status", []string{"kubectl create deployment web --image=nginx:1.27 --replicas=0"}, "no-replicas", "Deployment/web"},
		{"job-quota", lessons.Query{Kind: kindOf(t, "Job"), Object: "work"}, "it.status.succeeded == 1", "status",
			[]string{"kubectl create quota none --hard=pods=0", "kubectl create job work --image=busybox:1.36 -- true"}, "quota", "Job/work"},
		{"job-failed", lessons.Query{Kind: kindOf(t, "Job"), Object: "work"}, "it.status.succeeded == 1", "status", []string{
			apply(`{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"work"},"spec":{"backoffLimit":0,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"busybox:1.36","command":["sh","-c","exit 2"]}]}}}}`)},
			"job-failed", "Job/work"},
		{"healthy", deployment, available, "status", []string{"kubectl create deployment web --image=nginx:1.27"}, "", ""},
	}
}

// shell runs command lines with kubectl pinned to a workspace.
type shell struct {
	c    *cluster.Cluster
	dir  string
	path string
	mu   sync.Mutex // the cluster writes one kubeconfig at a time
}

func newShell(t *testing.T, c *cluster.Cluster) *shell {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(sandbox.Options(t).Env("K8STUTOR_SANDBOX"), filepath.Join(dir, "kubectl")); err != nil {
		t.Fatal(err)
	}
	return &shell{c: c, dir: dir, path: dir + string(filepath.ListSeparator) + os.Getenv("PATH")}
}

// run returns what the command printed. One that fails is no error: it may be
// refused by the API server.
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
		return string(out), nil
	}
	return string(out), err
}

// kubeconfig is a copy for this workspace alone, for many are used at once.
func (s *shell) kubeconfig(ws lessons.Workspace) (string, error) {
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
	own := filepath.Join(s.dir, ws.Namespace+".kubeconfig")
	return own, os.WriteFile(own, data, 0o600)
}

// TestCausesOnTheSandbox makes broken things with kubectl and sees that their
// cause is found in what the real components write about them.
func TestCausesOnTheSandbox(t *testing.T) {
	c := sandbox.Open(t)
	sh := newShell(t, c)
	for _, s := range causeScenes(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
			defer stop()
			s.query.Name = "it"
			l := &lessons.Lesson{ID: "cause-" + s.name, Steps: []*lessons.Step{{ID: "step", Kind: lessons.Do, Queries: []lessons.Query{
				s.query, {Name: "services", Kind: kindOf(t, "Service")}, {Name: "configs", Kind: kindOf(t, "ConfigMap")}, {Name: "secrets", Kind: kindOf(t, "Secret")}},
				Checks: []*lessons.Check{{ID: "check", Title: lessons.Same("check"), Why: lessons.Same("why"), About: "it", Path: s.path, Expr: lessons.Expr{Source: s.expr}}}}}}
			store, _, err := lessons.OpenStore(filepath.Join(t.TempDir(), "progress.json"), time.Now)
			if err != nil {
				t.Fatal(err)
			}
			ex := lessons.NewExercise(l, c, store, time.Now)
			rep, err := ex.Wait(ctx, func(r lessons.Report) bool { return r.Steps[0].Begun })
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				// The deadline ends the wait, not the deletion.
				ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Second)
				defer cancel()
				_ = c.Clear(ctx, rep.Workspace)
			})
			said := ""
			for _, command := range s.commands {
				out, err := sh.run(ctx, rep.Workspace, command)
				if err != nil {
					t.Fatal(err)
				}
				said += out
			}
			rep, err = ex.Wait(ctx, func(r lessons.Report) bool {
				res := r.Steps[0]
				return s.id == "" && res.Verdict == lessons.Pass || res.Checks[0].Cause != nil && res.Checks[0].Cause.ID == s.id
			})
			if s.query.Object == "cause-settings" {
				if out, err := sh.run(t.Context(), rep.Workspace, "kubectl delete configmap cause-settings --namespace=default"); err != nil {
					t.Error(err, out)
				}
			}
			res := rep.Steps[0]
			if err != nil || ctx.Err() != nil {
				t.Fatalf("cause %q is not found: %v\n%s\nthe commands said: %s", s.id, err, found(res), said)
			}
			if s.id == "" {
				return
			}
			cause := res.Checks[0].Cause
			if res.Verdict != lessons.NotYet || s.object != "" && cause.Object.String() != s.object || res.Diagnosis.In(lessons.English) != cause.Text.In(lessons.English) {
				t.Errorf("verdict %s, object %s\n%s", res.Verdict, cause.Object, found(res))
			}
			t.Log(cause.Text.In(lessons.English))
		})
	}
}

func found(res lessons.StepResult) string {
	c := res.Checks[0]
	s := fmt.Sprintf("verdict %s, waiting %q", c.Verdict, c.Waiting.In(lessons.English))
	if c.Cause != nil {
		s += fmt.Sprintf(", cause %s (stuck %t): %s", c.Cause.ID, c.Cause.Stuck, c.Cause.Text.In(lessons.English))
	}
	return s
}
