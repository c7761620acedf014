package cluster_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// companion is a program that plays the companion; script is what sh does.
func companion(t *testing.T, script string) func(string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	program := filepath.Join(t.TempDir(), "k8stutor-sandbox")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return func(name string) string {
		return map[string]string{"K8STUTOR_SANDBOX": program}[name]
	}
}

func TestLintAsksTheCompanion(t *testing.T) {
	t.Parallel()
	env := companion(t, `[ "$1" = lint ] && line=$(cat) && case $line in *'"at":"a:1"'*) printf '{"kubernetes":"v1","findings":[{"at":"a:1","rule":"r"}]}' ;; esac`)
	got, err := cluster.Lint(t.Context(), env, lint.Request{Commands: []lint.Command{{At: "a:1", Argv: []string{"kubectl"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lint.Response{Kubernetes: "v1", Findings: []lint.Finding{{At: "a:1", Rule: "r"}}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLintSaysWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ script, want string }{
		"an older companion":       {"echo 'unknown command \"lint\"' >&2\nexit 2\n", `unknown command "lint"`},
		"one that answers no JSON": {"echo hello\n", "not JSON"},
	} {
		if _, err := cluster.Lint(t.Context(), companion(t, tc.script), lint.Request{}); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	none := func(name string) string { return map[string]string{"K8STUTOR_SANDBOX": "/nowhere"}[name] }
	if _, err := cluster.Lint(t.Context(), none, lint.Request{}); err == nil {
		t.Error("no companion, and no error")
	}
}
