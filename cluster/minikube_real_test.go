package cluster_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/minikube"
	"github.com/k8stutor/k8stutor/lessons"
)

// TestARealMinikube goes through the life of a profile with the minikube that is
// on $PATH: started, used, paused, let go on, stopped, started again. It runs
// only when $K8STUTOR_MINIKUBE names the profile, which may be there already and
// is left running. $KUBECONFIG has to be the one that minikube writes.
func TestARealMinikube(t *testing.T) {
	profile := os.Getenv("K8STUTOR_MINIKUBE")
	if profile == "" {
		t.Skip("K8STUTOR_MINIKUBE does not name a profile")
	}
	o := cluster.Options{Choice: cluster.ChoiceAuto, StateDir: t.TempDir(), Env: os.Getenv}
	before := currentContext(t)
	start := func() {
		t.Helper()
		began := time.Now()
		err := cluster.StartMinikube(t.Context(), o, profile, func(p cluster.Progress) {
			t.Logf("%6.2f s  %s %s: %s", time.Since(began).Seconds(), p.State, p.Title().In(lessons.English), p.Detail)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	start()
	if after := currentContext(t); before != "" && after != before {
		t.Errorf("the current context was %q and is %q", before, after)
	}
	found(t, o, profile, minikube.Running)
	use(t, o, profile)
	run(t, "pause", "-p", profile)
	found(t, o, profile, minikube.Paused)
	fails(t, o, profile, "paused")
	start()
	run(t, "stop", "-p", profile)
	found(t, o, profile, minikube.Stopped)
	fails(t, o, profile, "stopped")
	start()
	found(t, o, profile, minikube.Running)
}

func currentContext(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.SplitList(os.Getenv("KUBECONFIG"))[0])
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "current-context:"); ok {
			return strings.Trim(strings.TrimSpace(name), `"`)
		}
	}
	return ""
}

func run(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "minikube", args...).CombinedOutput(); err != nil {
		t.Fatalf("minikube %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// found checks that a profile is found in a state, and that auto takes it when it
// runs.
func found(t *testing.T, o cluster.Options, profile string, want minikube.State) {
	t.Helper()
	began := time.Now()
	all := cluster.Found(t.Context(), o)
	took := time.Since(began)
	for _, c := range all {
		if c.Name != profile || c.Provider != cluster.ProviderMinikube {
			continue
		}
		if c.Minikube == nil {
			t.Fatalf("minikube said nothing: %+v, %v", c, c.Problem)
		}
		t.Logf("found in %s: %s %s %s, %d nodes, addons %v, %s", took, c.Minikube.State, c.Minikube.Driver, c.Minikube.Version, c.Minikube.Nodes, c.Minikube.Addons, c.Note.In(lessons.English))
		if c.Minikube.State != want || c.Chosen != (want == minikube.Running) || c.Running != c.Chosen || (c.Problem == nil) != c.Running {
			t.Errorf("%s, want %s; chosen %v, running %v, problem %v", c.Minikube.State, want, c.Chosen, c.Running, c.Problem)
		}
		return
	}
	t.Errorf("%s was not found in %+v", profile, all)
}

func fails(t *testing.T, o cluster.Options, profile, says string) {
	t.Helper()
	o.Choice = profile
	c, err := cluster.Open(t.Context(), o, nil)
	if err == nil {
		c.Close()
	}
	trouble, ok := err.(*lessons.ClusterError)
	if !ok || trouble.Trouble != lessons.NotRunning || !strings.Contains(trouble.Error(), says) {
		t.Errorf("opening it while it is %s: %v", says, err)
		return
	}
	t.Logf("%v\n%s", trouble, trouble.Hint.In(lessons.Chinese))
}

// use opens the profile as auto does, asks what it supplies, adds what lessons
// can have added, and makes and clears a workspace.
func use(t *testing.T, o cluster.Options, profile string) {
	t.Helper()
	began := time.Now()
	c, err := cluster.Open(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	t.Logf("opened in %s: %+v", time.Since(began), c.Info())
	if c.Info().Name != profile {
		t.Fatalf("opened %s", c.Info().Name)
	}
	needs := []string{"traffic", "storage", "metrics", "ingress", "loadbalancer", "nodes>=2"}
	began = time.Now()
	for _, s := range c.Supplies(t.Context(), needs) {
		t.Logf("%s: %s: %s", s.Need, s.State, s.How.In(lessons.Chinese))
		if s.State == lessons.Unsure {
			t.Errorf("%s: it could be asked", s.Need)
		}
	}
	t.Logf("supplies in %s", time.Since(began))
	if err := c.Add(t.Context(), "metrics", func(stage, state, detail string) {
		t.Logf("%6.2f s  %s %s %s", time.Since(began).Seconds(), stage, state, detail)
	}); err != nil {
		t.Error(err)
	} else if s := c.Supplies(t.Context(), []string{"metrics"})[0]; s.State != lessons.Supplied {
		t.Errorf("after adding: %s", s.State)
	}
	if err := c.Add(t.Context(), "nodes>=9", nil); err == nil {
		t.Error("it added eight nodes")
	}
	ws, err := c.Prepare(t.Context(), "services")
	if err != nil {
		t.Fatal(err)
	}
	clearing, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := c.Clear(clearing, ws); err != nil {
		t.Error(err)
	}
}
