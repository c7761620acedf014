package tui

import (
	"strings"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// cellsOf returns the cells from up to to of a drawn line, from <= to, as a text
// that is exactly to-from cells wide: a wide character that lies across an end
// leaves a blank, and so does what the line lacks. The escape sequences of the
// whole line up to to are kept, so that the look at from is what it was.
//
// The functions of x/ansi that do this take a keycap, a digit made wide by a
// variation selector, for one cell.
func cellsOf(line string, from, to int) string {
	var b strings.Builder
	b.Grow(len(line))
	x := 0
	for len(line) > 0 && x < to {
		if line[0] == '\x1b' {
			n := sequenceLen(line)
			b.WriteString(line[:n])
			line = line[n:]
			continue
		}
		text := line
		if i := strings.IndexByte(line, '\x1b'); i >= 0 {
			text = line[:i]
		}
		line = line[len(text):]
		for x < to && text != "" {
			size, w := markdown.FirstCluster(text)
			switch end := x + w; {
			case x >= from && end <= to:
				b.WriteString(text[:size])
			case w > 0:
				b.WriteString(blank(max(0, min(end, to)-max(x, from))))
			}
			x += w
			text = text[size:]
		}
	}
	b.WriteString(blank(to - max(x, from)))
	return b.String()
}

// drawnWidth is the width of a drawn line in cells; escape sequences take none.
func drawnWidth(line string) int {
	w := 0
	for len(line) > 0 {
		if line[0] == '\x1b' {
			line = line[sequenceLen(line):]
			continue
		}
		text := line
		if i := strings.IndexByte(line, '\x1b'); i >= 0 {
			text = line[:i]
		}
		w += markdown.Width(text)
		line = line[len(text):]
	}
	return w
}

// sequenceLen is the length of the escape sequence at the start of s: one of
// those that lines consist of, a CSI or an OSC.
func sequenceLen(s string) int {
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case s[1] == '[' && c >= 0x40 && c <= 0x7e, s[1] == ']' && c == 0x07:
			return i + 1
		case s[1] == ']' && c == '\\' && s[i-1] == '\x1b':
			return i + 1
		case s[1] != '[' && s[1] != ']':
			return 2
		}
	}
	return len(s)
}
