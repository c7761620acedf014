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
// to a snapshot: since when each held state has been true. Not safe for
// concurrent use.
type Grader struct {
	steps map[string]*gradedStep
	since map[string]time.Time // step/check -> when its expression became true
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
	return &Grader{steps: map[string]*gradedStep{}, since: map[string]time.Time{}}
}

// forgetAll drops since when states have been held; the compiled expressions
// stay.
func (g *Grader) forgetAll() { clear(g.since) }

// forget drops what was remembered of a step.
func (g *Grader) forget(step *Step) {
	for _, c := range step.Checks {
		delete(g.since, step.ID+"/"+c.ID)
	}
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

// scene is what the expressions of one step see at one moment.
type scene struct {
	vars      map[string]any
	trouble   map[string]*ClusterError // by query: why it cannot be answered
	away      *ClusterError
	namespace string
}

// look resolves the queries of a step in a snapshot.
func look(step *Step, snap Snapshot, ws Workspace, before map[string]any) scene {
	sc := scene{vars: map[string]any{}, trouble: map[string]*ClusterError{}, away: snap.Away, namespace: ws.Namespace}
	if before == nil {
		before = map[string]any{}
	}
	sc.vars["before"] = before
	for _, q := range step.Queries {
		listing, followed := snap.Kinds[q.Kind]
		switch {
		case snap.Away != nil:
			sc.trouble[q.Name] = snap.Away
		case listing.Err != nil:
			sc.trouble[q.Name] = listing.Err
		case !followed || !listing.Synced:
			sc.trouble[q.Name] = &ClusterError{Trouble: TimedOut, Op: "list " + q.Kind.Resource, Server: ws.Cluster,
				Err: errors.New("no complete answer yet"), Hint: hintWait()}
		}
		namespace := q.Namespace
		if namespace == "" {
			namespace = ws.Namespace
		}
		if q.List() {
			sc.vars[q.Name] = q.list(listing.Objects, namespace)
		} else {
			sc.vars[q.Name] = q.one(listing.Objects, namespace)
		}
	}
	return sc
}

func (q Query) matches(o Object, namespace string) bool {
	if q.Kind.Namespaced && text(o, "metadata", "namespace") != namespace {
		return false
	}
	if !q.Terminating && field(o, "metadata", "deletionTimestamp") != nil {
		return false
	}
	for k, v := range q.Selector {
		if text(o, "metadata", "labels", k) != v {
			return false
		}
	}
	return true
}

func (q Query) list(objects []Object, namespace string) []any {
	found := []any{}
	for _, o := range objects {
		if q.matches(o, namespace) {
			found = append(found, map[string]any(o))
		}
	}
	return found
}

func (q Query) one(objects []Object, namespace string) map[string]any {
	for _, o := range objects {
		if text(o, "metadata", "name") == q.Object && q.matches(o, namespace) {
			return o
		}
	}
	return map[string]any{}
}

// blocked returns the first trouble with a query that the program speaks of.
func (sc scene) blocked(p *program) *ClusterError {
	if sc.away != nil {
		return sc.away
	}
	for _, name := range p.uses {
		if t := sc.trouble[name]; t != nil {
			return t
		}
	}
	return nil
}

// value evaluates p for display; what cannot be had is none.
func (sc scene) value(ctx context.Context, p *program) string {
	if p == nil || sc.blocked(p) != nil {
		return ""
	}
	v, err := p.eval(ctx, sc.vars)
	if err != nil {
		return none
	}
	return show(v)
}

func (sc scene) isTrue(ctx context.Context, p *program) bool {
	if p == nil || sc.blocked(p) != nil {
		return false
	}
	ok, err := p.evalBool(ctx, sc.vars)
	return err == nil && ok
}

// missing reports whether the query is about an object that does not exist, or
// about a list with nothing in it.
func (sc scene) missing(query string) bool {
	switch v := sc.vars[query].(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
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
	values := s.display(ctx, sc)
	for i, check := range step.Checks {
		c := g.check(ctx, step, check, s.checks[i], sc, now)
		if c.Verdict != Pass {
			c.Why = Fill(c.Why, with(values, "expected", c.Expected, "found", c.Found))
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
	if res.Verdict == NotYet {
		g.diagnose(ctx, &res, s, sc, values)
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

func (g *Grader) check(ctx context.Context, step *Step, check *Check, c gradedCheck, sc scene, now time.Time) CheckResult {
	res := CheckResult{ID: check.ID, Title: check.Title, Verdict: Pass, Path: check.Path}
	res.Object = about(step, check, sc.namespace)
	res.Expected, res.Found = sc.value(ctx, c.expected), sc.value(ctx, c.found)
	key := step.ID + "/" + check.ID

	if t := sc.blocked(c.expr); t != nil {
		delete(g.since, key)
		res.Verdict, res.Found, res.Why = CannotTell, "", t.Sentence()
		return res
	}
	if t := sc.trouble[check.About]; t != nil {
		delete(g.since, key)
		res.Verdict, res.Found, res.Why = CannotTell, "", t.Sentence()
		return res
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
		return res
	}
	ok, err := c.expr.evalBool(ctx, sc.vars)
	var lacks missingField
	switch {
	case errors.As(err, &lacks):
		ok = false
	case err != nil:
		delete(g.since, key)
		res.Verdict, res.Why = CannotTell, sayBroken(fmt.Errorf("%s: %w", check.Expr.Pos, err))
		return res
	}
	if !ok {
		delete(g.since, key)
		res.Verdict, res.Why = NotYet, check.Why
		return res
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
	return res
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

func about(step *Step, check *Check, namespace string) Ref {
	for _, q := range step.Queries {
		if q.Name != check.About {
			continue
		}
		ref := Ref{Kind: q.Kind, Namespace: q.Namespace, Name: q.Object}
		if ref.Namespace == "" && q.Kind.Namespaced {
			ref.Namespace = namespace
		}
		return ref
	}
	return Ref{}
}

// display evaluates the values that may stand in the step's texts.
func (s *gradedStep) display(ctx context.Context, sc scene) map[string]string {
	values := map[string]string{}
	for name, p := range s.values {
		values[name] = sc.value(ctx, p)
	}
	return values
}

func with(values map[string]string, pairs ...string) map[string]string {
	all := make(map[string]string, len(values)+len(pairs)/2)
	for k, v := range values {
		all[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

// diagnose finds the first foreseen mistake that applies, and gives its words
// to the check it explains.
func (g *Grader) diagnose(ctx context.Context, res *StepResult, s *gradedStep, sc scene, values map[string]string) {
	for i, m := range s.step.Mistakes {
		if !sc.isTrue(ctx, s.mistakes[i]) {
			continue
		}
		res.Mistake = m.ID
		res.Diagnosis = Fill(m.Text, values)
		for j := range res.Checks {
			c := &res.Checks[j]
			if m.Check == c.ID && c.Verdict == NotYet {
				res.Diagnosis = Fill(m.Text, with(values, "expected", c.Expected, "found", c.Found))
				c.Why = res.Diagnosis
			}
		}
		return
	}
}

// GradeAnswer judges the answer to an Ask step on a snapshot.
func (g *Grader) GradeAnswer(ctx context.Context, step *Step, snap Snapshot, ws Workspace, before map[string]any, answer string) StepResult {
	ctx, cancel := context.WithTimeout(ctx, evalTimeout)
	defer cancel()
	res := StepResult{ID: step.ID, Verdict: NotYet, Begun: true}
	s := g.compiled(step)
	if s.err != nil {
		return broken(res, s.err)
	}
	sc := look(step, snap, ws, before)
	answer = strings.TrimSpace(answer)
	sc.vars["answer"] = answer
	check := CheckResult{ID: AnswerCheck, Title: sayYourAnswer(), Verdict: NotYet, Found: answer}
	if t := sc.blocked(s.expect); t != nil {
		check.Verdict, check.Why, res.Trouble = CannotTell, t.Sentence(), t
	} else if want, err := s.expect.eval(ctx, sc.vars); err != nil {
		// The truth is not to be had yet, or not at all: never a wrong answer.
		check.Verdict, check.Why = CannotTell, sayNoTruth()
		if !errors.As(err, new(missingField)) {
			check.Why = sayBroken(fmt.Errorf("%s: %w", step.Answer.Expect.Pos, err))
		}
	} else if accepts(want, answer) {
		check.Verdict = Pass
	} else if answer == "" {
		check.Why = sayNoAnswer()
	} else {
		check.Why = sayWrongAnswer()
		values := with(s.display(ctx, sc), "found", answer)
		for i, m := range step.Mistakes {
			if sc.isTrue(ctx, s.mistakes[i]) {
				res.Mistake, check.Why = m.ID, Fill(m.Text, values)
				break
			}
		}
	}
	res.Verdict = check.Verdict
	if res.Verdict == CannotTell || res.Verdict == NotYet && answer != "" {
		res.Diagnosis = check.Why
	}
	res.Checks = []CheckResult{check}
	return res
}

// AnswerCheck is the id of the one check that the result of an Ask step has.
const AnswerCheck = "answer"

// accepts compares an answer with the truth: a value, or any of a list.
// Letter case and surrounding space do not matter.
func accepts(want any, answer string) bool {
	if l, ok := want.([]any); ok {
		for _, w := range l {
			if accepts(w, answer) {
				return true
			}
		}
		return false
	}
	return answer != "" && strings.EqualFold(strings.TrimSpace(show(want)), answer)
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
		if sc.blocked(p) != nil {
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
