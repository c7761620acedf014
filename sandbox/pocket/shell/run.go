package shell

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"strings"
	"time"

	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// maxDepth bounds how deep the interpreter may be in itself; a level takes up
// to 2 KiB of the daemon's stack. The real shell dies of a segmentation fault
// at some tens of thousands of calls.
const maxDepth = 10_000

// commandCost is the CPU time that a command would take in life.
const commandCost = 500 * time.Microsecond

// stopped reports whether the commands that follow are not to run.
func (sh *shell) stopped(ctx context.Context) bool {
	return sh.exiting || sh.returning || sh.breaking > 0 || sh.continuing > 0 || ctx.Err() != nil
}

// statements runs a list. last says that nothing follows it in this process.
func (sh *shell) statements(ctx context.Context, list []*syntax.Stmt, last bool) {
	for i, st := range list {
		if sh.stopped(ctx) {
			return
		}
		sh.statement(ctx, st, last && i == len(list)-1)
	}
}

// enter counts a level of the interpreter, and ends the process where the real
// one would have used up its stack.
func (sh *shell) enter(levels int) bool {
	if sh.depth += levels; sh.depth <= maxDepth {
		return true
	}
	sh.abort(128 + int(sigSegv))
	return false
}

func (sh *shell) statement(ctx context.Context, st *syntax.Stmt, last bool) {
	if sh.opts.noexec && !sh.opts.interactive {
		return
	}
	if sh.enter(1) {
		sh.line = st.Pos().Line()
		sh.runStatement(ctx, st, last)
	}
	sh.depth--
}

func (sh *shell) runStatement(ctx context.Context, st *syntax.Stmt, last bool) {
	if sh.runTraps(ctx); sh.stopped(ctx) {
		return
	}
	if st.Background {
		sh.startBackground(ctx, st)
		return
	}
	if st.Negated {
		sh.condition++
		last = false
	}
	if len(st.Redirs) == 0 {
		sh.command(ctx, st.Cmd, last)
	} else {
		sh.redirected(ctx, st, last)
	}
	if st.Negated {
		sh.condition--
		if !sh.exiting && !sh.returning {
			if sh.status == 0 {
				sh.status = 1
			} else {
				sh.status = 0
			}
		}
	}
	if sh.opts.errexit && sh.status != 0 && sh.condition == 0 && !st.Negated && failing(st.Cmd) {
		sh.exiting = true
	}
	sh.runTraps(ctx)
}

// failing reports whether `set -e` minds the status of a command: that of a
// list or a loop is the one of a command in it, which has been minded already.
func failing(c syntax.Command) bool {
	switch c := c.(type) {
	case *syntax.BinaryCmd:
		return c.Op == syntax.Pipe || c.Op == syntax.PipeAll
	case *syntax.CallExpr, *syntax.Subshell, *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause, *syntax.DeclClause, nil:
		return true
	}
	return false
}

// redirected runs a command with its redirections. Those of exec stay.
func (sh *shell) redirected(ctx context.Context, st *syntax.Stmt, last bool) {
	before := sh.files
	opened, ok := sh.redirect(st.Redirs)
	call, _ := st.Cmd.(*syntax.CallExpr)
	permanent := ok && call != nil && len(call.Args) == 1 && call.Args[0].Lit() == "exec"
	switch {
	case permanent:
		sh.status = 0
		return // the files stay open as long as the process
	case !ok:
		sh.status = max(sh.status, 1)
	case st.Cmd == nil:
		sh.status = 0
	default:
		sh.command(ctx, st.Cmd, last)
	}
	sh.files = before
	for _, c := range opened {
		_ = c.Close()
	}
}

