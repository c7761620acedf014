package markdown

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Options says how a document is laid out.
type Options struct {
	// Plain keeps to ASCII marks and writes out what styles would say: bullets
	// are "-", headings keep their "#", inline code its backquotes, and links
	// are followed by their address. For --plain, pipes and screen readers.
	Plain bool
	// CalloutTitle returns the title of a callout of the given kind: "note",
	// "tip", "important", "warning" or "caution". Nil means English.
	CalloutTitle func(kind string) string
	// HTML shows HTML as text. Otherwise it is left out.
	HTML bool
	// Sideways leaves the lines of diagrams whole: they are cut at the edge, and
	// Shift says how many cells of them are beyond the left one.
	Sideways bool
	Shift    int
	// BaseHeading is added to the level of each heading.
	BaseHeading int
}

// Render lays out source in lines of at most width cells. It is meant for 20
// cells and more; below, marks and indents give way to the text.
func Render(source []byte, width int, opts Options) Doc {
	if bytes.IndexByte(source, '\r') >= 0 {
		source = bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n"))
		source = bytes.ReplaceAll(source, []byte("\r"), []byte("\n"))
	}
	r := &renderer{source: source, opts: opts, width: max(width, 1)}
	root := markdownParser().Parse(text.NewReader(source))
	r.blocks(root, Style{}, false)
	for i := range r.doc.Lines {
		clip(&r.doc.Lines[i], r.width)
	}
	return r.doc
}

// markdownParser returns the parser, which is built on first use to keep it out
// of the program's start. The CJK extension contributes its escaped space;
// line breaks between ideographs are resolved by paragraph.
var markdownParser = sync.OnceValue(func() parser.Parser {
	return goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList, extension.Footnote,
			extension.NewCJK(extension.WithEscapedSpace())),
		goldmark.WithParserOptions(
			parser.WithAttribute(),
			// Ahead of those they replace, which have 500.
			parser.WithInlineParsers(
				util.Prioritized(cjkDelimiters{parser.NewEmphasisParser()}, 450),
				util.Prioritized(cjkDelimiters{extension.NewStrikethroughParser()}, 450))),
	).Parser()
})

// renderer walks the blocks of one document.
type renderer struct {
	source  []byte
	opts    Options
	doc     Doc
	width   int // cells left by the indents
	indents []indent
	gap     gap
	lead    int       // spans that the line has before its text
	join    Join      // how the line goes on from the one before
	p       paragraph // reused by every block that flows
	arena   []Span    // spare capacity for the spans of lines
	bullets int       // depth of bullet lists
}

// indent is what a container puts before each of its lines.
type indent struct {
	first, rest Span
	used        bool // first has been written
}

// gap is a blank line that is owed before the next line, if there is one. It
// belongs to the container that depth indents make, not to the deeper one that
// the next line may be in.
type gap struct {
	owed  bool
	depth int
}

// blocks lays out the children of n, with blank lines between them unless tight.
func (r *renderer) blocks(n ast.Node, st Style, tight bool) {
	start := len(r.doc.Lines)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if !tight && len(r.doc.Lines) > start {
			r.separate()
		}
		r.block(c, st)
	}
}

// separate asks for a blank line before the next line.
func (r *renderer) separate() {
	if !r.gap.owed || r.gap.depth > len(r.indents) {
		r.gap = gap{owed: true, depth: len(r.indents)}
	}
}

func (r *renderer) block(n ast.Node, st Style) {
	switch n := n.(type) {
	case *ast.Heading:
		r.heading(n)
	case *ast.Paragraph, *ast.TextBlock:
		r.flow(n, st)
	case *ast.ThematicBreak:
		r.rule()
	case *ast.FencedCodeBlock:
		r.code(string(n.Language(r.source)), n.Lines())
	case *ast.CodeBlock:
		r.code("", n.Lines())
	case *ast.Blockquote:
		r.quote(n, st)
	case *ast.List:
		r.list(n, st)
	case *east.Table:
		r.table(n, st)
	case *ast.HTMLBlock:
		if r.opts.HTML {
			r.html(n)
		}
	case *east.FootnoteList:
		r.footnotes(n)
	default:
		if n.Type() == ast.TypeBlock {
			r.blocks(n, st, false)
		}
	}
}

// flow lays out a block of running text.
func (r *renderer) flow(n ast.Node, st Style) {
	r.p.reset()
	r.inline(&r.p, n, st)
	r.emitParagraph(&r.p)
}

