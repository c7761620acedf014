package coursetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// stillPasses is how long a mutated workspace must be at rest with the step
// passed before that counts.
const stillPasses = 1500 * time.Millisecond

// mutate makes a mutation and returns the verdict once the workspace is at rest
// with it. For a mutation that is fine a pass is waited for.
func (p *player) mutate(ctx context.Context, step *lessons.Step, m mutation, fine bool) (lessons.StepResult, error) {
	for _, a := range m.do {
		if err := p.act(ctx, a); err != nil {
			return lessons.StepResult{}, fmt.Errorf("mutation %s cannot be made: %w", m.name, err)
		}
	}
	if len(m.do) > 1 {
		// What was seen between two of its actions is not what they came to.
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return lessons.StepResult{}, err
		}
	}
	res, err := p.waitJoint(ctx, stillPasses, func(r lessons.StepResult) bool { return r.Verdict == lessons.NotYet && lasting(r) })
	if err == nil && !fine {
		return res, nil
	}
	if ctx.Err() != nil {
		return res, ctx.Err()
	}
	// Neither a pass nor what may go by itself counts before the controllers are
	// done.
	if _, err := p.place.rest(ctx, nil, nil); err != nil {
		return res, err
	}
	passed := func(r lessons.StepResult) bool { return r.Verdict == lessons.Pass }
	if fine {
		res, _ := p.waitJoint(ctx, waitTime, passed)
		return res, ctx.Err()
	}
	longest := stillPasses
	for _, c := range step.Checks {
		longest = max(longest, c.Hold+stillPasses/2)
	}
	if res, err := p.waitJoint(ctx, longest, func(r lessons.StepResult) bool { return !passed(r) }); err != nil {
		return res, ctx.Err() // passed all the while
	}
	// A controller may have begun late.
	if _, err := p.place.rest(ctx, nil, nil); err != nil {
		return res, err
	}
	res, _ = p.waitJoint(ctx, longest, passed)
	return res, ctx.Err()
}

// lasting reports whether a failing check says something that no controller
// will mend by itself: that the object is gone, or what stands in its spec.
func lasting(res lessons.StepResult) bool {
	for _, c := range res.Checks {
		if c.Verdict != lessons.NotYet || c.HoldLeft > 0 {
			continue
		}
		if strings.HasPrefix(c.Path, "spec") || strings.HasPrefix(c.Path, "metadata") {
			return true
		}
	}
	return false
}

// act carries out one action of a mutation.
func (p *player) act(ctx context.Context, a action) error {
	p.played = append(p.played, a.String())
	ws := p.ws
	if a.namespace != "" {
		ws.Namespace = a.namespace
	}
	var stdin []byte
	if a.object != nil {
		stdin = encode(a.object)
	}
	out, err := p.bench.Apply(ctx, ws, a.args, stdin)
	p.said.WriteString(out)
	return err
}

// unmutate puts the workspace back and waits for the pass to come back. A
// step that asks for the very same object cannot be brought back when the
// mutation made it anew: that is errFreshNeeded.
func (p *player) unmutate(ctx context.Context, step *lessons.Step, m mutation, solved checkpoint) error {
	for _, a := range m.undo {
		if err := p.act(ctx, a); err != nil {
			return err
		}
	}
	if err := p.place.putBack(ctx, solved, nil); err != nil {
		return err
	}
	longest := 2 * time.Second
	for _, c := range step.Checks {
		longest = max(longest, c.Hold+time.Second)
	}
	res, err := p.waitJoint(ctx, longest, func(r lessons.StepResult) bool { return r.Verdict == lessons.Pass || another(r) })
	if err == nil && res.Verdict == lessons.Pass {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(errFreshNeeded, fmt.Errorf("put back: verdict %s, want pass%s", res.Verdict, details(res)))
}

// another reports whether a step asks for the very object that it was, and there
// is another one of that name.
func another(res lessons.StepResult) bool {
	for _, c := range res.Checks {
		if c.Verdict == lessons.NotYet && c.Path == "metadata.uid" && !c.Blocked && c.Found != c.Expected {
			return true
		}
	}
	return false
}
