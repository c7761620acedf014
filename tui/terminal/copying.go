package terminal

import (
	"github.com/k8stutor/k8stutor/tui/terminal/copymode"
	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// Text is what there is to read back, search and copy: the scrollback and the
// screen, or the screen alone while a full-screen program shows its own.
func (p *Pane) Text() copymode.Text { return paneText{p.term} }

// paneText is the text of a terminal as package copymode reads it.
type paneText struct{ term *vt.Terminal }

func (t paneText) Bounds() (first, end uint64) { return t.term.Bounds() }

func (t paneText) Plain(n uint64) (string, bool) { return t.term.Text(n) }

func (t paneText) Line(n uint64) copymode.Line {
	cells, wrapped := t.term.Row(n)
	l := copymode.Line{Cells: make([]copymode.Cell, 0, len(cells)), Wrapped: wrapped}
	column := 0
	for _, c := range cells {
		l.Cells = append(l.Cells, copymode.Cell{Text: c.Text, Column: column, Width: c.Width})
		column += c.Width
	}
	return l
}

// ViewAt returns the rows of the pane from a line on, with marks on them, each of
// exactly its width.
func (p *Pane) ViewAt(top uint64, marks []copymode.Mark) []string {
	spans := make([]vt.Span, 0, len(marks))
	for _, m := range marks {
		spans = append(spans, vt.Span{Line: m.Line, From: m.From, To: m.To, Style: look(m.Kind)})
	}
	return p.term.RenderLines(top, spans)
}

// look is how something marked is drawn: in the 16 colours of the terminal, and
// to be told apart without any.
func look(k copymode.Kind) vt.Style {
	switch k {
	case copymode.Chosen:
		return vt.Style{Attr: vt.Reverse}
	case copymode.Current:
		return vt.Style{Foreground: vt.Indexed(0), Background: vt.Indexed(14), Attr: vt.Bold, Underline: vt.UnderlineSingle}
	}
	return vt.Style{Foreground: vt.Indexed(0), Background: vt.Indexed(11), Underline: vt.UnderlineSingle}
}

// Scrollback is how many lines there are above the screen.
func (p *Pane) Scrollback() int {
	if p.term.Alternate() {
		return 0
	}
	return p.term.Scrollback()
}

// WantsMouse reports whether the program in the pane has asked for the mouse, so
// that a drag is its own.
func (p *Pane) WantsMouse() bool {
	return p.term.Mode(vt.ModeMouseClick) || p.term.Mode(vt.ModeMouseDrag) || p.term.Mode(vt.ModeMouseMotion)
}
