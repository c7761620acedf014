package lessons

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// ParseObjects reads the Kubernetes objects of a YAML text, of one document or
// several; a List gives its items. Numbers become int64 or float64, null fields
// are left out. Words that only YAML 1.1 takes for true or false (on, yes, y)
// stay words.
func ParseObjects(text []byte) ([]Object, error) {
	placed, err := parseObjects(text)
	if err != nil {
		return nil, err
	}
	var objects []Object
	for _, p := range placed {
		objects = append(objects, p.object)
	}
	return objects, nil
}

// placedObject is an object and the line it begins in.
type placedObject struct {
	object Object
	line   int
}

// parseObjects is ParseObjects with the lines. Its error is a yamlFault.
func parseObjects(text []byte) ([]placedObject, error) {
	docs, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	var objects []placedObject
	for _, doc := range docs {
		for _, n := range itemsOf(doc) {
			v, err := plainValue(n)
			if err != nil {
				return nil, err
			}
			o, ok := v.(map[string]any)
			if !ok {
				return nil, yamlFault{n.Line, describe(n) + ", where an object with apiVersion, kind and metadata was expected"}
			}
			if err := checkObject(o); err != nil {
				return nil, yamlFault{n.Line, err.Error()}
			}
			objects = append(objects, placedObject{o, n.Line})
		}
	}
	return objects, nil
}

// itemsOf returns the items of a List, or the node itself.
func itemsOf(doc *yaml.Node) []*yaml.Node {
	var items *yaml.Node
	isList := false
	if doc.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(doc.Content); i += 2 {
			switch key, value := doc.Content[i], doc.Content[i+1]; {
			case key.Value == "kind" && value.Value == "List":
				isList = true
			case key.Value == "items" && value.Kind == yaml.SequenceNode:
				items = value
			}
		}
	}
	if isList && items != nil {
		return items.Content
	}
	return []*yaml.Node{doc}
}

func checkObject(o Object) error {
	for _, field := range [][]string{{"apiVersion"}, {"kind"}, {"metadata", "name"}} {
		if text(o, field...) == "" {
			return fmt.Errorf("an object without %s; it needs apiVersion, kind and metadata.name", field[len(field)-1])
		}
	}
	return nil
}

// plainValue turns a node into what decoding JSON would give. It follows no
// aliases, so its size is bounded by that of the text.
func plainValue(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		out := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
				return nil, yamlFault{key.Line, describe(key) + " as a key, where a word was expected"}
			}
			if _, again := out[key.Value]; again {
				return nil, yamlFault{key.Line, fmt.Sprintf("the key %q stands there twice", key.Value)}
			}
			v, err := plainValue(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			if v != nil {
				out[key.Value] = v
			}
		}
		return out, nil
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := plainValue(item)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.ScalarNode:
		return plainScalar(n)
	default:
		return nil, yamlFault{n.Line, describe(n) + "; write the value out"}
	}
}

func plainScalar(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		b, err := strconv.ParseBool(n.Value)
		if err != nil {
			return nil, yamlFault{n.Line, fmt.Sprintf("%q is not true or false", n.Value)}
		}
		return b, nil
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			return i, nil
		}
		fallthrough
	case "!!float":
		var f float64
		if err := n.Decode(&f); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, yamlFault{n.Line, fmt.Sprintf("%q is not a number", n.Value)}
		}
		return f, nil
	default:
		return n.Value, nil
	}
}

// setup reads the objects that a step plants. scoped are the kinds outside of
// namespaces that the lesson declares.
func (l *loader) setup(dir string, m mapping, scoped []Kind) []Object {
	var objects []Object
	for _, n := range m.list("setup") {
		name, ok := m.file.str(n)
		if !ok {
			continue
		}
		if !fs.ValidPath(name) || name == "." {
			l.problems.add(m.file.pos(n), "%q leads out of the lesson's folder; setup files are named from there, as setup/shop.yaml", name)
			continue
		}
		file := path.Join(dir, name)
		data, err := l.readSmall(file)
		if err != nil {
			l.problems.add(m.file.pos(n), "setup file %s: %v", name, err)
			continue
		}
		if data, ok = l.text(file, data); !ok {
			continue
		}
		found, err := parseObjects(data)
		if fault, faulty := errors.AsType[yamlFault](err); faulty {
			l.problems.add(Position{file, fault.line}, "%s", fault.text)
			continue
		}
		if len(found) == 0 {
			l.problems.add(Position{File: file}, "the file holds no objects")
		}
		for _, p := range found {
			l.plantable(Position{file, p.line}, p.object, scoped)
			objects = append(objects, p.object)
		}
	}
	if len(objects) > maxObjects {
		l.problems.add(m.pos("setup"), "this step plants %d objects; there can be %d at most", len(objects), maxObjects)
	}
	return objects
}

// plantable reports what would go wrong with an object only when a learner
// begins the step.
func (l *loader) plantable(at Position, o Object, scoped []Kind) {
	name := text(o, "kind") + "/" + text(o, "metadata", "name")
	kind, ok := KindNamed(text(o, "kind"))
	switch {
	case !ok:
		l.problems.add(at, "%s is of a kind that cannot be planted%s", name, didYouMean(text(o, "kind"), KindNames()))
	case kind.APIVersion() != text(o, "apiVersion"):
		l.problems.add(at, "%s has apiVersion %s; that of a %s is %s", name, text(o, "apiVersion"), kind.Kind, kind.APIVersion())
	case !kind.Namespaced && !slices.Contains(clusterScopedKinds(), kind.Kind):
		l.problems.add(at, "%s does not live in a namespace, so a workspace cannot hold it", name)
	case !kind.Namespaced && !slices.Contains(scoped, kind):
		l.problems.add(at, "%s does not live in a namespace; the lesson must declare that it makes such objects: clusterScoped: [%s]", name, kind.Kind)
	}
	if ns := text(o, "metadata", "namespace"); ns != "" {
		l.problems.add(at, "%s names namespace %s; leave it out, it is planted in the workspace", name, ns)
	}
	if l.foreign {
		for _, what := range harm(o) {
			l.problems.add(at, "%s has %s", name, what)
		}
	}
}
