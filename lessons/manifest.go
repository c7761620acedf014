package lessons

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The bounds of a manifest: as much as a person writes by hand, many times over.
const (
	MaxManifest  = 1 << 20 // bytes
	MaxDocuments = 50
)

// Applier is what a manifest step needs of a cluster. The errors it returns are
// of type *ClusterError and mean that nothing can be told of the manifest.
type Applier interface {
	// DryRun asks the API server what it would say to each document, with
	// strict field validation. Nothing is changed.
	DryRun(ctx context.Context, ws Workspace, docs []Document) ([]Refusal, error)
	// Apply makes the objects in the workspace, and changes those that are
	// there, as `kubectl apply --server-side` does. It stops at the first that
	// is refused.
	Apply(ctx context.Context, ws Workspace, docs []Document) ([]Refusal, error)
	// Fields returns the names that fields may have within fields of a document
	// ("spec.template", "" is the object itself), for those of which it can be
	// told.
	Fields(ctx context.Context, d Document, within []string) map[string][]string
}

// Document is one object of a manifest.
type Document struct {
	Index int // from 0
	Line  int // of its first key in the file, from 1
	// YAML is its text, with empty lines before it, so that line numbers in it
	// are those of the file.
	YAML                              []byte
	APIVersion, Kind, Name, Namespace string

	root *yaml.Node
}

// Refusal is why a document of a manifest is not accepted.
type Refusal struct {
	Document int    // index
	Path     string // of the field, as the API server writes it; "" when it names none, or names it in Said
	Said     string // the API server's own words; "" when it was not asked
	Advice   Text   // what is meant, or what to do; nil when nothing is to be added
}

// Fault is one thing that is wrong with a manifest, with its place.
type Fault struct {
	Line, Column int    // from 1; 0 is the file as a whole
	Source       string // the line
	Object       string // "Deployment/web", "" when it is not known
	Path         string // of the field; "" when it is not known
	Said         string // the words of the API server or of the YAML parser, unchanged
	Advice       Text   // what is meant, or what to do; nil when there is nothing to add
}

// Caret is the line that points at the fault beneath its Source, "" when there
// is no place to point at. Tabs stay tabs, so that it lines up.
func (f Fault) Caret() string {
	if f.Column < 1 || f.Column > len([]rune(f.Source))+1 {
		return ""
	}
	var b strings.Builder
	for _, r := range []rune(f.Source)[:f.Column-1] {
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case isWide(r):
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String() + "^"
}

// isWide reports whether a character takes two cells: those of East Asian
// scripts and their punctuation.
func isWide(r rune) bool {
	return r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff01 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 || r >= 0x20000
}

// ManifestFile is a YAML file of the learner's.
type ManifestFile struct {
	Name string // "web.yaml"
	Docs []Document
	// Faults are those that can be seen without a cluster. Docs is empty then.
	Faults []Fault

	lines []string
}

// separator is a line between two documents.
var separator = regexp.MustCompile(`^(---|\.\.\.)([ \t]|$)`)

// ReadManifest reads the text of a file. A byte order mark and line ends of
// Windows are no fault.
func ReadManifest(name string, text []byte) *ManifestFile {
	m := &ManifestFile{Name: name}
	text = bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	if !m.isText(text) {
		return m
	}
	m.lines = strings.Split(string(text), "\n")
	m.punctuation()
	var chunks [][]string // each from the first line of the file on, what is not its own left empty
	start := 0
	for i, line := range m.lines {
		if separator.MatchString(line) {
			chunks = append(chunks, m.lines[start:i])
			start = i
		}
	}
	chunks = append(chunks, m.lines[start:])
	at := 0
	for _, chunk := range chunks {
		m.document(at, chunk)
		at += len(chunk)
	}
	switch {
	case len(m.Faults) > 0:
		m.Docs = nil
	case len(m.Docs) == 0:
		m.fault(0, 0, Fault{Advice: sayEmptyManifest(name)})
	case len(m.Docs) > MaxDocuments:
		line := m.Docs[MaxDocuments].Line
		m.Docs = nil
		m.fault(line, 1, Fault{Advice: sayManyDocuments()})
	}
	return m
}

// isText reports whether the bytes can be a manifest at all.
func (m *ManifestFile) isText(text []byte) bool {
	if len(text) > MaxManifest {
		m.fault(0, 0, Fault{Advice: sayLargeManifest(m.Name)})
		return false
	}
	line := 1
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == '\n':
			line++
		case r == utf8.RuneError && size == 1, r == 0:
			m.fault(line, 0, Fault{Advice: sayNoText(m.Name, text[i])})
			return false
		}
		i += size
	}
	return true
}

