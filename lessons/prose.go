package lessons

import (
	"bytes"
	"html"
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	mdtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// section is a heading with an id and the Markdown source below it, up to the
// next such heading.
type section struct {
	id, parent  string // parent is the id of the ## heading above a ### one
	title, body string
	level       int
	file        string
	line        int // of the heading
	bodyLine    int // of the first line of body
}

func (s section) pos() Position     { return Position{s.file, s.line} }
func (s section) bodyPos() Position { return Position{s.file, s.bodyLine} }

// prose is a Markdown file cut at its headings with ids.
type prose struct {
	lang     Lang
	file     string
	ok       bool // the file could be read
	sections []section
	byID     map[string]int // index in sections
}

// blockParser finds headings and lists. It leaves the text in them alone, which
// takes a small part of the time of parsing it all.
func blockParser() parser.Parser {
	return parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...), parser.WithAttribute())
}

// prose reads a Markdown file.
func (l *loader) prose(file string, lang Lang) prose {
	p := prose{lang: lang, file: file, byID: map[string]int{}}
	source, ok := l.read(file)
	if !ok {
		return p
	}
	p.ok = true
	source = l.forVersion(file, source)
	cut, parent := 0, "" // where the body of the section being read begins; the ## it belongs to
	line := lineCounter(source)
	finish := func(stop int) {
		body := string(source[cut:stop])
		trimmed := strings.TrimLeft(body, "\n")
		if n := len(p.sections); n > 0 {
			p.sections[n-1].body = strings.TrimRight(trimmed, " \t\n")
			p.sections[n-1].bodyLine = line(cut) + len(body) - len(trimmed)
		} else if strings.TrimSpace(body) != "" {
			l.problems.add(Position{file, line(cut) + len(body) - len(trimmed)}, "text before the first heading is shown nowhere; the file begins with # Title {#id}")
		}
	}
	for n := blockParser().Parse(mdtext.NewReader(source)).FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok || n.Pos() < 0 {
			continue
		}
		start := bytes.LastIndexByte(source[:n.Pos()], '\n') + 1
		pos := Position{file, line(start)}
		if source[n.Pos()] != '#' {
			l.problems.add(pos, "the line below this text makes it a heading; write headings with #, and an empty line before a rule")
			continue
		}
		id := headingID(h)
		if id == "" && h.Level > 2 {
			continue // a sub-heading of the page
		}
		finish(start)
		s := section{id: id, title: plainTitle(headingText(h, source)), level: h.Level, file: file, line: pos.Line}
		cut = lineEnd(source, n.Pos())
		switch {
		case id == "":
			l.problems.add(pos, "this heading has no id; write one behind it, as in ## Title {#id}")
		case h.Level == 1 && len(p.sections) > 0:
			l.problems.add(pos, "a second # heading; a file has one, and ## for pages, steps and questions")
		case h.Level > 3 || h.Level == 3 && !strings.Contains(id, "."):
			l.problems.add(pos, "{#%s} stands on a heading of level %d; ids stand on ##, and those with a dot on ###", id, h.Level)
		case h.Level < 3 && strings.Contains(id, "."):
			l.problems.add(pos, "{#%s} stands on a heading of level %d; ids with a dot stand on ###", id, h.Level)
		case s.title == "":
			l.problems.add(pos, "the heading {#%s} has no words", id)
		}
		if r, found := firstDeceptive(s.title); found { // as an entity: &#27;
			l.problems.add(pos, "%s in the heading; %s", nameOf(r), onlyPlainText)
		}
		if h.Level <= 2 {
			parent = id
		}
		s.parent = parent
		if i, again := p.byID[id]; again && id != "" {
			l.problems.add(pos, "the id {#%s} is used twice; it stands in line %d already", id, p.sections[i].line)
		} else {
			p.byID[id] = len(p.sections)
		}
		p.sections = append(p.sections, s)
	}
	finish(len(source))
	return p
}

// lineCounter returns a function from an offset in source to its line.
func lineCounter(source []byte) func(offset int) int {
	var ends []int
	for i, c := range source {
		if c == '\n' {
			ends = append(ends, i)
		}
	}
	return func(offset int) int {
		before, _ := slices.BinarySearch(ends, offset)
		return before + 1
	}
}

// lineEnd returns the offset of the line after the one that offset is in.
func lineEnd(source []byte, offset int) int {
	if i := bytes.IndexByte(source[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(source)
}

func headingID(h *ast.Heading) string {
	v, _ := h.AttributeString("id")
	id, _ := v.([]byte)
	return string(id)
}

func headingText(h *ast.Heading, source []byte) string {
	return strings.TrimSpace(string(h.Lines().Value(source)))
}

// plainTitle returns a heading's words without Markdown's marks: titles are
// plain text.
func plainTitle(source string) string {
	if !strings.ContainsAny(source, "`*_[]<>&\\") {
		return source
	}
	if words := withoutCodeMarks(source); words != "" {
		return words
	}
	src := []byte(source)
	doc := goldmark.DefaultParser().Parse(mdtext.NewReader(src))
	if p, ok := doc.FirstChild().(*ast.Paragraph); !ok || p.NextSibling() != nil {
		return source
	}
	var out strings.Builder
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			if n.Parent().Kind() == ast.KindCodeSpan {
				out.Write(n.Value(src))
			} else {
				out.WriteString(html.UnescapeString(string(util.UnescapePunctuations(n.Value(src)))))
			}
		case *ast.AutoLink:
			out.Write(n.Label(src))
		case *ast.RawHTML:
			out.Write(n.Segments.Value(src))
		}
		return ast.WalkContinue, nil // the visitor never fails, so neither does Walk
	})
	return strings.TrimSpace(out.String())
}

