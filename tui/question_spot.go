package tui

import (
	"fmt"
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// spotLines are the lines of a manifest, of which the one with the mistake is
// chosen by moving over them.
type spotLines struct {
	*scene
	question *lessons.Question
	at       int   // the line, from 1; 0 when none can be chosen
	rows     []int // first row of each line, as drawn
	end      int   // row after the last
}

func newSpotLines(s *scene, q *lessons.Question) *spotLines {
	l := &spotLines{scene: s, question: q}
	l.step(1)
	return l
}

func (l *spotLines) typing() bool { return false }

func (l *spotLines) bindings() (answer, move []bound) {
	k := l.keys
	return nil, append([]bound{does(k.Down, func() { l.step(1) }), does(k.Up, func() { l.step(-1) })}, hidden(
		does(k.PageDown, func() { l.by(10) }), does(k.PageUp, func() { l.by(-10) }),
		does(k.Top, func() { l.by(-len(l.question.ManifestLines())) }), does(k.Bottom, func() { l.by(len(l.question.ManifestLines())) }))...)
}

// step goes to the next line that can be chosen, up or down.
func (l *spotLines) step(n int) {
	for at := l.at + n; at >= 1 && at <= len(l.question.ManifestLines()); at += n {
		if l.question.Choosable(at) {
			l.at = at
			return
		}
	}
}

// by goes n such lines, as far as there are any.
func (l *spotLines) by(n int) {
	for ; n > 0; n-- {
		l.step(1)
	}
	for ; n < 0; n++ {
		l.step(-1)
	}
}

// update takes a click on a line.
func (l *spotLines) update(msg tea.Msg) {
	click, ok := msg.(tea.MouseClickMsg)
	if !ok || click.Button != tea.MouseLeft || click.Y < 0 || click.Y >= l.end {
		return
	}
	at := 0
	for i, row := range l.rows {
		if click.Y >= row {
			at = i + 1
		}
	}
	if l.question.Choosable(at) {
		l.at = at
	}
}

func (l *spotLines) response() (lessons.Response, bool) {
	return lessons.Response{Line: l.at}, l.at > 0
}

// draw draws the manifest with the numbers of its lines, and after the answer
// under each line of which something is said whether the mistake is in it.
func (l *spotLines) draw(w int, m *lessons.Marking) sheet {
	var d sheet
	lines := l.question.ManifestLines()
	digits := len(strconv.Itoa(len(lines)))
	lead := 2 + digits + 1
	l.rows = nil
	for i, rows := range l.yamlRows(lines, max(1, w-lead)) {
		l.rows = append(l.rows, len(d.lines))
		here := m == nil && i+1 == l.at
		if here {
			d.from, d.to = len(d.lines), len(d.lines)+len(rows)
		}
		for n, row := range rows {
			p := newPen(w)
			if n == 0 {
				l.gutter(p, i+1, digits, here, m)
			} else {
				p.space(styles.Style{}, lead)
			}
			d.lines = append(d.lines, p.raw(row, max(1, w-lead)).line())
		}
		if m != nil {
			d.lines = append(d.lines, l.said(i+1, lead+2, w, m)...)
		}
	}
	l.end = len(d.lines)
	return d
}

// gutter draws what stands before a line: the cursor, or the verdict, and the
// number.
func (l *spotLines) gutter(p *pen, number, digits int, here bool, m *lessons.Marking) {
	st, g := l.styles, l.styles.Glyphs
	mark, look, number0 := " ", st.Cursor, st.Dim
	if here {
		mark, number0 = g.Cursor, st.Strong
	}
	if m != nil {
		if said, ok := lineMark(m, number); ok && said.Right {
			mark, look = g.Right, st.Good
		} else if ok && said.Chosen {
			mark, look = g.Wrong, st.Bad
		}
	}
	p.put(look, mark).space(styles.Style{}, 2-markdown.Width(mark))
	p.columnRight(number0, strconv.Itoa(number), digits).space(styles.Style{}, 1)
}

func lineMark(m *lessons.Marking, number int) (lessons.LineMark, bool) {
	i := slices.IndexFunc(m.Lines, func(l lessons.LineMark) bool { return l.Number == number })
	if i < 0 {
		return lessons.LineMark{}, false
	}
	return m.Lines[i], true
}

// said is what is said of a line after the answer.
func (l *spotLines) said(number, lead, w int, m *lessons.Marking) []string {
	mark, ok := lineMark(m, number)
	if !ok {
		return nil
	}
	st, g := l.styles, l.styles.Glyphs
	glyph, word, look := g.Wrong, l.words.Question.NotHere, st.Dim
	if mark.Right {
		glyph, word, look = g.Right, l.words.Question.Here, st.Good
	}
	if !mark.Right && !mark.Chosen {
		glyph = g.Dot
	}
	if mark.Chosen {
		word += " " + g.Dot + " " + l.words.Quiz.YourChoice
		if !mark.Right {
			look = st.Bad
		}
	}
	line := fmt.Sprintf("%s %s", glyph, word)
	out := []string{newPen(w).space(styles.Style{}, lead).put(look, line).line()}
	return append(append(out, l.reasonLines(l.in(mark.Reason), lead, w)...), blank(w))
}
