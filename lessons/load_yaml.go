package lessons

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// yamlFile is a YAML file being read. Nodes are read one by one and not decoded
// into structs, so that every fault has its line and keys such as "on" and "y"
// stay words.
type yamlFile struct {
	l    *loader
	name string
}

// mapping is a YAML mapping whose keys have been looked at.
type mapping struct {
	file   yamlFile
	what   string // "a step", for messages
	at     Position
	values map[string]*yaml.Node
}

// mapping reads a file that holds one mapping.
func (l *loader) mapping(file, what string, of shape) (m mapping, ok bool) {
	data, ok := l.read(file)
	if !ok {
		return m, false
	}
	f := yamlFile{l, file}
	docs, err := parseYAML(data)
	fault, faulty := errors.AsType[yamlFault](err)
	switch {
	case faulty:
		l.problems.add(Position{file, fault.line}, "%s", fault.text)
	case len(docs) == 0:
		l.problems.add(Position{File: file}, "the file is empty")
	case len(docs) > 1:
		l.problems.add(f.pos(docs[1]), "a second document begins here; %s holds one", what)
	default:
		return f.mapping(docs[0], what, of)
	}
	return m, false
}

// parseYAML returns the root node of every document that is not empty. Its error
// is a yamlFault.
func parseYAML(data []byte) ([]*yaml.Node, error) {
	var docs []*yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return nil, yamlFault{yamlErrorLine(err), "this is not YAML: " + yamlErrorText(err)}
		}
		if err := soundYAML(&doc, 0); err != nil {
			return nil, err
		}
		if doc.Kind == yaml.DocumentNode && len(doc.Content) > 0 && !isNull(doc.Content[0]) {
			docs = append(docs, doc.Content[0])
		}
	}
}

// yamlErrorLine finds the line in an error of the YAML parser, which says it
// only in words; 0 when it does not.
func yamlErrorLine(err error) int {
	m := regexp.MustCompile(`line (\d+): (.*)`).FindStringSubmatch(err.Error())
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1]) // it is digits
	// For faults of structure, other than for those of single words, the parser
	// counts lines from 0.
	for _, structure := range []string{"key", "node content", "'-' indicator", "',' or ']'", "',' or '}'", "<document start>"} {
		if m[2] == "did not find expected "+structure {
			return n + 1
		}
	}
	return n
}

func yamlErrorText(err error) string {
	return regexp.MustCompile(`^(yaml: )?(line \d+: )?`).ReplaceAllString(err.Error(), "")
}

func (f yamlFile) pos(n *yaml.Node) Position { return Position{f.name, n.Line} }

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// mapping reads the keys of a mapping, reporting those that its shape does not
// have, and those that it needs and that are missing.
func (f yamlFile) mapping(n *yaml.Node, what string, of shape) (m mapping, ok bool) {
	keys := of.keys
	if n.Kind != yaml.MappingNode {
		f.l.problems.add(f.pos(n), "%s, where %s with the keys %s was expected", describe(n), what, strings.Join(keys, ", "))
		return m, false
	}
	m = mapping{f, what, f.pos(n), map[string]*yaml.Node{}}
	f.pairs(n, func(key, value *yaml.Node) {
		if !slices.Contains(keys, key.Value) {
			f.l.problems.add(f.pos(key), "unknown key %q; %s has %s%s", key.Value, what, strings.Join(keys, ", "), didYouMean(key.Value, keys))
			return
		}
		m.values[key.Value] = value
	})
	m.require(of.required...)
	for key, most := range of.most {
		m.bound(key, most)
	}
	return m, true
}

// pairs calls fn for each key of a mapping that is a plain word and stands
// there once.
func (f yamlFile) pairs(n *yaml.Node, fn func(key, value *yaml.Node)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			f.l.problems.add(f.pos(key), "%s as a key, where a word was expected", describe(key))
			continue
		}
		if line, again := seen[key.Value]; again {
			f.l.problems.add(f.pos(key), "the key %q stands in line %d already", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		fn(key, value)
	}
}

// describe names what a node is.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias (*" + n.Value + ")"
	case n.ShortTag() == "!!merge":
		return "a merge (<<)"
	case isNull(n):
		return "nothing"
	default:
		return strconv.Quote(n.Value)
	}
}

func (m mapping) has(key string) bool { return m.values[key] != nil && !isNull(m.values[key]) }

// pos is where the value of a key stands, or the mapping when it is missing.
func (m mapping) pos(key string) Position {
	if n := m.values[key]; n != nil {
		return m.file.pos(n)
	}
	return m.at
}

// require reports each of the keys that is missing.
func (m mapping) require(keys ...string) {
	for _, key := range keys {
		if !m.has(key) {
			m.file.l.problems.add(m.at, "%s needs %q", m.what, key)
		}
	}
}

// str returns a scalar as it is written.
func (f yamlFile) str(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode || isNull(n) || n.Value == "" {
		f.l.problems.add(f.pos(n), "%s, where a word or a sentence was expected", describe(n))
		return "", false
	}
	return n.Value, true
}

