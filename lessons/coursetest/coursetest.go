// Package coursetest proves lessons on a cluster, in both directions: before
// the learner acts a step is not yet passed; each foreseen mistake leaves it so
// and gets its own diagnosis; the solution and each variant pass it.
//
// It promises to act only through the commands that stand in the lesson and the
// Runner it is given. It imports lessons only; the cluster and the running of
// commands are the caller's.
package coursetest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// Runner runs one command line of a lesson in a workspace and returns what it
// printed. A command that fails is no error of the runner: a mistake may be
// refused by the API server.
type Runner func(ctx context.Context, ws lessons.Workspace, command string) (output string, err error)

// Scenario is one way through a lesson up to a step, and what the step must
// say at its end.
type Scenario struct {
	Lesson  *lessons.Lesson
	Step    *lessons.Step
	Mistake *lessons.Mistake // nil: a right way
	Variant int              // -1: the solution; else the index of the variant
}

// Name is "services/expose/mistake wrong-port".
func (s Scenario) Name() string {
	what := "solution"
	switch {
	case s.Mistake != nil:
		what = "mistake-" + s.Mistake.ID
	case s.Variant >= 0:
		what = fmt.Sprintf("variant-%d", s.Variant+1)
	}
	return s.Lesson.ID + "/" + s.Step.ID + "/" + what
}

// Foreign reports whether the scenario acts outside its workspace, so that it
// must not run beside others.
func (s Scenario) Foreign() bool {
	for _, c := range s.commands() {
		if strings.Contains(c, "-n ") || strings.Contains(c, "--namespace") {
			return true
		}
	}
	return false
}

func (s Scenario) commands() []string {
	switch {
	case s.Mistake != nil:
		return s.Mistake.Try
	case s.Variant >= 0:
		return s.Step.Variants[s.Variant]
	}
	return s.Step.Solution
}

// Scenarios lists every scenario of a lesson. The solution of the last step goes
// through all steps, so the solutions of the others are not scenarios of their
// own.
func Scenarios(l *lessons.Lesson) []Scenario {
	var all []Scenario
	for i, step := range l.Steps {
		if i == len(l.Steps)-1 {
			all = append(all, Scenario{l, step, nil, -1})
		}
		for v := range step.Variants {
			all = append(all, Scenario{l, step, nil, v})
		}
		for _, m := range step.Mistakes {
			all = append(all, Scenario{l, step, m, -1})
		}
	}
	return all
}

// waitTime bounds the wait for one verdict.
const waitTime = 2 * time.Minute

// Play plays a scenario in a workspace of its own, whose name ends in suffix,
// and returns what was not as it must be. dir is for the progress file.
func Play(ctx context.Context, c lessons.Cluster, run Runner, s Scenario, suffix, dir string) error {
	copied := *s.Lesson
	copied.ID += "-" + suffix
	store, _, err := lessons.OpenStore(filepath.Join(dir, copied.ID+".json"), time.Now)
	if err != nil {
		return err
	}
	p := &player{ex: lessons.NewExercise(&copied, c, store, time.Now), run: run}
	defer p.forget(context.WithoutCancel(ctx), c)
	for _, step := range s.Lesson.Steps {
		if err := p.begin(ctx, step); err != nil {
			return err
		}
		if step == s.Step {
			return p.last(ctx, s)
		}
		if err := p.pass(ctx, step, step.Solution); err != nil {
			return err
		}
	}
	return nil
}

type player struct {
	ex  *lessons.Exercise
	run Runner
	ws  lessons.Workspace
}

// forget deletes the workspace without waiting for its end.
func (p *player) forget(ctx context.Context, c lessons.Cluster) {
	if p.ws.UID == "" {
		return
	}
	// The deadline ends the wait, not the deletion.
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	_ = c.Clear(ctx, p.ws)
}

// begin waits until the step has begun and can be judged, and makes sure that it
// is not passed before anything was done.
func (p *player) begin(ctx context.Context, step *lessons.Step) error {
	rep, res, err := p.wait(ctx, step, func(r lessons.StepResult) bool { return r.Begun && r.Verdict != lessons.CannotTell })
	p.ws = rep.Workspace
	switch {
	case err != nil:
		return fmt.Errorf("step %s does not begin: %w", step.ID, err)
	case res.Verdict != lessons.NotYet:
		return fmt.Errorf("step %s before anything was done: verdict %s, want not-yet%s", step.ID, res.Verdict, details(res))
	case res.Mistake != "":
		return fmt.Errorf("step %s before anything was done: mistake %s is diagnosed", step.ID, res.Mistake)
	}
	return nil
}

