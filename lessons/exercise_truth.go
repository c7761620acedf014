package lessons

import (
	"context"
	"fmt"
)

// Truth returns the right answers to an Ask or Predict step at this moment. It
// is for programs that prove a course, not for learners.
func (e *Exercise) Truth(ctx context.Context, step string) ([]string, error) {
	return e.evaluate(ctx, step, func(s *Step) Expr { return s.Answer.Expect })
}

// WrongAnswers returns the answers that make a foreseen mistake in an Ask or
// Predict step at this moment.
func (e *Exercise) WrongAnswers(ctx context.Context, step string, m *Mistake) ([]string, error) {
	return e.evaluate(ctx, step, func(*Step) Expr { return m.TryAnswer })
}

func (e *Exercise) evaluate(ctx context.Context, id string, which func(*Step) Expr) ([]string, error) {
	step, ok := e.lesson.Step(id)
	if !ok || !step.Answered() {
		return nil, fmt.Errorf("lesson %s has no step %s that takes an answer", e.lesson.ID, id)
	}
	var answers []string
	err := e.ask(ctx, func(ctx context.Context, s *session) error {
		c, err := newCompiler(step)
		if err != nil {
			return err
		}
		p, err := c.compile(which(step))
		if err != nil {
			return err
		}
		st := s.attempt.Steps[id]
		if !s.begun(id) {
			return fmt.Errorf("step %s has not begun", id)
		}
		sc := look(step, s.snap, s.ws, st.Baseline)
		if t := sc.blocked(p); t != nil {
			return t
		}
		v, err := p.eval(ctx, sc.vars)
		if err != nil {
			return err
		}
		many, ok := v.([]any)
		if !ok {
			many = []any{v}
		}
		for _, one := range many {
			answers = append(answers, show(one))
		}
		return nil
	})
	return answers, err
}
