package tui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/picture"
)

// bindings are the keys of the cluster pane while it has them.
func (p *objectPane) bindings() []bound {
	k := p.keys
	if p.typing {
		return []bound{
			does(k.Send, func() { p.typing = false }),
			does(k.Cancel, func() { p.typing, p.filter = false, input{} }),
		}
	}
	if p.graph == nil || len(p.graph.Nodes) == 0 {
		return nil
	}
	var bs []bound
	if p.filter.text != "" {
		bs = append(bs, does(k.Cancel, func() { p.filter = input{} }))
	}
	n := p.node()
	i := p.at()
	switch {
	case n != nil && i >= 0:
		see := func(kind viewKind) action { return goView{kind, identity(n)} }
		bs = append(bs, asks(k.YAML, see(viewYAML)), asks(k.Describe, see(viewDescribe)), asks(k.Events, see(viewEvents)))
		if n.Kind == "Pod" {
			bs = append(bs, asks(k.Logs, see(viewLogs)))
		}
		if p.graph.Owner(n.Key) != nil {
			bs = append(bs, does(k.Owner, p.toOwner))
		}
	case i >= 0:
		fold := k.YAML
		fold.SetHelp(fold.Help().Key, p.words.Picture.Fold)
		bs = append(bs, does(fold, func() { p.fold() }))
	}
	bs = append(bs, does(k.Filter, func() { p.typing = true }))
	return append(bs, p.moves(i)...)
}

// moves are the keys that select another stop than the ith.
func (p *objectPane) moves(i int) []bound {
	k := p.keys
	var bs, quiet []bound
	if next := p.next(0, 1); next >= 0 {
		down := k.Down
		down.SetHelp("↑↓←→", p.words.Picture.Select)
		bs = append(bs, does(down, func() { p.choose(next) }))
		quiet = append(quiet, does(k.PageDown, func() { p.jump(max(1, p.view.height-1)) }), does(k.HalfDown, func() { p.jump(max(1, p.view.height/2)) }))
	}
	if next := p.next(0, -1); next >= 0 {
		quiet = append(quiet, does(k.Up, func() { p.choose(next) }),
			does(k.PageUp, func() { p.jump(-max(1, p.view.height-1)) }), does(k.HalfUp, func() { p.jump(-max(1, p.view.height/2)) }))
	}
	for _, way := range []struct {
		b  key.Binding
		dx int
	}{{k.Left, -1}, {k.Right, 1}} {
		if next := p.next(way.dx, 0); next >= 0 {
			quiet = append(quiet, does(way.b, func() { p.choose(next) }))
		}
	}
	if last := len(p.drawing.Stops) - 1; i < last {
		quiet = append(quiet, does(k.Bottom, func() { p.choose(last) }))
	}
	if i > 0 {
		quiet = append(quiet, does(k.Top, func() { p.choose(0) }))
	}
	return append(bs, hidden(quiet...)...)
}

// mouse selects with a click, opens with another, scrolls with the wheel. X and y are
// cells of the pane.
func (p *objectPane) mouse(msg tea.MouseMsg, x, y int) action {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.view.by(wheel(msg))
	case tea.MouseClickMsg:
		if !p.click(x, y) {
			return nil
		}
		if n := p.node(); n != nil && !p.fold() {
			return goView{viewYAML, identity(n)}
		}
		p.fold()
	}
	return nil
}

// restKinds are the kinds that the picture shows and a lesson's steps do not ask for.
func restKinds(l *lessons.Lesson) []lessons.Kind {
	followed := l.FollowedKinds()
	return slices.DeleteFunc(picture.Kinds(l), func(k lessons.Kind) bool { return slices.Contains(followed, k) })
}
