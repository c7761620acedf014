package lessons

import (
	"context"
	"errors"
	"time"
)

// session is an exercise in one workspace, driven by one goroutine.
type session struct {
	*Exercise
	ws   Workspace
	snap Snapshot
	seen bool // a snapshot has come
	// attempt is this session's copy of what the store remembers; every change
	// goes to both.
	attempt *Attempt
	answers map[string]StepResult // last outcome of each Ask step
	planted map[string]uint64     // steps whose setup this session made: newest snapshot before that
	failed  map[string]failure    // steps whose setup could not be made
	passing map[string]Snapshot   // by step: what it was last passed on; old ones go
	// complete says that all steps were seen passed together.
	complete bool
	notice   Text
	wake     time.Duration // judge again after this long without a snapshot; 0: no need
}

type failure struct {
	err   *ClusterError
	again time.Time // when to try again
}

// retryPlanting is how long to wait before a failed setup is tried again.
const retryPlanting = 2 * time.Second

func newSession(e *Exercise, ws Workspace) *session {
	s := &session{Exercise: e, ws: ws, answers: map[string]StepResult{},
		planted: map[string]uint64{}, failed: map[string]failure{}, passing: map[string]Snapshot{}}
	e.grader.forgetAll() // nobody saw what was held between two sessions
	if lp := e.store.Progress().Lessons[e.lesson.ID]; lp != nil && lp.Attempt != nil {
		if a := lp.Attempt; a.WorkspaceUID == ws.UID && a.ClusterUID == ws.ClusterUID {
			s.attempt = a
			return s
		}
		if a := lp.Attempt; len(a.Steps) > 0 {
			s.notice = sayFreshWorkspace()
			if a.ClusterUID != "" && a.ClusterUID != ws.ClusterUID {
				s.notice = sayOtherCluster()
			}
		}
	}
	s.attempt = &Attempt{WorkspaceUID: ws.UID, ClusterUID: ws.ClusterUID, Namespace: ws.Namespace,
		StartedAt: e.now(), Steps: map[string]*AttemptStep{}}
	s.save(nil)
	return s
}

// save writes the attempt, and what else changed, to the store.
func (s *session) save(also func(*LessonProgress)) {
	err := s.store.Update(func(p *Progress) {
		lp := p.Lesson(s.lesson.ID)
		lp.Attempt = s.attempt.copyOf()
		if also != nil {
			also(lp)
		}
	})
	if err != nil {
		s.notice = sayNotSaved(err)
	}
}

// timer returns a channel that fires when the steps must be judged again
// without a new snapshot, and a function that stops it.
func (s *session) timer() (<-chan time.Time, func() bool) {
	if s.wake == 0 {
		return nil, func() bool { return false }
	}
	t := time.NewTimer(s.wake)
	return t.C, t.Stop
}

// judge looks at the newest snapshot, begins the steps whose turn has come, and
// reports on all.
func (s *session) judge(ctx context.Context) Report {
	s.wake = 0
	now := s.now()
	rep := Report{Seq: s.seq.Add(1), Time: now, Lesson: s.lesson.ID, Workspace: s.ws, Snapshot: s.snap, Verdict: Pass, Notice: s.notice}
	previous := "" // id of the nearest earlier step that was never passed
	for _, step := range s.lesson.Steps {
		var res StepResult
		switch {
		case previous != "" && !s.begun(step.ID):
			res = StepResult{ID: step.ID, Verdict: NotYet, Diagnosis: sayNotBegun(previous)}
			if s.snap.Away != nil {
				res = s.away(step)
			}
		case !s.begin(ctx, step):
			res = s.beginning(step)
			rep.unsettled = rep.unsettled || (s.snap.Away == nil && s.failed[step.ID].err == nil)
		default:
			res = s.judgeStep(ctx, step, now)
		}
		for _, c := range res.Checks {
			if c.HoldLeft > 0 {
				s.wakeAfter(c.HoldLeft)
				rep.unsettled = true
			}
		}
		if st := s.attempt.Steps[step.ID]; previous == "" && (st == nil || st.PassedAt == nil) {
			previous = step.ID
		}
		if res.Verdict != Pass && rep.Current == "" {
			rep.Current = step.ID
		}
		rep.Verdict = worse(rep.Verdict, res.Verdict)
		rep.Steps = append(rep.Steps, res)
	}
	if s.snap.Away != nil {
		rep.Verdict = CannotTell // also where every step stays passed whatever comes
	}
	s.verified(rep)
	if d := s.grader.takeWake(); d > 0 {
		s.wakeAfter(d) // what is waited for may be called stuck then
	}
	rep.Notice = s.notice
	return rep
}

