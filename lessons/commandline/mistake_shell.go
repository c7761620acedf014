package commandline

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/k8stutor/k8stutor/lessons/spelling"
)

// prompted finds a prompt that was copied with the command.
func prompted(f *failure) *Sentence {
	prompt, rest, ok := strings.Cut(f.line, " ")
	rest = strings.TrimSpace(rest)
	if !ok || !slices.Contains([]string{"$", "#", "%", ">", "❯", "➜"}, prompt) {
		return nil
	}
	program, _, _ := strings.Cut(rest, " ")
	if program != "kubectl" && program != "k" || f.exit == 0 && prompt != "#" {
		return nil
	}
	return told("%s is the prompt of a shell, not a part of the command. Type what stands behind it: %s.",
		"%s 是 shell 的提示符，不是命令的一部分。只输入它后面的内容：%s。", prompt, rest)
}

// placeholder finds <name>, or NAME, left in a line.
func placeholder(f *failure) *Sentence {
	if f.exit == 0 {
		return nil
	}
	say := func(found string) *Sentence {
		return told("%s stands for a name of your own: write that name in its place, without brackets.",
			"%s 是占位符，请换成实际的名字，不要带括号。", found)
	}
	for i, w := range f.words {
		if !w.op || w.text != "<" {
			continue
		}
		for j := i + 1; j < len(f.words) && j <= i+4; j++ {
			if next := f.words[j]; next.op {
				if next.text == ">" && j > i+1 {
					var inside []string
					for _, w := range f.words[i+1 : j] {
						inside = append(inside, w.raw)
					}
					return say("<" + strings.Join(inside, " ") + ">")
				}
				break
			}
		}
	}
	for _, c := range f.commands {
		for i, w := range c.positional {
			_, name, slash := strings.Cut(w, "/")
			if !slash {
				name = w
			}
			if c.program == "kubectl" && i > 0 && isCapitals(name) && !isKind(name) && c.path != "config" {
				return say(name)
			}
		}
	}
	return nil
}

// isCapitals reports whether a word is written as placeholders are: POD_NAME.
func isCapitals(w string) bool {
	return len(w) >= 3 && w[0] >= 'A' && w[0] <= 'Z' && strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == "" && w[len(w)-1] != '-'
}

// halfWidth maps characters that a Chinese input method, or a word processor,
// puts in place of those of a keyboard.
func halfWidth(r rune) (string, bool) {
	switch {
	case r >= '！' && r <= '～':
		return string(r - '！' + '!'), true
	case r == '　' || r == '\u00a0':
		return " ", true
	case r == '—':
		return "--", true
	case r == '–' || r == '−' || r == '‐' || r == '‑':
		return "-", true
	case r == '。':
		return ".", true
	case r == '、':
		return ",", true
	case r == '《':
		return "<", true
	case r == '》':
		return ">", true
	case r == '“' || r == '”':
		return `"`, true
	case r == '‘' || r == '’':
		return "'", true
	}
	return "", false
}

// fullWidth finds characters that look like those of a command and are none.
func fullWidth(f *failure) *Sentence {
	if f.exit == 0 || f.err != nil {
		return nil
	}
	for _, w := range f.words {
		var plain strings.Builder
		quotes, found, prose := false, false, false
		for _, r := range w.bare {
			prose = prose || unicode.Is(unicode.Han, r)
			half, ok := halfWidth(r)
			quotes = quotes || ok && (half == `"` || half == "'") && r < '！'
			found = found || ok
			if !ok {
				half = string(r)
			}
			plain.WriteString(half)
		}
		first, _ := halfWidth([]rune(w.bare + " ")[0])
		switch {
		case prose && !strings.HasPrefix(first, "-"):
			continue // Chinese text may hold them
		case quotes:
			return told("%s has curly quotes, which are no quotes to a shell. Write ' or \".", "%s 里的引号是中文引号，shell 不当作引号。请改用半角的 ' 或 \"。", w.raw)
		case !found:
			continue
		}
		right := plain.String()
		if strings.HasPrefix(right, "---") {
			right = "--" + strings.TrimLeft(right, "-")
		}
		return told("%s holds characters that only look like those of a command: a Chinese input method or a word processor made them. Write %s.",
			"%s 里有全角字符（中文输入法或文字处理软件打出来的），命令不认。请改成半角：%s。", w.raw, right)
	}
	return nil
}

// unfinished finds a quote that was never closed.
func unfinished(f *failure) *Sentence {
	u := (*Unfinished)(nil)
	if f.exit == 0 || !errors.As(f.err, &u) {
		return nil
	}
	return &Sentence{
		English: "The command is not complete: " + u.Notice.English + ".",
		Chinese: "命令不完整：" + u.Notice.Chinese + "。",
	}
}

// otherProgram finds a kubectl that is misspelt or missing.
func otherProgram(f *failure, c *command) *Sentence {
	p := c.program
	lower := strings.ToLower(p)
	if f.exit != exitNotFound || p == "" || strings.ContainsRune(p, '/') {
		return nil
	}
	glued, isGlued := strings.CutPrefix(lower, "kubectl")
	_, verb := kubectl().path([]string{p})
	_, gluedVerb := kubectl().path([]string{glued})
	switch {
	case p == "kubectl" && slices.ContainsFunc(f.words, func(w word) bool { return w.raw == "k" }):
		return told("%s is no name for kubectl in this shell. Write %s.", "这个 shell 里没有 %s 这个别名，请写 %s。", "k", "kubectl")
	case p == "kubectl":
		return nil
	case isGlued && gluedVerb > 0:
		return told("A space is missing: %s.", "少了一个空格：%s。", "kubectl "+glued)
	case verb > 0:
		return told("The command begins with %s: %s.", "命令以 %s 开头：%s。", "kubectl", strings.Join(append([]string{"kubectl", p}, c.args...), " "))
	case len(p) > 4 && spelling.Distance(lower, "kubectl") <= 2:
		return told("There is no program %s. It is spelled %s.", "没有 %s 这个程序，正确的写法是 %s。", p, "kubectl")
	}
	return nil
}

// throughSudo finds a kubectl that runs as another user.
func throughSudo(f *failure, c *command) *Sentence {
	if c.program != "sudo" || f.exit == 0 || len(c.args) == 0 || c.args[0] != "kubectl" && c.args[0] != "k" {
		return nil
	}
	return told("%s runs kubectl as another user, who does not know your cluster. Leave it away: %s.",
		"%s 会用另一个用户运行 kubectl，而那个用户不认识你的集群。去掉它：%s。", "sudo", strings.Join(c.args, " "))
}

// throughMinikube finds flags that minikube takes for its own.
func throughMinikube(f *failure, c *command) *Sentence {
	if c.program != "minikube" || f.exit == 0 || len(c.args) < 2 || c.args[0] != "kubectl" || c.dashes || len(c.given) == 0 {
		return nil
	}
	return told("%s takes the flags for its own. Put %s before what is meant for kubectl: %s.",
		"%s 会把参数当成自己的。在给 kubectl 的内容前面加上 %s：%s。", "minikube kubectl", "--", "minikube kubectl -- "+strings.Join(c.args[1:], " ")+" …")
}
