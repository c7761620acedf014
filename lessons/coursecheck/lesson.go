package coursecheck

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// wrongOnPurpose, in a comment of lesson.yaml behind a command or the name of a
// file, or behind the language of a code block, says that what stands there is
// not meant to be right.
const wrongOnPurpose = "wrong on purpose"

// lesson looks at the files of one lesson.
func (c *checker) lesson(dir string, terms []term) {
	file := path.Join(dir, "lesson.yaml")
	c.used[file] = true
	root := c.yaml(file)
	var pages []string
	for _, n := range items(at(root, "pages")) {
		pages = append(pages, n.Value)
	}
	docs := c.texts(dir, pages, terms)
	c.minutes(file, at(root, "minutes"), docs)
	for _, step := range items(at(root, "steps")) {
		for _, n := range items(at(step, "setup")) {
			c.manifestFile(dir, n, true)
		}
		if n := at(step, "draft"); n != nil {
			c.manifestFile(dir, n, false)
		}
		c.commandLines(file, at(step, "solution"))
		for _, variant := range items(at(step, "variants")) {
			c.commandLines(file, variant)
		}
		for _, mistake := range items(at(step, "mistakes")) {
			c.commandLines(file, at(mistake, "try"))
		}
	}
	for _, q := range items(at(root, "questions")) {
		c.question(file, q)
	}
}

// question looks at the commands of a command question, and at the manifest of a
// field question with each of its right values. That of a spot question has a
// mistake.
func (c *checker) question(file string, q *yaml.Node) {
	kind, manifest := at(q, "kind"), at(q, "manifest")
	if kind == nil || kind.Value != string(lessons.Field) {
		c.commandLines(file, at(q, "accept"))
		return
	}
	if manifest == nil || onPurpose(manifest) {
		return
	}
	asked := lessons.Question{Manifest: manifest.Value}
	for _, value := range items(at(q, "accept")) {
		c.manifest(lessons.Position{File: file, Line: firstLine(manifest)}, asked.Filled(value.Value))
	}
}

// commandLines looks at a list of command lines.
func (c *checker) commandLines(file string, list *yaml.Node) {
	for _, n := range items(list) {
		if n.Kind == yaml.ScalarNode && !onPurpose(n) && !onPurpose(list) {
			c.shell(shellText{pos: lessons.Position{File: file, Line: firstLine(n)}, text: n.Value, oneLine: n.Style&yaml.LiteralStyle == 0})
		}
	}
}

// firstLine is where the text of a scalar begins.
func firstLine(n *yaml.Node) int {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return n.Line + 1
	}
	return n.Line
}

func onPurpose(n *yaml.Node) bool {
	return strings.Contains(n.LineComment+n.HeadComment, wrongOnPurpose)
}

// manifestFile takes down a file of objects that lesson.yaml names. A draft need
// not be whole.
func (c *checker) manifestFile(dir string, n *yaml.Node, whole bool) {
	name := path.Join(dir, n.Value)
	if n.Kind != yaml.ScalarNode || c.used[name] {
		return
	}
	c.used[name] = true
	if text, ok := c.read(name); ok && !onPurpose(n) && strings.TrimSpace(text) != "" {
		c.ask.Manifests = append(c.ask.Manifests, lint.Manifest{At: lessons.Position{File: name, Line: 1}.String(), YAML: text, Whole: whole})
	}
}

// manifest takes down a YAML text of objects in prose, where what does not matter
// is left out.
func (c *checker) manifest(pos lessons.Position, text string) {
	c.ask.Manifests = append(c.ask.Manifests, lint.Manifest{At: pos.String(), YAML: text})
}
