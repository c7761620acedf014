package vt

import (
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// maxCluster bounds the bytes of one cell's text.
const maxCluster = 64

const zeroWidthJoiner = 0x200d

// printASCII prints bytes 0x20 to 0x7e, a run at a time where nothing asks for
// more care.
func (t *Terminal) printASCII(b []byte) {
	c := &t.screen.cursor
	if t.marks.output.on && t.screen == &t.main {
		t.marks.output.ascii(b)
	}
	if t.insert || c.charsets[c.active] == '0' || c.single != 0 || !t.modes[ModeAutoWrap] {
		for _, ch := range b {
			t.put(rune(ch))
		}
		return
	}
	for len(b) > 0 {
		if c.wrap {
			t.wrapLine()
		}
		cells := t.screen.rows[c.y].cells
		n := min(len(b), t.width-c.x)
		split(cells, c.x)
		split(cells, c.x+n)
		for i, ch := range b[:n] {
			cells[c.x+i] = cell{r: rune(ch), style: t.pen, width: 1}
		}
		t.last = last{x: c.x + n - 1, y: c.y, valid: true, r: rune(b[n-1])}
		t.advance(n)
		b = b[n:]
	}
}

// print takes one character of any kind.
func (t *Terminal) print(r rune) {
	if t.marks.output.on && t.screen == &t.main && (r < 0x80 || r >= 0xa0) {
		t.marks.output.character(r)
	}
	t.put(r)
}

// put puts one character at the cursor, or adds it to the one before.
func (t *Terminal) put(r rune) {
	c := &t.screen.cursor
	if r < 0x80 {
		r = t.mapCharset(r)
	} else if r < 0xa0 {
		t.c1(r)
		return
	}
	w := runeWidth(r)
	if w == 0 && reorders(r) {
		return
	}
	if t.last.valid && t.joins(r, w) {
		t.extend(r)
		return
	}
	if w == 0 {
		return // nothing to join
	}
	if c.wrap && t.modes[ModeAutoWrap] {
		t.wrapLine()
	}
	if c.x+w > t.width {
		if t.modes[ModeAutoWrap] {
			// A wide character that does not fit leaves the last column empty.
			cells := t.screen.rows[c.y].cells
			split(cells, c.x)
			cells[c.x] = cell{width: 1, style: cells[c.x].style, pad: true}
			t.wrapLine()
		} else {
			c.x = t.width - w
		}
	}
	if t.insert {
		t.insertCells(w)
	}
	cells := t.screen.rows[c.y].cells
	split(cells, c.x)
	split(cells, c.x+w)
	cells[c.x] = cell{r: r, style: t.pen, width: uint8(w)}
	if w == 2 {
		cells[c.x+1] = cell{style: t.pen}
	}
	t.last = last{x: c.x, y: c.y, valid: true, r: r}
	t.advance(w)
}

// advance moves the cursor right over n printed columns.
func (t *Terminal) advance(n int) {
	c := &t.screen.cursor
	c.x += n
	c.wrap = false
	if c.x >= t.width {
		c.x = t.width - 1
		c.wrap = t.modes[ModeAutoWrap]
	}
}

func (t *Terminal) wrapLine() {
	c := &t.screen.cursor
	t.screen.rows[c.y].wrapped = true
	c.x = 0
	t.index()
}

// joins reports whether r, w columns wide, belongs to the character before it.
func (t *Terminal) joins(r rune, w int) bool {
	if w == 0 || t.last.join && r >= 0x80 {
		return true
	}
	return t.lastIsWide() && isSkinTone(r) || isFlagLetter(r) && isFlagLetter(t.last.r)
}

func (t *Terminal) lastIsWide() bool {
	return t.screen.rows[t.last.y].cells[t.last.x].width == 2
}

// extend adds a rune to the cluster in the cell printed last. The cell can
// become wide by that: by a variation selector, or by the second letter of a flag.
func (t *Terminal) extend(r rune) {
	cells := t.screen.rows[t.last.y].cells
	cl := &cells[t.last.x]
	str := t.cellText(cl) + string(r)
	t.last.join = r == zeroWidthJoiner && cl.width == 2
	if isFlagLetter(r) {
		t.last.r = 0
	}
	if len(str) > maxCluster {
		return
	}
	cl.cluster = t.clusters.intern(str)
	c := &t.screen.cursor
	next := t.last.x + 1
	if cl.width == 1 && next < t.width && c.x == next && !c.wrap && displaywidth.String(str) == 2 {
		split(cells, next+1)
		cl.width = 2
		cells[next] = cell{style: cl.style}
		t.advance(1)
	}
}

// runeWidth returns the columns a character takes: 0, 1 or 2.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case r >= 0x4e00 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3, r >= 0x3041 && r <= 0x30ff:
		return 2
	}
	return displaywidth.Rune(r)
}

// reorders reports whether r would change the layout of text around it.
func reorders(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) || r == 0x2028 || r == 0x2029
}

func isFlagLetter(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

func isSkinTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

// mapCharset translates an ASCII character by the charset in use.
func (t *Terminal) mapCharset(r rune) rune {
	c := &t.screen.cursor
	set := c.charsets[c.active]
	if c.single != 0 {
		set = c.charsets[c.single]
		c.single = 0
	}
	if set != '0' || r < '`' || r > '~' {
		return r
	}
	return lineDrawing[r-'`']
}

// lineDrawing is the DEC special graphics set, from '`' to '~'.
var lineDrawing = [...]rune{
	'◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺',
	'⎻', '─', '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
}
