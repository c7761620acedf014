package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// text is a page's text made ready. Both strings are equally long, so that a
// place in one is the same in the other.
type text struct{ shown, folded string }

func newText(markdown string) text {
	shown := plain(markdown)
	return text{shown, strings.Map(foldKeepingLength, shown)}
}

// foldKeepingLength folds a letter unless the folded one has more or fewer bytes,
// as some outside of ASCII have.
func foldKeepingLength(r rune) rune {
	if f := fold(r); utf8.RuneLen(f) == utf8.RuneLen(r) {
		return f
	}
	return r
}

// marks is Markdown's that would only be in the way of a snippet. What is left
// of a link is its text and its address.
var marks = strings.NewReplacer("**", "", "`", "", "](", " (", "[!", "", "[", "")

// plain takes the marks of Markdown off, line by line.
func plain(markdown string) string {
	var b strings.Builder
	for line := range strings.Lines(markdown) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(strings.TrimLeft(line, " "), "```") {
			continue
		}
		b.WriteString(strings.TrimSpace(strings.TrimLeft(marks.Replace(line), "#> ")))
		b.WriteByte('\n')
	}
	return b.String()
}

// inTexts finds the entries whose text in one language holds all terms, those
// first in which they stand closest to the beginning of a line.
func inTexts(terms [][]rune, indexes []*Index) []Result {
	letters := 0
	words := make([]string, len(terms))
	for i, t := range terms {
		words[i] = strings.Map(foldKeepingLength, string(t))
		for _, r := range t {
			if letters++; unicode.Is(unicode.Han, r) {
				letters++ // a character says as much as two letters
			}
		}
	}
	if letters < 2 {
		return nil
	}
	// The longest is looked for first: it is the rarest.
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	var found []Result
	for _, ix := range indexes {
		for i := range ix.entries {
			e := &ix.entries[i]
			for n, t := range e.texts {
				if at, ok := t.find(words); ok {
					r := Result{Entry: e.Entry, Kind: Text, Name: n}
					r.Snippet, r.Marks = t.snippet(at, words)
					found = append(found, r)
					break
				}
			}
			if len(found) == maxInText {
				return found
			}
		}
	}
	return found
}

// find returns where the first of the words stands, if all of them do.
func (t text) find(words []string) (at int, ok bool) {
	for i := len(words) - 1; i >= 0; i-- {
		if at = strings.Index(t.folded, words[i]); at < 0 {
			return 0, false
		}
	}
	return at, true
}

// How much of a line a snippet shows, in bytes before what was found and in all.
const (
	snippetBefore = 36
	snippetMost   = 240
)

// snippet returns the line around a place, cut before it when the place is far
// into the line, and where the words stand in it.
func (t text) snippet(at int, words []string) (string, []Span) {
	from := strings.LastIndexByte(t.folded[:at], '\n') + 1
	to := len(t.folded)
	if n := strings.IndexByte(t.folded[at:], '\n'); n >= 0 {
		to = at + n
	}
	lead := ""
	if at-from > snippetBefore {
		lead = "… "
		from = at - snippetBefore
		for !utf8.RuneStart(t.shown[from]) {
			from++
		}
		if blank := strings.IndexByte(t.shown[from:at], ' '); blank >= 0 && blank < snippetBefore/3 {
			from += blank + 1 // not in the middle of a word
		}
	}
	if to-from > snippetMost {
		to = max(at, from+snippetMost)
		for !utf8.RuneStart(t.shown[to]) {
			to--
		}
	}
	line := t.folded[from:to]
	var marks []Span
	for _, w := range words {
		for pos := 0; ; {
			n := strings.Index(line[pos:], w)
			if n < 0 {
				break
			}
			marks = append(marks, Span{len(lead) + pos + n, len(lead) + pos + n + len(w)})
			pos += n + len(w)
		}
	}
	slices.SortFunc(marks, func(a, b Span) int { return a.From - b.From })
	var apart []Span
	for _, m := range marks {
		if len(apart) > 0 && m.From <= apart[len(apart)-1].To {
			apart[len(apart)-1].To = max(apart[len(apart)-1].To, m.To)
			continue
		}
		apart = append(apart, m)
	}
	return lead + t.shown[from:to], apart
}
