package lessons

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

// function is one of the functions that expressions have beyond CEL;
// docs/COURSES.md describes them for authors. Its arguments are a learner's
// objects or parts of them, of any shape: it never panics, and what is absent
// counts as the natural zero.
type function struct {
	name string
	args []*cel.Type
	out  *cel.Type
	// call gets plain Go values, as program.eval returns them, and must not
	// change them. It returns such a value, or a ref.Val.
	call func(args []any) any
	// cost is what a call costs beyond costOfSizes, in CEL's units; nil means
	// nothing.
	cost func(args []any) uint64
	// readsStatus says that it looks into the status of its first argument.
	readsStatus bool
	// yields is which argument, counted from 1, it returns the objects of; 0
	// when it returns no objects.
	yields int
}

// overload is the id that CEL knows the function by.
func (f function) overload() string { return fmt.Sprintf("k8stutor_%s_%d", f.name, len(f.args)) }

// ownFunctions are all of them, sorted by name and number of arguments.
var ownFunctions = sync.OnceValue(func() []function {
	all := slices.Concat(valueFunctions(), imageFunctions(), workloadFunctions(), rolloutFunctions(), conditionFunctions(),
		selectorFunctions(), portFunctions(), endpointFunctions(), ownerFunctions(), envFunctions(), volumeFunctions())
	slices.SortFunc(all, func(a, b function) int {
		return cmp.Or(strings.Compare(a.name, b.name), len(a.args)-len(b.args))
	})
	return all
})

// functions are our own functions and Kubernetes' quantities as one library.
func functions() cel.EnvOption {
	lib := library{options: quantityFunctions()}
	for _, f := range ownFunctions() {
		lib.options = append(lib.options, cel.Function(f.name, cel.Overload(f.overload(), f.args, f.out,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				return types.DefaultTypeAdapter.NativeToValue(f.call(plainArgs(args)))
			}))))
		lib.costs = append(lib.costs, interpreter.OverloadCostTracker(f.overload(), func(args []ref.Val, result ref.Val) *uint64 {
			cost := costOfSizes(args, result)
			if f.cost != nil {
				cost += f.cost(plainArgs(args))
			}
			return &cost
		}))
	}
	return cel.Lib(lib)
}

// library is a CEL library with what its functions cost.
type library struct {
	options []cel.EnvOption
	costs   []interpreter.CostTrackerOption
}

func (l library) CompileOptions() []cel.EnvOption { return l.options }
func (l library) ProgramOptions() []cel.ProgramOption {
	return []cel.ProgramOption{cel.CostTrackerOptions(l.costs...)}
}

// anything is the signature of n arguments of any type.
func anything(n int) []*cel.Type { return slices.Repeat([]*cel.Type{cel.DynType}, n) }

func plainArgs(args []ref.Val) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = native(a)
	}
	return out
}

// native turns a CEL value into plain Go values. What came in as plain Go
// values is not copied, and must not be changed.
func native(v ref.Val) any {
	switch v := v.(type) {
	case *types.Optional:
		if !v.HasValue() {
			return nil
		}
		return native(v.GetValue())
	case types.Null:
		return nil
	case types.String:
		return string(v)
	case types.Bool:
		return bool(v)
	case types.Int:
		return int64(v)
	case types.Uint:
		return uint64(v)
	case types.Double:
		return float64(v)
	case traits.Mapper:
		if m, ok := v.Value().(map[string]any); ok {
			return m
		}
		out := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			out[fmt.Sprint(k.Value())] = native(v.Get(k))
		}
		return out
	case traits.Lister:
		if l, ok := v.Value().([]any); ok && !slices.ContainsFunc(l, isComposed) {
			return l
		}
		out := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			out = append(out, native(it.Next()))
		}
		return out
	default:
		return fmt.Sprint(v.Value())
	}
}

// isComposed reports whether an element of a list may hold CEL values: it is
// neither an object nor a plain value.
func isComposed(v any) bool {
	switch v.(type) {
	case nil, map[string]any, string, bool, int64, float64:
		return false
	}
	return true
}
