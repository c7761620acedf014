package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// minColumn is the least average width of a table's columns, in cells, below
// which its rows are stacked; maxWord is how long a piece of a cell may be that
// is not torn to make the table fit.
const (
	minColumn = 10
	maxWord   = 16
)

// table lays out a table: in a box, with its columns as wide as their text or
// shrunk to fit, or, where that would leave slivers, each row as a list of
// "heading: value".
func (r *renderer) table(n *east.Table, st Style) {
	rows := r.tableRows(n, st)
	widths, ok := fitColumns(rows, r.width-(3*len(n.Alignments)+1))
	if !ok {
		r.stack(rows)
		return
	}
	r.box(rows, widths, n.Alignments)
}

// tableRows returns the cells, the header's first. All rows are equally long.
func (r *renderer) tableRows(n *east.Table, st Style) [][]*paragraph {
	var rows [][]*paragraph
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		s := st
		if row.Kind() == east.KindTableHeader {
			s.Role = RoleTableHead
		}
		cells := make([]*paragraph, 0, len(n.Alignments))
		for c := row.FirstChild(); c != nil && len(cells) < len(n.Alignments); c = c.NextSibling() {
			cells = append(cells, r.cell(c, s))
		}
		for len(cells) < len(n.Alignments) {
			cells = append(cells, &paragraph{})
		}
		rows = append(rows, cells)
	}
	return rows
}

func (r *renderer) cell(n ast.Node, st Style) *paragraph {
	p := &paragraph{}
	r.inline(p, n, st)
	return p
}

// fitColumns returns the widths of the columns so that they sum up to at most
// room, or false if that takes tearing words or columns too narrow to read.
func fitColumns(rows [][]*paragraph, room int) (widths []int, ok bool) {
	columns := len(rows[0])
	widths = make([]int, columns)
	words := make([]int, columns)
	for _, row := range rows {
		for i, cell := range row {
			natural, longest := cell.extent()
			widths[i] = max(widths[i], natural, 1)
			words[i] = max(words[i], longest, 1)
		}
	}
	switch {
	case sum(widths) <= room:
		return widths, true
	case room < minColumn*columns:
		return nil, false
	case sum(words) > room:
		for i := range words {
			words[i] = min(words[i], maxWord)
		}
		if sum(words) > room {
			return nil, false
		}
	}
	for over := sum(widths) - room; over > 0; over-- {
		widest := -1
		for i, w := range widths {
			if w > words[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		widths[widest]--
	}
	return widths, true
}

func sum(v []int) int {
	s := 0
	for _, x := range v {
		s += x
	}
	return s
}

// box draws the table with lines around its cells.
func (r *renderer) box(rows [][]*paragraph, widths []int, align []east.Alignment) {
	lines := make([][]cellLines, len(rows))
	ruled := false // rows of several lines need a line between them
	for y, row := range rows {
		lines[y] = make([]cellLines, len(row))
		for i, cell := range row {
			lines[y][i] = cellLines{p: cell, text: string(cell.buf), segments: cell.wrap(widths[i], widths[i])}
			ruled = ruled || y > 0 && len(lines[y][i].segments) > 1
		}
	}
	r.tableRule(widths, "╭┬╮")
	for y, row := range lines {
		r.tableRow(row, widths, align)
		if y < len(lines)-1 && (y == 0 || ruled) {
			r.tableRule(widths, "├┼┤")
		}
	}
	r.tableRule(widths, "╰┴╯")
}

// cellLines is a cell broken into lines.
type cellLines struct {
	p        *paragraph
	text     string
	segments []segment
}

func (r *renderer) tableRow(row []cellLines, widths []int, align []east.Alignment) {
	bar := Span{"│", 1, Style{Role: RoleTableBorder}}
	if r.opts.Plain {
		bar.Text = "|"
	}
	height, room := 1, 1
	for _, c := range row {
		height = max(height, len(c.segments))
		room += 3 + len(c.p.atoms)
	}
	for y := range height {
		spans := append(r.begin(room), bar)
		for i, c := range row {
			var seg segment
			if y < len(c.segments) {
				seg = c.segments[y]
			}
			fill := widths[i] - seg.width
			left := 0
			switch align[i] {
			case east.AlignRight:
				left = fill
			case east.AlignCenter:
				left = fill / 2
			}
			spans = append(spans, blank(left+1))
			spans = c.p.spans(spans, c.text, seg)
			spans = append(spans, blank(fill-left+1), bar)
		}
		r.end(spans, -1)
	}
}

// tableRule draws a horizontal line; ends holds its left end, crossing and
// right end. Plain tables have none but that below the header.
func (r *renderer) tableRule(widths []int, ends string) {
	marks, dash := []rune(ends), "─"
	if r.opts.Plain {
		if ends != "├┼┤" {
			return
		}
		marks, dash = []rune("|||"), "-"
	}
	var b strings.Builder
	width := 1
	b.WriteRune(marks[0])
	for i, w := range widths {
		if i > 0 {
			b.WriteRune(marks[1])
		}
		b.WriteString(strings.Repeat(dash, w+2))
		width += w + 3
	}
	b.WriteRune(marks[2])
	r.emit(-1, Span{b.String(), width, Style{Role: RoleTableBorder}})
}

// stack draws each row as lines of "heading: value", all but the first indented.
func (r *renderer) stack(rows [][]*paragraph) {
	if len(rows) == 1 {
		for _, cell := range rows[0] {
			r.emitParagraph(cell)
		}
		return
	}
	for y, row := range rows[1:] {
		if y > 0 {
			r.separate()
		}
		for i, cell := range row {
			r.field(rows[0][i], cell, i > 0)
		}
	}
}

// field emits one cell of a stacked row.
func (r *renderer) field(head, cell *paragraph, indented bool) {
	if indented {
		defer r.push(blank(2), blank(2))()
	}
	r.p.reset()
	r.p.join(head)
	if n := len(head.atoms); n > 0 {
		colon := ": "
		if head.atoms[n-1].width == 2 {
			colon = "："
		}
		r.p.text(colon, Style{Role: RoleTableHead})
	}
	r.p.join(cell)
	r.emitParagraph(&r.p)
}

// join adds the content of q to p.
func (p *paragraph) join(q *paragraph) {
	offset := uint32(len(p.buf))
	p.buf = append(p.buf, q.buf...)
	for _, a := range q.atoms {
		a.offset += offset
		a.style = p.styleIndex(q.styles[a.style])
		p.atoms = append(p.atoms, a)
	}
}
