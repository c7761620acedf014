package shell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/syntax"
)

// builtin is a command that is part of the shell.
type builtin func(sh *shell, ctx context.Context, args []string) int

// builtins finds one by name; nil is none.
func builtins(name string) builtin {
	switch name {
	case ":", "true":
		return func(*shell, context.Context, []string) int { return 0 }
	case "false":
		return func(*shell, context.Context, []string) int { return 1 }
	case "echo":
		return builtinEcho
	case "printf":
		return builtinPrintf
	case "test", "[", "[[":
		return builtinTest
	case "cd", "chdir":
		return builtinCd
	case "pwd":
		return func(sh *shell, _ context.Context, _ []string) int { fmt.Fprintln(sh.stdout(), sh.dir); return 0 }
	case "exit", "logout":
		return builtinExit
	case "return":
		return builtinReturn
	case "break", "continue":
		return builtinBreak
	case "set":
		return builtinSet
	case "unset":
		return builtinUnset
	case "shift":
		return builtinShift
	case "eval":
		return builtinEval
	case ".", "source":
		return builtinSource
	case "exec":
		return builtinExec
	case "command":
		return builtinCommand
	case "type":
		return builtinType
	case "read":
		return builtinRead
	case "trap":
		return builtinTrap
	case "kill":
		return builtinKill
	case "wait":
		return builtinWait
	case "jobs":
		return builtinJobs
	case "fg":
		return builtinFg
	case "bg":
		return func(*shell, context.Context, []string) int { return 0 }
	case "umask":
		return builtinUmask
	case "ulimit":
		return builtinUlimit
	case "times":
		return func(sh *shell, _ context.Context, _ []string) int {
			fmt.Fprint(sh.stdout(), "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
			return 0
		}
	case "hash", "history":
		return func(*shell, context.Context, []string) int { return 0 }
	case "alias":
		return builtinAlias
	case "unalias":
		return func(sh *shell, _ context.Context, args []string) int {
			for _, a := range args[1:] {
				delete(sh.aliases, a)
			}
			return 0
		}
	case "getopts":
		return builtinGetopts
	case "help":
		return func(sh *shell, _ context.Context, _ []string) int {
			fmt.Fprintln(sh.stdout(), "Built-in commands:\n------------------\n\t. : [ [[ alias bg break cd chdir command continue echo eval exec\n\texit export false fg getopts hash help history jobs kill let\n\tlocal printf pwd read readonly return set shift source test times\n\ttrap true type ulimit umask unalias unset wait")
			return 0
		}
	}
	return nil
}

func builtinCd(sh *shell, _ context.Context, args []string) int {
	args = args[1:]
	for len(args) > 0 && (args[0] == "-L" || args[0] == "-P" || args[0] == "--") {
		args = args[1:]
	}
	dest := sh.value("HOME")
	if len(args) > 0 {
		dest = args[0]
	}
	show := false
	if dest == "-" {
		if dest = sh.value("OLDPWD"); dest == "" {
			return sh.failBuiltin(2, "cd", "OLDPWD not set")
		}
		show = true
	}
	if dest == "" {
		return 0
	}
	abs := sh.path(dest)
	info, err := sh.p.Files.Stat(abs)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err != nil {
		return sh.failBuiltin(2, "cd", "can't cd to %s: %s", dest, reason(err))
	}
	if !sh.assignValue("OLDPWD", sh.dir) || !sh.assignValue("PWD", abs) {
		return 2
	}
	sh.dir = abs
	if show {
		fmt.Fprintln(sh.stdout(), abs)
	}
	return 0
}

// number reads the numeric argument that exit and its like may have.
func (sh *shell) number(args []string, otherwise int) (int, bool) {
	if len(args) < 2 {
		return otherwise, true
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 0 {
		sh.failBuiltin(2, args[0], "Illegal number: %s", args[1])
		sh.abort(2)
		return 2, false
	}
	return n, true
}

func builtinExit(sh *shell, _ context.Context, args []string) int {
	code, _ := sh.number(args, sh.status)
	sh.exiting = true
	return code & 0xff
}

func builtinReturn(sh *shell, _ context.Context, args []string) int {
	code, ok := sh.number(args, sh.status)
	if !ok {
		return code
	}
	if len(sh.scopes) == 0 && sh.sourcing == 0 {
		sh.exiting = true // outside of a function it ends the shell
	}
	sh.returning = true
	return code & 0xff
}

func builtinBreak(sh *shell, _ context.Context, args []string) int {
	n, ok := sh.number(args, 1)
	if !ok || sh.loops == 0 {
		return 0
	}
	n = min(max(n, 1), sh.loops)
	if args[0] == "break" {
		sh.breaking = n
	} else {
		sh.continuing = n
	}
	return 0
}

func builtinSet(sh *shell, _ context.Context, args []string) int {
	args = args[1:]
	if len(args) == 0 {
		sh.printVariables(sh.stdout(), "", func(variable) bool { return true })
		return 0
	}
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			sh.params = args
			return 0
		}
		for _, c := range arg[1:] {
			if c == 'o' {
				if len(args) == 0 {
					sh.listOptions(arg[0] == '-')
					return 0
				}
				if !sh.opts.setNamed(args[0], arg[0] == '-') {
					return sh.abort(sh.failBuiltin(2, "set", "illegal option %co %s", arg[0], args[0]))
				}
				args = args[1:]
				continue
			}
			set := sh.opts.flag(c)
			if set == nil {
				return sh.abort(sh.failBuiltin(2, "set", "illegal option %c%c", arg[0], c))
			}
			*set = arg[0] == '-'
		}
		if len(args) == 0 {
			return 0
		}
	}
	if len(args) > 0 && args[0] == "-" {
		args = args[1:]
	}
	sh.params = args
	return 0
}

