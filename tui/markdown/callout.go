package markdown

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// calloutStyle returns the role of a kind of callout, its English title and the
// mark before it. ok is false for kinds there are none of.
func calloutStyle(kind string) (role Role, title, mark string, ok bool) {
	switch kind {
	case "note":
		return RoleCalloutNote, "Note", "● ", true
	case "tip":
		return RoleCalloutTip, "Tip", "✦ ", true
	case "important":
		return RoleCalloutImportant, "Important", "◆ ", true
	case "warning":
		return RoleCalloutWarning, "Warning", "▲ ", true
	case "caution":
		return RoleCalloutCaution, "Caution", "✗ ", true
	}
	return 0, "", "", false
}

// callout lays n out as a callout if it begins with a line like "[!NOTE]" or
// "[!NOTE] A title of its own", and reports whether it did.
func (r *renderer) callout(n *ast.Blockquote, st Style) bool {
	p, ok := n.FirstChild().(*ast.Paragraph)
	if !ok || p.Lines().Len() == 0 {
		return false
	}
	line := p.Lines().At(0)
	kind, own, ok := bytes.Cut(bytes.TrimSpace(line.Value(r.source)), []byte("]"))
	if !ok || !bytes.HasPrefix(kind, []byte("[!")) {
		return false
	}
	name := strings.ToLower(string(kind[2:]))
	role, title, mark, ok := calloutStyle(name)
	if !ok {
		return false
	}
	if r.opts.CalloutTitle != nil {
		title = r.opts.CalloutTitle(name)
	}
	if own := bytes.TrimSpace(own); len(own) > 0 {
		title = unescape(string(own))
	}
	removeFirstLine(p)

	head := Style{Role: role, Strong: true}
	bar := Span{"▌ ", 2, Style{Role: role}}
	if r.opts.Plain {
		bar.Text, mark, title = "| ", "", title+":"
	}
	defer r.push(bar, bar)()
	r.p.reset()
	r.p.text(mark+title, head)
	r.emitParagraph(&r.p)
	r.blocks(n, st, false)
	return true
}

// removeFirstLine drops the inlines of p up to its first line end.
func removeFirstLine(p *ast.Paragraph) {
	for c := p.FirstChild(); c != nil; {
		next := c.NextSibling()
		t, isText := c.(*ast.Text)
		p.RemoveChild(p, c)
		if isText && (t.SoftLineBreak() || t.HardLineBreak()) {
			return
		}
		c = next
	}
}
