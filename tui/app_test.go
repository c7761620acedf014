package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// run runs a command and all it is made of, and gives the App what comes back,
// until nothing comes back any more. Commands that wait for the outside world
// are left out by their message's type being nil.
func (b *bench) run(cmd tea.Cmd) {
	b.t.Helper()
	todo := []tea.Cmd{cmd}
	for n := 0; len(todo) > 0; n++ {
		if n > 200 {
			b.t.Fatal("commands do not come to an end")
		}
		next := todo[0]
		todo = todo[1:]
		if next == nil {
			continue
		}
		switch msg := next().(type) {
		case nil, tickMsg:
		case tea.BatchMsg:
			todo = append(todo, msg...)
		default:
			todo = append(todo, b.send(msg))
		}
	}
}

// press presses a key and runs what it starts.
func (b *bench) press(names ...string) {
	b.t.Helper()
	for _, n := range names {
		_, cmd := b.app.Update(keyPress(n))
		b.run(cmd)
	}
}

func (b *bench) shows(texts ...string) {
	b.t.Helper()
	frame := b.frame()
	for _, text := range texts {
		if !strings.Contains(frame, text) {
			b.t.Errorf("the frame does not show %q:\n%s", text, frame)
		}
	}
}

func (b *bench) hides(texts ...string) {
	b.t.Helper()
	frame := b.frame()
	for _, text := range texts {
		if strings.Contains(frame, text) {
			b.t.Errorf("the frame still shows %q:\n%s", text, frame)
		}
	}
}

func TestAPageIsReadWhenItsEndHasBeenSeen(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.press("j", "enter")
	b.shows("Why a Service", "page 1 of 2")
	lp := b.store.p.Lessons["services"]
	if lp == nil || lp.Place != lessons.PlacePage || lp.Page != "why" || b.store.p.LastLesson != "services" {
		t.Fatalf("the place was not saved: %+v", lp)
	}
	if len(lp.Read) != 0 {
		t.Errorf("the page counts as read although its end was not seen: %v", lp.Read)
	}
	b.press("G")
	if _, read := lp.Read["why"]; !read {
		t.Error("the page does not count as read at its end")
	}
	b.press("n")
	b.shows("What it is made of", "selector")
	b.press("esc")
	b.shows("Continue: Services, page “What it is made of”", "2/2")
}

func TestLinksCanBeFollowed(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.press("j", "enter")
	frame := b.app.View().Content
	if !strings.Contains(frame, "\x1b]8;") || !strings.Contains(frame, "https://kubernetes.io/docs/concepts/services-networking/service/") {
		t.Error("the page's link is not a hyperlink (OSC 8)")
	}
}

func TestTheSpaceKeyReadsOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.press("j", "enter")
	for range 5 {
		b.press("space")
	}
	b.shows("page 2 of 2", "100%")
}

func TestTheProgramResumesWhereTheLearnerWas(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ place, page, want string }{
		{lessons.PlacePage, "anatomy", "page 2 of 2"},
		{lessons.PlaceExercise, "inspect", "step 2 of 2"},
		{lessons.PlaceQuiz, "which", "question 1 of 5"},
	} {
		b := newBench(t, lessons.English, 80, 24)
		enter(&b.store.p, "services", tc.place, tc.page)
		b.app.known = false
		b.app.deps.Start = "services"
		b.send(savedMsg{seq: b.app.keeper.seq, progress: b.store.Progress()})
		if tc.place == lessons.PlaceExercise {
			b.keys("esc") // the cluster's screen, which goes away by itself
		}
		b.shows(tc.want)
		b.keys("esc", "esc", "esc")
		b.shows("Kubernetes, by doing")
	}
}

func TestAnUnknownLessonIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.app.act(goOn{"servces"}, nil)
	b.shows("There is no lesson servces.")
}

func TestTheCourseMayComeLate(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	b.app.course = nil
	b.app.resize()
	b.shows("正在读取课程")
	b.keys("j", "k", "enter", "G")
	b.send(courseMsg{err: errors.New("kubernetes/zh.md:3: no heading")})
	b.shows("课程读取失败", "kubernetes/zh.md:3: no heading")
	b.send(courseMsg{course: testCourse()})
	b.shows("动手学 Kubernetes")
}

