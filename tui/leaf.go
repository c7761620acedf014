package tui

import (
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// leaf is text that is being laid out in lines of w cells: paragraphs, and rows
// of a label and what it says. What it is given is text, not Markdown; an escape
// sequence in it is shown, not obeyed.
type leaf struct {
	w     int
	lines []string
}

// gap leaves a line blank, unless nothing or a blank line is above.
func (s *leaf) gap() {
	if n := len(s.lines); n > 0 && s.lines[n-1] != blank(s.w) {
		s.lines = append(s.lines, blank(s.w))
	}
}

// para writes a paragraph; nothing when there is no text.
func (s *leaf) para(look styles.Style, text string) {
	s.hang(look, 0, text)
}

// hang writes a paragraph n cells further in.
func (s *leaf) hang(look styles.Style, n int, text string) {
	if text == "" {
		return
	}
	for _, l := range markdown.Wrap(text, max(8, s.w-n)) {
		s.lines = append(s.lines, newPen(s.w).space(styles.Style{}, n).put(look, l).line())
	}
}

// row is a label and what it says.
type row struct {
	label, text string
	look        styles.Style
}

// rows writes labels and what they say in two columns; rows without text are
// left out.
func (s *leaf) rows(label styles.Style, rows ...row) {
	width := 0
	for _, r := range rows {
		if r.text != "" {
			width = max(width, markdown.Width(r.label)+2)
		}
	}
	for _, r := range rows {
		if r.text == "" {
			continue
		}
		for i, part := range markdown.Wrap(r.text, max(8, s.w-width)) {
			name := ""
			if i == 0 {
				name = r.label
			}
			s.lines = append(s.lines, newPen(s.w).column(label, name, width).put(r.look, part).line())
		}
	}
}
