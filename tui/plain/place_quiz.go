package plain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/review"
)

// quiz asks the questions of a lesson one after the other, says why each choice
// is right or wrong, and at the end offers the wrong ones again.
type quiz struct {
	lesson  *lessons.Lesson
	round   []*lessons.Question
	at      int
	results map[string]bool // of this round, by question
	marked  bool            // the question was answered
	over    bool            // all were
}

func newQuiz(l *lessons.Lesson) *quiz {
	return &quiz{lesson: l, round: l.Questions, results: map[string]bool{}}
}

// newQuizAt begins at one question.
func newQuizAt(l *lessons.Lesson, id string) *quiz {
	q := newQuiz(l)
	q.at = max(0, slices.IndexFunc(q.round, func(q *lessons.Question) bool { return q.ID == id }))
	return q
}

func (q *quiz) question() *lessons.Question { return q.round[q.at] }

func (q *quiz) expects() expectation {
	switch {
	case q.over || q.marked:
		return nothing
	case len(q.question().Options) == 0:
		return freeText
	}
	return letters
}

func (q *quiz) where(t *talk) string {
	return fmt.Sprintf(t.words.WhereQuiz, t.text(q.lesson.Title), q.at+1, len(q.round))
}

// arrive puts the question.
func (q *quiz) arrive(ctx context.Context, t *talk) error {
	if q.over {
		return q.summary(ctx, t)
	}
	ask := q.question()
	t.remember(q.lesson.ID, lessons.PlaceQuiz, ask.ID)
	title := fmt.Sprintf(t.words.QuestionTitle, q.at+1, len(q.round), t.text(ask.Title))
	_, err := t.recite(ctx, t.asked(title, ask))
	return err
}

// asked is a question with its choices and how it is answered.
func (t *talk) asked(title string, q *lessons.Question) [][]string {
	blocks := append([][]string{t.paragraph(title)}, t.markdown(t.text(q.Prompt))...)
	if figure := q.Figure(); figure != "" {
		blocks = append(blocks, t.markdown(figure)...)
	}
	if len(q.Options) > 0 && q.Kind != lessons.TrueFalse {
		var lines []string
		for n, i := range q.Presented() {
			lines = append(lines, t.option(n+1, q.Options[i])...)
		}
		blocks = append(blocks, lines)
	}
	return append(blocks, t.paragraph(t.answerHow(q)))
}

// option is one choice, with the number it goes by.
func (t *talk) option(n int, o lessons.Option) []string {
	lead := fmt.Sprintf("%d. ", n)
	var lines []string
	for _, block := range t.markdown(t.text(o.Text)) {
		for _, line := range block {
			lines = append(lines, t.out.wrap(lead, "   ", line)...)
			lead = "   "
		}
	}
	return lines
}

// answerHow says how the question is answered.
func (t *talk) answerHow(q *lessons.Question) string {
	w := t.words
	switch q.Kind {
	case lessons.Single:
		return w.Single
	case lessons.Multiple:
		return w.Multiple
	case lessons.TrueFalse:
		return w.TrueFalse
	case lessons.Order:
		return w.Order
	case lessons.Command:
		return w.TypeCommand
	case lessons.Field:
		return w.TypeField
	case lessons.Spot:
		return w.TypeLine
	}
	if len(q.Options) > 0 {
		return w.Single
	}
	return w.TypeText
}

func (q *quiz) commands(t *talk) []command {
	var commands []command
	if q.marked && !q.over {
		commands = append(commands, command{"next", func(ctx context.Context, _ string) error { return q.next(ctx, t) }})
	}
	if !q.marked && !q.over {
		commands = append(commands, command{"giveup", func(ctx context.Context, _ string) error { return q.mark(ctx, t, lessons.Response{}) }})
	}
	if q.over && len(q.wrong()) > 0 {
		commands = append(commands, command{"retake", func(ctx context.Context, _ string) error { return q.retake(ctx, t) }})
	}
	return append(commands, command{"pages", func(ctx context.Context, _ string) error { return t.goTo(ctx, newReading(q.lesson, "")) }})
}

func (q *quiz) other(ctx context.Context, t *talk, line string) (bool, error) {
	switch {
	case q.over && line == "" && len(q.wrong()) > 0:
		return true, q.retake(ctx, t)
	case q.over:
		return line == "", nil
	case q.marked:
		if line == "" {
			return true, q.next(ctx, t)
		}
		return false, nil
	case line == "":
		t.say(t.answerHow(q.question()))
		return true, nil
	}
	r, ok := t.response(q.question(), line)
	if !ok {
		return true, nil
	}
	return true, q.mark(ctx, t, r)
}

// response reads an answer; when it cannot be read that has been said.
func (t *talk) response(q *lessons.Question, line string) (lessons.Response, bool) {
	r, err := lessons.ParseResponse(q, line)
	if err == nil {
		return r, true
	}
	text := err.Error()
	if e, ok := errors.AsType[*lessons.ResponseError](err); ok {
		text = t.text(e.Notice)
	}
	t.say(text + t.words.Stop)
	return r, false
}

