package vt

import (
	"encoding/binary"
	"unicode/utf8"
)

// packed is a row in as few bytes as its text takes, instead of 16 for each cell:
// ten thousand lines of scrollback would fill 20 MB of a learner's machine.
//
// ASCII characters stand for themselves, in the style told last; the codes below
// begin everything else. The right half of a wide character is not written: it
// has the style of the left one and nothing else.
type packed struct {
	data    []byte
	wrapped bool
}

// The codes, each followed by what is said of it.
const (
	codeStyle   = 1 // number of the style of what follows
	codeWide    = 2 // a wide character, in UTF-8
	codeNarrow  = 3 // a narrow one beyond ASCII, in UTF-8
	codeCluster = 4 // width, first character in UTF-8, number of the cluster
	codeEmpty   = 5 // nothing was printed here
	codePad     = 6 // left blank because a wide character did not fit
)

// pack appends cells to b.
func pack(b []byte, cells []cell) []byte {
	style := uint32(0)
	for i := range cells {
		c := &cells[i]
		if c.width == 0 {
			continue
		}
		if c.style != style {
			style = c.style
			b = binary.AppendUvarint(append(b, codeStyle), uint64(style))
		}
		switch {
		case c.pad:
			b = append(b, codePad)
		case c.cluster != 0:
			b = utf8.AppendRune(append(b, codeCluster, c.width), c.r)
			b = binary.AppendUvarint(b, uint64(c.cluster))
		case c.r == 0:
			b = append(b, codeEmpty)
		case c.width == 2:
			b = utf8.AppendRune(append(b, codeWide), c.r)
		case c.r >= ' ' && c.r < utf8.RuneSelf:
			b = append(b, byte(c.r))
		default:
			b = utf8.AppendRune(append(b, codeNarrow), c.r)
		}
	}
	return b
}

// unpack appends the cells of a row to cells.
func (p packed) unpack(cells []cell) []cell {
	style := uint32(0)
	char := func(b []byte, width uint8) ([]byte, *cell) {
		r, n := utf8.DecodeRune(b)
		cells = append(cells, cell{r: r, style: style, width: width})
		at := len(cells) - 1
		if width == 2 {
			cells = append(cells, cell{style: style})
		}
		return b[n:], &cells[at]
	}
	number := func(b []byte) ([]byte, uint32) {
		v, n := binary.Uvarint(b)
		return b[n:], uint32(v)
	}
	for b := p.data; len(b) > 0; {
		code := b[0]
		b = b[1:]
		switch code {
		case codeStyle:
			b, style = number(b)
		case codeWide:
			b, _ = char(b, 2)
		case codeNarrow:
			b, _ = char(b, 1)
		case codeCluster:
			var c *cell
			b, c = char(b[1:], b[0])
			b, c.cluster = number(b)
		case codeEmpty, codePad:
			cells = append(cells, cell{style: style, width: 1, pad: code == codePad})
		default:
			cells = append(cells, cell{r: rune(code), style: style, width: 1})
		}
	}
	return cells
}
