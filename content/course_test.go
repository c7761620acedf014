package content_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/cluster/clustertest"
	"github.com/k8stutor/k8stutor/cluster/proving"
	"github.com/k8stutor/k8stutor/content"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursetest"
)

var sandbox clustertest.Sandbox

// The lesson and the step to prove; all when empty.
var (
	onlyLesson = flag.String("lesson", "", "prove this lesson only")
	onlyStep   = flag.String("step", "", "prove this step only")
	update     = flag.Bool("update", false, "write the table of docs/GRADING.md")
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

func course(t *testing.T) *lessons.Course {
	t.Helper()
	c, err := lessons.Load(content.Courses, "kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestLessonsOnTheSandbox proves every step of every lesson in both directions.
func TestLessonsOnTheSandbox(t *testing.T) {
	c := sandbox.Open(t)
	lab, err := proving.NewLab(c, proving.Options{
		Program: sandbox.Options(t).Env("K8STUTOR_SANDBOX"),
		Dir:     t.TempDir(),
		Path:    os.Getenv("PATH"),
		Log:     os.Stderr,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lab.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	var all []*lessons.Lesson
	for _, l := range course(t).Lessons() {
		if *onlyLesson == "" || l.ID == *onlyLesson {
			all = append(all, l)
		}
	}
	results, err := coursetest.Run(t.Context(), all, coursetest.Options{
		Bench:  lab.Bench,
		AtOnce: 6,
		Step:   *onlyStep,
		Dir:    t.TempDir(),
		Tell: func(r coursetest.Result) {
			if r.Problem != nil {
				t.Errorf("%s: %v\nplayed: %q\nprinted: %s", r.ID(), r.Problem, r.Played, r.Said)
				return
			}
			t.Logf("%s: %s (%s)", r.ID(), r.Got, r.Took)
		},
		Note: func(what string, why error) { t.Logf("%s: %v", what, why) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d proofs", len(results))
	if *onlyLesson == "" && *onlyStep == "" {
		compareTable(t, coursetest.Table(coursetest.Tallies(results)))
	}
}

// compareTable makes sure that docs/GRADING.md tells what was proved. With
// -update it writes it there.
func compareTable(t *testing.T, played string) {
	t.Helper()
	const (
		file       = "../docs/GRADING.md"
		begin, end = "<!-- table: make grading -->\n", "<!-- end of table -->"
	)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), begin)
	told, after, ended := strings.Cut(rest, end)
	switch {
	case !found || !ended:
		t.Fatalf("%s has no place for the table", file)
	case *update:
		if err := os.WriteFile(file, []byte(before+begin+played+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case told != played:
		t.Errorf("%s does not tell what was proved; `make grading` mends it:\n%s", file, played)
	}
}
