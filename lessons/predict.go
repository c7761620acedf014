package lessons

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Choice is one of the outcomes that a learner may foretell in a Predict step.
type Choice struct {
	Value string // what is compared with the outcome: the same in every language
	Text  Text   // what it means, "" where the value says it all
}

// Answered reports whether the step takes an answer or a prediction.
func (s *Step) Answered() bool { return s.Kind == Ask || s.Kind == Predict }

// Task returns the step's goal, with the choices of a Predict step listed below.
func (s *Step) Task() Text {
	if len(s.Choices) == 0 {
		return s.Goal
	}
	out := Text{}
	for _, lang := range Languages() {
		var b strings.Builder
		b.WriteString(s.Goal.In(lang) + "\n")
		for _, c := range s.Choices {
			b.WriteString("\n- " + strings.TrimSpace(code(c.Value)+" "+c.Text.In(lang)))
		}
		out[lang] = b.String()
	}
	return out
}

// Prediction is what a learner foretold in a Predict step, and what came of it.
type Prediction struct {
	Said string
	// Outcome is what happened, once Known: when the step's checks had passed.
	Outcome string
	Known   bool
	Right   bool
}

// Outcome is what an attempt remembers of a prediction that was put to the test.
type Outcome struct {
	Truth   string `json:"truth"`
	Right   bool   `json:"right,omitempty"`
	Mistake string `json:"mistake,omitempty"` // the foreseen wrong prediction that it was
}

// GradePrediction judges a Predict step on a snapshot. Said is the learner's
// prediction, "" before there is one; known what came of it, nil before the
// checks have passed once. When they pass now, the outcome is returned too, and
// is known from then on.
//
// The step is not passed without a prediction, and passed with a wrong one: to
// be wrong about what comes is how one learns of it.
func (g *Grader) GradePrediction(ctx context.Context, step *Step, snap Snapshot, ws Workspace, before map[string]any,
	now time.Time, said string, known *Outcome) (StepResult, *Outcome) {
	res := g.Grade(ctx, step, snap, ws, before, now)
	s := g.compiled(step)
	if s.err != nil {
		return res, known
	}
	check := CheckResult{ID: AnswerCheck, Title: sayYourPrediction(), Verdict: Pass, Found: said}
	switch {
	case said == "":
		check.Verdict, check.Why = NotYet, sayForetell()
		if res.Verdict = worse(res.Verdict, NotYet); res.Verdict == NotYet {
			res.Mistake, res.Diagnosis = "", check.Why
		}
		conceal(res.Checks)
	case known == nil && res.Verdict == Pass:
		var trouble *ClusterError
		if known, trouble, check.Why = g.outcome(ctx, s, snap, ws, before, said); known == nil {
			check.Verdict, res.Verdict, res.Trouble, res.Diagnosis = CannotTell, CannotTell, trouble, check.Why
		}
	}
	if said != "" {
		res.Prediction = &Prediction{Said: said}
	}
	if known != nil && said != "" {
		*res.Prediction = Prediction{Said: said, Outcome: known.Truth, Known: true, Right: known.Right}
		check.Expected, check.Why = known.Truth, sayForetold(said, *known)
		if res.Verdict == Pass && known.Mistake != "" {
			ctx, cancel := context.WithTimeout(ctx, evalTimeout)
			defer cancel()
			res.Mistake = known.Mistake
			texts := s.filling(look(step, snap, ws, before))
			res.Diagnosis = texts.fill(ctx, step.wordsFor(known.Mistake), "found", said, "expected", known.Truth)
		}
	}
	res.Checks = append([]CheckResult{check}, res.Checks...)
	return res, known
}

// outcome evaluates what has come, and compares it with the prediction. It is
// nil when that cannot be told, with the reason.
func (g *Grader) outcome(ctx context.Context, s *gradedStep, snap Snapshot, ws Workspace, before map[string]any, said string) (*Outcome, *ClusterError, Text) {
	ctx, cancel := context.WithTimeout(ctx, evalTimeout)
	defer cancel()
	sc := look(s.step, snap, ws, before)
	sc.vars["answer"] = said
	if t := sc.blocked(s.expect); t != nil {
		return nil, t, t.Sentence()
	}
	if q, names := sc.ambiguous(s.step, s.expect, ""); names != nil {
		return nil, nil, saySeveral(q, names)
	}
	want, err := s.expect.eval(ctx, sc.vars)
	if errors.As(err, new(missingField)) {
		return nil, nil, sayNoTruth()
	}
	if err != nil {
		return nil, nil, sayBroken(fmt.Errorf("%s: %w", s.step.Answer.Expect.Pos, err))
	}
	if accepts(want, said) {
		return &Outcome{Truth: said, Right: true}, nil, nil
	}
	out := &Outcome{Truth: Printable(show(want))}
	for i, m := range s.step.Mistakes {
		if m.ofPrediction() && sc.isTrue(ctx, s.mistakes[i]) {
			out.Mistake = m.ID
			break
		}
	}
	return out, nil, nil
}

