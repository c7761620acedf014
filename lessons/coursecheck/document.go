package coursecheck

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"github.com/k8stutor/k8stutor/lessons"
)

// document is a Markdown file of a course.
type document struct {
	file     string
	lang     lessons.Lang
	source   []byte
	lines    []int // offset of each line
	sections []section
	missing  bool // the file cannot be read
}

// section is what stands under a heading with an id, sub-headings without one
// included.
type section struct {
	id     string
	line   int
	blocks []ast.Node // the heading, and the blocks below it
}

// codeBlock is a fenced block of code.
type codeBlock struct {
	lang, info string
	text       string
	line       int // of its first line of code
}

// texts looks at both languages of a folder. pages are the ids of the pages,
// nil in the course's own folder.
func (c *checker) texts(dir string, pages []string, terms []term) map[lessons.Lang]*document {
	docs := map[lessons.Lang]*document{}
	for _, lang := range lessons.Languages() {
		d := c.document(path.Join(dir, string(lang)+".md"), lang)
		docs[lang] = d
		c.used[d.file] = true
		if d.missing {
			continue
		}
		for _, s := range d.sections {
			c.section(d, s)
		}
		c.reading(d, pages)
	}
	c.glossary(docs[lessons.Chinese], terms)
	c.compare(docs)
	return docs
}

// document parses a Markdown file once.
func (c *checker) document(file string, lang lessons.Lang) *document {
	if d := c.docs[file]; d != nil {
		return d
	}
	d := &document{file: file, lang: lang}
	c.docs[file] = d
	source, ok := c.read(file)
	if !ok {
		d.missing = true
		return d
	}
	d.source = []byte(source)
	d.lines = []int{0}
	for i, b := range d.source {
		if b == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList), goldmark.WithParserOptions(parser.WithAttribute()))
	for n := md.Parser().Parse(text.NewReader(d.source)).FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && headingID(h) != "" {
			d.sections = append(d.sections, section{id: headingID(h), line: d.lineOf(h)})
		}
		if last := len(d.sections) - 1; last >= 0 {
			d.sections[last].blocks = append(d.sections[last].blocks, n)
		}
	}
	return d
}

func headingID(h *ast.Heading) string {
	v, _ := h.AttributeString("id")
	id, _ := v.([]byte)
	return string(id)
}

func (d *document) has(id string) bool {
	return slices.ContainsFunc(d.sections, func(s section) bool { return s.id == id })
}

// line is the line that an offset is in, counted from 1.
func (d *document) line(offset int) int {
	i, found := slices.BinarySearch(d.lines, offset)
	if found {
		return i + 1
	}
	return i
}

// lineOf is the line of a node, or of what it stands in.
func (d *document) lineOf(n ast.Node) int {
	for ; n != nil; n = n.Parent() {
		line := 0
		_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			switch n := n.(type) {
			case *ast.Text:
				line = d.line(n.Segment.Start)
			default:
				if n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
					line = d.line(n.Lines().At(0).Start)
				}
			}
			if line > 0 {
				return ast.WalkStop, nil
			}
			return ast.WalkContinue, nil
		})
		if line > 0 {
			return line
		}
	}
	return 1
}

func (d *document) pos(n ast.Node) lessons.Position {
	return lessons.Position{File: d.file, Line: d.lineOf(n)}
}

// walk visits every node of a section.
func (s section) walk(visit func(n ast.Node)) {
	for _, b := range s.blocks {
		_ = ast.Walk(b, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if entering {
				visit(n)
			}
			return ast.WalkContinue, nil // visitors do not fail
		})
	}
}

// code lists the fenced code blocks of a section.
func (d *document) code(s section) (blocks []codeBlock) {
	s.walk(func(n ast.Node) {
		f, ok := n.(*ast.FencedCodeBlock)
		if !ok {
			return
		}
		b := codeBlock{lang: string(f.Language(d.source)), text: string(f.Lines().Value(d.source)), line: 1}
		if f.Info != nil {
			b.info = string(f.Info.Value(d.source))
			b.line = d.line(f.Info.Segment.Start) + 1
		} else if f.Lines().Len() > 0 {
			b.line = d.line(f.Lines().At(0).Start)
		}
		blocks = append(blocks, b)
	})
	return blocks
}

// isShell reports whether a code block holds commands and nothing else.
func (b codeBlock) isShell() bool {
	return slices.Contains([]string{"sh", "bash", "shell", "zsh"}, b.lang)
}

// paragraph is a piece of text as it is read: a paragraph, a heading, an item,
// a cell of a table.
type paragraph struct {
	node  ast.Node
	plain string // without what stands in code spans
	all   string // code spans included
}

// paragraphs lists the pieces of text of a section.
func (d *document) paragraphs(s section) (out []paragraph) {
	s.walk(func(n ast.Node) {
		switch n.Kind() {
		case ast.KindParagraph, ast.KindTextBlock, ast.KindHeading, extast.KindTableCell:
		default:
			return
		}
		var plain, all bytes.Buffer
		_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			t, ok := n.(*ast.Text)
			if !ok || !entering {
				return ast.WalkContinue, nil
			}
			value := t.Segment.Value(d.source)
			all.Write(value)
			if t.Parent().Kind() != ast.KindCodeSpan {
				plain.Write(value)
			}
			if t.SoftLineBreak() && d.lang != lessons.Chinese {
				plain.WriteByte(' ')
				all.WriteByte(' ')
			}
			return ast.WalkContinue, nil
		})
		out = append(out, paragraph{n, plain.String(), all.String()})
	})
	return out
}

// commands lists the kubectl commands of a code block, as they are written.
func (c *checker) blockCommands(d *document, b codeBlock) (lines []string) {
	pos := lessons.Position{File: d.file, Line: b.line}
	switch {
	case strings.Contains(b.info, "wrong"):
	case b.isShell():
		lines = c.shell(shellText{pos: pos, text: b.text})
	case b.lang == "console":
		for _, s := range consoleCommands(pos, b.text) {
			lines = append(lines, c.shell(s)...)
		}
	}
	return lines
}