// begun reports whether a step has begun. One whose setup was planted but not
// seen yet is known to the attempt too, so that it is not planted twice.
func (s *session) begun(step string) bool {
	st := s.attempt.Steps[step]
	return st != nil && !st.BegunAt.IsZero()
}

// begin starts a step: plants its objects, waits until they are seen, and takes
// the baseline. It reports whether the step has begun.
func (s *session) begin(ctx context.Context, step *Step) bool {
	if s.begun(step.ID) {
		return true
	}
	if s.snap.Away != nil {
		return false
	}
	if len(step.Setup) > 0 && s.attempt.Steps[step.ID] == nil && !s.plant(ctx, step) {
		return false
	}
	if before, here := s.planted[step.ID]; here && s.snap.Seq <= before {
		return false // what it shows of the same names is older than what was planted
	}
	for _, o := range step.Setup {
		if !s.sees(o) {
			return false
		}
	}
	before, ok := s.grader.Baseline(ctx, step, s.snap, s.ws)
	if !ok {
		return false
	}
	s.attempt.Steps[step.ID] = &AttemptStep{BegunAt: s.now(), Baseline: before}
	s.save(nil)
	return true
}

// plant makes the objects of a step. After a failure it is tried again a little
// later.
func (s *session) plant(ctx context.Context, step *Step) bool {
	if f := s.failed[step.ID]; f.err != nil && s.now().Before(f.again) {
		s.wakeAfter(f.again.Sub(s.now()))
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, plantTimeout)
	defer cancel()
	if err := s.cluster.Plant(ctx, s.ws, step.Setup); err != nil {
		s.failed[step.ID] = failure{asClusterError(err), s.now().Add(retryPlanting)}
		s.wakeAfter(retryPlanting)
		return false
	}
	delete(s.failed, step.ID)
	s.planted[step.ID] = s.snap.Seq
	s.attempt.Steps[step.ID] = &AttemptStep{}
	s.save(nil)
	return true
}

func (s *session) wakeAfter(d time.Duration) {
	if s.wake == 0 || d < s.wake {
		s.wake = d
	}
}

// sees reports whether a planted object is in the snapshot, or of a kind that
// is not followed.
func (s *session) sees(o Object) bool {
	followed := false
	for kind, listing := range s.snap.Kinds {
		if kind.Kind != text(o, "kind") || kind.APIVersion() != text(o, "apiVersion") {
			continue
		}
		followed = true
		for _, have := range listing.Objects {
			if text(have, "metadata", "name") == text(o, "metadata", "name") &&
				text(have, "metadata", "namespace") == s.namespaceOf(kind) && field(have, "metadata", "deletionTimestamp") == nil {
				return true
			}
		}
	}
	return !followed
}

// beginning is the result of a step whose turn it is but that has not begun.
func (s *session) beginning(step *Step) StepResult {
	if s.snap.Away != nil {
		return s.away(step)
	}
	if f := s.failed[step.ID]; f.err != nil {
		return StepResult{ID: step.ID, Verdict: CannotTell, Diagnosis: f.err.Sentence(), Trouble: f.err}
	}
	return StepResult{ID: step.ID, Verdict: NotYet, Diagnosis: sayPlanting()}
}

func (s *session) away(step *Step) StepResult {
	return StepResult{ID: step.ID, Verdict: CannotTell, Begun: s.begun(step.ID),
		Diagnosis: s.snap.Away.Sentence(), Trouble: s.snap.Away}
}