// withoutCodeMarks is plainTitle for a title whose only marks are those of code
// spans, as in "Create a `Service`", which most have; "" for any other.
func withoutCodeMarks(source string) string {
	if strings.ContainsAny(source, "*_[]<>&\\") || strings.Contains(source, "``") {
		return ""
	}
	parts := strings.Split(source, "`")
	if len(parts)%2 == 0 {
		return "" // one is not closed
	}
	for i := 1; i < len(parts); i += 2 {
		if parts[i] != strings.TrimSpace(parts[i]) {
			return "" // spaces within the marks have rules of their own
		}
	}
	return strings.TrimSpace(strings.Join(parts, ""))
}

// texts is the prose of one lesson or course in every language.
type texts struct {
	l     *loader
	files []prose
	used  map[string]bool
}

// texts reads en.md and zh.md in a folder.
func (l *loader) texts(dir string) *texts {
	t := &texts{l: l, used: map[string]bool{}}
	for _, lang := range Languages() {
		t.files = append(t.files, l.prose(path.Join(dir, string(lang)+".md"), lang))
	}
	return t
}

// find returns the section of that id in each language, reporting where it is
// missing.
func (t *texts) find(id string) map[Lang]section {
	found := map[Lang]section{}
	for _, p := range t.files {
		if i, ok := p.byID[id]; ok {
			found[p.lang] = p.sections[i]
		} else if !t.used[id] && p.ok && id != "" {
			at := Position{File: p.file}
			if parent, _, ok := strings.Cut(id, "."); ok {
				i, ok := p.byID[parent]
				if !ok {
					continue // said of the parent
				}
				at.Line = p.sections[i].line
			}
			t.l.problems.add(at, "the heading {#%s} is missing", id)
		}
	}
	t.used[id] = true
	return found
}

func (t *texts) title(id string) Text {
	out := Text{}
	for lang, s := range t.find(id) {
		out[lang] = s.title
	}
	return out
}

// body returns the text under a heading, which must not be empty.
func (t *texts) body(id string) Text {
	out := Text{}
	for lang, s := range t.find(id) {
		if s.body == "" {
			t.l.problems.add(s.pos(), "there is no text under {#%s}", id)
		}
		out[lang] = s.body
	}
	return out
}

// has reports whether any language has a heading with the id.
func (t *texts) has(id string) bool {
	return slices.ContainsFunc(t.files, func(p prose) bool { _, ok := p.byID[id]; return ok })
}

// finish reports headings that nothing uses, and headings out of order. order
// lists the ids of # and ## headings as YAML has them.
func (t *texts) finish(order []string) {
	for _, p := range t.files {
		var top []string
		for _, s := range p.sections {
			switch parent, _, dotted := strings.Cut(s.id, "."); {
			case s.id == "":
			case !t.used[s.id]:
				t.l.problems.add(s.pos(), "nothing uses the heading {#%s}%s", s.id, didYouMean(s.id, t.missing(p)))
			case dotted && parent != s.parent:
				t.l.problems.add(s.pos(), "{#%s} stands under {#%s}; its place is under {#%s}", s.id, s.parent, parent)
			case !dotted:
				top = append(top, s.id)
			}
		}
		t.inOrder(p, top, order, "the YAML file")
	}
	if first := t.files[0]; first.ok {
		for _, p := range t.files[1:] {
			t.inOrder(p, p.ids(), first.ids(), string(first.lang)+".md")
		}
	}
}

func (p prose) ids() []string {
	var ids []string
	for _, s := range p.sections {
		ids = append(ids, s.id)
	}
	return ids
}

// missing lists the ids that are wanted and that the file does not have.
func (t *texts) missing(p prose) []string {
	var ids []string
	for id := range t.used {
		if _, ok := p.byID[id]; !ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// inOrder reports the first id that comes sooner in got than it does in want.
func (t *texts) inOrder(p prose, got, want []string, in string) {
	got = slices.DeleteFunc(slices.Clone(got), func(id string) bool { return !slices.Contains(want, id) })
	want = slices.DeleteFunc(slices.Clone(want), func(id string) bool { return !slices.Contains(got, id) })
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.l.problems.add(p.sections[p.byID[got[i]]].pos(), "{#%s} stands here where %s has {#%s}; both have the same order", got[i], in, want[i])
			return
		}
	}
}
