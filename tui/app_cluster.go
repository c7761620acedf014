package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// open opens a cluster in place of the one that is open.
func (a *App) open(choice string) tea.Cmd {
	c := &a.cluster
	old := c.session
	if a.exercise != nil {
		a.exercise.detach()
	}
	a.newOpening(choice, clusterOpening)
	c.session, c.info, c.err, c.away, c.supplies = nil, Info{}, nil, nil, nil
	if c.chore != nil && c.chore.kind == choreAdd {
		c.chore.cancel() // it was for the cluster that is left
	}
	a.resize()
	return tea.Batch(openSession(a.crew, c.opening, old, a.deps.Open), watchStages(a.crew, c.opening))
}

// restart brings a cluster back that has gone away. The session stays: the
// exercise on it goes on by itself.
func (a *App) restart() tea.Cmd {
	c := &a.cluster
	if c.session == nil || c.busy() {
		return nil
	}
	a.newOpening(c.opening.choice, clusterRestarting)
	a.resize()
	return tea.Batch(restartSession(a.crew, c.opening, c.session), watchStages(a.crew, c.opening))
}

func (a *App) newOpening(choice string, phase clusterPhase) {
	c := &a.cluster
	if c.opening != nil {
		c.opening.cancel()
	}
	a.openings++
	c.opening = newOpening(a.crew.ctx, a.openings, choice, a.deps.Now)
	c.phase, c.stages = phase, nil
}

func (a *App) staged(msg stagesMsg) tea.Cmd {
	c := &a.cluster
	if c.doing() && msg.opening == c.chore.id {
		c.chore.stages = msg.stages
		a.resize()
		return watchStages(a.crew, c.chore.opening)
	}
	if c.opening == nil || msg.opening != c.opening.id {
		return nil
	}
	c.stages = msg.stages
	a.resize()
	return watchStages(a.crew, c.opening)
}

func (a *App) opened(msg openedMsg) tea.Cmd {
	c := &a.cluster
	if c.opening == nil || msg.opening != c.opening.id {
		// Another cluster was asked for meanwhile.
		if msg.session != nil {
			return closeSession(a.crew, msg.session)
		}
		return nil
	}
	a.lastStages()
	if msg.err != nil {
		c.phase, c.err = clusterFailed, msg.err
		a.resize()
		return nil
	}
	c.phase, c.session, c.info = clusterOpen, msg.session, msg.info
	a.goByVersion()
	waiting, ok := a.top().(*clusterScreen)
	if ok && waiting.waited {
		a.screens = a.screens[:len(a.screens)-1]
	}
	a.resize()
	cmd := a.attach()
	if _, shown := a.top().(*clusterScreen); shown {
		cmd = tea.Batch(cmd, a.askSupplies())
	}
	return cmd
}

// lastStages shows the stages as they were at the end, which may not have come
// by message any more, and ends the watching.
func (a *App) lastStages() {
	o := a.cluster.opening
	select {
	case stages := <-o.news:
		a.cluster.stages = stages
	default:
	}
	o.cancel()
}

func (a *App) restarted(msg restartedMsg) tea.Cmd {
	c := &a.cluster
	if c.opening == nil || msg.opening != c.opening.id {
		return nil
	}
	a.lastStages()
	c.phase = clusterOpen
	if msg.err != nil {
		a.say(notice{text: a.words.Cluster.NotRestarted + a.words.Colon + a.explain(msg.err), bad: true})
	} else {
		c.info = msg.info
	}
	a.resize()
	if a.exercise != nil && a.exercise.runErr != nil {
		return a.attach()
	}
	return nil
}

// attach starts the exercise's engine on the cluster that is open, as soon as
// that has what the lesson needs or the learner goes without.
func (a *App) attach() tea.Cmd {
	if a.exercise == nil || a.cluster.session == nil {
		return nil
	}
	if cmd, waits := a.gated(); waits {
		a.exercise.layOut()
		return cmd
	}
	s := a.cluster.session
	cmd := a.exercise.attach(s, a.deps.Exercise(a.exercise.lesson, s))
	a.exercise.layOut()
	return cmd
}

// restartable reports whether it is k8stutor that can bring the open cluster back.
func (s *scene) restartable() bool { return s.cluster.info.Provider == "sandbox" }

// restartKey is the key that does so, or asks again whether another cluster is
// back.
func (s *scene) restartKey() key.Binding {
	if s.restartable() {
		return s.keys.Restart
	}
	return labelled(s.keys.Restart, s.words.Keys.Retry)
}

// labelled returns a binding with another word for what it does here.
func labelled(b key.Binding, text string) key.Binding {
	b.SetHelp(b.Help().Key, text)
	return b
}
