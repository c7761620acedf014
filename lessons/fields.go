package lessons

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Objects are decoded JSON of any shape: a learner made them. What is not there
// reads as the natural zero, and so does what is of another type.

// FieldAt returns what stands at a path of keys in decoded JSON; nil when there
// is nothing.
func FieldAt(v any, path ...string) any { return field(v, path...) }

// TextAt is FieldAt for a string; anything else is "".
func TextAt(v any, path ...string) string { return text(v, path...) }

// ListAt is FieldAt for a list; anything else is nil.
func ListAt(v any, path ...string) []any { return list(v, path...) }

// MapAt is FieldAt for a map; anything else is nil.
func MapAt(v any, path ...string) map[string]any { return mapAt(v, path...) }

// NumberAt is FieldAt for a whole number, whichever way the decoder has kept
// it; anything else is def.
func NumberAt(def int64, v any, path ...string) int64 { return number(def, v, path...) }

// BoolAt is FieldAt for true or false; anything else is false.
func BoolAt(v any, path ...string) bool {
	b, _ := field(v, path...).(bool)
	return b
}

// field walks down maps; nil when a key on the way is missing.
func field(v any, path ...string) any {
	for _, key := range path {
		switch m := v.(type) {
		case map[string]any:
			v = m[key]
		case Object:
			v = m[key]
		default:
			return nil
		}
	}
	return v
}

func text(v any, path ...string) string {
	s, _ := field(v, path...).(string)
	return s
}

func list(v any, path ...string) []any {
	l, _ := field(v, path...).([]any)
	return l
}

func mapAt(v any, path ...string) map[string]any {
	switch m := field(v, path...).(type) {
	case map[string]any:
		return m
	case Object:
		return m
	}
	return nil
}

// number reads a JSON number; missing is def.
func number(def int64, v any, path ...string) int64 {
	switch n := field(v, path...).(type) {
	case int64:
		return n
	case int:
		return int64(n)
	case uint64:
		return int64(n)
	case float64:
		return int64(n)
	}
	return def
}

// none stands for a value that is not there, as kubectl prints it.
const none = "<none>"

// shownLimit bounds what show writes, in bytes: more is no value that anybody
// reads, and a whole cluster's objects must not be written out on each event.
const shownLimit = 64 << 10

// show writes a value as a learner reads it. What is longer than shownLimit
// ends with "…".
func show(v any) string {
	var b strings.Builder
	if !write(&b, v) {
		return strings.ToValidUTF8(b.String()[:min(b.Len(), shownLimit)], "") + "…"
	}
	return b.String()
}

// write appends v to b; false when it became too long.
func write(b *strings.Builder, v any) bool {
	switch v := v.(type) {
	case nil:
		b.WriteString(none)
	case string:
		if v == "" {
			v = `""`
		}
		b.WriteString(v)
	case float64:
		b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
	case Object:
		return write(b, map[string]any(v))
	case []any:
		if len(v) == 0 {
			b.WriteString(none)
		}
		for i, x := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			if !write(b, x) {
				return false
			}
		}
	case map[string]any:
		if len(v) == 0 {
			b.WriteString(none)
		}
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString(k + "=")
			if !write(b, v[k]) {
				return false
			}
		}
	default:
		fmt.Fprint(b, v)
	}
	return b.Len() <= shownLimit
}

// sortedKeys returns the keys in the order in which kubectl writes labels.
func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return strings.Compare(a+"=", b+"=") })
	return keys
}