// html lays out a block of HTML as it is written.
func (r *renderer) html(n *ast.HTMLBlock) {
	source := string(n.Lines().Value(r.source))
	if n.HasClosure() {
		source += string(n.ClosureLine.Value(r.source))
	}
	for line := range strings.SplitSeq(strings.TrimRight(source, "\n"), "\n") {
		r.p.reset()
		r.p.text(line, Style{Role: RoleComment})
		r.emitParagraph(&r.p)
	}
}

func (r *renderer) heading(n *ast.Heading) {
	level := min(max(n.Level+r.opts.BaseHeading, 1), 6)
	st := Style{Role: RoleHeading1 + Role(min(level, 3)-1)}
	if r.opts.Plain {
		mark := strings.Repeat("#", level) + " "
		defer r.push(Span{mark, len(mark), st}, blank(len(mark)))()
	}
	before := len(r.doc.Lines)
	r.flow(n, st)
	if n.Parent().Kind() == ast.KindDocument && len(r.doc.Lines) > before {
		// The blank line above, if any, came with the heading's first line.
		line := before
		for line+1 < len(r.doc.Lines) && len(r.doc.Lines[line].Spans) == 0 {
			line++
		}
		r.doc.Headings = append(r.doc.Headings,
			Heading{Level: n.Level, ID: headingID(n), Text: Clean(string(r.p.buf)), Line: line})
	}
}

func headingID(n *ast.Heading) string {
	v, _ := n.AttributeString("id")
	switch id := v.(type) {
	case []byte:
		return Clean(string(id))
	case string:
		return Clean(id)
	}
	return ""
}

func (r *renderer) rule() {
	st := Style{Role: RoleRule}
	if r.opts.Plain {
		r.emit(-1, Span{"---", 3, st})
		return
	}
	r.emit(-1, Span{strings.Repeat("─", r.width), r.width, st})
}

func (r *renderer) quote(n *ast.Blockquote, st Style) {
	if r.callout(n, st) {
		return
	}
	mark := "▌ "
	if r.opts.Plain {
		mark = "> "
	}
	bar := Span{mark, 2, Style{Role: RoleQuoteBar}}
	defer r.push(bar, bar)()
	st.Role = RoleQuote
	r.blocks(n, st, false)
}

func (r *renderer) list(n *ast.List, st Style) {
	number, digits := n.Start, 0
	if n.IsOrdered() {
		digits = len(strconv.Itoa(n.Start + n.ChildCount() - 1))
	} else {
		r.bullets++
		defer func() { r.bullets-- }()
	}
	start := len(r.doc.Lines)
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		if !n.IsTight && len(r.doc.Lines) > start {
			r.separate()
		}
		if n.IsOrdered() {
			r.item(item, numeral(number, digits, n.Marker), st, n.IsTight)
			number++
		} else {
			r.item(item, r.bullet(item), st, n.IsTight)
		}
	}
}

// numeral returns the marker of an item of a numbered list, right-aligned so
// that the items' text is.
func numeral(number, digits int, delimiter byte) Span {
	s := strconv.Itoa(number)
	s = strings.Repeat(" ", max(0, digits-len(s))) + s + string(delimiter) + " "
	return Span{s, len(s), Style{Role: RoleListMarker}}
}

func (r *renderer) item(item ast.Node, marker Span, st Style, tight bool) {
	before := len(r.doc.Lines)
	defer r.push(marker, blank(marker.Width))()
	r.blocks(item, st, tight)
	if len(r.doc.Lines) == before {
		r.emit(-1)
	}
}

// bullet returns the marker of an item of a bullet list. The box of a task
// takes the bullet's place.
func (r *renderer) bullet(item ast.Node) Span {
	if b := item.FirstChild(); b != nil {
		if box, ok := b.FirstChild().(*east.TaskCheckBox); ok {
			b.RemoveChild(b, box)
			return r.taskMarker(box.IsChecked)
		}
	}
	mark := "• "
	switch {
	case r.opts.Plain:
		mark = "- "
	case r.bullets%2 == 0:
		mark = "◦ "
	}
	return Span{mark, 2, Style{Role: RoleListMarker}}
}

func (r *renderer) taskMarker(done bool) Span {
	switch {
	case !done:
		return Span{"[ ] ", 4, Style{Role: RoleTaskOpen}}
	case r.opts.Plain:
		return Span{"[x] ", 4, Style{Role: RoleTaskDone}}
	}
	return Span{"[✓] ", 4, Style{Role: RoleTaskDone}}
}
