package markdown

import (
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// SpeechWords are what is said around the parts of a document that is read
// aloud. Those with a verb are formats.
type SpeechWords struct {
	Heading                  string // title
	Code                     string
	CodeIn                   string // language
	CodeEnd                  string
	Drawing                  string // a drawing made of characters
	DrawingEnd               string
	Quote, QuoteEnd          string
	Row                      string // number, of how many; the cells follow
	Cell                     string // heading, value
	CellEnd                  string // between cells
	Image                    string // caption
	Link                     string // number, text, address
	LinkMark                 string // number; after the text of the link
	TaskDone                 string
	TaskOpen                 string
	Rule                     string
	Callout                  func(kind string) string
	CalloutBegin, CalloutEnd string // title
}

// Speech is a document as lines of text that make sense when heard one after
// the other: nothing stands beside anything else, and each part that looks
// different on a screen is named in words.
type Speech struct {
	// Blocks are the paragraphs, lists, tables and code blocks, each as lines.
	Blocks [][]string
	Links  []Link // numbered from 1 in the text
	Code   []CodeBlock
}

// Speak lays out source for being read aloud, in lines of at most width cells.
func Speak(source []byte, width int, words SpeechWords) Speech {
	if bytes.IndexByte(source, '\r') >= 0 {
		source = bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n"))
		source = bytes.ReplaceAll(source, []byte("\r"), []byte("\n"))
	}
	s := &speaker{source: source, width: max(width, 1), words: words}
	root := markdownParser().Parse(text.NewReader(source))
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		s.block(n, "", "")
		s.flush()
	}
	for i, l := range s.out.Links {
		label := l.Text
		if label == "" {
			label = l.URL
		}
		s.lines = append(s.lines, WrapIndent(fmt.Sprintf(words.Link, i+1, label, l.URL), s.width, "", "  ")...)
	}
	s.flush()
	return s.out
}

// speaker walks the blocks of one document.
type speaker struct {
	source []byte
	width  int
	words  SpeechWords
	out    Speech
	lines  []string // of the block under way
}

func (s *speaker) flush() {
	if len(s.lines) > 0 {
		s.out.Blocks = append(s.out.Blocks, s.lines)
		s.lines = nil
	}
}

// say adds a line of our own words, broken to the width.
func (s *speaker) say(first, rest, line string) {
	s.lines = append(s.lines, WrapIndent(line, s.width, first, rest)...)
}

// children says the blocks within a block.
func (s *speaker) children(n ast.Node, first, rest string) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		s.block(c, first, rest)
		first = rest
	}
}

// block says one block; first stands before its first line and rest before the
// others.
func (s *speaker) block(n ast.Node, first, rest string) {
	switch n := n.(type) {
	case *ast.Heading:
		s.say(first, rest, fmt.Sprintf(s.words.Heading, s.plain(n)))
	case *ast.Paragraph, *ast.TextBlock:
		s.flow(n, first, rest)
	case *ast.ThematicBreak:
		s.say(first, rest, s.words.Rule)
	case *ast.FencedCodeBlock:
		s.code(strings.ToLower(string(n.Language(s.source))), n.Lines(), first, rest)
	case *ast.CodeBlock:
		s.code("", n.Lines(), first, rest)
	case *ast.Blockquote:
		s.quote(n, first, rest)
	case *ast.List:
		s.list(n, first, rest)
	case *east.Table:
		s.table(n, first, rest)
	case *ast.HTMLBlock:
		// Nothing to read.
	default:
		if n.Type() == ast.TypeBlock {
			s.children(n, first, rest)
		}
	}
}

// flow says running text.
func (s *speaker) flow(n ast.Node, first, rest string) {
	p := &paragraph{}
	s.inline(p, n)
	source, lead := string(p.buf), first
	for _, seg := range p.wrap(s.width-Width(first), s.width-Width(rest)) {
		s.lines = append(s.lines, lead+source[p.offset(seg.start):p.offset(seg.end)])
		lead = rest
	}
}

