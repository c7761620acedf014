package coursetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/k8stutor/k8stutor/lessons"
)

// Options say how lessons are proved.
type Options struct {
	// Bench makes a bench; each step that is proved at the same time has its own.
	Bench func(context.Context) (*Bench, error)
	// AtOnce is how many steps are proved beside each other; 0 means 4. They
	// mostly wait for the cluster, so it is more than there are processors.
	AtOnce int
	// Step, when not empty, is the only step to prove, of each lesson that has it.
	Step string
	// Dir is for progress files.
	Dir string
	// Run, when not empty, stands in the names of the workspaces: two runs on one
	// cluster, and a learner, do not meet.
	Run string
	// KeepOut leaves out the proofs that act in namespace default, because it
	// is not the run's own.
	KeepOut bool
	// Lacks are images that the cluster cannot pull. A right way that fails for
	// want of one is left out as well.
	Lacks []string
	// Tell is called with each result, one at a time.
	Tell func(Result)
	// Note is called with what is worth knowing of the course of things, one at
	// a time; nil when nobody wants to.
	Note func(what string, why error)
}

// Run proves lessons and returns all results, in the order of the lessons and
// steps. The error tells why not everything could be proved: ctx ended, or the
// cluster could not be used.
func Run(ctx context.Context, all []*lessons.Lesson, o Options) ([]Result, error) {
	r := &run{o: o}
	var branches []*branch
	for _, l := range all {
		for i, step := range l.Steps {
			if o.Step != "" && step.ID != o.Step {
				continue
			}
			parts := []part{whole}
			if step.Kind != lessons.Ask && len(step.Mistakes)+len(step.Variants) > 3 {
				parts = []part{solving, others}
			}
			for _, part := range parts {
				branches = append(branches, &branch{run: r, lesson: l, index: i, step: step, part: part})
			}
		}
	}
	order := slices.Clone(branches)
	// The longest first, so that nobody waits for one that began late.
	slices.SortStableFunc(order, func(a, b *branch) int { return cmp.Compare(b.weight(), a.weight()) })
	var (
		running sync.WaitGroup
		slots   = make(chan struct{}, max(1, cmp.Or(o.AtOnce, 4)))
		failed  = make([]error, len(order))
	)
	for i, b := range order {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			continue
		}
		running.Go(func() {
			defer func() { <-slots }()
			failed[i] = b.prove(ctx)
		})
	}
	running.Wait()
	slices.SortStableFunc(r.results, func(a, b Result) int { return cmp.Compare(rank(branches, a), rank(branches, b)) })
	if ctx.Err() != nil {
		return r.results, ctx.Err()
	}
	return r.results, errors.Join(failed...)
}

// rank orders results by lesson and step, then by sort.
func rank(branches []*branch, r Result) int {
	at := slices.IndexFunc(branches, func(b *branch) bool { return b.lesson.ID == r.Lesson && b.step.ID == r.Step })
	return at*len(Sorts()) + slices.Index(Sorts(), r.Sort)
}

type run struct {
	o     Options
	count atomic.Uint64

	mu      sync.Mutex
	results []Result

	// outside is held by who acts in namespace default, and shared by who plays
	// a step that looks there.
	outside sync.RWMutex
}

// enter is called before something is played, with the steps that are judged
// meanwhile; leave after it. Who acts outside of the workspace is alone with
// the steps that look there. It must not be called again before leave.
func (r *run) enter(foreign bool, steps ...*lessons.Step) (leave func()) {
	if foreign {
		r.outside.Lock()
		return r.outside.Unlock
	}
	for _, step := range steps {
		if slices.ContainsFunc(step.Queries, func(q lessons.Query) bool { return q.Namespace != "" }) {
			r.outside.RLock()
			return r.outside.RUnlock
		}
	}
	return func() {}
}

func (r *run) suffix() string {
	if r.o.Run != "" {
		return fmt.Sprintf("%s-%d", r.o.Run, r.count.Add(1))
	}
	return fmt.Sprint(r.count.Add(1))
}

func (r *run) tell(res Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, res)
	if r.o.Tell != nil {
		r.o.Tell(res)
	}
}

func (r *run) note(what string, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.o.Note != nil {
		r.o.Note(what, why)
	}
}

// weight guesses how long a branch takes, in proofs.
func (b *branch) weight() int {
	if b.step.Kind == lessons.Ask {
		return b.index
	}
	switch more := len(b.step.Mistakes) + len(b.step.Variants); b.part {
	case others:
		return b.index + more
	case solving:
		return 20 + b.index
	default:
		return 20 + b.index + more
	}
}

func (b *branch) prove(ctx context.Context) error {
	var err error
	if b.bench, err = b.run.o.Bench(ctx); err != nil {
		return err
	}
	defer b.bench.Close()
	defer b.clearing.Wait()
	err = b.play(ctx)
	if err == nil || errors.Is(err, errReported) || ctx.Err() != nil {
		return nil
	}
	// Not even the steps before could be done, or the cluster failed.
	b.tell(Result{Sort: Before, Want: lessons.NotYet, Got: lessons.CannotTell, Problem: err})
	return nil
}

// Tally counts the proofs of one lesson.
type Tally struct {
	Lesson string
	Steps  int
	Proofs map[Sort]int
	Fine   int // of the mutations, those that the lesson accepts on purpose
	Wrong  int // proofs with a problem
	Left   int // proofs that could not be made here; not among Proofs
}

// All is the number of proofs.
func (t Tally) All() int {
	n := 0
	for _, count := range t.Proofs {
		n += count
	}
	return n
}

// Tallies counts results by lesson, in the order of the results.
func Tallies(results []Result) []Tally {
	var all []Tally
	steps := map[string]bool{}
	for _, r := range results {
		i := slices.IndexFunc(all, func(t Tally) bool { return t.Lesson == r.Lesson })
		if i < 0 {
			all = append(all, Tally{Lesson: r.Lesson, Proofs: map[Sort]int{}})
			i = len(all) - 1
		}
		t := &all[i]
		if id := r.Lesson + "/" + r.Step; !steps[id] {
			steps[id] = true
			t.Steps++
		}
		if r.Left != "" {
			t.Left++
			continue
		}
		t.Proofs[r.Sort]++
		if r.Fine {
			t.Fine++
		}
		if r.Problem != nil {
			t.Wrong++
		}
	}
	return all
}
