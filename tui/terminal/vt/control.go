package vt

// controlChar does a C0 control.
func (t *Terminal) controlChar(c byte) {
	cur := &t.screen.cursor
	if tr := &t.marks.output; tr.on && t.screen == &t.main {
		switch c {
		case '\n':
			tr.newline()
		case '\r':
			tr.carriageReturn()
		case '\t':
			tr.character(' ')
		}
	}
	switch c {
	case 0x00, 0x7f: // padding
		return
	case 0x07:
		if t.opts.Bell != nil {
			t.pending = append(t.pending, t.opts.Bell)
		}
		return
	case 0x08:
		cur.x, cur.wrap = max(cur.x-1, 0), false
	case 0x09:
		t.tab(1)
	case 0x0a, 0x0b, 0x0c:
		if t.newline {
			t.carriageReturn()
		}
		t.index()
	case 0x0d:
		t.carriageReturn()
	case 0x0e:
		cur.active = 1
	case 0x0f:
		cur.active = 0
	}
	t.last.valid, t.last.join = false, false
}

// c1 does an 8-bit control that came as a UTF-8 character.
func (t *Terminal) c1(r rune) {
	switch r {
	case 0x84:
		t.index()
	case 0x85:
		t.carriageReturn()
		t.index()
	case 0x8d:
		t.reverseIndex()
	}
	t.last.valid, t.last.join = false, false
}

// escape does an escape sequence that is no control sequence.
func (t *Terminal) escape(intermediate, final byte) {
	t.last.valid, t.last.join = false, false
	cur := &t.screen.cursor
	switch intermediate {
	case '(', ')', '*', '+':
		cur.charsets[intermediate-'('] = final
		return
	case '#':
		if final == '8' {
			t.alignmentPattern()
		}
		return
	case 0:
	default:
		return
	}
	switch final {
	case '7':
		t.screen.saved = *cur
	case '8':
		t.restoreCursor()
	case 'D':
		t.index()
	case 'E':
		t.carriageReturn()
		t.index()
	case 'H':
		t.tabs[cur.x] = true
	case 'M':
		t.reverseIndex()
	case 'N', 'O':
		cur.single = int(final-'N') + 2
	case 'c':
		t.reset()
	}
}

// alignmentPattern is DECALN: the screen full of E.
func (t *Terminal) alignmentPattern() {
	for _, r := range t.screen.rows {
		for i := range r.cells {
			r.cells[i] = cell{r: 'E', width: 1}
		}
		r.wrapped = false
	}
	t.top, t.bottom = 0, t.height-1
	t.moveTo(0, 0)
}

func (t *Terminal) restoreCursor() {
	t.screen.cursor = t.screen.saved
	c := &t.screen.cursor
	c.x, c.y = min(c.x, t.width-1), min(c.y, t.height-1)
	c.wrap = c.wrap && c.x == t.width-1
	t.pen = t.styles.intern(c.style)
}

func (t *Terminal) carriageReturn() {
	t.screen.cursor.x, t.screen.cursor.wrap = 0, false
}

func (t *Terminal) resetTabs() {
	t.tabs = make([]bool, t.width)
	for x := 8; x < t.width; x += 8 {
		t.tabs[x] = true
	}
}

// tab moves over n tab stops, to the left when n is negative.
func (t *Terminal) tab(n int) {
	c := &t.screen.cursor
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for ; n > 0 && c.x+step >= 0 && c.x+step < t.width; n-- {
		for c.x += step; c.x > 0 && c.x < t.width-1 && !t.tabs[c.x]; {
			c.x += step
		}
	}
	c.wrap = false
}

// index moves down, scrolling at the bottom of the region.
func (t *Terminal) index() {
	c := &t.screen.cursor
	c.wrap = false
	if c.y == t.bottom {
		t.scrollUp(t.top, 1, true)
	} else if c.y < t.height-1 {
		c.y++
	}
}

// reverseIndex moves up, scrolling at the top of the region.
func (t *Terminal) reverseIndex() {
	c := &t.screen.cursor
	c.wrap = false
	if c.y == t.top {
		t.scrollDown(t.top, 1)
	} else if c.y > 0 {
		c.y--
	}
}

// scrollUp moves the lines from top to the bottom of the region up by n. Lines
// that leave the top of the main screen become history when keep is set.
func (t *Terminal) scrollUp(top, n int, keep bool) {
	rows := t.screen.rows[top : t.bottom+1]
	keep = keep && t.screen == &t.main && top == 0
	bg := t.background()
	for range min(n, len(rows)) {
		r := rows[0]
		if keep {
			t.history.push(r)
		}
		copy(rows, rows[1:])
		fill(r.cells, bg)
		r.wrapped = false
		rows[len(rows)-1] = r
	}
	t.last.valid = false
}

// scrollDown moves the lines from top to the bottom of the region down by n.
func (t *Terminal) scrollDown(top, n int) {
	rows := t.screen.rows[top : t.bottom+1]
	bg := t.background()
	for range min(n, len(rows)) {
		r := rows[len(rows)-1]
		copy(rows[1:], rows)
		fill(r.cells, bg)
		r.wrapped = false
		rows[0] = r
	}
	t.last.valid = false
}

// moveTo places the cursor; in origin mode y counts within the scroll region.
func (t *Terminal) moveTo(x, y int) {
	c := &t.screen.cursor
	low, high := 0, t.height-1
	if c.origin {
		low, high = t.top, t.bottom
		y += t.top
	}
	c.x, c.y = min(max(x, 0), t.width-1), min(max(y, low), high)
	c.wrap = false
}

// moveColumns moves the cursor by d columns within its line.
func (t *Terminal) moveColumns(d int) {
	c := &t.screen.cursor
	c.x, c.wrap = min(max(c.x+d, 0), t.width-1), false
}

// moveRows moves the cursor by d rows; it does not leave the scroll region it is in.
func (t *Terminal) moveRows(d int) {
	c := &t.screen.cursor
	low, high := 0, t.height-1
	if c.y >= t.top && d < 0 {
		low = t.top
	}
	if c.y <= t.bottom && d > 0 {
		high = t.bottom
	}
	c.y = min(max(c.y+d, low), high)
	c.wrap = false
}
