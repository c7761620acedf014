package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// How long the open cluster may take to say what it supplies, and on which terms
// it is used.
const (
	suppliesTimeout = 10 * time.Second
	termsTimeout    = 20 * time.Second
)

// suppliesMsg: what the open cluster supplies. From findSupplies; handled by App.
type suppliesMsg struct {
	opening  uint64
	supplies []lessons.Supply
}

func findSupplies(c *crew, opening uint64, of lessons.Supplier, needs []string) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, suppliesTimeout)
		defer cancel()
		return suppliesMsg{opening, of.Supplies(ctx, needs)}
	})
}

// askSupplies asks the open cluster what it has of all that lessons need.
func (a *App) askSupplies() tea.Cmd {
	supplier, ok := a.cluster.session.(lessons.Supplier)
	if !ok || a.cluster.opening == nil {
		return nil
	}
	return findSupplies(a.crew, a.cluster.opening.id, supplier, SuppliedNeeds(a.course))
}

// supplied takes in what the cluster has, and asks about what the exercise that
// waits for it lacks.
func (a *App) supplied(msg suppliesMsg) tea.Cmd {
	c := &a.cluster
	if c.opening == nil || msg.opening != c.opening.id {
		return nil
	}
	c.supplies = msg.supplies
	a.resize()
	if a.exercise == nil || !a.exercise.needing {
		return nil
	}
	a.exercise.needing = false
	return a.attach()
}

// SuppliedNeeds are the words of needs that a cluster is asked about for a
// course: those that there are, and those of its lessons.
func SuppliedNeeds(course *lessons.Course) []string {
	needs := slices.Clone(lessons.KnownNeeds())
	if course != nil {
		for _, l := range course.Lessons() {
			for _, n := range l.Needs {
				if !slices.Contains(needs, n) {
					needs = append(needs, n)
				}
			}
		}
	}
	return slices.DeleteFunc(needs, func(n string) bool { return n == lessons.NeedClusterScoped })
}

// Needed are the lessons of a course that need something of a cluster.
func Needed(course *lessons.Course, need string) []*lessons.Lesson {
	var of []*lessons.Lesson
	if course == nil {
		return nil
	}
	for _, l := range course.Lessons() {
		if slices.Contains(l.AllNeeds(), need) {
			of = append(of, l)
		}
	}
	return of
}

// NeedName is a need in words: "ingress", "2 nodes".
func NeedName(need string, lang lessons.Lang) string {
	w := choosingWordsIn(lang)
	if n, ok := strings.CutPrefix(need, "nodes>="); ok {
		return fmt.Sprintf(w.NeedNodes, n)
	}
	if name := w.Needs.of(need); name != "" {
		return name
	}
	return need
}

func (s *scene) needName(need string) string { return NeedName(need, s.lang) }

// allSupplies are what the open cluster supplies, objects outside of namespaces
// included; nil while it has not said.
func (c *clusterState) allSupplies() []lessons.Supply {
	if c.supplies == nil {
		return nil
	}
	return append(slices.Clone(c.supplies), ScopedSupply(c.info.Shared))
}

// ScopedSupply says whether lessons may make objects outside of namespaces.
func ScopedSupply(shared bool) lessons.Supply {
	supply := lessons.Supply{Need: lessons.NeedClusterScoped, State: lessons.Supplied, How: lessons.Text{}}
	if shared {
		supply.State = lessons.Lacking
	}
	for _, lang := range lessons.Languages() {
		w := choosingWordsIn(lang)
		supply.How[lang] = w.ScopedHere
		if shared {
			supply.How[lang] = w.ScopedShared
		}
	}
	return supply
}

// missing are what the lesson needs and the open cluster does not have.
func (a *App) missing(l *lessons.Lesson) (addable, lacking []lessons.Supply) {
	for _, s := range a.cluster.supplies {
		switch {
		case !slices.Contains(l.Needs, s.Need):
		case s.State == lessons.Addable:
			addable = append(addable, s)
		case s.State == lessons.Lacking:
			lacking = append(lacking, s)
		}
	}
	return addable, lacking
}

