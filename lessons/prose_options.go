package lessons

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	mdtext "github.com/yuin/goldmark/text"
)

// item is one item of the list that ends a question.
type item struct {
	text, reason  string // its first line, and the lines indented below it
	task, checked bool   // it begins with [ ] or [x]; with [x]
	line          int
}

// splitQuestion cuts the text under a question's heading into the prompt and
// the items of the list that ends it. after is the line of text that follows
// the list, 0 when there is none.
func splitQuestion(s section, ordered bool) (prompt string, items []item, after int) {
	source := []byte(s.body)
	var found *ast.List
	for n := blockParser().Parse(mdtext.NewReader(source)).FirstChild(); n != nil; n = n.NextSibling() {
		if l, ok := n.(*ast.List); ok && l.IsOrdered() == ordered {
			found = l
		}
	}
	if found == nil {
		return s.body, nil, 0
	}
	// Items are cut at their positions in the source and not put together from
	// the tree: the reasons are Markdown for the renderer.
	stop := len(source)
	if next := found.NextSibling(); next != nil && next.Pos() >= 0 {
		stop = lineStart(source, next.Pos())
		after = s.bodyLine + bytes.Count(source[:stop], []byte{'\n'})
	}
	var starts []int
	for n := found.FirstChild(); n != nil; n = n.NextSibling() {
		starts = append(starts, n.Pos())
	}
	for i, n := 0, found.FirstChild(); n != nil; i, n = i+1, n.NextSibling() {
		end := stop
		if i+1 < len(starts) {
			end = lineStart(source, starts[i+1])
		}
		li, ok := n.(*ast.ListItem)
		if !ok || starts[i] < 0 || starts[i] > end {
			continue
		}
		it := readItem(string(source[starts[i]:end]), li.Offset)
		it.line = s.bodyLine + bytes.Count(source[:starts[i]], []byte{'\n'})
		items = append(items, it)
	}
	if len(starts) > 0 && starts[0] >= 0 {
		prompt = strings.TrimRight(string(source[:lineStart(source, starts[0])]), " \t\n")
	}
	return prompt, items, after
}

func lineStart(source []byte, offset int) int {
	return bytes.LastIndexByte(source[:min(offset, len(source))], '\n') + 1
}

// readItem reads a list item from its marker on; the lines below the first are
// indented by up to indent columns.
func readItem(source string, indent int) item {
	first, rest, _ := strings.Cut(source, "\n")
	_, first, _ = strings.Cut(first, " ") // the marker: "-" or "1."
	var it item
	first = strings.TrimSpace(first)
	for mark, checked := range map[string]bool{"[ ]": false, "[x]": true, "[X]": true} {
		if text, ok := strings.CutPrefix(first, mark); ok {
			it.task, it.checked, first = true, checked, strings.TrimSpace(text)
		}
	}
	it.text = first
	lines := strings.Split(rest, "\n")
	for i, line := range lines {
		cut := len(line) - len(strings.TrimLeft(line, " "))
		lines[i] = line[min(cut, indent):]
	}
	it.reason = strings.Trim(strings.Join(lines, "\n"), "\n")
	it.reason = strings.TrimRight(it.reason, " \t\n")
	return it
}

// question reads the prompt and the options of a question in every language.
func (t *texts) question(q *Question) {
	q.Title, q.Prompt = t.title(q.ID), Text{}
	if q.Kind == Spot {
		t.spots(q)
		return
	}
	found := t.find(q.ID)
	var first []item
	for i, p := range t.files {
		s, ok := found[p.lang]
		if !ok {
			continue
		}
		if q.Kind == Command || q.Kind == Field {
			q.Prompt[p.lang] = s.body
			continue
		}
		prompt, items, after := splitQuestion(s, q.Kind == Order)
		q.Prompt[p.lang] = prompt
		if after > 0 {
			t.l.problems.add(Position{s.file, after}, "text after the options; indent it under its option, or give it the heading ### Why {#%s.why}", q.ID)
		}
		t.l.checkItems(q, s, items)
		if first == nil {
			first = items
		} else {
			t.l.sameItems(s, items, first, t.files[i-1].file)
		}
		for i, it := range items {
			if i >= len(q.Options) {
				q.Options = append(q.Options, Option{Text: Text{}, Reason: Text{}, Right: it.checked})
			}
			q.Options[i].Text[p.lang] = it.text
			q.Options[i].Reason[p.lang] = it.reason
		}
	}
}

// checkItems reports options that do not suit the kind of the question.
func (l *loader) checkItems(q *Question, s section, items []item) {
	checked := 0
	for _, it := range items {
		pos := Position{s.file, it.line}
		if it.checked {
			checked++
		}
		switch choice := q.Kind != Order; {
		case it.text == "":
			l.problems.add(pos, "an option without words")
		case choice && !it.task:
			l.problems.add(pos, "an option begins with [x] when it is right and with [ ] when it is wrong")
		case !choice && it.task:
			l.problems.add(pos, "the lines of an order question stand in the right order; they have no [x]")
		case choice && it.reason == "":
			l.problems.add(pos, "this option gives no reason; write why it is right or wrong, indented under it")
		}
	}
	switch {
	case len(items) == 0 && q.Kind == Order:
		l.problems.add(s.pos(), "question {#%s} has no lines to order; write them as 1. items in the right order", q.ID)
	case len(items) == 0:
		l.problems.add(s.pos(), "question {#%s} has no options; write them as - [x] and - [ ] items", q.ID)
	case q.Kind == TrueFalse && len(items) != 2:
		l.problems.add(s.pos(), "question {#%s} has %d options; a truefalse question has two, the first is true, the second false", q.ID, len(items))
	case len(items) < 2:
		l.problems.add(s.pos(), "question {#%s} has one option; it needs two at least", q.ID)
	case len(items) > maxOptions:
		l.problems.add(s.pos(), "question {#%s} has %d options; %d at most", q.ID, len(items), maxOptions)
	case q.Kind == Multiple && checked == 0:
		l.problems.add(s.pos(), "question {#%s} has no option with [x]; one at least is right", q.ID)
	case (q.Kind == Single || q.Kind == TrueFalse) && checked != 1:
		l.problems.add(s.pos(), "question {#%s} has %d options with [x]; exactly one is right", q.ID, checked)
	}
}

// maxOptions is how many options a question may have: they are answered by one
// letter or one digit.
const maxOptions = 9

// sameItems reports where the options of a question differ between languages.
func (l *loader) sameItems(s section, items, first []item, in string) {
	if len(items) != len(first) {
		l.problems.add(s.pos(), "question {#%s} has %d options here and %d in %s", s.id, len(items), len(first), in)
		return
	}
	for i, it := range items {
		if it.checked != first[i].checked {
			l.problems.add(Position{s.file, it.line}, "option %d has [x] in one language only (see %s:%d); the same options are right in both", i+1, in, first[i].line)
		}
	}
}
