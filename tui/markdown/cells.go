package markdown

import (
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

const (
	zeroWidthJoiner = 0x200d
	skinTones       = 0x1f3fb // to U+1F3FF
	flagLetters     = 0x1f1e6 // to U+1F1FF
)

// FirstCluster returns the size in bytes and the width in cells of the grapheme
// cluster at the start of s, which is not empty and holds no control character.
func FirstCluster(s string) (size, width int) { return cluster(s) }

// drawnWidth is how many cells terminals take for a grapheme cluster. They know
// less of clusters than Unicode does: a mark without width joins the character
// before it, emoji join as flags, with skin tones and by joiners, and all else
// takes cells of its own: the vowel signs of Thai and Devanagari that have a
// width, or a Hangul syllable written in its parts. tmux, xterm and our own
// emulator agree in this.
func drawnWidth(g string) int {
	if _, size := utf8.DecodeRuneInString(g); size == len(g) {
		return displaywidth.String(g)
	}
	total, width := 0, 0 // of the cells before, and of the one being put together
	start, joined := 0, false
	var last rune
	for i, r := range g {
		w := displaywidth.Rune(r)
		switch {
		case i == 0:
			width = w
		case w == 0, joined && r >= utf8.RuneSelf, width == 2 && within(r, skinTones, 5), within(r, flagLetters, 26) && within(last, flagLetters, 26):
			if width == 1 && displaywidth.String(g[start:i+utf8.RuneLen(r)]) == 2 {
				width = 2
			}
			joined = r == zeroWidthJoiner && width == 2
			if within(r, flagLetters, 26) {
				r = 0
			}
		default:
			total, width, start, joined = total+width, w, i, false
		}
		last = r
	}
	return total + width
}

func within(r, first rune, n rune) bool { return r >= first && r < first+n }
