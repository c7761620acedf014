package notes

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Mending says what was done to text that had been decoded wrongly and encoded
// again.
type Mending struct {
	Mended  int  // characters that were put back from their bytes
	Guessed int  // of these, characters of which a byte was lost
	Lost    int  // characters that could not be put back; U+FFFD stands for each
	Times   int  // how often the text had been through it
	GBK     bool // the text was GBK, otherwise UTF-8
}

// maxTimes is how many layers of damage are taken off.
const maxTimes = 4

// Mend puts back text that was UTF-8 and read as Windows-1252 or Latin-1, or GBK
// and read as Latin-1, before it was saved as UTF-8, also more than once. Each
// line is judged for itself, since notes are put together from many sources; a
// line without proof of damage stays as it is.
func Mend(text string) (string, Mending) {
	var all Mending
	for all.Times < maxTimes {
		mended, m := mendOnce(text)
		if m.Mended == 0 {
			break
		}
		all.Mended, all.Guessed, all.Lost = m.Mended, all.Guessed+m.Guessed, all.Lost+m.Lost
		all.GBK = all.GBK || m.GBK
		all.Times++
		text = mended
	}
	return text, all
}

func mendOnce(text string) (string, Mending) {
	var m Mending
	if !mayBeDamaged(text) {
		return text, m
	}
	lines := strings.SplitAfter(text, "\n")
	gbk := 0
	for i, line := range lines {
		if !mayBeDamaged(line) {
			continue
		}
		r := reader{text: []rune(line)}
		share := r.survey()
		if out, pairs, ok := mendGBK(line, 3); ok && (share < 0.8 || r.strong == 0) {
			lines[i] = out
			m.Mended += pairs
			m.GBK = true
			gbk++
			continue
		}
		if r.strong > 0 {
			lines[i] = r.mend(&m)
		}
	}
	if gbk >= 2 { // the file is GBK: its short lines are, too
		for i, line := range lines {
			if mayBeDamaged(line) {
				if out, pairs, ok := mendGBK(line, 1); ok {
					lines[i] = out
					m.Mended += pairs
				}
			}
		}
	}
	if m.Mended == 0 {
		return text, Mending{}
	}
	return strings.Join(lines, ""), m
}

// mayBeDamaged reports whether there is a character from 0xC2 to 0xFF, with one
// of which all damage begins: a byte 0xC3 in UTF-8, since 0xC2 has those below.
func mayBeDamaged(s string) bool {
	return strings.IndexByte(s, 0xc3) >= 0
}

// A reader reads a damaged line as the bytes that it once was.
type reader struct {
	text   []rune
	strong int // sequences that prove damage
}

// sequence is some characters that are the bytes of one.
type sequence struct {
	length int // characters it takes
	is     rune
	lossy  bool // a byte of it was lost
	lost   bool // and what it was cannot be told
}

// lengthAfter is how many bytes follow a leading byte of UTF-8; 0 for bytes that
// lead nothing.
func lengthAfter(c byte) int {
	switch {
	case c >= 0xc2 && c <= 0xdf:
		return 1
	case c >= 0xe0 && c <= 0xef:
		return 2
	case c >= 0xf0 && c <= 0xf4:
		return 3
	}
	return 0
}

// exact returns the sequence at i when all its bytes are there.
func (r *reader) exact(i int) (s sequence, raw [4]byte, ok bool) {
	lead, isByte := byteOf(r.text[i])
	n := lengthAfter(lead)
	if !isByte || n == 0 || i+n >= len(r.text) {
		return s, raw, false
	}
	raw[0] = lead
	for k := 1; k <= n; k++ {
		c, isByte := byteOf(r.text[i+k])
		if !isByte || c > 0xbf {
			return s, raw, false
		}
		raw[k] = c
	}
	is, size := utf8.DecodeRune(raw[:n+1])
	if size != n+1 {
		return s, raw, false
	}
	return sequence{length: n + 1, is: is}, raw, true
}

