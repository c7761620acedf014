package lessons

import (
	"fmt"
	"regexp"
	"strings"
)

// What keyboards that write Chinese put into YAML, where the ASCII character is
// meant. Most of it is legal YAML and means something else.
var (
	// foreignKey is a key before a full-width colon, or in typographic quotes. An
	// item of a list may hold such a colon: it can be a text.
	foreignKey = regexp.MustCompile(`^[ \t]*(?:["'“”‘’]?[A-Za-z0-9_./-]+["'“”‘’]?[ \t]*(：)|(?:- +)*([“”‘’])[A-Za-z0-9_./-]+[“”‘’]?[ \t]*[:：])`)
	// foreignIndent is a line that is indented with something else than spaces.
	foreignIndent = regexp.MustCompile(`^ *([\t\x{a0}\x{3000}])`)
)

// punctuation reports keys that are none for YAML, because of their colon or
// their quotes, and white space that does not indent.
func (m *ManifestFile) punctuation() {
	block := -1 // indentation of the key whose block of text is being read, -1 when none is
	for i, line := range m.lines {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		content := strings.TrimSpace(line)
		if content == "" || strings.HasPrefix(content, "#") {
			continue
		}
		if block >= 0 && indent > block {
			continue // text of the learner's own
		}
		block = -1
		if blockStart.MatchString(line) {
			block = indent
		}
		if at := foreignIndent.FindStringSubmatchIndex(line); at != nil {
			char := []rune(line[at[2]:])[0]
			m.fault(i+1, column(line, at[2]), Fault{Advice: sayIndent(char)})
			continue
		}
		at := foreignKey.FindStringSubmatchIndex(line)
		if at == nil {
			continue
		}
		from := at[2]
		if from < 0 {
			from = at[4]
		}
		m.fault(i+1, column(line, from), Fault{Advice: sayForeign([]rune(line[from:])[0])})
	}
}

// blockStart is a line after which indented text follows.
var blockStart = regexp.MustCompile(`(^|[:\-] +)[|>][-+0-9]*[ \t]*(#.*)?$`)

// column is the place of a byte in a line, in characters from 1.
func column(line string, offset int) int { return len([]rune(line[:offset])) + 1 }

// ascii is what was meant by a character.
func ascii(char rune) string {
	switch char {
	case '：':
		return ":"
	case '“', '”', '＂':
		return `"`
	case '‘', '’', '＇':
		return "'"
	case '，', '、':
		return ","
	case '－', '—', '–':
		return "-"
	case '［', '【':
		return "["
	case '］', '】':
		return "]"
	case '｛':
		return "{"
	case '｝':
		return "}"
	case '＃':
		return "#"
	}
	return ""
}

// foreign finds the first character of a line that was likely meant to be an
// ASCII one, and its column; 0 when there is none.
func foreign(line string) (char rune, column int) {
	for i, r := range []rune(line) {
		if r == '#' {
			break // a comment
		}
		if ascii(r) != "" {
			return r, i + 1
		}
	}
	return 0, 0
}

// broken reports a text that is not YAML. at and count say which lines it has.
func (m *ManifestFile) broken(at, count int, err error) {
	line := yamlErrorLine(err)
	if line < 1 {
		line = at + 1
	}
	line = min(max(line, at+1), at+count)
	for _, f := range m.Faults {
		if f.Line > at && f.Line <= line+1 {
			return // what was said of this line or one above is the cause
		}
	}
	f := Fault{Said: "yaml: " + yamlErrorText(err)}
	col := 0
	// The parser notices some faults a line later.
	for _, near := range []int{line, line - 1} {
		if near <= at || near > len(m.lines) {
			continue
		}
		if char, c := foreign(m.lines[near-1]); char != 0 {
			line, col, f.Advice = near, c, sayForeign(char)
			break
		}
	}
	if f.Advice == nil {
		f.Advice = m.shape(line, f.Said)
	}
	m.fault(line, col, f)
}

// shape says what commonly makes the parser say so.
func (m *ManifestFile) shape(line int, said string) Text {
	switch {
	case strings.Contains(said, "mapping values are not allowed"):
		return say("A `:` stands where no key can be: look at the indentation of this line and the one above, and put a value that holds `: ` in quotes.",
			"这里出现了 `:`，但不该有键。请检查这一行和上一行的缩进；值里如果含有 `: `，请加引号。")
	case strings.Contains(said, "did not find expected key"), strings.Contains(said, "did not find expected '-' indicator"):
		return say("This line is not indented like its neighbours. Keys of one object begin in the same column, items of a list too.",
			"这一行的缩进与上下文不一致。同一个对象的键要对齐，同一个列表的各项也要对齐。")
	case strings.Contains(said, "could not find expected ':'"):
		return say("A key without a `: ` and a value.", "有键，但后面没有 `: ` 和值。")
	case strings.Contains(said, "unexpected end of stream"):
		return say("A quote or a bracket is opened and not closed.", "引号或括号没有成对。")
	}
	return nil
}

func sayIndent(char rune) Text {
	name := map[rune]Text{
		'\t':     say("a tab", "制表符（Tab）"),
		'\u00a0': say("a no-break space (U+00A0)", "不换行空格（U+00A0）"),
		'\u3000': say("a full-width space (U+3000)", "全角空格（U+3000）"),
	}[char]
	return Text{
		English: fmt.Sprintf("This line is indented with %s. YAML is indented with spaces only, two for each level.", name[English]),
		Chinese: fmt.Sprintf("这一行用%s缩进。YAML 只能用半角空格缩进，一般每层两个。", name[Chinese]),
	}
}

func sayForeign(char rune) Text {
	want := ascii(char)
	if want == ":" {
		return say("This is the full-width `%[1]c` (%[2]U). YAML needs `:` and a space after it.",
			"这里是全角的 `%[1]c`（%[2]U）。YAML 要用半角的 `:`，后面加一个空格。", char, char)
	}
	return say("This is `%[1]c` (%[2]U). Where YAML's own sign is meant, write `%[3]s`.",
		"这里是 `%[1]c`（%[2]U）。如果要写的是 YAML 的符号，请用半角的 `%[3]s`。", char, char, want)
}
