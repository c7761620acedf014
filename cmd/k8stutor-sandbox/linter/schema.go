package linter

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	apiversion "k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/component-base/version"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// types are the kinds of Kubernetes' API.
type types struct {
	scheme  *runtime.Scheme
	decoder runtime.Decoder // refuses fields that do not exist or stand twice
	defs    definitions
	now     *apiversion.Version
}

func newSchema() types {
	s := runtime.NewScheme()
	// Both add to an empty scheme what they were compiled with, and fail never.
	_, _ = scheme.AddToScheme(s), apiextensions.AddToScheme(s)
	return types{
		scheme:  s,
		decoder: serializer.NewCodecFactory(s, serializer.EnableStrict).UniversalDeserializer(),
		defs:    newDefinitions(),
		now:     apiversion.MustParseGeneric(version.DefaultKubeBinaryVersion), // a constant of the library
	}
}

func (t types) lint(m lint.Manifest) []lint.Finding {
	var out []lint.Finding
	dec := yaml.NewDecoder(strings.NewReader(m.YAML))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			line, said := yamlError(err)
			return append(out, lint.Finding{At: m.At, Line: line, Rule: lint.RuleYAML,
				Said: words("this is not YAML: %s", "这不是合法的 YAML：%s", said), Expected: words("YAML", "YAML")})
		}
		if len(doc.Content) > 0 && doc.Content[0].Tag != "!!null" {
			for _, f := range t.object(doc.Content[0], m.Whole) {
				f.At = m.At
				out = append(out, f)
			}
		}
	}
}

// yamlError takes the line out of an error of the YAML parser.
func yamlError(err error) (line int, said string) {
	said = strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(said, "line "); ok {
		if n, words, ok := strings.Cut(rest, ": "); ok {
			line, _ = strconv.Atoi(n) // 0, the whole text, when it is no number
			return line, words
		}
	}
	return 0, said
}

// object looks at one object, or at the items of a list.
func (t types) object(n *yaml.Node, whole bool) []lint.Finding {
	at := func(n *yaml.Node, rule string, said, expected map[string]string) []lint.Finding {
		return []lint.Finding{{Line: n.Line, Rule: rule, Said: said, Expected: expected}}
	}
	apiVersion, kind := value(n, "apiVersion"), value(n, "kind")
	if apiVersion == nil || kind == nil {
		return at(n, lint.RuleKind, words("an object without apiVersion or kind", "对象缺少 apiVersion 或 kind"), words("both", "两者都要有"))
	}
	gv, err := schema.ParseGroupVersion(apiVersion.Value)
	if err != nil {
		return at(apiVersion, lint.RuleKind, words("%q is no apiVersion", "%q 不是合法的 apiVersion", apiVersion.Value), words("v1, or GROUP/VERSION", "v1 或 GROUP/VERSION"))
	}
	gvk := gv.WithKind(kind.Value)
	if kind.Value == "List" && gv.String() == "v1" {
		var out []lint.Finding
		if items := value(n, "items"); items != nil {
			for _, item := range items.Content {
				out = append(out, t.object(item, whole)...)
			}
		}
		return out
	}
	if !t.scheme.Recognizes(gvk) {
		if t.foreign(gvk) {
			return nil
		}
		return at(kind, lint.RuleKind, words("the API server has no kind %s in %s", "API server 的 %[2]s 里没有 %[1]s 这种 kind", gvk.Kind, gv), t.kindsNear(gvk))
	}
	if removed := t.removed(gvk); removed != "" {
		return at(apiVersion, lint.RuleKind, words("%s in %s is not served any more, since Kubernetes %s", "%[2]s 的 %[1]s 从 Kubernetes %[3]s 起已不再提供", gvk.Kind, gv, removed), t.kindsNear(gvk))
	}
	text, err := yaml.Marshal(n)
	if err != nil {
		return at(n, lint.RuleYAML, words("this cannot be read: %v", "无法读取：%v", err), words("YAML", "YAML"))
	}
	// The comment keeps an object in braces from being taken for JSON.
	_, _, err = t.decoder.Decode(append([]byte("#\n"), text...), nil, nil)
	var out []lint.Finding
	for _, key := range twice(n) {
		out = append(out, at(key, lint.RuleField, words("%s: the key %q stands there twice", "%s：键 %q 出现了两次", gvk.Kind, key.Value), words("each key once", "每个键只写一次"))...)
	}
	out = append(out, t.values(n, gvk, whole)...)
	if err == nil {
		return out
	}
	for _, said := range faults(err) {
		expected := words("the fields of %s, %s", "%s（%s）的字段", gvk.Kind, gv)
		if near := t.fieldNear(gvk, fieldOf(said)); near != "" {
			expected = words("%s, perhaps", "可能是 %s", near)
		}
		out = append(out, at(find(n, fieldOf(said)), lint.RuleField, words("%s: %s", "%s：%s", gvk.Kind, said), expected)...)
	}
	return out
}

