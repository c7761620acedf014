package markdown

import (
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// atom is one grapheme cluster of a paragraph.
type atom struct {
	offset uint32 // where its text begins in the buffer; the next atom's offset ends it
	style  uint32 // index in paragraph.styles
	width  uint8  // in cells
	class  class
	join   bool // a word too long for its line may be torn after it
}

// paragraph is text ready for line breaking. All its text is in one buffer, so
// that a span is a piece of one string. A paragraph can be reset and used again.
type paragraph struct {
	buf      []byte
	atoms    []atom
	styles   []Style
	segments []segment

	softBreak bool // the source line ended: a space, unless ideographs meet
	quoted    bool // an ASCII quotation mark is open
}

func (p *paragraph) reset() {
	p.buf, p.atoms, p.styles = p.buf[:0], p.atoms[:0], p.styles[:0]
	p.softBreak, p.quoted = false, false
}

// width returns the width of everything in the paragraph, ignoring line breaks.
func (p *paragraph) width() int {
	w := 0
	for i := range p.atoms {
		w += int(p.atoms[i].width)
	}
	return w
}

// styleIndex returns the index of st, which is most often the last one used.
func (p *paragraph) styleIndex(st Style) uint32 {
	if n := len(p.styles); n == 0 || p.styles[n-1] != st {
		p.styles = append(p.styles, st)
	}
	return uint32(len(p.styles) - 1)
}

// breakLine ends the line here.
func (p *paragraph) breakLine() {
	p.softBreak = false
	p.atoms = append(p.atoms, atom{offset: uint32(len(p.buf)), class: classBreak})
}

// text adds flowing text.
func (p *paragraph) text(s string, st Style) { p.add(s, st, false) }

// code adds inline code, which breaks at spaces only.
func (p *paragraph) code(s string, st Style) { p.add(s, st, true) }

func (p *paragraph) add(s string, st Style, code bool) {
	if s == "" {
		return
	}
	style := p.styleIndex(st)
	s = p.rejoin(disarm(s))
	for len(s) > 0 {
		size, width := cluster(s)
		p.addCluster(s[:size], s[size:], width, style, code)
		s = s[size:]
	}
}

// rejoin takes back the last cluster if s goes on with it, as an accent does or
// the second half of a flag, and returns s with it in front. The source's text
// arrives in pieces.
func (p *paragraph) rejoin(s string) string {
	n := len(p.atoms)
	if n == 0 || s == "" || p.softBreak {
		return s
	}
	last := string(p.buf[p.atoms[n-1].offset:])
	if last == "" || len(last) == 1 && s[0] < utf8.RuneSelf {
		return s
	}
	first, _ := cluster(s)
	if size, _ := cluster(last + s[:first]); size == len(last) {
		return s
	}
	p.buf = p.buf[:p.atoms[n-1].offset]
	p.atoms = p.atoms[:n-1]
	return last + s
}

// addCluster adds one grapheme cluster; after is the text that follows it.
func (p *paragraph) addCluster(g, after string, width int, style uint32, code bool) {
	r, _ := utf8.DecodeRuneInString(g)
	if r == '\u200b' {
		p.addZeroWidthSpace(after, style)
		return
	}
	if width == 0 {
		return // a mark with nothing to stand on
	}
	p.resolveSoftBreak(r, width, style)
	a := atom{offset: uint32(len(p.buf)), style: style, width: uint8(width), class: classify(r, width)}
	a.join = joins(r, after)
	switch {
	case a.class == classSpace && len(g) > utf8.RuneLen(r):
		a.class = classWord // a space that carries an accent is seen
	case a.class == classSpace || a.class == classGlue:
	case code:
		a.class = classCode
	case r == '"':
		a.class, p.quoted = classOpen, !p.quoted
		if !p.quoted {
			a.class = classClose
		}
	case a.class == classClose && p.startsWord(r, after):
		a.class = classWord
	}
	p.buf = append(p.buf, g...)
	p.atoms = append(p.atoms, a)
}

// addZeroWidthSpace adds a place to break that has no text. Only in ASCII: there
// is always one beside an ideograph, and elsewhere what it separates might
// become one cluster without it.
func (p *paragraph) addZeroWidthSpace(after string, style uint32) {
	n := len(p.buf)
	if n == 0 || p.buf[n-1] >= utf8.RuneSelf || after == "" || after[0] >= utf8.RuneSelf {
		return
	}
	p.atoms = append(p.atoms, atom{offset: uint32(n), style: style, class: classSpace})
}

// joins reports whether a word too long for its line may be torn after r: at
// the punctuation of paths, addresses and flags, and between the words of a
// camelCase name.
func joins(r rune, after string) bool {
	switch r {
	case '/', '-', '_', '=', '&', '.', ':', ',':
		return true
	}
	return r >= 'a' && r <= 'z' && after != "" && after[0] >= 'A' && after[0] <= 'Z'
}

// startsWord tells the marks that belong to the word after them from those that
// close the one before: the dot of .spec, the colon of :8080, the apostrophe of
// don’t.
func (p *paragraph) startsWord(r rune, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	if next >= 0x250 || !unicode.IsLetter(next) && !unicode.IsDigit(next) {
		return false
	}
	prev := classSpace
	if n := len(p.atoms); n > 0 {
		prev = p.atoms[n-1].class
	}
	switch r {
	case '.', ':':
		return prev == classSpace || prev == classOpen || prev == classBreak
	case '’':
		return prev == classWord
	}
	return false
}

// resolveSoftBreak puts a space for a line end of the source, unless r and the
// text before it meet as they would within a Chinese sentence (CSS Text, 4.1.3).
func (p *paragraph) resolveSoftBreak(r rune, width int, style uint32) {
	if !p.softBreak {
		return
	}
	p.softBreak = false
	n := len(p.atoms)
	if n == 0 || r == ' ' {
		return
	}
	last := p.atoms[n-1]
	if last.class == classSpace || last.class == classBreak {
		return
	}
	prev, _ := utf8.DecodeRune(p.buf[last.offset:])
	w := int(last.width)
	switch {
	case isWideMark(prev, w), isWideMark(r, width):
		return
	case isEastAsian(prev, w) && isEastAsian(r, width) && (w == 2 || width == 2):
		return
	}
	p.atoms = append(p.atoms, atom{offset: uint32(len(p.buf)), style: style, width: 1, class: classSpace})
	p.buf = append(p.buf, ' ')
}

// cluster returns the size in bytes and the width in cells of the grapheme
// cluster at the start of s. ASCII and plain ideographs, nearly all of a
// lesson, are decided without the segmentation tables.
func cluster(s string) (size, width int) {
	switch {
	case s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf):
		return 1, 1
	case len(s) >= 3 && isPlainWide(s) && (len(s) == 3 || s[3] < utf8.RuneSelf || isPlainWide(s[3:])):
		return 3, 2
	}
	it := graphemes.FromString(s)
	if !it.Next() {
		return len(s), 0
	}
	g := it.Value()
	return len(g), drawnWidth(g)
}

