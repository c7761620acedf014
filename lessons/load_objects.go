package lessons

import (
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// ParseObjects reads the Kubernetes objects of a YAML text, of one document or
// several; a List gives its items. Numbers become int64 or float64, null fields
// are left out. Words that only YAML 1.1 takes for true or false (on, yes, y)
// stay words.
func ParseObjects(text []byte) ([]Object, error) {
	docs, err := parseYAML(text)
	if err != nil {
		return nil, fmt.Errorf("line %d: this is not YAML: %s", yamlErrorLine(err), yamlErrorText(err))
	}
	var objects []Object
	for _, doc := range docs {
		v, err := plainValue(doc)
		if err != nil {
			return nil, err
		}
		o, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("line %d: %s, where an object with apiVersion, kind and metadata was expected", doc.Line, describe(doc))
		}
		items := []any{o}
		if list, ok := o["items"].([]any); ok && o["kind"] == "List" {
			items = list
		}
		for _, item := range items {
			o, _ := item.(map[string]any)
			if err := checkObject(o); err != nil {
				return nil, fmt.Errorf("line %d: %w", doc.Line, err)
			}
			objects = append(objects, o)
		}
	}
	return objects, nil
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
				return nil, fmt.Errorf("line %d: %s as a key, where a word was expected", key.Line, describe(key))
			}
			if _, again := out[key.Value]; again {
				return nil, fmt.Errorf("line %d: the key %q stands there twice", key.Line, key.Value)
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
		return nil, fmt.Errorf("line %d: %s; write the value out", n.Line, describe(n))
	}
}

func plainScalar(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		b, err := strconv.ParseBool(n.Value)
		if err != nil {
			return nil, fmt.Errorf("line %d: %q is not true or false", n.Line, n.Value)
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
			return nil, fmt.Errorf("line %d: %q is not a number", n.Line, n.Value)
		}
		return f, nil
	default:
		return n.Value, nil
	}
}

// setup reads the objects that a step plants.
func (l *loader) setup(dir string, m mapping) []Object {
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
		data, err := readSmall(l.fsys, file)
		if err != nil {
			l.problems.add(m.file.pos(n), "setup file %s: %v", name, err)
			continue
		}
		found, err := ParseObjects(data)
		if err != nil {
			l.problems.add(Position{file, yamlErrorLine(err)}, "%s", yamlErrorText(err))
			continue
		}
		if len(found) == 0 {
			l.problems.add(Position{File: file}, "the file holds no objects")
		}
		for _, o := range found {
			l.plantable(file, o)
		}
		objects = append(objects, found...)
	}
	return objects
}

// plantable reports what would go wrong with an object only when a learner
// begins the step.
func (l *loader) plantable(file string, o Object) {
	at := Position{File: file}
	name := text(o, "kind") + "/" + text(o, "metadata", "name")
	if kind, ok := KindNamed(text(o, "kind")); !ok {
		l.problems.add(at, "%s is of a kind that cannot be planted%s", name, didYouMean(text(o, "kind"), KindNames()))
	} else if kind.APIVersion() != text(o, "apiVersion") {
		l.problems.add(at, "%s has apiVersion %s; that of a %s is %s", name, text(o, "apiVersion"), kind.Kind, kind.APIVersion())
	} else if !kind.Namespaced {
		l.problems.add(at, "%s does not live in a namespace, so a workspace cannot hold it", name)
	}
	if ns := text(o, "metadata", "namespace"); ns != "" {
		l.problems.add(at, "%s names namespace %s; leave it out, it is planted in the workspace", name, ns)
	}
}
