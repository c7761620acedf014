package lessons

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// evalTimeout bounds one expression; the cost limit ends a runaway one long
// before.
const evalTimeout = 2 * time.Second

// Grader judges the steps of one lesson. It holds what the passing of time adds
// to a snapshot: since when each held state has been true, and since when what
// a check waits for has not moved. Not safe for concurrent use.
type Grader struct {
	steps map[string]*gradedStep
	since map[string]time.Time // step/check -> when its expression became true
	waits map[string]progress  // step/check -> what is known of its waiting
	known map[string]bool      // steps that were judged before
	wake  time.Duration        // judge again after this long; 0: no need
}

type gradedStep struct {
	step     *Step
	err      error // why the expressions do not compile; nil when they do
	checks   []gradedCheck
	expect   *program
	mistakes []*program
	values   map[string]*program
	baseline map[string]*program
}

type gradedCheck struct{ expr, expected, found *program }

// NewGrader prepares the judging of a lesson. Expressions are compiled when
// their step is first judged.
func NewGrader() *Grader {
	return &Grader{steps: map[string]*gradedStep{}, since: map[string]time.Time{},
		waits: map[string]progress{}, known: map[string]bool{}}
}

// forgetAll drops since when states have been held and waited for; the compiled
// expressions stay.
func (g *Grader) forgetAll() {
	clear(g.since)
	clear(g.waits)
	clear(g.known)
}

// forget drops what was remembered of a step.
func (g *Grader) forget(step *Step) {
	for _, c := range step.Checks {
		delete(g.since, step.ID+"/"+c.ID)
		delete(g.waits, step.ID+"/"+c.ID)
	}
	delete(g.known, step.ID)
}

func (g *Grader) compiled(step *Step) *gradedStep {
	if s, ok := g.steps[step.ID]; ok {
		return s
	}
	s := &gradedStep{step: step}
	s.err = s.compile()
	g.steps[step.ID] = s
	return s
}

func (s *gradedStep) compile() error {
	c, err := newCompiler(s.step)
	if err != nil {
		return err
	}
	var problems []error
	compile := func(e Expr) *program {
		if e.Source == "" {
			return nil
		}
		p, err := c.compile(e)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", e.Pos, err))
		}
		return p
	}
	for _, check := range s.step.Checks {
		s.checks = append(s.checks, gradedCheck{compile(check.Expr), compile(check.Expected), compile(check.Found)})
	}
	if s.step.Answer != nil {
		s.expect = compile(s.step.Answer.Expect)
	}
	for _, m := range s.step.Mistakes {
		s.mistakes = append(s.mistakes, compile(m.When))
	}
	named := func(list []NamedExpr) map[string]*program {
		out := map[string]*program{}
		for _, e := range list {
			out[e.Name] = compile(e.Expr)
		}
		return out
	}
	s.values, s.baseline = named(s.step.Values), named(s.step.Baseline)
	return errors.Join(problems...)
}

// Grade judges a Do or Repair step on a snapshot.
func (g *Grader) Grade(ctx context.Context, step *Step, snap Snapshot, ws Workspace, before map[string]any, now time.Time) StepResult {
	ctx, cancel := context.WithTimeout(ctx, evalTimeout)
	defer cancel()
	res := StepResult{ID: step.ID, Verdict: Pass, Begun: true}
	s := g.compiled(step)
	if s.err != nil {
		return broken(res, s.err)
	}
	if snap.Away != nil {
		g.forget(step) // what nobody saw was not held
	}
	sc := look(step, snap, ws, before)
	texts := s.filling(sc)
	var e *evidence // made when there is something to explain
	for i, check := range step.Checks {
		c, unseen := g.check(ctx, step, check, s.checks[i], sc, now)
		key := step.ID + "/" + check.ID
		if c.Verdict != Pass {
			c.Why = texts.fill(ctx, c.Why, "expected", c.Expected, "found", c.Found)
		}
		if c.Verdict == NotYet && c.HoldLeft == 0 && !c.Blocked {
			if e == nil {
				e = newEvidence(step, snap, ws, now)
			}
			if !unseen {
				c.Cause = e.cause(check, s.checks[i].expr)
			}
			g.waitFor(&c, check, s.checks[i].expr, e, unseen, g.known[step.ID], key)
		} else {
			delete(g.waits, key)
		}
		if res.Trouble == nil && c.Verdict == CannotTell {
			res.Trouble = sc.blocked(s.checks[i].expr)
			res.Diagnosis = c.Why
		}
		res.Checks = append(res.Checks, c)
		res.Verdict = worse(res.Verdict, c.Verdict)
	}
	if len(step.Checks) == 0 {
		res.Verdict = CannotTell
	}
	g.known[step.ID] = true
	if res.Verdict == NotYet {
		g.diagnose(ctx, &res, s, sc, texts)
	}
	return res
}

// worse joins two verdicts: not being able to tell outweighs a no, because the
// no may be wrong as well.
func worse(a, b Verdict) Verdict {
	switch {
	case a == CannotTell || b == CannotTell:
		return CannotTell
	case a == NotYet || b == NotYet:
		return NotYet
	}
	return Pass
}

