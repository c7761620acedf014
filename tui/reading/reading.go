// Package reading knows a page that is being read: what its text is, whatever
// lines and styles it was laid out in, where in it something was found, which
// links and code it holds, and where one was in it before it was laid out anew.
//
// It promises that its functions are pure, and that a Page may be used by many
// at once. It must not import Bubble Tea or any screen.
package reading

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// Page is a laid out page with its text in one piece: lines that the layout
// broke are joined, its marks and indents are left out.
type Page struct {
	Text
	Doc    markdown.Doc
	runs   []run
	lines  []int // offset in text of each line
	dense  []int // letters and marks before each line
	blocks []int // blocks of text before each line
}

// Text is the text of a page alone, to be searched: a small part of what a Page
// takes in memory.
type Text struct {
	text   string
	folded string // text in lower case, byte by byte; the same string where it is
}

// run is a span of the document in the page's text.
type run struct {
	start, end int // in text
	line, span int
	cell       int // where it begins in its line
}

// New reads a laid out document.
func New(doc markdown.Doc) *Page {
	p := &Page{Doc: doc, lines: make([]int, len(doc.Lines)), dense: make([]int, len(doc.Lines)), blocks: make([]int, len(doc.Lines))}
	var b strings.Builder
	dense, blocks, blankBefore := 0, 0, true
	for i, l := range doc.Lines {
		switch {
		case i == 0, l.Join == markdown.JoinTight:
		case l.Join == markdown.JoinSpace:
			b.WriteByte(' ')
		default:
			b.WriteByte('\n')
		}
		p.lines[i], p.dense[i] = b.Len(), dense
		cell, ink := 0, false
		for j, s := range l.Spans {
			if j >= l.Lead && s.Role != markdown.RoleTableBorder {
				text := s.Text
				if j == len(l.Spans)-1 {
					text = strings.TrimRight(text, " ")
				}
				p.runs = append(p.runs, run{b.Len(), b.Len() + len(text), i, j, cell})
				b.WriteString(text)
				n := inked(text)
				dense += n
				ink = ink || n > 0
			}
			cell += s.Width
		}
		if ink && blankBefore {
			blocks++
		}
		blankBefore = !ink
		p.blocks[i] = blocks
	}
	p.text = b.String()
	p.folded = fold(p.text)
	return p
}

func inked(s string) (n int) {
	for _, r := range s {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// String is the page's text. Lines that go on are joined.
func (t Text) String() string { return t.text }

// Prose is the text with everything but running prose blanked out by zero bytes:
// headings, code, links and marks are no place to explain a word in.
func (p *Page) Prose() string {
	b := []byte(p.text)
	for _, r := range p.runs {
		s := p.Doc.Lines[r.line].Spans[r.span]
		switch s.Role {
		case markdown.RoleText, markdown.RoleQuote:
			if s.Link == "" {
				continue
			}
		}
		for i := r.start; i < r.end; i++ {
			b[i] = 0
		}
	}
	return string(b)
}

// fold makes a text small, rune by rune, where that does not change its length.
func fold(s string) string {
	if isLower(s) {
		return s
	}
	b := []byte(s)
	for i, r := range s {
		l := unicode.ToLower(r)
		if l != r && utf8.RuneLen(l) == utf8.RuneLen(r) {
			utf8.EncodeRune(b[i:], l)
		}
	}
	return string(b)
}

func isLower(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.ToLower(r) != r })
}

// Match is a place in a page's text, from byte Start to End (exclusive).
type Match struct{ Start, End int }

// Find returns all places of a query, from the start on, none of which overlap.
// Letter case matters when the query has a capital.
func (t Text) Find(query string) []Match {
	in := t.text
	if isLower(query) {
		in = t.folded
	}
	return find(in, query)
}

// Count returns how many matches Find would return.
func (t Text) Count(query string) int {
	if query == "" {
		return 0
	}
	if isLower(query) {
		return strings.Count(t.folded, query)
	}
	return strings.Count(t.text, query)
}

func find(in, query string) (found []Match) {
	if query == "" {
		return nil
	}
	for from := 0; ; {
		i := strings.Index(in[from:], query)
		if i < 0 {
			return found
		}
		found = append(found, Match{from + i, from + i + len(query)})
		from += i + len(query)
	}
}

// LineOf returns the line in which an offset of the text stands.
func (p *Page) LineOf(offset int) int {
	return max(0, sort.Search(len(p.lines), func(i int) bool { return p.lines[i] > offset })-1)
}

// Mark is a part of the text that stands out.
type Mark struct {
	Match
	As markdown.Mark
}

