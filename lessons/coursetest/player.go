package coursetest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// waitTime bounds the wait for one verdict.
const waitTime = 2 * time.Minute

// player plays a learner: it does the steps of a lesson up to one of them, in a
// workspace of its own, while the exercise follows.
type player struct {
	bench  *Bench
	lesson *lessons.Lesson // ends with the step that is proved, so that nothing settles it
	store  *lessons.Store
	ex     *lessons.Exercise
	ws     lessons.Workspace
	place  *place

	stop context.CancelFunc
	done chan struct{} // closed when the exercise has ended

	mu     sync.Mutex
	latest lessons.Report
	err    error         // why the exercise ended
	news   chan struct{} // closed at the next report

	played []string // since the last call of record
	said   strings.Builder
}

// newPlayer begins the exercise of a lesson, up to and with the step, in a
// workspace whose name ends in suffix.
func newPlayer(ctx context.Context, b *Bench, l *lessons.Lesson, step int, suffix, dir string) (*player, error) {
	upTo := *l
	upTo.ID += "-" + suffix
	upTo.Steps = l.Steps[:step+1]
	store, _, err := lessons.OpenStore(filepath.Join(dir, upTo.ID+".json"), time.Now)
	if err != nil {
		return nil, err
	}
	p := &player{bench: b, lesson: &upTo, store: store, news: make(chan struct{}), done: make(chan struct{})}
	p.ex = lessons.NewExercise(p.lesson, b.Cluster, store, time.Now)
	ctx, p.stop = context.WithCancel(ctx)
	go func() {
		defer close(p.done)
		err := p.ex.Run(ctx, p.take)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.err = err
	}()
	rep, err := p.until(ctx, func(lessons.Report) bool { return true })
	if err != nil {
		p.end()()
		return nil, err
	}
	p.ws = rep.Workspace
	p.place = newPlace(b, p.ws, l, p.seen)
	return p, nil
}

// end stops the exercise and has the workspace deleted. It does not wait for
// that: what it returns does, for clearTime at most.
func (p *player) end() (clear func()) {
	p.stop()
	<-p.done
	return func() {
		if p.ws.UID == "" {
			return
		}
		// The deadline ends the wait, not the deletion.
		ctx, cancel := context.WithTimeout(context.Background(), clearTime)
		defer cancel()
		_ = p.bench.Cluster.Clear(ctx, p.ws)
	}
}

// clearTime is long enough for the order to delete a workspace. Its end takes
// five seconds and more.
const clearTime = 3 * time.Second

func (p *player) take(rep lessons.Report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latest = rep
	close(p.news)
	p.news = make(chan struct{})
}

// seen returns the objects of the workspace in the latest report.
func (p *player) seen() []lessons.Object {
	p.mu.Lock()
	snap := p.latest.Snapshot
	p.mu.Unlock()
	var all []lessons.Object
	for kind, listing := range snap.Kinds {
		if !kind.Namespaced {
			continue
		}
		for _, o := range listing.Objects {
			if text(o, "metadata", "namespace") == p.ws.Namespace && !leaving(o) && !system(o) {
				all = append(all, o)
			}
		}
	}
	return all
}

// until waits for a report that is as wanted; the last one counts too.
func (p *player) until(ctx context.Context, wanted func(lessons.Report) bool) (lessons.Report, error) {
	for {
		p.mu.Lock()
		rep, news := p.latest, p.news
		p.mu.Unlock()
		if rep.Seq > 0 && rep.Settled() && wanted(rep) {
			return rep, nil
		}
		select {
		case <-ctx.Done():
			return rep, fmt.Errorf("not in time: %w", ctx.Err())
		case <-p.done:
			p.mu.Lock()
			defer p.mu.Unlock()
			return rep, fmt.Errorf("the exercise ended: %w", p.err)
		case <-news:
		}
	}
}

// wait waits until the step is as wanted.
func (p *player) wait(ctx context.Context, step *lessons.Step, limit time.Duration, wanted func(lessons.StepResult) bool) (lessons.StepResult, error) {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	rep, err := p.until(bounded, func(r lessons.Report) bool {
		res, ok := r.Step(step.ID)
		return ok && wanted(res)
	})
	res, _ := rep.Step(step.ID)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("not within %s", limit)
	}
	return res, err
}

// joint is the verdict on everything that is in force when a step was solved:
// the step itself, or the first earlier one whose state must still hold and does
// not.
func joint(rep lessons.Report) lessons.StepResult {
	if len(rep.Steps) == 0 {
		return lessons.StepResult{}
	}
	own := rep.Steps[len(rep.Steps)-1]
	if own.Verdict != lessons.Pass {
		return own
	}
	for _, earlier := range rep.Steps {
		if earlier.Verdict != lessons.Pass {
			return earlier
		}
	}
	return own
}

