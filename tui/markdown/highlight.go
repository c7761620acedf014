package markdown

import (
	"embed"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
)

// The lexers are our own. chroma's package of them registers some 250 at the
// program's start, which takes longer than all the rest of it.
//
//go:embed lexers/*.xml
var lexerFiles embed.FS

// maxHighlight is the size in bytes above which code is not highlighted: no
// page has that much, and a file opened with "read" must not make the screen wait.
const maxHighlight = 64 << 10

// lexers returns the lexers under the names that lexerName gives. Their rules
// are read when a lexer is first used.
var lexers = sync.OnceValue(func() *chroma.LexerRegistry {
	registry := chroma.NewLexerRegistry()
	for _, name := range []string{"yaml", "shell", "console", "json", "go", "dockerfile", "ini", "diff"} {
		lexer, err := chroma.NewXMLLexer(lexerFiles, "lexers/"+name+".xml")
		if err != nil {
			continue // code in this language is shown without colours; a test sees to it that there is none
		}
		registry.Register(lexer)
	}
	return registry
})

// lexerName returns the name of the lexer for the language of a fence, or "".
func lexerName(language string) string {
	switch language {
	case "yaml", "yml":
		return "yaml"
	case "sh", "bash", "shell", "zsh":
		return "shell"
	case "console", "shell-session", "terminal":
		return "console"
	case "json", "jsonc":
		return "json"
	case "go", "golang":
		return "go"
	case "dockerfile", "docker":
		return "dockerfile"
	case "ini", "toml", "conf", "properties", "systemd":
		return "ini"
	case "diff", "patch":
		return "diff"
	}
	return ""
}

// highlight calls add with the pieces of source in order, each with its role.
func highlight(language, source string, add func(s string, role Role)) {
	rest := source
	if name := lexerName(language); name != "" && len(source) <= maxHighlight {
		if lexer := lexers().Get(name); lexer != nil {
			rest = tokenise(lexer, source, add)
		}
	}
	if rest != "" {
		add(rest, RoleCodeBlock)
	}
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
