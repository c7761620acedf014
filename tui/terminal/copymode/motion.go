package copymode

import (
	"unicode"
	"unicode/utf8"
)

// Motion is a way to move the cursor.
type Motion int

// The motions, as vi has them.
const (
	Up Motion = iota
	Down
	Left
	Right
	PageUp
	PageDown
	HalfUp
	HalfDown
	Top        // of the text
	Bottom     // of the text
	LineStart  // column 0
	LineText   // the first character that is no blank
	LineEnd    // the last character
	WordNext   // the start of the next word
	WordBack   // the start of this word or the one before
	WordEnd    // the end of this word or the next
	ScreenTop  // the first line on the screen
	ScreenHalf // the one in the middle
	ScreenEnd  // the last one
)

// Move moves the cursor.
func (m *Mode) Move(how Motion) {
	half := max(1, m.height/2)
	switch how {
	case Up:
		m.vertical(-1)
	case Down:
		m.vertical(1)
	case PageUp:
		m.page(-max(1, m.height-1))
	case PageDown:
		m.page(max(1, m.height-1))
	case HalfUp:
		m.page(-half)
	case HalfDown:
		m.page(half)
	case Top:
		first, _ := m.text.Bounds()
		m.to(Point{Line: first})
	case Bottom:
		_, end := m.text.Bounds()
		m.to(Point{Line: less(end, 1)})
	case ScreenTop:
		m.to(Point{Line: m.top, Column: m.aim})
	case ScreenHalf:
		m.to(Point{Line: m.top + uint64(half), Column: m.aim})
	case ScreenEnd:
		m.to(Point{Line: m.top + uint64(m.height) - 1, Column: m.aim})
	default:
		m.inLine(how)
	}
}

// to moves the cursor to a place, and has up and down aim for its column.
func (m *Mode) to(p Point) {
	m.at = p
	m.clamp()
	m.aim = m.at.Column
}

// vertical moves by lines, as near as can be to the column that is aimed for.
func (m *Mode) vertical(lines int) {
	if lines < 0 {
		m.at.Line = less(m.at.Line, uint64(-lines))
	} else {
		m.at.Line += uint64(lines)
	}
	m.at.Column = m.aim
	m.clamp()
}

// page moves screen and cursor alike.
func (m *Mode) page(lines int) {
	if lines < 0 {
		m.top = less(m.top, uint64(-lines))
	} else {
		m.top += uint64(lines)
	}
	m.vertical(lines)
}

func (m *Mode) inLine(how Motion) {
	cells := m.text.Line(m.at.Line).Cells
	i := 0
	for i+1 < len(cells) && cells[i+1].Column <= m.at.Column {
		i++
	}
	switch how {
	case Left:
		i--
	case Right:
		i++
	case LineStart:
		i = 0
	case LineEnd:
		i = len(cells) - 1
	case LineText:
		for i = 0; i < len(cells)-1 && class(cells[i]) == blank; i++ {
		}
	case WordNext, WordEnd, WordBack:
		m.word(how, i)
		return
	}
	if len(cells) > 0 {
		m.to(Point{m.at.Line, cells[min(max(i, 0), len(cells)-1)].Column})
	}
}

// word moves over words, from character i of the cursor's line; at the end of a
// line it goes on in the next one.
func (m *Mode) word(how Motion, i int) {
	first, end := m.text.Bounds()
	line := m.at.Line
	cells := m.text.Line(line).Cells
	kind := func() kinds {
		if i < 0 || i >= len(cells) {
			return blank
		}
		return class(cells[i])
	}
	// step goes one character on or back; the end of a line counts as one.
	step := func(d int) bool {
		i += d
		switch {
		case i < 0:
			if line == first {
				i = 0
				return false
			}
			line--
			cells = m.text.Line(line).Cells
			i = len(cells)
		case i > len(cells) || i == len(cells) && line+1 >= end:
			if line+1 >= end {
				i = max(0, len(cells)-1)
				return false
			}
			line++
			cells, i = m.text.Line(line).Cells, 0
		}
		return true
	}
	goes := true
	switch how {
	case WordNext:
		for was := kind(); was != blank && goes && kind() == was; {
			goes = step(1)
		}
		for goes && kind() == blank {
			goes = step(1)
		}
	case WordEnd:
		goes = step(1)
		for goes && kind() == blank {
			goes = step(1)
		}
		for is := kind(); i+1 < len(cells) && class(cells[i+1]) == is; {
			i++
		}
	default:
		goes = step(-1)
		for goes && kind() == blank {
			goes = step(-1)
		}
		for is := kind(); i > 0 && i <= len(cells)-1 && class(cells[i-1]) == is; {
			i--
		}
	}
	p := Point{Line: line}
	if i >= 0 && i < len(cells) {
		p.Column = cells[i].Column
	}
	m.to(p)
}

type kinds int

const (
	blank kinds = iota
	letters
	signs
)

// class tells words from what is between them. Names with - . and / in them, as
// Kubernetes has them everywhere, are one word.
func class(c Cell) kinds {
	r, _ := utf8.DecodeRuneInString(c.Text)
	switch {
	case unicode.IsSpace(r):
		return blank
	case unicode.IsLetter(r), unicode.IsDigit(r), r == '_', r == '-', r == '.', r == '/':
		return letters
	}
	return signs
}
