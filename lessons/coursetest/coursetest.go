// Package coursetest proves lessons on a cluster, in both directions. Before
// the learner acts a step is not yet passed; each foreseen mistake leaves it so
// and gets its own diagnosis; the solution and each variant pass it; each
// mutation of the solved state takes the pass away, and putting it back brings
// it back; while the API server is away, or a kind may not be read, nothing can
// be told.
//
// It promises to act only through the Bench it is given, and to leave nothing
// behind on it. It imports lessons only; the cluster and the running of
// commands are the caller's.
package coursetest

import (
	"context"
	"errors"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// Bench is what lessons are proved with: one tutor's view of a cluster, and
// hands to act on it.
type Bench struct {
	// Cluster is the tutor's connection, which Cut can end.
	Cluster lessons.Cluster
	// Run runs one command line of a lesson in a workspace and returns what it
	// printed. A command that fails is no error: a mistake may be refused by the
	// API server.
	Run func(ctx context.Context, ws lessons.Workspace, line string) (printed string, err error)
	// Apply runs kubectl in a workspace; its failure is an error.
	Apply func(ctx context.Context, ws lessons.Workspace, args []string, stdin []byte) (printed string, err error)
	// List returns the objects of a namespace as they are at this moment, also
	// while the tutor's connection is cut.
	List func(ctx context.Context, namespace string, kinds []lessons.Kind) ([]lessons.Object, error)
	// Cut takes the API server away from Cluster until mend.
	Cut func() (mend func() error, err error)
	// Deny is the same cluster for somebody who may read the others but not one
	// kind.
	Deny func(ctx context.Context, kind lessons.Kind, others []lessons.Kind) (c lessons.Cluster, end func(), err error)
	// Close ends the bench.
	Close func()
}

// Sort is what kind of proof a Result is.
type Sort string

// The sorts of proof, in the order in which they are reported.
const (
	Before    Sort = "before"    // nothing was done: not yet
	Mistake   Sort = "mistake"   // a foreseen mistake: not yet, with its diagnosis
	Variant   Sort = "variant"   // another right way: pass
	Solution  Sort = "solution"  // the right way: pass
	Mutation  Sort = "mutation"  // the solved state with one thing changed: not yet, then put back: pass
	Away      Sort = "api-away"  // the API server is away: cannot tell
	Forbidden Sort = "forbidden" // a kind may not be read: cannot tell
)

// Sorts lists all sorts of proof in order.
func Sorts() []Sort { return []Sort{Before, Mistake, Variant, Solution, Mutation, Away, Forbidden} }

// Result is the outcome of one proof.
type Result struct {
	Lesson, Step string
	Sort         Sort
	Name         string // "wrong-port", "replicas-more web"; "" for the only one of its sort
	Want, Got    lessons.Verdict
	// Fine says that the lesson accepts this mutation on purpose.
	Fine bool
	// Problem is what was not as it must be, with what it was based on; nil
	// when all was.
	Problem error
	// Left says why the proof could not be made on this cluster; "" when it was.
	Left   string
	Played []string // the commands, in order
	Said   string   // what they printed
	Took   time.Duration
}

// ID names the proof: "services/expose/mutation type-other service".
func (r Result) ID() string {
	id := r.Lesson + "/" + r.Step + "/" + string(r.Sort)
	if r.Name != "" {
		id += " " + r.Name
	}
	return id
}

// errFreshNeeded says that a workspace could not be brought back to what it
// was, so that the next proof needs another one.
var errFreshNeeded = errors.New("the workspace is not what it was")
