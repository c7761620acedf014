package lessons

import (
	"context"
	"slices"
)

// SupplyState says whether a cluster has what a lesson needs.
type SupplyState string

// The states of a supply.
const (
	Supplied SupplyState = "supplied" // it is there
	Addable  SupplyState = "addable"  // it can be added, after the learner's yes
	Lacking  SupplyState = "lacking"  // it is not there and k8stutor cannot add it
	Unsure   SupplyState = "unsure"   // the cluster could not be asked; Supply.How says why
)

// Supply says whether a cluster gives one of the things that a lesson needs.
type Supply struct {
	Need  string // a word of a lesson's Needs: "ingress", "nodes>=2"
	State SupplyState
	// How names what gives it, what adding it would do, or what it would take.
	How Text
}

// Supplier is a cluster that knows what it has beyond the API.
type Supplier interface {
	// Supplies answers for every need, in their order.
	Supplies(ctx context.Context, needs []string) []Supply
	// Add adds what is Addable and waits until it works; progress is told what
	// is waited for. The learner has agreed. Errors are *ClusterError.
	Add(ctx context.Context, need string, progress func(stage, state, detail string)) error
}

// KnownNeeds lists the words of a lesson's Needs, and "cluster-scoped", which
// stands for objects outside of namespaces; "nodes>=2" stands for any number.
func KnownNeeds() []string { return append(needsKnown(), NeedClusterScoped) }

// NeedClusterScoped is what a lesson needs whose setup makes objects outside of
// namespaces. A cluster that others use does not supply it.
const NeedClusterScoped = "cluster-scoped"

// AllNeeds are the lesson's Needs, and NeedClusterScoped when it makes such
// objects.
func (l *Lesson) AllNeeds() []string {
	if len(l.ClusterScoped) == 0 {
		return l.Needs
	}
	return append(slices.Clone(l.Needs), NeedClusterScoped)
}
