package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// confirm asks before something is done that cannot be undone.
type confirm struct {
	*scene
	question string
	choices  []bound
}

func newConfirm(s *scene, question string, choices ...bound) *confirm {
	return &confirm{scene: s, question: question, choices: choices}
}

func (o *confirm) bindings() []bound {
	var bs []bound
	for _, c := range o.choices {
		bs = append(bs, asks(c.Binding, closeOverlay{then: c.run}))
	}
	return append(bs, asks(o.no(), closeOverlay{}))
}

func (o *confirm) no() key.Binding { return o.keys.No }

func (o *confirm) Update(msg tea.Msg) (action, tea.Cmd) {
	if msg, ok := msg.(tea.KeyPressMsg); ok {
		a, cmd, _ := press(msg, o.bindings())
		return a, cmd
	}
	return nil, nil
}

func (o *confirm) block(w, h int) ([]string, int) {
	width := min(w-4, 60)
	inner := width - 4
	lines := []string{blank(inner)}
	for _, l := range markdown.Wrap(o.question, inner) {
		lines = append(lines, newPen(inner).put(o.styles.Strong, l).line())
	}
	lines = append(lines, blank(inner))
	for _, b := range o.bindings() {
		p := newPen(inner).column(o.styles.HintKey, b.Help().Key, 8)
		lines = append(lines, p.put(styles.Style{}, b.Help().Desc).line())
	}
	height := min(len(lines)+3, h)
	return box(o.styles, o.words.Help.Sure, "", padded(indented(lines, 1), 1), width, height, true), width
}
