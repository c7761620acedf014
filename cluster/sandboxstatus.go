package cluster

import "time"

// Status is what the sandbox tells about itself.
type Status struct {
	PID       int       `json:"pid"`
	Version   string    `json:"version"` // of Kubernetes
	Stage     string    `json:"stage"`
	Error     string    `json:"error,omitempty"`
	Dir       string    `json:"dir"`
	Server    string    `json:"server"`  // address of the API server
	Control   string    `json:"control"` // host:port of the control endpoint
	Token     string    `json:"token"`   // for the control endpoint
	StartedAt time.Time `json:"startedAt"`
	ReadyAt   time.Time `json:"readyAt,omitzero"`
	// Stages are the steps of the start, in order.
	Stages      []Stage `json:"stages"`
	Leases      int     `json:"leases"`      // users at this moment
	MemoryBytes int64   `json:"memoryBytes"` // of its own process
	Nodes       []Node  `json:"nodes"`

	// EndsAt is when it stops by itself if nobody uses it until then, zero
	// while somebody does. Keep says that it was asked to stay; it then does so
	// for IdleSeconds without any user.
	EndsAt      time.Time `json:"endsAt,omitzero"`
	Keep        bool      `json:"keep"`
	IdleSeconds int64     `json:"idleSeconds"`

	// Components and Ports are there when the sandbox was asked, not in what it
	// tells unasked.
	Components []Component `json:"components,omitempty"`
	Ports      []Port      `json:"ports,omitempty"`
}

// Stage is one step of the sandbox's start.
type Stage struct {
	Name   string `json:"name"`  // "etcd", "kube-apiserver", …
	State  string `json:"state"` // waiting, running, done, failed
	Millis int64  `json:"millis"`
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

// The states of a node's process.
const (
	NodeStarting = "starting"
	NodeRunning  = "running"
	NodeFailed   = "failed" // it ended by itself and is started again
	NodeStopped  = "stopped"
)

// Node is one node of the sandbox.
type Node struct {
	Name        string `json:"name"`
	Ready       bool   `json:"ready"` // as the cluster sees it
	Schedulable bool   `json:"schedulable"`
	State       string `json:"state"`
	Message     string `json:"message,omitempty"` // why it is not ready
	Address     string `json:"address"`
	PodCIDR     string `json:"podCIDR"`
	PID         int    `json:"pid,omitempty"`
	MemoryBytes int64  `json:"memoryBytes,omitempty"` // the first node's is the sandbox's
}
