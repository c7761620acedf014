package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// homeScreen is the course map: modules and lessons, how far each is, and where
// to go on.
type homeScreen struct {
	*scene
	w, h   int
	cursor int // index in rows of a row with a target
	rows   []homeRow
	view   scroll
	// reviewKey and review say what there is to review, "" while nothing was
	// answered.
	reviewKey, review string
}

// homeRow is one line of the map. Rows without a lesson are headings.
type homeRow struct {
	lesson *lessons.Lesson
	resume bool // the line that goes on with the last lesson
	module string
	broken string // a line about a course that could not be loaded
}

func newHomeScreen(s *scene) *homeScreen { return &homeScreen{scene: s} }

func (s *homeScreen) title() []string    { return nil }
func (s *homeScreen) capturing() capture { return captureNone }

// Resize sets the size and builds the rows anew: course, words or progress may
// have changed. The cursor stays on its lesson.
func (s *homeScreen) Resize(w, h int) {
	s.w, s.h = w, h
	var at homeRow
	if s.cursor < len(s.rows) {
		at = s.rows[s.cursor]
	}
	s.rows = nil
	s.reviewKey, s.review = s.reviewLine()
	if s.course == nil {
		return
	}
	if l := s.lesson(s.progress.LastLesson); l != nil {
		s.rows = append(s.rows, homeRow{lesson: l, resume: true}, homeRow{})
	}
	for i, m := range s.course.Modules {
		if i > 0 {
			s.rows = append(s.rows, homeRow{})
		}
		s.rows = append(s.rows, homeRow{module: s.in(m.Title)})
		for _, l := range m.Lessons {
			s.rows = append(s.rows, homeRow{lesson: l})
		}
	}
	for _, b := range s.course.Broken {
		s.rows = append(s.rows, homeRow{})
		for _, line := range markdown.Wrap(s.in(b.Sentence()), max(20, s.mapWidth()-4)) {
			s.rows = append(s.rows, homeRow{broken: line})
		}
	}
	s.cursor = -1
	for i, r := range s.rows {
		if r.lesson != nil && (s.cursor < 0 || at.lesson != nil && r.lesson.ID == at.lesson.ID && r.resume == at.resume) {
			s.cursor = i
		}
	}
	s.cursor = max(0, s.cursor)
	s.place()
}

// place keeps the cursor's row on the screen.
func (s *homeScreen) place() {
	s.view.fit(max(1, s.h-len(s.head())-len(s.foot())), len(s.rows))
	s.view.show(s.cursor)
}

func (s *homeScreen) selected() *lessons.Lesson {
	if s.cursor < len(s.rows) {
		return s.rows[s.cursor].lesson
	}
	return nil
}

// move goes n rows down, over headings.
func (s *homeScreen) move(n int) {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for at := s.cursor + step; n > 0 && at >= 0 && at < len(s.rows); at += step {
		if s.rows[at].lesson != nil {
			s.cursor, n = at, n-1
		}
	}
	s.place()
}

func (s *homeScreen) bindings() []bound {
	var bs []bound
	k := s.keys
	if s.selected() != nil {
		open := k.Open
		open.SetHelp(open.Help().Key, s.words.Keys.Start)
		bs = append(bs, on(open, s.open))
		bs = append(bs, hidden(
			does(k.Down, func() { s.move(1) }),
			does(k.Up, func() { s.move(-1) }),
			does(k.Top, func() { s.move(-len(s.rows)) }),
			does(k.Bottom, func() { s.move(len(s.rows)) }),
		)...)
	}
	if s.review != "" {
		bs = append(bs, asks(k.Review, goReview{}), asks(k.Known, goKnown{}))
	}
	return bs
}

func (s *homeScreen) open() (action, tea.Cmd) { return goOn{s.selected().ID}, nil }

func (s *homeScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		a, cmd, _ := press(msg, s.bindings())
		return a, cmd
	case tea.MouseWheelMsg:
		s.move(wheel(msg))
	case tea.MouseClickMsg:
		return s.click(msg.Y)
	}
	return nil, nil
}

// click selects the row at y; a click on the selected one opens it.
func (s *homeScreen) click(y int) (action, tea.Cmd) {
	at := y - len(s.head()) + s.view.top
	if at < 0 || at >= len(s.rows) || s.rows[at].lesson == nil {
		return nil, nil
	}
	if at == s.cursor {
		return s.open()
	}
	s.cursor = at
	return nil, nil
}

