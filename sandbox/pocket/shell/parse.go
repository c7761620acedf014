package shell

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Bounds of a script. The parser and the interpreter call themselves for every
// level that a script nests, and a Go program whose stack overflows ends as a
// whole: so no script may nest deeper than these.
const (
	maxScript    = 1 << 20 // bytes of one script
	maxNesting   = 1000    // levels of the syntax tree
	maxOpen      = 1000    // brackets and keywords open at once, before parsing
	maxOperators = 20_000  // operators in one stretch that could nest without a bracket
)

// syntaxError is what the shell says of a script that it cannot read.
type syntaxError struct {
	line uint
	text string
}

func (e *syntaxError) Error() string { return "syntax error: " + e.text }

func newParser() *syntax.Parser { return syntax.NewParser(syntax.Variant(syntax.LangBash)) }

// parseScript parses a whole script. depth is how deep its tree nests.
func parseScript(text string) (stmts []*syntax.Stmt, depth int, err error) {
	if err := bounded(text); err != nil {
		return nil, 0, err
	}
	file, err := newParser().Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, 0, plainError(err)
	}
	depth, err = accept(file)
	return file.Stmts, depth, err
}

// plainError turns a parser's error into the words of ash where it has any.
func plainError(err error) error {
	var pe syntax.ParseError
	if !errors.As(err, &pe) {
		if errors.Is(err, io.EOF) {
			return err
		}
		return &syntaxError{text: err.Error()}
	}
	text := pe.Text
	switch {
	case strings.Contains(text, "reached EOF without closing quote"):
		text = "unterminated quoted string"
	case strings.Contains(text, "reached EOF"), strings.Contains(text, "must be followed by"), strings.Contains(text, "must end with"):
		text = ashExpected(text)
	case strings.HasSuffix(text, "can only be used to end an `if`"), strings.HasSuffix(text, "can only be used to end a loop"), strings.HasSuffix(text, "can only be used to end a `case`"),
		strings.HasSuffix(text, "can only be used in an `if`"), strings.HasSuffix(text, "can only be used in a loop"), strings.HasPrefix(text, "`") && strings.Contains(text, "can only"):
		word, _, _ := strings.Cut(strings.TrimPrefix(text, "`"), "`")
		text = fmt.Sprintf("unexpected %q", word)
	}
	return &syntaxError{line: pe.Pos.Line(), text: text}
}

// ashExpected rewrites what the parser says of an unfinished construct: ash
// names the token that it found and the one that it wanted.
func ashExpected(text string) string {
	words := strings.Split(text, "`")
	if len(words) >= 4 {
		if want := words[len(words)-2]; !strings.ContainsAny(want, "<>") {
			return fmt.Sprintf("unexpected end of file (expecting %q)", want)
		}
	}
	return "unexpected end of file"
}

// bounded refuses a script that could nest too deep for the parser, by counting
// everything that opens a level. It does not know quotes: a script may hold this
// many unbalanced brackets as text.
func bounded(text string) error {
	if len(text) > maxScript {
		return &syntaxError{text: "script too long"}
	}
	open, operators := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '{', '[':
			open++
		case ')', '}', ']':
			open = max(open-1, 0)
		case '`', '?', '=', '!', '~', '+', '-', '*', '|', '&', '<', '>', ':', '"', '\\':
			operators++
		case '\n':
			if open == 0 {
				operators = 0
			}
		default:
			if i > 0 && isWordByte(text[i-1]) || !isWordByte(c) {
				continue
			}
			end := i
			for end < len(text) && isWordByte(text[end]) {
				end++
			}
			switch text[i:end] {
			case "if", "while", "until", "for", "case", "select":
				open++
			case "fi", "done", "esac":
				open = max(open-1, 0)
			case "time", "elif", "function", "coproc", "declare", "local", "export":
				operators++
			}
			i = end - 1
		}
		if open > maxOpen || operators > maxOperators {
			return &syntaxError{text: "too many nested levels"}
		}
	}
	return nil
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// accept refuses what the shell of BusyBox does not have or what would need the
// host, and measures how deep the tree nests.
func accept(root syntax.Node) (deepest int, err error) {
	depth := 0
	refuse := func(pos syntax.Pos, what string) {
		if err == nil {
			err = &syntaxError{line: pos.Line(), text: "unexpected " + what}
		}
	}
	syntax.Walk(root, func(n syntax.Node) bool {
		if n == nil {
			depth--
			return true
		}
		depth++
		deepest = max(deepest, depth)
		switch n := n.(type) {
		case *syntax.ProcSubst:
			refuse(n.Pos(), `"("`)
		case *syntax.ArrayExpr:
			refuse(n.Pos(), `"("`)
		case *syntax.CoprocClause:
			refuse(n.Pos(), `word`)
		case *syntax.Word:
			literalBraces(n)
		case *syntax.ParamExp:
			if n.Index != nil || n.Excl && n.Names == 0 || n.Names != 0 {
				if err == nil {
					err = &syntaxError{line: n.Pos().Line(), text: "bad substitution"}
				}
			}
		}
		if depth > maxNesting && err == nil {
			err = &syntaxError{line: n.Pos().Line(), text: "too many nested levels"}
		}
		return err == nil
	})
	return deepest, err
}

// literalBraces keeps {a,b} as it is: ash has no brace expansion.
func literalBraces(w *syntax.Word) {
	for _, part := range w.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok || !strings.Contains(lit.Value, "{") {
			continue
		}
		var b strings.Builder
		for i := 0; i < len(lit.Value); i++ {
			switch c := lit.Value[i]; {
			case c == '\\' && i+1 < len(lit.Value):
				b.WriteByte(c)
				i++
				b.WriteByte(lit.Value[i])
			case c == '{':
				b.WriteString(`\{`)
			default:
				b.WriteByte(c)
			}
		}
		lit.Value = b.String()
	}
}
