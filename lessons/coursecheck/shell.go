package coursecheck

import (
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// shellText is a piece of shell as it stands in a course.
type shellText struct {
	pos     lessons.Position // of its first line
	text    string
	oneLine bool // its lines are not those of the file
	named   bool // it stands in a sentence and need not be whole
}

// filledIn matches what is not to be taken by its letters: {{name}}, which the
// tutor fills in, and an ellipsis, which the reader does.
var filledIn = regexp.MustCompile(`\{\{[ \t]*[A-Za-z][A-Za-z0-9_-]*[ \t]*\}\}|…|(^|\s)\.\.\.(\s|$)`)

// shell takes down the kubectl commands of a text, and returns them as a
// learner would read them.
func (c *checker) shell(s shellText) []string {
	text := filledIn.ReplaceAllStringFunc(s.text, func(found string) string {
		if strings.HasSuffix(strings.TrimSpace(found), "...") {
			return strings.Replace(found, "...", lint.Unknown, 1)
		}
		return lint.Unknown
	})
	script, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		said := err.Error()
		if _, after, ok := strings.Cut(said, ": "); ok { // behind line:column
			said = after
		}
		c.add(s.pos, Error, "shell", say("`%s`: a shell cannot read this: %s", "`%s`：shell 无法解析：%s", firstOf(s.text), said),
			say("a command line; write what learners fill in as NAME", "命令行；需要学习者替换的部分写成 NAME"))
		return nil
	}
	var lines []string
	syntax.Walk(script, func(n syntax.Node) bool {
		stmt, ok := n.(*syntax.Stmt)
		if !ok {
			return true
		}
		call, ok := stmt.Cmd.(*syntax.CallExpr)
		if !ok {
			return true
		}
		argv := kubectlWords(call)
		if argv == nil {
			return true
		}
		pos := s.pos
		if !s.oneLine {
			pos.Line += int(call.Pos().Line()) - 1
		}
		lines = append(lines, strings.Join(argv, " "))
		c.ask.Commands = append(c.ask.Commands, lint.Command{At: pos.String(), Argv: argv, Named: s.named})
		if slices.Contains(argv, "-") && !s.oneLine {
			c.hereDocuments(s.pos, stmt)
		}
		return true
	})
	return lines
}

// firstOf is the first line of a text.
func firstOf(text string) string {
	line, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if rest != "" {
		line += " …"
	}
	return line
}

// hereDocuments takes down what a command reads from a here-document.
func (c *checker) hereDocuments(pos lessons.Position, stmt *syntax.Stmt) {
	for _, r := range stmt.Redirs {
		if r.Hdoc == nil {
			continue
		}
		if text := word(r.Hdoc); !strings.Contains(text, lint.Unknown) {
			c.manifest(lessons.Position{File: pos.File, Line: pos.Line + int(r.Hdoc.Pos().Line()) - 1}, text)
		}
	}
}

// kubectlWords returns the words of a call of kubectl, nil when it is none.
func kubectlWords(call *syntax.CallExpr) []string {
	var argv []string
	for _, w := range call.Args {
		argv = append(argv, word(w))
	}
	// Programs that run the rest of their line.
	for len(argv) > 1 && slices.Contains([]string{"sudo", "watch", "xargs", "nohup", "exec", "command", "k8stutor"}, argv[0]) {
		runner := argv[0]
		argv = argv[1:]
		for runner != "k8stutor" && len(argv) > 1 && argv[0] != "kubectl" && argv[0] != "k" {
			argv = argv[1:] // its own flags
		}
		if runner == "xargs" {
			argv = append(argv, lint.Unknown)
		}
	}
	if len(argv) == 0 || argv[0] != "kubectl" && argv[0] != "k" {
		return nil
	}
	argv[0] = "kubectl"
	return argv
}

// word returns what a shell makes of a word, with lint.Unknown for what it
// would have to look up or run.
func word(w *syntax.Word) string {
	var b strings.Builder
	for _, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			b.WriteString(unescape(part.Value, ""))
		case *syntax.SglQuoted:
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			for _, inner := range part.Parts {
				if lit, ok := inner.(*syntax.Lit); ok {
					b.WriteString(unescape(lit.Value, "\"\\$`\n"))
				} else {
					b.WriteString(lint.Unknown)
				}
			}
		default:
			b.WriteString(lint.Unknown)
		}
	}
	return b.String()
}

// unescape takes the backslashes away: those before the given characters, or
// all when there are none.
func unescape(s, before string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (before == "" || strings.IndexByte(before, s[i+1]) >= 0) {
			i++
			if s[i] == '\n' {
				continue // a line continued
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// consoleCommands cuts the commands out of a console session: the lines behind a
// prompt, with those that continue them.
func consoleCommands(pos lessons.Position, text string) (commands []shellText) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		command, ok := strings.CutPrefix(lines[i], "$ ")
		if !ok {
			continue
		}
		s := shellText{pos: lessons.Position{File: pos.File, Line: pos.Line + i}, text: command}
		// A shell asks for more while a quote, a backslash or a here-document is open.
		for n := i; n+1 < len(lines) && isUnfinished(s.text); {
			n++
			s.text += "\n" + strings.TrimPrefix(lines[n], "> ")
			if !isUnfinished(s.text) {
				i = n
			}
		}
		commands = append(commands, s)
	}
	return commands
}

func isUnfinished(text string) bool {
	if strings.HasSuffix(text, `\`) {
		return true
	}
	_, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	return err != nil && (syntax.IsIncomplete(err) || strings.Contains(err.Error(), "here-document"))
}
