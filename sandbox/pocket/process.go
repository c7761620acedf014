package pocket

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// task is what a program sees of the world: its arguments, environment,
// streams and files. Commands of a script get a copy with their own.
type task struct {
	argv   []string
	env    map[string]string
	dir    string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer

	files    *files
	ports    *ports
	image    *image
	hostname string
	term     *termination
}

// program runs until it ends, or until ctx does, which is SIGKILL. A program
// that handles SIGTERM watches t.term; one that does not is, as the first
// process of a container, not ended by it. The result is the exit code.
type program func(ctx context.Context, t *task) int

// killedCode is the exit code of a process ended by SIGKILL.
const killedCode = 128 + 9

// termination is SIGTERM: sent once, seen by all who look.
type termination struct {
	once sync.Once
	sent chan struct{}
}

func newTermination() *termination { return &termination{sent: make(chan struct{})} }

func (t *termination) send() { t.once.Do(func() { close(t.sent) }) }

func (t *termination) pending() bool {
	select {
	case <-t.sent:
		return true
	default:
		return false
	}
}

// process is the running first process of a container.
type process struct {
	kill context.CancelFunc
	term *termination
	log  *logFile
	done chan struct{}
}

func (p *process) terminate() { p.term.send() }

// wait returns when the process has ended and its end is recorded, or ctx is over.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// startProcess runs a container's command on a goroutine of its own, which
// Shutdown waits for. r.mu is held.
func (r *Runtime) startProcess(s *sandbox, c *container, cmd command) error {
	log, err := openLog(c.logPath)
	if err != nil {
		return err
	}
	ctx, kill := context.WithCancel(r.ctx)
	p := &process{kill: kill, term: newTermination(), log: log, done: make(chan struct{})}
	t := r.newTask(s, c, cmd)
	stdout := &stream{ctx: ctx, log: log, name: "stdout"}
	stderr := &stream{ctx: ctx, log: log, name: "stderr"}
	t.stdin, t.stdout, t.stderr, t.term = strings.NewReader(""), stdout, stderr, p.term
	c.process = p
	r.procs.Go(func() {
		code := run(ctx, cmd.program, t)
		stdout.flush()
		stderr.flush()
		s.ports.release(t)
		killed := ctx.Err() != nil
		kill()
		if killed {
			code = killedCode
		}
		log.close()
		r.exited(s, c, code)
		close(p.done)
	})
	return nil
}

// run guards the process of the whole cluster against a fault in one program:
// it ends like a program that crashed.
func run(ctx context.Context, p program, t *task) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Fprintf(t.stderr, "%s: the sandbox's own program failed: %v\n", path.Base(t.argv[0]), fault)
			code = 128 + 6 // as after abort(3)
		}
	}()
	return p(ctx, t)
}

func (r *Runtime) newTask(s *sandbox, c *container, cmd command) *task {
	img, _ := r.images.byID(c.imageID)
	hostname := s.config.GetHostname()
	t := &task{
		argv:     cmd.argv,
		env:      environment(img, c.config, hostname),
		dir:      c.config.GetWorkingDir(),
		files:    c.files,
		ports:    s.ports,
		image:    img,
		hostname: hostname,
		term:     newTermination(),
	}
	if t.dir == "" {
		t.dir = "/"
	}
	return t
}

func environment(img *image, cfg *runtimeapi.ContainerConfig, hostname string) map[string]string {
	env := map[string]string{
		"PATH":     "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOSTNAME": hostname,
		"HOME":     "/root",
	}
	if img != nil {
		for _, kv := range img.product.env {
			k, v, _ := strings.Cut(kv, "=")
			env[k] = v
		}
	}
	for _, kv := range cfg.GetEnvs() {
		env[kv.GetKey()] = string(kv.GetValue())
	}
	return env
}

// environ is the environment as KEY=value lines in order of key.
func (t *task) environ() []string {
	list := make([]string, 0, len(t.env))
	for _, k := range slices.Sorted(maps.Keys(t.env)) {
		list = append(list, k+"="+t.env[k])
	}
	return list
}

// path makes a name absolute in the task's working directory.
func (t *task) path(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(t.dir, name)
}

// fail prints an error the way the command itself would and returns code.
func (t *task) fail(code int, format string, args ...any) int {
	fmt.Fprintf(t.stderr, path.Base(t.argv[0])+": "+format+"\n", args...)
	return code
}
