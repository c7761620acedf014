package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// restWatch follows the kinds that the picture shows and no step asks for. They are
// not followed for the exercise's engine: that a learner may not read Secrets must
// not keep a step from being judged.
type restWatch struct {
	uid    string // of the workspace
	ctx    context.Context
	cancel context.CancelFunc
	news   latest[lessons.Snapshot]
}

// restMsg: objects of kinds that no step asks for. From watchRest; handled by
// exerciseScreen.
type restMsg struct {
	from     *restWatch
	snapshot lessons.Snapshot
}

// followRest begins to follow a workspace, unless it is followed already.
func (s *exerciseScreen) followRest(ws lessons.Workspace) tea.Cmd {
	if s.rest != nil && s.rest.uid == ws.UID {
		return nil
	}
	if s.rest != nil {
		s.rest.cancel()
	}
	ctx, cancel := context.WithCancel(s.run.ctx)
	s.rest = &restWatch{uid: ws.UID, ctx: ctx, cancel: cancel, news: newLatest[lessons.Snapshot]()}
	return tea.Batch(runRest(s.crew, s.rest, s.run.session, ws, restKinds(s.lesson)), watchRest(s.crew, s.rest))
}

// restSeen shows what has come, and waits for more.
func (s *exerciseScreen) restSeen(msg restMsg) tea.Cmd {
	if msg.from != s.rest {
		return nil
	}
	s.objects.takeRest(msg.snapshot)
	return watchRest(s.crew, s.rest)
}

// runRest follows until the watch ends.
func runRest(c *crew, r *restWatch, session Session, ws lessons.Workspace, kinds []lessons.Kind) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		for snap := range session.Follow(r.ctx, ws, kinds) {
			r.news.put(snap)
		}
		return nil
	})
}

func watchRest(c *crew, r *restWatch) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		snap, ok := r.news.take(r.ctx)
		if !ok {
			return nil
		}
		return restMsg{r, snap}
	})
}