// ofPrediction reports whether a mistake of a Predict step is a wrong
// prediction, and not a wrong state of the cluster.
func (m *Mistake) ofPrediction() bool { return m.TryAnswer.Source != "" }

// conceal leaves away what would tell the outcome to somebody who has yet to
// foretell it.
func conceal(checks []CheckResult) {
	for i := range checks {
		if c := &checks[i]; c.Verdict != CannotTell {
			c.Expected, c.Found, c.Why, c.Waiting, c.Cause = "", "", nil, nil, nil
		}
	}
}

func (s *Step) wordsFor(mistake string) Text {
	for _, m := range s.Mistakes {
		if m.ID == mistake {
			return m.Text
		}
	}
	return nil // the course has changed since
}

// choice returns the value of the choice that an answer means: the value itself
// in any case of letters. It is the answer where there are no choices, and ok is
// false when the answer is none of them.
func (s *Step) choice(answer string) (value string, ok bool) {
	for _, c := range s.Choices {
		if strings.EqualFold(c.Value, answer) {
			return c.Value, true
		}
	}
	return answer, len(s.Choices) == 0
}

// judgePrediction judges a Predict step that has begun, and remembers what came
// of the prediction.
func (s *session) judgePrediction(ctx context.Context, step *Step, now time.Time) StepResult {
	st := s.attempt.Steps[step.ID]
	res, known := s.grader.GradePrediction(ctx, step, s.snap, s.ws, st.Baseline, now, st.Answer, st.Outcome)
	if known != st.Outcome {
		st.Outcome = known
		s.save(nil)
	}
	return res
}

// foretell takes a learner's prediction. It needs no cluster: one that is away
// keeps nobody from thinking. Once its outcome is known it stands.
func (s *session) foretell(ctx context.Context, step *Step, said string) Report {
	st := s.attempt.Steps[step.ID]
	said = strings.TrimSpace(said)
	value, ok := step.choice(said)
	var remark Text
	switch {
	case st.Outcome != nil:
		remark = sayForetoldAlready(st.Answer)
	case said == "":
	case !ok:
		remark = sayChoose(step.Choices)
	default:
		st.Answer = Printable(value)
		s.save(nil)
	}
	rep := s.judge(ctx)
	for i := range rep.Steps {
		res := &rep.Steps[i]
		if res.ID != step.ID || remark == nil {
			continue
		}
		res.Diagnosis = remark
		if len(res.Checks) > 0 && res.Checks[0].ID == AnswerCheck && !ok {
			res.Checks[0].Why = remark
		}
	}
	return rep
}

// settledPrediction is the AnswerCheck of a Predict step that stays passed.
func settledPrediction(st *AttemptStep) (CheckResult, *Prediction) {
	check := CheckResult{ID: AnswerCheck, Title: sayYourPrediction(), Verdict: Pass, Found: st.Answer}
	if st.Outcome == nil {
		return check, &Prediction{Said: st.Answer}
	}
	check.Expected, check.Why = st.Outcome.Truth, sayForetold(st.Answer, *st.Outcome)
	return check, &Prediction{Said: st.Answer, Outcome: st.Outcome.Truth, Known: true, Right: st.Outcome.Right}
}

func sayYourPrediction() Text { return say("Your prediction", "你的预测") }

func sayForetell() Text {
	return say("First say what you think will happen. A wrong prediction costs nothing.", "先说说你认为会发生什么。预测错了也不要紧。")
}

func sayForetold(said string, o Outcome) Text {
	said, truth := code(said), code(o.Truth)
	if o.Right {
		return say("You foretold %s, and so it came.", "你的预测是 %s，结果正是如此。", said)
	}
	return say("You foretold %[1]s; it came out as %[2]s.", "你的预测是 %[1]s，实际结果是 %[2]s。", said, truth)
}

func sayForetoldAlready(said string) Text {
	return say("Your prediction was %s, and what happened is known by now, so it stands. Reset the step to foretell anew.",
		"你的预测是 %s，结果已经揭晓，不能再改。想重新预测，请重置这一步。", code(said))
}

func sayChoose(choices []Choice) Text {
	var values []string
	for _, c := range choices {
		values = append(values, code(c.Value))
	}
	return say("That is none of the choices. They are %[1]s.", "可选的答案里没有这一项。可选的有：%[2]s。",
		strings.Join(values, ", "), strings.Join(values, "、"))
}

// code sets a value of the learner's or the cluster's in Markdown as it is.
func code(value string) string {
	value = Printable(value)
	marks := "`"
	for strings.Contains(value, marks) {
		marks += "`"
	}
	if len(marks) > 1 {
		return marks + " " + value + " " + marks
	}
	return marks + value + marks
}
