package lessons

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// glossaryFile is the name of a course's glossary, beside course.yaml.
const glossaryFile = "glossary.yaml"

// maxMeaning is how long the explanation of a term may be, in bytes of one
// language: it is shown in a small box.
const maxMeaning = 1200

// Term is a word of the field, in both languages.
type Term struct {
	// Course is the id of the course whose glossary it stands in; "" for one that
	// comes with the program.
	Course string
	Name   Text     // "EndpointSlice", "端点切片"
	Also   []string // other words for it, in either language
	// Means explains it in a sentence or two of Markdown; nil when the glossary
	// only says how it is translated.
	Means Text
	// Ordinary says that the Chinese word is an everyday one, which needs no
	// English beside it.
	Ordinary bool
	// Lesson and Page are where a course explains it; "" for nowhere.
	Lesson, Page string
	Pos          Position
}

// GlossaryFile is glossary.yaml.
type GlossaryFile struct {
	Terms []TermFile `key:"terms,required" max:"500" doc:"The words of the course's subject."`
}

// TermFile is one word of a glossary.
type TermFile struct {
	EN       string       `key:"en,required" doc:"The English word, as Kubernetes' documentation writes it."`
	ZH       string       `key:"zh,required" doc:"The Chinese word; the English one again where it is not translated."`
	Also     []string     `key:"also" max:"20" doc:"Other words for the same, in either language. Plurals in -s need not be named."`
	Means    *MeaningFile `key:"means" doc:"What it is, in a sentence or two."`
	Ordinary bool         `key:"ordinary" doc:"The Chinese word is an everyday one: no English is wanted beside its first use."`
	Page     PageRef      `key:"page" doc:"Where the course explains it: LESSON/PAGE."`
}

// MeaningFile explains a term in each language.
type MeaningFile struct {
	EN string `key:"en,required" doc:"The explanation in English."`
	ZH string `key:"zh,required" doc:"The explanation in Chinese."`
}

// PageRef names a page of a course: LESSON/PAGE.
type PageRef string

// Glossary reads the glossary of the course in folder dir, nothing where there
// is none. Its error is of type Problems.
func Glossary(fsys fs.FS, dir string) ([]Term, error) {
	l := &loader{fsys: fsys}
	terms := l.glossary(path.Clean(dir))
	if len(l.problems) > 0 {
		return terms, l.problems.sorted()
	}
	return terms, nil
}

// glossary reads glossary.yaml, if there is one.
func (l *loader) glossary(dir string) []Term {
	file := path.Join(dir, glossaryFile)
	if _, err := fs.Stat(l.fsys, file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	m, ok := l.mapping(file, glossaryFile, shapeOf[GlossaryFile](l))
	if !ok {
		return nil
	}
	var terms []Term
	lines := map[string]int{}
	for _, n := range m.list("terms") {
		if t, ok := l.term(m.file, n, lines); ok {
			terms = append(terms, t)
		}
	}
	return terms
}

// term reads one term; lines are those in which words stand already.
func (l *loader) term(f yamlFile, n *yaml.Node, lines map[string]int) (t Term, ok bool) {
	m, ok := f.mapping(n, "a term", shapeOf[TermFile](l))
	if !ok || !m.has("en") || !m.has("zh") {
		return t, false
	}
	t = Term{Name: Text{English: m.str("en"), Chinese: m.str("zh")}, Also: m.strs("also"), Ordinary: m.bool("ordinary"), Pos: m.at}
	for _, word := range slices.Compact(t.words()) {
		key := strings.ToLower(word)
		if line, again := lines[key]; again {
			l.problems.add(m.at, "the word %q stands in line %d already", word, line)
			return t, false
		}
		if strings.TrimSpace(word) != word || strings.ContainsRune(word, '\n') {
			l.problems.add(m.at, "%q, where a word was expected", word)
			return t, false
		}
	}
	for _, word := range t.words() {
		lines[strings.ToLower(word)] = m.at.Line
	}
	if m.has("means") {
		if means, ok := f.mapping(m.values["means"], "means", shapeOf[MeaningFile](l)); ok {
			t.Means = Text{English: strings.TrimSpace(means.str("en")), Chinese: strings.TrimSpace(means.str("zh"))}
			for _, lang := range Languages() {
				if len(t.Means[lang]) > maxMeaning {
					l.problems.add(means.pos(string(lang)), "this explanation has %d bytes; there can be %d at most", len(t.Means[lang]), maxMeaning)
				}
			}
		}
	}
	if m.has("page") {
		t.Lesson, t.Page, ok = strings.Cut(m.str("page"), "/")
		if !ok {
			l.problems.add(m.pos("page"), "%q, where a page was expected: LESSON/PAGE", m.str("page"))
			t.Lesson, t.Page = "", ""
		}
	}
	return t, true
}

// words are all words for the term: its names, then the others.
func (t Term) words() []string {
	names := []string{t.Name[English], t.Name[Chinese]}
	if names[0] == names[1] {
		names = names[:1]
	}
	return append(names, t.Also...)
}

// checkTerms reports terms whose page does not exist.
func (l *loader) checkTerms(course *Course) {
	for _, t := range course.Glossary {
		if t.Lesson == "" {
			continue
		}
		lesson, ok := course.Lesson(t.Lesson)
		if ok && slices.ContainsFunc(lesson.Pages, func(p Page) bool { return p.ID == t.Page }) {
			continue
		}
		l.problems.add(t.Pos, "the page %s/%s of the term %q does not exist", t.Lesson, t.Page, t.Name[English])
	}
}

// Terms returns the terms that are explained in lessons of a course ("" for the
// one that comes with the program): its own, which go before, and those that come
// with the program.
func (c *Course) Terms(course string) []Term {
	var own, built []Term
	taken := map[string]bool{}
	for _, t := range c.Glossary {
		if t.Means == nil {
			continue
		}
		switch t.Course {
		case course:
			own = append(own, t)
			taken[t.Name[English]] = true
		case "":
			built = append(built, t)
		}
	}
	for _, t := range built {
		if !taken[t.Name[English]] {
			own = append(own, t)
		}
	}
	return own
}
