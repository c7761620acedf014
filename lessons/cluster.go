package lessons

import (
	"context"
	"fmt"
	"time"
)

// Cluster is what an exercise needs of a Kubernetes cluster. Every error it
// returns, and every error in a Snapshot, is a *ClusterError.
type Cluster interface {
	// Prepare makes the workspace of a lesson, or finds the one that is there.
	Prepare(ctx context.Context, lesson string) (Workspace, error)
	// Plant makes the objects in the workspace, replacing those of the same
	// kind and name.
	Plant(ctx context.Context, ws Workspace, objects []Object) error
	// Remove deletes single objects from the workspace and waits until they
	// are gone; ones that do not exist are fine.
	Remove(ctx context.Context, ws Workspace, refs []Ref) error
	// Clear deletes the workspace with everything in it and waits for its end.
	Clear(ctx context.Context, ws Workspace) error
	// Follow watches the kinds in the workspace until ctx ends, then closes the
	// channel. A snapshot that nobody has read yet is replaced by a newer one.
	// While the API server is away, snapshots say so and hold what was last
	// seen; Follow comes back by itself.
	Follow(ctx context.Context, ws Workspace, kinds []Kind) <-chan Snapshot
}

// Workspace is the namespace in which a learner does one lesson.
type Workspace struct {
	Lesson    string
	Namespace string
	UID       string // of the namespace: another uid is another workspace
	// Cluster names the cluster as the learner knows it ("sandbox",
	// "minikube", a context); ClusterUID is the uid of kube-system, so that
	// another cluster under the same name is recognised.
	Cluster    string
	ClusterUID string
}

// Object is one Kubernetes object as decoded JSON, without null fields.
type Object map[string]any

// Kind is one kind of Kubernetes object and where the API serves it.
type Kind struct {
	Group    string // "" for the core group
	Version  string
	Kind     string // "EndpointSlice"
	Resource string // "endpointslices"
	// Namespaced is false for Nodes, PersistentVolumes and the like.
	Namespaced bool
}

// APIVersion returns the value of the field apiVersion: "v1", "apps/v1".
func (k Kind) APIVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

// Ref names one object.
type Ref struct {
	Kind      Kind
	Namespace string
	Name      string
}

// String returns the name as kubectl prints it: "Deployment/web".
func (r Ref) String() string { return r.Kind.Kind + "/" + r.Name }

// Snapshot is what a cluster looked like at one moment. It is never changed
// after it was sent; its objects are shared and must not be changed either.
type Snapshot struct {
	Seq   uint64
	Time  time.Time // when the newest of it was received
	Kinds map[Kind]Listing
	// Away is set while the API server does not answer.
	Away *ClusterError
}

// Listing is all objects of one kind in a workspace, ordered by name.
type Listing struct {
	// Synced says that the objects are the server's answer and not just "none
	// received so far".
	Synced  bool
	Err     *ClusterError // why this kind cannot be read, nil when it can
	Objects []Object
}

// Trouble says what kind of obstacle keeps a cluster from answering.
type Trouble string

// The kinds of trouble.
const (
	Unreachable  Trouble = "unreachable"  // nothing answers at the address
	Unauthorized Trouble = "unauthorized" // credentials missing, wrong or expired
	Forbidden    Trouble = "forbidden"    // known, but not allowed
	TimedOut     Trouble = "timeout"      // an answer did not come in time
	UnknownKind  Trouble = "unknown-kind" // the API server does not serve the kind
	BadConfig    Trouble = "bad-config"   // kubeconfig missing, malformed or without that context
	Guarded      Trouble = "guarded"      // refused by k8stutor itself: not a workspace of ours
	Unapproved   Trouble = "unapproved"   // the learner has to agree first; see Terms
	Replaced     Trouble = "replaced"     // another cluster answers now where the workspace was: prepare again
	NotRunning   Trouble = "not-running"  // the cluster exists and is stopped, paused or broken
	Refused      Trouble = "refused"      // the API server said no for another reason
	NoSandbox    Trouble = "no-sandbox"   // the sandbox program is missing or did not start
)

// ClusterError is an obstacle between k8stutor and a cluster.
type ClusterError struct {
	Trouble Trouble
	Op      string // what was tried: "list pods in k8stutor-services"
	Server  string // address, context or file it was tried on
	Err     error  // what it said
	Hint    Text   // what to do
}

func (e *ClusterError) Error() string {
	if e.Server == "" {
		return fmt.Sprintf("%s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("%s (%s): %v", e.Op, e.Server, e.Err)
}

func (e *ClusterError) Unwrap() error { return e.Err }
