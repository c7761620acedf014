package terminal

import (
	"strings"
	"unicode"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// Refusal says why a text was not put on the shell's line.
type Refusal int

// The refusals.
const (
	NotRefused     Refusal = iota
	RefusedBusy            // a command is running, and would read the text
	RefusedLines           // the shell would run each of several lines at once
	RefusedEnded           // no shell runs
	RefusedNothing         // there is nothing to type in the text
)

// Ready reports whether the shell has shown its first prompt, or will not tell.
func (p *Pane) Ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.prompted || !p.shell.marks
}

// Insert puts a text at the cursor of the shell's line as typed there, and never
// runs it: nothing in it is a key. Several lines need a shell that takes them as
// pasted. What is on the line already stays.
func (p *Pane) Insert(text string) Refusal {
	text = Typeable(text)
	if _, ended := p.Exited(); ended {
		return RefusedEnded
	}
	if text == "" {
		return RefusedNothing
	}
	if p.Command().Running || p.term.Alternate() {
		return RefusedBusy
	}
	bracketed := p.term.Mode(vt.ModeBracketedPaste)
	if strings.Contains(text, "\n") && !bracketed {
		return RefusedLines
	}
	p.Scroll(-p.Scrolled())
	p.Write(encodePaste(text, bracketed))
	return NotRefused
}

// Typeable is a text without what would be a key in a shell, or would show
// another text than there is: control characters, marks that reorder text.
// Line ends at its end are left out; tabs, which complete, become spaces.
func Typeable(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar, r == '\u200b', r == '\ufeff':
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.TrimRight(strings.TrimLeft(text, "\n"), " \n")
}
