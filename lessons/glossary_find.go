package lessons

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TermAt is a term found in a text, from byte Start to End (exclusive).
type TermAt struct {
	Start, End int
	Term       *Term
}

// FindTerms returns the first use of each term in a text, in the order of the
// text. A longer term goes before one that is part of it: the second half of
// 就绪探针 is no 探针. English words are found whole, with or without a plural
// -s; those written with a capital ("Service") only with it.
func FindTerms(text string, terms []Term) []TermAt {
	type word struct {
		text string
		term int
	}
	var words []word
	for i := range terms {
		for _, w := range terms[i].words() {
			words = append(words, word{w, i})
		}
	}
	slices.SortStableFunc(words, func(a, b word) int { return cmp.Compare(len(b.text), len(a.text)) })
	exact := []byte(text)
	folded := foldASCII(text) // as long as text, byte by byte
	first := map[int]TermAt{}
	for _, w := range words {
		in, find := exact, w.text
		if !hasUpper(w.text) {
			in = folded
		}
		for from := 0; ; {
			start, end, ok := nextWord(in, find, from)
			if !ok {
				break
			}
			if at, known := first[w.term]; !known || start < at.Start {
				first[w.term] = TermAt{start, end, &terms[w.term]}
			}
			for i := start; i < end; i++ {
				exact[i], folded[i] = 0, 0 // no shorter word is found within
			}
			from = end
		}
	}
	found := make([]TermAt, 0, len(first))
	for _, at := range first {
		found = append(found, at)
	}
	slices.SortFunc(found, func(a, b TermAt) int { return cmp.Compare(a.Start, b.Start) })
	return found
}

// nextWord finds word in text from an offset on, as a whole word.
func nextWord(text []byte, word string, from int) (start, end int, ok bool) {
	for from < len(text) {
		i := bytes.Index(text[from:], []byte(word))
		if i < 0 {
			return 0, 0, false
		}
		start, end = from+i, from+i+len(word)
		if isASCIIWord(word[len(word)-1]) && end < len(text) && text[end] == 's' {
			end++
		}
		if wordEdge(text, start, word[0]) && wordEnd(text, end) {
			return start, end, true
		}
		from = start + 1
	}
	return 0, 0, false
}

func wordEdge(text []byte, start int, first byte) bool {
	return first >= utf8.RuneSelf || start == 0 || !isASCIIWord(text[start-1])
}

func wordEnd(text []byte, end int) bool {
	return text[end-1] >= utf8.RuneSelf || end == len(text) || !isASCIIWord(text[end])
}

// isASCIIWord reports whether c is part of an English word, or of a name: the
// proxy in kube-proxy is no word of its own.
func isASCIIWord(c byte) bool {
	return c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func hasUpper(s string) bool { return strings.ContainsFunc(s, unicode.IsUpper) }

// foldASCII returns the text with its ASCII capitals made small.
func foldASCII(s string) []byte {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}

// Term finds a term by any of its words, in any case, one or many of it; false
// when there is none.
func (c *Course) Term(word string) (Term, bool) {
	word = strings.ToLower(strings.TrimSpace(word))
	for _, t := range c.Glossary {
		for _, w := range t.words() {
			if w = strings.ToLower(w); w == word || w+"s" == word {
				return t, true
			}
		}
	}
	return Term{}, false
}

// Words lists every word of every term, for suggestions.
func (c *Course) Words() []string {
	var all []string
	for _, t := range c.Glossary {
		all = append(all, t.words()...)
	}
	return all
}
