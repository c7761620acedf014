package lessons

import (
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	celast "github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// A controller writes into status.observedGeneration which generation of the
// spec the status speaks of. Until that is the newest one, the status is about
// what the object was before, and nothing follows from it. Instead of asking
// every author to think of that, the compiler finds the queries of whose status
// an expression speaks, and the grader asks stale before it believes a yes.

// stale reports whether the program reads the status of an object of which the
// controller has not seen the newest spec, and names the query that holds it.
func (p *program) stale(vars map[string]any) (query string, ok bool) {
	if p == nil {
		return "", false
	}
	for _, name := range p.statusOf {
		switch v := vars[name].(type) {
		case map[string]any:
			if isStale(v) {
				return name, true
			}
		case []any:
			if slices.ContainsFunc(v, isStale) {
				return name, true
			}
		}
	}
	return "", false
}

// observing are the kinds whose controllers always write observedGeneration:
// without it, nobody has looked at the object yet.
var observing = []string{"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "PodDisruptionBudget"}

// isStale reports whether the status of an object is about an older generation
// of it. One that is being deleted is not waited for: its end raises the
// generation, and no controller need observe that.
func isStale(object any) bool {
	generation := number(0, object, "metadata", "generation")
	if generation == 0 || field(object, "metadata", "deletionTimestamp") != nil {
		return false
	}
	if field(object, "status", "observedGeneration") == nil {
		return slices.Contains(observing, text(object, "kind"))
	}
	return number(0, object, "status", "observedGeneration") < generation
}

// handsOn are the operators and functions of CEL that yield their arguments, or
// elements of them.
func handsOn(name string) bool {
	switch name {
	case operators.Conditional, operators.Add, "first", "last", "slice", "sort", "@sortByAssociatedKeys", "reverse",
		"distinct", "flatten", "optional.of", "optional.ofNonZeroValue", "or", "orValue", "value":
		return true
	}
	return false
}

// ownFunction returns the first overload of one of our functions, or the zero
// function.
func ownFunction(name string) function {
	all := ownFunctions()
	i, found := slices.BinarySearchFunc(all, name, func(f function, name string) int { return strings.Compare(f.name, name) })
	if !found {
		return function{}
	}
	return all[i]
}

// statusQueries returns the names of the queries of whose objects the
// expression reads the status, sorted.
func statusQueries(ast *cel.Ast, queries map[string]bool) []string {
	w := statusWalk{scope: map[string][]string{}, found: map[string]bool{}}
	for q := range queries {
		w.scope[q] = []string{q}
	}
	w.denotes(ast.NativeRep().Expr())
	var names []string
	for q := range w.found {
		names = append(names, q)
	}
	slices.Sort(names)
	return names
}

// statusWalk follows which queries' objects the parts of an expression denote.
// It errs on the side of reading too much: that costs a moment's wait for the
// controller, the other error a wrong pass.
type statusWalk struct {
	scope map[string][]string // by variable: queries whose object, list or element it may be
	found map[string]bool     // queries whose status is read
}

// denotes returns the queries whose object, list or element e may yield.
func (w *statusWalk) denotes(e celast.Expr) []string {
	switch e.Kind() {
	case celast.IdentKind:
		return w.scope[e.AsIdent()]
	case celast.SelectKind:
		sel := e.AsSelect()
		w.fieldOf(w.denotes(sel.Operand()), sel.FieldName())
	case celast.CallKind:
		return w.call(e.AsCall())
	case celast.ListKind:
		var all []string
		for _, element := range e.AsList().Elements() {
			all = append(all, w.denotes(element)...)
		}
		return once(all)
	case celast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			w.denotes(entry.AsMapEntry().Key())
			w.denotes(entry.AsMapEntry().Value())
		}
	case celast.ComprehensionKind:
		return w.comprehension(e.AsComprehension())
	}
	return nil
}

func (w *statusWalk) fieldOf(queries []string, name string) {
	if name == "status" {
		w.read(queries)
	}
}

func (w *statusWalk) read(queries []string) {
	for _, q := range queries {
		w.found[q] = true
	}
}

func (w *statusWalk) call(c celast.CallExpr) []string {
	var args [][]string
	if c.IsMemberFunction() {
		args = append(args, w.denotes(c.Target()))
	}
	for _, a := range c.Args() {
		args = append(args, w.denotes(a))
	}
	name := c.FunctionName()
	switch {
	case len(args) == 0:
		return nil
	case name == operators.Index || name == operators.OptIndex || name == operators.OptSelect:
		key := c.Args()[len(c.Args())-1]
		if key.Kind() == celast.LiteralKind {
			if s, ok := key.AsLiteral().(types.String); ok {
				w.fieldOf(args[0], string(s))
				return nil
			}
			return args[0] // an element of a list
		}
		w.read(args[0]) // it may be any field
		return args[0]
	case handsOn(name):
		return once(slices.Concat(args...))
	}
	f := ownFunction(name)
	if f.readsStatus {
		w.read(args[0])
	}
	if f.yields > 0 {
		return args[f.yields-1]
	}
	return nil
}

// comprehension is what exists, all, filter, map and their like are made of.
func (w *statusWalk) comprehension(c celast.ComprehensionExpr) []string {
	elements := w.denotes(c.IterRange())
	made := w.denotes(c.AccuInit())
	end := w.declare(c.IterVar(), elements)
	defer end()
	if c.HasIterVar2() {
		defer w.declare(c.IterVar2(), elements)()
	}
	undo := w.declare(c.AccuVar(), made)
	w.denotes(c.LoopCondition())
	made = once(slices.Concat(made, w.denotes(c.LoopStep())))
	undo()
	defer w.declare(c.AccuVar(), made)()
	return w.denotes(c.Result())
}

// declare gives a variable its meaning until undo is called.
func (w *statusWalk) declare(name string, queries []string) (undo func()) {
	before, had := w.scope[name]
	w.scope[name] = queries
	return func() {
		if had {
			w.scope[name] = before
		} else {
			delete(w.scope, name)
		}
	}
}

// once removes what stands in a list twice.
func once(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
