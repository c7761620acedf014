package lessons

import (
	"regexp"
	"strconv"
	"strings"
)

// spotItem matches the line that an item of a Spot question speaks of: its text
// in a code span, with its number before it where the text stands there twice.
var spotItem = regexp.MustCompile("^(?:([0-9]+) +)?`([^`]+)`$")

// spots reads what is said of the lines of a Spot question's manifest: a list of
// lines, the one with the mistake as [x], each with its reason.
//
//   - [x] `image: nginx: 1.27`
//     A second colon…
//   - [ ] 7 `app: web`
//     The selector…
//
// {#ID.other} is what is said of any other line.
func (t *texts) spots(q *Question) {
	found := t.find(q.ID)
	first := ""
	for _, p := range t.files {
		s, ok := found[p.lang]
		if !ok {
			continue
		}
		prompt, items, after := splitQuestion(s, false)
		q.Prompt[p.lang] = prompt
		if after > 0 {
			t.l.problems.add(Position{s.file, after}, "text after the lines; indent it under its line, or give it the heading ### Other lines {#%s.other}", q.ID)
		}
		have := t.l.spotItems(q, s, p.lang, items)
		if first == "" {
			first, q.Spots = s.file, have
			continue
		}
		if len(have) != len(q.Spots) {
			t.l.problems.add(s.pos(), "question {#%s} speaks of %d lines here and of %d in %s", q.ID, len(have), len(q.Spots), first)
			continue
		}
		for i, l := range have {
			if l.Number != q.Spots[i].Number || l.Right != q.Spots[i].Right {
				t.l.problems.add(Position{s.file, items[i].line}, "line %d is spoken of here, and line %d in %s; both have the same lines with the same [x]", l.Number, q.Spots[i].Number, first)
				continue
			}
			q.Spots[i].Reason[p.lang] = l.Reason[p.lang]
		}
	}
	if q.Manifest != "" && (t.has(q.ID+".other") || !q.allSpoken()) {
		q.Other = t.body(q.ID + ".other")
	}
}

// allSpoken reports whether every line that can be chosen has its own reason.
func (q *Question) allSpoken() bool {
	for i := range q.ManifestLines() {
		own := false
		for _, l := range q.Spots {
			own = own || l.Number == i+1
		}
		if q.Choosable(i+1) && !own {
			return false
		}
	}
	return true
}

// spotItems finds the line of each item in the manifest.
func (l *loader) spotItems(q *Question, s section, lang Lang, items []item) []SpotLine {
	var out []SpotLine
	right := 0
	seen := map[int]bool{}
	for _, it := range items {
		pos := Position{s.file, it.line}
		m := spotItem.FindStringSubmatch(it.text)
		switch {
		case !it.task:
			l.problems.add(pos, "a line begins with [x] when the mistake is in it and with [ ] when it is not")
			continue
		case m == nil:
			l.problems.add(pos, "a line of the manifest stands here in a code span, as in - [x] `replicas: 3`")
			continue
		case it.reason == "":
			l.problems.add(pos, "this line has no reason; write why it is right or wrong, indented under it")
		}
		n := l.spotLine(q, pos, m[1], m[2])
		if n == 0 {
			continue
		}
		if seen[n] {
			l.problems.add(pos, "line %d is spoken of twice", n)
		}
		seen[n] = true
		if it.checked {
			right++
		}
		out = append(out, SpotLine{n, it.checked, Text{lang: it.reason}})
	}
	if right == 0 && len(out) == len(items) && q.Manifest != "" {
		l.problems.add(s.pos(), "question {#%s} has no line with [x]; the mistake is in one at least", q.ID)
	}
	return out
}

// spotLine finds a line of the manifest by its text; 0, after saying so, when
// there is none, or several and no number says which.
func (l *loader) spotLine(q *Question, pos Position, number, text string) int {
	var at []int
	var near []string
	for i, line := range q.ManifestLines() {
		near = append(near, strings.TrimSpace(line))
		if strings.TrimSpace(line) == strings.TrimSpace(text) {
			at = append(at, i+1)
		}
	}
	switch n, _ := strconv.Atoi(number); {
	case q.Manifest == "":
		return 0 // said already
	case len(at) == 0:
		l.problems.add(pos, "the manifest has no line %q%s", text, didYouMean(text, near))
	case number == "" && len(at) > 1:
		l.problems.add(pos, "%q stands in several lines of the manifest: %v; write the number before it, as in - [ ] %d `%s`", text, at, at[0], text)
	case number == "":
		return at[0]
	default:
		for _, a := range at {
			if a == n {
				return n
			}
		}
		l.problems.add(pos, "%q stands in line %v of the manifest, not in %d", text, at, n)
	}
	return 0
}
