package vt

import "strconv"

// Printer makes the screen of a real terminal equal to that of an emulated one
// with few bytes: it remembers what it has printed and prints what differs.
//
// It trusts no terminal with the width of what terminals disagree about: the
// cells after an emoji sequence are always placed by their column.
type Printer struct {
	t     *Terminal
	color func(Color) Color

	known         bool
	width, height int
	rebuilt       uint64   // t.rebuilt when shown was taken
	shown, next   [][]cell // normalised: see row.normal
	pen           style    // of the real terminal; link is an index of t.links
	x, y          int      // the real cursor; x is -1 when it is not known
	b             []byte
	words         summed // of bestShift
}

// NewPrinter returns a printer of t. color maps the colours of t to those that
// the real terminal can show; nil leaves them as they are.
func NewPrinter(t *Terminal, color func(Color) Color) *Printer {
	if color == nil {
		color = func(c Color) Color { return c }
	}
	return &Printer{t: t, color: color}
}

// Forget has the next Print print the whole screen, whatever the real terminal shows.
func (p *Printer) Forget() { p.known = false }

// Blank says that the real terminal shows nothing at all.
func (p *Printer) Blank() {
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	p.fit()
	for _, cells := range p.shown {
		for x := range cells {
			cells[x] = cell{r: ' ', width: 1}
		}
	}
	p.known, p.rebuilt = true, p.t.rebuilt
}

// fit makes room for the screen.
func (p *Printer) fit() {
	if p.width == p.t.width && p.height == p.t.height {
		return
	}
	p.width, p.height, p.known = p.t.width, p.t.height, false
	grid := func() [][]cell {
		rows := make([][]cell, p.height)
		for y := range rows {
			rows[y] = make([]cell, p.width)
		}
		return rows
	}
	p.shown, p.next = grid(), grid()
}

// Print appends to b what brings the real terminal from what was printed before
// to what the emulated one shows. It leaves no style behind; where the cursor is
// afterwards is not said.
func (p *Printer) Print(b []byte) []byte {
	t := p.t
	t.mu.Lock()
	defer t.mu.Unlock()
	p.fit()
	if p.rebuilt != t.rebuilt { // numbers of styles mean others now
		p.known, p.rebuilt = false, t.rebuilt
	}
	for y, r := range t.screen.rows {
		p.normalise(p.next[y], r.cells)
	}
	p.b, p.x, p.pen = b, -1, style{}
	if p.known {
		p.scroll()
	}
	for y := range p.next {
		p.row(y)
	}
	p.set(style{})
	p.known = true
	p.shown, p.next = p.next, p.shown
	b, p.b = p.b, nil
	return b
}

// normalise copies cells so that those that look alike are equal.
func (p *Printer) normalise(to, from []cell) {
	for x, c := range from {
		c.pad = false
		if c.r == 0 && c.width == 1 {
			c.r = ' '
		}
		if c.style != 0 && c.r == ' ' && c.cluster == 0 && p.t.styles.items[c.style].unseen() {
			c.style = 0
		}
		to[x] = c
	}
}

// unseen reports whether a blank in this style looks as one without any: no
// colour of letters is seen on it, no weight.
func (s style) unseen() bool {
	return s.bg == 0 && s.link == 0 && s.underline == UnderlineNone && s.attr&^(Bold|Faint|Italic|Conceal) == 0
}

// setBlank changes the pen to one that leaves nothing on blanks.
func (p *Printer) setBlank() {
	if !p.pen.unseen() {
		p.set(style{})
	}
}

// row prints what differs in a row, or with nothing known all of it.
func (p *Printer) row(y int) {
	next, shown := p.next[y], p.shown[y]
	end := len(next) // behind it all is blank
	for end > 0 && empty(&next[end-1]) {
		end--
	}
	forced := 0 // up to here cells may have been painted over
	if !p.known {
		forced = p.width
	}
	for x := 0; x < p.width; {
		c := &next[x]
		w := max(1, int(c.width))
		if x >= forced && same(next[x:x+w], shown[x:x+w]) {
			x += w
			continue
		}
		if x >= end {
			if !p.eraseRest(x, y, x < forced) {
				x++
				continue
			}
			return
		}
		if n := p.blanks(next, shown, x, forced); n >= 8 && x >= forced {
			p.moveTo(x, y)
			p.setBlank()
			p.b = append(p.b, "\x1b["...)
			p.b = strconv.AppendInt(p.b, int64(n), 10)
			p.b = append(p.b, 'X')
			x += n
			continue
		}
		p.moveTo(x, y)
		forced = max(forced, p.cell(c, x, y))
		x += w
	}
}

// eraseRest blanks a row from x on, where all is to be blank; false when it is
// cheaper to do it cell by cell, which is done for the cell at x.
func (p *Printer) eraseRest(x, y int, all bool) bool {
	differ := 0
	for i := x; i < p.width && differ < 4; i++ {
		if all || !empty(&p.shown[y][i]) {
			differ++
		}
	}
	p.moveTo(x, y)
	if differ < 4 {
		p.cell(&cell{r: ' ', width: 1}, x, y)
		return false
	}
	p.setBlank()
	p.b = append(p.b, "\x1b[K"...)
	return true
}

