package coursetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// branch proves one step of a lesson: it plays the steps before it once, and
// brings the workspace back after each proof instead of playing them again. It
// takes a fresh workspace when that does not succeed.
type branch struct {
	run    *run
	lesson *lessons.Lesson
	index  int
	step   *lessons.Step
	part   part
	bench  *Bench

	player   *player
	before   checkpoint     // the step has begun, and nothing was done
	clearing sync.WaitGroup // workspaces that are being deleted

	begun bool // that it is not yet passed then is reported
	clean bool // the workspace is as it was then
}

// part says which proofs of a step a branch makes. Steps with many are proved in
// two parts beside each other.
type part int

const (
	whole   part = iota
	solving      // the solution, what stands in the way of judging, mutations
	others       // mistakes and variants
)

// play makes the branch's proofs of the step. An error means that it cannot be proved.
func (b *branch) play(ctx context.Context) error {
	defer b.leave()
	proofs := []func(context.Context) error{b.solve, b.mistakes, b.variants}
	switch b.part {
	case solving:
		proofs = proofs[:1]
	case others:
		proofs = proofs[1:]
		b.begun = true // the other part reports it
	}
	for _, proof := range proofs {
		if err := proof(ctx); err != nil {
			return err
		}
	}
	return nil
}

// leave gives up the workspace.
func (b *branch) leave() {
	if b.player != nil {
		b.clearing.Go(b.player.end())
		b.player = nil
	}
}

// fresh takes a new workspace and plays it up to the step.
func (b *branch) fresh(ctx context.Context) error {
	b.leave()
	p, err := newPlayer(ctx, b.bench, b.lesson, b.index, b.run.suffix(), b.run.o.Dir)
	if err != nil {
		return err
	}
	b.player = p
	done := b.run.enter(false, b.lesson.Steps[:b.index+1]...)
	defer done()
	for _, step := range b.lesson.Steps[:b.index] {
		if _, err := p.begin(ctx, step); err != nil {
			return err
		}
		if _, err := p.pass(ctx, step, step.Solution); err != nil {
			return err
		}
	}
	p.record()
	began := time.Now()
	res, err := p.begin(ctx, b.step)
	if !b.begun || err != nil {
		b.begun = true
		b.report(Before, "", lessons.NotYet, res, err, began)
	}
	if err != nil {
		return errReported
	}
	if b.before, err = p.place.save(ctx); err != nil {
		return err
	}
	b.clean = true
	return nil
}

// errReported ends a branch whose failure is among the results already.
var errReported = errors.New("reported already")

