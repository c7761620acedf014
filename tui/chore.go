package tui

import (
	"context"
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// choreKind is something that takes minutes, and that the learner has agreed to.
type choreKind int

const (
	choreStart choreKind = iota // a cluster is brought up
	choreAdd                    // a cluster is given what a lesson needs
)

// chore is such a thing while it is done, and afterwards if it failed. There is
// one at a time; the open cluster stays open meanwhile.
type chore struct {
	*opening
	kind   choreKind
	what   string // the choice of the cluster, or the need
	stages []stage
	// stopping says that the learner has stopped it, and its end is waited for.
	stopping bool
	ended    bool
	err      error
	// after is what follows when it is done.
	after action
}

// doing reports whether a chore is under way.
func (c *clusterState) doing() bool { return c.chore != nil && !c.chore.ended }

// choreDoneMsg: a chore has ended. From doChore; handled by App.
type choreDoneMsg struct {
	opening uint64
	err     error
}

type (
	// startCluster brings a stopped cluster up; open opens it afterwards.
	startCluster struct {
		choice string
		open   bool
	}
	// addNeeds gives the open cluster what lessons need, one after the other.
	addNeeds struct {
		needs []string
		after action
	}
	// stopChore ends what is under way.
	stopChore struct{}
	// useCluster notes which cluster is to be used from now on.
	useCluster struct{ choice string }
)

func (startCluster) action() {}
func (addNeeds) action()     {}
func (stopChore) action()    {}
func (useCluster) action()   {}

// choreAct does what is asked for about chores.
func (a *App) choreAct(what action) tea.Cmd {
	c := &a.cluster
	switch what := what.(type) {
	case startCluster:
		if a.deps.StartCluster == nil || c.doing() {
			return nil
		}
		var after action
		if what.open || c.session == nil {
			after = openCluster{what.choice}
		}
		start := a.deps.StartCluster
		return a.begin(&chore{kind: choreStart, what: what.choice, after: after}, func(ctx context.Context, stage StageFunc) error {
			return start(ctx, what.choice, stage)
		})
	case addNeeds:
		supplier, ok := c.session.(lessons.Supplier)
		if !ok || c.doing() || len(what.needs) == 0 {
			return nil
		}
		after := what.after
		if len(what.needs) > 1 {
			after = addNeeds{what.needs[1:], what.after}
		}
		return a.begin(&chore{kind: choreAdd, what: what.needs[0], after: after}, func(ctx context.Context, stage StageFunc) error {
			return supplier.Add(ctx, what.needs[0], stage)
		})
	case stopChore:
		if c.doing() {
			c.chore.stopping = true
			c.chore.cancel()
			a.resize()
		}
	case useCluster:
		name := what.choice
		a.say(notice{text: fmt.Sprintf(a.words.Choosing.FromNowOn, name)})
		return a.save(func(p *lessons.Progress) { p.Cluster = name })
	}
	return nil
}

// begin begins a chore. Its context ends with stopChore and with the program.
func (a *App) begin(c *chore, do func(context.Context, StageFunc) error) tea.Cmd {
	a.openings++
	c.opening = newOpening(a.crew.ctx, a.openings, c.what, a.deps.Now)
	a.cluster.chore = c
	a.resize()
	return tea.Batch(doChore(a.crew, c.opening, do), watchStages(a.crew, c.opening))
}

func doChore(c *crew, o *opening, do func(context.Context, StageFunc) error) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		return choreDoneMsg{o.id, do(o.ctx, o.stage)}
	})
}

// choreDone takes in how a chore has ended, and goes on with what was to follow.
func (a *App) choreDone(msg choreDoneMsg) tea.Cmd {
	c := a.cluster.chore
	if c == nil || msg.opening != c.id {
		return nil
	}
	stopped := c.ctx.Err() != nil
	select {
	case c.stages = <-c.news:
	default:
	}
	c.cancel()
	c.ended = true
	cmds := []tea.Cmd{a.act(lookForClusters{}, nil), a.askSupplies()}
	w := &a.words.Choosing
	switch {
	case msg.err != nil && (stopped || errors.Is(msg.err, context.Canceled)):
		a.cluster.chore = nil
		a.say(notice{text: fmt.Sprintf(w.Stopped, a.choreText(c)), bad: true})
		a.leaveWaiting()
	case msg.err != nil:
		c.err = msg.err
	default:
		a.cluster.chore = nil
		if c.kind == choreAdd {
			a.cluster.supplies = nil // what was known of them is not true any more
		}
		a.say(notice{text: fmt.Sprintf(w.Done, a.choreText(c))})
		if c.after == nil || !isAdding(c.after) {
			a.leaveWaiting()
		}
		cmds = append(cmds, a.act(c.after, nil))
	}
	a.resize()
	return tea.Batch(cmds...)
}

func isAdding(what action) bool { _, more := what.(addNeeds); return more }

// leaveWaiting goes back from the cluster screen to the exercise that waits.
func (a *App) leaveWaiting() {
	if s, ok := a.top().(*clusterScreen); ok && s.waited {
		a.screens = a.screens[:len(a.screens)-1]
	}
}

// choreText says what a chore is about: "Starting minikube".
func (s *scene) choreText(c *chore) string {
	if c.kind == choreStart {
		return fmt.Sprintf(s.words.Choosing.Starting, c.what)
	}
	return fmt.Sprintf(s.words.Choosing.Adding, s.needName(c.what))
}

// choreProgress says how far the chore is.
func (s *scene) choreProgress() string {
	c := s.cluster.chore
	text := s.choreText(c)
	if c.stopping {
		return fmt.Sprintf(s.words.Choosing.Stopping, text)
	}
	for _, st := range c.stages {
		if st.state == stageRunning {
			return fmt.Sprintf(s.words.Cluster.AtStage, text, s.stageTitle(st.name), s.elapsed(s.now.Sub(c.began)))
		}
	}
	return fmt.Sprintf(s.words.Cluster.NoStage, text, s.elapsed(s.now.Sub(c.began)))
}
