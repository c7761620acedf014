package cluster

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// startTimeout bounds the start of the sandbox. It takes seconds; a machine
// under load, or a slow disk, a multiple of that.
const startTimeout = 90 * time.Second

// Lease keeps the sandbox running: it is an open connection, so it ends with
// this process however that ends.
type Lease struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when the reader has ended
	ready  chan struct{} // closed at the first status that is ready or failed

	mu   sync.Mutex
	last Status
}

// Done is closed when the lease has ended: by Close, or because the sandbox
// is gone.
func (l *Lease) Done() <-chan struct{} { return l.done }

// Status returns what the sandbox said last.
func (l *Lease) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Close gives the lease back and waits until nothing of it is running here.
func (l *Lease) Close() {
	l.cancel()
	<-l.done
}

// LeaseOptions say how long the sandbox stays when its last user is gone.
type LeaseOptions struct {
	// Keep makes it stay until it is told to stop (or, after hours without any
	// user, by itself).
	Keep bool
	// Linger is how long it stays after this lease.
	Linger time.Duration
}

// Up makes sure that the sandbox runs, starting it where it does not, and
// waits until it is ready. The start is reported as the sandbox reports it.
// The sandbox stays at least until the lease is closed.
func (s Sandbox) Up(ctx context.Context, options LeaseOptions, progress func(Progress)) (*Lease, error) {
	bounded, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var started *daemon
	for {
		wait := 20 * time.Millisecond
		lease, err := s.join(bounded, options, progress)
		if err == nil {
			return lease, nil
		}
		if failure, ok := errors.AsType[startFailure](err); ok {
			return nil, s.trouble("start the sandbox", failure, nil)
		}
		if bounded.Err() != nil {
			return nil, s.trouble("start the sandbox", fmt.Errorf("it was not ready in time: %w", err), nil)
		}
		// Nobody to join. One that was started here and has ended said why,
		// unless it ended because another one was faster.
		if started != nil && started.ended() {
			if said := started.failed(); said != nil {
				// On a full disk it cannot even write down that it is full.
				if full := writable(s.Dir); full != nil {
					return nil, s.trouble("start the sandbox", full, say("Make room on that disk, or choose another folder with XDG_STATE_HOME; what was in the sandbox is kept.",
						"请清理这块磁盘，或用 XDG_STATE_HOME 换一个目录；沙箱里的内容会保留。"))
				}
				return nil, s.trouble("start the sandbox", said, nil)
			}
			started = nil
			wait = 200 * time.Millisecond
		} else if started == nil {
			// Whether one runs that has not said so yet is the daemon's to find
			// out: it holds the lock, and a second one ends at once.
			if started, err = s.spawn(); err != nil {
				return nil, err
			}
		}
		if err := pause(bounded, wait); err != nil {
			return nil, s.trouble("start the sandbox", fmt.Errorf("nothing answered in time: %w", err), nil)
		}
	}
}

// startFailure is what the sandbox itself gave as the reason for not starting.
type startFailure struct{ said string }

func (f startFailure) Error() string { return f.said }

