package markdown

import (
	"fmt"
	"strconv"
	"strings"

	east "github.com/yuin/goldmark/extension/ast"
)

// Note is a footnote, laid out at the end of the document.
type Note struct {
	Number int
	Line   int    // index in Doc.Lines of its first line
	Text   string // in one line
}

// noteLink is the address of a footnote within its document.
const noteLink = "#fn:"

// NoteOf returns the number of the footnote that a link of this package leads
// to; ok is false for other links.
func NoteOf(link string) (number int, ok bool) {
	digits, ok := strings.CutPrefix(link, noteLink)
	if !ok {
		return 0, false
	}
	number, err := strconv.Atoi(digits)
	return number, err == nil
}

// footnoteMark puts the number of a footnote into the text.
func footnoteMark(p *paragraph, n *east.FootnoteLink, st Style) {
	st.Role, st.Link = RoleLink, noteLink+strconv.Itoa(n.Index)
	p.text(fmt.Sprintf("[%d]", n.Index), st)
}

// footnotes lays out all footnotes, below a short line.
func (r *renderer) footnotes(n *east.FootnoteList) {
	rule, dash := "────────", Style{Role: RoleRule}
	if r.opts.Plain {
		rule = "--------"
	}
	r.emit(-1, Span{rule, 8, dash})
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		note, ok := c.(*east.Footnote)
		if !ok {
			continue
		}
		before := len(r.doc.Lines)
		marker := fmt.Sprintf("[%d] ", note.Index)
		pop := r.push(Span{marker, len(marker), Style{Role: RoleListMarker}}, blank(len(marker)))
		r.blocks(note, Style{}, true)
		pop()
		var text []string
		for _, l := range r.doc.Lines[before:] {
			text = append(text, strings.TrimSpace(strings.TrimPrefix(l.Plain(), marker)))
		}
		r.doc.Notes = append(r.doc.Notes, Note{Number: note.Index, Line: before, Text: strings.Join(text, " ")})
	}
}
