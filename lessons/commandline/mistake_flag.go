package commandline

import (
	"slices"
	"strings"
	"unicode"
)

// oneDash finds a long flag with one dash: kubectl reads its first letter as a
// flag, and the rest as a value.
func oneDash(f *failure, c *command) *Sentence {
	for _, g := range c.given {
		if strings.HasPrefix(g.word, "--") {
			continue
		}
		name, value, has := strings.Cut(strings.TrimPrefix(g.word, "-"), "=")
		if _, known := kubectl().flag(c.path, name); !known || len(name) < 3 && (len(name) < 2 || f.exit == 0) {
			continue
		}
		right := "--" + name
		if has {
			right += "=" + value
		}
		return told("A long flag begins with two dashes: %s, not %s.", "长参数以两个短横线开头：是 %s，而不是 %s。", right, g.word)
	}
	return nil
}

// unknownLong finds a long flag that the command does not have.
func unknownLong(f *failure, c *command) *Sentence {
	for _, g := range c.given {
		if g.known || !strings.HasPrefix(g.word, "--") || !f.failed("unknown flag: --"+g.name) {
			continue
		}
		long := kubectl().long(c.path)
		shown := "--" + g.name
		command := strings.TrimSpace("kubectl " + c.path)
		if lower := strings.ToLower(g.name); lower != g.name && slices.Contains(long, lower) {
			return told("Flags are written in lower case: %s, not %s.", "参数要小写：是 %s，而不是 %s。", "--"+lower, shown)
		}
		if name, rest := gluedFlag(c, g.name); name != "" {
			return told("%s is one word; the flag is %s.", "%s 是一个词；这个参数写作 %s。", g.word, "--"+name+"="+rest)
		}
		if name := closest(g.name, long); name != "" {
			return told("%s has no flag %s; it is spelled %s.", "%s 没有参数 %s，正确的写法是 %s。", command, shown, "--"+name)
		}
		if g.name == "name" && strings.HasPrefix(c.path, "create ") && g.value != "" && g.value != "true" {
			return told("The name stands without a flag: %s.", "名字直接写，不用参数：%s。", command+" "+g.value)
		}
		if c.path == "run" && g.name == "replicas" {
			return told("%s starts one Pod and no more. Several are kept by a Deployment: %s.", "%s 只启动一个 Pod。要保持多个副本，用 Deployment：%s。",
				command, "kubectl create deployment NAME --image=IMAGE --replicas=3")
		}
		if begun := beginning(g.name, long); begun != "" {
			return told("kubectl takes no shortened flags: %s, not %s.", "kubectl 的参数不能缩写：是 %s，而不是 %s。", "--"+begun, shown)
		}
		if others := kubectl().having(g.name); len(others) > 0 && len(others) <= 4 {
			for i, o := range others {
				others[i] = code("kubectl " + o).String()
			}
			said := told("%s has no flag %s. It belongs to ", "%s 没有参数 %s；它属于 ", command, shown)
			said.English += strings.Join(others, ", ") + "."
			said.Chinese += strings.Join(others, "、") + "。"
			return said
		}
	}
	return nil
}

// gluedFlag takes image-nginx apart into a flag of the command and its value.
func gluedFlag(c *command, word string) (name, value string) {
	if name = c.begunBy(word); name != "" {
		if o, _ := kubectl().flag(c.path, name); o.value {
			return name, word[len(name)+1:]
		}
		return "", ""
	}
	for _, o := range kubectl().commands[c.path] { // replicas3
		rest, ok := strings.CutPrefix(word, o.name)
		if ok && rest != "" && o.value && strings.TrimLeft(rest, "0123456789") == "" {
			return o.name, rest
		}
	}
	return "", ""
}

// beginning returns the only flag that begins with a word.
func beginning(word string, of []string) string {
	found := ""
	for _, n := range of {
		if len(word) >= 3 && strings.HasPrefix(n, word) {
			if found != "" {
				return ""
			}
			found = n
		}
	}
	return found
}

// unknownShort finds a flag of one letter that exists in the other case.
func unknownShort(f *failure, c *command) *Sentence {
	for _, g := range c.given {
		if g.known || strings.HasPrefix(g.word, "--") || g.name == "" || !f.failed("unknown shorthand flag: '"+g.name[:1]+"'") {
			continue
		}
		letter := rune(g.name[0])
		other := unicode.ToUpper(letter)
		if other == letter {
			other = unicode.ToLower(letter)
		}
		if o, ok := kubectl().short(c.path, byte(other)); ok && len(g.word) == 2 {
			return told("Upper and lower case are different flags: %s (%s), not %s.", "参数区分大小写：是 %s（即 %s），而不是 %s。",
				"-"+string(other), "--"+o.name, g.word)
		}
	}
	return nil
}

// shortWithName finds -ns for a namespace, which is -n with the value s.
func shortWithName(f *failure, c *command) *Sentence {
	for _, g := range c.given {
		if g.word == "-ns" && g.value == "s" && f.failed(`namespaces "s" not found`) {
			return told("%s is read as namespace %s. Write %s.", "%s 会被读成命名空间 %s，应当写 %s。", "-ns", "s", "-n NAMESPACE")
		}
	}
	return nil
}

// spacedEquals finds spaces around the = of a flag.
func spacedEquals(f *failure, c *command) *Sentence {
	if f.exit == 0 || len(f.commands) > 1 {
		return nil
	}
	for i, w := range f.words {
		var name, value string
		switch {
		case i > 0 && strings.HasPrefix(w.bare, "=") && strings.HasPrefix(f.words[i-1].bare, "--"):
			name, value = f.words[i-1].text, w.text[1:]
			if value == "" && i+1 < len(f.words) {
				value = f.words[i+1].text
			}
		case strings.HasPrefix(w.bare, "--") && strings.HasSuffix(w.raw, "=") && i+1 < len(f.words) && !strings.HasPrefix(f.words[i+1].text, "-") && !f.words[i+1].op:
			name, value = w.text[:len(w.text)-1], f.words[i+1].text
		default:
			continue
		}
		if _, ok := kubectl().flag(c.path, strings.TrimLeft(name, "-")); ok {
			return told("No spaces beside the %s of a flag: %s.", "参数的 %s 两边不能有空格：%s。", "=", name+"="+value)
		}
	}
	return nil
}

// detachedValue finds a value behind a space after a flag that takes it behind =
// only.
func detachedValue(f *failure, c *command) *Sentence {
	values := map[string][]string{
		"dry-run":  {"client", "server", "none"},
		"cascade":  {"background", "foreground", "orphan"},
		"validate": {"strict", "warn", "ignore"},
	}
	for _, g := range c.given {
		if f.exit == 0 || strings.Contains(g.word, "=") {
			continue
		}
		for _, v := range values[g.name] {
			if slices.Contains(c.positional, v) && g.known {
				return told("%s takes its value behind =: %s.", "%s 的值要用 = 连接：%s。", g.word, g.word+"="+v)
			}
		}
	}
	return nil
}

// noValue finds a flag at the end of the line that needs a value.
func noValue(f *failure, _ *command) *Sentence {
	said, ok := f.between("flag needs an argument: ", "\n")
	if !ok {
		_, said, ok = strings.Cut(f.output, "flag needs an argument: ")
	}
	if !ok {
		return nil
	}
	words := strings.Fields(said) // 'n' in -n
	if len(words) == 0 || !strings.HasPrefix(words[len(words)-1], "-") {
		return nil
	}
	name := words[len(words)-1]
	return told("%s needs a value behind it: %s.", "%s 后面缺少值：%s。", name, name+" VALUE")
}
