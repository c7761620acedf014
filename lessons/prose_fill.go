package lessons

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// placeholder matches {{name}}. It leaves Go templates ({{.status}},
// {{range …}}) alone: they are what kubectl takes.
var placeholder = regexp.MustCompile(`\{\{[ \t]*([A-Za-z][A-Za-z0-9_-]*)[ \t]*\}\}`)

// Fill returns t with every {{name}} replaced by its value, within code spans
// too. Values come from a cluster: control characters are removed from them,
// line ends and tabs become spaces. A name without a value stays as it is.
func Fill(t Text, values map[string]string) Text {
	if t == nil {
		return nil
	}
	out := make(Text, len(t))
	for lang, s := range t {
		out[lang] = placeholder.ReplaceAllStringFunc(s, func(found string) string {
			v, ok := values[placeholder.FindStringSubmatch(found)[1]]
			if !ok {
				return found
			}
			return Printable(v)
		})
	}
	return out
}

// placeholders reports every {{name}} in a section that will not be filled in.
// have lists the names that have values there; nil says that none has.
func (l *loader) placeholders(s section, have []string) {
	eachPlaceholder(s.title, func(name string, _ int) {
		l.problems.add(s.pos(), "{{%s}} is not filled in in a heading", name)
	})
	eachPlaceholder(s.body, func(name string, line int) {
		pos := Position{s.file, s.bodyLine + line}
		switch {
		case have == nil:
			l.problems.add(pos, "{{%s}} is not filled in here; only the texts of checks and mistakes are", name)
		case !slices.Contains(have, name):
			l.problems.add(pos, "{{%s}} has no value here; there is %s%s", name, cmp.Or(strings.Join(have, ", "), "none"), didYouMean(name, have))
		}
	})
}

// eachPlaceholder calls fn for each {{name}} with its line, counted from 0.
func eachPlaceholder(s string, fn func(name string, line int)) {
	for _, m := range placeholder.FindAllStringSubmatchIndex(s, -1) {
		fn(s[m[2]:m[3]], strings.Count(s[:m[0]], "\n"))
	}
}
