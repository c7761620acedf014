package markdown

import (
	"embed"
	"encoding/xml"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/alecthomas/chroma/v2"
)

// The lexers are our own. chroma's package of them registers some 250 at the
// program's start, which takes longer than all the rest of it.
//
//go:embed lexers/*.xml
var lexerFiles embed.FS

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

// lexers returns the lexers under the names that lexerName gives. They refer to
// each other by the same names. A lexer's rules are read when it is first used.
var lexers = sync.OnceValue(func() *chroma.LexerRegistry {
	registry := chroma.NewLexerRegistry()
	for _, name := range []string{"yaml", "shell", "console", "json", "go", "dockerfile", "ini", "diff"} {
		lexer, err := chroma.NewLexer(&chroma.Config{Name: name}, func() chroma.Rules { return lexerRules(name) })
		if err == nil {
			registry.Register(lexer)
		}
	}
	return registry
})

// lexerRules reads the rules of a lexer. Without any, chroma reports the lexer
// as faulty when it is used and the code is shown in one colour; a test makes
// sure that this does not happen.
func lexerRules(name string) chroma.Rules {
	var lexer struct {
		Rules chroma.Rules `xml:"rules"`
	}
	data, err := lexerFiles.ReadFile("lexers/" + name + ".xml")
	if err != nil || xml.Unmarshal(data, &lexer) != nil {
		return nil
	}
	lexer.Rules["root"] = append(lexer.Rules["root"], chroma.Rule{Pattern: "(?!)", Mutator: withoutTimeout{}})
	return lexer.Rules
}

// withoutTimeout takes away the time limit that chroma puts on each match. The
// limit needs a clock, a goroutine that nobody waits for and that ticks for a
// second after the last match; and a page could come out differently on a busy
// machine. What bounds the work instead is the size of what is highlighted.
type withoutTimeout struct{}

// Mutate implements chroma.Mutator. The rule never matches.
func (withoutTimeout) Mutate(*chroma.LexerState) error { return nil }

// MutateLexer runs once, when the rules have been compiled, and removes its own
// rule, without which chroma would run it for ever.
func (withoutTimeout) MutateLexer(rules chroma.CompiledRules, state string, rule int) error {
	for _, compiled := range rules {
		for _, r := range compiled {
			r.Regexp.MatchTimeout = time.Duration(math.MaxInt64)
		}
	}
	rules[state] = slices.Delete(rules[state], rule, rule+1)
	return nil
}
