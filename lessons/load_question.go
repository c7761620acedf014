package lessons

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/k8stutor/k8stutor/lessons/commandline"
)

// The manifest of a question is looked at on one screen.
const (
	maxManifestLines = 60
	maxManifestWidth = 100 // bytes of a line
)

func (l *loader) question(f yamlFile, n *yaml.Node) *Question {
	m, ok := f.mapping(n, "a question", shapeOf[QuestionFile](l))
	if !ok {
		return nil
	}
	q := &Question{ID: m.id("id", maxID), Accept: m.strs("accept"), As: Likeness(m.word("as", likenesses()...)), Pos: m.at}
	q.Kind = QuestionKind(m.word("kind", questionKinds()...))
	switch {
	case q.Kind == Command && len(q.Accept) == 0:
		l.problems.add(m.at, "question %q accepts no command; write accept: [...] with a right one at least", q.ID)
	case q.Kind == Field && len(q.Accept) == 0:
		l.problems.add(m.at, "question %q accepts no value; write accept: [...] with a right one at least, as it is typed into the manifest", q.ID)
	case q.Kind != Command && q.Kind != Field && m.has("accept"):
		l.problems.add(m.pos("accept"), "accept is for questions of kind command and field, and %q is %s", q.ID, q.Kind)
	}
	for i, line := range q.Accept {
		if err := commandline.Check(line); err != nil && q.Kind == Command {
			l.problems.add(f.pos(m.list("accept")[i]), "%q cannot be read as a command: %v", line, err)
		}
	}
	if q.Kind != Field && m.has("as") {
		l.problems.add(m.pos("as"), "as is for questions of kind field, and %q is %s", q.ID, q.Kind)
	}
	if q.As == "" {
		q.As = AsValue
	}
	l.questionManifest(q, m)
	if q.ID == "" {
		return nil
	}
	return q
}

// questionManifest reads the manifest of a Field or a Spot question.
func (l *loader) questionManifest(q *Question, m mapping) {
	shows := q.Kind == Field || q.Kind == Spot
	if !m.has("manifest") {
		if shows {
			l.problems.add(m.at, "question %q shows no manifest; write manifest: | with its lines below", q.ID)
		}
		return
	}
	if !shows {
		l.problems.add(m.pos("manifest"), "manifest is for questions of kind field and spot, and %q is %s", q.ID, q.Kind)
		return
	}
	n := m.values["manifest"]
	if n.Style&yaml.LiteralStyle == 0 {
		l.problems.add(m.pos("manifest"), "the lines of a manifest stand below manifest: |")
		return
	}
	q.Manifest = strings.TrimRight(m.str("manifest"), "\n")
	at := func(line int) Position { return Position{m.file.name, n.Line + 1 + line} }
	lines := q.ManifestLines()
	if len(lines) > maxManifestLines {
		l.problems.add(at(0), "the manifest has %d lines; %d at most, so that it fits a screen", len(lines), maxManifestLines)
	}
	for i, line := range lines {
		switch {
		case len(line) > maxManifestWidth:
			l.problems.add(at(i), "this line has %d bytes; %d at most, so that it fits a screen", len(line), maxManifestWidth)
		case strings.Contains(line, "\t"):
			l.problems.add(at(i), "a tab; YAML is indented by spaces")
		}
	}
	if q.Kind == Field {
		l.fieldValues(q, m, at)
	}
}

// fieldValues looks at the blank and at what may stand in its place.
func (l *loader) fieldValues(q *Question, m mapping, at func(line int) Position) {
	blanks := blankPattern.FindAllStringIndex(q.Manifest, -1)
	if len(blanks) != 1 {
		l.problems.add(at(0), "the manifest has %d blanks; a field question has one: ____ in place of the value", len(blanks))
		return
	}
	for i, value := range q.Accept {
		pos := m.file.pos(m.list("accept")[i])
		if strings.Contains(value, "\n") {
			l.problems.add(pos, "a value of several lines cannot be typed")
			continue
		}
		docs, err := parseYAML([]byte(q.Filled(value)))
		if err != nil {
			l.problems.add(pos, "with %q in its place the manifest is no YAML: %v", value, err)
			continue
		}
		if q.As == AsQuantity {
			blank, _ := parseYAML([]byte(q.Filled("k8stutor-blank")))
			x, _ := firstDifference(docsNode(docs), docsNode(blank), AsValue)
			if x == nil || x.Kind != yaml.ScalarNode {
				l.problems.add(pos, "%q is no amount", value)
			} else if _, err := parseQuantity(x.Value); err != nil {
				l.problems.add(pos, "%q is no amount: %v", value, err)
			}
		}
	}
}
