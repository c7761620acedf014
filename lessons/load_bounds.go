package lessons

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// What a course may hold at most. A real course is far below each of these; they
// keep one that is broken, or meant to do harm, from taking all memory or time.
// Those of lists stand in the tag `max` of the types of the format.
const (
	maxFileSize   = 1 << 20  // bytes of one file
	maxCourseSize = 64 << 20 // bytes of all files together
	// maxLine is the longest line that is read, in bytes. The time of parsing
	// Markdown can grow with the square of it.
	maxLine = 10_000
	// maxDepth is how deep YAML may be nested. A Pod with everything has 12.
	maxDepth   = 50
	maxExpr    = 4000 // bytes of one expression
	maxObjects = 200  // objects that one step plants
	maxLessons = 500  // lessons of a course
	maxHold    = 5 * time.Minute
	// maxProblems is how many faults are listed. Whoever has more began with
	// the wrong file.
	maxProblems = 1000
)

// Longest ids. A lesson's id becomes part of the name of a namespace, of which
// Kubernetes allows 63 characters; one of another course has the course's id
// there too: k8stutor-COURSE--LESSON.
const (
	maxLessonID    = 40
	maxID          = 63
	maxQualifiedID = 63 - len("k8stutor-") - len("--")
)

// yamlFault is what is wrong with a YAML text. Line is 0 when that is not known.
type yamlFault struct {
	line int
	text string
}

func (f yamlFault) Error() string {
	if f.line == 0 {
		return f.text
	}
	return fmt.Sprintf("line %d: %s", f.line, f.text)
}

// soundYAML finds what no YAML of a course may hold, wherever it stands: nesting
// without end, and characters that a quoted word hides ("\e[2J").
func soundYAML(n *yaml.Node, depth int) error {
	if depth > maxDepth {
		return yamlFault{n.Line, fmt.Sprintf("this is nested deeper than %d levels", maxDepth)}
	}
	if n.Kind == yaml.ScalarNode {
		if r, found := firstDeceptive(n.Value); found {
			return yamlFault{n.Line, fmt.Sprintf("%s in a quoted word; %s", nameOf(r), onlyPlainText)}
		}
	}
	for _, child := range n.Content {
		if err := soundYAML(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

const onlyPlainText = "course files hold only what can be seen, line ends and tabs"

// nameOf says what a rune is that cannot be shown.
func nameOf(r rune) string {
	switch {
	case turnsWriting(r):
		return fmt.Sprintf("%U, which turns the direction of writing", r)
	case invisible(r):
		return fmt.Sprintf("%U, which cannot be seen", r)
	}
	return fmt.Sprintf("control character %U", r)
}

// bound cuts the value of a key that has more items than a course may have.
func (m mapping) bound(key string, most int) {
	n := m.values[key]
	if n == nil || most == 0 {
		return
	}
	each := 1
	if n.Kind == yaml.MappingNode {
		each = 2
	}
	if count := len(n.Content) / each; count > most {
		m.file.l.problems.add(m.file.pos(n), "%s has %d entries; there can be %d at most", key, count, most)
		n.Content = n.Content[:most*each]
	}
}
