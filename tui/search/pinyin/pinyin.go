// Package pinyin tells how Chinese characters are read, without tones, so that
// Chinese names can be found by typing Latin letters.
//
// It knows the 8,105 characters of the Table of General Standard Chinese
// Characters (2013) with the readings of the dictionary made for it, as Unicode's
// Unihan database 15.0 has them (properties kTGHZ2013 and kHanyuPinlu; Unicode
// License v3, https://www.unicode.org/license.txt). A character of several
// readings has one only in a word that is listed in words.txt.
//
// It must not import anything of the program.
package pinyin

import (
	_ "embed"
	"strings"
)

//go:generate sh -c "go run ./generate Unihan_Readings.txt >readings.txt"

//go:embed readings.txt
var readings string

//go:embed words.txt
var words string

// Table is what is known of characters. It is never changed once made.
type Table struct {
	chars map[rune][]string
	// words are keyed by their first character.
	words map[rune][]word
}

type word struct {
	chars     []rune
	syllables []string
}

// New reads the table: about a millisecond, so not at the start of a program.
func New() *Table {
	t := &Table{chars: make(map[rune][]string, 8200), words: map[rune][]word{}}
	for line := range strings.Lines(readings) {
		syllable, chars, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		for _, c := range chars {
			t.chars[c] = append(t.chars[c], syllable)
		}
	}
	for line := range strings.Lines(words) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		w := word{[]rune(fields[0]), fields[1:]}
		t.words[w.chars[0]] = append(t.words[w.chars[0]], w)
	}
	return t
}

// Read returns the readings of each character of a text, in the order of the
// alphabet; none of what is not Chinese, or not known. The readings are shared and must
// not be changed.
func (t *Table) Read(text []rune) [][]string {
	out := make([][]string, len(text))
	for i := 0; i < len(text); {
		if w, ok := t.word(text[i:]); ok {
			for j, syllable := range w.syllables {
				out[i+j] = []string{syllable}
			}
			i += len(w.chars)
			continue
		}
		out[i] = t.chars[text[i]]
		i++
	}
	return out
}

// word returns the longest known word that a text begins with.
func (t *Table) word(text []rune) (longest word, ok bool) {
	for _, w := range t.words[text[0]] {
		if len(w.chars) > len(longest.chars) && len(w.chars) <= len(text) && string(text[:len(w.chars)]) == string(w.chars) {
			longest, ok = w, true
		}
	}
	return longest, ok
}