// Marked returns line i with the marks that are in it. Marks may overlap; the
// later one is seen.
func (p *Page) Marked(i int, marks []Mark) markdown.Line {
	line := p.Doc.Lines[i]
	end := len(p.text)
	if i+1 < len(p.lines) {
		end = p.lines[i+1]
	}
	marks = slices.DeleteFunc(slices.Clone(marks), func(m Mark) bool { return m.End <= p.lines[i] || m.Start >= end })
	if len(marks) == 0 {
		return line
	}
	first, _ := slices.BinarySearchFunc(p.runs, i, func(r run, line int) int { return r.line - line })
	out := line
	out.Spans = slices.Clone(line.Spans[:0:0])
	next := 0
	for _, r := range p.runs[first:] {
		if r.line != i {
			break
		}
		out.Spans = append(out.Spans, line.Spans[next:r.span]...)
		out.Spans = append(out.Spans, marked(line.Spans[r.span], r.start, marks)...)
		next = r.span + 1
	}
	out.Spans = append(out.Spans, line.Spans[next:]...)
	return out
}

// marked parts a span whose text begins at an offset of the page's. What a
// terminal draws as one character is not parted.
func marked(s markdown.Span, start int, marks []Mark) (out []markdown.Span) {
	at := start
	for _, g := range markdown.Clusters(s.Text) {
		piece := markdown.Span{Text: g.Text, Width: g.Width, Style: s.Style}
		for _, m := range marks {
			if m.Start < at+len(g.Text) && m.End > at {
				piece.Mark = m.As
			}
		}
		at += len(g.Text)
		if n := len(out); n > 0 && out[n-1].Style == piece.Style {
			out[n-1].Text += piece.Text
			out[n-1].Width += piece.Width
			continue
		}
		out = append(out, piece)
	}
	return out
}

// At returns the span at a cell of a line, and the offset in the text of what is
// drawn there; ok is false beside the text.
func (p *Page) At(line, cell int) (s markdown.Span, offset int, ok bool) {
	if line < 0 || line >= len(p.Doc.Lines) {
		return s, 0, false
	}
	first, _ := slices.BinarySearchFunc(p.runs, line, func(r run, line int) int { return r.line - line })
	for _, r := range p.runs[first:] {
		if r.line != line {
			break
		}
		s = p.Doc.Lines[line].Spans[r.span]
		if cell < r.cell || cell >= r.cell+s.Width {
			continue
		}
		at := r.cell
		offset = r.start
		for _, g := range markdown.Clusters(s.Text) {
			if at += g.Width; cell < at {
				return s, offset, offset < r.end
			}
			offset += len(g.Text)
		}
	}
	return s, 0, false
}

// Cell returns the line and the cell in which an offset of the text is drawn.
func (p *Page) Cell(offset int) (line, cell int) {
	i := sort.Search(len(p.runs), func(i int) bool { return p.runs[i].end > offset })
	if i == len(p.runs) {
		return max(0, len(p.lines)-1), 0
	}
	r := p.runs[i]
	s := p.Doc.Lines[r.line].Spans[r.span]
	return r.line, r.cell + markdown.Width(s.Text[:max(0, min(offset-r.start, len(s.Text)))])
}

// Place is where one is in a page, however it is laid out.
type Place struct {
	Letters, AllLetters int // before the line; the page has
	Block, Blocks       int
}

// Place returns the place of a line.
func (p *Page) Place(line int) Place {
	if len(p.lines) == 0 {
		return Place{}
	}
	line = max(0, min(line, len(p.lines)-1))
	for line+1 < len(p.lines) && p.dense[line+1] == p.dense[line] {
		line++ // between two blocks is at the second one
	}
	return Place{p.dense[line], inked(p.text), p.blocks[line], p.blocks[len(p.blocks)-1]}
}

// Line returns the line of a place: the same words when it is a place in the same
// text, or in a part of it; otherwise, when it is one in the page in another
// language, the same block of text, or what is as far down.
func (p *Page) Line(at Place, same bool) int {
	if len(p.lines) == 0 || at.Letters == 0 {
		return 0
	}
	last := p.Place(len(p.lines) - 1)
	near := func(have []int, want int) int {
		return max(0, sort.Search(len(have), func(i int) bool { return have[i] > want })-1)
	}
	switch {
	case same:
		return near(p.dense, at.Letters)
	case at.Blocks == last.Blocks:
		return sort.SearchInts(p.blocks, at.Block)
	}
	return near(p.dense, at.Letters*last.AllLetters/max(1, at.AllLetters))
}
