package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// blankField is a manifest with a blank in which a value is typed.
type blankField struct {
	typedLine
	question *lessons.Question
	end      int // row after the last, as drawn
}

// The width of the blank, in cells: as wide as there is room, between these.
const (
	blankLeast = 8
	blankMost  = 30
)

// update takes what is typed; a click on the manifest begins it.
func (f *blankField) update(msg tea.Msg) {
	if click, ok := msg.(tea.MouseClickMsg); ok {
		f.on = f.on || click.Button == tea.MouseLeft && click.Y >= 0 && click.Y < f.end
		return
	}
	f.typedLine.update(msg)
}

func (f *blankField) draw(w int, m *lessons.Marking) sheet {
	var d sheet
	q := f.question
	lines := q.ManifestLines()
	at, before, after := q.Blank()
	if m != nil && at >= 0 {
		lines[at] = before + f.input.text + after
	}
	rows := f.yamlRows(lines, max(1, w-2))
	for i := range rows {
		switch {
		case i == at && m == nil:
			d.from = len(d.lines)
			f.blank(&d, before, after, w)
			d.to = len(d.lines)
		case i == at:
			d.lines = append(d.lines, f.judged(rows[i], m.Right, w)...)
		default:
			d.lines = append(d.lines, indentedRows(rows[i], w)...)
		}
	}
	f.end = len(d.lines)
	return d
}

func indentedRows(rows []string, w int) []string {
	var out []string
	for _, row := range rows {
		out = append(out, newPen(w).space(styles.Style{}, 2).raw(row, w-2).line())
	}
	return out
}

// blank draws the line in which the value is typed. The blank stands in a line of
// its own when there is no room beside what stands before it.
func (f *blankField) blank(d *sheet, before, after string, w int) {
	st := f.styles
	lead := 4 // the cursor's two cells, and those before code
	p := newPen(w).put(st.Cursor, st.Glyphs.Cursor)
	p.space(styles.Style{}, 2-(w-p.left)) // the glyph may be of any width
	start := lead + markdown.Width(before)
	if start+blankLeast+1 > w {
		d.lines = append(d.lines, indentedRows(f.yamlRows([]string{before}, max(1, w-2))[0], w)...)
		p, start = newPen(w).space(styles.Style{}, lead), lead
	} else {
		used := w - p.left
		code := f.yamlRows([]string{before + "x"}, max(1, w-2))[0][0]
		cut := ansi.Truncate(code, start-used, "")
		p.raw(cut, drawnWidth(cut))
		p.space(styles.Style{}, start-(w-p.left))
	}
	room := min(blankMost, max(blankLeast, w-start-markdown.Width(after)-1), max(1, p.left-1))
	text := f.input.visible(room)
	look := st.Input
	if text == "" && !f.on {
		text, look = f.words.Question.PressToFill, st.Dim
	}
	p.column(look, text, room)
	d.lines = append(d.lines, p.put(styles.Style{}, after).line())
	if f.on {
		d.cursor = tea.NewCursor(start+f.input.column(room), len(d.lines)-1)
	}
}

// judged draws the line with what was typed, and whether it is right.
func (f *blankField) judged(rows []string, right bool, w int) []string {
	st, g := f.styles, f.styles.Glyphs
	out := indentedRows(rows, w)
	glyph, look := g.Wrong, st.Bad
	if right {
		glyph, look = g.Right, st.Good
	}
	p := newPen(w).put(look, glyph)
	p.space(styles.Style{}, 2-(w-p.left))
	out[0] = p.raw(rows[0], w-2).line()
	return out
}
