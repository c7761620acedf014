package picture

import (
	"strings"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// Role says what a piece of a drawing is, so that a theme can say how it looks.
type Role uint8

// The roles.
const (
	RoleText        Role = iota
	RoleTitle            // the name a card is about
	RoleName             // of an object
	RoleKind             // of an object
	RoleFact             // an address, a port, an image
	RoleBorder           // of a card
	RoleGood             // state of an object: glyph and word, here and below
	RoleProgressing      //
	RoleBroken           //
	RoleInert            //
	RoleGone             //
	RoleLine             // what traffic goes along
	RoleIdle             // a line to a Pod that is not ready
	RoleGap              // a line that is missing, and why
	RoleChanged          // the mark of what has just changed
	RoleHint             // what the picture itself says

	// RoleCount is the number of roles, for tables indexed by Role.
	RoleCount = int(iota)
)

// Span is a run of text in one role.
type Span struct {
	Text  string
	Width int // in cells
	Role  Role
	Key   string // of the node it belongs to, "" for none
}

// ink writes one line of exactly the width it was made for.
type ink struct {
	spans []Span
	left  int
	key   string
}

func newInk(width int, key string) *ink {
	return &ink{spans: make([]Span, 0, 8), left: max(0, width), key: key}
}

// put writes text, cut at the edge.
func (k *ink) put(r Role, text string) *ink {
	text, width := cut(text, k.left)
	return k.raw(r, text, width)
}

// cut returns clean text of at most w cells, and its width.
func cut(text string, w int) (string, int) {
	if len(text) <= w && ascii(text) {
		return text, len(text)
	}
	text = markdown.Truncate(text, w, "…")
	return text, markdown.Width(text)
}

// ascii reports whether text is printable ASCII, as nearly all that an API server
// lets through: a byte of it is a cell.
func ascii(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// widthOf is the width of clean text in cells.
func widthOf(text string) int {
	if ascii(text) {
		return len(text)
	}
	return markdown.Width(text)
}

// raw writes clean text of a width that fits.
func (k *ink) raw(r Role, text string, width int) *ink {
	if text == "" || width > k.left {
		return k
	}
	k.left -= width
	if n := len(k.spans); n > 0 && k.spans[n-1].Role == r && k.spans[n-1].Key == k.key {
		k.spans[n-1].Text += text
		k.spans[n-1].Width += width
		return k
	}
	k.spans = append(k.spans, Span{text, width, r, k.key})
	return k
}

// rule draws a border of n cells.
func (k *ink) rule(glyph string, n int) *ink {
	n = max(0, min(n, k.left))
	return k.raw(RoleBorder, strings.Repeat(glyph, n), n)
}

func (k *ink) space(n int) *ink {
	n = min(n, k.left)
	return k.raw(RoleText, strings.Repeat(" ", max(0, n)), n)
}

// column writes text in exactly w cells.
func (k *ink) column(r Role, text string, w int) *ink {
	w = min(w, k.left)
	text, n := cut(text, w)
	return k.raw(r, text, n).space(w - n)
}

// end fills the line.
func (k *ink) end() []Span { return k.space(k.left).spans }

// fit joins as many texts as fit w cells, whole ones, and returns the others; the
// first is cut rather than left out.
func fit(texts []string, between string, w int) (line string, rest []string) {
	for i, t := range texts {
		longer := t
		if i > 0 {
			longer = line + between + t
		}
		if i > 0 && widthOf(longer) > w {
			return markdown.Truncate(line, w, "…"), texts[i:]
		}
		line = longer
	}
	return markdown.Truncate(line, w, "…"), nil
}

// few is fit without what did not fit.
func few(texts []string, between string, w int) string {
	line, _ := fit(texts, between, w)
	return line
}

// glyphs are the marks and lines of a drawing, one cell each.
type glyphs struct {
	health                                      [Gone + 1]string
	changed, tree, arrow, idle, missing         string
	topLeft, topRight, bottomLeft, bottomRight  string
	across, down, dash, right, left, open, shut string
	joints                                      [16]string // by up 1, down 2, left 4, right 8
}

func glyphsFor(ascii bool) *glyphs {
	if ascii {
		g := &glyphs{health: [...]string{"-", "+", "~", "!", "x"}, changed: "*", tree: "`", arrow: ">", idle: "o", missing: "x",
			topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+", across: "-", down: "|", dash: ".", right: "+", left: "+", open: "v", shut: ">"}
		for i := range g.joints {
			g.joints[i] = "+"
		}
		g.joints[0], g.joints[up|down], g.joints[left|right], g.joints[left], g.joints[right] = " ", "|", "-", "-", "-"
		return g
	}
	return &glyphs{health: [...]string{"·", "●", "◐", "✗", "✗"}, changed: "◆", tree: "└", arrow: "▶", idle: "○", missing: "✗",
		topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯", across: "─", down: "│", dash: "╌", right: "├", left: "┤", open: "▾", shut: "▸",
		joints: [...]string{" ", "│", "│", "│", "─", "╯", "╮", "┤", "─", "╰", "╭", "├", "─", "┴", "┬", "┼"}}
}

// roleOf is the role of a state.
func roleOf(h Health) Role {
	return [...]Role{RoleInert, RoleGood, RoleProgressing, RoleBroken, RoleGone}[min(h, Gone)]
}
