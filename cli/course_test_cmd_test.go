package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursetest"
)

func TestCourseTestRefusesWhatItCannotProve(t *testing.T) {
	t.Parallel()
	dir := theirs(t, t.TempDir(), "acme")
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no course there":          {[]string{"course", "test", dir + "/nosuch"}, "nosuch"},
		"no such lesson":           {[]string{"course", "test", dir, "service"}, "services"},
		"no such step":             {[]string{"course", "test", dir, "--step", "nosuch"}, "nosuch"},
		"nobody trusts the course": {[]string{"course", "test", dir}, "--yes"},
	} {
		got := runIn(t, "", nil, tc.args...)
		if got.code != ExitUsage || got.out != "" || !strings.Contains(got.errs, tc.want) {
			t.Errorf("%s: exit code %d, printed %q and %q", name, got.code, got.out, got.errs)
		}
	}
}

func TestTheOutcomeOfProofsIsTheExitCode(t *testing.T) {
	t.Parallel()
	right := coursetest.Result{Lesson: "a", Step: "s", Sort: coursetest.Solution}
	wrong, untold := right, right
	wrong.Problem = errors.New("it still passes")
	untold.Problem = &lessons.ClusterError{Trouble: lessons.Unreachable, Op: "list pods", Err: errors.New("refused")}
	for name, tc := range map[string]struct {
		results []coursetest.Result
		code    int
	}{
		"all as they must be": {[]coursetest.Result{right, right}, ExitDone},
		"one is not":          {[]coursetest.Result{right, wrong}, ExitNotYet},
		"the cluster failed":  {[]coursetest.Result{wrong, untold}, ExitCannotTell},
	} {
		if code := ExitCode(provedOutcome(tc.results)); code != tc.code {
			t.Errorf("%s: exit code %d, want %d", name, code, tc.code)
		}
	}
}

func TestFailedProofsAreToldInFull(t *testing.T) {
	t.Parallel()
	results := []coursetest.Result{
		{Lesson: "a", Step: "s", Sort: coursetest.Before, Want: lessons.NotYet, Got: lessons.NotYet},
		{Lesson: "a", Step: "s", Sort: coursetest.Mutation, Name: "replicas-more web", Want: lessons.NotYet, Got: lessons.Pass,
			Problem: errors.New("it still passes"), Played: []string{"kubectl patch deployment/web"}, Said: "patched\n"},
	}
	var out bytes.Buffer
	p := &Program{Streams: Streams{Out: &out, Width: 80}, lang: lessons.English}
	if err := p.printProofs(results, time.Second); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a/s/mutation replicas-more web\n", "it still passes", "$ kubectl patch deployment/web", "    patched\n", "2 proofs in 1s."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
	out.Reset()
	p.flags.output = "json"
	if err := p.printProofs(results, time.Second); err != nil {
		t.Fatal(err)
	}
	var printed struct {
		Right  bool
		Proofs []proofJSON
	}
	if err := json.Unmarshal(out.Bytes(), &printed); err != nil {
		t.Fatal(err)
	}
	if printed.Right || len(printed.Proofs) != 2 || !printed.Proofs[0].Right || printed.Proofs[1].Problem != "it still passes" {
		t.Errorf("printed %s", out.String())
	}
}
