package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/syntax"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// Bounds of the processes of a container.
const (
	// as many as a node of this size would be given for a Pod
	maxProcesses  = 1000
	processMemory = 128 << 10 // bytes that a shell's copy of itself takes
)

// job is a process that runs beside the shell.
type job struct {
	number int
	pid    int
	text   string
	done   chan struct{}
	code   int // when done is closed
}

// lookUp finds what a command's name stands for: a program of the image, or a
// script in the container's files. The error is fs.ErrNotExist or
// fs.ErrPermission.
func lookUp(p *proc.Process, name string) (proc.Program, error) {
	if program, ok := p.Image.LookUp(name); ok {
		return program, nil
	}
	if strings.Contains(name, "/") {
		return scriptFile(p, p.Path(name))
	}
	failed := error(fs.ErrNotExist)
	for dir := range strings.SplitSeq(p.Env["PATH"], ":") {
		if dir == "" {
			continue
		}
		program, err := scriptFile(p, path.Join(dir, name))
		if err == nil {
			return program, nil
		}
		if errors.Is(err, fs.ErrPermission) {
			failed = fs.ErrPermission
		}
	}
	return nil, failed
}

// scriptFile makes a program of a file that says who is to run it.
func scriptFile(p *proc.Process, name string) (proc.Program, error) {
	info, err := p.Files.Stat(name)
	if err != nil {
		return nil, fs.ErrNotExist
	}
	if info.IsDir() || info.Mode().Perm()&0o111 == 0 {
		return nil, fs.ErrPermission
	}
	content, err := p.Files.ReadFile(name)
	if err != nil {
		return nil, fs.ErrPermission
	}
	args := []string{"/bin/sh"} // a file that says nothing is the shell's
	if first, _, _ := bytes.Cut(content, []byte("\n")); bytes.HasPrefix(first, []byte("#!")) {
		command, argument, _ := strings.Cut(strings.TrimSpace(string(first[2:])), " ")
		args = []string{command}
		if argument = strings.TrimSpace(argument); argument != "" {
			args = append(args, argument)
		}
	} else if bytes.IndexByte(first, 0) >= 0 {
		return nil, syscall.ENOEXEC
	}
	program, ok := p.Image.LookUp(args[0])
	if !ok {
		return nil, fs.ErrNotExist
	}
	return func(ctx context.Context, p *proc.Process) int {
		return p.Exec(ctx, program, slices.Concat(args, []string{name}, p.Args[1:])...)
	}, nil
}

// external runs a program and waits for it. last says that nothing follows:
// then the program takes the place of the shell, as ash does it.
func (sh *shell) external(ctx context.Context, args []string, last bool) int {
	program, err := sh.lookUp(args[0])
	if err != nil {
		return sh.notFound(args[0], err)
	}
	if last && !sh.subshell && !sh.opts.interactive && !sh.signals.any() {
		return sh.become(ctx, program, args)
	}
	child := sh.child(args)
	if child == nil {
		return sh.cannotFork()
	}
	code := child.Run(ctx, wired(program))
	sh.noteInterrupt(child.KilledBy())
	if signal := proc.Signal(code - 128); code > 128 && ctx.Err() == nil && child.KilledBy() != 0 {
		sh.sayKilled(signal)
	}
	return code
}

// sayKilled prints what the shell says when a signal ended a command.
func (sh *shell) sayKilled(s proc.Signal) {
	if text := signalText(s); text != "" && !sh.subshell {
		fmt.Fprintln(sh.stderr(), text)
	}
}

func (sh *shell) notFound(name string, err error) int {
	if errors.Is(err, fs.ErrPermission) {
		return sh.fail(126, "%s: Permission denied", name)
	}
	if errors.Is(err, syscall.ENOEXEC) {
		return sh.fail(126, "%s: Exec format error", name)
	}
	return sh.fail(127, "%s: not found", name)
}

func (sh *shell) lookUp(name string) (proc.Program, error) {
	p := &proc.Process{Container: sh.p.Container, Files: sh.p.Files, Dir: sh.dir, Env: map[string]string{"PATH": sh.value("PATH")}, User: sh.p.User}
	return lookUp(p, name)
}

