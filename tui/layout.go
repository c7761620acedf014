package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// The smallest screen that can be worked on, and from where on two panes stand
// side by side.
const (
	minWidth, minHeight = 60, 20
	wideWidth           = 100
)

// pen writes one line of exactly the width it was made for. What does not fit
// is cut at the edge; a wide character is never halved.
type pen struct {
	b    strings.Builder
	left int
}

func newPen(width int) *pen {
	p := &pen{left: max(0, width)}
	p.b.Grow(2 * p.left)
	return p
}

// put writes text in a style.
func (p *pen) put(s styles.Style, text string) *pen {
	return p.cut(s, text, p.left, "…")
}

// column writes text in exactly w cells.
func (p *pen) column(s styles.Style, text string, w int) *pen {
	w = min(w, p.left)
	before := p.left
	p.cut(s, text, w, "…")
	return p.space(s, w-(before-p.left))
}

// columnRight writes text at the right end of exactly w cells.
func (p *pen) columnRight(s styles.Style, text string, w int) *pen {
	p.space(s, w-markdown.Width(markdown.Clean(text)))
	return p.put(s, text)
}

// space writes n blank cells.
func (p *pen) space(s styles.Style, n int) *pen {
	if n = min(n, p.left); n > 0 {
		p.b.WriteString(s.Paint(strings.Repeat(" ", n)))
		p.left -= n
	}
	return p
}

// raw writes text that holds escape sequences and is w cells wide. It is left
// out if it does not fit.
func (p *pen) raw(text string, w int) *pen {
	if w <= p.left {
		p.b.WriteString(text)
		p.left -= w
	}
	return p
}

func (p *pen) cut(s styles.Style, text string, room int, tail string) *pen {
	text = markdown.Truncate(text, room, tail)
	p.b.WriteString(s.Paint(text))
	p.left -= markdown.Width(text)
	return p
}

// line returns the finished line; what is left of it is blank.
func (p *pen) line() string { return p.filled(styles.Style{}) }

// filled returns the finished line, its rest in style s.
func (p *pen) filled(s styles.Style) string {
	p.space(s, p.left)
	return p.b.String()
}

// blank returns an empty line.
func blank(w int) string { return strings.Repeat(" ", max(0, w)) }

// sized returns lines with exactly h of them: cut or filled with blank ones.
func sized(lines []string, w, h int) []string {
	h = max(0, h)
	if len(lines) >= h {
		return lines[:h:h]
	}
	out := append(make([]string, 0, h), lines...)
	for len(out) < h {
		out = append(out, blank(w))
	}
	return out
}

// indented returns lines with n blank cells before each.
func indented(lines []string, n int) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = blank(n) + l
	}
	return out
}

// beside puts blocks of equal height next to each other.
func beside(blocks ...[]string) []string {
	if len(blocks) == 0 {
		return nil
	}
	out := make([]string, len(blocks[0]))
	for i := range out {
		var b strings.Builder
		n := 0
		for _, block := range blocks {
			n += len(block[i])
		}
		b.Grow(n)
		for _, block := range blocks {
			b.WriteString(block[i])
		}
		out[i] = b.String()
	}
	return out
}

// box draws a frame of w x h cells with a title around lines of w-2 cells. What
// has the keys is told by the title: painting the whole frame anew for a key
// would send some kilobytes.
func box(st *styles.Styles, title, note string, lines []string, w, h int, focus bool) []string {
	border, head := st.Border, st.PaneTitle
	if focus {
		border, head = st.BorderFocus, st.PaneTitleFocus
	}
	g := st.Glyphs.Box
	top := newPen(w-1).put(border, g.TopLeft+g.Across+" ").cutTitle(head, title)
	border = st.Border
	top.put(border, " ")
	if room := top.left - 4; note != "" && room > 4 {
		note = markdown.Truncate(note, room, "…")
		top.put(border, strings.Repeat(g.Across, max(0, top.left-markdown.Width(note)-3)))
		top.put(border, " ").put(st.PaneTitle, note).put(border, " ")
	}
	top.put(border, strings.Repeat(g.Across, top.left))
	out := append(make([]string, 0, h), top.line()+border.Paint(g.TopRight))
	side := border.Paint(g.Down)
	for _, l := range sized(lines, w-2, h-2) {
		out = append(out, side+l+side)
	}
	return append(out, border.Paint(g.BottomLeft+strings.Repeat(g.Across, max(0, w-2))+g.BottomRight))
}

// cutTitle writes a title that leaves some of the border to be seen.
func (p *pen) cutTitle(s styles.Style, title string) *pen {
	return p.cut(s, title, max(0, p.left-2), "…")
}

// overlaid returns lines with a block of the given width put over them, its top
// left cell at x, y.
func overlaid(lines []string, w int, block []string, bw, x, y int) []string {
	out := append([]string(nil), lines...)
	for i, l := range block {
		if y+i < 0 || y+i >= len(out) {
			continue
		}
		left, right := cellsOf(out[y+i], 0, x), cellsOf(out[y+i], x+bw, max(w, x+bw))
		out[y+i] = left + ansi.ResetStyle + l + right
	}
	return out
}

// scroll is a window of height lines on total lines.
type scroll struct{ top, height, total int }

func (s *scroll) fit(height, total int) {
	s.height, s.total = max(0, height), total
	s.by(0)
}

func (s *scroll) by(n int) { s.top = max(0, min(s.top+n, s.total-s.height)) }

// show moves the window so that line i is in it.
func (s *scroll) show(i int) {
	s.top = max(0, min(max(s.top, i-s.height+1), i))
}

// atEnd reports whether the last line is in the window.
func (s *scroll) atEnd() bool { return s.top+s.height >= s.total }

// percent says how much has been on screen, 0 to 100.
func (s *scroll) percent() int {
	if s.total <= s.height || s.total == 0 {
		return 100
	}
	return min(100, (s.top+s.height)*100/s.total)
}

// window returns the lines in the window, exactly height of them and each w
// wide, with a scroll bar in the last column when there is more to see. The
// lines must leave that column free.
func (s *scroll) window(st *styles.Styles, lines []string, w int) []string {
	from := min(s.top, len(lines))
	to := min(from+s.height, len(lines))
	out := sized(lines[from:to], w-1, s.height)
	size := max(1, s.height*s.height/max(1, s.total))
	start := 0
	if hidden := s.total - s.height; hidden > 0 {
		start = (s.height - size) * s.top / hidden
	}
	bar := make([]string, len(out))
	for i := range out {
		switch {
		case s.total <= s.height:
			bar[i] = " "
		case i >= start && i < start+size:
			bar[i] = st.ScrollThumb.Paint(st.Glyphs.Thumb)
		default:
			bar[i] = st.ScrollTrack.Paint(st.Glyphs.Track)
		}
	}
	return beside(out, bar)
}

// padded returns lines with n blank cells after each.
func padded(lines []string, n int) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l + blank(n)
	}
	return out
}

// join makes one frame of lines.
func join(lines []string) string { return strings.Join(lines, "\n") }

// wheel returns how many lines a turn of the mouse wheel scrolls.
func wheel(msg tea.MouseWheelMsg) int {
	switch msg.Button {
	case tea.MouseWheelUp:
		return -3
	case tea.MouseWheelDown:
		return 3
	}
	return 0
}
