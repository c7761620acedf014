package plain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// askTime bounds the asking of a cluster what it has, and on which terms it is
// used.
const askTime = 20 * time.Second

// unapproved reports whether the exercise could not begin because the learner has
// not agreed to use the cluster.
func (t *talk) unapproved() bool {
	if t.work == nil {
		return false
	}
	return isUnapproved(t.work.err)
}

func isUnapproved(err error) bool {
	ce, ok := errors.AsType[*lessons.ClusterError](err)
	return ok && ce.Trouble == lessons.Unapproved
}

// agree says what would be made on a cluster that is not known to be the
// learner's alone, and asks. It reports whether the exercise may begin.
func (t *talk) agree(ctx context.Context, l *lessons.Lesson) (bool, error) {
	approver, ok := t.session.(tui.Approver)
	if !ok {
		t.say(t.words.NoStart + t.explain(t.work.err))
		return false, nil
	}
	ask, cancel := context.WithTimeout(ctx, askTime)
	terms, err := approver.Terms(ask, l)
	cancel()
	if err != nil {
		t.say(t.words.NoStart + t.explain(err))
		return false, ctx.Err()
	}
	if read, err := t.recite(ctx, t.terms(terms)); err != nil || !read {
		return false, err
	}
	if terms.Refused != nil {
		t.say(t.words.RetryHow)
		return false, nil
	}
	yes, err := t.confirm(ctx, t.words.AskTerms)
	if err != nil {
		return false, err
	}
	if !yes {
		t.say(t.words.NotAgreed)
		t.say(t.words.RetryHow)
		return false, nil
	}
	if err := approver.Approve(); err != nil { // it holds for now all the same
		t.say(t.explain(err))
	}
	return true, nil
}

// terms are what a learner is asked to agree to, in blocks.
func (t *talk) terms(terms lessons.Terms) [][]string {
	w := t.words
	blocks := [][]string{t.paragraph(fmt.Sprintf(w.TermsIntro, terms.Context))}
	var facts []string
	for _, f := range [][2]string{{w.Server, terms.Server}, {w.TermsUser, terms.User}, {w.TermsNamespace, terms.Namespace}} {
		if f[1] != "" {
			facts = append(facts, t.out.wrap("  ", "    ", f[0]+w.Colon+f[1])...)
		}
	}
	blocks = append(blocks, facts)
	if terms.Refused != nil {
		return append(blocks, t.markdown(t.text(terms.Refused))...)
	}
	blocks = append(blocks, t.paragraph(w.TermsMakes))
	for _, m := range terms.Makes {
		blocks = append(blocks, t.markdown("- "+t.text(m))...)
	}
	if len(terms.Lacks) > 0 {
		lines := t.paragraph(w.TermsLacks)
		for _, l := range terms.Lacks {
			lines = append(lines, t.out.wrap("  - ", "    ", l)...)
		}
		blocks = append(blocks, lines)
	}
	return append(blocks, t.paragraph(w.TermsKept))
}

// supplied makes sure that the cluster has what a lesson needs, or that the
// learner goes on without. It reports whether the exercise may begin.
func (t *talk) supplied(ctx context.Context, l *lessons.Lesson) (bool, error) {
	supplier, ok := t.session.(lessons.Supplier)
	if !ok || len(l.Needs) == 0 {
		return true, nil
	}
	without := false
	for _, s := range t.supplies(ctx, supplier, l.Needs) {
		switch s.State {
		case lessons.Addable:
			t.sayf(t.words.NeedMissing, tui.NeedName(s.Need, t.lang), t.info.Name)
			added, err := t.add(ctx, supplier, s)
			if err != nil {
				return false, err
			}
			without = without || !added
		case lessons.Lacking:
			t.sayf(t.words.NeedMissing, tui.NeedName(s.Need, t.lang), t.info.Name)
			t.sayMarkdown(t.text(s.How))
			t.say(t.words.NeedElsewhere)
			without = true
		}
	}
	if !without {
		return true, nil
	}
	return t.confirm(ctx, t.words.AskWithout)
}

func (t *talk) supplies(ctx context.Context, supplier lessons.Supplier, needs []string) []lessons.Supply {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return supplier.Supplies(ctx, needs)
}

func (t *talk) sayMarkdown(text string) {
	for _, block := range t.markdown(text) {
		t.say(strings.Join(block, "\n"))
	}
}

