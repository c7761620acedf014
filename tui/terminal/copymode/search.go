package copymode

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// maxMatches bounds what a search keeps.
const maxMatches = 20_000

// Match is a place where the text searched for stands. It can go over the edge
// of a wrapped line.
type Match struct {
	From, To Point // To is after its last column
}

// Search looks for text in all lines, and goes to the first match after the
// cursor, or before it when backward. Small letters in the query stand for
// capital ones too; a capital one stands for itself. It reports whether there is
// a match.
func (m *Mode) Search(query string, backward bool) bool {
	m.query, m.backward = query, backward
	m.find()
	return m.step(backward)
}

// Again goes to the next match in the direction of the search, or against it.
// What was written meanwhile is searched too.
func (m *Mode) Again(against bool) bool {
	if m.query == "" {
		return false
	}
	m.find()
	return m.step(m.backward != against)
}

// Found is the query, which of its matches the cursor is on, counted from 1, and
// how many there are.
func (m *Mode) Found() (query string, at, of int) { return m.query, m.current + 1, len(m.matches) }

// step goes to the match nearest to the cursor on one side of it; after the last
// one comes the first.
func (m *Mode) step(back bool) bool {
	m.current = -1
	n := len(m.matches)
	if n == 0 {
		return false
	}
	// at is the first match that does not begin before the cursor.
	at, on := slices.BinarySearchFunc(m.matches, m.at, func(a Match, p Point) int {
		switch {
		case a.From.before(p):
			return -1
		case p.before(a.From):
			return 1
		}
		return 0
	})
	switch {
	case back:
		m.current = (at - 1 + n) % n
	case on:
		m.current = (at + 1) % n
	default:
		m.current = at % n
	}
	m.to(m.matches[m.current].From)
	return true
}

// find fills the matches.
func (m *Mode) find() {
	m.matches, m.current = m.matches[:0], -1
	if m.query == "" {
		return
	}
	exact := strings.ContainsFunc(m.query, unicode.IsUpper)
	needle, pattern := m.query, regexp.QuoteMeta(m.query)
	if !exact {
		needle, pattern = strings.ToLower(m.query), "(?i)"+pattern
	}
	re := regexp.MustCompile(pattern)
	first, end := m.text.Bounds()
	for n := first; n < end && len(m.matches) < maxMatches; {
		start := n
		line, wrapped := m.text.Plain(n)
		for n++; wrapped && n < end; n++ {
			var more string
			more, wrapped = m.text.Plain(n)
			line += more
		}
		hay := line
		if !exact {
			hay = strings.ToLower(line)
		}
		if strings.Contains(hay, needle) { // a regular expression is ten times slower
			m.add(start, n, re.FindAllStringIndex(line, maxMatches-len(m.matches)))
		}
	}
}

// add keeps matches given in bytes of the text of the lines from start to end.
func (m *Mode) add(start, end uint64, found [][]int) {
	offset := 0
	for n := start; n < end && len(found) > 0; n++ {
		for _, c := range m.text.Line(n).Cells {
			next := offset + len(c.Text)
			for len(found) > 0 && found[0][1] <= offset {
				found = found[1:]
			}
			if len(found) == 0 {
				return
			}
			if f := found[0]; f[0] >= offset && f[0] < next {
				m.matches = append(m.matches, Match{From: Point{n, c.Column}})
			}
			if f := found[0]; f[0] < next && f[1] > offset && len(m.matches) > 0 {
				m.matches[len(m.matches)-1].To = Point{n, c.Column + c.Width}
			}
			offset = next
		}
	}
}

// Kind says what is marked on the screen.
type Kind int

// What can be marked. Of two on one cell the later counts.
const (
	Matched Kind = iota // a match
	Current             // the match that the cursor is on
	Chosen              // the selection
)

// Mark is a part of a line that is to be seen.
type Mark struct {
	Line     uint64
	From, To int // columns; To is after the last one
	Kind     Kind
}

// View says what is on the screen: the line in the first row, and what is marked
// of the lines on it.
func (m *Mode) View() (top uint64, marks []Mark) {
	m.clamp()
	bottom := m.top + uint64(m.height)
	i, _ := slices.BinarySearchFunc(m.matches, m.top, func(a Match, line uint64) int {
		if a.To.Line < line {
			return -1
		}
		return 1
	})
	for ; i < len(m.matches) && m.matches[i].From.Line < bottom; i++ {
		kind := Matched
		if i == m.current {
			kind = Current
		}
		f, t := m.matches[i].From, m.matches[i].To
		for n := max(f.Line, m.top); n <= t.Line && n < bottom; n++ {
			mark := Mark{Line: n, To: m.width, Kind: kind}
			if n == f.Line {
				mark.From = f.Column
			}
			if n == t.Line {
				mark.To = t.Column
			}
			marks = add(marks, mark)
		}
	}
	if m.selecting == Nothing {
		return m.top, marks
	}
	from, to := m.selected()
	for n := max(from.Line, m.top); n <= to.Line && n < bottom; n++ {
		mark := Mark{Line: n, To: m.width, Kind: Chosen}
		if m.selecting == Characters {
			if n == from.Line {
				mark.From = from.Column
			}
			if n == to.Line {
				mark.To = to.Column + m.widthAt(to)
			}
		}
		marks = add(marks, mark)
	}
	return m.top, marks
}

// add appends a mark that marks something.
func add(marks []Mark, m Mark) []Mark {
	if m.From >= m.To {
		return marks
	}
	return append(marks, m)
}

// widthAt is how many columns the character at p takes.
func (m *Mode) widthAt(p Point) int {
	for _, c := range m.text.Line(p.Line).Cells {
		if c.Column == p.Column {
			return c.Width
		}
	}
	return 1
}
