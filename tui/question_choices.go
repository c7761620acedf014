package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// choices are the choices of a question, of which one or several are chosen.
type choices struct {
	*scene
	question *lessons.Question
	shown    []int // indexes of options in the order in which they are shown
	cursor   int   // in shown
	picked   map[int]bool
	rows     []int // line of each choice, as drawn
	end      int   // line after the last
}

func (c *choices) typing() bool { return false }

func (c *choices) several() bool { return c.question.Kind == lessons.Multiple }

func (c *choices) bindings() (answer, move []bound) {
	if c.several() {
		answer = append(answer, does(c.keys.Toggle, c.toggle))
	}
	return answer, c.moving()
}

// moving are the keys that go from choice to choice.
func (c *choices) moving() []bound {
	bs := c.picking(len(c.shown), func(n int) { c.cursor = n })
	return append(bs, does(c.keys.Down, func() { c.step(1) }), does(c.keys.Up, func() { c.step(-1) }))
}

// picking are the keys 1 to 9, as far as there are so many choices.
func (s *scene) picking(count int, pick func(n int)) []bound {
	var bs []bound
	for n := range min(count, 9) {
		b := s.keys.Pick
		b.SetKeys(string(rune('1' + n)))
		bs = append(bs, does(b, func() { pick(n) }))
	}
	return hidden(bs...)
}

func (c *choices) step(n int) { c.cursor = max(0, min(c.cursor+n, len(c.shown)-1)) }

func (c *choices) toggle() {
	i := c.shown[c.cursor]
	c.picked[i] = !c.picked[i]
}

// update takes a click: it goes to a choice, and where several can be chosen it
// chooses it.
func (c *choices) update(msg tea.Msg) {
	click, ok := msg.(tea.MouseClickMsg)
	if !ok || click.Button != tea.MouseLeft {
		return
	}
	if n := c.at(click.Y); n >= 0 {
		c.cursor = n
		if c.several() {
			c.toggle()
		}
	}
}

// at is the choice that is drawn in a line, -1 when there is none.
func (c *choices) at(row int) int {
	if row < 0 || row >= c.end {
		return -1
	}
	at := -1
	for n, first := range c.rows {
		if row >= first {
			at = n
		}
	}
	return at
}

func (c *choices) response() (lessons.Response, bool) {
	if !c.several() {
		if len(c.shown) == 0 {
			return lessons.Response{}, false
		}
		return lessons.Response{Choices: []int{c.shown[c.cursor]}}, true
	}
	var r lessons.Response
	for i := range c.question.Options {
		if c.picked[i] {
			r.Choices = append(r.Choices, i)
		}
	}
	return r, len(r.Choices) > 0
}

func (c *choices) draw(w int, m *lessons.Marking) sheet {
	var d sheet
	c.rows = nil
	for n := range c.shown {
		c.rows = append(c.rows, len(d.lines))
		if n == c.cursor {
			d.from = len(d.lines)
		}
		lines, lead := c.choice(n, w, m == nil)
		d.lines = append(d.lines, lines...)
		if m != nil {
			d.lines = append(d.lines, c.reason(c.shown[n], lead, w, m)...)
		}
		if n == c.cursor {
			d.to = len(d.lines)
		}
	}
	c.end = len(d.lines)
	return d
}

// choice is one choice: its mark and its text. lead is the column in which the
// text begins.
func (c *choices) choice(n, w int, open bool) (lines []string, lead int) {
	st, g := c.styles, c.styles.Glyphs
	i := c.shown[n]
	cursor, look := " ", styles.Style{}
	if open && n == c.cursor {
		cursor, look = g.Cursor, st.Strong
	}
	mark := fmt.Sprintf("%d. ", n+1)
	if c.several() {
		box := g.Unpicked
		if c.picked[i] {
			box = g.Picked
		}
		mark = box + " " + mark
	}
	lead = 2 + markdown.Width(mark)
	for row, line := range c.prose.lines(c.in(c.question.Options[i].Text), max(1, w-lead)) {
		p := newPen(w)
		if row == 0 {
			p.put(st.Cursor, cursor+" ").put(look, mark)
		} else {
			p.space(styles.Style{}, lead)
		}
		lines = append(lines, p.raw(line, w-lead).line())
	}
	return lines, lead
}

// reason says whether a choice is right, whether it was chosen, and why: of
// every choice, also of those that were left.
func (c *choices) reason(i, lead, w int, m *lessons.Marking) []string {
	at := slices.IndexFunc(m.Options, func(o lessons.OptionMark) bool { return o.Index == i })
	if at < 0 {
		return nil
	}
	o := m.Options[at]
	out := []string{c.verdictLine(c.question.Options[i].Right, o.Chosen, lead, w)}
	return append(append(out, c.reasonLines(c.in(o.Reason), lead, w)...), blank(w))
}
