package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/review"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// reviewScreen asks the questions of all lessons that are due, one after the
// other, and at the end says how it went and when the next are due. Every answer
// is saved at once; the App keeps the screen while the session goes on, so that
// one can leave it and come back.
type reviewScreen struct {
	*scene
	w, h int

	session *review.Session
	all     bool          // also what is not due is asked
	item    review.Item   // of asking; after the answer as it is then
	asking  *questionView // nil at the end
	view    scroll
	text    []string // of the end
	coming  review.Forecast
}

func newReviewScreen(s *scene, all bool) *reviewScreen {
	r := &reviewScreen{scene: s, all: all}
	items := review.Survey(s.course, s.progress, s.now)
	if all {
		items = review.Asked(items, s.now)
	} else {
		items = review.Due(items, s.now)
	}
	r.session = review.Begin(items)
	r.put()
	return r
}

// over reports whether there is nothing to be asked.
func (s *reviewScreen) over() bool { return s.asking == nil }

// put puts the question that is next.
func (s *reviewScreen) put() {
	s.asking = nil
	s.view.top = 0
	item, ok := s.session.Now()
	if ok {
		item = review.Look(item.Lesson, item.Question, s.progress, s.now)
		s.item, s.asking = item, newQuestionView(s.scene, item.Question, item.Asked)
	}
	s.layOut()
}

// comeBack goes on after the screen was left: what was answered elsewhere
// meanwhile is not asked again.
func (s *reviewScreen) comeBack() {
	if s.all {
		return
	}
	due := map[*lessons.Question]bool{}
	for _, i := range review.Survey(s.course, s.progress, s.now) {
		due[i.Question] = i.Due()
	}
	s.session.Keep(func(i review.Item) bool { return due[i.Question] })
}

func (s *reviewScreen) title() []string {
	if s.over() {
		return []string{s.words.Review.Title}
	}
	return []string{s.words.Review.Title, s.in(s.item.Lesson.Title)}
}

func (s *reviewScreen) capturing() capture {
	if s.over() {
		return captureNone
	}
	return s.asking.capturing()
}

func (s *reviewScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.layOut()
}

// below returns a mouse event in the cells of what stands n lines lower.
func below(msg tea.Msg, n int) tea.Msg {
	m, ok := msg.(tea.MouseMsg)
	if !ok {
		return msg
	}
	moved := m.Mouse()
	moved.Y -= n
	switch msg.(type) {
	case tea.MouseClickMsg:
		return tea.MouseClickMsg(moved)
	case tea.MouseReleaseMsg:
		return tea.MouseReleaseMsg(moved)
	case tea.MouseWheelMsg:
		return tea.MouseWheelMsg(moved)
	}
	return tea.MouseMotionMsg(moved)
}

// reviewHead is the number of lines above the question.
const reviewHead = 1

func (s *reviewScreen) layOut() {
	if s.over() {
		s.layOutEnd(max(1, min(s.w-4, textWidth)))
		s.view.fit(s.h, len(s.text))
		return
	}
	s.asking.after = s.words.Quiz.ToNext
	if s.session.Left() == 0 {
		s.asking.after = s.words.Quiz.ToSummary
	}
	s.asking.Resize(s.w, s.h-reviewHead)
}

func (s *reviewScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	if msg, ok := msg.(tea.KeyPressMsg); ok {
		if a, cmd, ok := press(msg, s.own()); ok {
			s.layOut()
			return a, cmd
		}
	}
	if s.over() {
		switch msg := msg.(type) {
		case tea.KeyPressMsg:
			a, cmd, _ := press(msg, s.keys.scrolling(&s.view))
			return a, cmd
		case tea.MouseWheelMsg:
			s.view.by(wheel(msg))
		}
		return nil, nil
	}
	_, before := s.asking.answered()
	a, cmd := s.asking.Update(below(msg, reviewHead))
	if m, now := s.asking.answered(); now && !before {
		return s.remember(m), cmd
	}
	return a, cmd
}

// remember notes how a question was answered.
func (s *reviewScreen) remember(m lessons.Marking) action {
	s.session.Answered(m.Right)
	lesson, id, right, now := s.item.Lesson.ID, s.item.Question.ID, m.Right, s.now
	return save{func(p *lessons.Progress) { review.Answer(p, lesson, id, right, now) }}
}

