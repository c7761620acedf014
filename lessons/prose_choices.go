package lessons

import "strings"

// choices reads what a Predict step offers to foretell: the list under the
// heading {#step.choices}. Each item begins with its value in a code span, which
// is the same in every language; what follows says what it means.
//
//	### Choices {#foretell.choices}
//	- `2`, because nobody counts
//	- `3`, a new one takes its place
func (t *texts) choices(s *Step) {
	if s.Kind != Predict {
		t.l.problems.add(s.Pos, "{#%s.choices} offers what to foretell; step %q is of kind %s", s.ID, s.ID, s.Kind)
	}
	var first []Choice
	var in string
	found := t.find(s.ID + ".choices")
	for _, p := range t.files {
		sec, ok := found[p.lang]
		if !ok {
			continue
		}
		prompt, items, after := splitQuestion(sec, false)
		if prompt != "" || after > 0 {
			t.l.problems.add(sec.bodyPos(), "text beside the choices of {#%s}; they are a list and nothing else, what the step asks is said under its own heading", sec.id)
		}
		if len(items) < 2 || len(items) > maxOptions {
			t.l.problems.add(sec.pos(), "{#%s} has %d choices, written as - `value` items; there are 2 to %d", sec.id, len(items), maxOptions)
			continue
		}
		have := t.l.choiceItems(sec, p.lang, items)
		if first == nil {
			first, in = have, sec.file
			s.Choices = have
			continue
		}
		if len(have) != len(first) {
			t.l.problems.add(sec.pos(), "{#%s} has %d choices here and %d in %s", sec.id, len(have), len(first), in)
			continue
		}
		for i, c := range have {
			if c.Value != first[i].Value {
				t.l.problems.add(Position{sec.file, items[i].line}, "choice %d is `%s` here and `%s` in %s; the values are the same in every language", i+1, c.Value, first[i].Value, in)
			}
			s.Choices[i].Text[p.lang] = c.Text[p.lang]
		}
	}
}

// choiceItems cuts each item into its value and its words.
func (l *loader) choiceItems(sec section, lang Lang, items []item) []Choice {
	var out []Choice
	seen := map[string]bool{}
	for _, it := range items {
		pos := Position{sec.file, it.line}
		value, words, ok := strings.Cut(strings.TrimPrefix(it.text, "`"), "`")
		switch {
		case it.task:
			l.problems.add(pos, "a choice has no [x]: what is right is computed from the cluster")
		case !ok || !strings.HasPrefix(it.text, "`") || strings.TrimSpace(value) == "":
			l.problems.add(pos, "a choice begins with its value in a code span, as in - `3` a new one takes its place")
		case it.reason != "":
			l.problems.add(pos, "a choice is one line; what speaks for or against it belongs into a mistake with tryAnswer")
		case seen[strings.ToLower(value)]:
			l.problems.add(pos, "the choice `%s` stands there twice", value)
		}
		seen[strings.ToLower(value)] = true
		out = append(out, Choice{Value: strings.TrimSpace(value), Text: Text{lang: strings.TrimSpace(words)}})
	}
	return out
}
