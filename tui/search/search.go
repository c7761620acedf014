// Package search finds what a learner types a part of: lessons, pages, steps,
// questions, terms and commands by their names, and pages by their text.
//
// A name is found in every language it has, by letters in their order that need
// not stand together ("dply" finds Deployment), by pinyin or its initials
// ("fuwu", "fw" find 服务), and, when nothing else is found, with a letter or two
// wrong. Package github.com/sahilm/fuzzy v0.1.3 was tried first: it ranks names as
// well as this (19 of 22 queries of TestRanking that need no pinyin), but pinyin
// has to be matched in the same pass as letters ("cjdep" finds 创建一个
// Deployment), and it knows neither words out of order nor wrong letters.
//
// It promises that an Index is never changed once made and that the same query
// finds the same. It knows nothing of screens and must not import package tui.
package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/k8stutor/k8stutor/tui/search/pinyin"
)

// Kind says what an entry is. Among equally good entries the order is that of
// the kinds.
type Kind int

// The kinds of entries. Text is that of a result: a page found by its text.
const (
	Command Kind = iota
	Lesson
	Page
	Step
	Question
	Term
	Text
)

// Entry is something that can be found and gone to.
type Entry struct {
	Kind Kind
	// ID is the same in every language and every run: choices are remembered
	// by it.
	ID string
	// Names are the entry's name in each language, the one that is shown first;
	// an empty one is left out.
	Names []string
	// Within names what the entry is a part of, in each language. It is found by
	// these too, but less so.
	Within []string
	// Texts are what is written there, in each language, as Markdown.
	Texts []string
	// Value is the caller's own.
	Value any
}

// Result is an entry that was found.
type Result struct {
	*Entry
	// Kind is Text for a page that was found by its text.
	Kind Kind
	// Name is the number of the name that was found; -1 for none of them.
	Name int
	// Marks are the bytes of that name, or of Snippet, that match.
	Marks []Span
	// Snippet is a line of the text around what was found there.
	Snippet string
	score   int
}

// Span is a range of bytes.
type Span struct{ From, To int }

// Index is what can be found.
type Index struct{ entries []entry }

// entry is an Entry made ready.
type entry struct {
	*Entry
	names  []*name // as many as Names; nil for empty ones
	within []*name
	texts  []text
}

// New makes an index of entries. For a course of 30 lessons it takes some tens
// of milliseconds: not at the start of a program.
func New(table *pinyin.Table, entries []Entry) *Index {
	ix := &Index{entries: make([]entry, len(entries))}
	wholes := map[string]*name{}
	for i := range entries {
		e := entry{Entry: &entries[i]}
		for _, n := range e.Names {
			e.names = append(e.names, newName(table, n))
		}
		for _, n := range e.Within {
			if wholes[n] == nil {
				wholes[n] = newName(table, n)
			}
			e.within = append(e.within, wholes[n])
		}
		for _, t := range e.Texts {
			e.texts = append(e.texts, newText(t))
		}
		ix.entries[i] = e
	}
	return ix
}

// How many results there are at most: more are found by typing more.
const (
	maxNamed  = 40
	maxInText = 20
	maxRecent = 8
	maxQuery  = 64 // characters that are looked at
)

// Find returns what a query finds in the indexes, the best first, and after
// that the pages whose text holds it. Recent are ids of what was chosen before,
// the newest first: they come before others that are as good. An empty query
// finds what is recent, and then every command.
func Find(query string, recent []string, indexes ...*Index) []Result {
	terms := termsOf(query)
	if len(terms) == 0 {
		return suggestions(recent, indexes)
	}
	lately := map[string]int{}
	for i, id := range recent {
		lately[id] = max(lately[id], len(recent)-i)
	}
	var p paper
	by := newFinder(terms, func(n *name, term []rune) (match, bool) { return n.match(term, &p) })
	named := collect(indexes, func(e *entry) (Result, bool) { return e.find(terms, by) })
	if len(named) == 0 {
		by = newFinder(terms, (*name).nearly)
		named = collect(indexes, func(e *entry) (Result, bool) { return e.find(terms, by) })
	}
	for i := range named {
		if n := lately[named[i].ID]; n > 0 {
			named[i].score += recentBonus + n
		}
	}
	slices.SortStableFunc(named, func(a, b Result) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Kind, b.Kind))
	})
	named = named[:min(len(named), maxNamed)]
	return append(named, inTexts(terms, indexes)...)
}

func collect(indexes []*Index, find func(*entry) (Result, bool)) []Result {
	var found []Result
	for _, ix := range indexes {
		for i := range ix.entries {
			if r, ok := find(&ix.entries[i]); ok {
				found = append(found, r)
			}
		}
	}
	return found
}

// suggestions are what to offer before anything was typed.
func suggestions(recent []string, indexes []*Index) []Result {
	var found []Result
	for _, id := range recent[:min(len(recent), maxRecent)] {
		for _, r := range collect(indexes, func(e *entry) (Result, bool) { return Result{Entry: e.Entry, Kind: e.Kind, Name: -1}, e.ID == id }) {
			if !slices.ContainsFunc(found, func(f Result) bool { return f.ID == id }) {
				found = append(found, r)
			}
		}
	}
	late := len(found)
	for _, r := range collect(indexes, func(e *entry) (Result, bool) {
		return Result{Entry: e.Entry, Kind: e.Kind, Name: -1}, e.Kind == Command
	}) {
		if !slices.ContainsFunc(found[:late], func(f Result) bool { return f.ID == r.ID }) {
			found = append(found, r)
		}
	}
	return found
}

// termsOf cuts a query at its spaces, folded as names are.
func termsOf(query string) [][]rune {
	var terms [][]rune
	left := maxQuery
	for _, field := range strings.FieldsFunc(query, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		term := []rune(field)
		term = term[:min(len(term), left)]
		if left -= len(term); len(term) == 0 {
			break
		}
		for i, r := range term {
			term[i] = fold(r)
		}
		terms = append(terms, term)
	}
	return terms
}

// fold makes letters alike that a person takes for the same: large and small,
// and those as wide as a Chinese character, which an input method may give.
func fold(r rune) rune {
	if r >= '！' && r <= '～' { // Halfwidth and Fullwidth Forms, in ASCII's order
		r = r - '！' + '!'
	}
	return unicode.ToLower(r)
}