// check judges one check. unseen says that it reads a status which is older
// than the spec beside it, and that nothing was concluded from it.
func (g *Grader) check(ctx context.Context, step *Step, check *Check, c gradedCheck, sc scene, now time.Time) (res CheckResult, unseen bool) {
	res = CheckResult{ID: check.ID, Title: check.Title, Verdict: Pass, Path: check.Path}
	res.Object = about(step, check, sc.namespace)
	res.Expected, res.Found = sc.value(ctx, c.expected), sc.value(ctx, c.found)
	key := step.ID + "/" + check.ID

	if t := sc.blocked(c.expr); t != nil {
		delete(g.since, key)
		res.Verdict, res.Found, res.Why = CannotTell, "", t.Sentence()
		return res, false
	}
	if t := sc.trouble[check.About]; t != nil {
		delete(g.since, key)
		res.Verdict, res.Found, res.Why = CannotTell, "", t.Sentence()
		return res, false
	}
	if q, names := sc.ambiguous(step, c.expr, check.About); names != nil {
		delete(g.since, key)
		res.Verdict, res.Found, res.Why = NotYet, brief(strings.Join(names, ", "), messageMost), saySeveral(q, names)
		return res, false
	}
	if sc.missing(check.About) && !check.Absent {
		delete(g.since, key)
		res.Verdict, res.Why = NotYet, check.Why
		if _, list := sc.vars[check.About].([]any); !list || c.found == nil {
			res.Found = none // what is found in an empty list can be told: 0 addresses
		}
		if res.Blocked = !check.isFirstAbout(step); res.Blocked {
			res.Why = sayMissing(res.Object)
		}
		return res, false
	}
	ok, err := c.expr.evalBool(ctx, sc.vars)
	var lacks missingField
	switch {
	case errors.As(err, &lacks):
		ok = false
	case err != nil:
		delete(g.since, key)
		res.Verdict, res.Why = CannotTell, sayBroken(fmt.Errorf("%s: %w", check.Expr.Pos, err))
		return res, false
	}
	_, unseen = c.expr.stale(sc.vars)
	if !ok || unseen {
		delete(g.since, key)
		res.Verdict, res.Why = NotYet, check.Why
		return res, unseen
	}
	if check.Hold > 0 {
		since, held := g.since[key]
		if !held {
			since = now
			g.since[key] = now
		}
		if left := check.Hold - now.Sub(since); left > 0 {
			res.Verdict, res.HoldLeft, res.Why = NotYet, left, sayHold(check.Hold)
		}
	}
	return res, unseen
}

// isFirstAbout reports whether this is the first check that speaks of its
// object: the one whose text explains what to make when it is not there.
func (c *Check) isFirstAbout(step *Step) bool {
	for _, other := range step.Checks {
		if other.About == c.About {
			return other == c
		}
	}
	return false
}

// diagnose finds the first foreseen mistake that applies, and gives its words
// to the check it explains. Where none was foreseen, the first cause that was
// found speaks, except in a Repair step.
func (g *Grader) diagnose(ctx context.Context, res *StepResult, s *gradedStep, sc scene, texts filling) {
	for i, m := range s.step.Mistakes {
		if _, unseen := s.mistakes[i].stale(sc.vars); unseen || !sc.isTrue(ctx, s.mistakes[i]) {
			continue
		}
		res.Mistake = m.ID
		res.Diagnosis = texts.fill(ctx, m.Text)
		for j := range res.Checks {
			c := &res.Checks[j]
			if m.Check == c.ID && c.Verdict == NotYet {
				res.Diagnosis = texts.fill(ctx, m.Text, "expected", c.Expected, "found", c.Found)
				c.Why = res.Diagnosis
			}
		}
		return
	}
	if s.step.Kind == Repair {
		return // to find the cause is what the step is about
	}
	for _, c := range res.Checks {
		if c.Cause != nil {
			res.Diagnosis = c.Cause.Text
			return
		}
	}
}

// Baseline evaluates the step's baseline. ok is false while it cannot be told,
// because an object is not there yet or the cluster does not answer.
func (g *Grader) Baseline(ctx context.Context, step *Step, snap Snapshot, ws Workspace) (before map[string]any, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, evalTimeout)
	defer cancel()
	s := g.compiled(step)
	if s.err != nil {
		return nil, true // Grade says so
	}
	sc := look(step, snap, ws, nil)
	before = map[string]any{}
	for name, p := range s.baseline {
		if _, names := sc.ambiguous(step, p, ""); sc.blocked(p) != nil || names != nil {
			return nil, false
		}
		v, err := p.eval(ctx, sc.vars)
		if err != nil {
			return nil, false
		}
		before[name] = v
	}
	return before, true
}

func broken(res StepResult, err error) StepResult {
	res.Verdict, res.Diagnosis = CannotTell, sayBroken(err)
	return res
}
