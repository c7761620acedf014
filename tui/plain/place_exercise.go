package plain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// How long things may take.
const (
	prepareTime = 3 * time.Minute  // a workspace is made and seen
	reactTime   = time.Second      // the cluster sees what was done a moment ago
	waitTime    = 10 * time.Minute // "wait" without a time
	answerTime  = 20 * time.Second
	resetTime   = 90 * time.Second // a namespace with its Pods is deleted
	reviewTime  = time.Minute
)

// exercise is a lesson's steps on a cluster. Its engine is the talk's work, which
// goes on while the learner is elsewhere.
type exercise struct {
	lesson *lessons.Lesson
	wanted string // the step to begin with; "" is the one whose turn it is
	solved map[string]bool
}

func newExercise(l *lessons.Lesson, step string) *exercise {
	return &exercise{lesson: l, wanted: step, solved: map[string]bool{}}
}

// at is the step that is open.
func (e *exercise) at(t *talk) int {
	if t.work != nil && t.work.lesson == e.lesson {
		return t.work.at
	}
	return max(0, slices.IndexFunc(e.lesson.Steps, func(s *lessons.Step) bool { return s.ID == e.wanted }))
}

func (e *exercise) step(t *talk) *lessons.Step { return e.lesson.Steps[e.at(t)] }

func (e *exercise) where(t *talk) string {
	i := e.at(t)
	text := fmt.Sprintf(t.words.WhereStep, t.text(e.lesson.Title), i+1, len(e.lesson.Steps), t.text(e.lesson.Steps[i].Title))
	if t.work != nil && t.work.got && i < len(t.work.report.Steps) {
		text += t.words.Comma + t.word(t.work.report, t.work.report.Steps[i])
	}
	return text
}

// arrive makes sure that there is a cluster and an engine, and says the step
// whose turn it is.
func (e *exercise) arrive(ctx context.Context, t *talk) error {
	l := e.lesson
	if t.session == nil {
		open, err := t.openCluster(ctx, t.choice)
		if err != nil {
			return err
		}
		if !open {
			return e.sayStep(ctx, t)
		}
		if known := t.lesson(l.ID); known != nil {
			l, e.lesson = known, known
		}
	}
	begins := t.work == nil || t.work.lesson != l || t.work.err != nil
	if begins {
		if err := e.begin(ctx, t); err != nil {
			return err
		}
	}
	t.remember(l.ID, lessons.PlaceExercise, e.step(t).ID)
	return e.sayStep(ctx, t)
}

// begin starts the engine and waits until it has something to say.
func (e *exercise) begin(ctx context.Context, t *talk) error {
	_, err := t.o.Files.LayAll(e.lesson)
	if err != nil {
		t.say(err.Error())
	}
	t.say(t.words.Preparing)
	t.startWork(ctx, e.lesson, e.at(t))
	ready, err := t.until(ctx, prepareTime, func(r lessons.Report) bool { return r.Workspace.Namespace != "" && r.Settled() })
	if errors.Is(err, errStopped) {
		t.say(t.words.Stopped)
		return nil
	}
	if err != nil || !ready {
		return err
	}
	w := t.work
	t.sayf(t.words.Workspace, t.info.Name, w.report.Workspace.Namespace)
	if e.wanted == "" {
		w.at = e.current(w.report)
	}
	e.wanted = ""
	w.settle(t.brief(w.report, w.at))
	return nil
}

// current is the step whose turn it is; the last one when all are passed.
func (e *exercise) current(r lessons.Report) int {
	for i, s := range e.lesson.Steps {
		if s.ID == r.Current {
			return i
		}
	}
	return len(e.lesson.Steps) - 1
}

// resume goes on after the cluster came back.
func (e *exercise) resume(ctx context.Context, t *talk) error {
	if t.work == nil || t.work.err != nil {
		return e.arrive(ctx, t)
	}
	_, err := t.until(ctx, answerTime, func(r lessons.Report) bool { return r.Snapshot.Away == nil && r.Settled() })
	if errors.Is(err, errStopped) {
		return nil
	}
	return err
}

