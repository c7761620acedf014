package plain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// reading is a lesson's pages.
type reading struct {
	lesson *lessons.Lesson
	page   int
}

func newReading(l *lessons.Lesson, page string) *reading {
	return &reading{l, max(0, slices.IndexFunc(l.Pages, func(p lessons.Page) bool { return p.ID == page }))}
}

func (r *reading) where(t *talk) string {
	if len(r.lesson.Pages) == 0 {
		return t.text(r.lesson.Title)
	}
	return fmt.Sprintf(t.words.WherePage, t.text(r.lesson.Title), r.page+1, len(r.lesson.Pages), t.text(r.lesson.Pages[r.page].Title))
}

// arrive reads the page aloud; read to its end it counts as read.
func (r *reading) arrive(ctx context.Context, t *talk) error {
	l := r.lesson
	if len(l.Pages) == 0 {
		t.say(t.text(l.Title))
		return nil
	}
	page := l.Pages[r.page]
	t.remember(l.ID, lessons.PlacePage, page.ID)
	title := fmt.Sprintf(t.words.PageTitle, t.text(l.Title), r.page+1, len(l.Pages), t.text(page.Title))
	blocks := append([][]string{t.paragraph(title)}, t.markdown(t.text(page.Body))...)
	end, err := t.recite(ctx, blocks)
	if err != nil || !end {
		return err
	}
	if _, known := t.progress(l.ID).Read[page.ID]; !known {
		now := t.now()
		t.save(func(p *lessons.Progress) { p.Lesson(l.ID).Read[page.ID] = now })
	}
	t.out.lines("")
	t.say(r.onward(t))
	return nil
}

// onward says what comes after the page.
func (r *reading) onward(t *talk) string {
	l := r.lesson
	switch {
	case r.page+1 < len(l.Pages):
		return fmt.Sprintf(t.words.NextPage, t.text(l.Pages[r.page+1].Title))
	case len(l.Steps) > 0:
		return fmt.Sprintf(t.words.ToExercise, len(l.Steps))
	case len(l.Questions) > 0:
		return fmt.Sprintf(t.words.ToQuiz, len(l.Questions))
	}
	return t.words.LastPage
}

func (r *reading) commands(t *talk) []command {
	l := r.lesson
	commands := []command{
		{"next", func(ctx context.Context, _ string) error { return r.next(ctx, t) }},
		{"previous", func(ctx context.Context, _ string) error {
			if r.page == 0 {
				t.say(t.words.FirstPage)
				return nil
			}
			r.page--
			return r.arrive(ctx, t)
		}},
		{"contents", func(ctx context.Context, _ string) error { return r.contents(ctx, t) }},
		{"copy", func(ctx context.Context, arg string) error { return r.code(ctx, t, arg) }},
	}
	if len(l.Steps) > 0 {
		commands = append(commands, command{"exercise", func(ctx context.Context, _ string) error { return t.goTo(ctx, newExercise(l, "")) }})
	}
	if len(l.Questions) > 0 {
		commands = append(commands, command{"quiz", func(ctx context.Context, _ string) error { return t.goTo(ctx, newQuiz(l)) }})
	}
	return commands
}

func (r *reading) next(ctx context.Context, t *talk) error {
	l := r.lesson
	switch {
	case r.page+1 < len(l.Pages):
		r.page++
		return r.arrive(ctx, t)
	case len(l.Steps) > 0:
		return t.goTo(ctx, newExercise(l, ""))
	case len(l.Questions) > 0:
		return t.goTo(ctx, newQuiz(l))
	}
	t.say(t.words.LastPage)
	return nil
}

func (r *reading) other(ctx context.Context, t *talk, line string) (bool, error) {
	if line == "" {
		return true, r.next(ctx, t)
	}
	if i, ok := number(line, len(r.lesson.Pages)); ok {
		r.page = i
		return true, r.arrive(ctx, t)
	}
	return false, nil
}

// contents lists the pages, which are opened by their number, and the rest of
// the lesson.
func (r *reading) contents(ctx context.Context, t *talk) error {
	l := r.lesson
	lp := t.progress(l.ID)
	lines := t.paragraph(fmt.Sprintf(t.words.Contents, t.text(l.Title)))
	for i, p := range l.Pages {
		_, read := lp.Read[p.ID]
		mark := ""
		if read {
			mark = t.words.Comma + t.words.Read
		}
		if i == r.page {
			mark += t.words.Comma + t.words.YouAreHere
		}
		lines = append(lines, t.out.wrap("", "   ", fmt.Sprintf("%d. %s%s", i+1, t.text(p.Title), mark))...)
	}
	_, steps, questions := t.o.Store.Progress().LessonDone(l)
	if steps.Total > 0 {
		lines = append(lines, t.paragraph(fmt.Sprintf(t.words.ContentsSteps, steps.Done, steps.Total))...)
	}
	if questions.Total > 0 {
		lines = append(lines, t.paragraph(fmt.Sprintf(t.words.ContentsQuiz, questions.Done, questions.Total))...)
	}
	lines = append(lines, t.paragraph(t.words.ContentsHow)...)
	_, err := t.recite(ctx, [][]string{lines})
	return err
}

// code writes a block of the page's code as it stands, unbroken and without
// anything around it, for copying.
func (r *reading) code(_ context.Context, t *talk, arg string) error {
	if len(r.lesson.Pages) == 0 {
		t.say(t.words.NoCode)
		return nil
	}
	blocks := t.codeOf(t.text(r.lesson.Pages[r.page].Body))
	if len(blocks) == 0 {
		t.say(t.words.NoCode)
		return nil
	}
	at, ok := number(arg, len(blocks))
	switch {
	case arg == "" && len(blocks) == 1:
		at, ok = 0, true
	case !ok:
		t.sayf(t.words.WhichCode, len(blocks))
		return nil
	}
	t.out.lines(strings.Split(blocks[at], "\n")...)
	return nil
}

// codeOf are the blocks of code of a page.
func (t *talk) codeOf(source string) []string {
	var out []string
	for _, c := range markdown.Speak([]byte(source), t.out.width, t.words.Speech).Code {
		out = append(out, c.Source)
	}
	return out
}