// ready makes sure that the step has begun and nothing was done.
func (b *branch) ready(ctx context.Context) error {
	if b.player != nil && b.clean {
		return nil
	}
	if b.player != nil {
		err := b.player.place.putBack(ctx, b.before, b.planted)
		if err == nil {
			err = b.player.again(ctx, b.step)
		}
		if err == nil {
			// Controllers may not have seen what was planted.
			_, err = b.player.place.rest(ctx, nil, nil)
		}
		if err == nil {
			b.player.record()
			b.clean = true
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.run.note(b.lesson.ID+"/"+b.step.ID+": a fresh workspace", err)
	}
	return b.fresh(ctx)
}

// planted reports whether an object is one that the step plants, or belongs to
// one: the exercise makes these anew itself.
func (b *branch) planted(o lessons.Object) bool {
	names := func(kind, called string) bool {
		return slices.ContainsFunc(b.step.Setup, func(s lessons.Object) bool { return text(s, "kind") == kind && name(s) == called })
	}
	if names(kind(o), name(o)) {
		return true
	}
	for _, owner := range list(o, "metadata", "ownerReferences") {
		if names(text(owner, "kind"), text(owner, "name")) {
			return true
		}
		// The Pods of a planted Deployment belong to its ReplicaSets.
		for _, s := range b.step.Setup {
			if text(owner, "kind") == "ReplicaSet" && text(s, "kind") == "Deployment" && strings.HasPrefix(text(owner, "name"), name(s)+"-") {
				return true
			}
		}
	}
	return false
}

// solve proves the solution, what stands in the way of judging, and the
// mutations of the solved state.
func (b *branch) solve(ctx context.Context) error {
	if err := b.ready(ctx); err != nil {
		return err
	}
	if err := b.obstacles(ctx, lessons.NotYet); err != nil {
		return err
	}
	began := time.Now()
	b.clean = false
	done := b.run.enter(false, b.step)
	res, err := b.player.pass(ctx, b.step, b.step.Solution)
	done()
	b.report(Solution, "", lessons.Pass, res, err, began)
	if err != nil {
		return ctx.Err() // the mistakes may still tell something
	}
	if b.step.Kind == lessons.Ask {
		return nil // an answer that was right stays right
	}
	if err := b.obstacles(ctx, lessons.Pass); err != nil {
		return err
	}
	return b.mutations(ctx)
}

// obstacles proves that nothing is told while the API server is away or a kind
// may not be read.
func (b *branch) obstacles(ctx context.Context, as lessons.Verdict) error {
	state := "not yet"
	if as == lessons.Pass {
		state = "passed"
	}
	for _, kind := range readKinds(b.step) {
		began := time.Now()
		res, err := b.player.forbidden(ctx, b.lesson, b.step, kind)
		b.report(Forbidden, kind.Resource+", "+state, lessons.CannotTell, res, err, began)
	}
	began := time.Now()
	res, err := b.player.away(ctx, b.step, as)
	b.report(Away, state, lessons.CannotTell, res, err, began)
	return ctx.Err()
}

// mutations proves that what the solution made is what the step asks for.
func (b *branch) mutations(ctx context.Context) error {
	solved, err := b.player.place.save(ctx)
	if err != nil {
		return err
	}
	todo := mutations(b.step, solved.objects)
	fine := map[string]bool{}
	for _, f := range b.step.Fine {
		if fine[f.Mutation] = true; !slices.ContainsFunc(todo, func(m mutation) bool { return m.name == f.Mutation }) {
			var names []string
			for _, m := range todo {
				names = append(names, m.name)
			}
			b.report(Mutation, f.Mutation, lessons.Pass, lessons.StepResult{}, fmt.Errorf("%s: fine names no mutation of this step; there are: %s",
				f.Pos, strings.Join(names, ", ")), time.Now())
		}
	}
	todo = slices.DeleteFunc(todo, func(m mutation) bool {
		if fine[m.name] || ctx.Err() != nil {
			return false // that a pass stays is for controllers to say too
		}
		began := time.Now()
		res, told := b.player.suppose(ctx, m)
		if told {
			b.report(Mutation, m.name, lessons.NotYet, res, nil, began)
		} else {
			b.player.record()
		}
		return told
	})
	for i, planned := range todo {
		// The step may have been solved anew since, with names that are drawn.
		now := mutations(b.step, solved.objects)
		at := slices.IndexFunc(now, func(m mutation) bool { return m.name == planned.name })
		if at < 0 {
			return fmt.Errorf("mutation %s is not to be had of the step solved again", planned.name)
		}
		m := now[at]
		if solved, err = b.mutation(ctx, m, fine[m.name], solved, i == len(todo)-1); err != nil {
			return err
		}
	}
	return nil
}

// mutation proves one mutation and puts the solved state back, which it
// returns. After the last one there is nothing to put back for.
func (b *branch) mutation(ctx context.Context, m mutation, fine bool, solved checkpoint, last bool) (checkpoint, error) {
	began := time.Now()
	if m.foreign && b.run.o.KeepOut {
		b.tell(Result{Sort: Mutation, Name: m.name, Left: keptOut})
		return solved, nil
	}
	done := b.run.enter(m.foreign, b.step)
	res, err := b.player.mutate(ctx, b.step, m, fine)
	var back error
	if ctx.Err() == nil {
		back = b.player.unmutate(ctx, b.step, m, solved)
	}
	if ctx.Err() != nil {
		b.undo(m)
	}
	done()
	if ctx.Err() != nil {
		return solved, ctx.Err()
	}
	want := lessons.NotYet
	if fine {
		want = lessons.Pass
	}
	switch {
	case err != nil || res.Verdict == want:
	case fine:
		err = fmt.Errorf("verdict %s: the lesson says that this mutation is fine, but it does not pass%s", res.Verdict, details(res))
	case res.Verdict == lessons.Pass:
		err = fmt.Errorf("it still passes: a check is too weak, or the step must say that this is fine%s", details(res))
	default:
		err = fmt.Errorf("verdict %s, want %s%s", res.Verdict, want, details(res))
	}
	b.reportFine(m.name, want, fine, res, err, began)
	if back == nil {
		return solved, nil
	}
	if !errors.Is(back, errFreshNeeded) {
		return solved, back
	}
	if last {
		return solved, nil
	}
	return b.solvedAgain(ctx)
}

// undo takes back what an interrupted mutation did outside the workspace.
func (b *branch) undo(m mutation) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, a := range m.undo {
		if a.namespace != "" {
			_ = b.player.act(ctx, a) // all that can be done
		}
	}
}

