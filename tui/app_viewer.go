package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/picture"
)

// viewer returns the screen that shows an object; nil when there is none.
func (a *App) viewer() *viewerScreen {
	for _, s := range a.screens {
		if v, ok := s.(*viewerScreen); ok {
			return v
		}
	}
	return nil
}

// showView shows an object of the exercise's workspace.
func (a *App) showView(what goView) tea.Cmd {
	e := a.exercise
	if e == nil {
		return nil
	}
	v := a.viewer()
	if v == nil {
		v = newViewerScreen(a.scene, a.crew, a.cluster.session, func() *picture.Graph { return e.objects.graph })
		a.push(v, func(screen) bool { return false })
		a.seeing = v
	}
	return v.show(what.kind, what.object)
}

// viewed gives a message to the viewer, if it is still shown.
func (a *App) viewed(msg tea.Msg) tea.Cmd {
	if v := a.viewer(); v != nil {
		return a.act(v.Update(msg))
	}
	return nil
}

// sweep ends what the viewer reads once it is no longer among the screens.
func (a *App) sweep() {
	if a.seeing != nil && !slices.Contains(a.screens, screen(a.seeing)) {
		a.seeing.stop()
		a.seeing = nil
	}
}
