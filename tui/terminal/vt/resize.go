package vt

// Resize changes the size. On the main screen, lines that were wrapped are
// wrapped anew, so that no text is lost; the alternate screen is cut or
// padded, since its program draws it again.
func (t *Terminal) Resize(width, height int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	width = min(max(width, minWidth), maxWidth)
	height = min(max(height, minHeight), maxHeight)
	if width == t.width && height == t.height {
		return
	}
	t.reflow(width, height)
	t.alt.cut(width, height)
	t.width, t.height = width, height
	t.top, t.bottom = 0, height-1
	t.resetTabs()
	t.last = last{}
	t.version++
}

// cut fits a screen to a size without moving its text.
func (s *screen) cut(width, height int) {
	rows := make([]*row, height)
	for y := range rows {
		rows[y] = newRow(width)
		if y < len(s.rows) {
			old := s.rows[y].cells
			split(old, width)
			copy(rows[y].cells, old)
		}
	}
	s.rows = rows
	s.cursor.clamp(width, height)
	s.saved.clamp(width, height)
}

func (c *cursor) clamp(width, height int) {
	c.x, c.y = min(max(c.x, 0), width-1), min(max(c.y, 0), height-1)
	c.wrap = false
}

// reflow wraps history and main screen anew. If the screen was full its last
// row stays at the bottom, otherwise its first row stays at the top.
func (t *Terminal) reflow(width, height int) {
	s := &t.main
	used := s.cursor.y + 1
	for y := used; y < len(s.rows); y++ {
		if textEnd, _ := ends(s.rows[y].cells); textEnd > 0 {
			used = y + 1
		}
	}
	f := reflower{width: width, track: -1}
	for i := range t.history.len() {
		f.add(t.history.at(i))
	}
	first := len(f.rows)
	cur := s.cursor
	for y, r := range s.rows[:used] {
		if y == s.cursor.y {
			f.track = s.cursor.x
			if s.cursor.wrap {
				f.track++
			}
			cur.x, cur.y = f.add(r)
		} else {
			f.add(r)
		}
	}
	f.flush()

	start := max(len(f.rows)-height, 0)
	if used < len(s.rows) {
		start = max(start, first)
	}
	start = min(start, cur.y)
	t.history.replace(f.rows[:start])
	rows := make([]*row, height)
	for y := range rows {
		rows[y] = newRow(width)
		if i := start + y; i < len(f.rows) {
			f.line = f.rows[i].unpack(f.line[:0])
			copy(rows[y].cells, f.line)
			rows[y].wrapped = f.rows[i].wrapped
		}
	}
	s.rows = rows
	wrap := cur.x >= width
	cur.y -= start
	cur.clamp(width, height)
	cur.wrap = wrap && t.modes[ModeAutoWrap]
	if s.saved.x == s.cursor.x && s.saved.y == s.cursor.y {
		s.saved.x, s.saved.y = cur.x, cur.y
	}
	s.saved.clamp(width, height)
	s.cursor = cur
}

// ends returns where the text of cells ends, and where anything that can be
// seen, a background included, ends.
func ends(cells []cell) (text, visible int) {
	visible = len(cells)
	for visible > 0 && cells[visible-1].blank() && cells[visible-1].style == 0 {
		visible--
	}
	text = visible
	for text > 0 && cells[text-1].blank() {
		text--
	}
	return text, visible
}

// reflower wraps rows to a new width.
type reflower struct {
	width  int
	rows   []packed
	line   []cell // the row being filled
	packed []byte
	begun  bool // line belongs to a line of text that goes on
	track  int  // column of the next row to follow; -1 is none
}

// add wraps a row, after the ones before it. It returns where the tracked
// column came to lie; x may be width, after the last column.
func (f *reflower) add(r *row) (x, y int) {
	track := f.track
	f.track = -1
	cells := r.cells
	if !r.wrapped {
		// A bar of background colour is cut rather than wrapped.
		text, visible := ends(cells)
		cells = cells[:max(text, min(visible, f.width-len(f.line)))]
	}
	f.begun = true
	for i := range cells {
		c := cells[i]
		if w := int(c.width); w > 0 && !c.pad && len(f.line)+w > f.width {
			if len(f.line) < f.width {
				f.line = append(f.line, cell{width: 1, pad: true})
			}
			f.cut(true)
		}
		if i == track {
			x, y = len(f.line), len(f.rows)
		}
		if !c.pad {
			f.line = append(f.line, c)
		}
	}
	if track >= len(cells) {
		x, y = min(len(f.line)+track-len(cells), f.width), len(f.rows)
	}
	if !r.wrapped {
		f.cut(false)
	}
	return x, y
}

// cut ends the row being filled.
func (f *reflower) cut(wrapped bool) {
	f.packed = pack(f.packed[:0], f.line)
	f.rows = append(f.rows, packed{data: append([]byte(nil), f.packed...), wrapped: wrapped})
	f.line = f.line[:0]
	f.begun = wrapped
}

// flush ends the last row.
func (f *reflower) flush() {
	if f.begun {
		f.cut(false)
	}
}
