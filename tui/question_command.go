package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// typedLine is a command line that is typed.
type typedLine struct {
	*scene
	input input
	on    bool // letters belong to it
}

func (t *typedLine) typing() bool { return t.on }

func (t *typedLine) bindings() (answer, move []bound) {
	if t.on {
		return []bound{does(t.keys.Cancel, func() { t.on = false })}, nil
	}
	return []bound{does(t.keys.TypeIt, func() { t.on = true })}, nil
}

func (t *typedLine) update(msg tea.Msg) {
	if !t.on {
		return
	}
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		t.input.key(msg)
	case tea.PasteMsg:
		t.input.insert(msg.Content)
	}
}

func (t *typedLine) response() (lessons.Response, bool) {
	return lessons.Response{Text: t.input.text}, t.input.text != ""
}

func (t *typedLine) draw(w int, m *lessons.Marking) sheet {
	p := newPen(w).put(t.styles.InputPrompt, "$ ")
	if m != nil {
		return sheet{lines: []string{p.put(styles.Style{}, t.input.text).line()}}
	}
	room := max(4, w-3)
	d := sheet{lines: []string{p.column(t.styles.Input, t.input.visible(room), room).line()}, to: 1}
	if t.on {
		d.cursor = tea.NewCursor(2+t.input.column(room), 0)
	}
	return d
}
