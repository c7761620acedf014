package vt

// background is the style of erased cells: only the cursor's background colour.
func (t *Terminal) background() uint32 {
	bg := t.screen.cursor.style.bg
	if bg == 0 {
		return 0
	}
	return t.styles.intern(style{bg: bg})
}

// eraseCells blanks columns from a up to b of row y.
func (t *Terminal) eraseCells(y, a, b int) {
	r := t.screen.rows[y]
	b = min(b, t.width)
	if a >= b {
		return
	}
	split(r.cells, a)
	split(r.cells, b)
	fill(r.cells[a:b], t.background())
	if b == t.width {
		r.wrapped = false
	}
}

// eraseDisplay is ED: 0 erases from the cursor on, 1 up to the cursor, 2 the
// screen, 3 the scrollback.
func (t *Terminal) eraseDisplay(kind int) {
	c := &t.screen.cursor
	from, to := 0, t.height // whole rows
	switch kind {
	case 0:
		t.eraseCells(c.y, c.x, t.width)
		from = c.y + 1
	case 1:
		t.eraseCells(c.y, 0, c.x+1)
		to = c.y
	case 2:
	case 3:
		t.history.clear()
		return
	default:
		return
	}
	for y := from; y < to; y++ {
		t.eraseCells(y, 0, t.width)
	}
}

// eraseLine is EL: 0 erases from the cursor on, 1 up to the cursor, 2 the line.
func (t *Terminal) eraseLine(kind int) {
	c := &t.screen.cursor
	switch kind {
	case 0:
		t.eraseCells(c.y, c.x, t.width)
	case 1:
		t.eraseCells(c.y, 0, c.x+1)
	case 2:
		t.eraseCells(c.y, 0, t.width)
	}
	c.wrap = false
}

// insertCells pushes the rest of the line n columns to the right.
func (t *Terminal) insertCells(n int) {
	c := &t.screen.cursor
	cells := t.screen.rows[c.y].cells
	n = min(n, t.width-c.x)
	split(cells, c.x)
	split(cells, t.width-n)
	copy(cells[c.x+n:], cells[c.x:t.width-n])
	fill(cells[c.x:c.x+n], t.background())
}

// deleteCells pulls the rest of the line n columns to the left.
func (t *Terminal) deleteCells(n int) {
	c := &t.screen.cursor
	cells := t.screen.rows[c.y].cells
	n = min(n, t.width-c.x)
	split(cells, c.x)
	split(cells, c.x+n)
	copy(cells[c.x:], cells[c.x+n:])
	fill(cells[t.width-n:], t.background())
}
