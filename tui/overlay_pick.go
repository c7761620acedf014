package tui

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// choice is one line of a pickOverlay.
type choice struct {
	text, note string
	pick       func() (action, tea.Cmd)
}

// pickOverlay lets one thing be chosen from a numbered list.
type pickOverlay struct {
	*scene
	title   string
	choices []choice
	at      int
	view    scroll
}

func newPickOverlay(s *scene, title string, choices []choice) *pickOverlay {
	return &pickOverlay{scene: s, title: title, choices: choices}
}

func (o *pickOverlay) move(n int) {
	o.at = max(0, min(o.at+n, len(o.choices)-1))
	o.view.show(o.at)
}

func (o *pickOverlay) pick(i int) (action, tea.Cmd) {
	return closeOverlay{then: o.choices[i].pick}, nil
}

func (o *pickOverlay) bindings() []bound {
	k := o.keys
	bs := []bound{on(k.Choose, func() (action, tea.Cmd) { return o.pick(o.at) })}
	if len(o.choices) > 1 {
		bs = append(bs, does(k.Down, func() { o.move(1) }), does(k.Up, func() { o.move(-1) }))
	}
	for i := range min(9, len(o.choices)) {
		b := on(key.NewBinding(key.WithKeys(fmt.Sprint(i+1)), key.WithHelp(fmt.Sprint(i+1), o.words.Reading.Keys.PickOne)),
			func() (action, tea.Cmd) { return o.pick(i) })
		b.quiet = true
		bs = append(bs, b)
	}
	return append(bs, asks(k.Dismiss, closeOverlay{}))
}

func (o *pickOverlay) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		a, cmd, _ := press(msg, o.bindings())
		return a, cmd
	case tea.MouseWheelMsg:
		o.move(wheel(msg))
	case tea.MouseClickMsg:
		return closeOverlay{}, nil
	}
	return nil, nil
}

func (o *pickOverlay) block(w, h int) ([]string, int) {
	width := min(w-4, 72)
	inner := width - 4
	var lines []string
	for i, c := range o.choices {
		look, mark := styles.Style{}, " "
		if i == o.at {
			look, mark = o.styles.Selected, o.styles.Glyphs.Cursor
		}
		p := newPen(inner).put(look, fmt.Sprintf("%s%2d  ", mark, i+1)).put(look, c.text)
		if c.note != "" && p.left > 6 {
			note := look
			if i != o.at {
				note = o.styles.Dim
			}
			p.put(note, "  "+markdown.Truncate(c.note, p.left-2, "…"))
		}
		lines = append(lines, p.filled(look))
	}
	height := min(len(lines)+2, h)
	o.view.fit(height-2, len(lines))
	o.view.show(o.at)
	window := o.view.window(o.styles, indented(lines, 1), width-2)
	return box(o.styles, o.title, "esc", window, width, height, true), width
}

// textOverlay shows a text with some things to do about it.
type textOverlay struct {
	*scene
	title, note string
	source      string // Markdown
	more        []bound
	// near is where the box wants to stand: below or above a line of the screen;
	// nil is the middle.
	near func() (x, y int)
	view scroll
}

func (o *textOverlay) bindings() []bound {
	bs := append([]bound(nil), o.more...)
	bs = append(bs, asks(o.keys.Dismiss, closeOverlay{}))
	return append(bs, o.keys.lineScrolling(&o.view)...)
}

func (o *textOverlay) Update(msg tea.Msg) (action, tea.Cmd) {
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

func (o *textOverlay) block(w, h int) ([]string, int) {
	width := min(w-4, 64)
	lines := indented(o.prose.lines(o.source, width-5), 1)
	lines = padded(lines, 1)
	height := max(3, min(len(lines)+2, h))
	o.view.fit(height-2, len(lines))
	window := o.view.window(o.styles, lines, width-2)
	return box(o.styles, o.title, o.note, window, width, height, true), width
}

// place is where the box goes on a screen of w x h cells.
func (o *textOverlay) place(w, h, bw, bh int) (x, y int) {
	if o.near == nil {
		return (w - bw) / 2, max(0, (h-bh)/2)
	}
	x, y = o.near()
	x = max(0, min(x, w-bw))
	if y+1+bh <= h {
		return x, y + 1
	}
	return x, max(0, y-bh)
}

// lineScrolling are the keys that scroll a small box; none when all is seen.
func (k keys) lineScrolling(s *scroll) []bound {
	if s.total <= s.height {
		return nil
	}
	return hidden(does(k.Down, func() { s.by(1) }), does(k.Up, func() { s.by(-1) }))
}
