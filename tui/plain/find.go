package plain

import (
	"context"
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// mostFound is how many places a search lists.
const mostFound = 30

// match is a place where something was found.
type match struct {
	lesson *lessons.Lesson
	place  string // as in the progress: page, exercise, quiz
	id     string // of the page, step or question
	what   string // where it is, in words
	line   string // the line it stands in
}

// found are the matches of a search, to be opened by their number.
type found struct {
	what    string
	matches []match
}

// find looks for words, in the lesson that is open first, then in all others.
func (t *talk) find(ctx context.Context, what string) error {
	if what == "" {
		t.say(t.words.FindHow)
		return nil
	}
	first := t.lessonHere()
	all := []*lessons.Lesson{}
	if first != nil {
		all = append(all, first)
	}
	for _, l := range t.course.Lessons() {
		if l != first {
			all = append(all, l)
		}
	}
	f := &found{what: what}
	for _, l := range all {
		f.matches = append(f.matches, t.matches(l, what)...)
	}
	if len(f.matches) == 0 {
		t.sayf(t.words.NotFound, what)
		return nil
	}
	return t.goTo(ctx, f)
}

// lessonHere is the lesson where the learner is; nil at home.
func (t *talk) lessonHere() *lessons.Lesson {
	for i := len(t.places) - 1; i >= 0; i-- {
		switch p := t.places[i].(type) {
		case *reading:
			return p.lesson
		case *exercise:
			return p.lesson
		case *quiz:
			return p.lesson
		}
	}
	return nil
}

// matches are the places of a lesson that hold the words. Letter case matters
// only when a capital was typed.
func (t *talk) matches(l *lessons.Lesson, what string) []match {
	exact := strings.ToLower(what) != what
	holds := func(s string) bool {
		if !exact {
			s = strings.ToLower(s)
		}
		return strings.Contains(s, what)
	}
	var out []match
	look := func(place, id, where, title, body string) {
		line := ""
		if holds(title) {
			line = title
		}
		for _, block := range markdown.Speak([]byte(body), 1<<16, t.words.Speech).Blocks {
			for _, text := range block {
				if line == "" && holds(text) {
					line = around(text, what, exact)
				}
			}
		}
		if line != "" {
			out = append(out, match{l, place, id, where, line})
		}
	}
	if holds(t.text(l.Title)) || holds(l.ID) {
		out = append(out, match{l, "", "", t.text(l.Title), t.text(l.Title)})
	}
	for i, p := range l.Pages {
		look(lessons.PlacePage, p.ID, fmt.Sprintf(t.words.FoundPage, t.text(l.Title), i+1), t.text(p.Title), t.text(p.Body))
	}
	for i, s := range l.Steps {
		look(lessons.PlaceExercise, s.ID, fmt.Sprintf(t.words.FoundStep, t.text(l.Title), i+1), t.text(s.Title), t.text(s.Task()))
	}
	for i, q := range l.Questions {
		look(lessons.PlaceQuiz, q.ID, fmt.Sprintf(t.words.FoundQuestion, t.text(l.Title), i+1), t.text(q.Title), t.text(q.Prompt))
	}
	return out
}

// around is the part of a line about the words in it.
func around(line, what string, exact bool) string {
	const before, most = 30, 120
	folded := line
	if !exact {
		folded = strings.ToLower(line)
	}
	runes := []rune(line)
	at := len([]rune(folded[:strings.Index(folded, what)]))
	start, dots := max(0, at-before), ""
	if start > 0 {
		dots = "... "
	}
	end := min(len(runes), start+most)
	tail := ""
	if end < len(runes) {
		tail = " ..."
	}
	return dots + strings.TrimSpace(string(runes[min(start, len(runes)):end])) + tail
}

func (f *found) where(t *talk) string { return fmt.Sprintf(t.words.WhereFound, f.what) }

func (f *found) arrive(ctx context.Context, t *talk) error {
	shown := f.matches[:min(len(f.matches), mostFound)]
	lines := t.paragraph(fmt.Sprintf(t.words.Found, f.what, len(f.matches)))
	for i, m := range shown {
		lines = append(lines, t.out.wrap("", "   ", fmt.Sprintf("%d. %s%s%s", i+1, m.what, t.words.Colon, m.line))...)
	}
	if len(shown) < len(f.matches) {
		lines = append(lines, t.paragraph(fmt.Sprintf(t.words.FoundMore, len(f.matches)-len(shown)))...)
	}
	lines = append(lines, t.paragraph(t.words.FoundHow)...)
	_, err := t.recite(ctx, [][]string{lines})
	return err
}

func (f *found) commands(*talk) []command { return nil }

func (f *found) other(ctx context.Context, t *talk, line string) (bool, error) {
	i, ok := number(line, min(len(f.matches), mostFound))
	if !ok {
		return line == "", nil
	}
	m := f.matches[i]
	t.places = append(t.places[:1], newReading(m.lesson, m.id))
	switch m.place {
	case lessons.PlaceExercise:
		return true, t.goTo(ctx, newExercise(m.lesson, m.id))
	case lessons.PlaceQuiz:
		return true, t.goTo(ctx, newQuizAt(m.lesson, m.id))
	}
	return true, t.arrive(ctx)
}
