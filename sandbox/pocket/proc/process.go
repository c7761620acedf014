package proc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
	"github.com/k8stutor/k8stutor/sandbox/vnet/resolve"
)

// Program runs until it ends by itself or until ctx does: then the process was
// killed. The result is the exit code. A program that is to do something at
// SIGTERM asks for it with Process.Notify.
type Program func(ctx context.Context, p *Process) int

// Process is one program with its arguments, environment and streams.
type Process struct {
	*Container
	Files   *files.Tree // the container's, as this process may use them
	PID     int         // set by Run
	Parent  int         // 0 for what the runtime itself started
	Args    []string
	Env     map[string]string
	Dir     string // working directory, absolute
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	User    User
	TTY     *TTY // the controlling terminal, or nil
	Started time.Time

	signals  signals
	group    int             // process group; guarded by Table.mu
	killedBy atomic.Int32    // the signal that ended it; set by Run
	life     context.Context // ends with the process; set by Run
}

// NewProcess makes a process that has neither input nor output yet.
func (c *Container) NewProcess(args []string, env map[string]string, dir string) *Process {
	if dir == "" {
		dir = "/"
	}
	return &Process{Container: c, Files: c.Files, Args: args, Env: env, Dir: dir, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}
}

// Child makes a process as fork and exec do: with the same environment,
// directory, streams and user.
func (p *Process) Child(args ...string) *Process {
	return &Process{
		Container: p.Container, Files: p.Files, Parent: p.PID, Args: args, Env: maps.Clone(p.Env), Dir: p.Dir,
		Stdin: Unbound(p.Stdin), Stdout: p.Stdout, Stderr: p.Stderr, User: p.User, TTY: p.TTY, group: p.Table.groupOf(p),
	}
}

// Terminal is the terminal that the process reads from, or nil: isatty(0).
func (p *Process) Terminal() *TTY {
	t, _ := Unbound(p.Stdin).(*TTY)
	return t
}

// NewGroup makes the process the leader of a process group of its own, in the
// foreground of its terminal, as a shell does that a person talks to. The
// function it returns undoes it.
func (p *Process) NewGroup() (undo func()) {
	before := p.Table.setGroup(p, p.PID)
	if p.TTY == nil {
		return func() { p.Table.setGroup(p, before) }
	}
	foreground := p.TTY.SetForeground(p.PID)
	return func() {
		p.TTY.SetForeground(foreground)
		p.Table.setGroup(p, before)
	}
}

// Exec runs another program in this process, as exec(3) does.
func (p *Process) Exec(ctx context.Context, program Program, args ...string) int {
	p.Args = args
	return program(ctx, p)
}

// LeaveGroup makes the process, which does not run yet, the leader of a group of
// its own in the background: keys like ^C are not for it.
func (p *Process) LeaveGroup() { p.group = 0 }

// GroupHandles reports whether another process of its group handles a signal
// itself.
func (p *Process) GroupHandles(sig Signal) bool {
	group := p.Group()
	for _, other := range p.Table.List() {
		if other != p && other.TTY == p.TTY && other.Group() == group && other.signals.handles(sig) {
			return true
		}
	}
	return false
}

// Killed is the cause of a context's end when a signal ended the process.
type Killed struct{ Signal Signal }

func (k Killed) Error() string { return "killed by signal " + k.Signal.String() }

// Run gives the process a PID, runs the program in it and returns its exit
// code: 128 and the signal's number when a signal ended it. A fault in a
// program ends like abort(3): it must not end the whole cluster.
func (p *Process) Run(ctx context.Context, program Program) (code int) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.life = ctx
	p.Started = time.Now()
	p.Table.add(p)
	defer p.Table.remove(p)
	if p.TTY != nil {
		p.TTY.begin(p.Table.groupOf(p))
	}
	p.Stdin, p.Stdout, p.Stderr = bind(ctx, p.Stdin), bindOutput(ctx, p.Stdout), bindOutput(ctx, p.Stderr)
	p.signals.begin(cancel, p.PID == 1)
	p.claimFiles()
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Fprintf(p.Stderr, "%s: the sandbox's own program failed: %v\n", p.Name(), fault)
			code = 128 + int(SIGABRT)
		}
		if ctx.Err() != nil {
			code = 128 + int(SIGKILL)
			if k := (Killed{}); errors.As(context.Cause(ctx), &k) {
				code = 128 + int(k.Signal)
			}
			p.killedBy.Store(int32(code - 128))
		}
	}()
	return program(ctx, p)
}

// KilledBy is the signal that ended the process after Run, 0 when it ended by
// itself.
func (p *Process) KilledBy() Signal { return Signal(p.killedBy.Load()) }

// claimFiles makes the process use its files as its own user.
func (p *Process) claimFiles() {
	if p.Files == nil {
		return
	}
	p.Files = p.Files.As(files.Caller{
		UID: p.User.UID, GID: p.User.GID, Groups: p.User.Groups, Umask: p.Files.Caller().Umask, PID: p.PID,
		Stdin: p.Stdin, Stdout: p.Stdout, Stderr: p.Stderr,
	})
}

// SetUmask sets which permissions new files do not get, for this process and
// those it starts, and returns what was set before.
func (p *Process) SetUmask(mask fs.FileMode) (before fs.FileMode) {
	caller := p.Files.Caller()
	before = caller.Umask
	caller.Umask = mask.Perm()
	p.Files = p.Files.As(caller)
	return before
}

// Name is the name the program was called by.
func (p *Process) Name() string {
	if len(p.Args) == 0 {
		return ""
	}
	return path.Base(p.Args[0])
}

// Environ is the environment as KEY=value lines in order of key.
func (p *Process) Environ() []string {
	list := make([]string, 0, len(p.Env))
	for _, k := range slices.Sorted(maps.Keys(p.Env)) {
		list = append(list, k+"="+p.Env[k])
	}
	return list
}

// Path makes a name absolute in the working directory.
func (p *Process) Path(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(p.Dir, name)
}

// Fail prints an error the way the command itself would and returns code.
func (p *Process) Fail(code int, format string, args ...any) int {
	fmt.Fprintf(p.Stderr, p.Name()+": "+format+"\n", args...)
	return code
}

// Sleep waits for d and reports whether it did: false when the process was killed.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Listen is net.Listen in the Pod's network. ctx is the process's: the listener
// and its connections end with it.
func (p *Process) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	return p.Net.Listen(ctx, network, address)
}

// ListenPacket is net.ListenPacket in the Pod's network.
func (p *Process) ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error) {
	return p.Net.ListenPacket(ctx, network, address)
}

// Dial is net.Dialer.DialContext in the Pod's network. Names are resolved as
// /etc/hosts and /etc/resolv.conf of the container say. The caller closes the
// connection; it ends with the process in any case.
func (p *Process) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := resolve.Dial(ctx, p.Net, p.Files, network, address)
	if err == nil && p.life != nil {
		vnet.End(p.life, c)
	}
	return c, err
}
