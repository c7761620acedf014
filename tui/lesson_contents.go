package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// linesOfContents are the lines above the entries of the contents.
const linesOfContents = 2

// contentsEntry is one line of the contents.
type contentsEntry struct {
	glyph  string
	look   styles.Style
	text   string
	indent int
	open   func() action // nil: a page
}

// entries are the pages, then the exercise, then the quiz.
func (s *lessonScreen) entries() []contentsEntry {
	lp, g, st := s.lessonProgress(s.lesson.ID), s.styles.Glyphs, s.styles
	_, steps, questions := s.progress.LessonDone(s.lesson)
	var es []contentsEntry
	for i, p := range s.lesson.Pages {
		e := contentsEntry{glyph: g.New, look: st.Dim, text: s.in(p.Title), indent: s.notes.depth(i)}
		if _, read := lp.Read[p.ID]; read || s.notes != nil && s.seen[i] {
			e.glyph, e.look = g.Done, st.Good
		}
		es = append(es, e)
	}
	part := func(word string, c lessons.Count, open action) {
		if c.Total == 0 {
			return
		}
		e := contentsEntry{glyph: g.New, look: st.Dim, text: word + " " + countText(c), open: func() action { return open }}
		switch {
		case c.Done == c.Total:
			e.glyph, e.look = g.Done, st.Good
		case c.Done > 0:
			e.glyph, e.look = g.UnderWay, st.Wait
		}
		es = append(es, e)
	}
	part(s.words.Lesson.Exercise, steps, goExercise{lesson: s.lesson.ID})
	part(s.words.Lesson.Quiz, questions, goQuiz{s.lesson.ID})
	return es
}

func (s *lessonScreen) contentsBindings() []bound {
	k := s.keys
	entries := len(s.entries())
	move := func(n int) func() {
		return func() { s.entry = max(0, min(s.entry+n, entries-1)) }
	}
	page := max(1, s.h-linesOfContents-1)
	bs := []bound{
		on(k.Choose, s.choose),
		does(k.Down, move(1)), does(k.Up, move(-1)),
		does(k.Contents, func() { s.browsing = false }),
		does(k.Cancel, func() { s.browsing = false }),
	}
	if entries > page {
		bs = append(bs, hidden(does(k.PageDown, move(page)), does(k.PageUp, move(-page)))...)
	}
	return append(bs, hidden(does(k.Top, move(-entries)), does(k.Bottom, move(entries)))...)
}

func (s *lessonScreen) choose() (action, tea.Cmd) {
	s.browsing = false
	if open := s.entries()[s.entry].open; open != nil {
		return open(), nil
	}
	s.turn(s.entry)
	return nil, nil
}

// clickedContents opens the entry in a line of the contents.
func (s *lessonScreen) clickedContents(y int) action {
	i := y - linesOfContents + s.list.top
	if y < linesOfContents || i >= len(s.entries()) {
		return nil
	}
	s.entry = i
	a, _ := s.choose()
	return a
}

// contents lists the parts of the lesson, w cells wide and as high as the screen.
func (s *lessonScreen) contents(w int) []string {
	lines := []string{newPen(w).space(styles.Style{}, 2).put(s.styles.Label, s.words.Lesson.Contents).line(), blank(w)}
	entries := s.entries()
	at := s.page
	if s.browsing {
		at = s.entry
	}
	s.list.fit(s.h-linesOfContents, len(entries))
	s.list.show(at)
	var rows []string
	for i, e := range entries {
		if i < s.list.top || i >= s.list.top+s.list.height {
			rows = append(rows, "") // out of the window; painting takes time
			continue
		}
		text, mark := styles.Style{}, " "
		if i == at {
			mark = s.styles.Glyphs.Cursor
			if s.browsing {
				text, e.look = s.styles.Selected, s.styles.Selected
			} else {
				text = s.styles.Strong
			}
		}
		p := newPen(w-2).put(text, " "+mark).space(text, e.indent).put(e.look, e.glyph+" ").put(text, e.text)
		if s.browsing {
			rows = append(rows, p.filled(text)+" ")
		} else {
			rows = append(rows, p.line()+" ")
		}
	}
	return append(lines, s.list.window(s.styles, rows, w)...)
}
