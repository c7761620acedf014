package lessons

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// complaint is one thing that the API server says against a document.
type complaint struct {
	path string // "" is the document as a whole
	said string
	line int // where it names the line itself
	// unknown says that there is no such field.
	unknown bool
	got     string // what stands there, for a value of the wrong type: "string", "number", "bool", "object", "array"
}

// The API server's words that name a field. They have no structure, and are the
// same since Kubernetes 1.25.
var (
	// strict decoding error: unknown field "spec.replica", duplicate field "kind"
	strictField = regexp.MustCompile(`(?:unknown|duplicate) field "([^"]+)"`)
	// line 4: key "name" already set in map
	keyAgain = regexp.MustCompile(`line (\d+): key .*? already set in map`)
	// json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32
	wrongType = regexp.MustCompile(`cannot unmarshal (\w+)(?: [^ ]+)? into Go (?:struct field \w*\.([^ ]+)|value) of type`)
	// .spec.template.spec.contaners: field not declared in schema
	typedField = regexp.MustCompile(`(?:^|[\s:])\.([A-Za-z][^\s:]*): `)
	// yaml: line 4: …
	anyLine = regexp.MustCompile(`\bline (\d+):`)
)

// complaints takes a refusal apart: a strict decoding error may name several
// fields. The words are not changed; each complaint has those that are about it.
func complaints(r Refusal) []complaint {
	if r.Path != "" {
		return []complaint{{path: r.Path, said: r.Said}}
	}
	var out []complaint
	prefix, rest, strict := strings.Cut(r.Said, "strict decoding error: ")
	if strict {
		for _, m := range keyAgain.FindAllStringSubmatch(rest, -1) {
			line, _ := strconv.Atoi(m[1])
			out = append(out, complaint{said: prefix + "strict decoding error: yaml: " + m[0], line: line})
		}
		for _, m := range strictField.FindAllStringSubmatch(rest, -1) {
			out = append(out, complaint{path: m[1], said: prefix + "strict decoding error: " + m[0], unknown: strings.HasPrefix(m[0], "unknown")})
		}
	}
	if len(out) > 0 {
		return out
	}
	c := complaint{said: r.Said}
	if m := wrongType.FindStringSubmatch(r.Said); m != nil {
		c.path, c.got = m[2], m[1]
	} else if m := typedField.FindStringSubmatch(r.Said); m != nil {
		c.path = m[1]
	} else if m := anyLine.FindStringSubmatch(r.Said); m != nil {
		c.line, _ = strconv.Atoi(m[1])
	}
	return []complaint{c}
}

// find returns the node that a complaint is about: the key of the field it
// names, or, where that is not in the file, what comes nearest to it.
func (c complaint) find(root *yaml.Node) *yaml.Node {
	w := walk{got: c.got, budget: maxVisits, best: root}
	w.down(root, root, segments(c.path), 0)
	return w.best
}

// locate returns the key of the field at a path, or the nearest that is there.
func locate(root *yaml.Node, path string) *yaml.Node { return complaint{path: path}.find(root) }

// maxVisits bounds the search in a file whose aliases multiply its nodes.
const maxVisits = 20_000

// walk searches for a field.
type walk struct {
	got    string
	budget int
	depth  int        // how many segments were found of the best place
	best   *yaml.Node // where a learner should look
	done   bool
}

// down goes on from a node, reached by at, with the segments that are left.
func (w *walk) down(at, n *yaml.Node, left []string, depth int) {
	if w.budget--; w.budget < 0 || w.done {
		return
	}
	for n.Kind == yaml.AliasNode && n.Alias != nil && w.budget > 0 {
		w.budget--
		n = n.Alias
	}
	if depth > w.depth {
		w.depth, w.best = depth, at
	}
	if len(left) == 0 {
		if w.got == "" || w.got == typeOf(n) {
			w.best, w.done = at, true
			return
		}
		// The words about an item of a list name the list.
		for i := 0; n.Kind == yaml.SequenceNode && i < len(n.Content) && !w.done; i++ {
			if w.got == typeOf(n.Content[i]) {
				w.best, w.done = n.Content[i], true
			}
		}
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		// A key may hold dots itself: the longest that fits is taken first.
		for take := min(len(left), 8); take >= 1; take-- {
			key := strings.Join(left[:take], ".")
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == key {
					w.down(n.Content[i], n.Content[i+1], left[take:], depth+take)
				}
			}
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			switch by := left[0]; {
			case by == strconv.Itoa(i):
				w.down(item, item, left[1:], depth+1)
			case strings.Contains(by, "=") && matches(item, by):
				w.down(item, item, left[1:], depth+1)
			case w.got != "":
				// The words about a wrong type leave the numbers away.
				w.down(item, item, left, depth)
			}
		}
	}
}

// segments cuts a path as the API server writes it: spec.ports[0].port,
// metadata.labels[app.kubernetes.io/name], containers[name="web"].image.
func segments(path string) []string {
	var out []string
	word := ""
	flush := func() {
		if word != "" {
			out = append(out, word)
		}
		word = ""
	}
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '.':
			flush()
		case '[':
			end := strings.IndexByte(path[i:], ']')
			if end < 0 {
				word += path[i:]
				i = len(path)
				continue
			}
			flush()
			if in := path[i+1 : i+end]; in != "" {
				out = append(out, strings.Trim(in, `"`))
			}
			i += end
		default:
			word += path[i : i+1]
		}
	}
	flush()
	return out
}

// matches reports whether an item of a list has the keys of name="web",port=80.
func matches(item *yaml.Node, by string) bool {
	for pair := range strings.SplitSeq(by, ",") {
		key, want, _ := strings.Cut(pair, "=")
		n := value(item, key)
		if n == nil {
			// The API server names what it has filled in too.
			continue
		}
		if n.Kind != yaml.ScalarNode || n.Value != strings.Trim(want, `"`) {
			return false
		}
	}
	return true
}

// value returns what stands under a key, nil when there is nothing.
func value(n *yaml.Node, key string) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// typeOf names what a node is as the JSON decoder does.
func typeOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "object"
	case yaml.SequenceNode:
		return "array"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "number"
	case "!!bool":
		return "bool"
	}
	if n.Style == 0 {
		switch strings.ToLower(n.Value) { // true and false in YAML 1.1, which the API server reads
		case "y", "yes", "on", "n", "no", "off":
			return "bool"
		}
	}
	return "string"
}
