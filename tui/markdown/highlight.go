package markdown

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// Code is highlighted up to this size, in bytes, altogether and in one line.
// Pages stay far below; above it, as in a file opened to be read, the patterns
// of a lexer could keep the screen waiting.
const (
	maxHighlight     = 16 << 10
	maxHighlightLine = 1000
)

// highlight calls add with the pieces of source in order, each with its role.
func highlight(language, source string, add func(s string, role Role)) {
	rest := source
	if name := lexerName(language); name != "" && isHighlightable(source) {
		if lexer := lexers().Get(name); lexer != nil {
			rest = tokenise(lexer, source, add)
		}
	}
	if rest != "" {
		add(rest, RoleCodeBlock)
	}
}

func isHighlightable(source string) bool {
	if len(source) > maxHighlight {
		return false
	}
	for line := range strings.Lines(source) {
		if len(line) > maxHighlightLine {
			return false
		}
	}
	return true
}

// tokenise calls add with the tokens of source and returns what the lexer left.
// A lexer that returns anything but the source is not believed: what counts is
// that the learner sees every character.
func tokenise(lexer chroma.Lexer, source string, add func(s string, role Role)) (rest string) {
	next, err := lexer.Tokenise(nil, source)
	if err != nil {
		return source
	}
	for t := next(); t != chroma.EOF; t = next() {
		if !strings.HasPrefix(source, t.Value) {
			break
		}
		source = source[len(t.Value):]
		add(t.Value, tokenRole(t.Type))
	}
	return source
}

// tokenRole maps chroma's token types to roles.
func tokenRole(t chroma.TokenType) Role {
	switch t {
	case chroma.NameTag, chroma.NameAttribute:
		return RoleKey
	case chroma.NameFunction, chroma.NameBuiltin:
		return RoleFunction
	case chroma.NameVariable, chroma.NameLabel:
		return RoleVariable
	case chroma.GenericPrompt:
		return RolePrompt
	case chroma.GenericOutput:
		return RoleOutput
	case chroma.GenericInserted:
		return RoleInserted
	case chroma.GenericDeleted:
		return RoleDeleted
	case chroma.GenericHeading:
		return RoleKeyword
	}
	switch {
	case t.InCategory(chroma.Keyword):
		return RoleKeyword
	case t.InSubCategory(chroma.LiteralString):
		return RoleString
	case t.InCategory(chroma.Literal):
		return RoleNumber
	case t.InCategory(chroma.Comment):
		return RoleComment
	case t.InCategory(chroma.Operator), t.InCategory(chroma.Punctuation):
		return RolePunct
	}
	return RoleCodeBlock
}
