package lessons

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
)

// FuzzFunctions promises that no object that a learner could make brings a
// function of expressions down: each is called with the two values in every
// place, twice with the same outcome, and changes nothing of what it is given.
func FuzzFunctions(f *testing.F) {
	vars := fixture(f)
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		return string(b)
	}
	for name, v := range vars {
		f.Add(text(v), text(vars["web"]), "http", uint64(1))
		f.Add(text(vars["service"]), text(v), name, uint64(2))
		f.Add(text(vars["web"]), text(v), "/etc/app", uint64(3))
	}
	f.Add(`{"spec":{"containers":{}},"metadata":[]}`, `[[],{},null,1,"x",true]`, "", uint64(4))
	f.Add(`{"env":[{"name":"A","value":"$(A)$(A)$"},null,[]],"envFrom":[{"configMapRef":{"name":"x"}}]}`, `{"metadata":{"name":"x"},"data":{"A":1,"B":"$(A)"}}`, "A", uint64(5))
	f.Add(`"1e999999999"`, `1e300`, "1E", uint64(6))
	f.Fuzz(func(t *testing.T, a, b, s string, seed uint64) {
		x, y := decode(a), decode(b)
		if x == nil && y == nil {
			return
		}
		// What a cluster sends is mostly right, with something odd in it.
		r := rand.New(rand.NewPCG(seed, 0))
		x, y = twist(r, x, y, 0), twist(r, y, x, 0)
		values := []any{x, y, []any{x, y}, s, nil}
		before := show(values)
		for _, f := range ownFunctions() {
			for range 4 {
				args := make([]any, len(f.args))
				for i, kind := range f.args {
					args[i] = values[r.IntN(len(values))]
					if kind.IsExactType(cel.StringType) {
						args[i] = s
					}
				}
				first := types.DefaultTypeAdapter.NativeToValue(f.call(args))
				if types.IsError(first) {
					t.Errorf("%s(%s) returns what CEL does not take: %v", f.name, show(args), first)
				}
				if second := types.DefaultTypeAdapter.NativeToValue(f.call(args)); !reflect.DeepEqual(native(first), native(second)) {
					t.Errorf("%s(%s) is %v and then %v", f.name, show(args), native(first), native(second))
				}
				if f.cost != nil && f.cost(args) > math.MaxUint64/2 {
					t.Errorf("%s(%s) costs less than nothing", f.name, show(args))
				}
			}
		}
		if after := show(values); after != before {
			t.Errorf("the functions changed their arguments:\n%s\n%s", before, after)
		}
		isStale(x)
	})
}

// decode reads JSON as the API server's answers are read; nil when it is none.
func decode(source string) any {
	dec := json.NewDecoder(strings.NewReader(source))
	dec.UseNumber()
	var v any
	if len(source) > 1<<16 || dec.Decode(&v) != nil {
		return nil
	}
	return plainNumbers(v)
}

func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

// twist copies v with some of its parts replaced by others, or by values of
// another type.
func twist(r *rand.Rand, v, other any, depth int) any {
	if depth > 0 && r.IntN(40) == 0 {
		return []any{nil, other, "", "x", int64(-1), int64(math.MaxInt64), 1.5, math.Inf(1), true, []any{}, map[string]any{}, []any{v}}[r.IntN(12)]
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, k := range sortedKeys(v) {
			out[k] = twist(r, v[k], other, depth+1)
		}
		return out
	case []any:
		out := []any{}
		for _, x := range v {
			out = append(out, twist(r, x, other, depth+1))
		}
		return out
	}
	return v
}