func (s *homeScreen) View() (string, *tea.Cursor) {
	if s.course == nil {
		return s.message(), nil
	}
	mapWidth := s.mapWidth()
	lines := s.head()
	rows := make([]string, len(s.rows))
	for i := range s.rows {
		rows[i] = s.row(i, mapWidth-1)
	}
	block := s.view.window(s.styles, rows, mapWidth)
	if side := s.w - mapWidth; side > 0 {
		var about []string
		if l := s.selected(); l != nil {
			about = s.about(l, side-4)
			about = box(s.styles, s.in(l.Title), s.minutes(l), about, side, len(block), false)
		}
		block = beside(block, sized(about, side, len(block)))
	}
	lines = append(lines, block...)
	lines = append(lines, s.foot()...)
	return join(sized(lines, s.w, s.h)), nil
}

// message is shown while there is no course.
func (s *homeScreen) message() string {
	if s.courseErr == nil {
		return join(sized([]string{blank(s.w), newPen(s.w).space(styles.Style{}, 2).put(s.styles.Dim, s.words.Home.Loading).line()}, s.w, s.h))
	}
	lines := []string{blank(s.w), newPen(s.w).space(styles.Style{}, 2).put(s.styles.Bad, s.words.Home.NoCourse).line(), blank(s.w)}
	for _, l := range markdown.Wrap(s.courseErr.Error(), s.w-4) {
		lines = append(lines, newPen(s.w).space(styles.Style{}, 2).put(s.styles.Text, l).line())
	}
	return join(sized(lines, s.w, s.h))
}

func (s *homeScreen) head() []string {
	if s.course == nil {
		return nil
	}
	lines := []string{blank(s.w), s.titleRow()}
	if s.h >= 20 {
		summary := s.prose.lines(s.in(s.course.Summary), min(s.w-4, 90))
		for _, l := range summary[:min(3, len(summary))] {
			lines = append(lines, newPen(s.w).space(styles.Style{}, 2).raw(l, min(s.w-4, 90)).line())
		}
	}
	lines = append(lines, blank(s.w))
	w, room := s.words.Home, s.mapWidth()-1
	names := s.columns(newPen(room).space(styles.Style{}, 5), room, s.styles.Dim, "", w.State, w.Pages, w.Steps, w.Questions).line()
	return append(lines, newPen(s.w).raw(names, room).line())
}

// titleRow is the course's title, and at its end what there is to review.
func (s *homeScreen) titleRow() string {
	p := newPen(s.w).space(styles.Style{}, 2)
	if s.review == "" {
		return p.put(s.styles.Title, s.in(s.course.Title)).line()
	}
	text := " " + s.styles.Glyphs.Arrow + " " + s.review
	p.column(s.styles.Title, s.in(s.course.Title), p.left-markdown.Width(s.reviewKey)-markdown.Width(text)-2)
	return p.put(s.styles.HintKey, s.reviewKey).put(s.styles.Dim, text).line()
}

// mapWidth is the width of the map: all of a narrow window.
func (s *homeScreen) mapWidth() int {
	if s.w < wideWidth {
		return s.w
	}
	return s.w * 6 / 10
}

// columns lays out the columns of the map to the right of its first five cells.
func (s *homeScreen) columns(p *pen, w int, st styles.Style, title, state, pages, steps, questions string) *pen {
	const word, number = 10, 8
	p.column(st, title, max(8, w-5-word-3*number-1))
	p.column(st, state, word)
	return p.columnRight(st, pages, number).columnRight(st, steps, number).columnRight(st, questions, number)
}

