package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// input is one line of text being typed. Its cursor moves over what a person
// takes for one character, and its column is right for wide ones too.
type input struct {
	text string
	at   int // byte offset of the cursor, on a character's edge
}

// insert puts text at the cursor, as one line without control characters.
func (i *input) insert(s string) {
	s = markdown.Clean(strings.TrimRight(s, "\r\n"))
	i.text = i.text[:i.at] + s + i.text[i.at:]
	i.at += len(s)
}

// key edits; false when the key is none of an input line's.
func (i *input) key(msg tea.KeyPressMsg) bool {
	switch msg.String() {
	case "left", "ctrl+b":
		i.at = i.before()
	case "right", "ctrl+f":
		i.at = i.after()
	case "home", "ctrl+a":
		i.at = 0
	case "end", "ctrl+e":
		i.at = len(i.text)
	case "backspace", "ctrl+h":
		from := i.before()
		i.text, i.at = i.text[:from]+i.text[i.at:], from
	case "delete", "ctrl+d":
		i.text = i.text[:i.at] + i.text[i.after():]
	case "ctrl+u":
		i.text, i.at = i.text[i.at:], 0
	case "ctrl+k":
		i.text = i.text[:i.at]
	case "ctrl+w", "alt+backspace":
		head := strings.TrimRight(i.text[:i.at], " ")
		from := strings.LastIndexByte(head, ' ') + 1
		i.text, i.at = i.text[:from]+i.text[i.at:], from
	default:
		if msg.Text == "" {
			return false
		}
		i.insert(msg.Text)
	}
	return true
}

// before and after are the edges of the characters next to the cursor.
func (i *input) before() int {
	edge := 0
	for it := graphemes.FromString(i.text[:i.at]); it.Next(); {
		edge = it.Start()
	}
	return edge
}

func (i *input) after() int {
	it := graphemes.FromString(i.text[i.at:])
	if !it.Next() {
		return i.at
	}
	return i.at + it.End()
}

// visible returns the part of the text that fits w cells, with the cursor in it.
func (i *input) visible(w int) string {
	text, _ := i.window(w)
	return text
}

// column returns the cursor's cell in what visible returns.
func (i *input) column(w int) int {
	_, col := i.window(w)
	return col
}

// window cuts the text at the left so that the cursor, which may stand after the
// last character, is within w cells.
func (i *input) window(w int) (text string, column int) {
	from := 0
	for it := graphemes.FromString(i.text[:i.at]); markdown.Width(i.text[from:i.at]) >= w && it.Next(); {
		from = it.End()
	}
	return markdown.Truncate(i.text[from:], w, ""), markdown.Width(i.text[from:i.at])
}