func (sh *shell) listOptions(table bool) {
	if table {
		fmt.Fprintln(sh.stdout(), "Current option settings")
	}
	for _, o := range sh.opts.named() {
		if table {
			state := "off"
			if *o.set {
				state = "on"
			}
			fmt.Fprintf(sh.stdout(), "%-16s%s\n", o.name, state)
			continue
		}
		sign := "+"
		if *o.set {
			sign = "-"
		}
		fmt.Fprintf(sh.stdout(), "set %so %s\n", sign, o.name)
	}
}

func builtinUnset(sh *shell, _ context.Context, args []string) int {
	functions := false
	for _, name := range args[1:] {
		switch {
		case name == "-v":
			functions = false
		case name == "-f":
			functions = true
		case !syntax.ValidName(name) && !functions:
			return sh.abort(sh.failBuiltin(2, "unset", "%s: bad variable name", name))
		case functions:
			delete(sh.funcs, name)
		default:
			if err := sh.unset(name); err != nil {
				return sh.abort(sh.fail(2, "%s", err))
			}
		}
	}
	return 0
}

func builtinShift(sh *shell, _ context.Context, args []string) int {
	n, ok := sh.number(args, 1)
	if !ok {
		return n
	}
	if n > len(sh.params) {
		return 1
	}
	sh.params = sh.params[n:]
	return 0
}

func builtinEval(sh *shell, ctx context.Context, args []string) int {
	sh.evaluate(ctx, strings.Join(args[1:], " "))
	return sh.status
}

// evaluate runs text in this shell.
func (sh *shell) evaluate(ctx context.Context, text string) {
	if strings.TrimSpace(text) == "" {
		sh.status = 0
		return
	}
	if sh.enter(2) {
		sh.runText(ctx, text, false)
	}
	sh.depth -= 2
}

func builtinSource(sh *shell, ctx context.Context, args []string) int {
	if len(args) < 2 {
		return sh.abort(sh.failBuiltin(2, args[0], "filename argument required"))
	}
	content, err := sh.p.Files.ReadFile(sh.findSource(args[1]))
	if err != nil {
		return sh.abort(sh.failBuiltin(2, args[0], "can't open '%s': %s", args[1], reason(err)))
	}
	if len(args) > 2 {
		before := sh.params
		sh.params = args[2:]
		defer func() { sh.params = before }()
	}
	sh.sourcing++
	if sh.enter(2) {
		sh.status = 0
		sh.runText(ctx, string(content), false)
	}
	sh.depth -= 2
	sh.sourcing--
	sh.returning = false
	return sh.status
}

// findSource finds a script by name: without a slash along PATH first.
func (sh *shell) findSource(name string) string {
	if !strings.Contains(name, "/") {
		for dir := range strings.SplitSeq(sh.value("PATH"), ":") {
			if info, err := sh.p.Files.Stat(path.Join("/", dir, name)); err == nil && !info.IsDir() {
				return path.Join("/", dir, name)
			}
		}
	}
	return sh.path(name)
}

