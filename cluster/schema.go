package cluster

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// fieldSchema is as much of an OpenAPI schema as tells the names of fields.
type fieldSchema struct {
	Ref        string                  `json:"$ref"`
	AllOf      []*fieldSchema          `json:"allOf"`
	Properties map[string]*fieldSchema `json:"properties"`
	Items      *fieldSchema            `json:"items"`
	Kinds      []struct {
		Group, Version, Kind string
	} `json:"x-kubernetes-group-version-kind"`
}

// Fields returns the names that fields may have within each of the given fields
// of a document's kind ("" is the object itself), as the API server's own schema
// tells them. What cannot be told is left out.
func (c *Cluster) Fields(ctx context.Context, d lessons.Document, within []string) map[string][]string {
	conn := c.current()
	if !wellFormedVersion.MatchString(d.APIVersion) {
		return nil
	}
	data, err := conn.raw(ctx, "/openapi/v3"+groupPath(d.APIVersion), callTimeout)
	if err != nil {
		c.log.Info("read the schema of the API", "of", d.APIVersion, "err", err)
		return nil
	}
	var doc struct {
		Components struct {
			Schemas map[string]*fieldSchema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		c.log.Info("read the schema of the API", "of", d.APIVersion, "err", err)
		return nil
	}
	schemas := doc.Components.Schemas
	var root *fieldSchema
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s := schemas[name]
		if s == nil || len(s.Kinds) != 1 {
			continue // several: it belongs to all kinds, as DeleteOptions does
		}
		if k := s.Kinds[0]; k.Kind == d.Kind && strings.TrimPrefix(k.Group+"/"+k.Version, "/") == d.APIVersion {
			root = s
		}
	}
	out := map[string][]string{}
	for _, path := range within {
		if at := follow(schemas, root, path); at != nil && len(at.Properties) > 0 {
			out[path] = slices.Sorted(maps.Keys(at.Properties))
		}
	}
	return out
}

// follow returns the schema of the field at a path such as
// spec.template.spec.containers[0]; nil when there is none.
func follow(schemas map[string]*fieldSchema, s *fieldSchema, path string) *fieldSchema {
	s = resolve(schemas, s)
	for name := range strings.SplitSeq(path, ".") {
		name, _, item := strings.Cut(name, "[")
		if name == "" {
			continue
		}
		if s == nil {
			return nil
		}
		s = resolve(schemas, s.Properties[name])
		if item && s != nil {
			s = resolve(schemas, s.Items)
		}
	}
	return s
}

// resolve follows references. How deep they go is bounded: a schema may be wrong.
func resolve(schemas map[string]*fieldSchema, s *fieldSchema) *fieldSchema {
	for range 16 {
		switch {
		case s == nil:
			return nil
		case s.Ref != "":
			s = schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
		case len(s.AllOf) == 1 && len(s.Properties) == 0:
			s = s.AllOf[0]
		default:
			return s
		}
	}
	return nil
}
