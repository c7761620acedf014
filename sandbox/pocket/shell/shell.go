// Package shell is what an image with BusyBox has: sh and the small commands.
//
// Scripts run in an interpreter whose commands, files and directories are the
// container's. No host program is ever started and no host file is read.
package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// A script may run this many commands a second on average; a busier one
// waits, so that an endless loop in a lesson leaves the machine usable.
const (
	commandRate  = 2000
	commandBurst = 4000
)

// runShell is sh: `sh -c SCRIPT [NAME ARG…]`, `sh FILE [ARG…]`, or commands
// from standard input, which ends at once in a container without one.
func runShell(ctx context.Context, t *proc.Process) int {
	args := t.Args[1:]
	var options []string
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') && !strings.Contains(args[0], "c") {
		if args[0] == "--" {
			args = args[1:]
			break
		}
		if args[0] != "-i" && args[0] != "-l" {
			options = append(options, args[0])
		}
		if strings.HasSuffix(args[0], "o") && len(args) > 1 {
			options = append(options, args[1]) // `-o pipefail`
			args = args[1:]
		}
		args = args[1:]
	}
	switch {
	case len(args) > 0 && strings.HasPrefix(args[0], "-") && strings.Contains(args[0], "c"):
		for _, o := range strings.Trim(args[0], "-ci") {
			options = append(options, "-"+string(o))
		}
		if len(args) < 2 {
			return t.Fail(2, "-c requires an argument")
		}
		params := args[2:]
		if len(params) > 0 {
			params = params[1:] // the first is $0
		}
		return script(ctx, t, args[1], options, params)
	case len(args) > 0:
		text, err := t.Files.ReadFile(t.Path(args[0]))
		if err != nil {
			return t.Fail(127, "can't open '%s': %s", args[0], reason(err))
		}
		return script(ctx, t, string(text), options, args[1:])
	}
	text, err := io.ReadAll(t.Stdin)
	if err != nil {
		return 0
	}
	return script(ctx, t, string(text), options, nil)
}

// script interprets text. Nothing in it reaches the host: every command is one
// of ours, every file one of the container's.
func script(ctx context.Context, t *proc.Process, text string, options, params []string) int {
	file, err := parseScript(text)
	if err != nil {
		return t.Fail(2, "syntax error: %s", err)
	}
	sh := &shell{task: t, limiter: rate.NewLimiter(commandRate, commandBurst)}
	runner, err := interp.New(
		interp.Env(scriptEnv(t.Env)),
		interp.Dir("/"), // the interpreter checks on the host that it exists; "/" always does
		interp.StdIO(t.Stdin, t.Stdout, t.Stderr),
		interp.CallHandler(sh.call),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return sh.exec }), // never the next
		interp.OpenHandler(sh.open),
		interp.StatHandler(func(_ context.Context, name string, _ bool) (fs.FileInfo, error) { return t.Files.Stat(name) }),
		interp.ReadDirHandler2(func(_ context.Context, name string) ([]fs.DirEntry, error) { return t.Files.ReadDir(name) }),
		interp.AccessHandler(sh.access),
		interp.Params(append(append(options, "--"), params...)...),
	)
	if err != nil {
		return t.Fail(2, "%s", err)
	}
	if info, err := t.Files.Stat(t.Dir); err == nil && info.IsDir() {
		runner.Dir = t.Dir
	}
	err = runner.Run(ctx, file)
	var status interp.ExitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case ctx.Err() != nil:
		return killedCode
	}
	return t.Fail(2, "%s", err)
}

// parseScript parses shell text and refuses process substitution, which the
// interpreter would carry out with named pipes on the host.
func parseScript(text string) (*syntax.File, error) {
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil {
		var pe syntax.ParseError
		if errors.As(err, &pe) {
			return nil, errors.New(pe.Text)
		}
		return nil, err
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		if _, ok := n.(*syntax.ProcSubst); ok {
			err = errors.New("unexpected \"(\"")
		}
		return err == nil
	})
	return file, err
}

// shell is one interpreter's view of its task.
type shell struct {
	task    *proc.Process
	limiter *rate.Limiter

	mu     sync.Mutex // background jobs call too
	term   <-chan proc.Signal
	onTerm string // what `trap` set for SIGTERM; empty when nothing, or when it has run
}

// call sees every simple command, builtins included, before it runs.
func (sh *shell) call(ctx context.Context, args []string) ([]string, error) {
	if sh.limiter.Wait(ctx) != nil {
		<-ctx.Done() // the limiter gives up as soon as it sees that the time will not do
		return nil, ctx.Err()
	}
	if action := sh.pendingTrap(); action != "" {
		// A trap runs between two commands, in the shell itself.
		return []string{"eval", action + "\n" + quote(args)}, nil
	}
	switch args[0] {
	case "eval":
		if _, err := parseScript(strings.Join(args[1:], " ")); err != nil {
			return []string{unparsable, err.Error()}, nil
		}
	case "trap":
		return sh.trap(args), nil
	case "command":
		if len(args) > 1 && (args[1] == "-v" || args[1] == "-V") {
			return append([]string{"which"}, args[2:]...), nil
		}
	case "type":
		return append([]string{"which"}, args[1:]...), nil
	case "source", ".", "mapfile", "readarray", "ulimit", "enable", "help", "compgen", "complete", "history":
		// These either look around on the host or are not in a POSIX shell.
		return append([]string{missingCommand}, args...), nil
	}
	return args, nil
}

