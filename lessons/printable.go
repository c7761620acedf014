package lessons

import (
	"strings"
	"unicode"
)

// Printable returns s as one line that a terminal shows and does not obey:
// control characters and marks that turn the direction of writing are left out,
// line ends and tabs become spaces, and characters that cannot be seen become
// U+FFFD, because two values that differ must not look the same.
//
// Whatever comes from a cluster or from a course goes through it, or through
// PrintableLines, on its way to a terminal.
func Printable(s string) string { return printableAs(s, ' ', ' ') }

// PrintableLines is Printable for text of several lines: line ends and tabs
// stay.
func PrintableLines(s string) string { return printableAs(s, '\n', '\t') }

func printableAs(s string, lineEnd, tab rune) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return lineEnd
		case r == '\t':
			return tab
		case r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r), turnsWriting(r):
			return -1
		case invisible(r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// deceptive reports whether a terminal would obey r, or show nothing or another
// order for it. Course files do not hold such characters, line ends and tabs
// apart.
func deceptive(r rune) bool {
	return unicode.IsControl(r) || turnsWriting(r) || invisible(r) || r == '\u2028' || r == '\u2029'
}

// firstDeceptive finds the first such rune of s that is no line end or tab.
func firstDeceptive(s string) (r rune, found bool) {
	plain := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return 0, false
	}
	for _, r := range s {
		if r != '\n' && r != '\t' && deceptive(r) {
			return r, true
		}
	}
	return 0, false
}

// turnsWriting reports whether r changes the direction of the text around it.
func turnsWriting(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// invisible reports whether r takes no room and leaves no mark: zero-width
// spaces and joiners, the soft hyphen, fillers, interlinear marks, tags.
func invisible(r rune) bool {
	switch r {
	case '\u00ad', '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u180e', '\u3164', '\ufeff', '\uffa0':
		return true
	}
	return r >= '\u200b' && r <= '\u200d' || r >= '\u2060' && r <= '\u2065' || r >= '\u206a' && r <= '\u206f' ||
		r >= '\ufff9' && r <= '\ufffb' || r >= 0xe0000 && r <= 0xe0fff
}
