package linter

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/k8stutor/k8stutor/lessons"
)

// fieldNear returns the field that was likely meant by the last one of a path
// such as spec.containers[0].imagee, "" when there is such a field, or none
// that is similar.
func (t types) fieldNear(gvk schema.GroupVersionKind, path string) string {
	o, err := t.scheme.New(gvk)
	if err != nil || path == "" {
		return ""
	}
	at := reflect.TypeOf(o)
	parts := strings.Split(path, ".")
	for _, part := range parts[:len(parts)-1] {
		name, _, _ := strings.Cut(part, "[")
		if at = fieldsOf(at)[name]; at == nil {
			return ""
		}
	}
	typed := parts[len(parts)-1]
	names := slices.SortedFunc(maps.Keys(fieldsOf(at)), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) // of two that are as similar the shorter one
	})
	if near := lessons.Nearest(typed, names); len(near) > 0 && near[0] != typed {
		return near[0]
	}
	return ""
}

// fieldsOf returns the types of the fields of an object by their names in JSON;
// for a list, those of its items.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	fields := map[string]reflect.Type{}
	if t.Kind() != reflect.Struct {
		return fields
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if strings.Contains(options, "inline") || name == "" && f.Anonymous {
			maps.Copy(fields, fieldsOf(f.Type))
		} else if name != "" && name != "-" {
			fields[name] = f.Type
		}
	}
	return fields
}