// sayStep says the step that is open: its title, its task, what can be done.
func (e *exercise) sayStep(ctx context.Context, t *talk) error {
	i := e.at(t)
	s := e.lesson.Steps[i]
	state := ""
	res, judged := e.result(t)
	if judged {
		state = t.word(t.work.report, res)
	}
	title := fmt.Sprintf(t.words.StepTitle, i+1, len(e.lesson.Steps), t.text(s.Title))
	if state != "" {
		title += t.words.Comma + state
	}
	blocks := [][]string{t.paragraph(title + t.words.Stop)}
	if res.Verdict == lessons.Pass {
		blocks = append(blocks, t.debrief(s, res)...)
	}
	blocks = append(blocks, t.paragraph(t.words.Task))
	blocks = append(blocks, t.markdown(t.text(s.Task()))...)
	if how := e.how(t, s, res); how != "" {
		blocks = append(blocks, t.paragraph(how))
	}
	_, err := t.recite(ctx, blocks)
	return err
}

// result is what the engine says of the open step; false before it says
// anything.
func (e *exercise) result(t *talk) (lessons.StepResult, bool) {
	if t.work == nil || t.work.lesson != e.lesson || !t.work.got {
		return lessons.StepResult{}, false
	}
	return t.work.report.Step(e.step(t).ID)
}

// how says what comes next at a step.
func (e *exercise) how(t *talk, s *lessons.Step, res lessons.StepResult) string {
	switch {
	case res.Verdict == lessons.Pass && e.next(t) >= 0:
		return t.words.HowPassed
	case res.Verdict == lessons.Pass && len(e.lesson.Questions) > 0:
		return t.words.HowAllPassedQuiz
	case res.Verdict == lessons.Pass:
		return t.words.AllPassed
	case s.Kind == lessons.Ask:
		return t.words.HowAsk
	case s.Kind == lessons.Predict && (res.Prediction == nil || res.Prediction.Said == ""):
		return t.words.HowPredict
	case s.Kind == lessons.Manifest:
		return fmt.Sprintf(t.words.HowManifest, t.o.Files.Path(e.lesson.ID, s))
	}
	return t.words.HowDo
}

// debrief says what happened in a step that is passed.
func (t *talk) debrief(s *lessons.Step, res lessons.StepResult) [][]string {
	blocks := [][]string{t.paragraph(t.words.WhatHappened)}
	for _, c := range res.Checks {
		if c.ID == lessons.AnswerCheck && s.Kind == lessons.Predict && c.Why != nil {
			blocks = append(blocks, t.markdown(t.text(c.Why))...)
		}
	}
	if text := t.text(res.Diagnosis); s.Kind == lessons.Predict && text != "" {
		blocks = append(blocks, t.markdown(text)...)
	}
	return append(blocks, t.markdown(t.text(s.Done))...)
}

// next is the step to go on to: the one after the open one, or from the last a
// step that is not passed; -1 when there is none.
func (e *exercise) next(t *talk) int {
	i := e.at(t)
	if i+1 < len(e.lesson.Steps) {
		return i + 1
	}
	if t.work != nil {
		for n, s := range e.lesson.Steps {
			if s.ID == t.work.report.Current && n != i {
				return n
			}
		}
	}
	return -1
}

// open goes to a step and says it.
func (e *exercise) open(ctx context.Context, t *talk, i int) error {
	if t.work != nil && t.work.lesson == e.lesson {
		t.work.at = i
		t.work.settle(t.brief(t.work.report, i))
	} else {
		e.wanted = e.lesson.Steps[i].ID
	}
	t.remember(e.lesson.ID, lessons.PlaceExercise, e.lesson.Steps[i].ID)
	return e.sayStep(ctx, t)
}

