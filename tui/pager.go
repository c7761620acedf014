package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/inspect"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// pager shows lines of any width in a window: wrapped or moved sideways, with what is
// looked for lit up.
type pager struct {
	lines  []inspect.Line
	widest int // of the lines, in cells
	wrap   bool
	left   int // cells that are out of the window at its left
	w      int
	stale  bool
	shown  []piece // the lines as the window shows them
	view   scroll

	input   input
	typing  bool
	matches []int // indices of lines
	at      int   // in matches
}

// piece is the part of a line that stands on one line of the window, in bytes.
type piece struct {
	line, from, to int
}

// set gives the pager other lines. The window stays where it is.
func (p *pager) set(lines []inspect.Line) {
	p.lines, p.stale = lines, true
	if p.sought() {
		p.search()
	}
}

func (p *pager) layOut(w, h int) {
	if p.stale || w != p.w {
		p.w, p.stale = w, false
		p.cut(max(1, w-2))
	}
	p.view.fit(h, len(p.shown))
}

// cut finds the pieces of the lines for a width.
func (p *pager) cut(w int) {
	p.shown, p.widest = p.shown[:0], 0
	for i, l := range p.lines {
		text := l.Text()
		width := markdown.Width(text)
		p.widest = max(p.widest, width+2)
		switch {
		case width <= w && p.left == 0:
			p.shown = append(p.shown, piece{i, 0, len(text)})
		case !p.wrap:
			from := len(markdown.Truncate(text, p.left, ""))
			p.shown = append(p.shown, piece{i, from, from + len(markdown.Truncate(text[from:], w, ""))})
		default:
			for from := 0; from < len(text); {
				n := len(markdown.Truncate(text[from:], w, ""))
				if n == 0 {
					break // one character is wider than the window
				}
				p.shown = append(p.shown, piece{i, from, from + n})
				from += n
			}
		}
	}
}

// across moves the window sideways by half its width.
func (p *pager) across(n int) {
	p.left = max(0, min(p.left+n*max(1, p.w/2), p.rightmost()))
	p.stale = true
	p.layOut(p.w, p.view.height)
}

// rightmost is how far the window can move to the right, in cells.
func (p *pager) rightmost() int {
	if p.wrap {
		return 0
	}
	return max(0, p.widest-p.w)
}

// render returns the lines in the window.
func (p *pager) render(st *styles.Styles) []string {
	text := make([]string, len(p.shown))
	for y := p.view.top; y < min(p.view.top+p.view.height, len(text)); y++ {
		text[y] = p.paint(st, p.shown[y])
	}
	return p.view.window(st, text, p.w)
}

// paint gives a piece its colours, and lights up what is looked for.
func (p *pager) paint(st *styles.Styles, at piece) string {
	pen := newPen(p.w-1).space(styles.Style{}, 1)
	whole := p.lines[at.line].Text()
	lit := found(whole, p.input.text, p.sought())
	offset := 0
	for _, s := range p.lines[at.line] {
		for from := max(0, at.from-offset); from < min(len(s.Text), at.to-offset); {
			to := min(len(s.Text), at.to-offset)
			look, match := inspectLook(st, s.Role), false
			for _, m := range lit {
				switch {
				case offset+from >= m[0] && offset+from < m[1]:
					match, to = true, min(to, m[1]-offset)
				case m[0] > offset+from:
					to = min(to, m[0]-offset)
				}
			}
			if match {
				look = st.Selected
			}
			if to <= from {
				break
			}
			pen.put(look, s.Text[from:to])
			from = to
		}
		offset += len(s.Text)
	}
	return pen.line()
}

// found returns where a text is found in a line, in bytes. Case does not matter.
func found(line, text string, wanted bool) (at [][2]int) {
	if !wanted {
		return nil
	}
	in, what := strings.ToLower(line), strings.ToLower(text)
	if len(in) != len(line) || what == "" {
		return nil
	}
	for from := 0; ; {
		i := strings.Index(in[from:], what)
		if i < 0 {
			return at
		}
		at = append(at, [2]int{from + i, from + i + len(what)})
		from += i + len(what)
	}
}

// inspectLook says what the roles of a view look like.
func inspectLook(st *styles.Styles, r inspect.Role) styles.Style {
	switch r {
	case inspect.Heading:
		return st.Strong
	case inspect.Key:
		return st.Label
	case inspect.String, inspect.Good:
		return st.Good
	case inspect.Number, inspect.Wait:
		return st.Wait
	case inspect.Dim:
		return st.Dim
	case inspect.Bad:
		return st.Bad
	}
	return styles.Style{}
}

// ask begins the typing of what is looked for.
func (p *pager) ask() { p.input, p.typing, p.matches = input{}, true, nil }

// key edits what is looked for, and goes to the first match.
func (p *pager) key(msg tea.KeyPressMsg) {
	if p.input.key(msg) {
		p.search()
		p.toMatch()
	}
}

// find ends the typing.
func (p *pager) find() {
	p.typing = false
	p.search()
	p.toMatch()
}

// reset ends the search.
func (p *pager) reset() { p.input, p.typing, p.matches, p.at = input{}, false, nil, 0 }

// sought reports whether something is looked for.
func (p *pager) sought() bool { return p.input.text != "" }

func (p *pager) search() {
	p.matches = p.matches[:0]
	for i, l := range p.lines {
		if len(found(l.Text(), p.input.text, true)) > 0 {
			p.matches = append(p.matches, i)
		}
	}
	p.at = max(0, min(p.at, len(p.matches)-1))
}

// next goes to a match after or before the one that is shown.
func (p *pager) next(n int) {
	if len(p.matches) > 0 {
		p.at = (p.at + n + len(p.matches)) % len(p.matches)
		p.toMatch()
	}
}

func (p *pager) toMatch() {
	if len(p.matches) == 0 {
		return
	}
	for y, piece := range p.shown {
		if piece.line == p.matches[p.at] {
			p.view.show(y)
			return
		}
	}
}