func (sh *shell) command(ctx context.Context, c syntax.Command, last bool) {
	switch c := c.(type) {
	case nil:
		sh.status = 0
	case *syntax.CallExpr:
		sh.call(ctx, c, last)
	case *syntax.Block:
		sh.statements(ctx, c.Stmts, last)
	case *syntax.Subshell:
		sub := sh.sub()
		sub.statements(ctx, c.Stmts, false)
		sh.status = sub.end(ctx)
	case *syntax.BinaryCmd:
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			sh.pipeline(ctx, c)
		} else {
			sh.andOr(ctx, c, last)
		}
	case *syntax.IfClause:
		sh.ifClause(ctx, c, last)
	case *syntax.WhileClause:
		sh.whileClause(ctx, c)
	case *syntax.ForClause:
		sh.forClause(ctx, c)
	case *syntax.CaseClause:
		sh.caseClause(ctx, c, last)
	case *syntax.FuncDecl:
		sh.funcs[c.Name.Value] = c.Body
		sh.status = 0
	case *syntax.TestClause:
		sh.status = truth(sh.testClause(c.X))
	case *syntax.ArithmCmd:
		n, _ := sh.arithmetic(c.X)
		sh.status = truth(n != 0)
	case *syntax.LetClause:
		for _, x := range c.Exprs {
			n, _ := sh.arithmetic(x)
			sh.status = truth(n != 0)
		}
	case *syntax.DeclClause:
		sh.declare(c)
	case *syntax.TimeClause:
		sh.timeClause(ctx, c)
	default:
		sh.fail(2, "syntax error")
		sh.abort(2)
	}
}

func truth(ok bool) int {
	if ok {
		return 0
	}
	return 1
}

// call runs a simple command.
func (sh *shell) call(ctx context.Context, c *syntax.CallExpr, last bool) {
	if !sh.begin(ctx) {
		return
	}
	sh.substatus = 0
	args, ok := sh.fields(sh.unalias(c.Args))
	if !ok {
		return
	}
	if len(args) == 0 {
		if sh.assign(c.Assigns, "") {
			sh.status = sh.substatus
		}
		return
	}
	// What stands before a command is the command's alone, but a special builtin's stays.
	var restore []func()
	for _, as := range c.Assigns {
		if as.Name == nil {
			continue
		}
		name := as.Name.Value
		old, had := sh.vars[name]
		if !sh.assign([]*syntax.Assign{as}, "") {
			return
		}
		v := sh.vars[name]
		v.exported = true
		sh.vars[name] = v
		restore = append(restore, func() {
			sh.hold(int64(len(old.value)) - int64(len(sh.vars[name].value)))
			if had {
				sh.vars[name] = old
			} else {
				delete(sh.vars, name)
			}
		})
	}
	sh.trace(args)
	sh.status = sh.invoke(ctx, args, last && len(restore) == 0 || last && !sh.signals.any())
	for i := len(restore) - 1; i >= 0; i-- {
		restore[i]()
	}
}

// begin waits until another command may run, and counts it.
func (sh *shell) begin(ctx context.Context) bool {
	if sh.limiter.Wait(ctx) != nil {
		<-ctx.Done() // the limiter gives up as soon as it sees that the time will not do
		return false
	}
	return sh.p.Usage.Spend(ctx, commandCost) == nil
}

// trace prints a command for set -x.
func (sh *shell) trace(args []string) {
	if !sh.opts.xtrace {
		return
	}
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = traced(a)
	}
	fmt.Fprintf(sh.stderr(), "%s%s\n", sh.value("PS4"), strings.Join(quoted, " "))
}

// invoke runs what a command's name stands for: a function, a part of the
// shell, or a program.
func (sh *shell) invoke(ctx context.Context, args []string, last bool) int {
	if body := sh.funcs[args[0]]; body != nil {
		return sh.callFunction(ctx, body, args[1:])
	}
	if b := builtins(args[0]); b != nil {
		return b(sh, ctx, args)
	}
	return sh.external(ctx, args, last)
}

func (sh *shell) callFunction(ctx context.Context, body *syntax.Stmt, params []string) int {
	before, loops := sh.params, sh.loops
	sh.params, sh.loops = params, 0
	sh.scopes = append(sh.scopes, map[string]*variable{})
	sh.statement(ctx, body, false)
	scope := sh.scopes[len(sh.scopes)-1]
	sh.scopes = sh.scopes[:len(sh.scopes)-1]
	for name, old := range scope {
		sh.hold(-int64(len(sh.vars[name].value)))
		delete(sh.vars, name)
		if old != nil {
			sh.hold(int64(len(old.value)))
			sh.vars[name] = *old
		}
	}
	sh.params, sh.loops = before, loops
	sh.returning = false
	return sh.status
}