func (e *exercise) commands(t *talk) []command {
	on := func(id string, run func(context.Context, *talk) error) command {
		return command{id, func(ctx context.Context, _ string) error { return run(ctx, t) }}
	}
	commands := []command{
		on("next", e.goNext), on("previous", e.goPrevious), on("steps", e.sayAll), on("check", e.check),
		{"wait", func(ctx context.Context, arg string) error { return e.wait(ctx, t, arg) }},
		on("hint", e.hint), on("solution", e.solution),
	}
	s := e.step(t)
	if s.Answered() {
		commands = append(commands, command{"answer", func(ctx context.Context, arg string) error { return e.answer(ctx, t, arg) }})
	}
	if s.Kind == lessons.Manifest {
		commands = append(commands, on("file", e.sayFile), on("edit", e.edit), on("write", e.write), on("review", e.review), on("apply", e.apply))
	}
	commands = append(commands,
		command{"objects", func(ctx context.Context, _ string) error { return t.objects(ctx) }},
		command{"yaml", func(ctx context.Context, arg string) error { return t.yaml(ctx, arg) }},
		command{"describe", func(ctx context.Context, arg string) error { return t.kubectl(ctx, "describe", arg) }},
		command{"events", func(ctx context.Context, arg string) error { return t.events(ctx, arg) }},
		command{"logs", func(ctx context.Context, arg string) error { return t.kubectl(ctx, "logs", arg) }},
		on("reset", e.reset),
		command{"restart", func(ctx context.Context, _ string) error { return t.restart(ctx) }},
		command{"retry", func(ctx context.Context, _ string) error { _, err := t.reopen(ctx); return err }},
		command{"pages", func(ctx context.Context, _ string) error {
			return t.goTo(ctx, newReading(e.lesson, t.pageOf(e.lesson)))
		}})
	if len(e.lesson.Questions) > 0 {
		commands = append(commands, command{"quiz", func(ctx context.Context, _ string) error { return t.goTo(ctx, newQuiz(e.lesson)) }})
	}
	return commands
}

// pageOf is the page of a lesson that is open below the exercise; "" when none
// is.
func (t *talk) pageOf(l *lessons.Lesson) string {
	for _, p := range t.places {
		if r, ok := p.(*reading); ok && r.lesson == l && len(l.Pages) > 0 {
			return l.Pages[r.page].ID
		}
	}
	return ""
}

// other takes an empty line, which goes on or says how the step stands, the
// number of a step, and the answer that a step asks for.
func (e *exercise) other(ctx context.Context, t *talk, line string) (bool, error) {
	res, _ := e.result(t)
	s := e.step(t)
	switch {
	case line == "" && res.Verdict == lessons.Pass:
		return true, e.goNext(ctx, t)
	case line == "":
		t.say(e.standing(t))
		return true, nil
	case s.Answered() && res.Verdict != lessons.Pass && (s.Kind == lessons.Ask || res.Prediction == nil):
		return true, e.answer(ctx, t, line)
	}
	if i, ok := number(line, len(e.lesson.Steps)); ok {
		return true, e.open(ctx, t, i)
	}
	return false, nil
}

// standing says in brief how the open step stands.
func (e *exercise) standing(t *talk) string {
	if t.work == nil || t.work.lesson != e.lesson || !t.work.got {
		return t.words.NotJudged
	}
	brief := t.brief(t.work.report, t.work.at)
	t.work.settle(brief)
	return brief
}

// goNext says what happened in a step that was just passed, and goes on.
func (e *exercise) goNext(ctx context.Context, t *talk) error {
	i := e.next(t)
	if i < 0 {
		if t.work != nil && t.work.report.Verdict == lessons.Pass && len(e.lesson.Questions) > 0 {
			return t.goTo(ctx, newQuiz(e.lesson))
		}
		t.say(t.words.LastStep)
		return nil
	}
	if res, ok := e.result(t); ok && res.Verdict == lessons.Pass {
		if _, err := t.recite(ctx, append(t.debrief(e.step(t), res), nil)); err != nil {
			return err
		}
	}
	return e.open(ctx, t, i)
}

func (e *exercise) goPrevious(ctx context.Context, t *talk) error {
	i := e.at(t)
	if i == 0 {
		t.say(t.words.FirstStep)
		return nil
	}
	return e.open(ctx, t, i-1)
}

// sayAll lists the steps with their verdicts.
func (e *exercise) sayAll(ctx context.Context, t *talk) error {
	lp := t.progress(e.lesson.ID)
	var lines []string
	for i, s := range e.lesson.Steps {
		word := t.words.WaitingWord
		if t.work != nil && t.work.lesson == e.lesson && t.work.got && i < len(t.work.report.Steps) {
			word = t.word(t.work.report, t.work.report.Steps[i])
		} else if _, passed := lp.Passed[s.ID]; passed {
			word = t.words.PassedBefore
		}
		line := fmt.Sprintf("%d. %s%s%s", i+1, t.text(s.Title), t.words.Colon, word)
		if i == e.at(t) {
			line += t.words.Comma + t.words.YouAreHere
		}
		lines = append(lines, t.out.wrap("", "   ", line)...)
	}
	_, err := t.recite(ctx, [][]string{lines, t.paragraph(t.words.StepsHow)})
	return err
}
