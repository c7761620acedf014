package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

const (
	contentsWidth = 32 // of the list of contents beside a page
	textWidth     = 84 // longer lines are hard to read
)

// lessonScreen shows the pages of a lesson and its contents.
type lessonScreen struct {
	*scene
	lesson *lessons.Lesson
	w, h   int
	page   int
	view   scroll
	lines  []string // of the page

	browsing bool // the contents have the keys
	entry    int  // selected entry of the contents
}

func newLessonScreen(s *scene, l *lessons.Lesson, page string) *lessonScreen {
	ls := &lessonScreen{scene: s, lesson: l}
	for i, p := range l.Pages {
		if p.ID == page {
			ls.page = i
		}
	}
	return ls
}

func (s *lessonScreen) capturing() capture { return captureNone }

func (s *lessonScreen) title() []string {
	return []string{s.in(s.lesson.Title), fmt.Sprintf(s.words.Lesson.PageOf, s.page+1, len(s.lesson.Pages))}
}

// wide reports whether the contents stand beside the page.
func (s *lessonScreen) wide() bool { return s.w >= wideWidth }

func (s *lessonScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.layOut()
}

// layOut lays the page out for the size.
func (s *lessonScreen) layOut() {
	room := s.w
	if s.wide() {
		room -= contentsWidth
	}
	width := min(room-4, textWidth)
	p := s.lesson.Pages[s.page]
	s.lines = indented(s.prose.lines(s.in(p.Body), width), 2)
	s.lines = padded(s.lines, room-1-2-width)
	s.lines = append(s.lines, blank(room-1), s.onward(room-1), blank(room-1))
	s.view.fit(s.h-2, len(s.lines))
}

// onward is the line after the end of a page: what comes next.
func (s *lessonScreen) onward(w int) string {
	p := newPen(w).space(styles.Style{}, 2)
	key, text := "n", ""
	switch {
	case s.page+1 < len(s.lesson.Pages):
		text = fmt.Sprintf(s.words.Lesson.NextPage, s.in(s.lesson.Pages[s.page+1].Title))
	case len(s.lesson.Steps) > 0:
		key, text = "e", fmt.Sprintf(s.words.Lesson.ToExercise, len(s.lesson.Steps))
	case len(s.lesson.Questions) > 0:
		key, text = "z", fmt.Sprintf(s.words.Lesson.ToQuiz, len(s.lesson.Questions))
	default:
		return p.line()
	}
	return p.put(s.styles.HintKey, key).put(s.styles.Dim, " "+s.styles.Glyphs.Arrow+" "+text).line()
}

// shown is the action that remembers which page is on screen, and that it has
// been read when its end has been seen.
func (s *lessonScreen) shown() action {
	lesson, page, now := s.lesson.ID, s.lesson.Pages[s.page].ID, s.now
	lp := s.lessonProgress(lesson)
	_, read := lp.Read[page]
	end := s.view.atEnd() && s.h > 0
	if lp.Place == lessons.PlacePage && lp.Page == page && (read || !end) && s.progress.LastLesson == lesson {
		return nil
	}
	return save{func(p *lessons.Progress) {
		lp := enter(p, lesson, lessons.PlacePage, page)
		if _, known := lp.Read[page]; end && !known {
			lp.Read[page] = now
		}
	}}
}

// turn goes to page n.
func (s *lessonScreen) turn(n int) {
	s.page = max(0, min(n, len(s.lesson.Pages)-1))
	s.entry = s.page
	s.view.top = 0
	s.layOut()
}

func (s *lessonScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		a, cmd, _ := press(msg, s.bindings())
		if a != nil || cmd != nil {
			return a, cmd
		}
	case tea.MouseWheelMsg:
		s.view.by(wheel(msg))
	}
	return s.shown(), nil
}

