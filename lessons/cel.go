package lessons

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	celast "github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/ext"
)

// costLimit bounds one evaluation, in CEL's cost units. Kubernetes allows
// 10,000,000 for all expressions of an admission policy together.
const costLimit = 3_000_000

// checkFrequency is how many comprehension steps pass between two looks at
// whether the evaluation was cancelled.
const checkFrequency = 1000

// baseEnv is the language of all expressions, without the variables of a step.
var baseEnv = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.OptionalTypes(),
		cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true),
		ext.Strings(),
		ext.Sets(),
		ext.Lists(),
		ext.Encoders(),
		ext.TwoVarComprehensions(),
		ext.Math(),
		ext.Network(),
		ext.Regex(),
		functions(),
		cel.Lib(library{options: bounds()}),
	)
})

// program is a compiled expression.
type program struct {
	prog cel.Program
	uses []string // names of the step's queries that the expression mentions
	// statusOf are the queries of whose objects it reads the status.
	statusOf []string
}

// compiler compiles the expressions of one step.
type compiler struct {
	env   *cel.Env
	names map[string]bool // queries
}

func newCompiler(step *Step) (*compiler, error) {
	base, err := baseEnv()
	if err != nil {
		return nil, fmt.Errorf("set up CEL: %w", err)
	}
	c := &compiler{names: map[string]bool{}}
	vars := []cel.EnvOption{cel.Variable("before", cel.MapType(cel.StringType, cel.DynType))}
	if step.Kind == Ask || step.Kind == Predict {
		vars = append(vars, cel.Variable("answer", cel.StringType))
	}
	for _, q := range step.Queries {
		c.names[q.Name] = true
		t := cel.MapType(cel.StringType, cel.DynType)
		if q.List() {
			t = cel.ListType(cel.DynType)
		}
		vars = append(vars, cel.Variable(q.Name, t))
	}
	c.env, err = base.Extend(vars...)
	if err != nil {
		return nil, fmt.Errorf("declare the objects of step %s: %w", step.ID, err)
	}
	return c, nil
}

func (c *compiler) compile(e Expr) (*program, error) {
	if err := boundedSource(e.Source); err != nil {
		return nil, fmt.Errorf("expression %q: %w", e.Source, err)
	}
	ast, issues := c.env.Compile(e.Source)
	if issues.Err() != nil {
		return nil, fmt.Errorf("expression %q: %s", e.Source, oneLine(issues))
	}
	if err := bounded(ast.NativeRep().Expr()); err != nil {
		return nil, fmt.Errorf("expression %q: %w", e.Source, err)
	}
	prog, err := c.env.Program(ast, cel.CostLimit(costLimit), cel.CostTracking(callCosts{}), cel.InterruptCheckFrequency(checkFrequency))
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", e.Source, err)
	}
	p := &program{prog: prog, statusOf: statusQueries(ast, c.names)}
	seen := map[string]bool{}
	celast.PostOrderVisit(ast.NativeRep().Expr(), celast.NewExprVisitor(func(x celast.Expr) {
		if x.Kind() != celast.IdentKind {
			return
		}
		if name := x.AsIdent(); c.names[name] && !seen[name] {
			seen[name] = true
			p.uses = append(p.uses, name)
		}
	}))
	return p, nil
}

// oneLine says what is wrong with an expression and where in it, counted from 1.
func oneLine(issues *cel.Issues) string {
	var parts []string
	for _, e := range issues.Errors() {
		at := fmt.Sprintf("column %d", e.Location.Column()+1)
		if e.Location.Line() > 1 {
			at = fmt.Sprintf("line %d, %s", e.Location.Line(), at)
		}
		parts = append(parts, at+": "+e.Message)
	}
	return strings.Join(parts, "; ")
}

// CompileExpr reports whether an expression of the step compiles: its syntax,
// the names it uses and their types.
func CompileExpr(e Expr, step *Step) error {
	c, err := newCompiler(step)
	if err != nil {
		return err
	}
	_, err = c.compile(e)
	return err
}

// missingField is the outcome of an expression that reads a field which the
// object does not have.
type missingField struct{ err error }

func (m missingField) Error() string { return m.err.Error() }

// eval evaluates the program and returns plain Go values: string, bool, int64,
// uint64, float64, []any, map[string]any, nil.
func (p *program) eval(ctx context.Context, vars map[string]any) (any, error) {
	v, _, err := p.prog.ContextEval(ctx, vars)
	if err != nil {
		// CEL has no type for these two; its own conformance tests go by the text.
		if s := err.Error(); strings.Contains(s, "no such key") || strings.Contains(s, "index out of bounds") {
			return nil, missingField{err}
		}
		return nil, err
	}
	return native(v), nil
}

// evalBool is eval for an expression that must yield true or false.
func (p *program) evalBool(ctx context.Context, vars map[string]any) (bool, error) {
	v, err := p.eval(ctx, vars)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fmt.Errorf("the expression yields %s, not true or false", show(v))
	}
	return b, nil
}
