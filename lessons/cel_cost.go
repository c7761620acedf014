package lessons

// What a call of one of our functions costs, in CEL's units: one unit is about
// one look at a field, 50 to 100 ns. The limit of an evaluation is costLimit.
const (
	costOfCall   = 2  // a call that looks at nothing
	costOfObject = 10 // one object of a list, or passed by itself
	costOfByte   = 0.1
)

// costOfLists is the cost of a function that looks at some fields of each
// object it is given.
func costOfLists(args []any, result any) uint64 {
	cost := uint64(costOfCall)
	for _, v := range append(args, result) {
		switch v := v.(type) {
		case []any:
			cost += costOfObject * uint64(len(v))
		case map[string]any:
			cost += costOfObject
		case string:
			cost += uint64(costOfByte * float64(len(v)))
		}
	}
	return cost
}

// costOfContents is the cost of a function that reads all that its arguments
// hold.
func costOfContents(args []any, result any) uint64 {
	cost := uint64(costOfCall)
	for _, v := range append(args, result) {
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
