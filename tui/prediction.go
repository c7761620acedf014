package tui

import (
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// wantsAnswer reports whether the open step wants an answer or a prediction now.
func (l *stepList) wantsAnswer(r lessons.StepResult) bool {
	switch l.step().Kind {
	case lessons.Ask:
		return r.Begun
	case lessons.Predict:
		return r.Begun && (r.Prediction == nil || !r.Prediction.Known)
	}
	return false
}

// answerLabel names what is typed.
func (l *stepList) answerLabel() string {
	if l.step().Kind == lessons.Predict {
		return l.words.Exercise.YourPrediction
	}
	return l.words.Exercise.YourAnswer
}

// prediction is the line in which the learner foretells what will happen, or
// what came of it.
func (d *stepDetails) prediction() {
	pr := d.result.Prediction
	switch {
	case d.passed:
	case pr != nil && pr.Known:
		d.section(d.styles.Label, d.words.Exercise.YourPrediction)
		d.outcome()
	default:
		d.add(blank(d.w))
		d.inputLine = d.header + 1 + len(d.out)
		d.add(d.answerLine(d.w))
	}
}

// outcome says what was foretold and what came, and what a foreseen wrong
// prediction has missed.
func (d *stepDetails) outcome() {
	for _, c := range d.result.Checks {
		if c.ID == lessons.AnswerCheck && c.Why != nil {
			d.text(d.in(c.Why))
		}
	}
	if text := d.in(d.result.Diagnosis); d.passed && text != "" {
		d.add(blank(d.w))
		d.text(text)
	}
}

// taken reports whether an answer needs no more typing: it was right, or it was
// a prediction and is noted.
func taken(r lessons.StepResult, answer string) bool {
	return r.Verdict == lessons.Pass || r.Prediction != nil && (r.Prediction.Known || strings.EqualFold(r.Prediction.Said, answer))
}