func (s *homeScreen) row(i, w int) string {
	r, st := s.rows[i], s.styles
	p := newPen(w)
	switch {
	case r.broken != "":
		return p.space(styles.Style{}, 2).put(st.Bad, r.broken).line()
	case r.lesson == nil && r.module == "":
		return p.line()
	case r.lesson == nil:
		return p.space(styles.Style{}, 2).put(st.Strong, r.module).line()
	}
	mark, text := styles.Style{}, styles.Style{}
	cursor := " "
	if i == s.cursor {
		mark, text, cursor = st.Selected, st.Selected, st.Glyphs.Cursor
	}
	if r.resume {
		p.put(mark, " "+cursor+" ")
		return p.put(text, fmt.Sprintf(s.words.Home.Continue, s.in(r.lesson.Title), s.whereabouts(r.lesson))).filled(text)
	}
	glyph, word, look := s.state(r.lesson)
	if i == s.cursor {
		look = text
	}
	pages, steps, questions := s.progress.LessonDone(r.lesson)
	p.put(mark, " "+cursor).put(look, " "+glyph).put(text, " ")
	s.columns(p, w, text, s.in(r.lesson.Title), word, countText(pages), countText(steps), countText(questions))
	return p.filled(text)
}

// whereabouts says where in a lesson the learner was.
func (s *homeScreen) whereabouts(l *lessons.Lesson) string {
	lp, w := s.lessonProgress(l.ID), s.words.Home
	switch lp.Place {
	case lessons.PlaceExercise:
		if st, ok := l.Step(lp.Page); ok {
			return fmt.Sprintf(w.AtStep, s.in(st.Title))
		}
		return w.AtExercise
	case lessons.PlaceQuiz:
		return w.AtQuiz
	}
	for _, p := range l.Pages {
		if p.ID == lp.Page {
			return fmt.Sprintf(w.AtPage, s.in(p.Title))
		}
	}
	return w.AtStart
}

// state says how far a lesson is: glyph, word and look.
func (s *homeScreen) state(l *lessons.Lesson) (glyph, word string, look styles.Style) {
	g, w := s.styles.Glyphs, s.words.Home
	pages, steps, questions := s.progress.LessonDone(l)
	switch {
	case s.progress.Finished(l):
		return g.Done, w.Done, s.styles.Good
	case pages.Done+steps.Done+questions.Done > 0 || s.lessonProgress(l.ID).Place != "":
		return g.UnderWay, w.UnderWay, s.styles.Wait
	}
	return g.New, w.New, s.styles.Dim
}

func (s *homeScreen) minutes(l *lessons.Lesson) string {
	return fmt.Sprintf(s.words.Home.Minutes, l.Minutes)
}

// foot tells of the selected lesson where there is no pane beside the map.
func (s *homeScreen) foot() []string {
	l := s.selected()
	if s.w >= wideWidth || l == nil {
		return nil
	}
	lines := []string{blank(s.w)}
	summary := s.prose.lines(s.in(l.Summary), s.w-4)
	for _, line := range summary[:min(3, len(summary))] {
		lines = append(lines, newPen(s.w).space(styles.Style{}, 2).raw(line, s.w-4).line())
	}
	return append(lines, newPen(s.w).space(styles.Style{}, 2).put(s.styles.Dim, s.minutes(l)).line())
}

// about is the pane beside the map: what the lesson holds.
func (s *homeScreen) about(l *lessons.Lesson, w int) []string {
	lp, st, g := s.lessonProgress(l.ID), s.styles, s.styles.Glyphs
	lines := append([]string(nil), s.prose.lines(s.in(l.Summary), w)...)
	list := func(head string, n int, title func(int) (string, bool)) {
		if n == 0 {
			return
		}
		lines = append(lines, blank(w), newPen(w).put(st.Label, head).line())
		for i := range n {
			text, done := title(i)
			if done {
				lines = append(lines, newPen(w).put(st.Good, g.Done+" ").put(styles.Style{}, text).line())
			} else {
				lines = append(lines, newPen(w).put(st.Dim, g.New+" ").put(styles.Style{}, text).line())
			}
		}
	}
	list(s.words.Home.Pages, len(l.Pages), func(i int) (string, bool) {
		_, done := lp.Read[l.Pages[i].ID]
		return s.in(l.Pages[i].Title), done
	})
	list(s.words.Home.Steps, len(l.Steps), func(i int) (string, bool) {
		_, done := lp.Passed[l.Steps[i].ID]
		return s.in(l.Steps[i].Title), done
	})
	list(s.words.Home.Questions, len(l.Questions), func(i int) (string, bool) {
		q := lp.Quiz[l.Questions[i].ID]
		return s.in(l.Questions[i].Title), q != nil && q.Right > 0
	})
	return padded(indented(lines, 1), 1)
}

func countText(c lessons.Count) string { return fmt.Sprintf("%d/%d", c.Done, c.Total) }
