package plain

import (
	"context"
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/review"
)

// reviewing asks the questions that are due, across lessons. What was answered
// wrong comes again at the end.
type reviewing struct {
	session *review.Session
	item    review.Item // the question that was put
	asking  bool        // it waits for its answer
}

// due is how many questions are due now.
func (t *talk) due() review.Forecast {
	return review.Outlook(t.course, t.o.Store.Progress(), t.now())
}

// dueText says in a sentence what is due, or when something will be; "" when
// nothing was ever answered.
func (t *talk) dueText() string {
	f := t.due()
	switch {
	case f.Asked == 0:
		return ""
	case f.Due > 0:
		return fmt.Sprintf(t.words.Due, f.Due)
	case len(f.Later) > 0:
		return fmt.Sprintf(t.words.DueLater, f.Later[0].Questions, f.Later[0].Days)
	}
	return ""
}

// review asks what is due; with the word "all" everything that was ever asked.
func (t *talk) review(ctx context.Context, arg string) error {
	items := review.Survey(t.course, t.o.Store.Progress(), t.now())
	due := review.Due(items, t.now())
	switch normal(strings.ToLower(arg)) {
	case "all", "全部":
		due = review.Asked(items, t.now())
	}
	if len(due) == 0 {
		if text := t.dueText(); text != "" {
			t.say(t.words.NothingDue + " " + text)
		} else {
			t.say(t.words.NothingAsked)
		}
		return nil
	}
	return t.goTo(ctx, &reviewing{session: review.Begin(due)})
}

func (r *reviewing) expects() expectation {
	switch {
	case !r.asking:
		return nothing
	case len(r.item.Question.Options) == 0:
		return freeText
	}
	return letters
}

func (r *reviewing) where(t *talk) string { return fmt.Sprintf(t.words.WhereReview, r.session.Left()) }

// arrive puts the question whose turn it is, or says how it went.
func (r *reviewing) arrive(ctx context.Context, t *talk) error {
	item, ok := r.session.Now()
	if !ok {
		return r.summary(ctx, t)
	}
	r.item, r.asking = item, true
	title := fmt.Sprintf(t.words.ReviewTitle, t.text(item.Lesson.Title), t.text(item.Question.Title), r.session.Left())
	if r.session.Again() {
		title = t.words.OnceMore + " " + title
	}
	_, err := t.recite(ctx, t.asked(title, item.Question))
	return err
}

func (r *reviewing) commands(t *talk) []command {
	var commands []command
	if r.asking {
		commands = append(commands, command{"giveup", func(ctx context.Context, _ string) error { return r.mark(ctx, t, lessons.Response{}) }})
	} else {
		commands = append(commands, command{"next", func(ctx context.Context, _ string) error { return r.arrive(ctx, t) }})
	}
	return append(commands, command{"pages", func(ctx context.Context, _ string) error { return t.goTo(ctx, newReading(r.item.Lesson, "")) }})
}

func (r *reviewing) other(ctx context.Context, t *talk, line string) (bool, error) {
	switch {
	case !r.asking && line == "":
		if _, more := r.session.Now(); !more && len(t.places) > 1 {
			return true, t.back(ctx)
		}
		return true, r.arrive(ctx, t)
	case !r.asking:
		return false, nil
	case line == "":
		t.say(t.answerHow(r.item.Question))
		return true, nil
	}
	response, ok := t.response(r.item.Question, line)
	if !ok {
		return true, nil
	}
	return true, r.mark(ctx, t, response)
}

func (r *reviewing) mark(ctx context.Context, t *talk, response lessons.Response) error {
	m := t.answered(r.item.Lesson, r.item.Question, response)
	r.asking = false
	r.session.Answered(m.Right)
	onward := t.words.NextQuestion
	if _, more := r.session.Now(); !more {
		onward = t.words.ToSummary
	}
	_, err := t.recite(ctx, append(t.marking(r.item.Question, m), t.paragraph(onward)))
	return err
}

// summary says what was right, and when something is due next.
func (r *reviewing) summary(ctx context.Context, t *talk) error {
	r.asking = false
	right := 0
	var lines []string
	for i, a := range r.session.Askings() {
		verdict := t.words.NotRight
		if a.Right {
			right++
			verdict = t.words.Right
		}
		lines = append(lines, t.out.wrap("", "   ", fmt.Sprintf("%d. %s%s%s", i+1, t.text(a.Item.Question.Title), t.words.Colon, verdict))...)
	}
	head := t.paragraph(fmt.Sprintf(t.words.Score, right, len(r.session.Askings())))
	blocks := [][]string{append(head, lines...)}
	if text := t.dueText(); text != "" {
		blocks = append(blocks, t.paragraph(text))
	}
	_, err := t.recite(ctx, append(blocks, t.paragraph(t.words.ReviewOver)))
	return err
}

// memory says how well each question that was ever asked is known now.
func (t *talk) memory(ctx context.Context, _ string) error {
	var blocks [][]string
	items := review.Survey(t.course, t.o.Store.Progress(), t.now())
	for _, l := range t.course.Lessons() {
		lines := t.paragraph(t.text(l.Title) + t.words.Colon)
		for _, item := range items {
			if item.Lesson == l {
				lines = append(lines, t.out.wrap("- ", "  ", t.text(item.Question.Title)+t.words.Colon+t.known(item))...)
			}
		}
		if len(l.Questions) > 0 {
			blocks = append(blocks, lines)
		}
	}
	_, err := t.recite(ctx, blocks)
	return err
}

// known says how well a question is known.
func (t *talk) known(item review.Item) string {
	switch item.State {
	case review.Remembered:
		return t.words.Remembered
	case review.Fading:
		return t.words.Fading
	case review.Forgotten:
		return t.words.Forgotten
	}
	return t.words.Unasked
}
