package markdown

import (
	"net/url"
	"strings"
)

// Role says what a piece of text is, so that a theme can say how it looks.
type Role uint8

// The roles of prose, of the marks that the layout adds around it, and of the
// tokens of highlighted code.
const (
	RoleText Role = iota
	RoleHeading1
	RoleHeading2
	RoleHeading3 // third level and deeper
	RoleCode     // `inline code`
	RoleLink
	RoleImage // the caption that stands for a picture

	RoleQuote    // text of a block quote
	RoleQuoteBar // the bar before it
	RoleListMarker
	RoleTaskOpen
	RoleTaskDone
	RoleRule // thematic break
	RoleTableBorder
	RoleTableHead
	RoleCalloutNote // bar and title of a callout, here and below
	RoleCalloutTip
	RoleCalloutImportant
	RoleCalloutWarning
	RoleCalloutCaution

	RoleCodeBlock // code without a role of its own, and the block's padding
	RoleDim       // the mark of a continued line of code
	RoleKeyword
	RoleString
	RoleNumber
	RoleComment
	RoleKey // keys of YAML, JSON and INI; flags of a command
	RolePunct
	RoleFunction // names of functions and commands
	RoleVariable
	RolePrompt
	RoleOutput // what a command printed
	RoleInserted
	RoleDeleted

	// RoleCount is the number of roles, for tables indexed by Role.
	RoleCount = int(iota)
)

// String returns the role's name without its prefix, for tests and logs.
func (r Role) String() string {
	names := [RoleCount]string{
		"Text", "Heading1", "Heading2", "Heading3", "Code", "Link", "Image",
		"Quote", "QuoteBar", "ListMarker", "TaskOpen", "TaskDone", "Rule", "TableBorder", "TableHead",
		"CalloutNote", "CalloutTip", "CalloutImportant", "CalloutWarning", "CalloutCaution",
		"CodeBlock", "Dim", "Keyword", "String", "Number", "Comment", "Key", "Punct",
		"Function", "Variable", "Prompt", "Output", "Inserted", "Deleted",
	}
	if int(r) >= RoleCount {
		return "Unknown"
	}
	return names[r]
}

// Style is what a span is, apart from its text. Styles are comparable.
type Style struct {
	Role                     Role
	Strong, Emphasis, Strike bool
	// Link is the destination of the link the text belongs to, as the source
	// gives it: absolute, relative or a fragment. See Hyperlink.
	Link string
	// Mark is what stands out in a page for the moment. Render sets none.
	Mark Mark
}

// Mark is a reason for which a piece of text stands out.
type Mark uint8

// The marks.
const (
	MarkNone    Mark = iota
	MarkTerm         // a word that can be explained
	MarkFocus        // the one that is being explained
	MarkMatch        // found by a search
	MarkCurrent      // the match that was gone to
)

// Hyperlink returns the link's address if it may be handed to the terminal as a
// hyperlink (OSC 8), else "". Relative addresses mean nothing to a terminal,
// and a page must not make a click open anything but the web or a mail.
func (s Style) Hyperlink() string {
	if s.Link == "" {
		return ""
	}
	u, err := url.Parse(s.Link)
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "http", "https", "mailto":
		return s.Link
	}
	return ""
}

// Span is a run of text in one style.
type Span struct {
	Text  string
	Width int // in cells
	Style
}

// Line is one line of a laid out document.
type Line struct {
	Spans []Span
	// Block is the index in Doc.Code of the code block the line belongs to, or -1.
	Block int
	// Lead is how many of the spans, at the start, are marks and indents of what
	// the line is in, and not its text.
	Lead int
	// Join says how the text goes on from the line before.
	Join Join
}

// Join is how a line goes on from the one before.
type Join uint8

// The joins.
const (
	JoinNone  Join = iota // it does not: a line of its own
	JoinSpace             // a space was between them
	JoinTight             // nothing was, as in Chinese or within a long word
)

// Width returns the line's width in cells, padding included.
func (l Line) Width() int {
	w := 0
	for _, s := range l.Spans {
		w += s.Width
	}
	return w
}

// Plain returns the line's text without styles and without trailing spaces.
func (l Line) Plain() string {
	var b strings.Builder
	for _, s := range l.Spans {
		b.WriteString(s.Text)
	}
	return strings.TrimRight(b.String(), " ")
}

// CodeBlock is the source of a block of code, for copying.
type CodeBlock struct {
	Language string // the first word of the fence, in lower case; "" if none
	Source   string // without the last line's end; control characters replaced
}

// Link is a link or a picture of the document.
type Link struct {
	Text, URL string
}

// Heading is a heading at the top level of the document.
type Heading struct {
	Level int // as in the source, 1 to 6
	ID    string
	Text  string
	Line  int // index in Doc.Lines
}

// Doc is a document laid out for one width.
type Doc struct {
	Lines    []Line
	Code     []CodeBlock
	Links    []Link // in the order of the source
	Headings []Heading
	Notes    []Note // footnotes, by number
	// Wide is by how many cells the widest diagram is wider than its room; 0 or
	// less when all are seen whole. Only with Options.Sideways.
	Wide int
}

// Plain returns the document as text, one line each, ending in a newline.
func (d Doc) Plain() string {
	var b strings.Builder
	for _, l := range d.Lines {
		b.WriteString(l.Plain())
		b.WriteByte('\n')
	}
	return b.String()
}

// ANSI returns the document with the escape sequences that theme gives for each
// span written around its text, and links as OSC 8 hyperlinks. The pieces of a
// link that was broken over lines share an id, so that a terminal lights them
// up together. Each line ends in a newline.
func ANSI(doc Doc, theme func(Span) (open, close string)) string {
	var b strings.Builder
	for _, l := range doc.Lines {
		writeANSI(&b, l, theme)
		b.WriteByte('\n')
	}
	return b.String()
}

func writeANSI(b *strings.Builder, l Line, theme func(Span) (open, close string)) {
	spans := l.Spans
	// Trailing spaces are worth their bytes only if the theme paints them.
	for n := len(spans); n > 0; n-- {
		if open, _ := theme(spans[n-1]); open != "" || strings.Trim(spans[n-1].Text, " ") != "" {
			break
		}
		spans = spans[:n-1]
	}
	for _, s := range spans {
		link := s.Hyperlink()
		if link != "" {
			b.WriteString("\x1b]8;id=" + linkID(link) + ";" + link + "\x1b\\")
		}
		open, end := theme(s)
		b.WriteString(open)
		b.WriteString(s.Text)
		b.WriteString(end)
		if link != "" {
			b.WriteString("\x1b]8;;\x1b\\")
		}
	}
}

// linkID derives the id of a hyperlink from its address (FNV-1a). Two links to
// one address light up together, which does no harm.
func linkID(link string) string {
	const digits = "0123456789abcdef"
	h := uint32(2166136261)
	for i := range len(link) {
		h = (h ^ uint32(link[i])) * 16777619
	}
	var id [8]byte
	for i := range id {
		id[i] = digits[h>>(28-4*i)&15]
	}
	return string(id[:])
}
