package markdown

import "strings"

// Width returns the width of s in cells, as a terminal draws it: ideographs and
// emoji take two, characters of ambiguous width (“ ” … —) one, combining marks
// none. s is plain text; control characters count as the replacement they get.
func Width(s string) int {
	s = disarm(s)
	w := 0
	for len(s) > 0 {
		size, width := cluster(s)
		w += width
		s = s[size:]
	}
	return w
}

// Clean returns s as one line that is safe to draw: line ends and tabs become
// spaces, other control characters U+FFFD, marks that reorder text are dropped.
func Clean(s string) string {
	safe := true
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			safe = false
			break
		}
	}
	if safe {
		return s
	}
	var p paragraph
	for i, line := range splitLines(s) {
		if i > 0 {
			p.text(" ", Style{})
		}
		p.text(line, Style{})
	}
	return string(p.buf)
}

// Truncate returns s cut to at most width cells, with tail in place of what was
// cut. A character is never halved. The result is cleaned as by Clean.
func Truncate(s string, width int, tail string) string {
	s = Clean(s)
	if Width(s) <= width {
		return s
	}
	room := width - Width(tail)
	if room < 0 {
		room, tail = max(width, 0), ""
	}
	n := 0
	for n < len(s) {
		size, w := cluster(s[n:])
		if w > room {
			break
		}
		room -= w
		n += size
	}
	return s[:n] + tail
}

// Pad returns s cut with … or filled with spaces to exactly width cells.
func Pad(s string, width int) string {
	s = Truncate(s, width, "…")
	return s + strings.Repeat(" ", max(0, width-Width(s)))
}

// Wrap breaks plain text into lines of at most width cells by the rules of this
// package. A line end in text is kept; an empty line stays empty. A character
// wider than width by itself is put on a line of its own.
func Wrap(text string, width int) []string {
	return WrapIndent(text, width, "", "")
}

// WrapIndent is Wrap with first put before the first line and rest before the
// others. Both count towards width.
func WrapIndent(text string, width int, first, rest string) []string {
	var p paragraph
	p.lines(text, Style{})
	source := string(p.buf)
	var out []string
	lead := first
	for _, seg := range p.wrap(width-Width(first), width-Width(rest)) {
		out = append(out, lead+source[p.offset(seg.start):p.offset(seg.end)])
		lead = rest
	}
	if len(out) == 0 {
		out = []string{first}
	}
	return out
}

// WrapSpans breaks styled text into lines of at most width cells. The text may
// hold line ends; the widths of the given spans are not used.
func WrapSpans(spans []Span, width int) []Line {
	var p paragraph
	for _, s := range spans {
		p.lines(s.Text, s.Style)
	}
	source := string(p.buf)
	var out []Line
	for _, seg := range p.wrap(width, width) {
		out = append(out, Line{Spans: p.spans(nil, source, seg), Block: -1})
	}
	return out
}

// lines adds text whose line ends are kept.
func (p *paragraph) lines(text string, st Style) {
	for i, line := range splitLines(text) {
		if i > 0 {
			p.breakLine()
		}
		p.text(line, st)
	}
}

// offset returns where atom i begins in the buffer.
func (p *paragraph) offset(i int) int {
	if i < len(p.atoms) {
		return int(p.atoms[i].offset)
	}
	return len(p.buf)
}

func splitLines(s string) []string {
	return strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
}

// Cluster is what a terminal draws as one character.
type Cluster struct {
	Text  string
	Width int // in cells
}

// Clusters parts the text of a span into its characters.
func Clusters(s string) []Cluster {
	out := make([]Cluster, 0, len(s))
	for len(s) > 0 {
		size, width := cluster(s)
		out = append(out, Cluster{s[:size], width})
		s = s[size:]
	}
	return out
}