// pass takes a right way and waits until the step is passed.
func (p *player) pass(ctx context.Context, step *lessons.Step, commands []string) error {
	said, err := p.do(ctx, commands)
	if err != nil {
		return err
	}
	if step.Kind == lessons.Ask {
		return p.answerRight(ctx, step)
	}
	_, res, err := p.wait(ctx, step, func(r lessons.StepResult) bool { return r.Verdict == lessons.Pass })
	if err != nil {
		return fmt.Errorf("step %s is not passed by %q: %w%s\nthe commands said: %s", step.ID, commands, err, details(res), said)
	}
	return nil
}

func (p *player) answerRight(ctx context.Context, step *lessons.Step) error {
	answers, err := p.ex.Truth(ctx, step.ID)
	if err != nil {
		return fmt.Errorf("step %s: the right answer: %w", step.ID, err)
	}
	if len(answers) == 0 {
		return fmt.Errorf("step %s has no right answer", step.ID)
	}
	rep, err := p.ex.Answer(ctx, step.ID, answers[0])
	if err != nil {
		return err
	}
	if res, _ := rep.Step(step.ID); res.Verdict != lessons.Pass {
		return fmt.Errorf("step %s, answer %q: verdict %s, want pass%s", step.ID, answers[0], res.Verdict, details(res))
	}
	return nil
}

// last plays the end of the scenario.
func (p *player) last(ctx context.Context, s Scenario) error {
	if s.Mistake == nil {
		return p.pass(ctx, s.Step, s.commands())
	}
	if s.Step.Kind == lessons.Ask {
		return p.answerWrong(ctx, s)
	}
	said, err := p.do(ctx, s.Mistake.Try)
	if err != nil {
		return err
	}
	_, res, err := p.wait(ctx, s.Step, func(r lessons.StepResult) bool { return r.Mistake == s.Mistake.ID || r.Verdict == lessons.Pass })
	if err != nil {
		return fmt.Errorf("after %q: mistake %q is not diagnosed, but %q: %w%s\nthe commands said: %s", s.Mistake.Try, s.Mistake.ID, res.Mistake, err, details(res), said)
	}
	if res.Verdict != lessons.NotYet {
		return fmt.Errorf("after %q: verdict %s, want not-yet%s", s.Mistake.Try, res.Verdict, details(res))
	}
	return nil
}

func (p *player) answerWrong(ctx context.Context, s Scenario) error {
	answers, err := p.ex.WrongAnswers(ctx, s.Step.ID, s.Mistake)
	if err != nil || len(answers) == 0 {
		return fmt.Errorf("the wrong answer of mistake %s: %v %w", s.Mistake.ID, answers, err)
	}
	rep, err := p.ex.Answer(ctx, s.Step.ID, answers[0])
	if err != nil {
		return err
	}
	if res, _ := rep.Step(s.Step.ID); res.Verdict != lessons.NotYet || res.Mistake != s.Mistake.ID {
		return fmt.Errorf("answer %q: verdict %s, mistake %q; want not-yet, %q", answers[0], res.Verdict, res.Mistake, s.Mistake.ID)
	}
	return nil
}

func (p *player) do(ctx context.Context, commands []string) (said string, err error) {
	for _, command := range commands {
		out, err := p.run(ctx, p.ws, command)
		if err != nil {
			return said, fmt.Errorf("run %q: %w", command, err)
		}
		said += out
	}
	return said, nil
}

// wait follows the exercise until the step is as wanted.
func (p *player) wait(ctx context.Context, step *lessons.Step, wanted func(lessons.StepResult) bool) (lessons.Report, lessons.StepResult, error) {
	bounded, cancel := context.WithTimeout(ctx, waitTime)
	defer cancel()
	rep, err := p.ex.Wait(bounded, func(r lessons.Report) bool {
		res, ok := r.Step(step.ID)
		return ok && wanted(res)
	})
	res, _ := rep.Step(step.ID)
	if err == nil && !wanted(res) {
		err = fmt.Errorf("not within %s", waitTime)
	}
	return rep, res, err
}

// details says what a result was based on.
func details(res lessons.StepResult) string {
	var b strings.Builder
	for _, c := range res.Checks {
		fmt.Fprintf(&b, "\n  %s: %s, expected %q, found %q: %s", c.ID, c.Verdict, c.Expected, c.Found, c.Why.In(lessons.English))
	}
	if res.Diagnosis != nil {
		fmt.Fprintf(&b, "\n  diagnosis: %s", res.Diagnosis.In(lessons.English))
	}
	return b.String()
}