// waitJoint waits until the joint verdict is as wanted.
func (p *player) waitJoint(ctx context.Context, limit time.Duration, wanted func(lessons.StepResult) bool) (lessons.StepResult, error) {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	rep, err := p.until(bounded, func(r lessons.Report) bool { return wanted(joint(r)) })
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("not within %s", limit)
	}
	return joint(rep), err
}

// begin waits until the step has begun and can be judged, and makes sure that it
// is not passed before anything was done.
func (p *player) begin(ctx context.Context, step *lessons.Step) (lessons.StepResult, error) {
	res, err := p.wait(ctx, step, waitTime, func(r lessons.StepResult) bool { return r.Begun && r.Verdict != lessons.CannotTell })
	switch {
	case err != nil:
		return res, fmt.Errorf("step %s does not begin: %w%s", step.ID, err, details(res))
	case res.Verdict != lessons.NotYet:
		return res, fmt.Errorf("step %s before anything was done: verdict %s, want not-yet%s", step.ID, res.Verdict, details(res))
	case res.Mistake != "":
		return res, fmt.Errorf("step %s before anything was done: mistake %s is diagnosed%s", step.ID, res.Mistake, details(res))
	}
	return res, nil
}

// again forgets the step and begins it anew, with its objects planted anew.
func (p *player) again(ctx context.Context, step *lessons.Step) error {
	p.mu.Lock()
	p.latest = lessons.Report{}
	p.mu.Unlock()
	if err := p.ex.Reset(ctx, step.ID); err != nil {
		return err
	}
	res, err := p.wait(ctx, step, 15*time.Second, func(r lessons.StepResult) bool {
		return r.Begun && r.Verdict == lessons.NotYet && r.Mistake == ""
	})
	if err != nil {
		return fmt.Errorf("%w: step %s, begun again: %w%s", errFreshNeeded, step.ID, err, details(res))
	}
	return nil
}

// pass takes a right way and waits until the step is passed.
func (p *player) pass(ctx context.Context, step *lessons.Step, commands []string) (lessons.StepResult, error) {
	if step.Kind == lessons.Predict {
		if err := p.foretell(ctx, step); err != nil {
			return lessons.StepResult{}, err
		}
	}
	if err := p.do(ctx, commands); err != nil {
		return lessons.StepResult{}, err
	}
	if step.Kind == lessons.Ask {
		return p.answerRight(ctx, step)
	}
	res, err := p.wait(ctx, step, waitTime, func(r lessons.StepResult) bool { return r.Verdict == lessons.Pass })
	if err != nil {
		err = fmt.Errorf("step %s is not passed: %w%s", step.ID, err, details(res))
	}
	return res, err
}

// foretell makes a prediction: any will do, for a wrong one passes too.
func (p *player) foretell(ctx context.Context, step *lessons.Step) error {
	said := "0"
	if len(step.Choices) > 0 {
		said = step.Choices[0].Value
	}
	_, err := p.ex.Answer(ctx, step.ID, said)
	return err
}

func (p *player) answerRight(ctx context.Context, step *lessons.Step) (lessons.StepResult, error) {
	answers, err := p.ex.Truth(ctx, step.ID)
	if err != nil {
		return lessons.StepResult{}, fmt.Errorf("step %s: the right answer: %w", step.ID, err)
	}
	if len(answers) == 0 {
		return lessons.StepResult{}, fmt.Errorf("step %s has no right answer", step.ID)
	}
	p.played = append(p.played, "answer "+answers[0])
	rep, err := p.ex.Answer(ctx, step.ID, answers[0])
	if err != nil {
		return lessons.StepResult{}, err
	}
	res, _ := rep.Step(step.ID)
	if res.Verdict != lessons.Pass {
		err = fmt.Errorf("step %s, answer %q: verdict %s, want pass%s", step.ID, answers[0], res.Verdict, details(res))
	}
	return res, err
}

