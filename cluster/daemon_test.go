package cluster

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// fakePlan is read by the fake daemon from DIR/plan.json.
type fakePlan struct {
	Exit int    // exit at once with this code, after saying Say
	Say  string // on stderr
	Fail string // fail in the stage kube-apiserver with this error
	// Hold makes the start wait until the file DIR/go exists.
	Hold bool
}

func (p fakePlan) write(t *testing.T, dir string) {
	t.Helper()
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "plan.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

type daemonState struct {
	dir string

	mu      sync.Mutex
	status  Status
	linger  time.Duration
	keep    bool
	changed chan struct{}
	stop    chan struct{}
	once    sync.Once
}

func (d *daemonState) update(fn func(*Status)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fn(&d.status)
	data, err := json.Marshal(d.status)
	if err == nil {
		fresh := filepath.Join(d.dir, ".status")
		if err = os.WriteFile(fresh, data, 0o600); err == nil {
			err = os.Rename(fresh, filepath.Join(d.dir, "status.json"))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *daemonState) follow() (Status, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.status, d.changed
}

func (d *daemonState) lease(w http.ResponseWriter, r *http.Request) {
	linger, _ := time.ParseDuration(r.FormValue("linger"))
	d.update(func(s *Status) {
		s.Leases++
		d.linger, d.keep = max(d.linger, linger), d.keep || r.FormValue("keep") == "true"
	})
	for {
		status, changed := d.follow()
		if json.NewEncoder(w).Encode(status) != nil || http.NewResponseController(w).Flush() != nil {
			break
		}
		select {
		case <-changed:
			continue
		case <-d.stop:
		case <-r.Context().Done():
		}
		break
	}
	d.update(func(s *Status) { s.Leases-- })
	if status, _ := d.follow(); status.Leases == 0 && !d.keep {
		select {
		case <-time.After(d.linger):
		case <-d.stop:
		}
		d.end()
	}
}

func (d *daemonState) end() { d.once.Do(func() { close(d.stop) }) }

// FakeDaemon is a sandbox without a Kubernetes: it speaks the protocol between
// the two programs. It returns the exit code.
func FakeDaemon(dir string) int {
	var plan fakePlan
	if data, err := os.ReadFile(filepath.Join(dir, "plan.json")); err == nil && json.Unmarshal(data, &plan) != nil {
		return 3
	}
	if plan.Exit != 0 {
		fmt.Fprintln(os.Stderr, plan.Say)
		return plan.Exit
	}
	lock := flock.New(filepath.Join(dir, "lock"))
	if free, err := lock.TryLock(); err != nil || !free {
		fmt.Fprintln(os.Stderr, "another sandbox has this folder")
		return 0
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1
	}
	token := rand.Text() // another test's sandbox may get the port that this one lets go of
	d := &daemonState{dir: dir, changed: make(chan struct{}), stop: make(chan struct{})}
	d.status = Status{
		PID: os.Getpid(), Version: "v1.37.2", Stage: StageStarting, Dir: dir, Token: token,
		Control: listener.Addr().String(), StartedAt: time.Now(),
		Stages: []Stage{{Name: "etcd", State: "waiting"}, {Name: "kube-apiserver", State: "waiting"}},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		status, _ := d.follow()
		json.NewEncoder(w).Encode(status)
	})
	mux.HandleFunc("GET /lease", d.lease)
	mux.HandleFunc("POST /shutdown", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		d.end()
	})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			http.Error(w, "who are you", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})}
	go server.Serve(listener)
	d.update(func(s *Status) { s.Stages[0].State = "running" })
	for plan.Hold && !exists(filepath.Join(dir, "go")) {
		select {
		case <-d.stop:
			return 0
		case <-time.After(5 * time.Millisecond):
		}
	}
	d.update(func(s *Status) { s.Stages[0] = Stage{"etcd", "done", 60} })
	if plan.Fail != "" {
		d.update(func(s *Status) {
			s.Stage, s.Error, s.Stages[1].State = StageFailed, plan.Fail, "failed"
		})
	} else {
		d.update(func(s *Status) { s.Stages[1] = Stage{"kube-apiserver", "done", 2700} })
		d.update(func(s *Status) { s.Stage, s.ReadyAt = StageReady, time.Now() })
	}
	<-d.stop
	d.update(func(s *Status) { s.Stage = StageStopping })
	server.Close()
	return 0
}

// newFake returns a sandbox client whose companion is this test binary.
func newFake(t *testing.T, plan fakePlan) Sandbox {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := Sandbox{Dir: filepath.Join(t.TempDir(), "sandbox"), Program: self, Env: os.Getenv}
	plan.write(t, s.Dir)
	t.Cleanup(func() {
		if err := s.Down(context.Background(), false); err != nil {
			t.Error(err)
		}
	})
	return s
}

// eventually waits until check has nothing to complain of.
func eventually(t *testing.T, within time.Duration, check func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for {
		err := check()
		if err == nil {
			return
		}
		if pause(ctx, 5*time.Millisecond) != nil {
			t.Fatalf("after %v still: %v", within, err)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
