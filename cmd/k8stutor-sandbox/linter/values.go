package linter

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kubernetes/pkg/generated/openapi"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

// definitions are the schemas that the API server publishes. They tell what the
// types do not: which fields must be there, and which words a field takes.
type definitions map[string]common.OpenAPIDefinition

func newDefinitions() definitions {
	return openapi.GetOpenAPIDefinitions(func(name string) spec.Ref { return spec.MustCreateRef("#/" + name) })
}

// named returns what a schema refers to.
func (d definitions) named(s spec.Schema) spec.Schema {
	if len(s.AllOf) == 1 {
		s = s.AllOf[0]
	}
	if ref := s.Ref.String(); ref != "" {
		return d[strings.TrimPrefix(ref, "#/")].Schema
	}
	return s
}

// values looks at the values of an object. whole says that no field may be
// missing that the schema requires.
func (t types) values(n *yaml.Node, gvk schema.GroupVersionKind, whole bool) []lint.Finding {
	o, err := t.scheme.New(gvk)
	if err != nil {
		return nil
	}
	model, ok := o.(interface{ OpenAPIModelName() string })
	if !ok {
		return nil
	}
	v := values{defs: t.defs, kind: gvk.Kind, whole: whole}
	v.node(n, t.defs[model.OpenAPIModelName()].Schema, "")
	return v.found
}

type values struct {
	defs  definitions
	kind  string
	whole bool
	found []lint.Finding
}

func (v *values) node(n *yaml.Node, s spec.Schema, path string) {
	s = v.defs.named(s)
	switch n.Kind {
	case yaml.MappingNode:
		for _, name := range s.Required {
			if v.whole && value(n, name) == nil {
				v.found = append(v.found, lint.Finding{Line: n.Line, Rule: lint.RuleRequired,
					Said: words("%s: %s is missing", "%s：缺少 %s", v.kind, join(path, name)), Expected: words("it cannot do without", "这是必需的")})
			}
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, inner := n.Content[i], n.Content[i+1]
			if field, ok := s.Properties[key.Value]; ok {
				v.node(inner, field, join(path, key.Value))
			} else if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
				v.node(inner, *s.AdditionalProperties.Schema, join(path, key.Value))
			}
		}
	case yaml.SequenceNode:
		if s.Items == nil || s.Items.Schema == nil {
			return
		}
		for i, item := range n.Content {
			v.node(item, *s.Items.Schema, fmt.Sprintf("%s[%d]", path, i))
		}
	case yaml.ScalarNode:
		if len(s.Enum) == 0 || n.Tag == "!!null" || slices.ContainsFunc(s.Enum, func(e any) bool { return e == n.Value }) {
			return
		}
		var taken []string
		for _, e := range s.Enum {
			taken = append(taken, fmt.Sprint(e))
		}
		expected := words("one of %s", "以下之一：%s", strings.Join(taken, ", "))
		if near := lessons.Nearest(n.Value, taken); len(near) > 0 {
			expected = words("%s, perhaps", "可能是 %s", near[0])
		}
		v.found = append(v.found, lint.Finding{Line: n.Line, Rule: lint.RuleField,
			Said: words("%s: %s is %q", "%s：%s 是 %q", v.kind, path, n.Value), Expected: expected})
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