// join takes a lease on the sandbox that runs and waits until it is ready.
func (s Sandbox) join(ctx context.Context, options LeaseOptions, progress func(Progress)) (*Lease, error) {
	status, err := s.readStatus()
	if err != nil {
		return nil, err
	}
	if !alive(status.PID) || status.Stage == StageStopping {
		return nil, errors.New("none is running")
	}
	query := url.Values{"linger": {options.Linger.String()}, "keep": {strconv.FormatBool(options.Keep)}}
	// The lease outlives ctx, which is only the start's.
	held, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	response, err := s.control(held, status, http.MethodGet, "/lease?"+query.Encode())
	if err != nil {
		stop()
		cancel()
		return nil, err
	}
	lease := &Lease{cancel: cancel, done: make(chan struct{}), ready: make(chan struct{})}
	go lease.read(response, progress)
	select {
	case <-lease.ready:
	case <-lease.done:
	}
	now := lease.Status()
	if !stop() || now.Stage != StageReady {
		lease.Close()
		switch {
		case now.Stage == StageFailed:
			return nil, startFailure{now.Error}
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		return nil, errors.New("it ended before it was ready")
	}
	return lease, nil
}

// read follows the statuses that come through the lease until it ends.
func (l *Lease) read(response *http.Response, progress func(Progress)) {
	defer close(l.done)
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	var settled bool
	for lines.Scan() {
		var status Status
		if err := json.Unmarshal(lines.Bytes(), &status); err != nil {
			continue
		}
		if !settled && progress != nil {
			report(l.Status().Stages, status.Stages, progress)
		}
		l.mu.Lock()
		l.last = status
		l.mu.Unlock()
		if !settled && (status.Stage == StageReady || status.Stage == StageFailed || status.Stage == StageStopping) {
			settled = true
			close(l.ready)
		}
	}
}

// report tells progress of every stage that changed.
func report(before, now []Stage, progress func(Progress)) {
	for i, stage := range now {
		if i < len(before) && before[i].Name == stage.Name && before[i].State == stage.State {
			continue
		}
		var detail string
		if stage.Millis > 0 {
			detail = (time.Duration(stage.Millis) * time.Millisecond).String()
		}
		progress(Progress{Stage: stage.Name, State: stage.State, Detail: detail})
	}
}

// daemon is a sandbox process started by this one.
type daemon struct {
	output string // path of what it printed, "" if that could not be kept
	done   chan struct{}
	err    error // of the process; read after done
}

// spawn starts the companion so that it does not belong to this terminal.
func (s Sandbox) spawn() (*daemon, error) {
	program := s.Program
	if program == "" {
		found, err := FindCompanion(s.Env)
		if err != nil {
			return nil, err
		}
		program = found
	}
	if err := os.MkdirAll(filepath.Join(s.Dir, "logs"), 0o700); err != nil {
		return nil, s.trouble("start the sandbox", err, say("Its folder must be writable. Choose another with XDG_STATE_HOME, or use another cluster: `k8stutor --cluster CONTEXT`.",
			"它的目录必须可写。请用 XDG_STATE_HOME 指定其他目录，或者使用其他集群：`k8stutor --cluster CONTEXT`。"))
	}
	command := exec.Command(program, "serve", "--dir", s.Dir)
	command.Dir = s.Dir
	command.SysProcAttr = detached()
	command.Env = s.environment()
	d := &daemon{done: make(chan struct{})}
	// A file, not a pipe: a daemon that prints after this process is gone must
	// not die of it.
	path := filepath.Join(s.Dir, "logs", "output.log")
	if output, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err == nil {
		defer output.Close()
		command.Stdout, command.Stderr = output, output
		d.output = path
	}
	if err := command.Start(); err != nil {
		return nil, s.trouble("start the sandbox", fmt.Errorf("%s: %w", program, err), nil)
	}
	// It may run for as long as the daemon, which may outlive every user here:
	// it only collects the exit code, so that no zombie is taken for a sandbox.
	go func() {
		defer close(d.done)
		d.err = command.Wait()
	}()
	return d, nil
}

// environment is this process's, but the collector's settings are those that
// Env has: a sandbox that proves courses trades memory for time.
func (s Sandbox) environment() []string {
	all := os.Environ()
	if s.Env == nil {
		return all
	}
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if value := s.Env(name); value != "" {
			all = append(all, name+"="+value)
		}
	}
	return all
}

func (d *daemon) ended() bool {
	select {
	case <-d.done:
		return true
	default:
		return false
	}
}

// failed says why an ended daemon failed, nil if it ended in order (another
// one holds the folder).
func (d *daemon) failed() error {
	if d.err == nil {
		return nil
	}
	said, err := os.ReadFile(d.output)
	text := strings.TrimSpace(string(said))
	if err != nil || text == "" {
		return d.err
	}
	if lines := strings.Split(text, "\n"); len(lines) > 5 {
		text = strings.Join(lines[len(lines)-5:], "\n")
	}
	return fmt.Errorf("%w: %s", d.err, text)
}

// writable says in a word why nothing can be written in a folder, nil if
// something can.
func writable(dir string) error {
	err := probe(dir)
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return file.Err // the file is of no interest
	}
	return err
}

func probe(dir string) error {
	f, err := os.CreateTemp(dir, ".probe-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, 4096))
	return errors.Join(err, f.Close())
}
