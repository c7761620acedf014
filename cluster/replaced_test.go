package cluster_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// TestAnExerciseGoesOnWhereAnotherClusterComesBack has two clusters, with
// authorities and addresses of their own, behind one kubeconfig.
func TestAnExerciseGoesOnWhereAnotherClusterComesBack(t *testing.T) {
	t.Parallel()
	alone := sandbox.Alone(t)
	first := open(t, alone)
	second := sandbox.Open(t)
	own, foreign := asContext(t, first, "kind-moving", nil), asContext(t, first, "work", nil)
	onOwn, onForeign := open(t, own), open(t, foreign)
	if err := onForeign.Approve(); err != nil {
		t.Fatal(err)
	}
	if _, err := onForeign.Prepare(t.Context(), "moving"); err != nil {
		t.Fatal(err)
	}
	store, _, err := lessons.OpenStore(filepath.Join(t.TempDir(), "progress.json"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	lesson := lessonOf(t, "moving")
	lesson.Steps[0].Checks = []*lessons.Check{{ID: "c", Title: lessons.Same("t"), Why: lessons.Same("w"), About: "web", Expr: lessons.Expr{Source: "has(web.spec)"}}}
	reports := make(chan lessons.Report, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- lessons.NewExercise(lesson, onOwn, store, time.Now).Run(t.Context(), func(r lessons.Report) {
			select {
			case <-reports:
			default:
			}
			reports <- r
		})
	}()
	until := func(what string, is func(lessons.Report) bool) lessons.Report {
		t.Helper()
		timeout := time.After(time.Minute)
		var last lessons.Report
		for {
			select {
			case last = <-reports:
				if is(last) {
					return last
				}
			case err := <-ended:
				t.Fatalf("the exercise ended while waiting until %s: %v", what, err)
			case <-timeout:
				t.Fatalf("not %s; last report in %+v, verdict %s, away %v, notice %v", what, last.Workspace, last.Verdict, last.Snapshot.Away, last.Notice)
			}
		}
	}
	before := until("the first step begins", func(r lessons.Report) bool { return len(r.Steps) > 0 && r.Steps[0].Begun })
	create(t, client(t, first), before.Workspace.Namespace, deployment("web", "web"))
	until("it is passed", func(r lessons.Report) bool { return r.Verdict == lessons.Pass })

	// The one goes, the other comes.
	if err := cluster.NewSandbox(alone).Down(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]cluster.Options{"kind-moving": own, "work": foreign} {
		data, err := os.ReadFile(asContext(t, second, name, nil).Env("KUBECONFIG"))
		if err == nil {
			err = os.WriteFile(o.Env("KUBECONFIG"), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	after := until("the exercise begins anew", func(r lessons.Report) bool {
		return r.Workspace.ClusterUID != before.Workspace.ClusterUID && len(r.Steps) > 0 && r.Steps[0].Begun
	})
	defer discard(t, after.Workspace)
	if after.Verdict != lessons.NotYet || after.Notice == nil {
		t.Errorf("verdict %s, notice %v", after.Verdict, after.Notice)
	}
	if got := onOwn.Info().Server; got != second.Info().Server {
		t.Errorf("it is on %s, want %s", got, second.Info().Server)
	}
	if _, ok := store.Progress().Lessons["moving"].Passed["one"]; !ok {
		t.Error("what was passed is forgotten")
	}
	create(t, client(t, second), after.Workspace.Namespace, deployment("web", "web"))
	until("it is passed again", func(r lessons.Report) bool { return r.Verdict == lessons.Pass })

	// A yes was for the cluster, not for its name.
	if _, err := onForeign.Prepare(t.Context(), "moving"); trouble(t, err) != lessons.Unapproved || !onForeign.Unapproved() {
		t.Errorf("prepared on the other cluster without a yes: %v", err)
	}
	if again := open(t, foreign); !again.Unapproved() {
		t.Error("the name was taken for the cluster")
	}
}