// faults takes apart what the decoder found, but for keys that stand twice:
// those are found with their lines.
func faults(err error) (out []string) {
	strict, ok := runtime.AsStrictDecodingError(err)
	if !ok {
		said := err.Error()
		if i := strings.LastIndex(said, "json: "); i >= 0 {
			said = said[i+len("json: "):]
		}
		return []string{said}
	}
	for _, e := range strict.Errors() {
		if said := e.Error(); !strings.Contains(said, "already set in map") && !strings.HasPrefix(said, "duplicate field") && !slices.Contains(out, said) {
			out = append(out, said)
		}
	}
	return out
}

// twice returns the keys below a node that their mapping has already.
func twice(n *yaml.Node) (keys []*yaml.Node) {
	seen := map[string]bool{}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if seen[child.Value] {
				keys = append(keys, child)
			}
			seen[child.Value] = true
		}
		keys = append(keys, twice(child)...)
	}
	return keys
}

var (
	quotedField = regexp.MustCompile(`unknown field "([^"]*)"`)
	structField = regexp.MustCompile(`Go struct field [^ .]+\.([^ ]+) of type`)
)

// fieldOf returns the path of the field that a fault is about, "" when it is
// not told.
func fieldOf(said string) string {
	for _, re := range []*regexp.Regexp{quotedField, structField} {
		if m := re.FindStringSubmatch(said); m != nil {
			return m[1]
		}
	}
	return ""
}

// find follows a path such as spec.containers[0].imagee as far as it leads. A
// list that is passed without a number is searched for the item that leads on.
func find(n *yaml.Node, path string) *yaml.Node {
	if path == "" {
		return n
	}
	name, rest, _ := strings.Cut(path, ".")
	name, index, numbered := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	switch n.Kind {
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if has(item, name) {
				return find(item, path)
			}
		}
		return n
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Value == path {
				return key // it may have dots, as labels have
			}
			if key.Value != name {
				continue
			}
			at := key
			if i, err := strconv.Atoi(index); numbered && err == nil && value.Kind == yaml.SequenceNode && i < len(value.Content) {
				value, at = value.Content[i], value.Content[i]
			}
			if rest == "" {
				return at
			}
			if deeper := find(value, rest); deeper != value {
				return deeper
			}
			return at
		}
	}
	return n
}

func has(n *yaml.Node, key string) bool { return value(n, key) != nil }

// value is the value of a key in a mapping, nil when it has none.
func value(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// foreign reports whether a kind is not for the API server as it comes to know:
// a custom resource, or the configuration file of a program.
func (t types) foreign(gvk schema.GroupVersionKind) bool {
	if gvk.GroupVersion().String() == "v1" && gvk.Kind == "Config" {
		return true // a kubeconfig
	}
	return !t.scheme.IsGroupRegistered(gvk.Group) && len(t.versions(gvk.Kind)) == 0
}

// versions lists where a kind is served, newest first within a group.
func (t types) versions(kind string) []string {
	var out []string
	for gvk := range t.scheme.AllKnownTypes() {
		if gvk.Kind == kind && gvk.Version != runtime.APIVersionInternal && t.removed(gvk) == "" {
			out = append(out, gvk.GroupVersion().String())
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		if stable := compareBool(!beta(a), !beta(b)); stable != 0 {
			return stable
		}
		return strings.Compare(a, b)
	})
	return out
}

func beta(version string) bool {
	return strings.Contains(version, "alpha") || strings.Contains(version, "beta")
}

// compareBool puts true first.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// removed returns since when a kind is not served any more, "" when it is.
func (t types) removed(gvk schema.GroupVersionKind) string {
	o, err := t.scheme.New(gvk)
	if err != nil {
		return ""
	}
	r, ok := o.(interface{ APILifecycleRemoved() (major, minor int) })
	if !ok {
		return ""
	}
	major, minor := r.APILifecycleRemoved()
	if major < 0 || minor < 0 || t.now.LessThan(apiversion.MajorMinor(uint(major), uint(minor))) {
		return ""
	}
	return fmt.Sprintf("%d.%d", major, minor)
}

// kindsNear says which apiVersion serves a kind, or which kind was meant.
func (t types) kindsNear(gvk schema.GroupVersionKind) map[string]string {
	if served := t.versions(gvk.Kind); len(served) > 0 {
		return words("apiVersion: %s", "apiVersion: %s", served[0])
	}
	var kinds []string
	for known := range t.scheme.AllKnownTypes() {
		if known.Group == gvk.Group && !strings.HasSuffix(known.Kind, "List") && !strings.HasSuffix(known.Kind, "Options") && !slices.Contains(kinds, known.Kind) {
			kinds = append(kinds, known.Kind)
		}
	}
	slices.Sort(kinds)
	if near := lessons.Nearest(gvk.Kind, kinds); len(near) > 0 {
		return words("kind: %s, perhaps", "可能是 kind: %s", near[0])
	}
	return words("a kind of %s", "%s 里的一种 kind", gvk.GroupVersion())
}
