package plain

import (
	"fmt"
	"io"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// maxWidth is the widest line that is written, in columns: one less than what
// the narrowest common terminal has, so that none breaks lines by itself.
const maxWidth = 79

// voice writes lines. All that is said goes through it.
type voice struct {
	w     io.Writer
	width int
	open  bool  // a prompt stands on the line
	err   error // the first that writing met
}

func newVoice(w io.Writer, width int) *voice {
	if width <= 0 || width > maxWidth {
		width = maxWidth + 1
	}
	return &voice{w: w, width: max(20, width-1)}
}

// lines writes lines that are broken already.
func (v *voice) lines(lines ...string) {
	v.fresh()
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.TrimRight(spell(l), " ") + "\n")
	}
	v.write(b.String())
}

// say writes text, broken to the width. Line ends in it are kept.
func (v *voice) say(text string) { v.lines(v.wrap("", "", text)...) }

// wrap breaks text as it will be written.
func (v *voice) wrap(first, rest, text string) []string {
	return markdown.WrapIndent(spellArrows(lessons.PrintableLines(text)), v.width, first, rest)
}

// prompt writes what stands before the learner's line.
func (v *voice) prompt(p string) {
	text := strings.TrimRight(p, " ")
	lines := v.wrap("", "", text)
	last := len(lines) - 1
	v.fresh()
	if last > 0 {
		v.lines(lines[:last]...)
	}
	v.write(spell(lines[last]) + p[len(text):])
	v.open = true
}

// fresh goes to a new line if something stands on this one.
func (v *voice) fresh() {
	if v.open {
		v.open = false
		v.write("\n")
	}
}

// typed notes that the learner has ended the line.
func (v *voice) typed() { v.open = false }

func (v *voice) write(s string) {
	if _, err := io.WriteString(v.w, s); err != nil && v.err == nil {
		v.err = fmt.Errorf("write the tutor's text: %w", err)
	}
}

// speak lays out Markdown as blocks of lines.
func (v *voice) speak(source string, w *words) [][]string {
	return markdown.Speak([]byte(spellArrows(source)), v.width, w.Speech).Blocks
}

// spellArrows writes arrows as people type them. It is done before lines are
// broken, since it makes them longer.
func spellArrows(s string) string {
	if !strings.ContainsAny(s, "→←↑↓⇒⇐↔↻▸") {
		return s
	}
	return strings.NewReplacer("→", "->", "←", "<-", "⇒", "=>", "⇐", "<=", "↔", "<->", "↑", "^", "↓", "v", "↻", "x", "▸", ">").Replace(s)
}

// spell replaces what a screen reader cannot say by what people type instead,
// one character for one, and takes out what a terminal would obey.
func spell(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < 0x2190:
		case r <= 0x21ff: // arrows
			return '>'
		case r < 0x2500:
		case r <= 0x259f || r >= 0x25a0 && r <= 0x25ff:
			return spellDrawn(r)
		case r == '✓' || r == '✔':
			return '+'
		case r == '✗' || r == '✘':
			return 'x'
		case r == '✦' || r == '●':
			return '*'
		case r >= 0x2700 && r <= 0x27bf, r >= 0x2800 && r <= 0x28ff:
			return '*'
		case r >= 0xe000 && r <= 0xf8ff, r >= 0xf0000:
			return '?'
		}
		return r
	}, lessons.Printable(s))
}

// spellDrawn is what stands for a piece of a drawing: lines, corners, blocks and
// shapes.
func spellDrawn(r rune) rune {
	switch r {
	case '─', '━', '┄', '┅', '┈', '┉', '╌', '╍', '═':
		return '-'
	case '│', '┃', '┆', '┇', '┊', '┋', '╎', '╏', '║':
		return '|'
	case '▲', '△', '▴':
		return '^'
	case '▼', '▽', '▾':
		return 'v'
	case '▶', '►', '▷', '▸':
		return '>'
	case '◀', '◄', '◁', '◂':
		return '<'
	case '░', '▒':
		return '.'
	case '█', '▓', '■', '▉':
		return '#'
	}
	switch {
	case r < 0x2580:
		return '+'
	case r <= 0x259f:
		return '#'
	}
	return '*'
}