// plain is the text of a block on one line.
func (s *speaker) plain(n ast.Node) string {
	p := &paragraph{}
	s.inline(p, n)
	return strings.TrimSpace(Clean(string(p.buf)))
}

func (s *speaker) quote(n *ast.Blockquote, first, rest string) {
	if kind, title, ok := calloutOf(n, s.source); ok {
		if title == "" {
			title = s.words.Callout(kind)
		}
		if p, ok := n.FirstChild().(*ast.Paragraph); ok {
			removeFirstLine(p)
		}
		s.say(first, rest, fmt.Sprintf(s.words.CalloutBegin, title))
		s.children(n, rest, rest)
		s.say(rest, rest, fmt.Sprintf(s.words.CalloutEnd, title))
		return
	}
	s.say(first, rest, s.words.Quote)
	s.children(n, rest, rest)
	s.say(rest, rest, s.words.QuoteEnd)
}

// calloutOf reads the first line of a callout: its kind, and the title of its
// own if it has one.
func calloutOf(n *ast.Blockquote, source []byte) (kind, title string, ok bool) {
	p, isText := n.FirstChild().(*ast.Paragraph)
	if !isText || p.Lines().Len() == 0 {
		return "", "", false
	}
	line := p.Lines().At(0)
	head, own, ok := bytes.Cut(bytes.TrimSpace(line.Value(source)), []byte("]"))
	if !ok || !bytes.HasPrefix(head, []byte("[!")) {
		return "", "", false
	}
	kind = strings.ToLower(string(head[2:]))
	if _, _, _, known := calloutStyle(kind); !known {
		return "", "", false
	}
	return kind, Clean(unescape(string(bytes.TrimSpace(own)))), true
}

func (s *speaker) list(n *ast.List, first, rest string) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if n.IsOrdered() {
			mark = strconv.Itoa(number) + string(n.Marker) + " "
			number++
		}
		if b := item.FirstChild(); b != nil {
			if box, ok := b.FirstChild().(*east.TaskCheckBox); ok {
				word := s.words.TaskOpen
				if box.IsChecked {
					word = s.words.TaskDone
				}
				b.RemoveChild(b, box)
				mark += word
			}
		}
		before := len(s.lines)
		s.children(item, first+mark, rest+"  ")
		if len(s.lines) == before {
			s.lines = append(s.lines, strings.TrimRight(first+mark, " "))
		}
		first = rest
	}
}

// table says a table row by row, each cell with the name of its column.
func (s *speaker) table(n *east.Table, first, rest string) {
	var heads []string
	rows := n.ChildCount() - 1
	at := 0
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			cells = append(cells, s.plain(c))
		}
		if row.Kind() == east.KindTableHeader {
			heads = cells
			continue
		}
		at++
		var parts []string
		for i, cell := range cells {
			switch {
			case cell == "":
			case i < len(heads) && heads[i] != "":
				parts = append(parts, fmt.Sprintf(s.words.Cell, heads[i], cell))
			default:
				parts = append(parts, cell)
			}
		}
		s.say(first, rest+"  ", fmt.Sprintf(s.words.Row, at, rows)+strings.Join(parts, s.words.CellEnd))
		first = rest
	}
	if rows == 0 {
		s.say(first, rest, strings.Join(heads, s.words.CellEnd))
	}
}

