package markdown

// segment is one line of a paragraph: atoms start to end (exclusive).
type segment struct {
	start, end int
	width      int
}

// wrap breaks the paragraph into lines of at most first cells for the first
// line and rest cells for the others. Only a single cluster that is wider than
// that by itself overflows.
func (p *paragraph) wrap(first, rest int) []segment {
	p.segments = p.segments[:0]
	n := len(p.atoms)
	width := first
	for start := 0; start < n; {
		// Spaces at a break vanish; those that begin a line of the source are meant.
		if start > 0 && p.atoms[start-1].class != classBreak {
			for start < n && p.atoms[start].class == classSpace {
				start++
			}
			if start == n {
				break
			}
		}
		end, next := p.lineEnd(start, max(width, 1))
		p.segments = append(p.segments, p.segment(start, end))
		start, width = next, rest
	}
	return p.segments
}

// lineEnd returns where the line that begins at start ends, and where the next
// one begins.
func (p *paragraph) lineEnd(start, width int) (end, next int) {
	w, last, join := 0, -1, -1
	i := start
	for ; i < len(p.atoms); i++ {
		a := &p.atoms[i]
		if a.class == classBreak {
			return i, i + 1
		}
		if w+int(a.width) > width && a.class != classSpace {
			break
		}
		w += int(a.width)
		if i+1 < len(p.atoms) && p.canBreak(i) {
			last = i + 1
		}
		// Tearing a word right after its first letters gains nothing.
		if a.join && w > width/4 && i+1 < len(p.atoms) && p.atoms[i+1].class != classClose {
			join = i + 1
		}
	}
	switch {
	case i == len(p.atoms):
		return i, i
	case last > start:
		return last, last
	case join > start:
		return join, join
	case i == start:
		return i + 1, i + 1
	}
	// A word wider than the line. Even torn it keeps its closing marks, unless
	// it has nothing else.
	for k := i; k > start; k-- {
		if c := p.atoms[k].class; c != classClose && c != classGlue && p.atoms[k-1].class != classOpen {
			return k, k
		}
	}
	return i, i
}

// segment measures a line and drops the spaces at its end.
func (p *paragraph) segment(start, end int) segment {
	for end > start && p.atoms[end-1].class == classSpace {
		end--
	}
	s := segment{start: start, end: end}
	for i := start; i < end; i++ {
		s.width += int(p.atoms[i].width)
	}
	return s
}

// extent returns the width of the paragraph when nothing but hard breaks ends a
// line, and the width of its longest piece that cannot be broken.
func (p *paragraph) extent() (natural, longest int) {
	line, piece := 0, 0
	for i := range p.atoms {
		a := &p.atoms[i]
		if a.class == classBreak {
			line, piece = 0, 0
			continue
		}
		line += int(a.width)
		natural = max(natural, line)
		if a.class != classSpace {
			piece += int(a.width)
			longest = max(longest, piece)
		}
		if i+1 < len(p.atoms) && p.canBreak(i) {
			piece = 0
		}
	}
	return natural, longest
}
