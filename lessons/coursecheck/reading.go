package coursecheck

import (
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/k8stutor/k8stutor/lessons"
)

// How fast technical text is read, a minute. English: about the 238 words of
// silent reading that Brysbaert's review found (2019), less a fifth for text
// that is learned from; Chinese: about 260 words or 400 characters, likewise.
const (
	wordsPerMinute      = 190
	charactersPerMinute = 320
	codeLinesPerMinute  = 20
)

// longestPage is how many minutes of reading a page may take before learners
// stop: with no step between, nothing is tried out.
const longestPage = 5

// minutes is how long a section takes to read.
func (d *document) minutes(s section) float64 {
	words, characters := 0, 0
	for _, p := range d.paragraphs(s) {
		w, h := count(p.all)
		words, characters = words+w, characters+h
	}
	lines := 0
	for _, b := range d.code(s) {
		lines += strings.Count(strings.TrimSpace(b.text), "\n") + 1
	}
	return float64(words)/wordsPerMinute + float64(characters)/charactersPerMinute + float64(lines)/codeLinesPerMinute
}

// count counts the words of a text, and the characters of Chinese in it.
func count(s string) (words, characters int) {
	inWord := false
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			characters++
			inWord = false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !inWord {
				words++
			}
			inWord = true
		case unicode.IsSpace(r) || unicode.Is(unicode.Po, r) && r > unicode.MaxLatin1:
			inWord = false
		}
	}
	return words, characters
}

// reading reports pages that are too long.
func (c *checker) reading(d *document, pages []string) {
	for _, s := range d.sections {
		if m := d.minutes(s); slices.Contains(pages, s.id) && m > longestPage {
			c.add(lessons.Position{File: d.file, Line: s.line}, Warning, "reading-time", say("the page {#%s} takes about %.1f minutes to read", "页面 {#%s} 大约要读 %.1f 分钟", s.id, m),
				say("at most %d minutes; make two pages of it", "不超过 %d 分钟；可以拆成两页", longestPage))
		}
	}
}

// sameLength reports a section that is much longer in one language.
func (c *checker) sameLength(pos lessons.Position, id string, here, there float64, other lessons.Position) {
	if long, short := max(here, there), min(here, there); long > 2*short && long-short > 1 {
		c.add(pos, Warning, "languages-length", say("{#%s} takes %.1f minutes to read here and %.1f at %s", "{#%s} 在这里要读 %.1f 分钟，在 %[4]s 要读 %.1[3]f 分钟", id, here, there, other.String()),
			say("about the same in both languages", "两种语言大致相同"))
	}
}

// minutes reports a lesson that says it is shorter than its pages take to read.
func (c *checker) minutes(file string, n *yaml.Node, docs map[lessons.Lang]*document) {
	if n == nil {
		return
	}
	told, err := strconv.Atoi(n.Value)
	if err != nil {
		return // the loader says so
	}
	for _, d := range docs {
		total := 0.0
		for _, s := range d.sections {
			if !strings.Contains(s.id, ".") { // pages, goals and questions, but no hints
				total += d.minutes(s)
			}
		}
		if need := int(math.Ceil(total)); need > told {
			c.add(lessons.Position{File: file, Line: n.Line}, Warning, "minutes", say("minutes is %d, and reading %s alone takes about %d", "minutes 是 %d，而光读 %s 就要大约 %d 分钟", told, path.Base(d.file), need),
				say("the time for reading and for doing", "阅读加动手的时间"))
			return
		}
	}
}
