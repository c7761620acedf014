package lessons

import "context"

// Suppose judges every step that has begun on what change makes of the newest
// snapshot, as if the cluster had become so at this moment. Nothing of it is
// remembered. What must be held for a while has not been. It is for programs
// that prove a course, not for learners. Change gets a copy whose objects are
// shared.
func (e *Exercise) Suppose(ctx context.Context, change func(Snapshot) Snapshot) (Report, error) {
	var rep Report
	err := e.ask(ctx, func(ctx context.Context, s *session) error {
		if s.snap.Away != nil {
			return s.snap.Away
		}
		if e.supposing == nil {
			e.supposing = NewGrader()
		}
		e.supposing.forgetAll()
		rep = s.suppose(ctx, e.supposing, change(s.snap))
		return nil
	})
	return rep, err
}

func (s *session) suppose(ctx context.Context, g *Grader, snap Snapshot) Report {
	rep := Report{Seq: s.seq.Load(), Time: s.now(), Lesson: s.lesson.ID, Workspace: s.ws, Snapshot: snap, Verdict: Pass}
	for _, step := range s.lesson.Steps {
		if !s.begun(step.ID) {
			break
		}
		st := s.attempt.Steps[step.ID]
		var res StepResult
		switch {
		case st.PassedAt != nil && s.settledFor(step):
			res = s.settled(step)
		case step.Kind == Ask:
			res = StepResult{ID: step.ID, Verdict: NotYet, Begun: true} // it waits for an answer
		default:
			res = g.Grade(ctx, step, snap, s.ws, st.Baseline, rep.Time)
		}
		rep.Verdict = worse(rep.Verdict, res.Verdict)
		rep.Steps = append(rep.Steps, res)
	}
	return rep
}
