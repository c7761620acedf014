package lessons

import (
	"fmt"
	"reflect"

	"github.com/google/cel-go/cel"
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

// kubernetesFunctions are quantity(s), isQuantity(s), q.compareTo(q),
// q.isLessThan(q), q.isGreaterThan(q), q.add(q), q.sub(q), and list.sum().
func kubernetesFunctions() []cel.EnvOption {
	parse := func(v ref.Val) ref.Val {
		q, err := resource.ParseQuantity(string(v.(types.String)))
		if err != nil {
			return types.NewErr("quantity %q: %v", v.Value(), err)
		}
		return quantity{q}
	}
	two := func(name string, out *cel.Type, f func(a, b quantity) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("quantity_"+name, []*cel.Type{quantityType, quantityType}, out,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val { return f(a.(quantity), b.(quantity)) })))
	}
	return []cel.EnvOption{
		cel.Function("quantity", cel.Overload("string_to_quantity", []*cel.Type{cel.StringType}, quantityType, cel.UnaryBinding(parse))),
		cel.Function("isQuantity", cel.Overload("is_quantity", []*cel.Type{cel.StringType}, cel.BoolType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Bool(!types.IsError(parse(v))) }))),
		two("compareTo", cel.IntType, func(a, b quantity) ref.Val { return types.Int(a.Cmp(b.Quantity)) }),
		two("isLessThan", cel.BoolType, func(a, b quantity) ref.Val { return types.Bool(a.Cmp(b.Quantity) < 0) }),
		two("isGreaterThan", cel.BoolType, func(a, b quantity) ref.Val { return types.Bool(a.Cmp(b.Quantity) > 0) }),
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
