package pocket

import (
	"context"
	"fmt"
	"path"
	"strings"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/catalogue"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
)

// process is the running first process of a container.
type process struct {
	*proc.Process
	kill context.CancelFunc
	log  *logFile
	done chan struct{}
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

// command is a program that was found, with its arguments.
type command struct {
	program proc.Program
	args    []string
}

// lookUpCommand finds what a container runs, or fails as runc does.
func lookUpCommand(img *image, cfg *runtimeapi.ContainerConfig) (command, error) {
	if img == nil {
		return command{}, startError("the image was removed")
	}
	args := img.product.CommandLine(cfg.GetCommand(), cfg.GetArgs())
	if len(args) == 0 {
		return command{}, fmt.Errorf("failed to generate container spec: no command specified")
	}
	if p, ok := img.product.LookUp(args[0]); ok {
		return command{p, args}, nil
	}
	if img.product.StandsIn {
		return command{programs.StandIn, args}, nil
	}
	if path.Base(args[0]) != args[0] {
		return command{}, startError(fmt.Sprintf("exec: %q: stat %s: no such file or directory", args[0], args[0]))
	}
	return command{}, startError(fmt.Sprintf("exec: %q: executable file not found in $PATH", args[0]))
}

func startError(cause string) error {
	return fmt.Errorf("failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "+
		"unable to start container process: error during container init: %s", cause)
}

// startProcess runs a container's command on a goroutine of its own, which
// Shutdown waits for. r.mu is held.
func (r *Runtime) startProcess(s *sandbox, c *container, cmd command) error {
	log, err := openLog(c.logPath)
	if err != nil {
		return err
	}
	ctx, kill := context.WithCancel(r.ctx)
	stdout := &stream{ctx: ctx, log: log, name: "stdout"}
	stderr := &stream{ctx: ctx, log: log, name: "stderr"}
	c.world = r.newWorld(s, c)
	first := r.newProcess(c, cmd.args)
	first.Stdout, first.Stderr = stdout, stderr
	p := &process{Process: first, kill: kill, log: log, done: make(chan struct{})}
	c.process = p
	r.procs.Go(func() {
		code := first.Run(ctx, cmd.program)
		stdout.flush()
		stderr.flush()
		kill()
		log.close()
		r.exited(s, c, code)
		close(p.done)
	})
	return nil
}

// newWorld makes what the processes of a container share. It is made anew when
// the container starts, for it is started once.
func (r *Runtime) newWorld(s *sandbox, c *container) *proc.Container {
	img, _ := r.images.byID(c.imageID)
	w := &proc.Container{
		Files: c.files, Net: s.host, Hostname: s.config.GetHostname(), Table: proc.NewTable(),
		Usage: proc.NewUsage(func() {}),
	}
	if img != nil {
		w.Image = proc.Image{Ref: img.ref.String(), Repository: img.ref.Name(), Version: img.product.Version, LookUp: img.product.LookUp}
	}
	return w
}

// newProcess makes a process of a container with the environment and the
// directory that the container was created with.
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
	return c.world.NewProcess(args, environment(product, c.config, c.world.Hostname), dir)
}

func environment(p catalogue.Product, cfg *runtimeapi.ContainerConfig, hostname string) map[string]string {
	env := map[string]string{
		"PATH":     "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOSTNAME": hostname,
		"HOME":     "/root",
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