// mark judges an answer, remembers it, and says why.
func (q *quiz) mark(ctx context.Context, t *talk, r lessons.Response) error {
	ask := q.question()
	m := t.answered(q.lesson, ask, r)
	q.marked = true
	q.results[ask.ID] = m.Right
	onward := t.words.NextQuestion
	if q.at+1 == len(q.round) {
		onward = t.words.ToSummary
	}
	_, err := t.recite(ctx, append(t.marking(ask, m), t.paragraph(onward)))
	return err
}

// answered judges an answer and remembers it.
func (t *talk) answered(l *lessons.Lesson, q *lessons.Question, r lessons.Response) lessons.Marking {
	m := q.Mark(r)
	now := t.now()
	t.save(func(p *lessons.Progress) { review.Answer(p, l.ID, q.ID, m.Right, now) })
	return m
}

// marking says whether an answer was right, what a right one would have been,
// and of every choice why.
func (t *talk) marking(q *lessons.Question, m lessons.Marking) [][]string {
	verdict := t.words.Right
	if !m.Right {
		verdict = t.words.NotRight
	}
	blocks := append([][]string{t.paragraph(verdict)}, t.markdown(t.text(m.Note))...)
	if want := t.wanted(q, m); len(want) > 0 {
		blocks = append(blocks, want)
	}
	if q.Kind != lessons.Order {
		blocks = append(blocks, t.reasons(q, m)...)
	}
	if why := t.text(m.Why); why != "" {
		blocks = append(blocks, t.paragraph(t.words.Why))
		blocks = append(blocks, t.markdown(why)...)
	}
	return blocks
}

// wanted is what a right answer would have been, where the reasons do not say it.
func (t *talk) wanted(q *lessons.Question, m lessons.Marking) []string {
	switch {
	case q.Kind == lessons.Order:
		if m.Right {
			return nil
		}
		lines := t.paragraph(t.words.RightOrder)
		for i, o := range q.Options {
			lines = append(lines, t.option(i+1, o)...)
		}
		return lines
	case len(q.Options) == 0 && m.Want != "" && (!m.Right || q.Kind == lessons.Command):
		return t.paragraph(t.words.RightAnswer + m.Want)
	}
	return nil
}

// reasons says of every choice whether it is right, whether it was chosen, and
// why.
func (t *talk) reasons(q *lessons.Question, m lessons.Marking) [][]string {
	number := map[int]int{}
	for n, i := range q.Presented() {
		number[i] = n + 1
	}
	marks := slices.Clone(m.Options)
	slices.SortStableFunc(marks, func(a, b lessons.OptionMark) int { return number[a.Index] - number[b.Index] })
	var blocks [][]string
	for _, o := range marks {
		option := q.Options[o.Index]
		word := t.words.WrongChoice
		if option.Right {
			word = t.words.RightChoice
		}
		if o.Chosen {
			word += t.words.Comma + t.words.YourChoice
		}
		name := fmt.Sprintf("%d", number[o.Index])
		if q.Kind == lessons.TrueFalse {
			name = strings.TrimSpace(t.text(option.Text))
		}
		lines := t.paragraph(fmt.Sprintf(t.words.Choice, name, word))
		for _, block := range t.markdown(t.text(o.Reason)) {
			lines = append(lines, block...)
		}
		blocks = append(blocks, lines)
	}
	for _, l := range m.Lines {
		word := t.words.NoMistake
		if l.Right {
			word = t.words.MistakeHere
		}
		if l.Chosen {
			word += t.words.Comma + t.words.YourChoice
		}
		lines := t.paragraph(fmt.Sprintf(t.words.Choice, fmt.Sprintf("%d", l.Number), word))
		for _, block := range t.markdown(t.text(l.Reason)) {
			lines = append(lines, block...)
		}
		blocks = append(blocks, lines)
	}
	return blocks
}

func (q *quiz) next(ctx context.Context, t *talk) error {
	q.marked = false
	if q.at+1 < len(q.round) {
		q.at++
	} else {
		q.over = true
	}
	return q.arrive(ctx, t)
}

// wrong are the questions of the round that were not answered right.
func (q *quiz) wrong() []*lessons.Question {
	var wrong []*lessons.Question
	for _, one := range q.round {
		if !q.results[one.ID] {
			wrong = append(wrong, one)
		}
	}
	return wrong
}

func (q *quiz) retake(ctx context.Context, t *talk) error {
	q.round, q.results = q.wrong(), map[string]bool{}
	q.at, q.marked, q.over = 0, false, false
	return q.arrive(ctx, t)
}

// summary says how the round went.
func (q *quiz) summary(ctx context.Context, t *talk) error {
	wrong := len(q.wrong())
	lines := t.paragraph(fmt.Sprintf(t.words.Score, len(q.round)-wrong, len(q.round)))
	for i, one := range q.round {
		verdict := t.words.Right
		if !q.results[one.ID] {
			verdict = t.words.NotRight
		}
		lines = append(lines, t.out.wrap("", "   ", fmt.Sprintf("%d. %s%s%s", i+1, t.text(one.Title), t.words.Colon, verdict))...)
	}
	how := t.words.AllRight
	if wrong > 0 {
		how = fmt.Sprintf(t.words.SomeWrong, wrong)
	}
	_, err := t.recite(ctx, [][]string{lines, t.paragraph(how)})
	return err
}
