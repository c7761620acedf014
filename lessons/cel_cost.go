package lessons

import (
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// What a call of one of our functions costs, in CEL's units: one unit is about
// one look at a field, 50 to 100 ns. The limit of an evaluation is costLimit.
const (
	costOfCall   = 20 // a call that looks at nothing
	costOfObject = 10 // one object of a list, or passed by itself
	costOfByte   = 0.1
)

// costOfSizes is the cost of a function that looks at some fields of each
// object it is given, and at each character of a text.
func costOfSizes(args []ref.Val, result ref.Val) uint64 {
	cost := costOfCall + costOfSize(result)
	for _, v := range args {
		cost += costOfSize(v)
	}
	return cost
}

func costOfSize(v ref.Val) uint64 {
	switch v := v.(type) {
	case types.String:
		return uint64(costOfByte * float64(len(v)))
	case traits.Mapper:
		return costOfObject
	case traits.Lister:
		n, _ := v.Size().(types.Int)
		return costOfObject * uint64(n)
	case *types.Optional:
		if v.HasValue() {
			return costOfSize(v.GetValue())
		}
	}
	return 0
}

// costOfContents is what it costs beyond that to read all that the arguments
// hold.
func costOfContents(args []any) uint64 {
	cost := uint64(0)
	for _, v := range args {
		cost += weigh(v, costLimit)
	}
	return cost
}

// weigh counts the values and the tenths of bytes in v, up to about limit.
func weigh(v any, limit uint64) uint64 {
	n := uint64(1)
	switch v := v.(type) {
	case string:
		n += uint64(costOfByte * float64(len(v)))
	case []any:
		for _, x := range v {
			if n >= limit {
				break
			}
			n += weigh(x, limit-n)
		}
	case map[string]any:
		for k, x := range v {
			if n >= limit {
				break
			}
			n += uint64(costOfByte*float64(len(k))) + weigh(x, limit-min(n, limit))
		}
	}
	return n
}
