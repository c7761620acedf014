package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/review"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// quizScreen asks the questions of a lesson, one after the other, says for each
// choice why it is right or wrong, and at the end goes through the wrong ones
// again.
type quizScreen struct {
	*scene
	lesson *lessons.Lesson
	w, h   int

	round   []*lessons.Question
	at      int
	results map[string]bool // of this round, by question: answered right
	asking  *questionView
	over    bool // the summary is shown
	view    scroll
	text    []string // the summary
}

func newQuizScreen(s *scene, l *lessons.Lesson) *quizScreen {
	q := &quizScreen{scene: s, lesson: l}
	q.begin(l.Questions)
	return q
}

func (s *quizScreen) title() []string {
	if s.over {
		return []string{s.in(s.lesson.Title), s.words.Quiz.Title}
	}
	return []string{s.in(s.lesson.Title), fmt.Sprintf(s.words.Quiz.QuestionOf, s.at+1, len(s.round))}
}

func (s *quizScreen) capturing() capture {
	if s.over {
		return captureNone
	}
	return s.asking.capturing()
}

// begin starts a round of questions.
func (s *quizScreen) begin(round []*lessons.Question) {
	s.round, s.results, s.over = round, map[string]bool{}, false
	s.put(0)
}

// put puts question n.
func (s *quizScreen) put(n int) {
	s.at = n
	asked := 0
	if qp := s.lessonProgress(s.lesson.ID).Quiz[s.question().ID]; qp != nil {
		asked = qp.Right + qp.Wrong
	}
	s.asking = newQuestionView(s.scene, s.question(), asked)
	s.layOut()
}

func (s *quizScreen) question() *lessons.Question { return s.round[s.at] }

func (s *quizScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.layOut()
}

func (s *quizScreen) layOut() {
	if s.over {
		s.layOutSummary(max(1, min(s.w-4, textWidth)))
		s.view.fit(s.h, len(s.text))
		return
	}
	s.asking.after = s.words.Quiz.ToNext
	if s.at+1 == len(s.round) {
		s.asking.after = s.words.Quiz.ToSummary
	}
	s.asking.Resize(s.w, s.h)
}

func (s *quizScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	if msg, ok := msg.(tea.KeyPressMsg); ok {
		if a, cmd, ok := press(msg, s.own()); ok {
			s.layOut()
			return a, cmd
		}
	}
	if s.over {
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
	a, cmd := s.asking.Update(msg)
	if m, now := s.asking.answered(); now && !before {
		return s.remember(m), cmd
	}
	return a, cmd
}

// remember notes how a question was answered.
func (s *quizScreen) remember(m lessons.Marking) action {
	s.results[s.question().ID] = m.Right
	lesson, id, right, now := s.lesson.ID, s.question().ID, m.Right, s.now
	return save{func(p *lessons.Progress) {
		enter(p, lesson, lessons.PlaceQuiz, id)
		review.Answer(p, lesson, id, right, now)
	}}
}

func (s *quizScreen) bindings() []bound {
	if s.over {
		return append(s.own(), s.keys.scrolling(&s.view)...)
	}
	if _, ok := s.asking.answered(); ok {
		return append(s.own(), s.asking.bindings()...)
	}
	return append(s.asking.bindings(), s.own()...)
}

// own are the keys that lead away from the question.
func (s *quizScreen) own() []bound {
	k := s.keys
	back := asks(k.Back, goBack{})
	if s.over {
		var bs []bound
		if wrong := s.wrong(); len(wrong) > 0 {
			bs = append(bs, does(k.Again, func() { s.begin(wrong) }))
		}
		return append(bs, asks(k.Review, goReview{}), back)
	}
	if _, ok := s.asking.answered(); ok {
		return []bound{does(k.Next, s.next), back}
	}
	if s.asking.capturing() != captureNone {
		return nil
	}
	return []bound{back}
}

func (s *quizScreen) next() {
	if s.at+1 < len(s.round) {
		s.put(s.at + 1)
		return
	}
	s.over, s.view.top = true, 0
}

// wrong are the questions of this round that were not answered right.
func (s *quizScreen) wrong() []*lessons.Question {
	var wrong []*lessons.Question
	for _, q := range s.round {
		if !s.results[q.ID] {
			wrong = append(wrong, q)
		}
	}
	return wrong
}

func (s *quizScreen) View() (string, *tea.Cursor) {
	if s.over {
		return join(s.view.window(s.styles, s.text, s.w)), nil
	}
	lines, cursor := s.asking.View()
	return join(lines), cursor
}

// layOutSummary lists how the round went, in lines of w cells.
func (s *quizScreen) layOutSummary(w int) {
	st, g, words := s.styles, s.styles.Glyphs, s.words.Quiz
	s.text = nil
	add := func(l string) {
		s.text = append(s.text, newPen(s.w-1).space(styles.Style{}, 2).raw(l, w).line())
	}
	wrong := len(s.wrong())
	add(blank(w))
	add(newPen(w).put(st.Title, fmt.Sprintf(words.Score, len(s.round)-wrong, len(s.round))).line())
	add(blank(w))
	for _, q := range s.round {
		glyph, look, word := g.Right, st.Good, words.Right
		if !s.results[q.ID] {
			glyph, look, word = g.Wrong, st.Bad, words.Wrong
		}
		p := newPen(w).put(look, glyph+" ")
		p.column(styles.Style{}, s.in(q.Title), p.left-markdown.Width(word)-1)
		add(p.put(look, " "+word).line())
	}
	add(blank(w))
	text := words.AllRight
	if wrong > 0 {
		text = fmt.Sprintf(words.SomeWrong, wrong)
	}
	for _, l := range markdown.Wrap(text, w) {
		add(newPen(w).put(styles.Style{}, l).line())
	}
	add(blank(w))
	if wrong > 0 {
		for _, l := range markdown.Wrap(s.words.Review.Returns, w) {
			add(newPen(w).put(st.Dim, l).line())
		}
	}
	if key, text := s.reviewLine(); key != "" {
		add(newPen(w).put(st.HintKey, key).put(st.Dim, " "+g.Arrow+" "+text).line())
	}
}
