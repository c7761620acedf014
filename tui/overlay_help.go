package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// overlay lies over a screen and takes all keys.
type overlay interface {
	Update(tea.Msg) (action, tea.Cmd)
	// block is the overlay's picture, at most w x h cells, and its width.
	block(w, h int) (lines []string, width int)
	bindings() []bound
}

// helpOverlay lists the keys that work on the screen beneath it.
type helpOverlay struct {
	*scene
	screen, program []bound
	view            scroll
}

func newHelpOverlay(s *scene, screen, program []bound) *helpOverlay {
	return &helpOverlay{scene: s, screen: screen, program: program}
}

func (o *helpOverlay) bindings() []bound {
	return append([]bound{asks(o.keys.Close, closeOverlay{})}, o.keys.scrolling(&o.view)...)
}

func (o *helpOverlay) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		a, cmd, _ := press(msg, o.bindings())
		return a, cmd
	case tea.MouseWheelMsg:
		o.view.by(wheel(msg))
	case tea.MouseClickMsg:
		return closeOverlay{}, nil
	}
	return nil, nil
}

func (o *helpOverlay) block(w, h int) ([]string, int) {
	width := min(w-4, 64)
	inner := width - 4
	column := 0
	all := append(append([]bound(nil), o.screen...), o.program...)
	for _, b := range all {
		column = max(column, markdown.Width(b.Help().Key)+2)
	}
	var lines []string
	group := func(name string, bs []bound) {
		if len(lines) > 0 {
			lines = append(lines, blank(inner))
		}
		lines = append(lines, newPen(inner).put(o.styles.Label, name).line())
		for _, b := range bs {
			p := newPen(inner).column(o.styles.HintKey, "  "+b.Help().Key, column+2)
			lines = append(lines, p.put(styles.Style{}, b.Help().Desc).line())
		}
	}
	if len(o.screen) > 0 {
		group(o.words.Help.Screen, o.screen)
	}
	group(o.words.Help.Program, o.program)
	for i, l := range markdown.Wrap(o.words.Help.Mouse, inner) {
		if i == 0 {
			lines = append(lines, blank(inner))
		}
		lines = append(lines, newPen(inner).put(o.styles.Dim, l).line())
	}
	height := min(len(lines)+2, h)
	o.view.fit(height-2, len(lines))
	window := o.view.window(o.styles, indented(lines, 1), width-2)
	return box(o.styles, o.words.Help.Title, o.keys.Close.Help().Key, window, width, height, true), width
}

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
