package markdown

import "strings"

// isDiagram reports whether a block of code is a drawing made of text, whose
// lines must not be broken.
func isDiagram(language, source string) bool {
	switch language {
	case "", "text", "txt", "plain", "plaintext", "ascii", "diagram":
	default:
		return false
	}
	drawn := 0
	for line := range strings.SplitSeq(source, "\n") {
		if strings.ContainsFunc(line, isBoxDrawing) || strings.Contains(line, "+--") || strings.Contains(line, "-->") {
			drawn++
		}
	}
	return drawn >= 2
}

// Diagram reports whether the block is a drawing made of text.
func (c CodeBlock) Diagram() bool { return isDiagram(c.Language, c.Source) }

func isBoxDrawing(r rune) bool {
	return r >= 0x2500 && r <= 0x257f || r == '▶' || r == '►' || r == '▼' || r == '▲' || r == '◀' || r == '→' || r == '←' || r == '↓' || r == '↑'
}

// diagramLine emits one line of a diagram, which p holds: the part of it that is
// in the window. A mark at an edge says that it goes on there.
func (r *renderer) diagramLine(p *paragraph, block, lead int) {
	padding := Style{Role: RoleCodeBlock}
	room := r.width - lead
	total := p.width()
	r.doc.Wide = max(r.doc.Wide, total-room)
	left, right := "‹", "›"
	if r.opts.Plain {
		left, right = "<", ">"
	}
	shift := min(r.opts.Shift, max(0, total))
	spans := r.begin(len(p.atoms) + 6)
	if lead > 0 {
		spans = append(spans, Span{strings.Repeat(" ", lead), lead, padding})
		r.lead++
	}
	from, to := shift, shift+room // cells of the line that are seen
	var before, after bool
	if before = shift > 0 && total > 0; before {
		from++
	}
	if after = total > to; after {
		to--
	}
	text := string(p.buf)
	used, cell := 0, 0
	put := func(s Span) { spans = append(spans, s); used += s.Width }
	if before {
		put(Span{left, 1, Style{Role: RoleDim}})
	}
	start := -1
	flush := func(end, width int) {
		if start >= 0 {
			for _, s := range p.spans(nil, text, segment{start: start, end: end, width: width}) {
				put(s)
			}
			start = -1
		}
	}
	for i := range p.atoms {
		w := int(p.atoms[i].width)
		switch {
		case cell >= from && cell+w <= to:
			if start < 0 {
				start = i
			}
		case cell+w > from && cell < to: // half of a wide character is in the window
			flush(i, 0)
			put(Span{" ", 1, padding})
		default:
			flush(i, 0)
		}
		cell += w
	}
	flush(len(p.atoms), 0)
	if after {
		if fill := room - 1 - used; fill > 0 {
			put(Span{strings.Repeat(" ", fill), fill, padding})
		}
		put(Span{right, 1, Style{Role: RoleDim}})
	} else if fill := room - used; fill > 0 && !r.opts.Plain {
		put(Span{strings.Repeat(" ", fill), fill, padding})
	}
	r.end(spans, block)
}
