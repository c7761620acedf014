package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/k8stutor/k8stutor/internal/onpath"
	"github.com/k8stutor/k8stutor/lessons"
)

// sandboxContext is the context name in the kubeconfig the sandbox writes.
const sandboxContext = "k8stutor-sandbox"

// Stages in the life of the sandbox's process.
const (
	StageStarting = "starting"
	StageReady    = "ready"
	StageStopping = "stopping"
	StageFailed   = "failed"
	// StageStopped is never written by the sandbox: it is what Status says when
	// there is none.
	StageStopped = "stopped"
)

// Sandbox is the client of the sandbox whose files are in Dir. The sandbox is
// a process of its own, shared by all tutors of one learner; the zero Program
// means the companion as FindCompanion finds it from Env.
type Sandbox struct {
	Dir     string
	Program string
	Env     func(string) string
}

// FindCompanion returns the path of the program k8stutor-sandbox:
// $K8STUTOR_SANDBOX, else beside this program, else on PATH.
func FindCompanion(env func(string) string) (string, error) {
	const name = "k8stutor-sandbox"
	missing := func(err error) error {
		return &lessons.ClusterError{
			Trouble: lessons.NoSandbox,
			Op:      "find the program " + name,
			Err:     err,
			Hint: say("It comes with k8stutor: keep both programs in one folder, or set K8STUTOR_SANDBOX to its path; `go install github.com/k8stutor/k8stutor/...@latest` builds both. Without it, use minikube or another cluster: `k8stutor --cluster CONTEXT`.",
				"它随 k8stutor 一起提供：请把两个程序放在同一个目录，或者把 K8STUTOR_SANDBOX 设为它的路径；`go install github.com/k8stutor/k8stutor/...@latest` 会构建这两个程序。没有它也可以使用 minikube 或其他集群：`k8stutor --cluster CONTEXT`。"),
		}
	}
	if path := env("K8STUTOR_SANDBOX"); path != "" {
		if err := onpath.Executable(path); err != nil {
			return "", missing(fmt.Errorf("K8STUTOR_SANDBOX: %w", err))
		}
		return filepath.Abs(path)
	}
	var tried []string
	if self, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			self = real
		}
		beside := filepath.Join(filepath.Dir(self), name+onpath.Suffix)
		if onpath.Executable(beside) == nil {
			return beside, nil
		}
		tried = append(tried, beside)
	}
	if path, err := onpath.Find(env, name); err == nil {
		return filepath.Abs(path)
	}
	return "", missing(fmt.Errorf("not at %s, and not on PATH", strings.Join(tried, ", ")))
}

// Kubeconfig is the path of the kubeconfig that the sandbox writes.
func (s Sandbox) Kubeconfig() string { return filepath.Join(s.Dir, "kubeconfig") }

// Status asks the sandbox how it is. When none runs the stage is
// StageStopped, or StageFailed with the reason when the last one failed.
func (s Sandbox) Status(ctx context.Context) (Status, error) {
	last, err := s.readStatus()
	if errors.Is(err, fs.ErrNotExist) {
		return Status{Stage: StageStopped, Dir: s.Dir}, nil
	}
	if err != nil {
		return Status{}, s.trouble("read the sandbox's status", err, nil)
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	response, err := s.control(ctx, last, http.MethodGet, "/status")
	if err != nil {
		if alive(last.PID) && ctx.Err() != nil {
			return last, s.trouble("ask the sandbox for its status", err, s.hintStuck(last.PID))
		}
		if last.Stage != StageFailed {
			last.Stage = StageStopped
		}
		last.Leases, last.Nodes, last.MemoryBytes = 0, nil, 0
		return last, nil
	}
	defer response.Body.Close()
	var now Status
	if err := json.NewDecoder(response.Body).Decode(&now); err != nil {
		return last, s.trouble("ask the sandbox for its status", err, nil)
	}
	return now, nil
}

// Down stops the sandbox and waits until its process is gone; purge also
// deletes all that was kept in it. It is no error when none runs.
func (s Sandbox) Down(ctx context.Context, purge bool) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var told int // pid of the sandbox that took the order
	for {
		last, err := s.readStatus()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return s.trouble("stop the sandbox", err, nil)
		}
		if told == 0 && s.shutdown(ctx, last) == nil {
			told = last.PID
		}
		held, err := s.held()
		if err != nil {
			return s.trouble("stop the sandbox", err, nil)
		}
		// The lock is let go of at the very end, but before the process is gone.
		if !held && (told == 0 || !alive(told)) {
			break
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return s.trouble("stop the sandbox", fmt.Errorf("process %d is still there: %w", last.PID, err), s.hintStuck(last.PID))
		}
	}
	if purge {
		return s.purge()
	}
	return nil
}

