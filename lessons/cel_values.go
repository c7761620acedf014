package lessons

import (
	"strconv"

	"github.com/google/cel-go/cel"
)

func valueFunctions() []function {
	return []function{
		{name: "show", args: anything(1), out: cel.StringType, call: func(a []any) any { return show(a[0]) }},
		{name: "same", args: anything(2), out: cel.BoolType, cost: costOfContents, call: func(a []any) any { return same(a[0], a[1]) }},
		{name: "sameQuantity", args: anything(2), out: cel.BoolType, call: func(a []any) any { return sameQuantity(a[0], a[1]) }},
	}
}

// same compares two values as Kubernetes' IntOrString means them: 80 and "80"
// are the same port. What is absent is the same as nothing.
func same(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return false
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !same(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k := range x {
			if !same(x[k], y[k]) {
				return false
			}
		}
		return true
	}
	s, ok := scalar(a)
	t, is := scalar(b)
	return ok && is && s == t
}

// scalar writes a value that is no list and no map.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case int:
		return strconv.Itoa(v), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}