// become replaces the shell by a program.
func (sh *shell) become(ctx context.Context, program proc.Program, args []string) int {
	p := sh.p
	p.Env, p.Dir = sh.exported(), sh.dir
	p.Stdin, p.Stdout, p.Stderr = ownInput(ctx, sh.files.reader(0)), sh.files.writer(1), sh.files.writer(2)
	caller := p.Files.Caller()
	caller.Stdin, caller.Stdout, caller.Stderr = p.Stdin, p.Stdout, p.Stderr
	p.Files = p.Files.As(caller)
	sh.release()
	sh.exiting = true
	if sh.uncatch != nil && p.PID == 1 {
		sh.uncatch()
	}
	return p.Exec(ctx, wired(program), args...)
}

// child makes the process of a program; nil when there are too many.
func (sh *shell) child(args []string) *proc.Process {
	if sh.p.Table.Len() >= maxProcesses {
		return nil
	}
	child := sh.p.Child(args...)
	child.Env, child.Dir = sh.exported(), sh.dir
	child.Stdin, child.Stdout, child.Stderr = proc.Unbound(sh.files.reader(0)), sh.files.writer(1), sh.files.writer(2)
	return child
}

// cannotFork is the end of a shell that may start no more processes.
func (sh *shell) cannotFork() int {
	sh.fail(2, "can't fork: Resource temporarily unavailable")
	return sh.abort(2)
}

// wired binds the pipes of a process to its life before its program starts.
func wired(program proc.Program) proc.Program {
	return func(ctx context.Context, p *proc.Process) int {
		broken := func() { p.Signal(sigPipe) }
		p.Stdout, p.Stderr = bindWriter(ctx, p.Stdout, broken), bindWriter(ctx, p.Stderr, broken)
		return program(ctx, p)
	}
}

// fork starts a copy of the shell as a process of its own, and returns when the
// process has its PID.
func (sh *shell) fork(ctx context.Context, files descriptors, do func(ctx context.Context, child *shell)) *job {
	if sh.p.Table.Len() >= maxProcesses {
		return nil
	}
	p := sh.p.Child(sh.p.Args...)
	if sh.apart {
		p.LeaveGroup()
	}
	p.Dir = sh.dir
	p.Stdin, p.Stdout, p.Stderr = proc.Unbound(files.reader(0)), files.writer(1), files.writer(2)
	child := sh.sub()
	child.p = p
	j := &job{done: make(chan struct{})}
	started := make(chan struct{})
	go func() {
		defer close(j.done)
		j.code = p.Run(ctx, func(ctx context.Context, p *proc.Process) int {
			j.pid = p.PID
			close(started)
			child.ctx = ctx
			child.hold(processMemory)
			child.signals.attach(p)
			child.files = files
			child.files[0].r = p.Stdin
			for n := range child.files {
				child.files[n].w = bindWriter(ctx, child.files[n].w, child.sigpipe)
			}
			do(ctx, child)
			return child.end(ctx)
		})
	}()
	<-started
	return j
}

// runForked runs a statement as the only thing a forked shell does: a program
// takes the shell's place, so that its PID is the job's.
func runForked(ctx context.Context, child *shell, st *syntax.Stmt) {
	child.subshell = false // it is a process of its own, for exec
	child.statement(ctx, st, true)
}