// shutdown tells the sandbox to stop.
func (s Sandbox) shutdown(ctx context.Context, last Status) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	response, err := s.control(ctx, last, http.MethodPost, "/shutdown")
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// held reports whether a sandbox process has the folder. The question takes
// the lock for a moment, which may turn away a sandbox that is just starting:
// it is for those who want none.
func (s Sandbox) held() (bool, error) {
	path := filepath.Join(s.Dir, lockName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	lock := flock.New(path)
	free, err := lock.TryRLock()
	if err != nil {
		return false, err
	}
	return !free, lock.Unlock()
}

// purge deletes the sandbox's folder, if it is one.
func (s Sandbox) purge() error {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return s.trouble("delete the sandbox's data", err, nil)
	}
	ours := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == lockName || e.Name() == statusName })
	if len(entries) > 0 && !ours {
		return s.trouble("delete the sandbox's data", errors.New("the folder holds other things than a sandbox"),
			say("Nothing was deleted. Look at what is there.", "没有删除任何内容。请检查该目录里的文件。"))
	}
	if err := os.RemoveAll(s.Dir); err != nil {
		return s.trouble("delete the sandbox's data", err, nil)
	}
	return nil
}

const (
	lockName   = "lock"
	statusName = "status.json"
)

// readStatus reads the status that the sandbox wrote last; it may be dead.
func (s Sandbox) readStatus() (Status, error) {
	data, err := os.ReadFile(filepath.Join(s.Dir, statusName))
	if err != nil {
		return Status{}, err
	}
	var status Status
	if err := json.Unmarshal(data, &status); err != nil {
		return Status{}, fmt.Errorf("%s: %w", statusName, err)
	}
	return status, nil
}

// control makes one request to the control endpoint. The caller closes the
// body of the response, which is always one of success.
func (s Sandbox) control(ctx context.Context, status Status, method, path string) (*http.Response, error) {
	response, err := s.request(ctx, status, method, path)
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		defer response.Body.Close()
		said, _ := io.ReadAll(io.LimitReader(response.Body, 512))
		return nil, fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(said)))
	}
	return response, nil
}

// request makes one request to the control endpoint, whatever comes of it. The
// caller closes the body of the response.
func (s Sandbox) request(ctx context.Context, status Status, method, path string) (*http.Response, error) {
	if status.Control == "" {
		return nil, errors.New("it has no control endpoint yet")
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+status.Control+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+status.Token)
	// A transport of its own: no proxy from the environment may come between,
	// and a lease must be a connection that nothing else uses.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return nil, plain(err)
	}
	return response, nil
}

func (s Sandbox) trouble(op string, err error, hint lessons.Text) error {
	if hint == nil {
		hint = say("What the sandbox did is in %s (`k8stutor sandbox logs`). If it does not start any more, `k8stutor sandbox down --purge` begins anew and forgets what was in it.",
			"沙箱的日志在 %s（`k8stutor sandbox logs`）。如果它无法再启动，`k8stutor sandbox down --purge` 会重新开始，但其中的内容会丢失。", filepath.Join(s.Dir, "logs"))
	}
	return &lessons.ClusterError{Trouble: lessons.NoSandbox, Op: op, Server: s.Dir, Err: err, Hint: hint}
}

func (s Sandbox) hintStuck(pid int) lessons.Text {
	return say("It hangs. End it with `kill %d`; what was in the sandbox is kept.", "它没有响应。请用 `kill %d` 结束它，沙箱里的内容会保留。", pid)
}

// pause waits for d, or for the end of ctx, which it returns as an error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
