package tui

import (
	"strings"

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

// placed is an overlay that chooses where it stands on a screen of w x h cells;
// others stand in the middle.
type placed interface {
	place(w, h, bw, bh int) (x, y int)
}

// helpOverlay lists the keys: those that work on the screen beneath it, those
// that work on every screen, and those of other screens.
type helpOverlay struct {
	*scene
	groups []helpGroup
	view   scroll
	typing bool // the filter has the keys
	filter input
}

func newHelpOverlay(s *scene, screen, program []bound) *helpOverlay {
	return &helpOverlay{scene: s, groups: s.helpGroups(screen, program)}
}

func (o *helpOverlay) bindings() []bound {
	k := o.keys
	if o.typing {
		return []bound{
			does(k.Cancel, func() { o.typing, o.filter = false, input{} }),
			does(k.Choose, func() { o.typing = false }),
		}
	}
	bs := []bound{asks(k.Close, closeOverlay{}), does(k.Find, func() { o.typing, o.view.top = true, 0 })}
	return append(bs, k.scrolling(&o.view)...)
}

func (o *helpOverlay) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		a, cmd, ok := press(msg, o.bindings())
		if !ok && o.typing {
			o.filter.key(msg)
			o.view.top = 0
		}
		return a, cmd
	case tea.PasteMsg:
		if o.typing {
			o.filter.insert(strings.Join(strings.Fields(msg.Content), " "))
		}
	case tea.MouseWheelMsg:
		o.view.by(wheel(msg))
	case tea.MouseClickMsg:
		return closeOverlay{}, nil
	}
	return nil, nil
}

// filtering reports whether only some keys are shown.
func (o *helpOverlay) filtering() bool { return o.typing || o.filter.text != "" }

// cursor is where the filter is typed, in cells of the block.
func (o *helpOverlay) cursor() *tea.Cursor {
	if !o.typing {
		return nil
	}
	return tea.NewCursor(5+o.filter.column(helpFilterRoom), 1)
}

const (
	helpWidth      = 64
	helpFilterRoom = 40
)

func (o *helpOverlay) block(w, h int) ([]string, int) {
	width := min(w-4, helpWidth)
	inner := width - 4
	var top []string
	if o.filtering() {
		p := newPen(inner).put(o.styles.InputPrompt, "/ ").put(styles.Style{}, o.filter.visible(helpFilterRoom))
		top = indented([]string{p.line(), newPen(inner).put(o.styles.Border, strings.Repeat(o.styles.Glyphs.Box.Across, inner)).line()}, 1)
		top = padded(top, 1)
	}
	lines := o.lines(inner)
	height := min(len(lines)+len(top)+2, h)
	if o.filtering() {
		height = h // it does not jump while one types
	}
	o.view.fit(height-2-len(top), len(lines))
	window := append(top, o.view.window(o.styles, indented(lines, 1), width-2)...)
	return box(o.styles, o.words.Help.Title, o.keys.Close.Help().Key, window, width, height, true), width
}

// lines are the groups with the keys that the filter leaves.
func (o *helpOverlay) lines(w int) []string {
	st := o.styles
	column := 0
	for _, g := range o.groups {
		for _, r := range g.rows {
			column = max(column, markdown.Width(r.key)+2)
		}
	}
	var lines []string
	for _, g := range o.groups {
		rows := g.matching(o.filter.text)
		if len(rows) == 0 {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, blank(w))
		}
		lines = append(lines, newPen(w).put(st.Label, g.name).line())
		keys, text := st.HintKey, styles.Style{}
		if g.elsewhere {
			keys, text = st.Dim, st.Dim
		}
		for _, r := range rows {
			lines = append(lines, newPen(w).column(keys, "  "+r.key, column+2).put(text, r.what).line())
		}
	}
	say := func(text string) {
		for i, l := range markdown.Wrap(text, w) {
			if i == 0 && len(lines) > 0 {
				lines = append(lines, blank(w))
			}
			lines = append(lines, newPen(w).put(st.Dim, l).line())
		}
	}
	switch {
	case o.filter.text == "":
		say(o.words.Help.Mouse)
	case len(lines) == 0:
		say(o.words.Help.Nothing)
	}
	return lines
}
