package tui

import (
	"context"

	"github.com/k8stutor/k8stutor/lessons"
)

// Info says which cluster a session is on.
type Info struct {
	Name       string // as the learner knows it
	Provider   string // "sandbox", "minikube", "existing"
	Server     string
	Version    string
	Kubeconfig string
	Why        lessons.Text // why this cluster and not another
	// ReadOnly says that nothing may be made, changed or deleted on it.
	ReadOnly bool
	// Shared says that it is no cluster of the tutor's or of this machine: objects
	// outside of namespaces are others' there.
	Shared bool
}

// ClusterState says how a cluster is, as far as that is known without opening it.
type ClusterState string

// The states of a cluster.
const (
	ClusterRunning ClusterState = "running"
	ClusterStopped ClusterState = "stopped"
	ClusterPaused  ClusterState = "paused"
	ClusterMoving  ClusterState = "moving"  // it starts, stops or pauses at this moment
	ClusterBroken  ClusterState = "broken"  // half of it is there
	ClusterAbsent  ClusterState = "absent"  // it was never started
	ClusterHangs   ClusterState = "hangs"   // what knows about it did not answer in time
	ClusterUnasked ClusterState = "unasked" // nothing was sent to it
)

// Candidate is a cluster that could be opened.
type Candidate struct {
	Choice   string // what Open takes
	Name     string
	Provider string
	Context  string // of the learner's kubeconfig
	Server   string
	User     string // of the kubeconfig
	Driver   string // of a minikube: "docker"
	Version  string // of Kubernetes, "" while it is not known
	Nodes    int    // 0 while it is not known
	Running  bool
	State    ClusterState // "" when only Running tells
	// Shared says that the learner is asked before the first thing is made there.
	Shared bool
	// Engine is the tool that runs it on this machine: "kind"; "" for others.
	Engine string
	// Note is what to know of it, in Markdown; nil when there is nothing to say.
	Note lessons.Text
	// Startable says that StartCluster can bring it up.
	Startable bool
	Chosen    bool // the one that Open("") takes
	Why       lessons.Text
	Problem   error
}

// Status is how the cluster is, in the few words that there are for it.
func (c Candidate) Status() ClusterState {
	switch {
	case c.State != "":
		return c.State
	case c.Running:
		return ClusterRunning
	case c.Problem != nil:
		return ClusterBroken
	case c.Provider == "existing":
		return ClusterUnasked
	}
	return ClusterStopped
}

// Approver is a session on which nothing is made before the learner has agreed
// to the terms. Until then a lesson cannot be prepared there: the error is of
// the kind lessons.Unapproved.
type Approver interface {
	Terms(context.Context, *lessons.Lesson) (lessons.Terms, error)
	// Approve notes that the learner has agreed, for this cluster and from now on.
	Approve() error
}
