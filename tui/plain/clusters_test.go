package plain

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// askingSession is a cluster that asks before it is used, and lacks things.
type askingSession struct {
	*fakeSession
	supplies []lessons.Supply
	added    []string
	agreed   bool
}

func (s *askingSession) Supplies(_ context.Context, needs []string) []lessons.Supply {
	return slices.DeleteFunc(slices.Clone(s.supplies), func(one lessons.Supply) bool { return !slices.Contains(needs, one.Need) })
}

func (s *askingSession) Add(_ context.Context, need string, progress func(stage, state, detail string)) error {
	progress(need, "running", "")
	s.added = append(s.added, need)
	return nil
}

func (s *askingSession) Terms(context.Context, *lessons.Lesson) (lessons.Terms, error) {
	return lessons.Terms{Context: "team", Server: "https://k8s.example.com", User: "jane " + hostile, Namespace: "k8stutor-web-x7",
		Makes: []lessons.Text{both("the namespace `k8stutor-web-x7`", "命名空间 `k8stutor-web-x7`")}, Lacks: []string{"create pods/exec"}}, nil
}

func (s *askingSession) Approve() error {
	s.agreed = true
	return nil
}

// gatedExercise cannot begin before the learner has agreed.
type gatedExercise struct {
	*fakeExercise
	session *askingSession
}

func (e *gatedExercise) Run(ctx context.Context, report func(lessons.Report)) error {
	if !e.session.agreed {
		return &lessons.ClusterError{Trouble: lessons.Unapproved, Op: "make the workspace", Err: errors.New("you have not agreed")}
	}
	return e.fakeExercise.Run(ctx, report)
}

func gatedBench(t *testing.T, lang lessons.Lang) (*bench, *askingSession) {
	b := newBench(t, lang)
	s := &askingSession{fakeSession: b.session}
	b.o.Open = func(context.Context, string, tui.StageFunc) (tui.Session, error) { return s, nil }
	b.o.Exercise = func(*lessons.Lesson, lessons.Cluster) tui.Exercise { return &gatedExercise{b.exercise, s} }
	b.o.Start = b.o.Course.Lessons()[0].ID
	return b, s
}

func said(t *testing.T, text string, want ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ")
	for _, w := range want {
		if !strings.Contains(flat, w) {
			t.Errorf("%q was not said:\n%s", w, text)
		}
	}
}

func TestNothingIsMadeOnASharedClusterBeforeAYes(t *testing.T) {
	t.Parallel()
	b, s := gatedBench(t, lessons.English)
	text := b.run("exercise", "no", "quit")
	said(t, text, "https://k8s.example.com", "k8stutor-web-x7", "create pods/exec", "May this be made there?", "Nothing was made.")
	if s.agreed || strings.Contains(text, "The workspace is ready") {
		t.Errorf("agreed %v after a no:\n%s", s.agreed, text)
	}
	b, s = gatedBench(t, lessons.Chinese)
	text = b.run("练习", "是", "退出")
	said(t, text, "可以在那里创建这些吗？")
	if !s.agreed {
		t.Errorf("a yes was not taken:\n%s", text)
	}
}

func TestWhatALessonNeedsIsAskedForFirst(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		lines []string
		added int
		want  string
	}{
		{[]string{"exercise", "yes", "quit"}, 1, "ingress is there now."},
		{[]string{"exercise", "no", "yes", "quit"}, 0, "The workspace is ready"},
		{[]string{"exercise", "no", "no", "quit"}, 0, "Begin without it?"},
	} {
		b, s := gatedBench(t, lessons.English)
		s.agreed = true
		s.supplies = []lessons.Supply{{Need: "ingress", State: lessons.Addable, How: both("the addon `ingress` brings it", "插件 `ingress`")}}
		b.o.Course.Lessons()[0].Needs = []string{"ingress"}
		text := b.run(tc.lines...)
		said(t, text, "This lesson needs ingress", "the addon `ingress` brings it", tc.want)
		if len(s.added) != tc.added {
			t.Errorf("%v: added %v", tc.lines, s.added)
		}
		if began := strings.Contains(text, "The workspace is ready"); began != (tc.lines[len(tc.lines)-2] == "yes") {
			t.Errorf("%v: begun is %v:\n%s", tc.lines, began, text)
		}
	}
}

func TestClustersAreStartedUsedAndGivenWhatLessonsNeed(t *testing.T) {
	t.Parallel()
	b, s := gatedBench(t, lessons.English)
	b.o.Start = ""
	s.supplies = []lessons.Supply{{Need: "ingress", State: lessons.Addable, How: both("the addon", "插件")}, {Need: "traffic", State: lessons.Supplied}}
	var started []string
	b.o.Candidates = func(context.Context) []tui.Candidate {
		return []tui.Candidate{{Choice: "sandbox", Name: "sandbox", Chosen: true, Running: true},
			{Choice: "lab", Name: "lab", Provider: "minikube", State: tui.ClusterPaused, Startable: true}}
	}
	b.o.StartCluster = func(_ context.Context, choice string, _ tui.StageFunc) error {
		started = append(started, choice)
		return nil
	}
	text := b.run("cluster", "start 1", "start 2", "no", "start lab", "yes", "start 9", "use 2", "needs", "open 1", "needs", "add ingress", "yes", "add gold", "quit")
	said(t, text, "2. lab, paused", "sandbox is nothing that the tutor can start", "lab is running.", "Which cluster?", "From now on: lab.",
		"ingress: can be added, no lesson of yours needs it.", "ingress is there now.", "Which one? There are:")
	if !slices.Equal(started, []string{"lab"}) || !slices.Equal(s.added, []string{"ingress"}) || b.store.p.Cluster != "lab" {
		t.Errorf("started %v, added %v, kept %q", started, s.added, b.store.p.Cluster)
	}
}
