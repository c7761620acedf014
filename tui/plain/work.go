package plain

import (
	"context"
	"errors"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// settleTime is for how long what is found must stay as it is before it is told:
// while a rollout runs it changes several times a second.
const settleTime = 2 * time.Second

// work is an exercise under way: its engine, and what was told of it.
type work struct {
	lesson   *lessons.Lesson
	exercise tui.Exercise
	cancel   context.CancelFunc
	ctx      context.Context
	reports  chan lessons.Report // the newest that nobody has taken
	ended    chan error          // when the engine has ended by itself
	done     chan struct{}

	report lessons.Report
	got    bool  // a report has come
	err    error // why the engine ended
	at     int   // the step that is open

	told    string      // what was said last of the open step
	timer   *time.Timer // to the moment when what has changed is told
	changed bool        // there is something to tell then
}

// startWork starts the engine of a lesson's exercise on the cluster that is
// open. The work's context is that of the conversation.
func (t *talk) startWork(ctx context.Context, l *lessons.Lesson, at int) {
	t.stopWork()
	ctx, cancel := context.WithCancel(ctx)
	w := &work{lesson: l, exercise: t.o.Exercise(l, t.session), ctx: ctx, cancel: cancel, at: at,
		reports: make(chan lessons.Report, 1), ended: make(chan error, 1), done: make(chan struct{})}
	w.timer = time.NewTimer(time.Hour)
	w.timer.Stop()
	t.work = w
	go func() {
		defer close(w.done)
		err := w.exercise.Run(ctx, w.put)
		if ctx.Err() == nil {
			w.ended <- err
		}
	}()
}

// put hands over a report in place of one that nobody has taken: each is a
// complete state.
func (w *work) put(r lessons.Report) {
	for {
		select {
		case w.reports <- r:
			return
		default:
		}
		select {
		case <-w.reports:
		default:
		}
	}
}

// stopWork ends the engine and waits for its end.
func (t *talk) stopWork() {
	if t.work != nil {
		t.work.cancel()
		<-t.work.done
		t.work.timer.Stop()
		t.work = nil
	}
}

// reports is the channel of the exercise's reports; nil while there is none.
func (t *talk) reports() <-chan lessons.Report {
	if t.work == nil {
		return nil
	}
	return t.work.reports
}

func (t *talk) engineEnd() <-chan error {
	if t.work == nil {
		return nil
	}
	return t.work.ended
}

// later is when what has changed has stayed so for long enough.
func (t *talk) later() <-chan time.Time {
	if t.work == nil {
		return nil
	}
	return t.work.timer.C
}

// take takes in a new state of the exercise and returns what is to be told of it
// at once.
func (t *talk) take(r lessons.Report) []string {
	w := t.work
	if w.got && r.Workspace == w.report.Workspace && r.Seq < w.report.Seq {
		return nil
	}
	before, first := w.report, !w.got
	w.report, w.got, w.err = r, true, nil
	if first {
		w.told = t.brief(r, w.at)
		return t.notice(r)
	}
	news := t.news(before, r)
	if brief := t.brief(r, w.at); brief != w.told {
		w.changed = true
		w.timer.Reset(settleTime)
	}
	if len(news) > 0 { // what was said is newer than what is to be told
		w.settle(t.brief(r, w.at))
	}
	return news
}

// settle notes what was said of the open step.
func (w *work) settle(told string) {
	w.told, w.changed = told, false
	w.timer.Stop()
}

// settled returns what is to be told of a state that has stayed for a while.
func (t *talk) settled() []string {
	w := t.work
	if w == nil || !w.changed {
		return nil
	}
	brief := t.brief(w.report, w.at)
	same := brief == w.told
	w.settle(brief)
	if same || brief == "" {
		return nil
	}
	return []string{brief}
}

// engineEnded takes in that the engine has ended.
func (t *talk) engineEnded(err error) []string {
	if err == nil {
		err = errors.New(t.words.EngineEnded)
	}
	t.work.err = err
	if isUnapproved(err) {
		return nil // the exercise asks
	}
	return []string{t.words.NoStart + t.explain(err), t.words.RetryHow}
}

// catchUp takes in what has come meanwhile, and tells it.
func (t *talk) catchUp() {
	for {
		select {
		case r := <-t.reports():
			t.tell(t.take(r)...)
			continue
		case err := <-t.engineEnd():
			t.tell(t.engineEnded(err)...)
			continue
		default:
		}
		return
	}
}

// tell says news, each in a paragraph of its own, and reports whether there was
// any.
func (t *talk) tell(news ...string) bool {
	for _, n := range news {
		t.say(n)
	}
	return len(news) > 0
}

// until waits until done says so of the newest report, time is up, the engine
// ends, or Ctrl-C is pressed. News is told as it comes. It reports whether done
// has said so.
func (t *talk) until(ctx context.Context, limit time.Duration, done func(lessons.Report) bool) (bool, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		if t.work == nil || t.work.err != nil {
			return false, nil
		}
		if t.work.got && done(t.work.report) {
			return true, nil
		}
		select {
		case r := <-t.reports():
			t.tell(t.take(r)...)
		case err := <-t.engineEnd():
			t.tell(t.engineEnded(err)...)
		case <-t.later():
			t.tell(t.settled()...)
		case <-t.o.Interrupts:
			t.out.fresh()
			return false, errStopped
		case <-timer.C:
			return false, nil
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// busy does something with the engine and takes in what it reports meanwhile.
// Ctrl-C ends it.
func (t *talk) busy(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	stopped := false
	for {
		select {
		case err := <-done:
			if stopped && err != nil {
				return errStopped
			}
			return err
		case r := <-t.reports():
			t.tell(t.take(r)...)
		case err := <-t.engineEnd():
			t.tell(t.engineEnded(err)...)
		case <-t.o.Interrupts:
			t.out.fresh()
			stopped = true
			cancel()
		}
	}
}