// blanks counts the cells from x on that are to be blank and are not known to be.
func (p *Printer) blanks(next, shown []cell, x, forced int) int {
	n := 0
	for i := x; i < p.width && empty(&next[i]) && (i < forced || next[i] != shown[i]); i++ {
		n++
	}
	return n
}

// empty reports whether a cell shows nothing, not even a colour.
func empty(c *cell) bool { return c.style == 0 && c.r == ' ' && c.cluster == 0 && c.width == 1 }

func same(a, b []cell) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// cell prints one cell, and returns the column up to which the real terminal may
// have painted.
func (p *Printer) cell(c *cell, x, y int) (reach int) {
	if empty(c) {
		p.setBlank()
	} else {
		p.set(p.t.styles.items[c.style])
	}
	w := max(1, int(c.width))
	unsure := c.cluster != 0 || c.r >= 0x1f000 && c.r < 0x20000
	if unsure {
		// A terminal that takes it for narrower would leave what was there.
		for range w {
			p.b = append(p.b, ' ')
		}
		p.x = -1
		p.moveTo(x, y)
	}
	switch {
	case c.cluster != 0:
		text := p.t.fittingText(c)
		p.b = append(p.b, text...)
		reach = x + 2*len([]rune(text))
	case c.r < ' ':
		p.b = append(p.b, ' ')
	default:
		p.b = appendRune(p.b, c.r)
	}
	if p.x = x + w; unsure || p.x >= p.width {
		p.x = -1 // or the cursor waits to wrap
	}
	return reach
}

func appendRune(b []byte, r rune) []byte {
	if r < 0x80 {
		return append(b, byte(r))
	}
	return append(b, string(r)...)
}

// moveTo moves the real cursor.
func (p *Printer) moveTo(x, y int) {
	if p.y == y && p.x == x {
		return
	}
	if p.y == y && p.x >= 0 && p.x < x {
		if p.through(x, y) {
			return
		}
		p.b = append(p.b, "\x1b["...)
		if n := x - p.x; n > 1 {
			p.b = strconv.AppendInt(p.b, int64(n), 10)
		}
		p.b = append(p.b, 'C')
	} else {
		p.b = AppendMove(p.b, x, y)
	}
	p.x, p.y = x, y
}

// through moves the cursor over a few cells by printing them again, when that
// takes no more bytes than a sequence.
func (p *Printer) through(x, y int) bool {
	if x-p.x > 4 {
		return false
	}
	for _, c := range p.next[y][p.x:x] {
		if c.r < ' ' || c.r > '~' || c.cluster != 0 || !(empty(&c) && p.pen.unseen()) && p.mapped(p.t.styles.items[c.style]) != p.pen {
			return false
		}
	}
	for _, c := range p.next[y][p.x:x] {
		p.b = append(p.b, byte(c.r))
	}
	p.x = x
	return true
}

// AppendMove appends the sequence that moves the cursor to column x, row y, both
// from 0.
func AppendMove(b []byte, x, y int) []byte {
	b = append(b, "\x1b["...)
	if x > 0 || y > 0 {
		b = strconv.AppendInt(b, int64(y+1), 10)
	}
	if x > 0 {
		b = append(b, ';')
		b = strconv.AppendInt(b, int64(x+1), 10)
	}
	return append(b, 'H')
}

func (p *Printer) mapped(s style) style {
	if s.fg != 0 {
		s.fg = p.color(s.fg)
	}
	if s.bg != 0 {
		s.bg = p.color(s.bg)
	}
	if s.ul != 0 {
		s.ul = p.color(s.ul)
	}
	return s
}

// set changes the pen of the real terminal to s.
func (p *Printer) set(s style) {
	s = p.mapped(s)
	if s == p.pen {
		return
	}
	if s.link != p.pen.link {
		p.b = append(p.b, "\x1b]8;;"...)
		p.b = append(p.b, p.t.links.items[s.link]...)
		p.b = append(p.b, "\x1b\\"...)
		if p.pen.link = s.link; s == p.pen {
			return
		}
	}
	p.b = appendPen(p.b, p.pen, s)
	p.pen = s
}

// appendPen appends the SGR sequence from one style to another.
func appendPen(b []byte, from, to style) []byte {
	b = append(b, "\x1b["...)
	start := len(b)
	number := func(n int) {
		if len(b) > start {
			b = append(b, ';')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	plain := style{link: to.link}
	if to == plain {
		return append(b, 'm')
	}
	// What cannot be taken back alone asks for a reset.
	if from.attr&^to.attr != 0 || from.underline != to.underline && from.underline != UnderlineNone ||
		from.fg != 0 && to.fg == 0 || from.bg != 0 && to.bg == 0 || from.ul != 0 && to.ul == 0 {
		number(0)
		from = plain
	}
	for i, code := range [...]int{1, 2, 3, 5, 7, 8, 9} {
		if (to.attr&^from.attr)&(1<<i) != 0 {
			number(code)
		}
	}
	if to.underline != from.underline {
		number(4)
		if to.underline != UnderlineSingle {
			b = append(b, ':')
			b = strconv.AppendInt(b, int64(to.underline), 10)
		}
	}
	color := func(base int, from, to Color) {
		if from == to {
			return
		}
		colorParameters(number, base, to)
	}
	color(38, from.fg, to.fg)
	color(48, from.bg, to.bg)
	color(58, from.ul, to.ul)
	return append(b, 'm')
}
