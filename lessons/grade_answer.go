package lessons

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// GradeAnswer judges the answer to an Ask step on a snapshot.
func (g *Grader) GradeAnswer(ctx context.Context, step *Step, snap Snapshot, ws Workspace, before map[string]any, answer string) StepResult {
	ctx, cancel := context.WithTimeout(ctx, evalTimeout)
	defer cancel()
	res := StepResult{ID: step.ID, Verdict: NotYet, Begun: true}
	s := g.compiled(step)
	if s.err != nil {
		return broken(res, s.err)
	}
	sc := look(step, snap, ws, before)
	answer = strings.TrimSpace(answer)
	sc.vars["answer"] = answer
	check := CheckResult{ID: AnswerCheck, Title: sayYourAnswer(), Verdict: NotYet, Found: answer}
	if t := sc.blocked(s.expect); t != nil {
		check.Verdict, check.Why, res.Trouble = CannotTell, t.Sentence(), t
	} else if q, names := sc.ambiguous(step, s.expect, ""); names != nil {
		check.Verdict, check.Why = CannotTell, saySeveral(q, names)
	} else if want, err := s.expect.eval(ctx, sc.vars); err != nil {
		// The truth is not to be had yet, or not at all: never a wrong answer.
		check.Verdict, check.Why = CannotTell, sayNoTruth()
		if !errors.As(err, new(missingField)) {
			check.Why = sayBroken(fmt.Errorf("%s: %w", step.Answer.Expect.Pos, err))
		}
	} else if accepts(want, answer) {
		check.Verdict = Pass
	} else if answer == "" {
		check.Why = sayNoAnswer()
	} else {
		check.Why = sayWrongAnswer()
		for i, m := range step.Mistakes {
			if sc.isTrue(ctx, s.mistakes[i]) {
				res.Mistake, check.Why = m.ID, s.filling(sc).fill(ctx, m.Text, "found", answer)
				break
			}
		}
	}
	res.Verdict = check.Verdict
	if res.Verdict == CannotTell || res.Verdict == NotYet && answer != "" {
		res.Diagnosis = check.Why
	}
	res.Checks = []CheckResult{check}
	return res
}

// AnswerCheck is the id of the one check that the result of an Ask step has.
const AnswerCheck = "answer"

// accepts compares an answer with the truth: a value, or any of a list.
// Letter case and surrounding space do not matter.
func accepts(want any, answer string) bool {
	if l, ok := want.([]any); ok {
		for _, w := range l {
			if accepts(w, answer) {
				return true
			}
		}
		return false
	}
	return answer != "" && strings.EqualFold(strings.TrimSpace(show(want)), answer)
}
