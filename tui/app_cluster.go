package tui

import tea "charm.land/bubbletea/v2"

// open opens a cluster in place of the one that is open.
func (a *App) open(choice string) tea.Cmd {
	c := &a.cluster
	old := c.session
	if a.exercise != nil {
		a.exercise.detach()
	}
	a.newOpening(choice, clusterOpening)
	c.session, c.info, c.err, c.away = nil, Info{}, nil, nil
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
	if a.exercise == nil {
		return nil
	}
	return a.attach()
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

// attach starts the exercise's engine on the cluster that is open.
func (a *App) attach() tea.Cmd {
	if a.exercise == nil || a.cluster.session == nil {
		return nil
	}
	s := a.cluster.session
	cmd := a.exercise.attach(s, a.deps.Exercise(a.exercise.lesson, s))
	a.exercise.layOut()
	return cmd
}
