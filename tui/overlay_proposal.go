package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/styles"
)

// proposal says what would be done, and asks whether it may. What it says can be
// longer than the screen; the choices are always to be seen.
type proposal struct {
	*scene
	title string
	say   func(*leaf)
	// choices are what can be chosen; none of them leaves everything as it is.
	choices []bound
	// refused is what follows when the learner leaves it; nil is nothing.
	refused action
	view    scroll
}

func (o *proposal) bindings() []bound {
	var bs []bound
	for _, c := range o.choices {
		bs = append(bs, asks(c.Binding, closeOverlay{then: c.run}))
	}
	leave := closeOverlay{}
	if o.refused != nil {
		leave.then = func() (action, tea.Cmd) { return o.refused, nil }
	}
	bs = append(bs, asks(o.keys.No, leave))
	return append(bs, o.keys.scrolling(&o.view)...)
}

func (o *proposal) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		a, cmd, _ := press(msg, o.bindings())
		return a, cmd
	case tea.MouseWheelMsg:
		o.view.by(wheel(msg))
	}
	return nil, nil
}

func (o *proposal) block(w, h int) ([]string, int) {
	width := min(w-4, 76)
	inner := width - 4 // an edge and a blank cell on either side
	body := &leaf{w: inner}
	o.say(body)
	var choices []string
	for _, b := range o.bindings() {
		if b.quiet {
			continue
		}
		p := newPen(inner).column(o.styles.HintKey, b.Help().Key, 9)
		choices = append(choices, p.put(styles.Style{}, b.Help().Desc).line())
	}
	height := min(len(body.lines)+len(choices)+4, h)
	o.view.fit(height-len(choices)-4, len(body.lines))
	lines := append([]string{blank(width - 2)}, o.view.window(o.styles, indented(body.lines, 1), width-2)...)
	lines = append(lines, blank(width-2))
	lines = append(lines, padded(indented(choices, 1), 1)...)
	return box(o.styles, o.title, "", lines, width, height, true), width
}
