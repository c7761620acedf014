package plain

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// check gives the cluster a moment to see what was done and says in full how the
// step stands.
func (e *exercise) check(ctx context.Context, t *talk) error {
	if !e.running(t) {
		return nil
	}
	// What is told meanwhile of the open step would be said twice.
	_, err := t.until(ctx, reactTime, func(lessons.Report) bool { return false })
	if err != nil && !errors.Is(err, errStopped) {
		return err
	}
	if t.work == nil || !t.work.got {
		return nil
	}
	w := t.work
	w.settle(t.brief(w.report, w.at))
	blocks := t.verdict(w.report, w.at)
	if res, ok := e.result(t); ok {
		if how := e.how(t, e.step(t), res); res.Verdict == lessons.Pass && how != "" {
			blocks = append(blocks, t.paragraph(how))
		}
	}
	_, err = t.recite(ctx, blocks)
	return err
}

// running reports whether there is an engine to ask, and says so when not.
func (e *exercise) running(t *talk) bool {
	if t.work == nil || t.work.lesson != e.lesson || t.work.err != nil {
		t.say(t.words.NotRunningYet)
		return false
	}
	return true
}

// wait waits until the open step is passed or stuck.
func (e *exercise) wait(ctx context.Context, t *talk, arg string) error {
	if !e.running(t) {
		return nil
	}
	limit := waitTime
	if arg != "" {
		seconds, err := strconv.Atoi(strings.TrimRight(normal(arg), "s秒 "))
		if err != nil || seconds < 1 || seconds > 86400 {
			t.say(t.words.WaitHow)
			return nil
		}
		limit = time.Duration(seconds) * time.Second
	}
	id := e.step(t).ID
	if res, ok := e.result(t); !ok || res.Verdict != lessons.Pass {
		t.say(t.words.WaitingNow)
	}
	passed, err := t.until(ctx, limit, func(r lessons.Report) bool {
		res, _ := r.Step(id)
		return res.Verdict == lessons.Pass
	})
	switch {
	case errors.Is(err, errStopped):
		t.say(t.words.Stopped)
		return nil
	case err != nil:
		return err
	case !passed:
		t.say(t.words.WaitedLong)
		t.say(e.standing(t))
	}
	return nil
}

// hint says the next hint of the open step, or all again after the last.
func (e *exercise) hint(ctx context.Context, t *talk) error {
	s := e.step(t)
	if len(s.Hints) == 0 {
		t.say(t.words.NoHints)
		return nil
	}
	lesson, shown := e.lesson.ID, t.progress(e.lesson.ID).Hints[s.ID]
	first := min(shown, len(s.Hints)-1)
	if shown >= len(s.Hints) {
		first = 0
	}
	last := min(shown+1, len(s.Hints))
	if shown < len(s.Hints) {
		t.save(func(p *lessons.Progress) { p.Lesson(lesson).Hints[s.ID] = last })
	}
	var blocks [][]string
	for i := first; i < last; i++ {
		blocks = append(blocks, t.paragraph(fmt.Sprintf(t.words.HintOf, i+1, len(s.Hints))))
		blocks = append(blocks, t.markdown(t.text(s.Hints[i]))...)
	}
	if last == len(s.Hints) {
		blocks = append(blocks, t.paragraph(t.words.LastHint))
	}
	_, err := t.recite(ctx, blocks)
	return err
}

// solution shows the commands that solve the step, after asking.
func (e *exercise) solution(ctx context.Context, t *talk) error {
	s := e.step(t)
	if len(s.Solution) == 0 {
		t.say(t.words.NoSolution)
		return nil
	}
	if !e.solved[s.ID] {
		yes, err := t.confirm(ctx, t.words.AskSolution)
		if err != nil || !yes {
			return err
		}
		e.solved[s.ID] = true
	}
	t.say(t.words.Solution)
	for _, line := range s.Solution {
		for part := range strings.SplitSeq(line, "\n") { // to be copied: not broken
			t.out.lines("  " + part)
		}
	}
	return nil
}

// answer has an answer judged, or a prediction taken.
func (e *exercise) answer(ctx context.Context, t *talk, arg string) error {
	s := e.step(t)
	if !e.running(t) {
		return nil
	}
	if arg == "" {
		line, err := t.read(ctx, t.words.YourAnswer)
		if err != nil {
			return err
		}
		if arg = strings.TrimSpace(lessons.Printable(line)); arg == "" {
			t.say(t.words.NothingDone)
			return nil
		}
	}
	var report lessons.Report
	err := t.busy(ctx, answerTime, func(ctx context.Context) (err error) {
		report, err = t.work.exercise.Answer(ctx, s.ID, arg)
		return err
	})
	switch {
	case errors.Is(err, errStopped):
		t.say(t.words.Stopped)
		return nil
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		t.say(t.words.NotSent + t.explain(err))
		return nil
	}
	news := t.take(report)
	t.tell(news...)
	res, _ := report.Step(s.ID)
	w := t.work
	w.settle(t.brief(w.report, w.at))
	switch {
	case res.Verdict == lessons.Pass && len(news) == 0:
		t.say(t.passed(w.at, res, report)) // the engine's own report came first
	case res.Verdict == lessons.Pass:
	case res.Prediction != nil && !res.Prediction.Known:
		t.sayf(t.words.Foretold, res.Prediction.Said)
	default:
		_, err = t.recite(ctx, t.verdict(w.report, w.at))
	}
	return err
}

// reset begins the step, or the lesson, anew after asking.
func (e *exercise) reset(ctx context.Context, t *talk) error {
	if !e.running(t) {
		return nil
	}
	line, err := t.read(ctx, t.words.AskReset)
	if err != nil {
		return err
	}
	id := e.step(t).ID
	switch strings.ToLower(normal(line)) {
	case "step", "s", "这一步", "步骤":
	case "lesson", "l", "all", "整个练习", "全部":
		id = ""
	default:
		t.say(t.words.NothingDone)
		return nil
	}
	t.say(t.words.Resetting)
	err = t.busy(ctx, resetTime, func(ctx context.Context) error { return t.work.exercise.Reset(ctx, id) })
	switch {
	case errors.Is(err, errStopped):
		t.say(t.words.Stopped)
		return nil
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		t.say(t.words.NotReset + t.explain(err))
		return nil
	}
	kept, err := t.o.Files.Reset(e.lesson, id)
	if err != nil {
		t.say(t.words.NotReset + err.Error())
	}
	for _, path := range kept {
		t.say(t.words.FileKept + path)
	}
	lesson := e.lesson.ID
	t.save(func(p *lessons.Progress) {
		lp := p.Lesson(lesson)
		if delete(lp.Hints, id); id == "" {
			clear(lp.Hints)
		}
	})
	if delete(e.solved, id); id == "" {
		clear(e.solved)
		t.work.at = 0
	}
	t.say(t.words.WasReset)
	_, err = t.until(ctx, answerTime, func(r lessons.Report) bool {
		res, _ := r.Step(e.step(t).ID)
		return r.Settled() && r.Workspace.Namespace != "" && (res.Begun || r.Current != res.ID)
	})
	if err != nil && !errors.Is(err, errStopped) {
		return err
	}
	if t.work != nil {
		t.work.settle(t.brief(t.work.report, t.work.at))
	}
	return e.sayStep(ctx, t)
}
