package coursetest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// away takes the API server away and brings it back: meanwhile nothing can be
// told of the step, and then the same as before.
func (p *player) away(ctx context.Context, step *lessons.Step, as lessons.Verdict) (lessons.StepResult, error) {
	mend, err := p.bench.Cut()
	if err != nil {
		return lessons.StepResult{}, err
	}
	p.played = append(p.played, "(the API server is away)")
	res, err := p.wait(ctx, step, 20*time.Second, func(r lessons.StepResult) bool { return r.Verdict == lessons.CannotTell })
	if err != nil {
		err = fmt.Errorf("the API server is away: verdict %s, want cannot-tell: %w%s", res.Verdict, err, details(res))
	} else if res.Trouble == nil {
		err = fmt.Errorf("the API server is away: it is not said what stands in the way%s", details(res))
	}
	p.played = append(p.played, "(the API server is back)")
	if failed := mend(); failed != nil {
		return res, errors.Join(err, failed)
	}
	back, failed := p.wait(ctx, step, waitTime, func(r lessons.StepResult) bool { return r.Verdict == as })
	if failed != nil {
		err = errors.Join(err, fmt.Errorf("the API server is back: verdict %s, want %s: %w%s", back.Verdict, as, failed, details(back)))
	}
	return res, err
}

// readKinds lists the kinds without which a step cannot be judged.
func readKinds(step *lessons.Step) []lessons.Kind {
	var kinds []lessons.Kind
	for _, q := range step.Queries {
		needed := slices.ContainsFunc(step.Checks, func(c *lessons.Check) bool { return c.About == q.Name || speaks(c.Expr, q.Name) })
		if step.Kind == lessons.Ask && step.Answer != nil {
			needed = needed || speaks(step.Answer.Expect, q.Name)
		}
		// What is forbidden outside of the workspace is of no account.
		if needed && q.Namespace == "" && !slices.Contains(kinds, q.Kind) {
			kinds = append(kinds, q.Kind)
		}
	}
	return kinds
}

// speaks reports whether an expression uses a variable.
func speaks(e lessons.Expr, variable string) bool {
	unquoted := regexp.MustCompile(`'[^']*'|"[^"]*"`).ReplaceAllString(e.Source, "''")
	return regexp.MustCompile(`(^|[^.\w])` + regexp.QuoteMeta(variable) + `\b`).MatchString(unquoted)
}

// forbidden judges the step once as somebody who may not read a kind.
func (p *player) forbidden(ctx context.Context, l *lessons.Lesson, step *lessons.Step, kind lessons.Kind) (lessons.StepResult, error) {
	c, end, err := p.bench.Deny(ctx, kind, l.FollowedKinds())
	if err != nil {
		return lessons.StepResult{}, err
	}
	defer end()
	p.played = append(p.played, "(as somebody who may not read "+kind.Resource+")")
	ex := lessons.NewExercise(p.lesson, c, p.store, time.Now)
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	names := func(res lessons.StepResult) bool {
		return res.Trouble != nil && res.Trouble.Trouble == lessons.Forbidden && strings.Contains(res.Trouble.Error(), kind.Resource)
	}
	// Rights are granted with a delay: what is asked first may all be forbidden.
	rep, err := ex.Wait(ctx, func(r lessons.Report) bool {
		res, _ := r.Step(step.ID)
		return res.Verdict != lessons.CannotTell || names(res)
	})
	res, _ := rep.Step(step.ID)
	switch {
	case err != nil:
		return res, err
	case res.Verdict != lessons.CannotTell:
		return res, fmt.Errorf("%s may not be read: verdict %s, want cannot-tell%s", kind.Resource, res.Verdict, details(res))
	case !names(res):
		return res, fmt.Errorf("%s may not be read, but it is not said so: %v%s", kind.Resource, res.Trouble, details(res))
	}
	return res, nil
}
