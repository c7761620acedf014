// Package copymode is reading back, searching and copying in a terminal's text:
// where the reader is, what is selected, what was found.
//
// It is pure: it knows neither emulator nor screen nor clipboard, and asks for
// lines only when it needs them. Lines have numbers that stay theirs while more
// are written below, so that a reader stays where they are; a resize numbers
// lines anew.
package copymode

// Text is what is read.
type Text interface {
	// Bounds are the number of the oldest line and the one after the newest.
	Bounds() (first, end uint64)
	// Line returns a line; an empty one outside of the bounds.
	Line(n uint64) Line
	// Plain is the text of a line, and whether it goes on in the next one. A
	// line that does keeps its trailing blanks.
	Plain(n uint64) (text string, wrapped bool)
}

// Line is one row of cells, without trailing blanks unless it is wrapped.
type Line struct {
	Cells   []Cell
	Wrapped bool // the text goes on in the next line
}

// Cell is one character.
type Cell struct {
	Text          string
	Column, Width int
}

// Point is a place in a text. Its column is where a character begins.
type Point struct {
	Line   uint64
	Column int
}

func (p Point) before(q Point) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Column < q.Column
}

// Selecting is how text is selected.
type Selecting int

// The ways to select.
const (
	Nothing    Selecting = iota
	Characters           // from one character to another
	Lines                // whole lines
)

// Mode is the state of a reader. It belongs to one goroutine.
type Mode struct {
	text          Text
	width, height int

	top       uint64 // the line in the first row
	at        Point
	aim       int // the column that going up and down aims for
	selecting Selecting
	anchor    Point // where the selection began

	query    string
	backward bool
	matches  []Match
	current  int // of the matches; -1 is none
}

// New begins to read on a screen of the given size, back lines above the end.
func New(text Text, width, height, back int) *Mode {
	m := &Mode{text: text, width: max(1, width), height: max(1, height), current: -1}
	_, end := text.Bounds()
	m.at = Point{Line: less(end, uint64(back)+1)}
	m.top = less(end, uint64(back+m.height))
	m.clamp()
	return m
}

// less is a-b, and 0 instead of what would be below.
func less(a, b uint64) uint64 {
	if b > a {
		return 0
	}
	return a - b
}

// Resize gives the reader another screen. What was selected and found is
// forgotten: the lines have other numbers now.
func (m *Mode) Resize(width, height int) {
	if width == m.width && height == m.height {
		return
	}
	m.width, m.height = max(1, width), max(1, height)
	m.selecting, m.matches, m.current = Nothing, nil, -1
	m.clamp()
}

// clamp keeps the reader on lines that exist, and the screen around them.
func (m *Mode) clamp() {
	first, end := m.text.Bounds()
	last := max(less(end, 1), first)
	m.at.Line = min(max(m.at.Line, first), last)
	m.anchor.Line = min(max(m.anchor.Line, first), last)
	if m.at.Line < m.top {
		m.top = m.at.Line
	}
	if bottom := m.top + uint64(m.height); m.at.Line >= bottom {
		m.top = m.at.Line - uint64(m.height) + 1
	}
	m.top = min(max(m.top, first), max(less(end, uint64(m.height)), first))
	m.at.Column = m.nearest(m.at.Line, m.at.Column)
}

// nearest is the column of the character at or before column in a line.
func (m *Mode) nearest(line uint64, column int) int {
	at := 0
	for _, c := range m.text.Line(line).Cells {
		if c.Column > column {
			break
		}
		at = c.Column
	}
	return at
}

// Cursor is where the reader is, in cells of the screen.
func (m *Mode) Cursor() (x, y int) { return m.at.Column, int(m.at.Line - m.top) }

// At is where the reader is in the text.
func (m *Mode) At() Point { return m.at }

// Position says how many lines are below the screen, of how many that are not on
// it at its end.
func (m *Mode) Position() (back, of int) {
	first, end := m.text.Bounds()
	return int(less(end, m.top+uint64(m.height))), int(less(end-first, uint64(m.height)))
}

// Selecting says how text is being selected.
func (m *Mode) Selecting() Selecting { return m.selecting }

// Select begins to select at the cursor, or changes how, or ends it when that is
// how text is being selected.
func (m *Mode) Select(how Selecting) {
	switch {
	case how == m.selecting:
		m.selecting = Nothing
		return
	case m.selecting == Nothing:
		m.anchor = m.at
	}
	m.selecting = how
}

// Clear takes back what is selected, or else what was searched for. It reports
// whether there was something.
func (m *Mode) Clear() bool {
	switch {
	case m.selecting != Nothing:
		m.selecting = Nothing
	case m.query != "":
		m.query, m.matches, m.current = "", nil, -1
	default:
		return false
	}
	return true
}

// Go moves the cursor to a cell of the screen. Beyond its edges the text scrolls
// by a line.
func (m *Mode) Go(x, y int) {
	switch {
	case y < 0:
		m.at.Line = less(m.top, 1)
	default:
		m.at.Line = m.top + uint64(min(y, m.height))
	}
	m.at.Column = max(0, x)
	m.clamp()
	m.aim = m.at.Column
}

// Scroll moves the screen over the text by lines, downwards when positive. The
// cursor stays on the screen.
func (m *Mode) Scroll(lines int) {
	if lines < 0 {
		m.top = less(m.top, uint64(-lines))
	} else {
		m.top += uint64(lines)
	}
	first, end := m.text.Bounds()
	m.top = min(max(m.top, first), max(less(end, uint64(m.height)), first))
	m.at.Line = min(max(m.at.Line, m.top), m.top+uint64(m.height)-1)
	m.clamp()
}

// selected are the ends of the selection, both inclusive, in order.
func (m *Mode) selected() (from, to Point) {
	if m.at.before(m.anchor) {
		return m.at, m.anchor
	}
	return m.anchor, m.at
}

// Selected is the text that is selected; "" when nothing is. Lines that were
// wrapped are one.
func (m *Mode) Selected() string {
	if m.selecting == Nothing {
		return ""
	}
	var b []byte
	from, to := m.selected()
	first, _ := m.text.Bounds()
	from.Line = max(from.Line, first)
	for n := from.Line; n <= to.Line; n++ {
		line := m.text.Line(n)
		for _, c := range line.Cells {
			if m.holds(from, to, Point{n, c.Column}) {
				b = append(b, c.Text...)
			}
		}
		if !line.Wrapped && (n < to.Line || m.selecting == Lines) {
			b = append(b, '\n')
		}
	}
	return string(b)
}

// holds reports whether p is in the selection from one point to another.
func (m *Mode) holds(from, to, p Point) bool {
	if m.selecting == Lines {
		return p.Line >= from.Line && p.Line <= to.Line
	}
	return !p.before(from) && !to.before(p)
}