// document reads the lines of one document, the first of which is line at of the
// file, counting from 0.
func (m *ManifestFile) document(at int, chunk []string) {
	own := append([]string(nil), chunk...)
	if len(own) > 0 && separator.MatchString(own[0]) {
		own[0] = "   " + own[0][3:]
	}
	text := []byte(strings.Repeat("\n", at) + strings.Join(own, "\n") + "\n")
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		m.broken(at, len(chunk), err)
		return
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return // comments only
	}
	root := doc.Content[0]
	d := Document{Index: len(m.Docs), Line: root.Line, YAML: text, root: root}
	if root.Kind != yaml.MappingNode {
		m.fault(root.Line, root.Column, Fault{Advice: sayNoObject()})
		return
	}
	d.APIVersion, d.Kind = scalarAt(root, "apiVersion"), scalarAt(root, "kind")
	d.Name, d.Namespace = scalarAt(root, "metadata", "name"), scalarAt(root, "metadata", "namespace")
	switch {
	case d.APIVersion == "":
		m.fault(root.Line, root.Column, Fault{Path: "apiVersion", Advice: sayNoField("apiVersion", versionOf(d.Kind))})
	case d.Kind == "":
		m.fault(root.Line, root.Column, Fault{Path: "kind", Advice: sayNoField("kind", "Deployment")})
	case d.Kind == "List":
		m.fault(root.Line, root.Column, Fault{Path: "kind", Advice: sayList()})
	case d.Name == "":
		f := Fault{Object: d.Kind, Path: "metadata.name", Advice: sayNoField("metadata.name", "web")}
		n := locate(root, "metadata")
		m.fault(n.Line, n.Column, f)
	}
	m.Docs = append(m.Docs, d)
}

// versionOf is the apiVersion of a built-in kind, or an example of one.
func versionOf(kind string) string {
	if k, ok := KindNamed(kind); ok {
		return k.APIVersion()
	}
	return "apps/v1"
}

// scalarAt returns the plain value at a path of keys, "" when there is none.
func scalarAt(n *yaml.Node, path ...string) string {
	for _, key := range path {
		if n = value(n, key); n == nil {
			return ""
		}
	}
	if n.Kind != yaml.ScalarNode || isNull(n) {
		return ""
	}
	return Printable(n.Value)
}

// fault adds a fault with the line it is in.
func (m *ManifestFile) fault(line, column int, f Fault) {
	m.Faults = append(m.Faults, m.placed(line, column, f))
}

func (m *ManifestFile) placed(line, column int, f Fault) Fault {
	f.Line, f.Column = line, column
	f.Said = PrintableLines(f.Said)
	if line >= 1 && line <= len(m.lines) {
		f.Source = strings.TrimRight(sourceLine(m.lines[line-1]), " \t")
	}
	return f
}

// maxSource is how much of a line is shown, in characters.
const maxSource = 200

// sourceLine is a line of the file as it can be shown.
func sourceLine(line string) string {
	runes := []rune(line)
	if len(runes) > maxSource {
		runes = runes[:maxSource]
	}
	return PrintableLines(string(runes))
}

// Review says what is wrong with the manifest: what can be seen in the file, or
// else what the API server says to it. None means that it would be accepted.
func (m *ManifestFile) Review(ctx context.Context, a Applier, ws Workspace) ([]Fault, error) {
	if len(m.Faults) > 0 {
		return m.Faults, nil
	}
	refusals, err := a.DryRun(ctx, ws, m.Docs)
	return m.located(ctx, a, refusals), err
}