// survey counts what proves that the line is damaged, and returns the share of
// its characters beyond ASCII that such sequences explain.
func (r *reader) survey() (share float64) {
	high, explained, run := 0, 0, 0
	for i := 0; i < len(r.text); {
		if r.text[i] < 0x80 {
			i, run = i+1, 0
			continue
		}
		s, raw, ok := r.exact(i)
		if !ok {
			if r.openedQuote(i) {
				r.strong++
			}
			n := r.torn(i)
			if n > 0 {
				if run++; run > 1 { // two torn ones in a row are no accident
					r.strong++
				}
				high, explained, i = high+n, explained+n, i+n
				continue
			}
			high++
			i, run = i+1, 0
			continue
		}
		run++
		if r.proves(i, s, raw, run) {
			r.strong++
		}
		high += s.length
		explained += s.length
		i += s.length
	}
	if high == 0 {
		return 0
	}
	return float64(explained) / float64(high)
}

// torn returns the length of a sequence at i of which one byte is not there, if
// what is there of it is nothing that follows a letter; 0 otherwise.
func (r *reader) torn(i int) int {
	lead, isByte := byteOf(r.text[i])
	n := lengthAfter(lead)
	if !isByte || n < 2 || i+1 >= len(r.text) {
		return 0
	}
	odd := func(text []rune) bool {
		return slices.ContainsFunc(text, func(c rune) bool {
			b, isByte := byteOf(c)
			return isByte && b <= 0xbf && !usualAfterLetter(b)
		})
	}
	if !odd(r.text[i+1 : min(i+1+n, len(r.text))]) {
		return 0
	}
	if s, ok := r.broken(i, lead, n); ok && !s.lost && odd(r.text[i+1:i+s.length]) {
		return s.length
	}
	return 0
}

// openedQuote reports whether â€ stands at i: the first two bytes of curly quotes
// and dashes, which no language writes one after the other.
func (r *reader) openedQuote(i int) bool {
	return r.text[i] == 'â' && i+1 < len(r.text) && r.text[i+1] == '€'
}

// proves reports whether a sequence cannot be meant as it stands. run is how many
// sequences there are in a row, with this one.
func (r *reader) proves(i int, s sequence, raw [4]byte, run int) bool {
	if s.length == 2 && (raw[0] == 0xc3 || raw[0] == 0xc2) {
		return !usualAfterCapital(raw[1])
	}
	odd := 0
	for _, c := range raw[1:s.length] {
		if !usualAfterLetter(c) {
			odd++
		}
	}
	switch {
	case s.length == 2:
		// Greek and Cyrillic, which come in words; Ä£ alone may be anything.
		return run == 3
	case s.is == '\ufeff', r.openedQuote(i):
		return true
	case s.length == 4:
		return odd > 0 && s.is >= 0x1f000
	}
	if odd == 0 || !plausible(s.is) {
		return run == 3
	}
	within := i > 0 && isASCIILetter(r.text[i-1]) && i+s.length < len(r.text) && isASCIILetter(r.text[i+s.length])
	return !within || run > 1 || raw[0] == 0xe2
}

// plausible reports whether a character of three bytes is one that notes hold.
func plausible(r rune) bool {
	switch {
	case r >= 0x2010 && r <= 0x2bff, // marks, arrows, boxes, symbols
		r >= 0x3000 && r <= 0x30ff, // Chinese and Japanese marks, kana
		r >= 0x3400 && r <= 0x9fff, // ideographs
		r >= 0xac00 && r <= 0xd7a3, // Hangul
		r >= 0x1e00 && r <= 0x1fff, // Vietnamese, old Greek
		r >= 0x0900 && r <= 0x0eff, // scripts of South Asia
		r >= 0xfe00 && r <= 0xfffd:
		return true
	}
	return false
}

func isASCIILetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// mend puts the line back.
func (r *reader) mend(m *Mending) string {
	var b strings.Builder
	for i := 0; i < len(r.text); {
		s, ok := r.at(i)
		switch {
		case !ok:
			b.WriteRune(r.text[i])
			i++
			continue
		case s.lost:
			m.Lost++
		case s.lossy:
			m.Guessed++
			m.Mended++
		default:
			m.Mended++
		}
		b.WriteRune(s.is)
		i += s.length
	}
	return b.String()
}

// at returns the sequence at i, whole or not.
func (r *reader) at(i int) (sequence, bool) {
	if r.text[i] < 0x80 {
		return sequence{}, false
	}
	if s, _, ok := r.exact(i); ok {
		return s, true
	}
	lead, isByte := byteOf(r.text[i])
	n := lengthAfter(lead)
	if !isByte || n == 0 {
		return sequence{}, false
	}
	if n == 1 {
		return r.spaced(i, lead)
	}
	return r.broken(i, lead, n)
}

