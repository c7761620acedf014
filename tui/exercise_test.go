package tui

import (
	"errors"
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

func TestTheExerciseOpensWhenItsClusterIsThere(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.app.act(goExercise{lesson: "services"}, nil)
	b.shows("Opening the cluster")
	opening := b.app.cluster.opening
	opening.stage("etcd", stageRunning, "")
	b.run(watchStagesOnce(b, opening))
	b.shows("etcd", "starting")
	b.keys("esc")
	b.shows("Create a Deployment", "Opening the cluster: etcd")
	b.send(openedMsg{opening: opening.id, session: b.session, info: b.session.Info()})
	b.shows("sandbox v1.37.2", "step 1 of 2")
	b.hides("Opening the cluster")
	if b.app.exercise.run == nil {
		t.Error("the engine was not started")
	}
}

func watchStagesOnce(b *bench, o *opening) tea.Cmd {
	msg := watchStages(b.app.crew, o)()
	b.send(msg)
	return nil
}

func TestAClusterOpenedTooLateIsClosed(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.app.act(goExercise{lesson: "services"}, nil)
	late := b.app.openings
	b.app.act(openCluster{"other"}, nil)
	b.app.crew.own(b.session, b.session.Close)
	b.run(b.send(openedMsg{opening: late, session: b.session}))
	if b.session.closed != 1 {
		t.Errorf("the session of an opening that nobody waits for was closed %d times, want once", b.session.closed)
	}
	if b.app.cluster.phase != clusterOpening {
		t.Errorf("the newer opening was ended by the older one")
	}
}

func TestAPassedStepWaitsForTheLearner(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(testReport())
	b.shows("not yet", "expected  3", "found     1", "Deployment/web spec.replicas", "You left out")
	b.report(passedReport())
	b.shows("step 1 of 2", "What happened", "enter → Count the endpoints")
	b.keys("enter")
	b.shows("step 2 of 2", "How many ready addresses")
	b.keys("p")
	b.shows("step 1 of 2")
}

func TestAnswersAreJudged(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(passedReport())
	b.keys("a", "q") // a letter of the answer, not the key that quits
	b.shows("Your answer: q")
	b.keys("backspace", "2")
	b.press("enter")
	if got := <-b.exercise.answers; got != "inspect=2" {
		t.Errorf("the engine was asked %q", got)
	}
	b.shows("not yet", "number of slices")
	b.keys("backspace", "3")
	b.press("enter")
	b.shows("pass", "The EndpointSlice lists them.", "All steps are passed.")
	b.press("enter")
	b.shows("question 1 of 5")
}

func TestTheShellIsOneKeyAwayFromAnAnswer(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		b := newBench(t, lessons.English, size[0], size[1])
		b.inExercise()
		b.report(passedReport())
		b.keys("a", "4", "f6", "k")
		if got := b.shells[0].typed; !slices.Equal(got, []string{"k"}) {
			t.Errorf("the shell got %q, want k", got)
		}
		b.keys("f6", "a", "2")
		b.shows("Your answer: 42") // what was typed is still there
	}
}

func TestOldReportsAreDropped(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(passedReport())
	b.report(testReport()) // an older one
	b.shows("step 2 of 2")
	b.hides("found")
	old := b.app.exercise.run.id
	b.app.act(runAgain{}, nil)
	b.send(reportMsg{run: old, report: testReport()})
	b.hides("found")
	b.report(testReport()) // of the new run, whose numbers begin anew
	if got := b.app.exercise.report.Seq; got != 1 {
		t.Errorf("the report of a new run was dropped: seq %d is shown", got)
	}
}

func TestWhileTheClusterIsAwayNothingIsLost(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(testReport())
	b.report(awayReport())
	b.shows("has not answered since 12:00:30", "connection refused", "cannot tell", "Press R")
	b.keys("2")
	b.shows("web-7d4b9c6f5-k2x8p")
	b.press("R")
	if b.session.restarts != 1 {
		t.Errorf("the cluster was restarted %d times, want once", b.session.restarts)
	}
	back := testReport()
	back.Seq = 3
	b.report(back)
	b.hides("has not answered")
}

func TestAnEngineThatCannotStartIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.send(runEndedMsg{run: b.app.exercise.run.id, err: awayError()})
	b.shows("The exercise could not start", "watch pods in k8stutor-services")
	before := b.app.exercise.run.id
	b.keys("r")
	b.hides("The exercise could not start")
	if b.app.exercise.run.id == before {
		t.Error("the engine was not started again")
	}
}

func TestResetAsksFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(testReport())
	b.press("x", "n")
	b.press("x", "s")
	b.press("x", "l")
	close(b.exercise.resets)
	var got []string
	for step := range b.exercise.resets {
		got = append(got, step)
	}
	if !slices.Equal(got, []string{"create", ""}) {
		t.Errorf("reset were %q, want the step and then the lesson", got)
	}
	b.shows("Ready to start over.")
}

