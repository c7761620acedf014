package lessons

import (
	"fmt"
	"slices"

	celast "github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// Trap is an expression that compiles and will refuse what some learners
// rightly do.
type Trap struct {
	Pos      Position
	Rule     string // stable, for programs: "int-or-string", "amount", "image-name"
	Said     Text   // what is so
	Expected Text   // what to write instead
}

// Traps looks for comparisons with == of what Kubernetes does not compare that
// way. Expressions that do not compile are left to the loader.
func Traps(step *Step) []Trap {
	c, err := newCompiler(step)
	if err != nil {
		return nil
	}
	var found []Trap
	look := func(e Expr, images bool) {
		if e.Source == "" || boundedSource(e.Source) != nil {
			return
		}
		ast, issues := c.env.Compile(e.Source)
		if issues.Err() != nil {
			return
		}
		celast.PostOrderVisit(ast.NativeRep().Expr(), celast.NewExprVisitor(func(x celast.Expr) {
			if t, ok := trapIn(x, images); ok {
				t.Pos = e.Pos
				found = append(found, t)
			}
		}))
	}
	for _, check := range step.Checks {
		look(check.Expr, true)
	}
	for _, m := range step.Mistakes {
		look(m.When, false) // a mistake may well be about one spelling
	}
	return found
}

// Fields that hold a number or a text.
func isIntOrString(name string) bool {
	return slices.Contains([]string{"targetPort", "maxSurge", "maxUnavailable", "minAvailable"}, name)
}

// isAmounts tells the maps of amounts by the resource they are of.
func isAmounts(name string) bool {
	return slices.Contains([]string{"requests", "limits", "capacity", "allocatable", "hard", "used"}, name)
}

// trapIn judges one comparison: a field on one side, a constant on the other.
func trapIn(x celast.Expr, images bool) (Trap, bool) {
	if x.Kind() != celast.CallKind {
		return Trap{}, false
	}
	call := x.AsCall()
	if name := call.FunctionName(); name != operators.Equals && name != operators.NotEquals {
		return Trap{}, false
	}
	a, b := call.Args()[0], call.Args()[1]
	if a.Kind() == celast.LiteralKind {
		a, b = b, a
	}
	if b.Kind() != celast.LiteralKind || a.Kind() == celast.LiteralKind {
		return Trap{}, false
	}
	_, isText := b.AsLiteral().(types.String)
	constant := fmt.Sprint(b.AsLiteral().Value())
	if isText {
		constant = "'" + constant + "'"
	}
	path := fieldPath(a)
	if len(path) == 0 {
		return Trap{}, false
	}
	name := path[len(path)-1]
	switch {
	case isIntOrString(name):
		return Trap{Rule: "int-or-string",
			Said: say("%[1]s may hold a number or a text, and == %[2]s finds one of them only",
				"%[1]s 可以是数字也可以是文本，== %[2]s 只认其中一种", name, constant),
			Expected: Same(fmt.Sprintf("same(….%s, %s)", name, constant))}, true
	case len(path) > 1 && isAmounts(path[len(path)-2]):
		return Trap{Rule: "amount",
			Said: say("an amount of %[1]s can be written in several ways, and == %[2]s finds one of them only",
				"%[1]s 的数量有多种写法，== %[2]s 只认其中一种", name, constant),
			Expected: Same(fmt.Sprintf("sameQuantity(….%s.%s, %s)", path[len(path)-2], name, constant))}, true
	case images && isText && name == "image":
		return Trap{Rule: "image-name",
			Said: say("an image can be named in several ways (docker.io/library/nginx:1.27), and == %[1]s finds one of them only",
				"同一个镜像有多种写法（docker.io/library/nginx:1.27），== %[1]s 只认其中一种", constant),
			Expected: Same("image(…, 'nginx', '1.27')")}, true
	}
	return Trap{}, false
}

// fieldPath is the end of the path of fields that an expression reads, through
// optional fields and a default; nil when it reads none.
func fieldPath(e celast.Expr) []string {
	switch e.Kind() {
	case celast.SelectKind:
		if e.AsSelect().IsTestOnly() {
			return nil
		}
		return append(fieldPath(e.AsSelect().Operand()), e.AsSelect().FieldName())
	case celast.CallKind:
		call := e.AsCall()
		switch name := call.FunctionName(); name {
		case operators.OptSelect, operators.Index, operators.OptIndex:
			if key := call.Args()[1]; key.Kind() == celast.LiteralKind {
				if s, ok := key.AsLiteral().(types.String); ok {
					return append(fieldPath(call.Args()[0]), string(s))
				}
			}
			return fieldPath(call.Args()[0])
		case "orValue":
			return fieldPath(call.Target())
		}
	}
	return nil
}
