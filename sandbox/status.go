package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"k8s.io/component-base/version"
)

// The stages of a sandbox's life.
const (
	StageStarting = "starting"
	StageReady    = "ready"
	StageStopping = "stopping"
	StageFailed   = "failed"
)

// The states of one step of the start.
const (
	stepWaiting = "waiting"
	stepRunning = "running"
	stepDone    = "done"
	stepFailed  = "failed"
)

// The steps of the start, in order.
const (
	stepEtcd       = "etcd"
	stepAPIServer  = "kube-apiserver"
	stepController = "kube-controller-manager"
	stepScheduler  = "kube-scheduler"
	stepKubelet    = "kubelet"
	stepNode       = "node"
	stepNamespace  = "namespace"
)

// Status is what the sandbox tells about itself, in DIR/status.json and over
// its control endpoint. The file is mode 0600 and replaced in one step; a file
// whose process is gone means that no sandbox runs.
type Status struct {
	PID     int    `json:"pid"`
	Version string `json:"version"` // of Kubernetes, "v1.37.2"
	Stage   string `json:"stage"`
	Error   string `json:"error"` // why it failed, or what was repaired on the way
	Dir     string `json:"dir"`
	Server  string `json:"server"`  // URL of the API server, empty until it is known
	Control string `json:"control"` // HOST:PORT of the control endpoint
	Token   string `json:"token"`   // bearer token of the control endpoint

	StartedAt time.Time  `json:"startedAt"`
	ReadyAt   *time.Time `json:"readyAt,omitempty"`

	Stages      []Step `json:"stages"`
	Leases      int    `json:"leases"`      // users connected now
	MemoryBytes int64  `json:"memoryBytes"` // of this process
	Nodes       []Node `json:"nodes"`

	// EndsAt is when the sandbox stops by itself if nobody uses it until then,
	// absent while somebody does. IdleSeconds is how long it stays without any
	// user when it was asked to stay (Keep).
	EndsAt      *time.Time `json:"endsAt,omitempty"`
	Keep        bool       `json:"keep"`
	IdleSeconds int64      `json:"idleSeconds"`

	// Components and Ports are as of the question: only GET /status has them.
	Components []Component `json:"components,omitempty"`
	Ports      []Port      `json:"ports,omitempty"`
}

// Component is a part of the sandbox and how it is.
type Component struct {
	Name    string `json:"name"`
	Healthy bool   `json:"healthy"`
	Message string `json:"message,omitempty"` // what is wrong with it
}

// The kinds of Port.
const (
	PortAPIServer    = "api-server"
	PortNodePort     = "node-port"
	PortLoadBalancer = "load-balancer"
	PortIngress      = "ingress"
)

// Port is a place on this machine that leads into the cluster.
type Port struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"` // of the Service or Ingress
	Name      string `json:"name,omitempty"`
	Port      int32  `json:"port,omitempty"` // in the cluster
	Protocol  string `json:"protocol,omitempty"`
	Address   string `json:"address,omitempty"` // HOST:PORT on this machine
	Error     string `json:"error,omitempty"`   // why there is none
}

// Step is one step of the start.
type Step struct {
	Name   string `json:"name"`
	State  string `json:"state"` // waiting, running, done, failed
	Millis int64  `json:"millis"`
}

// Node is one node of the cluster.
type Node struct {
	Name        string `json:"name"`
	Ready       bool   `json:"ready"` // as the cluster sees it
	Schedulable bool   `json:"schedulable"`
	State       string `json:"state"`             // of its process: starting, running, failed, stopped
	Message     string `json:"message,omitempty"` // why it is not ready
	Address     string `json:"address"`
	PodCIDR     string `json:"podCIDR"`
	PID         int    `json:"pid,omitempty"`
	MemoryBytes int64  `json:"memoryBytes,omitempty"` // of its process; the first node's is the sandbox's
}

// tracker keeps the status, writes it to its file and wakes whoever follows
// it. It is safe for concurrent use.
type tracker struct {
	file  string
	users *leases

	mu      sync.Mutex
	status  Status
	began   map[string]time.Time
	changed chan struct{} // closed and replaced at each change
}

