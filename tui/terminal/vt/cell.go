package vt

// Color is a colour as the program chose it: the default, one of the 256 of
// the palette, or red, green and blue. The zero value is the default.
type Color uint32

const (
	indexedColor Color = 1 << 24
	rgbColor     Color = 2 << 24
)

// Indexed returns colour n of the 256-colour palette.
func Indexed(n uint8) Color { return indexedColor | Color(n) }

// RGB returns a direct colour.
func RGB(r, g, b uint8) Color { return rgbColor | Color(r)<<16 | Color(g)<<8 | Color(b) }

// Index returns the place in the palette, if c is one of its colours.
func (c Color) Index() (n uint8, ok bool) { return uint8(c), c>>24 == 1 }

// RGB returns the parts of a direct colour, if c is one.
func (c Color) RGB() (r, g, b uint8, ok bool) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c), c>>24 == 2
}

// Attr is a set of the attributes of a character.
type Attr uint8

// The attributes.
const (
	Bold Attr = 1 << iota
	Faint
	Italic
	Blink
	Reverse
	Conceal
	Strike
)

// Underline is the kind of line under a character. The values are those of
// the parameter of SGR 4.
type Underline uint8

// The kinds of underline.
const (
	UnderlineNone Underline = iota
	UnderlineSingle
	UnderlineDouble
	UnderlineCurly
	UnderlineDotted
	UnderlineDashed
)

// Style is the look of a cell.
type Style struct {
	Foreground, Background, UnderlineColor Color
	Attr                                   Attr
	Underline                              Underline
	Link                                   string // target of the hyperlink (OSC 8); "" is none
}

// Cell is one character position of the screen.
type Cell struct {
	Text  string // a grapheme cluster; " " when nothing is there
	Width int    // 1 or 2; 0 for the right half of a wide character
	Style Style
}

// CursorShape is how the program wants its cursor drawn.
type CursorShape uint8

// The shapes of DECSCUSR.
const (
	CursorBlock CursorShape = iota
	CursorUnderline
	CursorBar
)

// Cursor is the state of the cursor; X and Y count from 0 at the top left.
type Cursor struct {
	X, Y    int
	Visible bool
	Shape   CursorShape
	Blink   bool
}

// style is Style with the link interned, so that it can be a map key of fixed size.
type style struct {
	fg, bg, ul Color
	attr       Attr
	underline  Underline
	link       uint32
}

// cell takes 16 bytes: rare clusters and all styles live in tables.
type cell struct {
	r       rune   // 0 when nothing was printed here
	cluster uint32 // index of the whole cluster when r is only its first rune
	style   uint32
	width   uint8
	pad     bool // left blank because a wide character did not fit
}

// blank reports whether the cell shows nothing but its background.
func (c *cell) blank() bool { return (c.r == 0 || c.r == ' ') && c.cluster == 0 && c.width == 1 }

// row is one line of cells.
type row struct {
	cells   []cell
	wrapped bool // the text goes on in the next row
}

func newRow(width int) *row {
	r := &row{cells: make([]cell, width)}
	fill(r.cells, 0)
	return r
}

// fill blanks cells with a background style.
func fill(cells []cell, style uint32) {
	for i := range cells {
		cells[i] = cell{width: 1, style: style}
	}
}

// split blanks the wide character, if any, that lies across the boundary
// before column x, so that either side can be changed alone.
func split(cells []cell, x int) {
	if x > 0 && x < len(cells) && cells[x].width == 0 {
		cells[x-1] = cell{width: 1, style: cells[x-1].style}
		cells[x] = cell{width: 1, style: cells[x].style}
	}
}

func (t *Terminal) cellText(c *cell) string {
	switch {
	case c.cluster != 0:
		return t.clusters.items[c.cluster]
	case c.r == 0:
		return " "
	default:
		return string(c.r)
	}
}

func (t *Terminal) public(c *cell) Cell {
	s := &t.styles.items[c.style]
	p := Cell{Width: int(c.width), Style: Style{
		Foreground: s.fg, Background: s.bg, UnderlineColor: s.ul,
		Attr: s.attr, Underline: s.underline, Link: t.links.items[s.link],
	}}
	if c.width > 0 {
		p.Text = t.cellText(c)
	}
	return p
}

// tableSize is how many entries a table may gain before unused ones are dropped.
const tableSize = 4096

// table gives values small numbers. Number 0 is the zero value.
type table[T comparable] struct {
	items []T
	index map[T]uint32
	limit int
}

func newTable[T comparable](zero T) table[T] {
	return table[T]{items: []T{zero}, index: map[T]uint32{zero: 0}, limit: tableSize}
}

func (tb *table[T]) intern(v T) uint32 {
	if i, ok := tb.index[v]; ok {
		return i
	}
	i := uint32(len(tb.items))
	tb.items = append(tb.items, v)
	tb.index[v] = i
	return i
}

func (tb *table[T]) full() bool { return len(tb.items) > tb.limit }

// tidy rebuilds the tables once one is full, keeping what a cell or a cursor
// still refers to. The limits then follow what was kept, so the cost stays in
// proportion to the input.
func (t *Terminal) tidy() {
	if !t.styles.full() && !t.clusters.full() && !t.links.full() {
		return
	}
	styles, clusters, links := newTable(style{}), newTable(""), newTable("")
	move := func(s style) style {
		s.link = links.intern(t.links.items[s.link])
		return s
	}
	newStyle := make([]uint32, len(t.styles.items)) // 0 is "not seen yet", and right for 0
	keep := func(r *row) {
		for i := range r.cells {
			c := &r.cells[i]
			if c.style != 0 {
				if newStyle[c.style] == 0 {
					newStyle[c.style] = styles.intern(move(t.styles.items[c.style]))
				}
				c.style = newStyle[c.style]
			}
			if c.cluster != 0 {
				c.cluster = clusters.intern(t.clusters.items[c.cluster])
			}
		}
	}
	for i := range t.history.len() {
		r := t.history.at(i)
		keep(r)
		t.history.set(i, r)
	}
	for _, s := range []*screen{&t.main, &t.alt} {
		for _, r := range s.rows {
			keep(r)
		}
		s.cursor.style, s.saved.style = move(s.cursor.style), move(s.saved.style)
	}
	t.pen = styles.intern(t.screen.cursor.style)
	styles.limit = max(tableSize, 2*len(styles.items))
	clusters.limit = max(tableSize, 2*len(clusters.items))
	links.limit = max(tableSize, 2*len(links.items))
	t.styles, t.clusters, t.links = styles, clusters, links
	t.rebuilt++
}