// isPlainWide reports whether s starts with a CJK ideograph (U+4E00 to U+9FFF)
// or one of the full-width marks 、 to 】 and ！ to ～: two cells wide and never
// part of a longer cluster unless followed by a mark.
func isPlainWide(s string) bool {
	if len(s) < 3 {
		return false
	}
	switch b := s[0]; {
	case b == 0xe4:
		return s[1] >= 0xb8
	case b > 0xe4 && b <= 0xe9:
		return true
	case b == 0xe3:
		return s[1] == 0x80 && s[2] >= 0x81 && s[2] <= 0x91
	case b == 0xef:
		return s[1] == 0xbc && s[2] >= 0x81 || s[1] == 0xbd && s[2] <= 0x9e
	}
	return false
}

// spans appends the spans of a line to dst. text is the paragraph's buffer as a
// string.
func (p *paragraph) spans(dst []Span, text string, seg segment) []Span {
	for i := seg.start; i < seg.end; {
		style, width := p.atoms[i].style, 0
		j := i
		for ; j < seg.end && p.atoms[j].style == style; j++ {
			width += int(p.atoms[j].width)
		}
		end := len(text)
		if j < len(p.atoms) {
			end = int(p.atoms[j].offset)
		}
		dst = append(dst, Span{Text: text[p.atoms[i].offset:end], Width: width, Style: p.styles[style]})
		i = j
	}
	return dst
}