// code says a block of code line by line, between a line that announces it and
// one that ends it.
func (s *speaker) code(language string, lines *text.Segments, first, rest string) {
	var b strings.Builder
	for i := range lines.Len() {
		line := lines.At(i)
		b.Write(line.Value(s.source))
	}
	source := strings.TrimRight(b.String(), "\n")
	begin, end := s.words.Code, s.words.CodeEnd
	switch {
	case drawn(source):
		begin, end = s.words.Drawing, s.words.DrawingEnd
	case language != "":
		begin = fmt.Sprintf(s.words.CodeIn, Clean(language))
	}
	block := CodeBlock{Language: language}
	s.say(first, rest, begin)
	for i, line := range strings.Split(source, "\n") {
		line = Clean(strings.ReplaceAll(line, "\t", "    "))
		if i > 0 {
			block.Source += "\n"
		}
		block.Source += line
		s.lines = append(s.lines, hardWrap(rest+"  "+line, s.width)...)
	}
	s.say(rest, rest, end)
	s.out.Code = append(s.out.Code, block)
}

// drawn reports whether a block is a drawing made of lines and boxes.
func drawn(source string) bool {
	n := 0
	for _, r := range source {
		if r >= 0x2500 && r <= 0x25ff {
			n++
		}
	}
	return n > 3
}

// hardWrap breaks a line of code that is too long, at a space if there is one
// in its second half. What was broken off stands behind dots.
func hardWrap(line string, width int) []string {
	const more = "    ... "
	var out []string
	for Width(line) > width {
		head := Truncate(line, width, "")
		if head == "" || head == more {
			break
		}
		if at := strings.LastIndexFunc(head, unicode.IsSpace); at > len(head)/2 && strings.TrimSpace(head[:at]) != strings.TrimSpace(more) {
			head = head[:at+1]
		}
		out = append(out, strings.TrimRight(head, " "))
		line = more + line[len(head):]
	}
	return append(out, strings.TrimRight(line, " "))
}

// inline adds the text of n's children to p.
func (s *speaker) inline(p *paragraph, n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			value := string(c.Segment.Value(s.source))
			if !c.IsRaw() {
				value = unescape(value)
			}
			p.text(value, Style{})
			if c.HardLineBreak() {
				p.breakLine()
			} else if c.SoftLineBreak() {
				p.softBreak = true
			}
		case *ast.String:
			p.text(string(c.Value), Style{})
		case *ast.CodeSpan:
			var b strings.Builder
			for t := c.FirstChild(); t != nil; t = t.NextSibling() {
				if t, ok := t.(*ast.Text); ok {
					b.Write(t.Segment.Value(s.source))
				}
			}
			p.code("`"+strings.ReplaceAll(b.String(), "\n", " ")+"`", Style{})
		case *ast.Link:
			start := len(p.buf)
			s.inline(p, c)
			s.link(p, strings.TrimSpace(string(p.buf[start:])), cleanURL(c.Destination))
		case *ast.AutoLink:
			label := string(c.Label(s.source))
			p.text(label, Style{})
			s.link(p, Clean(label), Clean(string(util.URLEscape(c.URL(s.source), false))))
		case *ast.Image:
			s.image(p, c)
		case *ast.RawHTML:
			if isLineBreakTag(c.Segments.Value(s.source)) {
				p.breakLine()
			}
		case *east.TaskCheckBox:
			word := s.words.TaskOpen
			if c.IsChecked {
				word = s.words.TaskDone
			}
			p.text(word, Style{})
		default:
			s.inline(p, c)
		}
	}
}

// link numbers a link that leads out of the page.
func (s *speaker) link(p *paragraph, label, url string) {
	if url == "" || url[0] == '#' {
		return
	}
	s.out.Links = append(s.out.Links, Link{Text: label, URL: url})
	p.text(fmt.Sprintf(s.words.LinkMark, len(s.out.Links)), Style{})
}

// image says the caption of a picture; its address is among the links.
func (s *speaker) image(p *paragraph, n *ast.Image) {
	inner := &paragraph{}
	s.inline(inner, n)
	url, caption := cleanURL(n.Destination), strings.TrimSpace(string(inner.buf))
	if caption == "" {
		caption = path.Base(url)
	}
	p.text(fmt.Sprintf(s.words.Image, caption), Style{})
	s.link(p, caption, url)
}
