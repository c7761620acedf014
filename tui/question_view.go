package tui

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// questionView shows one question, takes its answer, and says what there is to
// say about it. It knows neither which question comes next nor what is
// remembered: a screen owns one for each question it asks, gives it messages and
// keys, and looks whether it was answered.
type questionView struct {
	*scene
	question *lessons.Question
	// after says under the reasons where the screen's key leads to; "" says
	// nothing.
	after string

	w, h    int
	view    scroll
	text    []string
	body    answering
	head    int              // line of text with which the body begins
	sheet   sheet            // the body as it is in text
	marking *lessons.Marking // nil before the answer
}

// answering is what differs between the kinds of question: how an answer is put
// together, and how question and answer are drawn.
type answering interface {
	// bindings lists the keys that put the answer together, and those that move
	// about in the question.
	bindings() (answer, move []bound)
	// update takes a key that is bound to nothing, pasted text, or a mouse event
	// whose place is in cells of the body.
	update(tea.Msg)
	// draw draws the body in lines of w cells; m is nil before the answer.
	draw(w int, m *lessons.Marking) sheet
	// response is what was answered; false while that is nothing.
	response() (lessons.Response, bool)
	// typing reports whether letters belong to what is being typed.
	typing() bool
}

// sheet is a body: its lines, those of them that are to be seen, and where in
// them something is typed.
type sheet struct {
	lines    []string
	from, to int
	cursor   *tea.Cursor
}

// newQuestionView puts a question that was asked so many times before: each time
// its choices stand in another order.
func newQuestionView(s *scene, q *lessons.Question, asked int) *questionView {
	v := &questionView{scene: s, question: q}
	switch q.Kind {
	case lessons.Command:
		v.body = &typedLine{scene: s, on: true}
	case lessons.Field:
		v.body = &blankField{typedLine: typedLine{scene: s, on: true}, question: q}
	case lessons.Spot:
		v.body = newSpotLines(s, q)
	case lessons.Order:
		v.body = &orderedLines{choices{scene: s, question: q, shown: shuffled(q, asked)}}
	default:
		v.body = &choices{scene: s, question: q, shown: shuffled(q, asked), picked: map[int]bool{}}
	}
	return v
}

// shuffled is the order in which a question's choices are shown: another one
// each time it is asked, and never the right one for a question of order.
func shuffled(q *lessons.Question, asked int) []int {
	order := make([]int, len(q.Options))
	for i := range order {
		order[i] = i
	}
	if q.Kind == lessons.TrueFalse || len(order) < 2 {
		return order
	}
	h := fnv.New64a()
	h.Write([]byte(q.ID))
	r := rand.New(rand.NewPCG(h.Sum64(), uint64(asked)))
	right := slices.Clone(order)
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	if q.Kind == lessons.Order && slices.Equal(order, right) {
		order[0], order[1] = order[1], order[0]
	}
	return order
}

// answered returns what is said about the answer; false before there is one.
func (v *questionView) answered() (lessons.Marking, bool) {
	if v.marking == nil {
		return lessons.Marking{}, false
	}
	return *v.marking, true
}

func (v *questionView) capturing() capture {
	if v.marking == nil && v.body.typing() {
		return captureText
	}
	return captureNone
}

func (v *questionView) Resize(w, h int) {
	v.w, v.h = w, h
	v.layOut()
}

// Update takes keys, pasted text and the mouse, in cells of the view.
func (v *questionView) Update(msg tea.Msg) (action, tea.Cmd) {
	var a action
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		var done bool
		if a, cmd, done = press(msg, v.bindings()); !done && v.marking == nil {
			v.body.update(msg)
		}
		v.layOut()
		v.follow()
	case tea.PasteMsg:
		if v.marking == nil {
			v.body.update(msg)
			v.layOut()
			v.follow()
		}
	case tea.MouseWheelMsg:
		v.view.by(wheel(msg))
	case tea.MouseMsg:
		if v.marking == nil {
			v.body.update(v.inBody(msg))
			v.layOut()
		}
	}
	return a, cmd
}

// inBody returns a mouse event with its place in cells of the body.
func (v *questionView) inBody(msg tea.MouseMsg) tea.Msg {
	m := msg.Mouse()
	m.X, m.Y = m.X-2, m.Y+v.view.top-v.head
	switch msg.(type) {
	case tea.MouseClickMsg:
		return tea.MouseClickMsg(m)
	case tea.MouseReleaseMsg:
		return tea.MouseReleaseMsg(m)
	}
	return tea.MouseMotionMsg(m)
}

// bindings lists the keys that work on the question now; those that lead away
// from it are the screen's.
func (v *questionView) bindings() []bound {
	k := v.keys
	if v.marking != nil {
		return k.scrolling(&v.view)
	}
	bs, move := v.body.bindings()
	if v.body.typing() {
		return slices.Concat([]bound{on(k.Send, v.send)}, bs, move)
	}
	switch _, ready := v.body.response(); v.question.Kind {
	case lessons.Single, lessons.TrueFalse, lessons.Spot:
		bs = append(bs, on(k.Choose, v.send))
	case lessons.Multiple, lessons.Order:
		bs = append(bs, on(k.Send, v.send))
	default:
		if ready {
			bs = append(bs, on(k.Send, v.send))
		}
	}
	giveUp := does(k.Solution, func() { v.mark(lessons.Response{}) })
	giveUp.SetHelp(giveUp.Help().Key, v.words.Quiz.GiveUp)
	return append(append(bs, move...), giveUp)
}

