package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// orderedLines are lines that are put into their order: each is carried to its
// place, by keys or by the mouse.
type orderedLines struct{ choices }

func (o *orderedLines) bindings() (answer, move []bound) {
	k := o.keys
	return []bound{does(k.MoveDown, func() { o.carry(1) }), does(k.MoveUp, func() { o.carry(-1) })}, o.moving()
}

// carry moves the line under the cursor n places.
func (o *orderedLines) carry(n int) {
	to := o.cursor + n
	if to < 0 || to >= len(o.shown) {
		return
	}
	o.shown[o.cursor], o.shown[to] = o.shown[to], o.shown[o.cursor]
	o.cursor = to
}

// update takes the mouse: a line is pressed and carried to where it is released.
func (o *orderedLines) update(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		if n := o.at(msg.Y); n >= 0 && msg.Button == tea.MouseLeft {
			o.cursor = n
		}
	case tea.MouseMotionMsg:
		n := o.at(msg.Y)
		if n < 0 || msg.Button != tea.MouseLeft {
			return
		}
		for o.cursor < n {
			o.carry(1)
		}
		for o.cursor > n {
			o.carry(-1)
		}
	}
}

func (o *orderedLines) response() (lessons.Response, bool) {
	return lessons.Response{Choices: slices.Clone(o.shown)}, true
}

// draw draws the lines in the learner's order, and after the answer says of each
// whether it stands in its place.
func (o *orderedLines) draw(w int, m *lessons.Marking) sheet {
	if m == nil {
		return o.choices.draw(w, nil)
	}
	var d sheet
	st, g := o.styles, o.styles.Glyphs
	for n, i := range o.shown {
		lines, lead := o.choice(n, w-2, false)
		glyph, look := g.Wrong, st.Bad
		if i == n {
			glyph, look = g.Right, st.Good
		}
		for row, line := range lines {
			p := newPen(w)
			if row == 0 {
				p.put(look, glyph+" ")
			} else {
				p.space(styles.Style{}, 2)
			}
			d.lines = append(d.lines, p.raw(line, w-2).line())
		}
		d.lines = append(d.lines, o.reasonLines(o.in(o.question.Options[i].Reason), lead+2, w)...)
	}
	return d
}