// judgeStep judges a step that has begun, and remembers its first pass.
func (s *session) judgeStep(ctx context.Context, step *Step, now time.Time) StepResult {
	st := s.attempt.Steps[step.ID]
	if st.PassedAt != nil && s.settledFor(step) {
		return s.settled(step)
	}
	if step.Kind == Ask {
		return s.unanswered(ctx, step)
	}
	var res StepResult
	if step.Kind == Predict {
		res = s.judgePrediction(ctx, step, now)
	} else {
		res = s.grader.Grade(ctx, step, s.snap, s.ws, st.Baseline, now)
	}
	switch {
	case res.Verdict == Pass:
		s.passing[step.ID] = s.snap
		if st.PassedAt == nil {
			st.Seen = digest(witnesses(step, s.snap, s.ws))
			s.pass(step, now)
		}
	case res.Verdict == NotYet && st.PassedAt != nil:
		res.Regressed, res.Broke = true, s.broke(step)
	}
	return res
}

// settledFor reports whether a passed step stays passed whatever the cluster
// looks like now.
func (s *session) settledFor(step *Step) bool {
	return step.Kind == Ask || step.Until != "" && s.begun(step.Until)
}

// settled is the result of a step that stays passed: its checks are shown as
// they were passed, without judging them again.
func (s *session) settled(step *Step) StepResult {
	res := StepResult{ID: step.ID, Verdict: Pass, Begun: true}
	for _, c := range step.Checks {
		res.Checks = append(res.Checks, CheckResult{ID: c.ID, Title: c.Title, Verdict: Pass, Path: c.Path,
			Object: about(step, c, s.ws.Namespace)})
	}
	switch step.Kind {
	case Predict:
		var check CheckResult
		check, res.Prediction = settledPrediction(s.attempt.Steps[step.ID])
		res.Checks = append([]CheckResult{check}, res.Checks...)
	case Ask:
		res.Checks = []CheckResult{{ID: AnswerCheck, Title: sayYourAnswer(), Verdict: Pass, Found: s.attempt.Steps[step.ID].Answer}}
	}
	return res
}

// unanswered is the result of an Ask step: the outcome of the last answer.
func (s *session) unanswered(ctx context.Context, step *Step) StepResult {
	if s.snap.Away != nil {
		return s.away(step)
	}
	if res, ok := s.answers[step.ID]; ok && res.Verdict == NotYet {
		return res
	}
	return s.grader.GradeAnswer(ctx, step, s.snap, s.ws, s.attempt.Steps[step.ID].Baseline, "")
}

func (s *session) pass(step *Step, now time.Time) {
	at := now
	s.attempt.Steps[step.ID].PassedAt = &at
	s.save(func(lp *LessonProgress) {
		if _, before := lp.Passed[step.ID]; !before {
			lp.Passed[step.ID] = now
		}
	})
}

// verified remembers that all steps were passed at one and the same moment.
// Having passed each at some time is not enough: a later one may have taken an
// earlier one back.
func (s *session) verified(rep Report) {
	if rep.Verdict != Pass || len(rep.Steps) == 0 || s.complete {
		return
	}
	s.complete = true
	s.save(func(lp *LessonProgress) {
		if lp.Verified.IsZero() {
			lp.Verified = rep.Time
		}
	})
}

// answer judges an answer on the newest snapshot.
func (s *session) answer(ctx context.Context, id, answer string) Report {
	rep := s.judge(ctx) // begins the step if its turn has come
	step, _ := s.lesson.Step(id)
	st := s.attempt.Steps[id]
	if step.Kind == Predict && s.begun(id) {
		return s.foretell(ctx, step, answer)
	}
	if st == nil || s.snap.Away != nil {
		return rep
	}
	res := s.grader.GradeAnswer(ctx, step, s.snap, s.ws, st.Baseline, answer)
	// A step that was passed stays so, but a wrong answer is never called right.
	if st.PassedAt == nil {
		s.answers[id] = res
		st.Answer = answer
		if res.Verdict == Pass {
			s.pass(step, s.now())
		} else {
			s.save(nil)
		}
		rep = s.judge(ctx)
	}
	for i := range rep.Steps {
		if rep.Steps[i].ID == id {
			rep.Steps[i] = res
		}
	}
	return rep
}

func asClusterError(err error) *ClusterError {
	var trouble *ClusterError
	if errors.As(err, &trouble) {
		return trouble
	}
	return &ClusterError{Trouble: Refused, Op: "prepare the step", Err: err}
}