// solvedAgain begins the step anew and solves it once more.
func (b *branch) solvedAgain(ctx context.Context) (checkpoint, error) {
	b.clean = false
	if err := b.ready(ctx); err != nil {
		return checkpoint{}, err
	}
	b.clean = false
	if _, err := b.player.pass(ctx, b.step, b.step.Solution); err != nil {
		return checkpoint{}, err
	}
	b.player.record()
	return b.player.place.save(ctx)
}

// mistakes proves that each foreseen mistake is not passed, and diagnosed.
func (b *branch) mistakes(ctx context.Context) error {
	for _, m := range b.step.Mistakes {
		if foreign(m.Try) && b.run.o.KeepOut {
			b.tell(Result{Sort: Mistake, Name: m.ID, Left: keptOut})
			continue
		}
		err := b.attempt(ctx, m.Try, func() {
			began := time.Now()
			// A wrong answer changes nothing on the cluster.
			b.clean = b.step.Kind == lessons.Ask
			res, err := b.player.mistake(ctx, b.step, m)
			want := lessons.NotYet
			if b.step.Kind == lessons.Predict && m.TryAnswer.Source != "" {
				want = lessons.Pass
			}
			b.report(Mistake, m.ID, want, res, err, began)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// variants proves that each other right way passes.
func (b *branch) variants(ctx context.Context) error {
	for i, v := range b.step.Variants {
		if foreign(v) && b.run.o.KeepOut {
			b.tell(Result{Sort: Variant, Name: fmt.Sprint(i + 1), Left: keptOut})
			continue
		}
		err := b.attempt(ctx, v, func() {
			began := time.Now()
			b.clean = false
			res, err := b.player.pass(ctx, b.step, v)
			if image := b.run.lacks(v); err != nil && image != "" && hasCause(res, "image-pull") {
				b.tell(Result{Sort: Variant, Name: fmt.Sprint(i + 1), Left: "this cluster cannot pull " + image, Took: time.Since(began)})
				return
			}
			b.report(Variant, fmt.Sprint(i+1), lessons.Pass, res, err, began)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// attempt makes a proof on a step that has just begun; alone, if its commands
// act outside of the workspace, and what they did there is undone.
func (b *branch) attempt(ctx context.Context, commands []string, proof func()) error {
	if err := b.ready(ctx); err != nil {
		return err
	}
	done := b.run.enter(foreign(commands), b.step)
	defer done()
	if !foreign(commands) {
		proof()
		return ctx.Err()
	}
	other := *b.player.place
	other.ws.Namespace = "default"
	was, err := other.objects(ctx, other.kinds)
	if err != nil {
		return err
	}
	proof()
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	is, err := other.objects(after, other.kinds)
	if err != nil {
		return err
	}
	var surplus []string
	for _, o := range is {
		known := slices.ContainsFunc(was, func(w lessons.Object) bool { return id(w) == id(o) })
		if !known && controller(o) == "" && kind(o) != "EndpointSlice" {
			surplus = append(surplus, ref(o))
		}
	}
	if err := other.remove(after, surplus); err != nil {
		return err
	}
	return ctx.Err()
}

// foreign reports whether commands act outside of their workspace.
func foreign(commands []string) bool {
	return slices.ContainsFunc(commands, func(c string) bool {
		return strings.Contains(c, "-n ") || strings.Contains(c, "--namespace")
	})
}

func (b *branch) report(sort Sort, name string, want lessons.Verdict, res lessons.StepResult, err error, began time.Time) {
	b.tell(Result{Sort: sort, Name: name, Want: want, Got: res.Verdict, Problem: err, Took: time.Since(began)})
}

func (b *branch) reportFine(name string, want lessons.Verdict, fine bool, res lessons.StepResult, err error, began time.Time) {
	b.tell(Result{Sort: Mutation, Name: name, Want: want, Got: res.Verdict, Fine: fine, Problem: err, Took: time.Since(began)})
}

func (b *branch) tell(r Result) {
	r.Lesson, r.Step = b.lesson.ID, b.step.ID
	if b.player != nil {
		r.Played, r.Said = b.player.record()
	}
	b.run.tell(r)
}
