package content_test

import (
	"context"
	"os"
	"testing"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/clustertest"
	"github.com/k8stutor/k8stutor/content"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// TestCoursePassesCourseCheck: what `k8stutor course check` says to other
// authors, we keep as well, warnings included.
func TestCoursePassesCourseCheck(t *testing.T) {
	t.Parallel()
	program, err := clustertest.Program()
	if err != nil {
		t.Fatal(err)
	}
	env := func(name string) string {
		if name == "K8STUTOR_SANDBOX" {
			return program
		}
		return os.Getenv(name)
	}
	rep := coursecheck.Check(t.Context(), content.Courses, "kubernetes", coursecheck.Options{
		Lint: func(ctx context.Context, req lint.Request) (lint.Response, error) { return cluster.Lint(ctx, env, req) },
	})
	for _, f := range rep.Findings {
		t.Errorf("%s: %s: %s; expected: %s [%s]", f.Pos, f.Severity, f.Said[lessons.English], f.Expected[lessons.English], f.Rule)
	}
	if rep.Lessons < 3 || rep.Commands < 300 || rep.Manifests < 5 {
		t.Errorf("only %d lessons, %d commands and %d manifests were looked at", rep.Lessons, rep.Commands, rep.Manifests)
	}
}