// pipeline runs a | b | c, each a process of its own; the chain hangs together
// to the left.
func (sh *shell) pipeline(ctx context.Context, c *syntax.BinaryCmd) {
	var stages []*syntax.Stmt
	var all []bool // |& joins the errors
	for {
		stages, all = append(stages, c.Y), append(all, c.Op == syntax.PipeAll)
		left, ok := c.X.Cmd.(*syntax.BinaryCmd)
		if !ok || len(c.X.Redirs) > 0 || c.X.Negated || left.Op != syntax.Pipe && left.Op != syntax.PipeAll {
			stages = append(stages, c.X)
			break
		}
		c = left
	}
	slices.Reverse(stages)
	slices.Reverse(all)
	var jobs []*job
	files := sh.files
	var in *pipeReader
	for i, st := range stages {
		mine := files
		if in != nil {
			mine[0] = descriptor{r: in}
		}
		reader, writer := in, (*pipeWriter)(nil)
		if i < len(stages)-1 {
			in, writer = newPipe()
			mine[1] = descriptor{w: writer}
			if all[i] {
				mine[2] = mine[1]
			}
		}
		j := sh.fork(ctx, mine, func(ctx context.Context, child *shell) { runForked(ctx, child, st) })
		closeEnds := func() {
			if reader != nil {
				_ = reader.Close()
			}
			if writer != nil {
				_ = writer.Close()
			}
		}
		if j == nil {
			closeEnds()
			if in != nil {
				_ = in.Close()
			}
			sh.cannotFork()
			break
		}
		go func() { // ends with the job
			<-j.done
			closeEnds()
		}()
		jobs = append(jobs, j)
	}
	failed := 0
	for i, j := range jobs {
		<-j.done
		sh.noteInterrupt(proc.Signal(j.code - 128))
		if j.code != 0 {
			failed = j.code
		}
		if i == len(jobs)-1 && !sh.exiting {
			sh.status = j.code
		}
	}
	if sh.opts.pipefail && sh.status == 0 && !sh.exiting {
		sh.status = failed
	}
}

// startBackground runs a statement beside the shell: `command &`.
func (sh *shell) startBackground(ctx context.Context, st *syntax.Stmt) {
	if !sh.begin(ctx) {
		return
	}
	files := sh.files
	files[0] = descriptor{r: strings.NewReader("")} // background commands read nothing
	front := *st
	front.Background = false
	sh.apart = sh.opts.interactive
	j := sh.fork(sh.lifetime(ctx), files, func(ctx context.Context, child *shell) { runForked(ctx, child, &front) })
	sh.apart = false
	if j == nil {
		sh.cannotFork()
		return
	}
	for _, other := range sh.jobs {
		j.number = max(j.number, other.number)
	}
	j.number++
	var text strings.Builder
	_ = syntax.NewPrinter(syntax.SingleLine(true)).Print(&text, &front)
	j.text = text.String()
	sh.jobs = append(sh.jobs, j)
	sh.background, sh.status = j.pid, 0
	if sh.opts.interactive {
		fmt.Fprintf(sh.stderr(), "[%d] %d\n", j.number, j.pid)
	}
}

// lifetime is how long background commands may live: as long as the shell's process.
func (sh *shell) lifetime(context.Context) context.Context { return sh.ctx }

// run runs a command for an applet such as xargs, as its child.
func run(ctx context.Context, p *proc.Process, args ...string) (code int, err error) {
	program, err := lookUp(p, args[0])
	if err != nil {
		return 127, err
	}
	if p.Table.Len() >= maxProcesses {
		return 2, syscall.EAGAIN
	}
	return p.Child(args...).Run(ctx, wired(program)), nil
}

// replace runs a command for an applet such as env, in its place.
func replace(ctx context.Context, p *proc.Process, args ...string) int {
	program, err := lookUp(p, args[0])
	if err != nil {
		return p.Fail(cannotExecute(err), "can't execute '%s': %s", args[0], reason(err))
	}
	return p.Exec(ctx, program, args...)
}

// cannotExecute is the exit code for a command that cannot be run.
func cannotExecute(err error) int {
	if errors.Is(err, fs.ErrNotExist) {
		return 127
	}
	return 126
}

// ownInput makes reads of a pipe end with the process that took the shell's place.
func ownInput(ctx context.Context, r interface{ Read([]byte) (int, error) }) interface{ Read([]byte) (int, error) } {
	if pr, ok := r.(*pipeReader); ok {
		return &boundInput{ctx, pr}
	}
	return r
}

// boundInput is a pipe whose reads end with a process.
type boundInput struct {
	ctx context.Context
	in  *pipeReader
}

func (b *boundInput) Read(p []byte) (int, error) { return b.in.ReadContext(b.ctx, p) }

// environ is an environment in the order of its names.
func environ(env map[string]string) []string {
	list := make([]string, 0, len(env))
	for _, k := range slices.Sorted(maps.Keys(env)) {
		list = append(list, k+"="+env[k])
	}
	return list
}
