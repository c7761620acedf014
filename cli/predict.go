package cli

import "github.com/k8stutor/k8stutor/lessons"

// printPrediction says what was foretold, and what came or what is to be done
// now.
func (p *Program) printPrediction(l *lessons.Lesson, res lessons.StepResult, margin int) {
	switch pr := res.Prediction; {
	case pr == nil:
		return
	case pr.Known:
		for _, c := range res.Checks {
			if c.ID == lessons.AnswerCheck {
				p.printf("%s", p.indented(c.Why.In(p.lang), margin))
			}
		}
	default:
		p.printf("%s", p.indented(p.t("Your prediction is noted: ", "已记下你的预测：")+pr.Said+p.t(". Now do what the step asks and see: `k8stutor check ", "。接下来照步骤操作，看看结果：`k8stutor check ")+l.ID+"`", margin))
	}
}

type predictionJSON struct {
	Said     string `json:"prediction"`
	Outcome  string `json:"outcome,omitempty"`  // once the step's state was reached
	Foretold *bool  `json:"foretold,omitempty"` // whether they are the same; absent before
}

func predictionOf(res lessons.StepResult) *predictionJSON {
	pr := res.Prediction
	if pr == nil {
		return nil
	}
	out := &predictionJSON{Said: pr.Said, Outcome: pr.Outcome}
	if pr.Known {
		out.Foretold = &pr.Right
	}
	return out
}
