package plain

import (
	"context"
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// home is the course map: lessons by module, how far each is, where to go on.
type home struct{}

func (*home) where(t *talk) string { return t.words.Home }

func (h *home) arrive(ctx context.Context, t *talk) error {
	blocks := [][]string{t.paragraph(t.text(t.course.Title))}
	blocks = append(blocks, t.markdown(t.text(t.course.Summary))...)
	n := 0
	for _, m := range t.course.Modules {
		lines := t.paragraph(t.text(m.Title) + t.words.Colon)
		for _, l := range m.Lessons {
			n++
			line := fmt.Sprintf(t.words.LessonLine, n, t.text(l.Title), l.Minutes, t.state(l))
			lines = append(lines, t.out.wrap("", "   ", line)...)
		}
		blocks = append(blocks, lines)
	}
	for _, b := range t.course.Broken {
		blocks = append(blocks, t.paragraph(t.text(b.Sentence())))
	}
	if text := t.dueText(); text != "" {
		blocks = append(blocks, t.paragraph(text))
	}
	if l := t.last(); l != nil {
		blocks = append(blocks, t.paragraph(fmt.Sprintf(t.words.GoOn, t.text(l.Title), t.whereabouts(l))))
	}
	blocks = append(blocks, t.paragraph(t.words.HomeHow))
	_, err := t.recite(ctx, blocks)
	return err
}

// last is the lesson to go on with; nil when there is none.
func (t *talk) last() *lessons.Lesson { return t.lesson(t.o.Store.Progress().LastLesson) }

func (h *home) commands(t *talk) []command {
	return []command{
		{"open", func(ctx context.Context, arg string) error { return h.open(ctx, t, arg) }},
		{"continue", func(ctx context.Context, _ string) error {
			if l := t.last(); l != nil {
				return t.goOn(ctx, l)
			}
			t.say(t.words.NothingBegun)
			return nil
		}},
		{"about", func(ctx context.Context, arg string) error { return h.about(ctx, t, arg) }},
	}
}

func (h *home) other(ctx context.Context, t *talk, line string) (bool, error) {
	if line == "" {
		if l := t.last(); l != nil {
			return true, t.goOn(ctx, l)
		}
		return true, nil
	}
	if l := t.named(line); l != nil {
		return true, t.goOn(ctx, l)
	}
	return false, nil
}

// named finds a lesson by its number on the map, its id or its title.
func (t *talk) named(name string) *lessons.Lesson {
	all := t.course.Lessons()
	if i, ok := number(name, len(all)); ok {
		return all[i]
	}
	for _, l := range all {
		if strings.EqualFold(name, l.ID) || strings.EqualFold(name, l.Title.In(lessons.English)) || name == l.Title.In(lessons.Chinese) {
			return l
		}
	}
	return nil
}

func (h *home) open(ctx context.Context, t *talk, arg string) error {
	if l := t.named(arg); l != nil {
		return t.goOn(ctx, l)
	}
	t.sayf(t.words.WhichLesson, len(t.course.Lessons()))
	return nil
}

// about says what a lesson holds and how much of it is done.
func (h *home) about(ctx context.Context, t *talk, arg string) error {
	l := t.named(arg)
	if l == nil {
		t.sayf(t.words.WhichLesson, len(t.course.Lessons()))
		return nil
	}
	lp := t.progress(l.ID)
	blocks := append([][]string{t.paragraph(t.text(l.Title))}, t.markdown(t.text(l.Summary))...)
	list := func(head string, n int, item func(int) (string, bool)) {
		if n == 0 {
			return
		}
		lines := t.paragraph(head)
		for i := range n {
			text, done := item(i)
			lines = append(lines, t.out.wrap("", "   ", fmt.Sprintf("%d. %s%s", i+1, text, t.doneMark(done)))...)
		}
		blocks = append(blocks, lines)
	}
	list(t.words.Pages, len(l.Pages), func(i int) (string, bool) {
		_, done := lp.Read[l.Pages[i].ID]
		return t.text(l.Pages[i].Title), done
	})
	list(t.words.Steps, len(l.Steps), func(i int) (string, bool) {
		_, done := lp.Passed[l.Steps[i].ID]
		return t.text(l.Steps[i].Title), done
	})
	list(t.words.Questions, len(l.Questions), func(i int) (string, bool) {
		q := lp.Quiz[l.Questions[i].ID]
		return t.text(l.Questions[i].Title), q != nil && q.Right > 0
	})
	_, err := t.recite(ctx, blocks)
	return err
}

// doneMark says after an entry that it is done.
func (t *talk) doneMark(done bool) string {
	if done {
		return t.words.Comma + t.words.Done
	}
	return ""
}

// state says how far a lesson is.
func (t *talk) state(l *lessons.Lesson) string {
	p := t.o.Store.Progress()
	pages, steps, questions := p.LessonDone(l)
	switch {
	case p.Finished(l):
		return t.words.Done
	case pages.Done+steps.Done+questions.Done == 0:
		return t.words.New
	}
	return fmt.Sprintf(t.words.UnderWay, pages.Done, pages.Total, steps.Done, steps.Total, questions.Done, questions.Total)
}

// whereabouts says where in a lesson the learner was.
func (t *talk) whereabouts(l *lessons.Lesson) string {
	lp := t.progress(l.ID)
	switch lp.Place {
	case lessons.PlaceExercise:
		if s, ok := l.Step(lp.Page); ok {
			return fmt.Sprintf(t.words.AtStep, t.text(s.Title))
		}
		return t.words.AtExercise
	case lessons.PlaceQuiz:
		return t.words.AtQuiz
	}
	for _, p := range l.Pages {
		if p.ID == lp.Page {
			return fmt.Sprintf(t.words.AtPage, t.text(p.Title))
		}
	}
	return t.words.AtStart
}