// add adds one thing to the cluster after a yes, and reports whether it is there.
func (t *talk) add(ctx context.Context, supplier lessons.Supplier, s lessons.Supply) (bool, error) {
	t.sayMarkdown(t.text(s.How))
	name := tui.NeedName(s.Need, t.lang)
	yes, err := t.confirm(ctx, fmt.Sprintf(t.words.AskAdd, name, t.info.Name))
	if err != nil || !yes {
		return false, err
	}
	err = t.attend(ctx, func(ctx context.Context, stage tui.StageFunc) error { return supplier.Add(ctx, s.Need, stage) })
	switch {
	case errors.Is(err, errStopped):
		t.say(t.words.OpeningStopped)
		return false, nil
	case err != nil && ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		t.say(t.explain(err))
		return false, nil
	}
	t.sayf(t.words.Added, name)
	return true, nil
}

// numbered is the cluster that a number or a name means.
func (c *clusterPlace) numbered(t *talk, arg string) (tui.Candidate, bool) {
	for _, one := range t.found {
		if one.Name == arg {
			return one, true
		}
	}
	if i, ok := number(arg, len(t.found)); ok {
		return t.found[i], true
	}
	t.sayf(t.words.WhichCluster, len(t.found))
	return tui.Candidate{}, false
}

// start brings a stopped cluster up, after a yes.
func (c *clusterPlace) start(ctx context.Context, t *talk, arg string) error {
	one, ok := c.numbered(t, arg)
	if !ok {
		return nil
	}
	if !one.Startable || t.o.StartCluster == nil {
		t.sayf(t.words.NotStartable, one.Name)
		return nil
	}
	yes, err := t.confirm(ctx, fmt.Sprintf(t.words.AskStart, one.Name))
	if err != nil || !yes {
		return err
	}
	err = t.attend(ctx, func(ctx context.Context, stage tui.StageFunc) error { return t.o.StartCluster(ctx, one.Choice, stage) })
	switch {
	case errors.Is(err, errStopped):
		t.say(t.words.OpeningStopped)
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		t.say(t.explain(err))
	default:
		t.sayf(t.words.StartedHow, one.Name)
	}
	return nil
}

// use notes which cluster is to be used from now on.
func (c *clusterPlace) use(_ context.Context, t *talk, arg string) error {
	choice := "auto"
	if arg != choice {
		one, ok := c.numbered(t, arg)
		if !ok {
			return nil
		}
		choice = one.Choice
	}
	t.save(func(p *lessons.Progress) { p.Cluster = choice })
	t.sayf(t.words.FromNowOn, choice)
	return nil
}

// needs says what lessons need, and whether the open cluster has it.
func (c *clusterPlace) needs(ctx context.Context, t *talk) error {
	supplier, ok := t.session.(lessons.Supplier)
	if !ok {
		t.say(t.words.NeedsClosed)
		return nil
	}
	all := append(t.supplies(ctx, supplier, tui.SuppliedNeeds(t.course)), tui.ScopedSupply(t.info.Shared))
	blocks := [][]string{t.paragraph(fmt.Sprintf(t.words.NeedsTitle, t.info.Name))}
	for _, s := range all {
		var titles []string
		for _, l := range tui.Needed(t.course, s.Need) {
			titles = append(titles, t.text(l.Title))
		}
		who := t.words.NeededByNone
		if len(titles) > 0 {
			who = fmt.Sprintf(t.words.NeededBy, strings.Join(titles, ", "))
		}
		blocks = append(blocks, t.paragraph(tui.NeedName(s.Need, t.lang)+t.words.Colon+tui.SupplyName(s.State, t.lang)+t.words.Comma+who+t.words.Stop))
		blocks = append(blocks, t.markdown(t.text(s.How))...)
	}
	_, err := t.recite(ctx, append(blocks, t.paragraph(t.words.NeedsHow)))
	return err
}

// give adds what a word of needs means to the open cluster.
func (c *clusterPlace) give(ctx context.Context, t *talk, arg string) error {
	supplier, ok := t.session.(lessons.Supplier)
	if !ok {
		t.say(t.words.NeedsClosed)
		return nil
	}
	known := tui.SuppliedNeeds(t.course)
	if !slices.Contains(known, arg) {
		t.sayf(t.words.WhichNeed, strings.Join(known, ", "))
		return nil
	}
	for _, s := range t.supplies(ctx, supplier, []string{arg}) {
		if s.State != lessons.Addable {
			t.say(tui.NeedName(s.Need, t.lang) + t.words.Colon + tui.SupplyName(s.State, t.lang) + t.words.Stop)
			t.sayMarkdown(t.text(s.How))
			continue
		}
		if _, err := t.add(ctx, supplier, s); err != nil {
			return err
		}
	}
	return nil
}