func newTracker(dir string, users *leases) (*tracker, error) {
	t := &tracker{
		file:    filepath.Join(dir, "status.json"),
		users:   users,
		began:   map[string]time.Time{},
		changed: make(chan struct{}),
		status: Status{
			PID:       os.Getpid(),
			Version:   version.Get().GitVersion,
			Stage:     StageStarting,
			Dir:       dir,
			Token:     rand.Text(),
			StartedAt: time.Now().UTC(),
			Nodes:     []Node{},
		},
	}
	for _, name := range []string{stepEtcd, stepAPIServer, stepController, stepScheduler, stepKubelet, stepNode, stepNamespace} {
		t.status.Stages = append(t.status.Stages, Step{Name: name, State: stepWaiting})
	}
	users.onChange = func() { t.update(func(*Status) {}) }
	if err := t.write(t.snapshot()); err != nil {
		return nil, fmt.Errorf("write the sandbox's status: %w", err)
	}
	return t, nil
}

// snapshot is the status as of now.
func (t *tracker) snapshot() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.snapshotLocked()
}

func (t *tracker) snapshotLocked() Status {
	s := t.status
	s.Stages = slices.Clone(s.Stages)
	s.Nodes = slices.Clone(s.Nodes)
	s.Leases = t.users.count()
	s.MemoryBytes = residentMemory(s.PID)
	for i := range s.Nodes {
		if pid := s.Nodes[i].PID; pid != 0 {
			s.Nodes[i].MemoryBytes = residentMemory(pid)
		}
	}
	s.Keep, s.IdleSeconds = t.users.terms()
	if at, _, ending := t.users.end(); ending {
		s.EndsAt = &at
	}
	return s
}

// follow returns the status and a channel that is closed when it changes.
func (t *tracker) follow() (Status, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.snapshotLocked(), t.changed
}

// update changes the status, writes the file and wakes followers. The file is
// a courtesy to readers that come later; when it cannot be written any more
// (disk full) those connected still learn of the change.
func (t *tracker) update(change func(*Status)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.status)
	_ = t.write(t.snapshotLocked())
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *tracker) write(s Status) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return writeFile(t.file, append(text, '\n'))
}

func (t *tracker) setStage(stage string) {
	t.update(func(s *Status) {
		s.Stage = stage
		if stage == StageReady {
			now := time.Now().UTC()
			s.ReadyAt = &now
		}
	})
}

// fail records why the sandbox could not go on and returns the error.
func (t *tracker) fail(err error) error {
	t.update(func(s *Status) {
		s.Stage = StageFailed
		s.Error = err.Error()
		for i := range s.Stages {
			if s.Stages[i].State == stepRunning {
				s.Stages[i].State = stepFailed
			}
		}
	})
	return err
}

// step runs one step of the start and records how it went.
func (t *tracker) step(name string, run func() error) error {
	t.begin(name)
	err := run()
	t.finish(name, err)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (t *tracker) begin(name string) {
	t.update(func(s *Status) {
		t.began[name] = time.Now()
		setStep(s, name, stepRunning, 0)
	})
}

func (t *tracker) finish(name string, err error) {
	t.update(func(s *Status) {
		state := stepDone
		if err != nil {
			state = stepFailed
		}
		setStep(s, name, state, time.Since(t.began[name]))
	})
}

func setStep(s *Status, name, state string, took time.Duration) {
	i := slices.IndexFunc(s.Stages, func(st Step) bool { return st.Name == name })
	s.Stages[i].State = state
	s.Stages[i].Millis = took.Milliseconds()
}

// ReadStatus reads the status a sandbox left in dir. Whether its process is
// still alive is for the caller to find out.
func ReadStatus(dir string) (Status, error) {
	var s Status
	text, err := os.ReadFile(filepath.Join(dir, "status.json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if errors.Is(err, os.ErrNotExist) {
		return s, fmt.Errorf("no sandbox was ever started in %s: %w", dir, err)
	}
	return s, err
}
