package lessons

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Resource amounts in expressions, and sums of lists, under the names that
// Kubernetes' own CEL library has for them. That library itself
// (k8s.io/apiserver/pkg/cel/library) links the types of the core API for its
// authorizer, which is a fifth of the program's size: 27 MB instead of 22.

// quantityType is the CEL type of an amount.
var quantityType = cel.ObjectType("kubernetes.Quantity", traits.ComparerType)

// quantity is an amount such as "100m" or "1Gi" as a CEL value. Equality and
// order are by value.
type quantity struct{ resource.Quantity }

func (q quantity) ConvertToNative(to reflect.Type) (any, error) {
	if to == reflect.TypeFor[resource.Quantity]() {
		return q.Quantity, nil
	}
	return nil, fmt.Errorf("a quantity is no %v", to)
}

func (q quantity) ConvertToType(to ref.Type) ref.Val {
	switch to {
	case quantityType:
		return q
	case types.TypeType:
		return quantityType
	case types.StringType:
		return types.String(q.String())
	}
	return types.NewErr("a quantity is no %s", to.TypeName())
}

func (q quantity) Equal(other ref.Val) ref.Val {
	o, ok := other.(quantity)
	return types.Bool(ok && q.Cmp(o.Quantity) == 0)
}

func (q quantity) Compare(other ref.Val) ref.Val {
	o, ok := other.(quantity)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return types.Int(q.Cmp(o.Quantity))
}

func (q quantity) Type() ref.Type { return quantityType }
func (q quantity) Value() any     { return q.String() }

// quantityFunctions are quantity(x), isQuantity(s), q.compareTo(q),
// q.isLessThan(q), q.isGreaterThan(q), q.add(q), q.sub(q), the order of
// quantities, and list.sum().
func quantityFunctions() []cel.EnvOption {
	parse := func(v ref.Val) ref.Val {
		q, err := parseQuantity(native(v))
		if err != nil {
			return types.NewErr("%v", err)
		}
		return quantity{q}
	}
	from := func(t *cel.Type) cel.FunctionOpt {
		return cel.Overload(t.String()+"_to_quantity", []*cel.Type{t}, quantityType, cel.UnaryBinding(parse))
	}
	two := func(name string, out *cel.Type, f func(a, b quantity) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("quantity_"+name, []*cel.Type{quantityType, quantityType}, out,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val { return f(a.(quantity), b.(quantity)) })))
	}
	// CEL's own operators compare whatever has an order; that quantities have
	// one must be declared.
	ordered := func(operator string) cel.EnvOption {
		return cel.Function(operator, cel.Overload("quantity"+operator, []*cel.Type{quantityType, quantityType}, cel.BoolType))
	}
	return []cel.EnvOption{
		cel.Function("quantity", from(cel.StringType), from(cel.IntType), from(cel.DoubleType)),
		cel.Function("isQuantity", cel.Overload("is_quantity", []*cel.Type{cel.StringType}, cel.BoolType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Bool(!types.IsError(parse(v))) }))),
		two("compareTo", cel.IntType, func(a, b quantity) ref.Val { return types.Int(a.Cmp(b.Quantity)) }),
		two("isLessThan", cel.BoolType, func(a, b quantity) ref.Val { return types.Bool(a.Cmp(b.Quantity) < 0) }),
		two("isGreaterThan", cel.BoolType, func(a, b quantity) ref.Val { return types.Bool(a.Cmp(b.Quantity) > 0) }),
		ordered(operators.Less), ordered(operators.LessEquals), ordered(operators.Greater), ordered(operators.GreaterEquals),
		two("add", quantityType, func(a, b quantity) ref.Val {
			sum := a.DeepCopy()
			sum.Add(b.Quantity)
			return quantity{sum}
		}),
		two("sub", quantityType, func(a, b quantity) ref.Val {
			rest := a.DeepCopy()
			rest.Sub(b.Quantity)
			return quantity{rest}
		}),
		cel.Function("sum", cel.MemberOverload("list_sum", []*cel.Type{cel.ListType(cel.DynType)}, cel.DynType, cel.UnaryBinding(sum))),
	}
}

// An amount as people write it is short, and its exponent small. Kubernetes'
// parser computes every digit of what it is given: 1e999999999 takes it forever.
const (
	longestQuantity = 64 // bytes
	largestExponent = 100
)

// parseQuantity reads an amount as it stands in an object: a string or a number.
func parseQuantity(v any) (resource.Quantity, error) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case int64:
		return *resource.NewQuantity(v, resource.DecimalSI), nil
	case float64:
		s = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return resource.Quantity{}, fmt.Errorf("%s is no amount", show(v))
	}
	if len(s) > longestQuantity {
		return resource.Quantity{}, fmt.Errorf("an amount of %d characters", len(s))
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 && len(s) > i+1 {
		if e, err := strconv.Atoi(s[i+1:]); err == nil && (e > largestExponent || e < -largestExponent) {
			return resource.Quantity{}, fmt.Errorf("quantity %q: the exponent is beyond %d", s, largestExponent)
		}
	}
	q, err := resource.ParseQuantity(s)
	if err != nil {
		return q, fmt.Errorf("quantity %q: %w", s, err)
	}
	return q, nil
}

// amount is the quantity that v stands for; what is none is 0.
func amount(v any) quantity {
	q, err := parseQuantity(v)
	if err != nil {
		return quantity{*resource.NewQuantity(0, resource.DecimalSI)}
	}
	return quantity{q}
}

// sameQuantity compares amounts by value, as the API server keeps them: it
// rounds up to thousandths, so that 0.5m is 1m.
func sameQuantity(a, b any) bool {
	x, errX := parseQuantity(a)
	y, errY := parseQuantity(b)
	if errX != nil || errY != nil {
		return false
	}
	x.RoundUp(resource.Milli)
	y.RoundUp(resource.Milli)
	return x.Cmp(y) == 0
}

// sum adds up a list of numbers; an empty one is 0.
func sum(list ref.Val) ref.Val {
	var total ref.Val = types.Int(0)
	for it := list.(traits.Lister).Iterator(); it.HasNext() == types.True; {
		one := it.Next()
		if d, ok := total.(types.Int); ok && d == 0 {
			total = one
			continue
		}
		adder, ok := total.(traits.Adder)
		if !ok {
			return types.MaybeNoSuchOverloadErr(total)
		}
		if total = adder.Add(one); types.IsError(total) {
			return total
		}
	}
	return total
}