// str returns the scalar of a key, "" when it is missing.
func (m mapping) str(key string) string {
	if m.values[key] == nil {
		return ""
	}
	s, _ := m.file.str(m.values[key])
	return s
}

func (f yamlFile) wellFormed(n *yaml.Node, id string, longest int) bool {
	if isID(id, longest) {
		return true
	}
	f.l.problems.add(f.pos(n), "%q is not an id; ids are lower case letters, digits and -, at most %d of them", id, longest)
	return false
}

// id returns the id under a key.
func (m mapping) id(key string, longest int) string {
	s := m.str(key)
	if s != "" {
		m.file.wellFormed(m.values[key], s, longest)
	}
	return s
}

// word returns the scalar of a key, which must be one of a few.
func (m mapping) word(key string, of ...string) string {
	s := m.str(key)
	if s != "" && !slices.Contains(of, s) {
		m.file.l.problems.add(m.pos(key), "unknown %s %q; it is one of %s%s", key, s, strings.Join(of, ", "), didYouMean(s, of))
	}
	return s
}

// list returns the items of a list, none when the key is missing.
func (m mapping) list(key string) []*yaml.Node {
	n := m.values[key]
	if n == nil || isNull(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		m.file.l.problems.add(m.file.pos(n), "%s, where a list was expected: %s: [...]", describe(n), key)
		return nil
	}
	return n.Content
}

// strs returns a list of scalars.
func (m mapping) strs(key string) []string { return m.file.strs(m.list(key)) }

func (f yamlFile) strs(items []*yaml.Node) []string {
	var out []string
	for _, n := range items {
		if s, ok := f.str(n); ok {
			out = append(out, s)
		}
	}
	return out
}

func (m mapping) bool(key string) bool {
	n := m.values[key]
	if n == nil {
		return false
	}
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		m.file.l.problems.add(m.file.pos(n), "%s, where true or false was expected", describe(n))
	}
	return n.Value == "true"
}

// int returns the whole number of a key, 0 when it is missing.
func (m mapping) int(key string) int {
	s := m.str(key)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		m.file.l.problems.add(m.pos(key), "%q, where a whole number was expected", s)
	}
	return n
}

// duration returns the time span of a key, 0 when it is missing.
func (m mapping) duration(key string, longest time.Duration) time.Duration {
	s := m.str(key)
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > longest {
		m.file.l.problems.add(m.pos(key), "%q, where a time such as 2s was expected, at most %s", s, longest)
		return 0
	}
	return d
}

// format checks the version of the format. It reports false, after saying so,
// when the rest of the file is not for this program to judge.
func (m mapping) format() bool {
	v := m.int("format")
	switch {
	case v > Format:
		// Keys that this program does not know are no fault of that file.
		m.file.l.problems = slices.DeleteFunc(m.file.l.problems, func(p Problem) bool { return p.Pos.File == m.file.name })
		m.file.l.problems.add(m.pos("format"), "the course is written in format %d, this program reads up to %d: a newer k8stutor is needed", v, Format)
		return false
	case v < 1 && m.has("format"):
		m.file.l.problems.add(m.pos("format"), "format %s does not exist; the present one is %d", m.str("format"), Format)
		return false
	}
	return true
}

// expr returns the expression of a key, an empty one when it is missing.
func (m mapping) expr(key string) Expr {
	if m.values[key] == nil {
		return Expr{}
	}
	return m.file.expr(m.values[key])
}

func (f yamlFile) expr(n *yaml.Node) Expr {
	s, _ := f.str(n)
	pos := f.pos(n)
	if len(s) > maxExpr {
		f.l.problems.add(pos, "this expression has %d bytes; there can be %d at most", len(s), maxExpr)
		s = ""
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		pos.Line++ // the text begins below its | or >
	}
	return Expr{Source: strings.TrimSpace(s), Pos: pos}
}

// named returns the expressions of a mapping from names.
func (m mapping) named(key, what string) []NamedExpr {
	var out []NamedExpr
	m.eachNamed(key, what, func(name, value *yaml.Node) {
		out = append(out, NamedExpr{name.Value, m.file.expr(value)})
	})
	return out
}

// eachNamed calls fn for each entry of a mapping from names to something.
func (m mapping) eachNamed(key, what string, fn func(name, value *yaml.Node)) {
	n := m.values[key]
	if n == nil || isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		m.file.l.problems.add(m.file.pos(n), "%s, where names with %s were expected", describe(n), what)
		return
	}
	m.file.pairs(n, func(name, value *yaml.Node) {
		if !isName(name.Value) {
			m.file.l.problems.add(m.file.pos(name), "%q cannot be a name in expressions; a name is letters, digits and _, and no word of CEL's own", name.Value)
			return
		}
		fn(name, value)
	})
}

// isName reports whether s can be the name of a variable in CEL and is not one
// that every step has.
func isName(s string) bool {
	if slices.Contains(reservedNames(), s) {
		return false
	}
	for i, c := range []byte(s) {
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
