package lessons

import (
	"fmt"
	"strings"

	"github.com/google/cel-go/cel"
	celast "github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// A course may come from anywhere, and CEL's own limit is not enough against an
// expression that was made to harm: it counts a call after it was made, takes
// [a, a] for one value however large a is, and the length of a text that
// replace makes for nothing. Values that grow without costing anything are what
// a machine runs out of memory and time by. What follows closes these ways.

// Bounds of an expression's source. The longest of our own course has 400
// characters.
const (
	longestExpr   = 8 << 10 // characters
	deepestExpr   = 60      // nested parentheses, calls and the like
	mostCopies    = 64      // values that the expression names in lists and maps of several
	mostBindings  = 2       // optMap, optFlatMap, sortBy
	longestResult = 1 << 20 // bytes of a text that replace makes
)

// bounds are the limits of the parser, and functions of CEL that are bounded.
func bounds() []cel.EnvOption {
	replace := func(args []ref.Val, n int) ref.Val {
		s, from, to := string(args[0].(types.String)), string(args[1].(types.String)), string(args[2].(types.String))
		times := strings.Count(s, from)
		if n >= 0 {
			times = min(times, n)
		}
		if len(s)+times*len(to) > longestResult {
			return types.NewErr("replace would make a text of more than %d bytes", longestResult)
		}
		return types.String(strings.Replace(s, from, to, n))
	}
	return []cel.EnvOption{
		cel.ParserExpressionSizeLimit(longestExpr),
		cel.ParserRecursionLimit(deepestExpr),
		cel.Function("replace",
			cel.MemberOverload("string_replace_string_string", []*cel.Type{cel.StringType, cel.StringType, cel.StringType}, cel.StringType,
				cel.FunctionBinding(func(args ...ref.Val) ref.Val { return replace(args, -1) })),
			cel.MemberOverload("string_replace_string_string_int", []*cel.Type{cel.StringType, cel.StringType, cel.StringType, cel.IntType}, cel.StringType,
				cel.FunctionBinding(func(args ...ref.Val) ref.Val { return replace(args, int(args[3].(types.Int))) }))),
	}
}

// boundedSource refuses an expression that must not even be parsed: each of
// these macros writes what it is applied to twice, so that a chain of them
// doubles with every link.
func boundedSource(source string) error {
	n := 0
	for _, macro := range []string{"optMap", "optFlatMap", "sortBy"} {
		n += strings.Count(source, macro)
	}
	if n > mostBindings {
		return fmt.Errorf("it has %d of optMap, optFlatMap and sortBy; %d are allowed", n, mostBindings)
	}
	return nil
}

// bounded refuses an expression that puts its values into lists and maps more
// often than any lesson needs to.
func bounded(e celast.Expr) error {
	copies := 0
	named := celast.NewExprVisitor(func(x celast.Expr) {
		if x.Kind() == celast.IdentKind {
			copies++
		}
	})
	celast.PostOrderVisit(e, celast.NewExprVisitor(func(x celast.Expr) {
		if x.Kind() == celast.ListKind && x.AsList().Size() > 1 || x.Kind() == celast.MapKind && x.AsMap().Size() > 1 {
			celast.PostOrderVisit(x, named)
		}
	}))
	if copies > mostCopies {
		return fmt.Errorf("it names %d values in lists and maps; %d are allowed", copies, mostCopies)
	}
	return nil
}

// callCosts counts those operators of CEL by what they hold or look at that
// CEL itself counts by the number of elements, or not at all.
type callCosts struct{}

// CallCost implements interpreter.ActualCostEstimator; nil leaves the cost to
// CEL.
func (callCosts) CallCost(function, _ string, args []ref.Val, result ref.Val) *uint64 {
	var cost uint64
	switch function {
	case operators.Add:
		switch v := result.(type) {
		case types.String:
			cost = uint64(costOfByte * float64(len(v)))
		case traits.Lister:
			cost = costOfHeld * held(args[1], costLimit/costOfHeld) // what was added; the rest has been counted
		default:
			return nil
		}
	case operators.Equals, operators.NotEquals:
		if !composed(args[0]) || !composed(args[1]) {
			return nil
		}
		cost = min(depth(args[0]), depth(args[1]))
	case operators.In:
		l, ok := args[1].(traits.Lister)
		if !ok || !composed(args[0]) {
			return nil
		}
		n, _ := l.Size().(types.Int)
		cost = min(depth(args[0])*uint64(n), costLimit)
	case "optional.of", "optional.ofNonZeroValue":
		cost = costOfHeld * held(args[0], costLimit/costOfHeld)
	default:
		return nil
	}
	cost++
	return &cost
}

// costOfHeld is what it costs to take one value into a list: whatever is done
// with the list later looks at it again.
const costOfHeld = 4

// composed reports whether a value is a list or a map.
func composed(v ref.Val) bool {
	switch v.(type) {
	case traits.Lister, traits.Mapper:
		return true
	}
	return false
}

// depth counts all that a comparison of v may look at, up to about costLimit.
func depth(v ref.Val) uint64 {
	n := held(v, costLimit)
	switch plain := v.Value().(type) {
	case map[string]any, []any:
		n = weigh(plain, costLimit)
	}
	return n
}

// held counts the values in lists and maps that an expression made, up to about
// limit, and the tenths of bytes of texts. An object from the cluster is one
// value: what expressions make of it are references.
func held(v ref.Val, limit uint64) uint64 {
	n := uint64(1)
	switch v := v.(type) {
	case types.String:
		n += uint64(costOfByte * float64(len(v)))
	case *types.Optional:
		if v.HasValue() {
			n += held(v.GetValue(), limit)
		}
	case traits.Mapper:
		if _, plain := v.Value().(map[string]any); plain {
			break
		}
		for it := v.Iterator(); n < limit && it.HasNext() == types.True; {
			n += held(v.Get(it.Next()), limit-n)
		}
	case traits.Lister:
		for it := v.Iterator(); n < limit && it.HasNext() == types.True; {
			n += held(it.Next(), limit-n)
		}
	}
	return n
}