// spaced returns the sequence of two bytes at i whose second one, a no-break
// space, has become a space: the à of "voilÃ ".
func (r *reader) spaced(i int, lead byte) (sequence, bool) {
	if (lead == 0xc3 || lead == 0xc2) && i+1 < len(r.text) && r.text[i+1] == ' ' {
		return sequence{length: 2, is: rune(lead&0x1f)<<6 | 0x20}, true
	}
	return sequence{}, false
}

// The bytes that get lost: the holes of Windows-1252, and besides, where
// characters were dropped, the no-break space and the soft hyphen.
func holes() []byte   { return []byte{0x81, 0x8d, 0x8f, 0x90, 0x9d} }
func dropped() []byte { return append(holes(), 0xa0, 0xad) }

// broken returns the sequence of n+1 bytes at i of which some are not there.
func (r *reader) broken(i int, lead byte, n int) (sequence, bool) {
	known := []byte{lead}
	var gaps []int // which of known a mark stands for
	spaced := false
	k := i + 1
	for ; k < len(r.text) && len(known) <= n; k++ {
		c, isByte := byteOf(r.text[k])
		switch {
		case isByte && c <= 0xbf:
		case r.text[k] == utf8.RuneError, r.text[k] == '?' && len(gaps) == 0 && r.continues(k+1, n-len(known)):
			gaps = append(gaps, len(known))
			c = 0
		case r.text[k] == ' ' && !spaced && len(gaps) == 0 && r.continues(k+1, n-len(known)):
			spaced = true
			c = 0xa0
		default:
			c = 0xff
		}
		if c == 0xff {
			break
		}
		known = append(known, c)
	}
	whole := len(known) == n+1
	switch {
	case whole && len(gaps) == 0: // a space was a no-break space
		if is, size := utf8.DecodeRune(known); size == n+1 && (isEveryday(is) || commonRanks()[is] > 0 || !isHan(is)) {
			return sequence{length: n + 1, is: is}, true
		}
		if known[n] == 0xa0 && r.text[i+n] == ' ' { // it is a space; another byte was dropped
			return r.guess(known[:n], nil, n)
		}
		return sequence{}, false
	case whole && len(gaps) < n:
		return r.guess(known, gaps, n)
	case whole && len(gaps) == n && n == 2: // 名 is a leading byte and two holes
		return r.guess(known, gaps, n)
	case len(known) == n && len(gaps) == 0:
		return r.guess(known, nil, n)
	case len(known) >= 2:
		return sequence{length: k - i, is: utf8.RuneError, lost: true}, true
	}
	return sequence{}, false
}

// continues reports whether the want characters from k on are continuation
// bytes.
func (r *reader) continues(k, want int) bool {
	for ; want > 0; want, k = want-1, k+1 {
		if k >= len(r.text) {
			return false
		}
		if c, isByte := byteOf(r.text[k]); !isByte || c > 0xbf {
			return false
		}
	}
	return true
}

// guess finds the character of n+1 bytes that known gives with lost bytes put in
// at the gaps or, when there are none, one anywhere after the first.
func (r *reader) guess(known []byte, gaps []int, n int) (sequence, bool) {
	var candidates []rune
	try := func(raw []byte) {
		if is, size := utf8.DecodeRune(raw); size == n+1 && (plausible(is) || n == 3) && !slices.Contains(candidates, is) {
			candidates = append(candidates, is)
		}
	}
	var fill func(raw []byte, gaps []int)
	fill = func(raw []byte, gaps []int) {
		if len(gaps) == 0 {
			try(raw)
			return
		}
		for _, c := range holes() {
			raw[gaps[0]] = c
			fill(raw, gaps[1:])
		}
	}
	if len(gaps) > 0 {
		fill(slices.Clone(known), gaps)
	} else {
		for at := 1; at <= len(known); at++ {
			for _, c := range dropped() {
				try(slices.Insert(slices.Clone(known), at, c))
			}
		}
	}
	if is, ok := likeliest(candidates); ok {
		return sequence{length: len(known), is: is, lossy: true}, true
	}
	return sequence{length: len(known), is: utf8.RuneError, lost: true}, true
}