func TestAfterResettingTheLessonItsNewWorkspaceIsShown(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(passedReport())
	b.shows("step 2 of 2")
	fresh := testReport() // its numbers begin anew
	fresh.Workspace.UID = "ws2"
	b.report(fresh)
	b.shows("step 1 of 2", "not yet")
}

func TestHintsComeOneByOneAndTheSolutionOnRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 40)
	b.inExercise()
	b.report(testReport())
	b.hides("Think of")
	b.press("h")
	b.shows("Hint 1 of 2", "Think of kubectl create deployment.")
	b.press("h", "h")
	b.shows("Hint 2 of 2")
	if got := b.store.p.Lessons["services"].Hints["create"]; got != 2 {
		t.Errorf("%d hints were remembered, want 2", got)
	}
	b.hides("One way to do it")
	b.press("s", "y")
	b.shows("One way to do it", "$ kubectl create deployment web --image=nginx:1.27 --replicas=3")
}

func TestTheShellGetsItsKeys(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		b := newBench(t, lessons.English, size[0], size[1])
		b.inExercise()
		b.report(testReport())
		b.keys("f6", "q", "?", "l", "esc", "ctrl+t", "ctrl+]")
		shell := b.shells[0]
		if want := []string{"q", "?", "l", "esc", "ctrl+t"}; !slices.Equal(shell.typed, want) {
			t.Errorf("the shell got %q, want %q", shell.typed, want)
		}
		b.keys("ctrl+]") // at once again: it was meant for the shell
		if got := shell.typed[len(shell.typed)-1]; got != "ctrl+]" {
			t.Errorf("the shell got %q last, want ctrl+]", got)
		}
		b.send(tea.PasteMsg{Content: "echo\nhi"})
		if got := shell.typed[len(shell.typed)-1]; got != "paste:echo\nhi" {
			t.Errorf("the shell got %q", got)
		}
		b.keys("f6", "h")
		if b.app.exercise.terminal.focused {
			t.Error("F6 did not leave the terminal")
		}
		if len(b.shells) != 1 {
			t.Errorf("%d shells were started, want one", len(b.shells))
		}
	}
}

func TestWhatIsTypedBeforeTheShellRunsReachesIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.keys("f6", "q", "c", "enter")
	b.shows("Your shell opens here")
	b.report(testReport())
	if got := b.shells[0].typed; !slices.Equal(got, []string{"q", "c", "enter"}) {
		t.Errorf("the shell got %q", got)
	}
	b.keys("x")
	if got := b.shells[0].typed; got[len(got)-1] != "x" {
		t.Errorf("the terminal has lost the keys: %q", got)
	}
}

func TestWithoutAWorkspaceTheKeysComeBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.keys("f6")
	b.send(runEndedMsg{run: b.app.exercise.run.id, err: awayError()})
	if b.app.top().capturing() != captureNone {
		t.Error("keys go to a shell that will not come")
	}
	b.shows("r try again")
}

func TestTheOpenClusterIsNotOpenedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.keys("c")
	b.send(candidatesMsg{list: []Candidate{{Choice: "sandbox", Name: "sandbox", Running: true}, {Choice: "minikube", Name: "minikube"}}})
	before := b.app.openings
	b.keys("enter")
	if b.app.openings != before || b.app.cluster.phase != clusterOpen {
		t.Error("the cluster that is open was opened again")
	}
	b.keys("j", "enter")
	if b.app.openings != before+1 || b.app.cluster.opening.choice != "minikube" {
		t.Error("the other cluster was not opened")
	}
}

func TestTheExerciseGoesOnWhileItsPagesAreRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(testReport())
	b.press("v")
	b.shows("Why a Service")
	b.report(passedReport())
	if got := b.app.lessonProgress("services").Place; got != lessons.PlacePage {
		t.Errorf("the learner is at %q, want at a page", got)
	}
	b.press("e")
	b.shows("1 ", "pass")
}

func TestAnotherLessonEndsTheExercise(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(testReport())
	old := b.app.exercise.run
	other := *testCourse().Modules[1].Lessons[0]
	other.ID = "other"
	b.app.course.Modules[1].Lessons = append(b.app.course.Modules[1].Lessons, &other)
	b.app.act(goExercise{lesson: "other"}, nil)
	if old.ctx.Err() == nil {
		t.Error("the old engine goes on")
	}
	if b.app.exercise.run == old || b.app.exercise.got {
		t.Error("the new exercise shows what the old one has reported")
	}
}

func TestAFailedShellIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.inExercise()
	b.app.exercise.take(testReport())
	b.send(shellMsg{shell: b.app.exercise.terminal.id, err: errors.New("no pseudo-terminals here")})
	b.shows("Your shell could not be started: no pseudo-terminals here")
	b.keys("3")
	b.shows("new shell")
}
