package tui

import (
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// add appends lines of w cells, indented by two and as wide as the screen less
// its scroll bar.
func (s *quizScreen) add(lines ...string) {
	for _, l := range lines {
		s.text = append(s.text, newPen(s.w-1).space(styles.Style{}, 2).raw(l, min(s.w-4, textWidth)).line())
	}
}

func (s *quizScreen) inputRoom() int { return max(4, min(s.w-4, textWidth)-3) }

func (s *quizScreen) buildQuestion(w int) {
	q, st := s.question(), s.styles
	s.add(blank(w), newPen(w).put(st.Title, s.in(q.Title)).line(), newPen(w).put(st.Dim, s.kindText(q.Kind)).line(), blank(w))
	if prompt := s.prose.lines(s.in(q.Prompt), w); len(prompt) > 0 {
		s.add(prompt...)
		s.add(blank(w))
	}
	if s.marking != nil {
		s.buildVerdict(w)
	}
	if q.Kind == lessons.Command {
		s.buildCommand(w)
	} else {
		for n := range s.shown {
			s.rows = append(s.rows, len(s.text))
			s.choice(n, w)
		}
	}
	if s.marking != nil {
		s.buildReasons(w)
	}
}

func (s *quizScreen) kindText(k lessons.QuestionKind) string {
	w := s.words.Quiz
	switch k {
	case lessons.Multiple:
		return w.Multiple
	case lessons.TrueFalse:
		return w.TrueFalse
	case lessons.Order:
		return w.Order
	case lessons.Command:
		return w.Command
	}
	return w.Single
}

// choice is one choice: its mark, its text, and after the answer the reason.
func (s *quizScreen) choice(n, w int) {
	q, st, g := s.question(), s.styles, s.styles.Glyphs
	i := s.shown[n]
	cursor, look := " ", styles.Style{}
	if s.marking == nil && n == s.cursor {
		cursor, look = g.Cursor, st.Strong
	}
	mark := fmt.Sprintf("%d. ", n+1)
	if q.Kind == lessons.Multiple {
		box := g.Unpicked
		if s.picked[i] {
			box = g.Picked
		}
		mark = box + " " + mark
	}
	lead := 2 + markdown.Width(mark)
	for row, line := range s.prose.lines(s.in(q.Options[i].Text), w-lead) {
		p := newPen(w)
		if row == 0 {
			p.put(st.Cursor, cursor+" ").put(look, mark)
		} else {
			p.space(styles.Style{}, lead)
		}
		s.add(p.raw(line, w-lead).line())
	}
	if s.marking != nil && q.Kind != lessons.Order {
		s.reason(i, w, lead)
	}
}

// reason says whether a choice is right, whether it was chosen, and why.
func (s *quizScreen) reason(i, w, lead int) {
	st, g, words := s.styles, s.styles.Glyphs, s.words.Quiz
	for _, o := range s.marking.Options {
		if o.Index != i {
			continue
		}
		glyph, word, look := g.Wrong, words.WrongChoice, st.Dim
		right := s.question().Options[i].Right
		if right {
			glyph, word, look = g.Right, words.RightChoice, st.Good
		}
		if o.Chosen {
			word += " " + g.Dot + " " + words.YourChoice
			if !right {
				look = st.Bad
			}
		}
		s.add(newPen(w).space(styles.Style{}, lead).put(look, glyph+" "+word).line())
		for _, line := range s.prose.lines(s.in(o.Reason), w-lead) {
			s.add(newPen(w).space(styles.Style{}, lead).raw(line, w-lead).line())
		}
		s.add(blank(w))
	}
}

func (s *quizScreen) buildCommand(w int) {
	st := s.styles
	p := newPen(w).put(st.InputPrompt, "$ ")
	if s.marking == nil {
		s.inputLine = len(s.text)
		room := s.inputRoom()
		s.add(p.column(st.Input, s.input.visible(room), room).line())
		s.rows = append(s.rows, s.inputLine)
		return
	}
	s.add(p.put(styles.Style{}, s.input.text).line())
}

func (s *quizScreen) buildVerdict(w int) {
	st, g, words := s.styles, s.styles.Glyphs, s.words.Quiz
	if s.marking.Right {
		s.add(newPen(w).put(st.Good, g.Right+" "+words.Right).line(), blank(w))
		return
	}
	s.add(newPen(w).put(st.Bad, g.Wrong+" "+words.Wrong).line(), blank(w))
}

// buildReasons says what a right answer would have been, and why.
func (s *quizScreen) buildReasons(w int) {
	m, st, words := s.marking, s.styles, s.words.Quiz
	section := func(name, text string) {
		if text == "" {
			return
		}
		s.add(blank(w), newPen(w).put(st.Label, name).line())
		s.add(s.prose.lines(text, w)...)
	}
	section(words.Note, s.in(m.Note))
	if !m.Right || s.question().Kind == lessons.Command {
		section(words.Want, wantText(s.question(), m.Want, s.scene))
	}
	section(words.Why, s.in(m.Why))
	s.add(blank(w))
	next := words.ToNext
	if s.at+1 == len(s.round) {
		next = words.ToSummary
	}
	s.add(newPen(w).put(st.HintKey, "n").put(st.Dim, " "+st.Glyphs.Arrow+" "+next).line(), blank(w))
}

// wantText is a right answer as Markdown: a command line, or the lines in their
// order.
func wantText(q *lessons.Question, want string, s *scene) string {
	switch q.Kind {
	case lessons.Command:
		return "```console\n$ " + want + "\n```"
	case lessons.Order:
		var lines strings.Builder
		for i, o := range q.Options {
			fmt.Fprintf(&lines, "%d. %s\n", i+1, s.in(o.Text))
		}
		return lines.String()
	}
	return "" // the reasons say it
}

// buildSummary lists how the round went.
func (s *quizScreen) buildSummary(w int) {
	st, g, words := s.styles, s.styles.Glyphs, s.words.Quiz
	wrong := len(s.wrong())
	s.add(blank(w), newPen(w).put(st.Title, fmt.Sprintf(words.Score, len(s.round)-wrong, len(s.round))).line(), blank(w))
	for _, q := range s.round {
		glyph, look, word := g.Right, st.Good, words.Right
		if !s.results[q.ID] {
			glyph, look, word = g.Wrong, st.Bad, words.Wrong
		}
		p := newPen(w).put(look, glyph+" ")
		p.column(styles.Style{}, s.in(q.Title), p.left-markdown.Width(word)-1)
		s.add(p.put(look, " "+word).line())
	}
	s.add(blank(w))
	text := words.AllRight
	if wrong > 0 {
		text = fmt.Sprintf(words.SomeWrong, wrong)
	}
	for _, l := range markdown.Wrap(text, w) {
		s.add(newPen(w).put(styles.Style{}, l).line())
	}
}