// pendingTrap returns the action for a SIGTERM that has arrived, once.
func (sh *shell) pendingTrap() string {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	select {
	case <-sh.term:
	default:
		return ""
	}
	action := sh.onTerm
	sh.onTerm = ""
	return action
}

// Names that no user can type, for call to hand a decision over to exec.
const (
	unparsable     = "\x00unparsable"
	missingCommand = "\x00missing"
)

// trap keeps what is to run at SIGTERM; the interpreter itself knows only EXIT.
func (sh *shell) trap(args []string) []string {
	if len(args) < 3 {
		return args
	}
	action := args[1]
	if _, err := parseScript(action); err != nil {
		return []string{unparsable, err.Error()}
	}
	var rest []string
	for _, s := range args[2:] {
		switch s := strings.TrimPrefix(strings.ToUpper(s), "SIG"); s {
		case "TERM", "15":
			sh.mu.Lock()
			if sh.term == nil {
				sh.term = sh.task.Notify(proc.SIGTERM)
			}
			sh.onTerm = strings.TrimPrefix(action, "-")
			sh.mu.Unlock()
		case "EXIT", "0":
			rest = append(rest, "EXIT")
		case "INT", "HUP", "QUIT", "USR1", "USR2", "1", "2", "3", "10", "12":
			// Never sent to a container of the sandbox.
		default:
			return []string{unparsable, "trap: bad signal '" + s + "'"}
		}
	}
	if len(rest) == 0 {
		return []string{"true"}
	}
	return append([]string{"trap", action}, rest...)
}

// exec runs a command that is neither builtin nor function.
func (sh *shell) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	switch args[0] {
	case unparsable:
		fmt.Fprintf(hc.Stderr, "sh: syntax error: %s\n", args[1])
		return interp.ExitStatus(2)
	case missingCommand:
		args = args[1:]
	}
	p, ok := sh.task.Image.LookUp(args[0])
	if !ok {
		fmt.Fprintf(hc.Stderr, "sh: %s: not found\n", args[0])
		return interp.ExitStatus(127)
	}
	t := sh.task.Child(args...)
	t.Dir, t.Stdin, t.Stdout, t.Stderr = hc.Dir, hc.Stdin, hc.Stdout, hc.Stderr
	if t.Stdin == nil || t.Stdin == (*os.File)(nil) {
		t.Stdin = strings.NewReader("")
	}
	clear(t.Env)
	for name, v := range hc.Env.Each {
		if v.Exported && v.Kind == expand.String {
			t.Env[name] = v.Str
		}
	}
	if code := t.Run(ctx, p); code != 0 {
		return interp.ExitStatus(code)
	}
	return nil
}

func (sh *shell) open(ctx context.Context, name string, flag int, perm fs.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	if !path.IsAbs(name) {
		name = path.Join(hc.Dir, name)
	}
	switch path.Clean(name) {
	case "/dev/stdout", "/proc/1/fd/1", "/proc/self/fd/1":
		return outlet{hc.Stdout}, nil
	case "/dev/stderr", "/proc/1/fd/2", "/proc/self/fd/2":
		return outlet{hc.Stderr}, nil
	}
	return sh.task.Files.Open(name, flag, perm)
}

// access answers `[ -r FILE ]` and the like: containers run as root.
func (sh *shell) access(_ context.Context, name string, mode interp.AccessMode) error {
	info, err := sh.task.Files.Stat(name)
	if err != nil {
		return err
	}
	if mode == interp.AccessExec && !info.IsDir() && info.Mode().Perm()&0o111 == 0 {
		return fs.ErrPermission
	}
	return nil
}

// outlet is an output opened as a file.
type outlet struct{ io.Writer }

func (outlet) Read([]byte) (int, error) { return 0, io.EOF }
func (outlet) Close() error             { return nil }

// scriptEnv is the environment of a script. It answers for the home directories
// of other users, which the interpreter would otherwise look up on the host.
type scriptEnv map[string]string

func (e scriptEnv) Get(name string) expand.Variable {
	if user, ok := strings.CutPrefix(name, "HOME "); ok {
		return expand.Variable{Set: true, Kind: expand.String, Str: "~" + user}
	}
	switch name {
	case "UID", "EUID", "GID":
		return expand.Variable{Set: true, ReadOnly: true, Kind: expand.String, Str: "0"}
	}
	v, ok := e[name]
	if !ok {
		return expand.Variable{}
	}
	return expand.Variable{Set: true, Exported: true, Kind: expand.String, Str: v}
}

func (e scriptEnv) Each(yield func(string, expand.Variable) bool) {
	for name := range maps.Keys(e) {
		if !yield(name, e.Get(name)) {
			return
		}
	}
}

func quote(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		q, err := syntax.Quote(a, syntax.LangBash)
		if err != nil {
			q = "''"
		}
		quoted[i] = q
	}
	return strings.Join(quoted, " ")
}

// reason is an error's cause in the words of strerror(3).
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

// forever is what commands like `sleep infinity` wait for.
const forever = time.Duration(1<<63 - 1)
