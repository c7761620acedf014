package tui

import (
	"slices"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// shown is the order in which the choices of the question are shown.
func (s *quizScreen) shown() []int {
	switch b := s.asking.body.(type) {
	case *choices:
		return b.shown
	case *orderedLines:
		return b.shown
	}
	return nil
}

// answerRight goes to the right choice of a question with one.
func (b *bench) answerRight() {
	q := b.app.top().(*quizScreen)
	for n, i := range q.shown() {
		if q.question().Options[i].Right {
			b.press(string(rune('1' + n)))
		}
	}
	b.press("enter")
}

func TestEachKindOfQuestionIsAnsweredRight(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 40)
	b.app.act(goQuiz{"services"}, nil)

	b.answerRight() // single
	b.shows("✓ Right", "Because of ready ones that match.", "wrong")
	b.press("n")

	b.press("enter")
	b.shows("Choose an answer first.")
	q := b.app.top().(*quizScreen)
	for n, i := range q.shown() { // multiple
		if q.question().Options[i].Right {
			b.press(string(rune('1'+n)), "space")
		}
	}
	b.press("enter")
	b.shows("✓ Right")
	b.press("n")

	b.answerRight() // true or false
	b.shows("✓ Right")
	b.press("n")

	if slices.IsSorted(q.shown()) {
		t.Error("the lines to put into order are in their order already")
	}
	for want := range q.shown() { // order: carry each line up to its place
		at := slices.Index(q.shown(), want)
		b.press(string(rune('1' + at)))
		for ; at > want; at-- {
			b.press("K")
		}
	}
	b.press("enter")
	b.shows("✓ Right", "Names are looked up first.")
	b.press("n")

	for _, r := range "k get endpointslice" { // command, by its meaning
		if r == ' ' {
			b.press("space")
		} else {
			b.press(string(r))
		}
	}
	b.press("enter")
	b.shows("✓ Right", "endpointslices is the resource.")
	b.press("n")
	b.shows("5 of 5 right", "All right.")
	if _, _, questions := b.store.p.LessonDone(testCourse().Modules[1].Lessons[0]); questions.Done != 5 {
		t.Errorf("%d questions are remembered as right, want 5", questions.Done)
	}
}

func TestWrongAnswersAreExplainedAndAskedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 40)
	b.app.act(goQuiz{"services"}, nil)
	q := b.app.top().(*quizScreen)
	for n, i := range q.shown() {
		if !q.question().Options[i].Right {
			b.press(string(rune('1' + n)))
		}
	}
	b.press("enter")
	b.shows("✗ Not right", "wrong · your choice", "✓ right", "Because of")
	b.press("n")
	for !q.over {
		if q.capturing() == captureText {
			b.press("esc")
		}
		b.press("s", "n")
	}
	b.shows("0 of 5 right")
	b.press("enter")
	b.shows("question 1 of 5")
	before := slices.Clone(q.shown())
	b.answerRight()
	b.press("n")
	if qp := b.store.p.Lessons["services"].Quiz["which"]; qp.Right != 1 || qp.Wrong != 1 || !qp.LastRight {
		t.Errorf("the answers are remembered as %+v", qp)
	}
	if len(before) != 3 {
		t.Errorf("%d choices were shown, want 3", len(before))
	}
}
