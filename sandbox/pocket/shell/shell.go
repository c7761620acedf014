// Package shell is what an image with BusyBox has: sh and the small commands.
//
// Scripts are parsed and expanded by mvdan.cc/sh; what runs them is this
// package's own, because a container's shell has processes, signals, pipes and
// limits, and none of them may be the host's. No host program is ever started
// and no host file is read.
package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/time/rate"
	"mvdan.cc/sh/v3/syntax"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// The scripts that descend from one process may run this many commands a second
// together; busier ones wait, so that an endless loop in a lesson leaves the
// machine usable.
const (
	commandRate  = 2000
	commandBurst = 4000
)

// shell is the state of one shell: of a process, or of a subshell in it.
type shell struct {
	p       *proc.Process
	ctx     context.Context // the process's, for what the expansion of words calls back
	name    string          // $0
	params  []string
	vars    map[string]variable
	scopes  []map[string]*variable // what the variables local to a function were before; nil is unset
	funcs   map[string]*syntax.Stmt
	aliases map[string]string
	dir     string
	files   descriptors
	opts    options
	signals *signalTraps
	jobs    []*job
	limiter *rate.Limiter

	background int // $!
	status     int // $?
	optind     int // what getopts left in OPTIND
	getopt     int // where getopts is within an argument
	umask      int
	outerUmask int  // of the shell that this is a subshell of
	lineBias   int  // ash counts the lines of `sh -c` from 0
	script     bool // reads a file, whose name and lines errors give
	substatus  int  // of the last command substitution
	line       uint

	editor     *lineEditor        // set: a person types
	interrupts <-chan proc.Signal // ^C, while the shell itself handles it
	interrupt  func()             // set while the commands of a typed line run: ends them
	uncatch    func()             // set while `sh -c` as PID 1 catches ^C: gives it up
	apart      bool               // the next fork is not for the keys of the terminal

	depth int // how deep the interpreter is in itself
	nest  int // how deep a script that it has parsed nests
	held  int64

	breaking, continuing int // loops still to leave
	returning, exiting   bool
	condition            int // >0 where `set -e` does not count
	pidOfShell           int // of the shell whose subshell this is; 0 in itself
	subshell             bool
	inTrap               bool
	failed               bool // exiting is for an error, which does not end the shell of a person
	loops                int
	sourcing             int
}

// options are those of set.
type options struct {
	errexit, nounset, xtrace, noglob, noexec, allexport, noclobber, pipefail, verbose, interactive, stdin, command bool
}

// flag finds an option by its letter.
func (o *options) flag(c rune) *bool {
	switch c {
	case 'e':
		return &o.errexit
	case 'u':
		return &o.nounset
	case 'x':
		return &o.xtrace
	case 'f':
		return &o.noglob
	case 'n':
		return &o.noexec
	case 'a':
		return &o.allexport
	case 'C':
		return &o.noclobber
	case 'v':
		return &o.verbose
	case 'i':
		return &o.interactive
	case 's':
		return &o.stdin
	case 'c':
		return &o.command
	case 'm', 'b', 'h', 'V', 'E', 'I', 'l':
		return new(bool) // accepted, without a meaning here
	}
	return nil
}

// longOptions are the names that `set -o` takes, in the order it lists them.
func (o *options) named() []struct {
	name string
	set  *bool
} {
	type named = struct {
		name string
		set  *bool
	}
	return []named{
		{"errexit", &o.errexit}, {"noglob", &o.noglob}, {"ignoreeof", new(bool)}, {"interactive", &o.interactive}, {"monitor", new(bool)},
		{"noexec", &o.noexec}, {"stdin", &o.stdin}, {"xtrace", &o.xtrace}, {"verbose", &o.verbose}, {"noclobber", &o.noclobber}, {"allexport", &o.allexport},
		{"notify", new(bool)}, {"nounset", &o.nounset}, {"errtrace", new(bool)}, {"vi", new(bool)}, {"pipefail", &o.pipefail},
	}
}

type limiterKey struct{}

// newShell makes the shell of a process. The context carries what shells below
// it share with it.
func newShell(ctx context.Context, p *proc.Process, name string, params []string) (context.Context, *shell) {
	limiter, ok := ctx.Value(limiterKey{}).(*rate.Limiter)
	if !ok {
		limiter = rate.NewLimiter(commandRate, commandBurst)
		ctx = context.WithValue(ctx, limiterKey{}, limiter)
	}
	sh := &shell{
		p: p, name: name, params: params, vars: map[string]variable{}, funcs: map[string]*syntax.Stmt{}, aliases: map[string]string{},
		dir: "/", limiter: limiter, umask: int(p.Files.Caller().Umask), signals: &signalTraps{}, getopt: 1,
	}
	sh.ctx = ctx
	sh.signals.p = p
	sh.files = descriptors{0: {r: p.Stdin}, 1: {w: bindWriter(ctx, p.Stdout, sh.sigpipe)}, 2: {w: bindWriter(ctx, p.Stderr, sh.sigpipe)}}
	for k, v := range p.Env {
		sh.vars[k] = variable{value: v, exported: true}
	}
	if info, err := p.Files.Stat(p.Dir); err == nil && info.IsDir() {
		sh.dir = p.Dir
	}
	sh.vars["PWD"] = variable{value: sh.dir, exported: sh.vars["PWD"].exported}
	sh.vars["PPID"] = variable{value: fmt.Sprint(p.Parent)}
	sh.vars["IFS"] = variable{value: " \t\n"}
	sh.vars["OPTIND"] = variable{value: "1"}
	for name, text := range map[string]string{"PS1": busyboxPrompt, "PS2": "> ", "PS4": "+ "} {
		if _, ok := sh.vars[name]; !ok {
			sh.vars[name] = variable{value: text}
		}
	}
	return ctx, sh
}