func (s *reviewScreen) bindings() []bound {
	if s.over() {
		return append(s.own(), s.keys.scrolling(&s.view)...)
	}
	if _, ok := s.asking.answered(); ok {
		return append(s.own(), s.asking.bindings()...)
	}
	return append(s.asking.bindings(), s.own()...)
}

// own are the keys that lead away from the question.
func (s *reviewScreen) own() []bound {
	k := s.keys
	back := asks(k.Back, goBack{})
	if s.over() {
		bs := []bound{asks(k.Known, goKnown{})}
		if s.coming.Asked > 0 {
			bs = append(bs, asks(k.Anyway, goReview{all: true}))
		}
		return append(bs, back)
	}
	read := asks(k.Pages, goReading{s.item.Lesson.ID, review.Page(s.item.Lesson, s.item.Question)})
	if _, ok := s.asking.answered(); ok {
		return []bound{does(k.Next, s.put), read, back}
	}
	if s.asking.capturing() != captureNone {
		return nil
	}
	return []bound{read, back}
}

func (s *reviewScreen) View() (string, *tea.Cursor) {
	if s.over() {
		return join(s.view.window(s.styles, s.text, s.w)), nil
	}
	lines, cursor := s.asking.View()
	if cursor != nil {
		cursor.Y += reviewHead
	}
	return join(append([]string{s.heading()}, lines...)), cursor
}

// heading is the line above the question: its lesson, and how many are left.
func (s *reviewScreen) heading() string {
	st, words := s.styles, s.words.Review
	m, answered := s.asking.answered()
	text := ""
	switch {
	case answered && !m.Right:
		text = words.AtTheEnd
	case answered:
		now := review.Look(s.item.Lesson, s.item.Question, s.progress, s.now)
		text = fmt.Sprintf(words.ComesBack, s.in(review.When(now.In)))
	case s.session.Again():
		text = words.Again
	}
	left := fmt.Sprintf(words.Left, s.session.Left())
	room := max(0, s.w-4-markdown.Width(left)-1)
	p := newPen(s.w).space(styles.Style{}, 2)
	name := newPen(room).put(st.Label, s.in(s.item.Lesson.Title))
	if text != "" {
		name.put(st.Dim, " "+st.Glyphs.Dot+" "+text)
	}
	return p.raw(name.line(), room).put(st.Dim, " "+left).line()
}

// layOutEnd says how it went and when the next are due, in lines of w cells.
func (s *reviewScreen) layOutEnd(w int) {
	st, g, words := s.styles, s.styles.Glyphs, s.words.Review
	s.text = nil
	add := func(l string) {
		s.text = append(s.text, newPen(s.w-1).space(styles.Style{}, 2).raw(l, w).line())
	}
	say := func(look styles.Style, text string) {
		for _, l := range markdown.Wrap(text, w) {
			add(newPen(w).put(look, l).line())
		}
	}
	add(blank(w))
	askings, right := s.session.Askings(), 0
	for _, a := range askings {
		if a.Right {
			right++
		}
	}
	s.coming = s.outlook()
	switch {
	case len(askings) > 0:
		add(newPen(w).put(st.Title, fmt.Sprintf(words.Score, right, len(askings))).line())
		add(blank(w))
	case s.coming.Asked == 0:
		say(styles.Style{}, words.NoneYet)
		return
	default:
		add(newPen(w).put(st.Title, words.Nothing).line())
	}
	for _, a := range askings {
		glyph, look, word := g.Right, st.Good, words.AtOnce
		if !a.Right {
			glyph, look, word = g.Wrong, st.Bad, fmt.Sprintf(words.AtTry, a.Tries)
		}
		p := newPen(w).put(look, glyph+" ")
		p.column(styles.Style{}, s.in(a.Item.Question.Title)+" "+g.Dot+" "+s.in(a.Item.Lesson.Title), p.left-markdown.Width(word)-1)
		add(p.put(look, " "+word).line())
	}
	add(blank(w))
	if coming := s.in(s.coming.Coming()); coming != "" {
		say(styles.Style{}, fmt.Sprintf(words.Next, coming))
		add(blank(w))
	}
	key := func(name, text string) {
		add(newPen(w).put(st.HintKey, name).put(st.Dim, " "+g.Arrow+" "+text).line())
	}
	key("M", words.ToKnown)
	key("a", fmt.Sprintf(words.ToAnyway, s.coming.Asked))
}