// Apply sends the manifest for good and says what was refused.
func (m *ManifestFile) Apply(ctx context.Context, a Applier, ws Workspace) ([]Fault, error) {
	if len(m.Faults) > 0 {
		return m.Faults, nil
	}
	refusals, err := a.Apply(ctx, ws, m.Docs)
	return m.located(ctx, a, refusals), err
}

// located finds the lines that refusals belong to.
func (m *ManifestFile) located(ctx context.Context, a Applier, refusals []Refusal) []Fault {
	var faults []Fault
	for _, r := range refusals {
		if r.Document < 0 || r.Document >= len(m.Docs) {
			continue
		}
		d := m.Docs[r.Document]
		all := complaints(r)
		meant := d.meant(ctx, a, all)
		for _, c := range all {
			f := Fault{Object: d.Kind + "/" + d.Name, Path: c.path, Said: c.said, Advice: r.Advice}
			n := c.find(d.root)
			line, column := n.Line, n.Column
			if c.line > 0 {
				line, column = c.line, 0
			}
			f = m.placed(line, column, f)
			if char, column := foreign(f.Source); char != 0 && f.Advice == nil {
				f.Column, f.Advice = column, sayForeign(char)
			}
			if near := meant[c.path]; c.unknown && f.Advice == nil {
				f.Advice = sayUnknownField(near)
			}
			faults = append(faults, f)
		}
	}
	return faults
}

// meant finds, for each field that does not exist, the nearest name that does.
func (d Document) meant(ctx context.Context, a Applier, all []complaint) map[string]string {
	var within []string
	for _, c := range all {
		if c.unknown {
			within = append(within, parentOf(c.path))
		}
	}
	if len(within) == 0 {
		return nil
	}
	names := a.Fields(ctx, d, within)
	out := map[string]string{}
	for _, c := range all {
		parent := parentOf(c.path)
		if near := Nearest(strings.TrimPrefix(c.path[len(parent):], "."), names[parent]); c.unknown && len(near) > 0 {
			out[c.path] = near[0]
		}
	}
	return out
}

// parentOf is the path of the field that a field stands in.
func parentOf(path string) string {
	return path[:max(0, strings.LastIndexByte(path, '.'))]
}

func sayUnknownField(near string) Text {
	if near == "" {
		return say("There is no such field here. Is it indented as far as it should be? `kubectl explain` lists the fields.",
			"这个位置没有这样的字段。检查一下缩进层级；用 `kubectl explain` 可以列出有哪些字段。")
	}
	return say("There is no such field here; did you mean `%s`?", "这个位置没有这样的字段。是不是想写 `%s`？", near)
}

func sayEmptyManifest(name string) Text {
	return say("`%s` is empty. It needs an object at least: apiVersion, kind, metadata and mostly spec.",
		"`%s` 是空的。至少要写一个对象：apiVersion、kind、metadata，通常还有 spec。", name)
}

func sayManyDocuments() Text {
	return say("More than %[1]d documents; this is the first that is too many.", "文档超过 %[1]d 个，从这一个起就超出了上限。", MaxDocuments)
}

func sayLargeManifest(name string) Text {
	return say("`%s` is larger than 1 MB. A manifest of this step has a few lines.", "`%s` 超过 1 MB。这一步的清单只需要几行。", name)
}

func sayNoText(name string, b byte) Text {
	return say("`%[1]s` is not text in UTF-8 (byte %#[2]x). Save it as UTF-8.", "`%[1]s` 不是 UTF-8 文本（字节 %#[2]x），请另存为 UTF-8。", name, b)
}

func sayNoObject() Text {
	return say("An object begins here, so `key: value` lines are expected: apiVersion, kind, metadata …",
		"这里应该是一个对象，由 `键: 值` 组成：apiVersion、kind、metadata 等。")
}

func sayNoField(field, example string) Text {
	name := field[strings.LastIndexByte(field, '.')+1:]
	return say("The object has no `%[1]s`. Write for example `%[2]s`.", "对象缺少 `%[1]s`，例如写成 `%[2]s`。", field, fmt.Sprintf("%s: %s", name, example))
}

func sayList() Text {
	return say("Write the objects as documents of their own, with `---` between them, and not as a List.",
		"请把各个对象写成独立的文档，中间用 `---` 分隔，不要用 List。")
}
