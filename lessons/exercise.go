package lessons

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// plantTimeout bounds the making of one step's objects.
const plantTimeout = 30 * time.Second

// Exercise is one learner doing the steps of one lesson on one cluster: it
// makes the workspace, begins each step when its turn comes, judges on every
// change of the cluster, and remembers what was passed.
//
// One Run, Check or Wait may be active at a time; Answer and Reset may be
// called beside it from other goroutines.
type Exercise struct {
	lesson  *Lesson
	cluster Cluster
	store   *Store
	now     func() time.Time
	// Used by the goroutine that follows the cluster; supposing is for Suppose
	// only, and nil before its first call.
	grader, supposing *Grader

	requests chan request
	mu       sync.Mutex
	active   bool
	seq      atomic.Uint64 // of the newest report; a reset does not start it anew
}

// request is something asked of the goroutine that follows the cluster.
type request struct {
	do   func(ctx context.Context, s *session) error
	done chan error
}

// NewExercise returns the exercise of a lesson. Nothing is made on the cluster
// before Run, Check, Wait, Answer or Reset.
func NewExercise(l *Lesson, c Cluster, store *Store, now func() time.Time) *Exercise {
	return &Exercise{lesson: l, cluster: c, store: store, now: now, grader: NewGrader(), requests: make(chan request)}
}

// errAgain ends a session so that the next one begins with a fresh workspace.
var errAgain = errors.New("begin again")

// Run follows the exercise until ctx ends and calls report for every new state,
// from one goroutine. It returns nil when ctx ended, and an error when the
// workspace could not be made.
func (e *Exercise) Run(ctx context.Context, report func(Report)) error {
	_, err := e.follow(ctx, func(r Report) bool { report(r); return false })
	return err
}

// Check judges the exercise once: it begins what is to begin, waits for states
// that must be held, and returns when nothing more can be said without the
// learner doing something.
func (e *Exercise) Check(ctx context.Context) (Report, error) {
	return e.follow(ctx, Report.Settled)
}

// Wait follows the exercise until done says so or ctx ends; then it returns the
// last report.
func (e *Exercise) Wait(ctx context.Context, done func(Report) bool) (Report, error) {
	return e.follow(ctx, func(r Report) bool { return r.Settled() && done(r) })
}

// Settled reports whether the verdicts are final as long as the cluster does
// not change: every step that could begin has begun and nothing is being held.
func (r Report) Settled() bool { return !r.unsettled }

// Answer judges an answer to an Ask step now, or takes the prediction of a
// Predict step. The report tells the outcome; the error tells why it could not
// be judged.
func (e *Exercise) Answer(ctx context.Context, step, answer string) (Report, error) {
	if s, ok := e.lesson.Step(step); !ok || !s.Answered() {
		return Report{}, fmt.Errorf("step %s of lesson %s does not ask for an answer", step, e.lesson.ID)
	}
	var rep Report
	err := e.ask(ctx, func(ctx context.Context, s *session) error {
		rep = s.answer(ctx, step, answer)
		return nil
	})
	return rep, err
}

// Reset forgets a step and all steps after it, and makes its planted objects
// anew. With an empty step the whole workspace is deleted and made again.
func (e *Exercise) Reset(ctx context.Context, step string) error {
	if _, ok := e.lesson.Step(step); !ok && step != "" {
		return fmt.Errorf("lesson %s has no step %s", e.lesson.ID, step)
	}
	return e.ask(ctx, func(ctx context.Context, s *session) error { return s.reset(ctx, step) })
}

// ask has the following goroutine do something; without one it follows itself
// until that is done.
func (e *Exercise) ask(ctx context.Context, do func(context.Context, *session) error) error {
	e.mu.Lock()
	active := e.active
	e.mu.Unlock()
	r := request{do: do, done: make(chan error, 1)}
	if !active {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		ended := make(chan error, 1)
		go func() {
			_, err := e.follow(ctx, func(Report) bool { return false })
			ended <- err
		}()
		defer func() { stop(); <-ended }()
		select {
		case e.requests <- r:
		case err := <-ended:
			ended <- nil
			if err == nil {
				err = ctx.Err()
			}
			return err
		}
	} else {
		select {
		case e.requests <- r:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// follow runs sessions until done, ctx, or an error ends it.
func (e *Exercise) follow(ctx context.Context, done func(Report) bool) (Report, error) {
	e.mu.Lock()
	e.active = true
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		e.active = false
		e.mu.Unlock()
	}()
	for {
		rep, err := e.session(ctx, done)
		if !errors.Is(err, errAgain) {
			return rep, err
		}
	}
}

// session follows one workspace for as long as it lasts.
func (e *Exercise) session(ctx context.Context, done func(Report) bool) (Report, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if a, ok := e.cluster.(Admitter); ok {
		if err := a.Admit(ctx, e.lesson); err != nil {
			return e.unjudged(err), err
		}
	}
	ws, err := e.cluster.Prepare(ctx, e.lesson.ID)
	if err != nil {
		return e.unjudged(err), err
	}
	s := newSession(e, ws)
	snapshots := e.cluster.Follow(ctx, ws, e.lesson.FollowedKinds())
	defer func() {
		stop()
		for range snapshots { // until the cluster has let go of it
		}
	}()
	var rep Report
	for {
		var requests chan request
		if s.seen {
			requests = e.requests // answers need something to be judged on
		}
		wake, sleepOn := s.timer()
		select {
		case <-ctx.Done():
			sleepOn()
			return rep, nil
		case snap, open := <-snapshots:
			if !open { // as it is when ctx ended
				return rep, nil
			}
			if snap.Away != nil && snap.Away.Trouble == Replaced {
				return rep, errAgain // in a workspace on the cluster that is there now
			}
			s.snap, s.seen = snap, true
		case <-wake:
		case r := <-requests:
			err := r.do(ctx, s)
			if errors.Is(err, errAgain) {
				stop()
				r.done <- nil
				return rep, errAgain
			}
			r.done <- err
		}
		sleepOn()
		rep = s.judge(ctx)
		if done(rep) {
			return rep, nil
		}
	}
}

// unjudged is the report of an exercise whose cluster could not be reached.
func (e *Exercise) unjudged(err error) Report {
	rep := Report{Seq: e.seq.Add(1), Time: e.now(), Lesson: e.lesson.ID, Verdict: CannotTell}
	var trouble *ClusterError
	errors.As(err, &trouble)
	for _, step := range e.lesson.Steps {
		res := StepResult{ID: step.ID, Verdict: CannotTell, Trouble: trouble}
		if trouble != nil {
			res.Diagnosis = trouble.Sentence()
		}
		rep.Steps = append(rep.Steps, res)
	}
	if len(rep.Steps) > 0 {
		rep.Current = rep.Steps[0].ID
	}
	return rep
}
