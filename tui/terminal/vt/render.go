package vt

import (
	"strconv"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// Render returns the rows of the screen, scrolled back by back lines, each as
// text with SGR and OSC 8 sequences that takes exactly the width of the
// terminal and leaves no style behind.
func (t *Terminal) Render(back int) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	back = min(max(back, 0), t.history.len())
	rows := make([]string, t.height)
	var b strings.Builder
	for y := range rows {
		b.Reset()
		b.Grow(2 * t.width) // a row of Chinese takes half as much again
		t.renderRow(&b, t.line(y-back))
		rows[y] = b.String()
	}
	return rows
}

// renderMarked draws a row with the spans of its line.
func (t *Terminal) renderMarked(r *row, n uint64, spans []Span) string {
	var b strings.Builder
	marked := row{cells: r.cells, wrapped: r.wrapped}
	copied := false
	for _, s := range spans {
		if s.Line != n || s.From >= t.width {
			continue
		}
		if !copied {
			// The cells are changed in a copy, as long as the screen is wide.
			marked.cells, copied = make([]cell, t.width), true
			fill(marked.cells, 0)
			copy(marked.cells, r.cells)
		}
		look := t.styles.intern(style{fg: s.Style.Foreground, bg: s.Style.Background, ul: s.Style.UnderlineColor,
			attr: s.Style.Attr, underline: s.Style.Underline})
		for x := max(0, s.From); x < min(s.To, t.width); x++ {
			marked.cells[x].style = look
		}
	}
	t.renderRow(&b, &marked)
	return b.String()
}

func (t *Terminal) renderRow(b *strings.Builder, r *row) {
	var current, link uint32
	afterCluster := false
	x := 0
	for i := range r.cells {
		c := &r.cells[i]
		if c.width == 0 {
			continue
		}
		x += int(c.width)
		s := &t.styles.items[c.style]
		if s.link != link {
			writeLink(b, t.links.items[s.link])
			link = s.link
		}
		// Terminals join some neighbours, such as the letters of a flag, that
		// are two cells here: a sequence between keeps them apart.
		apart := i > 0 && (joinable(c.r) || afterCluster && c.r >= 0x300)
		if c.style != current || apart {
			writeStyle(b, s)
			current = c.style
		}
		afterCluster = c.cluster != 0
		switch {
		case c.cluster != 0:
			b.WriteString(t.fittingText(c))
		case c.r == 0:
			b.WriteByte(' ')
		default:
			b.WriteRune(c.r)
		}
	}
	if link != 0 {
		writeLink(b, "")
	}
	if current != 0 {
		b.WriteString("\x1b[m")
	}
	for ; x < t.width; x++ {
		b.WriteByte(' ')
	}
}

// fittingText is the text of a cluster, or as much of it as takes the width
// of its cell.
func (t *Terminal) fittingText(c *cell) string {
	if s := t.clusters.items[c.cluster]; displaywidth.String(s) == int(c.width) {
		return s
	}
	return string(c.r)
}

// joinable reports whether r could be taken as a part of the character before
// it, whatever that is. Punctuation, symbols, lines and ideographs are not.
func joinable(r rune) bool { return r >= 0x300 && r < 0x2000 || r >= 0xa000 }

func writeLink(b *strings.Builder, target string) {
	b.WriteString("\x1b]8;;")
	b.WriteString(target)
	b.WriteString("\x1b\\")
}

func writeStyle(b *strings.Builder, s *style) {
	b.WriteString("\x1b[0")
	for i, code := range [...]string{";1", ";2", ";3", ";5", ";7", ";8", ";9"} {
		if s.attr&(1<<i) != 0 {
			b.WriteString(code)
		}
	}
	switch s.underline {
	case UnderlineNone:
	case UnderlineSingle:
		b.WriteString(";4")
	default:
		b.WriteString(";4:")
		b.WriteString(strconv.Itoa(int(s.underline)))
	}
	writeColor(b, 38, s.fg)
	writeColor(b, 48, s.bg)
	writeColor(b, 58, s.ul)
	b.WriteByte('m')
}

// writeColor writes the parameters for colour c; base is 38, 48 or 58.
func writeColor(b *strings.Builder, base int, c Color) {
	number := func(n int) {
		b.WriteByte(';')
		b.WriteString(strconv.Itoa(n))
	}
	colorParameters(number, base, c)
}

// colorParameters tells the parameters for colour c, nothing for the default
// colour; base is 38, 48 or 58.
func colorParameters(number func(int), base int, c Color) {
	if n, ok := c.Index(); ok {
		switch {
		case n < 8 && base != 58:
			number(base - 8 + int(n))
		case n < 16 && base != 58:
			number(base + 52 + int(n) - 8)
		default:
			number(base)
			number(5)
			number(int(n))
		}
	}
	if r, g, bl, ok := c.RGB(); ok {
		number(base)
		number(2)
		number(int(r))
		number(int(g))
		number(int(bl))
	}
}
