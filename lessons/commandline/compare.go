package commandline

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons/spelling"
)

// Compare judges a line against those that are right. want is the right one that
// comes nearest; diff the first thing in which they differ, nil when they mean
// the same. ok is false when there is nothing to compare.
func Compare(line string, accept []string) (want string, diff *Sentence, ok bool) {
	typed, err := parse(line)
	if u := (*Unfinished)(nil); errors.As(err, &u) {
		if len(accept) > 0 {
			want = accept[0]
		}
		return want, &Sentence{
			English: "This is no complete command: " + u.Notice.English + ".",
			Chinese: "这不是一条完整的命令：" + u.Notice.Chinese + "。",
		}, true
	}
	fewest := -1
	for _, a := range accept {
		right, err := parse(a)
		if err != nil {
			continue // Check reports it
		}
		diffs := lineDifferences(typed, right)
		if len(diffs) == 0 {
			return a, nil, true
		}
		if fewest < 0 || len(diffs) < fewest {
			want, diff, fewest, ok = a, &diffs[0], len(diffs), true
		}
	}
	return want, diff, ok
}

// lineDifferences lists in what a line of commands differs from a right one.
func lineDifferences(typed, right []command) []Sentence {
	var out []Sentence
	for i := range min(len(typed), len(right)) {
		out = append(out, differences(typed[i], right[i])...)
		if i+1 < min(len(typed), len(right)) && typed[i].op != right[i].op {
			out = append(out, say("The commands are connected by %s, not by %s.", "两条命令之间应当用 %s 连接，而不是 %s。", right[i].op, typed[i].op))
		}
	}
	switch {
	case len(typed) < len(right):
		out = append(out, say("Behind it, connected by %s, a command is missing: %s.", "后面缺少用 %s 连接的命令：%s。",
			right[max(0, len(typed)-1)].op, right[len(typed)].program))
	case len(typed) > len(right):
		out = append(out, say("The command behind %s is too much.", "%s 之后的命令是多余的。", typed[max(0, len(right)-1)].op))
	}
	return out
}

// differences lists in what a typed command differs from a right one, the most
// telling first.
func differences(typed, right command) []Sentence {
	var out []Sentence
	if typed.program != right.program {
		out = append(out, say("The command begins with %s.", "命令以 %s 开头。", right.program))
	}
	if typed.longDash != "" && typed.longDash != right.longDash {
		out = append(out, say("%s begins with a dash that is not the `-` of the keyboard.", "%s 开头的短横线不是键盘上的 `-`。", typed.longDash))
	}
	misspelt, flagDiffs := flagDifferences(typed, right)
	out = append(out, misspelt...)
	if !slices.Equal(typed.verb, right.verb) {
		out = append(out, differentVerb(typed, right))
	}
	out = append(out, differentObjects(typed, right)...)
	out = append(out, flagDiffs...)
	if !slices.Equal(typed.args, right.args) {
		out = append(out, differentWords(typed.args, right.args))
	}
	switch {
	case !slices.Equal(typed.remainder, right.remainder) || typed.dashes != right.dashes:
		out = append(out, say("What runs in the container, behind `--`, is different.", "`--` 之后在容器里运行的命令不同。"))
	case !slices.Equal(typed.redirects, right.redirects):
		out = append(out, say("Where the output or the input of the command goes is different.", "命令的输入或输出重定向不同。"))
	case !slices.Equal(typed.env, right.env):
		out = append(out, say("The variables set before the command are different.", "命令前面设置的变量不同。"))
	}
	return out
}

func differentVerb(typed, right command) Sentence {
	if typed.verbTyped == "" {
		return say("The verb is missing: %s.", "缺少动词 %s。", right.verbTyped)
	}
	return say("The verb is %s, not %s.", "动词应当是 %s，而不是 %s。", right.verbTyped, typed.verbTyped)
}