// mistake makes a mistake and waits for its diagnosis.
func (p *player) mistake(ctx context.Context, step *lessons.Step, m *lessons.Mistake) (lessons.StepResult, error) {
	switch {
	case step.Kind == lessons.Predict && m.TryAnswer.Source != "":
		return p.foretellWrong(ctx, step, m)
	case step.Kind == lessons.Predict:
		if err := p.foretell(ctx, step); err != nil {
			return lessons.StepResult{}, err
		}
	case m.TryAnswer.Source != "":
		return p.answerWrong(ctx, step, m)
	}
	if err := p.do(ctx, m.Try); err != nil {
		return lessons.StepResult{}, err
	}
	diagnosed := func(r lessons.StepResult) bool { return r.Mistake == m.ID && r.Verdict == lessons.NotYet }
	res, err := p.wait(ctx, step, 3*time.Second, diagnosed)
	if err != nil && ctx.Err() == nil {
		// What passes while the commands are run does not count, only what is so
		// once everything is at rest.
		if _, err := p.place.rest(ctx, nil, nil); err != nil {
			return res, err
		}
		limit := waitTime
		if res, err = p.wait(ctx, step, time.Second, diagnosed); err != nil && res.Verdict == lessons.Pass {
			limit = time.Second
		}
		res, err = p.wait(ctx, step, limit, diagnosed)
	}
	if err != nil {
		err = fmt.Errorf("verdict %s, want not-yet; mistake %q, want %q: %w%s", res.Verdict, res.Mistake, m.ID, err, details(res))
	}
	return res, err
}

func (p *player) answerWrong(ctx context.Context, step *lessons.Step, m *lessons.Mistake) (lessons.StepResult, error) {
	answers, err := p.ex.WrongAnswers(ctx, step.ID, m)
	if err != nil || len(answers) == 0 {
		return lessons.StepResult{}, fmt.Errorf("the wrong answer of mistake %s: %v %w", m.ID, answers, err)
	}
	p.played = append(p.played, "answer "+answers[0])
	rep, err := p.ex.Answer(ctx, step.ID, answers[0])
	if err != nil {
		return lessons.StepResult{}, err
	}
	res, _ := rep.Step(step.ID)
	if res.Verdict != lessons.NotYet || res.Mistake != m.ID {
		err = fmt.Errorf("answer %q: verdict %s, mistake %q; want not-yet, %q%s", answers[0], res.Verdict, res.Mistake, m.ID, details(res))
	}
	return res, err
}

// foretellWrong makes a foreseen wrong prediction: the step is passed by its
// solution, and says why the prediction was wrong.
func (p *player) foretellWrong(ctx context.Context, step *lessons.Step, m *lessons.Mistake) (lessons.StepResult, error) {
	answers, err := p.ex.WrongAnswers(ctx, step.ID, m)
	if err != nil || len(answers) == 0 {
		return lessons.StepResult{}, fmt.Errorf("the wrong prediction of mistake %s: %v %w", m.ID, answers, err)
	}
	p.played = append(p.played, "answer "+answers[0])
	if _, err := p.ex.Answer(ctx, step.ID, answers[0]); err != nil {
		return lessons.StepResult{}, err
	}
	if err := p.do(ctx, step.Solution); err != nil {
		return lessons.StepResult{}, err
	}
	res, err := p.wait(ctx, step, waitTime, func(r lessons.StepResult) bool { return r.Verdict == lessons.Pass })
	switch {
	case err != nil:
		err = fmt.Errorf("step %s is not passed: %w%s", step.ID, err, details(res))
	case res.Mistake != m.ID:
		err = fmt.Errorf("prediction %q: mistake %q, want %q%s", answers[0], res.Mistake, m.ID, details(res))
	}
	return res, err
}

// do runs command lines in the workspace.
func (p *player) do(ctx context.Context, commands []string) error {
	for _, line := range commands {
		p.played = append(p.played, line)
		if choosesPods(line) {
			if err := p.untilGone(ctx); err != nil {
				return err
			}
		}
		out, err := p.bench.Run(ctx, p.ws, line)
		p.said.WriteString(out)
		if err != nil {
			return fmt.Errorf("run %q: %w", line, err)
		}
	}
	return nil
}

// record returns what was played since the last call and what it printed.
func (p *player) record() (played []string, said string) {
	played, said = p.played, p.said.String()
	p.played = nil
	p.said.Reset()
	return played, said
}

// details says what a result was based on.
func details(res lessons.StepResult) string {
	var b strings.Builder
	for _, c := range res.Checks {
		fmt.Fprintf(&b, "\n  %s: %s, expected %q, found %q: %s", c.ID, c.Verdict, c.Expected, c.Found, c.Why.In(lessons.English))
		if c.Waiting != nil {
			fmt.Fprintf(&b, "\n    waiting: %s", c.Waiting.In(lessons.English))
		}
		if c.Cause != nil {
			fmt.Fprintf(&b, "\n    because (%s): %s", c.Cause.ID, c.Cause.Text.In(lessons.English))
		}
	}
	if res.Diagnosis != nil {
		fmt.Fprintf(&b, "\n  diagnosis: %s", res.Diagnosis.In(lessons.English))
	}
	return b.String()
}
