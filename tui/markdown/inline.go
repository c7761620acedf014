package markdown

import (
	"bytes"
	"path"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// inline adds the text of n's children to p.
func (r *renderer) inline(p *paragraph, n ast.Node, st Style) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			value := string(c.Segment.Value(r.source))
			if !c.IsRaw() {
				value = unescape(value)
			}
			p.text(value, st)
			if c.HardLineBreak() {
				p.breakLine()
			} else if c.SoftLineBreak() {
				p.softBreak = true
			}
		case *ast.String:
			p.text(string(c.Value), st)
		case *ast.CodeSpan:
			r.codeSpan(p, c, st)
		case *ast.Emphasis:
			s := st
			if c.Level >= 2 {
				s.Strong = true
			} else {
				s.Emphasis = true
			}
			r.inline(p, c, s)
		case *east.Strikethrough:
			s := st
			s.Strike = true
			r.inline(p, c, s)
		case *ast.Link:
			s := st
			s.Role, s.Link = RoleLink, cleanURL(c.Destination)
			start := len(p.buf)
			r.inline(p, c, s)
			r.link(p, start, s)
		case *ast.AutoLink:
			s := st
			s.Role, s.Link = RoleLink, Clean(string(util.URLEscape(c.URL(r.source), false)))
			if c.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(s.Link, "mailto:") {
				s.Link = "mailto:" + s.Link
			}
			start := len(p.buf)
			p.text(string(c.Label(r.source)), s)
			r.doc.Links = append(r.doc.Links, Link{Text: string(p.buf[start:]), URL: s.Link})
		case *ast.Image:
			r.image(p, c, st)
		case *ast.RawHTML:
			switch {
			case isLineBreakTag(c.Segments.Value(r.source)):
				p.breakLine()
			case r.opts.HTML:
				s := st
				s.Role = RoleComment
				p.text(string(c.Segments.Value(r.source)), s)
			}
		case *east.FootnoteLink:
			footnoteMark(p, c, st)
		case *east.FootnoteBacklink:
		case *east.TaskCheckBox:
			marker := r.taskMarker(c.IsChecked)
			p.text(marker.Text, marker.Style)
		default:
			r.inline(p, c, st)
		}
	}
}

// link notes the link whose text begins at start. Where the terminal gets no
// hyperlinks the address is written out.
func (r *renderer) link(p *paragraph, start int, st Style) {
	text := strings.TrimSpace(string(p.buf[start:]))
	r.doc.Links = append(r.doc.Links, Link{Text: text, URL: st.Link})
	if r.opts.Plain && st.Link != "" && st.Link != text && st.Link[0] != '#' {
		p.text(" <"+st.Link+">", st)
	}
}

func (r *renderer) codeSpan(p *paragraph, n *ast.CodeSpan, st Style) {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(r.source))
		}
	}
	code := strings.ReplaceAll(b.String(), "\n", " ")
	if r.opts.Plain {
		code = "`" + code + "`"
	}
	if st.Role != RoleLink {
		st.Role = RoleCode
	}
	p.code(code, st)
}

// image stands a caption in for a picture.
func (r *renderer) image(p *paragraph, n *ast.Image, st Style) {
	st.Role, st.Link = RoleImage, cleanURL(n.Destination)
	before, after := "▣ ", ""
	if r.opts.Plain {
		before, after = "![", "]"
	}
	p.text(before, st)
	start := len(p.buf)
	r.inline(p, n, st)
	if len(p.buf) == start {
		p.text(path.Base(st.Link), st)
	}
	p.softBreak = false
	r.doc.Links = append(r.doc.Links, Link{Text: string(p.buf[start:]), URL: st.Link})
	p.text(after, st)
	if r.opts.Plain {
		p.text("("+st.Link+")", st)
		return
	}
	if st.Hyperlink() == "" && st.Link != "" && string(p.buf[start:]) != path.Base(st.Link) {
		st.Role = RoleDim
		p.text(" ("+st.Link+")", st)
	}
}

// cleanURL returns a link destination as goldmark's HTML renderer would write
// it: escapes resolved, everything outside the URL characters percent-encoded.
func cleanURL(dest []byte) string {
	return Clean(string(util.URLEscape(dest, true)))
}

func isLineBreakTag(tag []byte) bool {
	tag = bytes.ToLower(bytes.Trim(tag, "<>/ \n"))
	return string(tag) == "br"
}

// unescape resolves backslash escapes and character references. goldmark leaves
// both to the renderer.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == ' ':
			i++ // an escaped space separates marks from text and is not shown
		case s[i] == '\\' && i+1 < len(s) && util.IsPunct(s[i+1]):
			i++
			b.WriteByte(s[i])
		case s[i] == '&':
			text, size := reference(s[i:])
			b.WriteString(text)
			i += size - 1
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// reference resolves the character reference that s starts with, and returns
// its text and its size in s. A lone ampersand stands for itself.
func reference(s string) (text string, size int) {
	const longest = 33 // &CounterClockwiseContourIntegral;
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
	if end < 2 {
		return "&", 1
	}
	name := s[1:end]
	if name[0] != '#' {
		if e, ok := util.LookUpHTML5EntityByName(name); ok {
			return string(e.Characters), end + 1
		}
		return "&", 1
	}
	digits, base := name[1:], 10
	if strings.HasPrefix(digits, "x") || strings.HasPrefix(digits, "X") {
		digits, base = digits[1:], 16
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return "&", 1
	}
	if v == 0 || v > 0x10ffff {
		v = 0xfffd
	}
	return string(rune(v)), end + 1
}
