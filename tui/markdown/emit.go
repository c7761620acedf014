package markdown

import (
	"slices"
	"strings"
)

// minWidth is the least a container leaves to its content, in cells. Below it,
// markers get a line of their own and nothing is indented.
const minWidth = 8

// push starts a container whose lines begin with first and then rest, which are
// equally wide, and returns what ends it.
func (r *renderer) push(first, rest Span) (pop func()) {
	w := first.Width
	if r.width-w < minWidth {
		if first != rest {
			r.emit(-1, first)
		}
		first, rest, w = Span{}, Span{}, 0
	}
	r.indents = append(r.indents, indent{first: first, rest: rest})
	r.width -= w
	return func() {
		r.indents = r.indents[:len(r.indents)-1]
		r.width += w
	}
}

// blank returns n spaces.
func blank(n int) Span {
	return Span{Text: strings.Repeat(" ", n), Width: n}
}

// emitParagraph breaks p to the width that is left and emits its lines.
func (r *renderer) emitParagraph(p *paragraph) {
	text := string(p.buf)
	before := -1
	for _, seg := range p.wrap(r.width, r.width) {
		spans := r.begin(seg.end - seg.start)
		if before >= 0 {
			r.join = p.joinAt(before, seg.start)
		}
		before = seg.end
		r.end(p.spans(spans, text, seg), -1)
	}
}

// joinAt says what was between the end of a line and the start of the next.
func (p *paragraph) joinAt(end, start int) Join {
	join := JoinTight
	for i := end; i < start; i++ {
		switch p.atoms[i].class {
		case classBreak:
			return JoinNone
		case classSpace:
			if p.offset(i+1) > p.offset(i) {
				join = JoinSpace
			}
		}
	}
	return join
}

// emit adds a line that belongs to code block number block, or to none if -1.
func (r *renderer) emit(block int, spans ...Span) {
	r.end(append(r.begin(len(spans)), spans...), block)
}

// begin starts a line with the indents, after the blank line that may be owed.
// At most n spans are to follow.
func (r *renderer) begin(n int) []Span {
	if r.gap.owed {
		depth := r.gap.depth
		r.gap = gap{}
		spans := r.indent(r.alloc(depth), depth)
		for len(spans) > 0 && strings.Trim(spans[len(spans)-1].Text, " ") == "" {
			spans = spans[:len(spans)-1]
		}
		r.lead = len(spans)
		r.end(spans, -1)
	}
	spans := r.indent(r.alloc(len(r.indents)+n), len(r.indents))
	r.lead = len(spans)
	return spans
}

// indent appends the outermost depth indents to spans.
func (r *renderer) indent(spans []Span, depth int) []Span {
	for i := range r.indents[:depth] {
		in := &r.indents[i]
		s := in.rest
		if !in.used {
			s, in.used = in.first, true
		}
		if s.Width > 0 {
			spans = append(spans, s)
		}
	}
	return spans
}

func (r *renderer) end(spans []Span, block int) {
	spans = slices.Clip(spans)
	r.arena = r.arena[:len(r.arena)+len(spans)]
	r.doc.Lines = append(r.doc.Lines, Line{Spans: spans, Block: block, Lead: r.lead, Join: r.join})
	r.join = JoinNone
}

// alloc returns an empty slice with room for n spans. Lines share a few large
// blocks; end takes from the block what a line used.
func (r *renderer) alloc(n int) []Span {
	const size = 256
	if cap(r.arena)-len(r.arena) < n {
		r.arena = make([]Span, 0, max(size, n))
	}
	used := len(r.arena)
	return r.arena[used:used:cap(r.arena)]
}

// clip cuts a line that is too wide, which only happens where not even one
// character fits.
func clip(l *Line, width int) {
	w := 0
	for i, s := range l.Spans {
		if w+s.Width > width {
			s.Text = Truncate(s.Text, width-w, "")
			s.Width = Width(s.Text)
			l.Spans = append(slices.Clone(l.Spans[:i]), s)
			return
		}
		w += s.Width
	}
}