func builtinExec(sh *shell, ctx context.Context, args []string) int {
	args = args[1:]
	if len(args) == 0 {
		return 0
	}
	program, err := sh.lookUp(args[0])
	if err != nil {
		code := 127
		message := "not found"
		if !errors.Is(err, fs.ErrNotExist) {
			code, message = 126, "Permission denied"
		}
		return sh.abort(sh.failBuiltin(code, "exec", "%s: %s", args[0], message))
	}
	if sh.subshell { // of this process: the shell around it goes on
		code := sh.external(ctx, args, false)
		sh.exiting = true
		return code
	}
	delete(sh.signals.actions, 0)
	return sh.become(ctx, program, args)
}

func builtinCommand(sh *shell, ctx context.Context, args []string) int {
	args = args[1:]
	verbose := byte(0)
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		switch args[0] {
		case "-v", "-V":
			verbose = args[0][1]
		case "-p", "--":
		default:
			return sh.abort(sh.failBuiltin(2, "command", "illegal option %s", args[0]))
		}
		args = args[1:]
	}
	if len(args) == 0 {
		return 0
	}
	if verbose != 0 {
		return sh.describe(args[0], verbose == 'V')
	}
	if b := builtins(args[0]); b != nil {
		return b(sh, ctx, args)
	}
	return sh.external(ctx, args, false)
}

func builtinType(sh *shell, _ context.Context, args []string) int {
	code := 0
	for _, name := range args[1:] {
		code |= sh.describe(name, true)
	}
	return code
}

// describe says what a command's name stands for.
func (sh *shell) describe(name string, long bool) int {
	say := func(what, short string) int {
		if long {
			fmt.Fprintf(sh.stdout(), "%s is %s\n", name, what)
		} else {
			fmt.Fprintln(sh.stdout(), short)
		}
		return 0
	}
	if value, ok := sh.aliases[name]; ok {
		return say("an alias for "+value, "alias "+name+"="+singleQuoted(value))
	}
	if sh.funcs[name] != nil {
		return say("a function", name)
	}
	if builtins(name) != nil {
		return say("a shell builtin", name)
	}
	if keyword(name) {
		return say("a shell keyword", name)
	}
	if where, ok := sh.where(name); ok {
		return say(where, where)
	}
	if long {
		fmt.Fprintf(sh.stdout(), "%s: not found\n", name)
	}
	return 127
}

func keyword(name string) bool {
	switch name {
	case "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "in", "!", "{", "}", "export", "readonly", "local", "let":
		return true
	}
	return false
}

// where is the path of a program.
func (sh *shell) where(name string) (string, bool) {
	if _, err := sh.lookUp(name); err != nil {
		return "", false
	}
	if strings.Contains(name, "/") {
		return name, true
	}
	return programPath(sh.p, name, sh.value("PATH")), true
}

func builtinAlias(sh *shell, _ context.Context, args []string) int {
	if len(args) == 1 {
		for name, value := range sh.aliases {
			fmt.Fprintf(sh.stdout(), "%s=%s\n", name, singleQuoted(value))
		}
		return 0
	}
	code := 0
	for _, arg := range args[1:] {
		name, value, defining := strings.Cut(arg, "=")
		switch {
		case defining:
			sh.aliases[name] = value
		case sh.aliases[name] != "":
			fmt.Fprintf(sh.stdout(), "%s=%s\n", name, singleQuoted(sh.aliases[name]))
		default:
			code = sh.failBuiltin(1, "alias", "%s not found", name)
		}
	}
	return code
}

// unalias puts what an alias stands for in its place.
func (sh *shell) unalias(words []*syntax.Word) []*syntax.Word {
	if len(sh.aliases) == 0 || len(words) == 0 {
		return words
	}
	value, ok := sh.aliases[words[0].Lit()]
	if !ok {
		return words
	}
	stmts, _, err := parseScript(value)
	if err != nil || len(stmts) != 1 {
		return words
	}
	call, ok := stmts[0].Cmd.(*syntax.CallExpr)
	if !ok {
		return words
	}
	return append(append([]*syntax.Word{}, call.Args...), words[1:]...)
}

func builtinFg(sh *shell, ctx context.Context, args []string) int {
	name := "%%"
	if len(args) > 1 {
		name = args[1]
	}
	j := sh.jobByName(name)
	if j == nil {
		return sh.failBuiltin(2, "fg", "no current job")
	}
	code, _ := sh.await(ctx, j)
	return code
}
