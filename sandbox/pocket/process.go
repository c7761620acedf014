package pocket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/catalogue"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
	"github.com/k8stutor/k8stutor/sandbox/pocket/shell"
)

// process is the running first process of a container.
type process struct {
	*proc.Process
	ctx  context.Context // every process of the container ends with it
	kill context.CancelFunc
	log  *logFile
	done chan struct{}

	stdout, stderr *output // stderr is nil with a terminal
	tty            *proc.TTY
	stdin          *proc.Pipe // nil without input, and with a terminal
	stdinOnce      bool       // the input ends with the first client that gives some

	ended  bool           // it has ended and the others are about to; guarded by Runtime.mu
	others sync.WaitGroup // what was started by exec; nothing is added once ended is set
}

// wait returns when the process has ended and its end is recorded, or ctx is over.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// findCommand finds what a container runs, or fails as runc does.
func findCommand(img *image, p *proc.Process) (proc.Program, error) {
	program, args, err := p.Find(p.Args)
	if missing := (*proc.LookupError)(nil); errors.As(err, &missing) {
		if img.product.StandsIn {
			return programs.StandIn, nil
		}
		return nil, startError(missing.Error())
	}
	p.Args = args
	return program, err
}

func startError(cause string) error {
	return fmt.Errorf("failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "+
		"unable to start container process: error during container init: %s", cause)
}

// startProcess runs a container's command on a goroutine of its own, which
// Shutdown waits for. r.mu is held.
func (r *Runtime) startProcess(s *sandbox, c *container) error {
	img, _ := r.images.byID(c.imageID)
	if img == nil {
		return startError("the image was removed")
	}
	args := img.product.CommandLine(c.config.GetCommand(), c.config.GetArgs())
	if len(args) == 0 {
		return fmt.Errorf("failed to generate container spec: no command specified")
	}
	c.world = r.newWorld(s, c)
	first := r.newProcess(c, args)
	if err := enter(first); err != nil {
		return startError(err.Error())
	}
	program, err := findCommand(img, first)
	if err != nil {
		return err
	}
	if err := claimMemory(c, img); err != nil {
		return err
	}
	log, err := openLog(c.logPath)
	if err != nil {
		c.world.Usage.Release()
		return err
	}
	ctx, kill := context.WithCancel(r.ctx)
	p := &process{Process: first, ctx: ctx, kill: kill, log: log, done: make(chan struct{})}
	p.open(c.config)
	c.process = p
	r.procs.Go(func() {
		code := first.Run(ctx, program)
		r.mu.Lock()
		p.ended = true
		r.mu.Unlock()
		kill()
		p.others.Wait()
		p.close()
		r.exited(s, c, code)
		close(p.done)
	})
	return nil
}

// open gives the first process its streams.
func (p *process) open(cfg *runtimeapi.ContainerConfig) {
	p.stdout = newOutput(&stream{ctx: p.ctx, log: p.log, name: "stdout"})
	p.stdinOnce = cfg.GetStdinOnce()
	if cfg.GetTty() {
		p.tty = proc.NewTTY(p.stdout, p.Table)
		p.TTY, p.Stdout, p.Stderr = p.tty, p.tty, p.tty
		p.Stdin = p.tty
		if !cfg.GetStdin() {
			p.tty.EndInput()
		}
	} else {
		p.stderr = newOutput(&stream{ctx: p.ctx, log: p.log, name: "stderr"})
		p.Stdout, p.Stderr = p.stdout, p.stderr
		if cfg.GetStdin() {
			p.stdin = proc.NewPipe()
			p.Stdin = p.stdin
		}
	}
	context.AfterFunc(p.ctx, func() {
		p.stdout.abandon()
		p.stderr.abandon()
	})
}

// close writes what is left of the process's output.
func (p *process) close() {
	p.stdout.log.flush()
	if p.stderr != nil {
		p.stderr.log.flush()
	}
	if p.stdin != nil {
		p.stdin.Close()
	}
	p.log.close()
}

// enter goes to the working directory. As runc does, it makes one that is not
// there.
func enter(p *proc.Process) error {
	info, err := p.Files.Stat(p.Dir)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("mkdir %s: not a directory", p.Dir)
	case errors.Is(err, fs.ErrNotExist):
		if err := p.Files.Mkdir(p.Dir, true); err != nil {
			return fmt.Errorf("error creating working directory: %w", err)
		}
	}
	return nil
}

// newWorld makes what the processes of a container share. It is made anew when
// the container starts, for it is started once.
func (r *Runtime) newWorld(s *sandbox, c *container) *proc.Container {
	img, _ := r.images.byID(c.imageID)
	w := &proc.Container{
		Files: c.files, Net: s.host, Hostname: s.config.GetHostname(), Table: r.tableOf(s, c),
		Sysctls:  s.config.GetLinux().GetSysctls(),
		Security: securityOf(c.config.GetLinux().GetSecurityContext(), c.user),
		Usage:    r.newUsage(c),
	}
	if img != nil {
		w.Image = proc.Image{Ref: img.ref.String(), Repository: img.ref.Name(), Version: img.product.Version, LookUp: img.product.LookUp}
	}
	shell.MountProc(w)
	return w
}

// newProcess makes a process of a container with the environment, the directory
// and the user that the container was created with. r.mu is held.
func (r *Runtime) newProcess(c *container, args []string) *proc.Process {
	img, _ := r.images.byID(c.imageID)
	var product catalogue.Product
	if img != nil {
		product = img.product
	}
	dir := c.config.GetWorkingDir()
	if dir == "" {
		dir = product.Dir
	}
	env := environment(product, c.config, c.world.Hostname)
	if _, ok := env["HOME"]; !ok {
		env["HOME"] = c.home
	}
	if c.config.GetTty() {
		env["TERM"] = "xterm"
	}
	p := c.world.NewProcess(args, env, dir)
	p.User = c.user
	return p
}

func environment(p catalogue.Product, cfg *runtimeapi.ContainerConfig, hostname string) map[string]string {
	env := map[string]string{
		"PATH":     "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOSTNAME": hostname,
	}
	for _, kv := range p.Env {
		k, v, _ := strings.Cut(kv, "=")
		env[k] = v
	}
	for _, kv := range cfg.GetEnvs() {
		env[kv.GetKey()] = string(kv.GetValue())
	}
	return env
}