// differentObjects compares the kinds and the names.
func differentObjects(typed, right command) []Sentence {
	if slices.Equal(typed.kinds, right.kinds) && slices.Equal(typed.names, right.names) {
		return nil
	}
	if got, want := typed.allKinds(), right.allKinds(); !slices.Equal(got, want) {
		switch {
		case len(got) == 0:
			return []Sentence{say("The kind is missing: %s.", "缺少对象种类 %s。", strings.Join(want, ","))}
		case len(want) == 0:
			return []Sentence{say("No kind stands here, so %s is too much.", "这里不需要对象种类，%s 是多余的。", strings.Join(got, ","))}
		}
		return []Sentence{say("This is about %s, not %s.", "这里要的是 %s，而不是 %s。", strings.Join(want, ","), strings.Join(got, ","))}
	}
	switch got, want := bareNames(typed.names), bareNames(right.names); {
	case len(got) == 0:
		return []Sentence{say("The name is missing: %s.", "缺少名字 %s。", want)}
	case len(want) == 0:
		return []Sentence{say("All of them are asked for, not only %s.", "要的是全部，而不只是 %s。", got)}
	default:
		return []Sentence{say("The name is %s, not %s.", "名字应当是 %s，而不是 %s。", want, got)}
	}
}

func (c command) allKinds() []string {
	kinds := slices.Clone(c.kinds)
	for _, n := range c.names {
		kind, _, _ := strings.Cut(n, "/")
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func bareNames(names []string) string {
	var out []string
	for _, n := range names {
		_, name, _ := strings.Cut(n, "/")
		out = append(out, name)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

func differentWords(got, want []string) Sentence {
	for i, w := range want {
		if i >= len(got) {
			return say("%s is missing.", "缺少 %s。", w)
		}
		if got[i] != w {
			return say("%s is expected where %s stands.", "应当写 %s 的地方写成了 %s。", w, got[i])
		}
	}
	return say("%s is too much.", "%s 是多余的。", got[len(want)])
}

// flagDifferences compares the flags: those that are misspelt, then the others.
func flagDifferences(typed, right command) (misspelt, others []Sentence) {
	meant := map[string]bool{} // right flags that a misspelt one stands for
	for _, name := range slices.Sorted(maps.Keys(typed.flags)) {
		if _, ok := right.flags[name]; ok {
			continue
		}
		note, flag := misspelling(typed.written[name], right)
		if note == nil {
			others = append(others, say("%s is not asked for.", "没有要求 %s。", typed.written[name]))
			continue
		}
		misspelt, meant[flag] = append(misspelt, *note), true
	}
	var missing []Sentence
	for _, name := range slices.Sorted(maps.Keys(right.flags)) {
		got, ok := typed.flags[name]
		switch want := right.flags[name]; {
		case meant[name]:
		case !ok:
			missing = append(missing, say("%s is missing.", "缺少 %s。", right.flagText(name, want)))
		case !slices.Equal(got, want):
			missing = append(missing, say("It is %s, not %s.", "应当是 %s，而不是 %s。", right.flagText(name, want), right.flagText(name, got)))
		}
	}
	return misspelt, append(missing, others...)
}

// flagText is a flag as it is best written.
func (c *command) flagText(name string, values []string) string {
	var out []string
	for _, v := range values {
		if c.isSwitch(name) && v == "true" {
			out = append(out, "--"+name)
		} else {
			out = append(out, "--"+name+"="+v)
		}
	}
	return strings.Join(out, " ")
}

// misspelling says what is wrong with the spelling of a flag, when it can be
// told which of the right ones it was meant to be.
func misspelling(written string, right command) (note *Sentence, flag string) {
	word := strings.TrimLeft(written, "-")
	word, _, _ = strings.Cut(word, "=")
	for _, name := range slices.Sorted(maps.Keys(right.flags)) {
		want := right.flagText(name, right.flags[name])
		switch {
		case strings.HasPrefix(written, "--") && strings.HasPrefix(word, name+"-"):
			return told("%s is one word; the flag is %s.", "%s 是一个词；这个参数写作 %s。", written, want), name
		case !strings.HasPrefix(written, "--") && len(name) > 1 && (word == name || strings.HasPrefix(word, name+"-")):
			return told("A long flag begins with two dashes: %[2]s, not %[1]s.", "长参数以两个短横线开头：是 %[2]s，而不是 %[1]s。", written, want), name
		}
	}
	if near := spelling.Nearest(word, slices.Sorted(maps.Keys(right.flags))); len(near) > 0 && len(word) > 1 {
		want := right.flagText(near[0], right.flags[near[0]])
		return told("There is no flag %s here; the flag is %s.", "这里没有参数 %s；应当写作 %s。", written, want), near[0]
	}
	return nil, ""
}

// told is a sentence that may be missing.
func told(en, zh string, args ...any) *Sentence {
	s := say(en, zh, args...)
	return &s
}
