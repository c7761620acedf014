package markdown

import (
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// cjkDelimiters is a parser of * or ~ that understands Chinese. CommonMark
// tells an opening mark from a closing one by the spaces and punctuation around
// it, and so leaves the asterisks of 把**服务（Service）**交给 as they are: a
// mark between ） and an ideograph seems to open. Here a wide character, mark
// or not, counts as a letter inside and as a space outside, as proposed in
// https://github.com/tats-u/markdown-cjk-friendly. Text without wide
// characters is parsed as CommonMark says.
type cjkDelimiters struct {
	parser.InlineParser
}

func (p cjkDelimiters) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	node := p.InlineParser.Parse(parent, block, pc)
	d, ok := node.(*parser.Delimiter)
	if !ok || d.Char == '_' {
		return node
	}
	after := ' '
	if line, _ := block.PeekLine(); len(line) > 0 {
		after, _ = utf8.DecodeRune(line)
	}
	d.CanOpen = flanks(after, before)
	d.CanClose = flanks(before, after)
	return node
}

// flanks reports whether a run of marks can belong to the text on the side of
// inner, given the character on its other side.
func flanks(inner, outer rune) bool {
	switch {
	case util.IsSpaceRune(inner):
		return false
	case isWideRune(inner), !util.IsPunctRune(inner):
		return true
	}
	return util.IsSpaceRune(outer) || util.IsPunctRune(outer) || isWideRune(outer)
}

func isWideRune(r rune) bool {
	return displaywidth.Rune(r) == 2
}
