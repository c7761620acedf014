package vt

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxLine bounds the bytes of a command line that is told.
const maxLine = 4 << 10

// MarkKind says what a mark of the shell's is about.
type MarkKind uint8

// The marks, in the order in which a command passes them.
const (
	MarkPrompt MarkKind = iota // a prompt is about to be shown: the shell is ready
	MarkBegin                  // a command begins to run
	MarkEnd                    // it has ended
)

// Mark is what the shell has told about a prompt or a command.
//
// The marks are the operating system commands 133 of FinalTerm, as
// https://gitlab.freedesktop.org/Per_Bothner/specifications/-/blob/master/proposals/semantic-prompts.md
// has them, and 633;E of Visual Studio Code for the line as it was typed. Only
// those that carry [Options.Nonce] count: any program can print the others.
type Mark struct {
	Kind MarkKind
	Line string // of a command: as typed, at most 4 KB; "" when it is not known
	Exit int    // of a command that has ended: its exit status, 0 to 255
	// Output is what a command that has ended has printed on the main screen,
	// as text: at most about 16 KB, of which the middle is left out.
	Output string
}

// marks is the state of the shell's marks between them.
type marks struct {
	line    string
	input   *row // where the prompt ended; nil when that is not known
	inputX  int
	running bool
	output  transcript
}

// mark takes a mark of the shell's. It reports whether text was one: anything
// that does not have exactly its form is not.
func (t *Terminal) mark(number int, text string) bool {
	nonce := t.opts.Nonce
	if nonce == "" {
		return false
	}
	if number == 633 {
		body, ok := strings.CutSuffix(text, ";"+nonce)
		body, isLine := strings.CutPrefix(body, "E;")
		if !ok || !isLine {
			return false
		}
		t.marks.line = unescapeLine(body)
		return true
	}
	body, ok := strings.CutSuffix(text, ";aid="+nonce)
	if number != 133 || !ok {
		return false
	}
	m := &t.marks
	switch body {
	case "A":
		m.input = nil
		t.told(Mark{Kind: MarkPrompt})
	case "B":
		m.input, m.inputX, m.line = t.screen.rows[t.screen.cursor.y], t.screen.cursor.x, ""
	case "C":
		if m.running {
			return true
		}
		if m.line == "" {
			m.line = t.typed()
		}
		m.running, m.input = true, nil
		m.output.start()
		t.told(Mark{Kind: MarkBegin, Line: m.line})
	default:
		status, isEnd := strings.CutPrefix(body, "D;")
		code, err := strconv.ParseUint(status, 10, 8)
		if !isEnd || err != nil {
			return false
		}
		if !m.running {
			return true
		}
		t.told(Mark{Kind: MarkEnd, Line: m.line, Exit: int(code), Output: m.output.stop()})
		m.running, m.line = false, ""
	}
	return true
}

func (t *Terminal) told(m Mark) {
	if t.opts.Mark != nil {
		t.pending = append(t.pending, func() { t.opts.Mark(m) })
	}
}

// typed reads from the screen what stands between the end of the prompt and the
// line of the cursor; "" when the place has been lost.
func (t *Terminal) typed() string {
	if t.marks.input == nil || t.screen != &t.main {
		return ""
	}
	var b strings.Builder
	found := false
	for y, r := range t.screen.rows {
		if y >= t.screen.cursor.y {
			break
		}
		from := 0
		if r == t.marks.input {
			found, from = true, t.marks.inputX
		}
		if !found {
			continue
		}
		for i := from; i < len(r.cells); i++ {
			if c := &r.cells[i]; c.width > 0 && !c.pad {
				b.WriteString(t.cellText(c))
			}
		}
		if !r.wrapped {
			break // what comes after the first line has prompts of its own
		}
	}
	return printable(strings.TrimSpace(b.String()), maxLine)
}

// unescapeLine reads a line in which \\ and \xHH stand for characters. Control
// characters that come out of it are dropped, but for line ends and tabs.
func unescapeLine(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			if v, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(v))
				i += 3
				continue
			}
		}
		if c == '\\' && i+1 < len(s) && s[i+1] == '\\' {
			i++
		}
		b.WriteByte(c)
	}
	lines := strings.Split(b.String(), "\n")
	for i, l := range lines {
		lines[i] = printable(strings.ReplaceAll(l, "\t", " "), maxLine)
	}
	return cut(strings.TrimSpace(strings.Join(lines, "\n")), maxLine)
}

// cut returns at most limit bytes of s, all of them whole characters.
func cut(s string, limit int) string {
	for len(s) > limit {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}