// gated asks, before an exercise begins, for what its lesson needs and the
// cluster does not have. It reports whether the exercise has to wait.
func (a *App) gated() (tea.Cmd, bool) {
	e, c := a.exercise, &a.cluster
	e.lacks, e.asking = nil, nil
	if len(e.lesson.Needs) == 0 || e.without == c.opening.id {
		return nil, false
	}
	if _, ok := c.session.(lessons.Supplier); !ok {
		return nil, false
	}
	if c.supplies == nil {
		e.needing = true
		return a.askSupplies(), true
	}
	addable, lacking := a.missing(e.lesson)
	if len(addable)+len(lacking) == 0 {
		return nil, false
	}
	e.asking = func() *proposal { return a.needsProposal(e.lesson, addable, lacking) }
	e.lacks = append(slices.Clone(addable), lacking...)
	return nil, true
}

// needsProposal asks whether what the lesson needs may be added, or says what it
// would take.
func (a *App) needsProposal(l *lessons.Lesson, addable, lacking []lessons.Supply) *proposal {
	w, st, on := a.words.Choosing, a.styles, a.cluster.info
	p := &proposal{scene: a.scene, title: a.in(l.Title)}
	p.say = func(s *leaf) {
		row := func(supplies []lessons.Supply) {
			for _, one := range supplies {
				s.hang(st.Strong, 2, a.needName(one.Need))
				s.lines = append(s.lines, indented(a.prose.lines(a.in(one.How), s.w-4), 4)...)
			}
		}
		if len(addable) > 0 {
			s.para(styles.Style{}, fmt.Sprintf(w.AddAsk, on.Name))
			s.gap()
			row(addable)
			s.gap()
			s.para(st.Dim, w.AddTakes)
		}
		if len(lacking) > 0 {
			s.gap()
			s.para(styles.Style{}, fmt.Sprintf(w.LackAsk, on.Name))
			s.gap()
			row(lacking)
		}
		s.gap()
		s.para(st.Dim, w.WithoutMeans)
	}
	if len(addable) > 0 {
		var needs []string
		for _, one := range addable {
			needs = append(needs, one.Need)
		}
		p.choices = append(p.choices, asks(a.keys.Accept, addForExercise{needs}))
	}
	if on.Provider != "sandbox" {
		p.choices = append(p.choices, asks(a.keys.ToSandbox, openCluster{"sandbox"}))
	}
	p.choices = append(p.choices, asks(a.keys.Without, goWithout{}))
	return p
}

type (
	// addForExercise adds what the exercise needs, then begins it.
	addForExercise struct{ needs []string }
	// goWithout begins the exercise without what it needs.
	goWithout struct{}
	// agree agrees to the terms of the open cluster, then begins the exercise.
	agree struct{}
)

func (addForExercise) action() {}
func (goWithout) action()      {}
func (agree) action()          {}

// gateAct does what was chosen before an exercise begins.
func (a *App) gateAct(what action) tea.Cmd {
	e := a.exercise
	if e == nil || a.cluster.opening == nil {
		return nil
	}
	switch what := what.(type) {
	case addForExercise:
		cmd := a.act(addNeeds{what.needs, runAgain{}}, nil)
		return tea.Batch(cmd, a.showCluster(true))
	case goWithout:
		e.without = a.cluster.opening.id
		return a.attach()
	case agree:
		if approver, ok := a.cluster.session.(Approver); ok {
			return approveTerms(a.crew, a.cluster.opening.id, approver)
		}
	}
	return nil
}

// waitsText says which need keeps the exercise from beginning.
func (s *exerciseScreen) waitsText() string {
	var names []string
	for _, one := range s.lacks {
		names = append(names, s.needName(one.Need))
	}
	return fmt.Sprintf(s.words.Choosing.Waits, strings.Join(names, ", "))
}

// notAgreed reports whether the exercise could not begin because the learner has
// not agreed to the terms of the cluster.
func (s *exerciseScreen) notAgreed() bool {
	ce := clusterError(s.runErr)
	return ce != nil && ce.Trouble == lessons.Unapproved
}
