// Package sandbox runs a whole Kubernetes in one process, without containers
// and without privileges: etcd, kube-apiserver, kube-controller-manager,
// kube-scheduler and the kubelet, all of them real, over the container runtime
// of sandbox/pocket, which is not.
//
// It promises to listen on loopback only, to let in only who holds the
// credentials it made, to keep everything it writes in one directory with mode
// 0600 or 0700, to keep the cluster's objects from one run to the next, and to
// end soon after its last user does.
//
// Only cmd/k8stutor-sandbox imports it: it links Kubernetes, which costs a
// program 170 MB and a twentieth of a second at every start. Others talk to it
// through the status file and the control endpoint described in status.go and
// control.go.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"k8s.io/component-base/version"

	"github.com/k8stutor/k8stutor/sandbox/quietqueues"
)

// Options say where a sandbox lives and for how long.
type Options struct {
	// Dir holds all state; it is made with mode 0700. Required.
	Dir string

	// Idle is how long a sandbox that was asked to stay remains without any
	// user; 0 means 2 hours.
	Idle time.Duration
}

const (
	defaultIdle = 2 * time.Hour
	// firstUser is how long a new sandbox waits for somebody to use it.
	firstUser = time.Minute
	// endLimit is how long to wait for another sandbox that is stopping.
	endLimit = 10 * time.Second
	// startLimit ends an attempt to start that got stuck.
	startLimit = 2 * time.Minute
)

// RunningError says that another process already runs the sandbox in Dir.
type RunningError struct{ Dir string }

func (e *RunningError) Error() string {
	return fmt.Sprintf("a sandbox is already running in %s", e.Dir)
}

// Run starts the sandbox in opts.Dir and returns after it has stopped in
// order: when ctx ends, when its last user is gone, or when it is told to over
// the control endpoint. It returns *RunningError when another process has the
// directory. The Kubernetes components cannot be started twice in one process.
func Run(ctx context.Context, opts Options) error {
	if opts.Idle <= 0 {
		opts.Idle = defaultIdle
	}
	quietqueues.Use()
	dir, err := prepareDir(opts.Dir)
	if err != nil {
		return err
	}
	lock, err := takeOver(ctx, dir)
	if err != nil {
		return err
	}
	defer lock.Unlock()

	logs, err := openLogs(filepath.Join(dir, "logs"), sandboxLogs())
	if err != nil {
		return err
	}
	defer logs.close()
	users := newLeases(time.Now(), firstUser, opts.Idle)
	state, err := newTracker(dir, users)
	if err != nil {
		return err
	}
	control, err := startControl(state, users)
	if err != nil {
		return state.fail(fmt.Errorf("start the control endpoint: %w", err))
	}
	defer control.stop()

	var watch sync.WaitGroup
	defer watch.Wait()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch.Go(func() { cancel(users.wait(ctx, control.shutdown)) })
	return serve(ctx, dir, state, control, logs)
}

// takeOver locks the directory. It waits for a sandbox that is about to end,
// and returns *RunningError for one that is not.
func takeOver(ctx context.Context, dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	limit := time.Now().Add(endLimit)
	for {
		locked, err := lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
		}
		if locked {
			return lock, nil
		}
		s, err := ReadStatus(dir)
		ending := err == nil && (s.Stage == StageStopping || s.Stage == StageFailed)
		if !ending || time.Now().After(limit) {
			return nil, &RunningError{Dir: dir}
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// errDone is the cause of an end that was wanted.
var errDone = errors.New("stopped")

// serve starts the cluster, waits for ctx or a component to end, and stops
// what was started.
func serve(ctx context.Context, dir string, state *tracker, control *control, logs *logs) error {
	logs.sandbox.Info("starting", "pid", os.Getpid(), "version", version.Get().GitVersion, "dir", dir)
	begin := time.Now()
	c, err := startCluster(ctx, dir, state, logs)
	if err == nil {
		logs.sandbox.Info("ready", "after", time.Since(begin))
		spareMemory()
		control.attach(c)
		state.setStage(StageReady)
		var restraining sync.WaitGroup
		ready, end := context.WithCancel(ctx)
		restraining.Go(func() { restrain(ready, logs.sandbox) })
		select {
		case <-ctx.Done():
		case err = <-c.failed:
		}
		end()
		restraining.Wait()
	}
	if err != nil && ctx.Err() == nil {
		logs.sandbox.Error("failed", "err", err)
		err = state.fail(err)
	} else {
		logs.sandbox.Info("stopping", "because", context.Cause(ctx))
		state.setStage(StageStopping)
		err = nil
	}
	c.stop(logs.sandbox)
	logs.sandbox.Info("stopped")
	return err
}

// runGC is how much garbage may pile up, in percent of what is in use, once the
// cluster has started: from then on memory is dearer than time. About 122 MB are
// in use then.
const runGC = 40

// memoryLimit is what the Go runtime may take before the collector works harder,
// in bytes. Besides it about 140 MB of the program itself are resident. It
// leaves the heap 240 MB: what runGC allows with a hundred Pods and some more.
// At 240 MB, which left the heap 158, such a sandbox at rest collected every
// five seconds and took a tenth of a processor.
const memoryLimit = 320 << 20

// spareMemory gives back what only the start needed.
func spareMemory() {
	debug.SetGCPercent(runGC)
	debug.SetMemoryLimit(memoryLimit)
	debug.FreeOSMemory()
}

// prepareDir makes the directory and finds out early whether it can be used.
func prepareDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no directory given for the sandbox's state")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	hint := "; free some space or choose another directory with XDG_STATE_HOME"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the sandbox's directory: %w%s", err, hint)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	// The directory may have been there, and more open than it should be.
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", fmt.Errorf("protect the sandbox's directory: %w", err)
	}
	if err := writeFile(filepath.Join(dir, "write-test"), make([]byte, 64<<10)); err != nil {
		return "", fmt.Errorf("write to the sandbox's directory: %w%s", err, hint)
	}
	if free, err := diskSpace(dir); err == nil && free < minDiskSpace {
		return "", fmt.Errorf("only %d MB are free in %s; the sandbox needs %d%s", free>>20, dir, minDiskSpace>>20, hint)
	}
	return dir, os.Remove(filepath.Join(dir, "write-test"))
}

// minDiskSpace is what a sandbox must find free at its start, in bytes. Less
// would not last long, and a disk that is full could be taken for damaged data.
const minDiskSpace = 100 << 20

// writeFile replaces a file in one step, readable by its owner only.
func writeFile(name string, content []byte) error {
	draft, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = draft.Write(content)
	if closed := draft.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(draft.Name(), name)
	}
	if err != nil {
		_ = os.Remove(draft.Name())
	}
	return err
}