// assign carries out NAME=value; command names the one that declares them.
func (sh *shell) assign(list []*syntax.Assign, command string) bool {
	for _, as := range list {
		if as.Name == nil || as.Naked {
			continue
		}
		value, ok := sh.literal(as.Value)
		if !ok {
			return false
		}
		name := as.Name.Value
		if as.Append {
			value = sh.value(name) + value
		}
		if !sh.assignValue(name, value) {
			return false
		}
		if command == "" && sh.opts.xtrace {
			fmt.Fprintf(sh.stderr(), "%s%s=%s\n", sh.value("PS4"), name, traced(value))
		}
	}
	return true
}

func (sh *shell) assignValue(name, value string) (ok bool) {
	defer func() {
		if fault := recover(); fault != nil {
			if _, mine := fault.(outOfMemory); !mine {
				panic(fault)
			}
			sh.fail(2, "out of memory")
			sh.abort(2)
		}
	}()
	if err := sh.set(name, value); err != nil {
		sh.fail(2, "%s", err)
		sh.abort(2)
		return false
	}
	return true
}

// andOr runs a && b || c. The chain hangs together to the left.
func (sh *shell) andOr(ctx context.Context, c *syntax.BinaryCmd, last bool) {
	chain := []*syntax.BinaryCmd{c}
	for {
		left, ok := c.X.Cmd.(*syntax.BinaryCmd)
		if !ok || len(c.X.Redirs) > 0 || c.X.Negated || left.Op == syntax.Pipe || left.Op == syntax.PipeAll {
			break
		}
		c = left
		chain = append(chain, c)
	}
	sh.condition++
	sh.statement(ctx, c.X, false)
	sh.condition--
	for i := len(chain) - 1; i >= 0; i-- {
		if sh.stopped(ctx) {
			return
		}
		if (sh.status == 0) != (chain[i].Op == syntax.AndStmt) {
			continue
		}
		if i > 0 {
			sh.condition++
		}
		sh.statement(ctx, chain[i].Y, last && i == 0)
		if i > 0 {
			sh.condition--
		}
	}
}

func (sh *shell) ifClause(ctx context.Context, c *syntax.IfClause, last bool) {
	for ; c != nil; c = c.Else {
		if len(c.Cond) == 0 { // else
			sh.statements(ctx, c.Then, last)
			return
		}
		sh.condition++
		sh.statements(ctx, c.Cond, false)
		sh.condition--
		if sh.stopped(ctx) {
			return
		}
		if sh.status == 0 {
			sh.statements(ctx, c.Then, last)
			return
		}
		sh.status = 0
	}
}

func (sh *shell) whileClause(ctx context.Context, c *syntax.WhileClause) {
	sh.loops++
	defer func() { sh.loops-- }()
	status := 0
	for {
		if !sh.begin(ctx) {
			return
		}
		sh.condition++
		sh.statements(ctx, c.Cond, false)
		sh.condition--
		if sh.leaveLoop(ctx) {
			return
		}
		if sh.continuing == 0 && (sh.status == 0) == c.Until {
			break
		}
		sh.statements(ctx, c.Do, false)
		status = sh.status
		if sh.leaveLoop(ctx) {
			return
		}
	}
	sh.status = status
}

// leaveLoop reports whether the innermost loop ends after its body was left.
func (sh *shell) leaveLoop(ctx context.Context) bool {
	switch {
	case sh.breaking > 0:
		sh.breaking--
		return true
	case sh.continuing > 1:
		sh.continuing--
		return true
	case sh.continuing == 1:
		sh.continuing = 0
	}
	return sh.exiting || sh.returning || ctx.Err() != nil
}

func (sh *shell) forClause(ctx context.Context, c *syntax.ForClause) {
	iter, ok := c.Loop.(*syntax.WordIter)
	if !ok || c.Select {
		sh.fail(2, "syntax error: bad for loop variable")
		sh.abort(2)
		return
	}
	items := sh.params
	if iter.InPos.IsValid() {
		if items, ok = sh.fields(iter.Items); !ok {
			return
		}
	}
	sh.status = 0
	sh.loops++
	defer func() { sh.loops-- }()
	for _, item := range items {
		if !sh.begin(ctx) || !sh.assignValue(iter.Name.Value, item) {
			return
		}
		sh.statements(ctx, c.Do, false)
		if sh.leaveLoop(ctx) {
			return
		}
	}
}

