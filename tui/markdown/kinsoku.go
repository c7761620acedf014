package markdown

import (
	"strings"
	"unicode"
)

// class is what line breaking needs to know of a character.
type class uint8

const (
	classWord  class = iota // Latin letters, digits and other narrow text
	classSpace              // a line may end after it; it vanishes there
	classWide               // ideographs, kana, Hangul, emoji: a line may end on either side
	classOpen               // （「《“ ( [: never at the end of a line
	classClose              // ）」》” 。，、！？ ) ] , .: never at the start of a line
	classJoin               // / - _ = &: may follow an ideograph, but not start a line before one
	classGlue               // no-break space: no break on either side
	classCode               // inline code: breaks at spaces only
	classBreak              // a hard line break; has no text
)

// classify returns the class of a cluster of width w that starts with r. The
// lists of marks are those of the Chinese (GB/T 15834, CLREQ) and Japanese
// (JIS X 4051) rules, with their narrow counterparts.
func classify(r rune, w int) class {
	switch r {
	case ' ', '\t', '\u3000', '\u200b', '\u2002', '\u2003', '\u2009':
		return classSpace
	case '/', '-', '_', '=', '&':
		return classJoin
	case ',', '.', ';', ':', '!', '?', ')', ']', '}', '>', '%', '»', '›',
		'。', '，', '、', '；', '：', '？', '！', '…', '—', '～', '·', '．', '・', '〜', '‥', '％', '‰', '℃',
		'）', '］', '｝', '〕', '〉', '》', '」', '』', '】', '〗', '〙', '〞', '’', '”',
		'々', 'ー', 'ぁ', 'ぃ', 'ぅ', 'ぇ', 'ぉ', 'っ', 'ゃ', 'ゅ', 'ょ', 'ゎ',
		'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ッ', 'ャ', 'ュ', 'ョ', 'ヮ', 'ヵ', 'ヶ':
		return classClose
	case '(', '[', '{', '<', '«', '‹', '$', '£', '¥',
		'（', '［', '｛', '〔', '〈', '《', '「', '『', '【', '〖', '〘', '〝', '‘', '“', '￥', '＄', '￡', '＃', '＠':
		return classOpen
	case '\u00a0', '\u202f':
		return classGlue
	}
	if w >= 2 {
		return classWide
	}
	return classWord
}

// disarm returns s without what could do harm on a terminal or mislead a
// reader: tabs and separators become spaces, control characters and invalid
// bytes U+FFFD; marks that reorder or hide text, which have no business in a
// lesson, and soft hyphens are dropped.
func disarm(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case isControl(r):
			return '\uFFFD'
		case isDropped(r):
			return -1
		}
		return r
	}, s)
}

// isControl reports whether r could act on a terminal: C0, DEL and C1.
func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r <= 0x9f
}

func isDropped(r rune) bool {
	switch {
	case r == 0xad, r == 0x61c, r == 0x200e, r == 0x200f, r == 0xfeff,
		r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true
	}
	return false
}

// isEastAsian reports whether a soft line break next to r may be dropped: r is
// wide, or one of the narrow marks that Chinese text shares with Latin text.
// Korean is written with spaces between words and keeps them, and emoji (U+1Fxxx)
// might otherwise become one.
func isEastAsian(r rune, w int) bool {
	switch r {
	case '“', '”', '‘', '’', '…', '—', '·':
		return true
	}
	return w == 2 && !unicode.Is(unicode.Hangul, r) && (r < 0x1f000 || r >= 0x20000)
}

// isWideMark reports whether r is a full-width punctuation mark. Half of its
// cell is blank already, so that no space is wanted beside it.
func isWideMark(r rune, w int) bool {
	if w != 2 {
		return false
	}
	c := classify(r, w)
	return (c == classClose || c == classOpen) && unicode.IsPunct(r)
}

// canBreak reports whether a line may end after atom i and the next one start
// with the atom after it.
func (p *paragraph) canBreak(i int) bool {
	a, b := &p.atoms[i], &p.atoms[i+1]
	switch b.class {
	case classSpace, classClose, classGlue, classBreak:
		return false
	}
	switch a.class {
	case classSpace:
		// An opening mark takes the spaces after it along.
		j := i
		for j >= 0 && p.atoms[j].class == classSpace {
			j--
		}
		return j < 0 || p.atoms[j].class != classOpen
	case classOpen, classGlue:
		return false
	}
	next := func(c class) bool { return i+2 < len(p.atoms) && p.atoms[i+2].class == c }
	switch {
	case a.class == classCode && b.class == classCode:
		return false
	case b.class == classJoin:
		// 请求/响应 breaks after the slash; 目录/etc before it.
		return a.class == classWide && !next(classWide)
	case a.class == classWide, b.class == classWide:
		return true
	case a.class == classClose && a.width == 2, b.class == classOpen && b.width == 2:
		return true
	case a.class == classClose && p.isCurly(i) && b.class != classJoin:
		// “你好”kubectl: Chinese quotes are narrow, and no space follows them.
		return i > 0 && p.atoms[i-1].width == 2
	case b.class == classOpen && p.isCurly(i+1):
		return next(classWide)
	}
	return false
}

// isCurly reports whether atom i is a mark outside ASCII: one of those that
// Chinese text uses although they are narrow.
func (p *paragraph) isCurly(i int) bool {
	return p.buf[p.atoms[i].offset] >= 0x80
}