func TestAnEmptyCourseIsShown(t *testing.T) {
	t.Parallel()
	for _, w := range []int{60, 120} {
		b := newBench(t, lessons.English, w, 24)
		b.send(courseMsg{course: &lessons.Course{ID: "empty", Title: both("Nothing yet", "还没有")}})
		b.keys("enter", "j", "k", "G")
		b.shows("Nothing yet")
	}
}

func TestTheLanguageIsSwitchedWhereOneIs(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.press("j", "enter", "l")
	b.shows("为什么需要 Service", "第 1 页，共 2 页")
	if b.store.p.Lang != lessons.Chinese {
		t.Errorf("the language was not saved: %q", b.store.p.Lang)
	}
	b.inExercise()
	b.report(testReport())
	b.shows("期望", "实际", "3 个副本")
	b.press("l")
	b.shows("expected", "found", "3 replicas")
}

func TestChangesAreSavedInTheirOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.send(keyPress("j"))
	first := b.send(keyPress("enter"))
	second := b.send(keyPress("n"))
	b.run(second) // finishes before the first
	b.run(first)
	if got := b.store.p.Lessons["services"].Page; got != "anatomy" {
		t.Errorf("the page saved last is %q, want anatomy", got)
	}
	if got := b.app.lessonProgress("services").Page; got != "anatomy" {
		t.Errorf("the page on the screen is %q, want anatomy", got)
	}
}

func TestWhatCannotBeSavedIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.store.err = errors.New("no space left on device")
	b.press("j", "enter")
	b.shows("could not be saved: no space left on device", "Why a Service")
}

func TestEndingWaitsForAllThatWasStarted(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.app.crew.own(b.session, b.session.Close)
	e := b.app.exercise
	ended := make(chan tea.Msg, 1)
	go func() { ended <- runExercise(b.app.crew, e.run)() }()
	b.exercise.reports <- testReport()
	if msg, ok := watchReports(b.app.crew, e.run)().(reportMsg); !ok || msg.report.Lesson != "services" {
		t.Fatalf("no report came: %v", msg)
	}
	b.app.crew.end()
	if msg, ok := (<-ended).(runEndedMsg); !ok || msg.err != nil {
		t.Errorf("the run ended with %v", msg)
	}
	if b.session.closed != 1 {
		t.Errorf("the session was closed %d times, want once", b.session.closed)
	}
	if msg := b.app.crew.cmd(func(context.Context) tea.Msg { return tickMsg{} })(); msg != nil {
		t.Errorf("a command ran after the end: %v", msg)
	}
}

func TestQuittingWorksEverywhere(t *testing.T) {
	t.Parallel()
	for name, set := range scenes() {
		b := newBench(t, lessons.English, 80, 24)
		set(b)
		if _, editing := b.app.top().(*editorScreen); editing {
			b.send(keyPress("ctrl+c"))
			if b.app.over == nil {
				t.Errorf("%s: ctrl-c does not ask about what is not saved", name)
			}
			continue
		}
		if e := b.app.exercise; e != nil && e.terminal.copying != nil {
			b.send(keyPress("ctrl+c")) // the key that interrupts
			if e.terminal.copying != nil {
				t.Errorf("%s: ctrl-c does not end copy mode", name)
			}
			continue
		}
		if _, there := b.app.top().(*clusterScreen); there && b.app.cluster.doing() {
			b.send(keyPress("ctrl+c")) // stops what is being done
			if !b.app.cluster.chore.stopping {
				t.Errorf("%s: ctrl-c does not stop it", name)
			}
		}
		inShell := b.app.top().capturing() == captureAll
		cmd := b.send(keyPress("ctrl+c"))
		if quits := quits(cmd); quits == inShell {
			t.Errorf("%s: ctrl-c quits: %v", name, quits)
		}
		if inShell && !slices.Contains(b.shells[0].typed, "ctrl+c") {
			t.Errorf("%s: ctrl-c did not reach the shell", name)
		}
	}
}

// quits reports whether a command quits the program. Only commands that are
// known not to wait are run.
func quits(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	switch msg := (<-done).(type) {
	case tea.QuitMsg:
		return true
	case tea.BatchMsg:
		return slices.ContainsFunc(msg, quits)
	}
	return false
}