func (s *lessonScreen) bindings() []bound {
	k := s.keys
	if s.browsing {
		return s.contentsBindings()
	}
	var bs []bound
	if s.page+1 < len(s.lesson.Pages) {
		bs = append(bs, does(k.NextPage, func() { s.turn(s.page + 1) }))
	}
	if s.page > 0 {
		bs = append(bs, does(k.PrevPage, func() { s.turn(s.page - 1) }))
	}
	if len(s.lesson.Steps) > 0 {
		bs = append(bs, asks(k.Exercise, goExercise{lesson: s.lesson.ID}))
	}
	if len(s.lesson.Questions) > 0 {
		bs = append(bs, asks(k.Quiz, goQuiz{s.lesson.ID}))
	}
	bs = append(bs, does(k.Contents, func() { s.browsing, s.entry = true, s.page }))
	bs = append(bs, asks(k.Back, goBack{}))
	if s.view.atEnd() && s.page+1 < len(s.lesson.Pages) {
		// Who reads on with the space key reads on into the next page.
		bs = append(bs, hidden(does(k.PageDown, func() { s.turn(s.page + 1) }))...)
		scrolling := k.scrolling(&s.view)
		return append(bs, slices.DeleteFunc(scrolling, func(b bound) bool { return b.Help() == k.PageDown.Help() })...)
	}
	return append(bs, k.scrolling(&s.view)...)
}

func (s *lessonScreen) contentsBindings() []bound {
	k := s.keys
	entries := len(s.entries())
	move := func(n int) func() {
		return func() { s.entry = max(0, min(s.entry+n, entries-1)) }
	}
	bs := []bound{
		on(k.Choose, s.choose),
		does(k.Down, move(1)), does(k.Up, move(-1)),
		does(k.Contents, func() { s.browsing = false }),
		does(k.Cancel, func() { s.browsing = false }),
	}
	return append(bs, hidden(does(k.Top, move(-entries)), does(k.Bottom, move(entries)))...)
}

// contentsEntry is one line of the contents.
type contentsEntry struct {
	glyph string
	look  styles.Style
	text  string
	open  func() action // nil: a page
}

// entries are the pages, then the exercise, then the quiz.
func (s *lessonScreen) entries() []contentsEntry {
	lp, g, st := s.lessonProgress(s.lesson.ID), s.styles.Glyphs, s.styles
	_, steps, questions := s.progress.LessonDone(s.lesson)
	var es []contentsEntry
	for _, p := range s.lesson.Pages {
		e := contentsEntry{glyph: g.New, look: st.Dim, text: s.in(p.Title)}
		if _, read := lp.Read[p.ID]; read {
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

func (s *lessonScreen) choose() (action, tea.Cmd) {
	s.browsing = false
	if open := s.entries()[s.entry].open; open != nil {
		return open(), nil
	}
	s.turn(s.entry)
	return nil, nil
}

func (s *lessonScreen) View() (string, *tea.Cursor) {
	if s.browsing && !s.wide() {
		return join(sized(s.contents(s.w), s.w, s.h)), nil
	}
	room := s.w
	if s.wide() {
		room -= contentsWidth
	}
	page := []string{s.heading(room), blank(room)}
	page = append(page, s.view.window(s.styles, s.lines, room)...)
	page = sized(page, room, s.h)
	if s.wide() {
		return join(beside(sized(s.contents(contentsWidth), contentsWidth, s.h), page)), nil
	}
	return join(page), nil
}

// heading is the line above a page: its title, and how far it has been scrolled.
func (s *lessonScreen) heading(w int) string {
	p := newPen(w).space(styles.Style{}, 2).put(s.styles.Title, s.in(s.lesson.Pages[s.page].Title))
	where := fmt.Sprintf("%d%%", s.view.percent())
	if !s.view.atEnd() {
		where = s.words.Lesson.More + " " + where
	}
	return p.columnRight(s.styles.Dim, where, p.left-1).line()
}

// contents lists the parts of the lesson.
func (s *lessonScreen) contents(w int) []string {
	lines := []string{newPen(w).space(styles.Style{}, 2).put(s.styles.Label, s.words.Lesson.Contents).line(), blank(w)}
	for i, e := range s.entries() {
		here := i == s.page
		if s.browsing {
			here = i == s.entry
		}
		text, mark := styles.Style{}, " "
		if here {
			mark = s.styles.Glyphs.Cursor
			if s.browsing {
				text, e.look = s.styles.Selected, s.styles.Selected
			} else {
				text = s.styles.Strong
			}
		}
		p := newPen(w-2).put(text, " "+mark).put(e.look, e.glyph+" ").put(text, e.text)
		if s.browsing {
			lines = append(lines, p.filled(text)+"  ")
		} else {
			lines = append(lines, p.line()+"  ")
		}
	}
	return lines
}

// enter notes where in a lesson the learner is and returns the lesson's record.
func enter(p *lessons.Progress, lesson, place, page string) *lessons.LessonProgress {
	lp := p.Lesson(lesson)
	p.LastLesson, lp.Place, lp.Page = lesson, place, page
	return lp
}