func (sh *shell) caseClause(ctx context.Context, c *syntax.CaseClause, last bool) {
	if !sh.begin(ctx) {
		return
	}
	subject, ok := sh.literal(c.Word)
	if !ok {
		return
	}
	sh.status = 0
	through := false
	for _, item := range c.Items {
		matched := through
		for _, w := range item.Patterns {
			if matched {
				break
			}
			pat, ok := sh.pattern(w)
			if !ok {
				return
			}
			matched = matches(pat, subject)
		}
		if !matched {
			continue
		}
		sh.statements(ctx, item.Stmts, last && item.Op == syntax.Break)
		if through = item.Op == syntax.Fallthrough; !through {
			return
		}
	}
}

// matches reports whether a shell pattern matches the whole of a string.
func matches(pat, s string) bool {
	re, err := compile(pat, pattern.EntireString)
	return err == nil && re.MatchString(s)
}

func (sh *shell) timeClause(ctx context.Context, c *syntax.TimeClause) {
	start := time.Now()
	if c.Stmt != nil {
		sh.statement(ctx, c.Stmt, false)
	}
	printTime(sh.stderr(), time.Since(start), c.PosixFormat)
}

func printTime(w io.Writer, took time.Duration, posix bool) {
	for _, row := range []struct {
		name string
		d    time.Duration
	}{{"real", took}, {"user", 0}, {"sys", 0}} {
		if posix {
			fmt.Fprintf(w, "%s %.2f\n", row.name, row.d.Seconds())
			continue
		}
		fmt.Fprintf(w, "%s\t%dm %.2fs\n", row.name, int(row.d.Minutes()), (row.d % time.Minute).Seconds())
	}
}

// sub makes a subshell in the same process.
func (sh *shell) sub() *shell {
	sub := *sh
	sub.vars, sub.funcs, sub.aliases = maps.Clone(sh.vars), maps.Clone(sh.funcs), maps.Clone(sh.aliases)
	sub.scopes = nil
	sub.signals = sh.signals.inherited()
	sub.jobs = nil
	sub.held = 0
	sub.outerUmask = sh.umask
	sub.subshell, sub.pidOfShell = true, sh.mainPID()
	sub.hold(sh.held)
	return &sub
}

// end ends a subshell.
func (sub *shell) end(ctx context.Context) int {
	code := sub.finish(ctx, sub.status)
	if sub.outerUmask != sub.umask {
		sub.p.SetUmask(fs.FileMode(sub.outerUmask))
	}
	return code
}

// substitute is $(…).
func (sh *shell) substitute(w io.Writer, c *syntax.CmdSubst) error {
	ctx := sh.ctx
	sub := sh.sub()
	if !sub.enter(1 + sh.nest/4) {
		sh.abort(sub.status)
		return nil
	}
	out := &bounded64{w: w, left: maxExpansion, sh: sub}
	sub.files[1] = descriptor{w: out}
	if path, ok := catShortcut(c); ok {
		name, ok := sub.literal(path)
		if !ok {
			return nil
		}
		file, d, err := sub.openFile(name, 0)
		if err != nil {
			sh.fail(1, "can't open %s: %s", name, openReason(err, "open"))
			sh.substatus = 1
			return nil
		}
		_, _ = io.Copy(out, d.r)
		if file != nil {
			_ = file.Close()
		}
	}
	sub.statements(ctx, c.Stmts, false)
	sh.substatus = sub.end(ctx)
	sh.status = sh.substatus
	if out.left < 0 {
		panic(outOfMemory{})
	}
	return nil
}

// catShortcut recognises $(<file).
func catShortcut(c *syntax.CmdSubst) (*syntax.Word, bool) {
	if len(c.Stmts) != 1 || c.Stmts[0].Cmd != nil || len(c.Stmts[0].Redirs) != 1 || c.Stmts[0].Redirs[0].Op != syntax.RdrIn {
		return nil, false
	}
	return c.Stmts[0].Redirs[0].Word, true
}

// bounded64 is an output that ends a shell which fills it without end.
type bounded64 struct {
	w    io.Writer
	left int
	sh   *shell
}

func (b *bounded64) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 || !b.sh.hold(int64(len(p))) {
		b.left = -1
		b.sh.exiting = true
		return 0, proc.ErrOutOfMemory
	}
	return b.w.Write(p)
}