func (v *questionView) send() (action, tea.Cmd) {
	r, ok := v.body.response()
	if !ok {
		return say{notice{text: v.words.Quiz.Nothing}}, nil
	}
	v.mark(r)
	return nil, nil
}

// mark judges the answer; an empty one is wrong, and shows what is right.
func (v *questionView) mark(r lessons.Response) {
	m := v.question.Mark(r)
	v.marking = &m
	v.view.top = 0
}

// View returns exactly the lines of the size given.
func (v *questionView) View() ([]string, *tea.Cursor) {
	lines := v.view.window(v.styles, v.text, v.w)
	c := v.sheet.cursor
	if c == nil || v.marking != nil {
		return lines, nil
	}
	row := v.head + c.Y - v.view.top
	if row < 0 || row >= v.h {
		return lines, nil
	}
	return lines, tea.NewCursor(2+c.X, row)
}

// follow scrolls so that what is being answered can be seen.
func (v *questionView) follow() {
	if v.marking != nil || len(v.sheet.lines) == 0 {
		return
	}
	v.view.show(v.head + max(v.sheet.from, v.sheet.to-1))
	v.view.show(v.head + v.sheet.from)
}

// layOut builds the lines.
func (v *questionView) layOut() {
	w := max(1, min(v.w-4, textWidth))
	q, st := v.question, v.styles
	v.text = nil
	v.add(w, blank(w), newPen(w).put(st.Title, v.in(q.Title)).line(), newPen(w).put(st.Dim, v.kindText()).line(), blank(w))
	if prompt := v.prose.lines(v.in(q.Prompt), w); len(prompt) > 0 {
		v.add(w, prompt...)
		v.add(w, blank(w))
	}
	if v.marking != nil {
		glyph, word, look := st.Glyphs.Wrong, v.words.Quiz.Wrong, st.Bad
		if v.marking.Right {
			glyph, word, look = st.Glyphs.Right, v.words.Quiz.Right, st.Good
		}
		v.add(w, newPen(w).put(look, glyph+" "+word).line(), blank(w))
	}
	v.head, v.sheet = len(v.text), v.body.draw(w, v.marking)
	v.add(w, v.sheet.lines...)
	if v.marking != nil {
		v.reasons(w)
	}
	v.view.fit(v.h, len(v.text))
}

// add appends lines of w cells, indented by two and as wide as the view less its
// scroll bar.
func (v *questionView) add(w int, lines ...string) {
	for _, l := range lines {
		v.text = append(v.text, newPen(v.w-1).space(styles.Style{}, 2).raw(l, w).line())
	}
}

func (v *questionView) kindText() string {
	w := v.words.Quiz
	switch v.question.Kind {
	case lessons.Multiple:
		return w.Multiple
	case lessons.TrueFalse:
		return w.TrueFalse
	case lessons.Order:
		return w.Order
	case lessons.Command:
		return w.Command
	case lessons.Field:
		return v.words.Question.Field
	case lessons.Spot:
		return v.words.Question.Spot
	}
	return w.Single
}

// reasons says what a right answer would have been, and why.
func (v *questionView) reasons(w int) {
	m, st, words := v.marking, v.styles, v.words.Quiz
	section := func(name string, lines []string) {
		if len(lines) > 0 {
			v.add(w, blank(w), newPen(w).put(st.Label, name).line())
			v.add(w, lines...)
		}
	}
	section(words.Note, v.prose.lines(v.in(m.Note), w))
	switch {
	case v.question.Kind == lessons.Command:
		section(words.Want, v.prose.lines("```console\n$ "+m.Want+"\n```", w))
	case v.question.Kind == lessons.Field && !m.Right:
		_, before, after := v.question.Blank()
		section(words.Want, v.yamlRows([]string{before + m.Want + after}, w)[0])
	case v.question.Kind == lessons.Order && !m.Right:
		section(words.Want, v.rightOrder(w))
	}
	section(words.Why, v.prose.lines(v.in(m.Why), w))
	v.add(w, blank(w))
	if v.after != "" {
		v.add(w, newPen(w).put(st.HintKey, "n").put(st.Dim, " "+st.Glyphs.Arrow+" "+v.after).line(), blank(w))
	}
}

// rightOrder are the lines of an order question in their order.
func (v *questionView) rightOrder(w int) []string {
	var source string
	for i, o := range v.question.Options {
		source += fmt.Sprintf("%d. %s\n", i+1, v.in(o.Text))
	}
	return v.prose.lines(source, w)
}

// reasonLines are a reason, w cells wide and indented by lead.
func (s *scene) reasonLines(text string, lead, w int) []string {
	var out []string
	for _, line := range s.prose.lines(text, max(1, w-lead)) {
		out = append(out, newPen(w).space(styles.Style{}, lead).raw(line, w-lead).line())
	}
	return out
}

// verdictLine says of a choice whether it is right, and whether it was chosen.
func (s *scene) verdictLine(right, chosen bool, lead, w int) string {
	st, g, words := s.styles, s.styles.Glyphs, s.words.Quiz
	glyph, word, look := g.Wrong, words.WrongChoice, st.Dim
	if right {
		glyph, word, look = g.Right, words.RightChoice, st.Good
	}
	if chosen {
		word += " " + g.Dot + " " + words.YourChoice
		if !right {
			look = st.Bad
		}
	}
	return newPen(w).space(styles.Style{}, lead).put(look, glyph+" "+markdown.Clean(word)).line()
}