// sigpipe is what happens to a process that writes to a pipe nobody reads.
func (sh *shell) sigpipe() {
	if !sh.signals.ignores(sigPipe) {
		sh.p.Signal(sigPipe)
	}
}

// runShell is sh: `sh -c SCRIPT [NAME ARG…]`, `sh FILE [ARG…]`, or commands
// from standard input.
func runShell(ctx context.Context, p *proc.Process) int {
	args := p.Args[1:]
	var opts options
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		if arg == "--login" || arg == "--noprofile" || arg == "--norc" {
			continue
		}
		for _, c := range arg[1:] {
			if c == 'o' {
				if len(args) == 0 || !opts.setNamed(args[0], arg[0] == '-') {
					return p.Fail(2, "illegal option -o %s", strings.Join(args[:min(1, len(args))], ""))
				}
				args = args[1:]
				continue
			}
			set := opts.flag(c)
			if set == nil {
				return p.Fail(2, "illegal option -%c", c)
			}
			*set = arg[0] == '-'
		}
	}
	switch {
	case opts.command:
		if len(args) == 0 {
			return p.Fail(2, "-c requires an argument")
		}
		name, params := p.Args[0], args[1:]
		if len(params) > 0 {
			name, params = params[0], params[1:]
		}
		ctx, sh := newShell(ctx, p, name, params)
		sh.opts, sh.lineBias = opts, -1
		if p.PID == 1 {
			return sh.finish(ctx, sh.interruptible(ctx, args[0]))
		}
		return sh.finish(ctx, sh.runText(ctx, args[0], true))
	case len(args) > 0 && !opts.stdin:
		text, err := p.Files.ReadFile(p.Path(args[0]))
		if err != nil {
			return p.Fail(2, "can't open '%s': %s", args[0], reason(err))
		}
		ctx, sh := newShell(ctx, p, args[0], args[1:])
		sh.opts, sh.script = opts, true
		return sh.finish(ctx, sh.runText(ctx, string(text), true))
	}
	ctx, sh := newShell(ctx, p, p.Args[0], args)
	sh.opts = opts
	return sh.converse(ctx)
}

// setNamed sets an option by its long name and reports whether there is one.
func (o *options) setNamed(name string, on bool) bool {
	for _, n := range o.named() {
		if n.name == name {
			*n.set = on
			return true
		}
	}
	return false
}

// runText runs a script. last says that nothing follows it in this process.
func (sh *shell) runText(ctx context.Context, text string, last bool) int {
	stmts, nest, err := parseScript(text)
	if err != nil {
		return sh.badSyntax(err)
	}
	sh.nest = max(sh.nest, nest)
	sh.statements(ctx, stmts, last)
	return sh.status
}

// badSyntax reports a script that cannot be parsed; the shell ends.
func (sh *shell) badSyntax(err error) int {
	var se *syntaxError
	where := ""
	if errors.As(err, &se) && sh.script {
		where = fmt.Sprintf("line %d: ", se.line)
	}
	fmt.Fprintf(sh.stderr(), "%s: %s%s\n", sh.name, where, err)
	sh.status, sh.exiting = 2, true
	return 2
}

// finish ends a shell: the trap on EXIT runs, and what it holds is given back.
func (sh *shell) finish(ctx context.Context, code int) int {
	sh.status = code
	if action, ok := sh.signals.take(0); ok && ctx.Err() == nil {
		sh.exiting, sh.returning, sh.breaking, sh.continuing = false, false, 0, 0
		sh.evaluate(ctx, action)
		if !sh.exiting {
			sh.status = code
		}
	}
	sh.signals.restore()
	sh.release()
	return sh.status
}

func (sh *shell) stderr() io.Writer { return sh.files.writer(2) }
func (sh *shell) stdout() io.Writer { return sh.files.writer(1) }

// fail prints an error of the shell itself and returns code.
func (sh *shell) fail(code int, format string, args ...any) int {
	where := ""
	if sh.script {
		where = fmt.Sprintf("line %d: ", sh.line)
	}
	fmt.Fprintf(sh.stderr(), "%s: %s%s\n", sh.name, where, fmt.Sprintf(format, args...))
	return code
}

// failBuiltin prints an error of a command that is part of the shell.
func (sh *shell) failBuiltin(code int, name, format string, args ...any) int {
	fmt.Fprintf(sh.stderr(), "%s: %s: line %d: %s\n", sh.name, name, int(sh.line)+sh.lineBias, fmt.Sprintf(format, args...))
	return code
}

// abort ends the shell with an error.
func (sh *shell) abort(code int) int {
	sh.status, sh.exiting, sh.failed = code, true, true
	return code
}
