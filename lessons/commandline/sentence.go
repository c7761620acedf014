package commandline

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Sentence is one remark in both languages, as Markdown.
type Sentence struct{ English, Chinese string }

// code is a piece of a command line in a sentence; it is shown as code.
type code string

// codeMost is how many characters of a command line a sentence repeats.
const codeMost = 80

func (c code) String() string {
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(c), "�"))
	if utf8.RuneCountInString(s) > codeMost {
		s = string([]rune(s)[:codeMost-1]) + "…"
	}
	if strings.TrimSpace(s) == "" {
		s = `""`
	}
	return "`" + strings.ReplaceAll(s, "`", "'") + "`"
}

// say makes a sentence. Strings among the arguments are parts of command lines
// and become code.
func say(en, zh string, args ...any) Sentence {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = code(s)
		}
	}
	return Sentence{English: fmt.Sprintf(en, args...), Chinese: fmt.Sprintf(zh, args...)}
}
