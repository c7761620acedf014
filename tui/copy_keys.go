package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/terminal/copymode"
)

// copyKeys are the keys of copy mode, with the names that vi and tmux gave them.
type copyKeys struct {
	On, Off, Back, Forth                         key.Binding
	Find, FindBack, FindNext, FindPrev           key.Binding
	Select, SelectLines, Yank                    key.Binding
	Left, Right, PageUp, PageDown                key.Binding
	Start, Text, End, WordNext, WordBack         key.Binding
	WordEnd, ScreenTop, ScreenMiddle, ScreenLast key.Binding
}

func newCopyKeys(w copyWords) copyKeys {
	k := func(shown, help string, names ...string) key.Binding {
		return key.NewBinding(key.WithKeys(names...), key.WithHelp(shown, help))
	}
	return copyKeys{
		On:    k("[", w.On, "[", "【"),
		Off:   k("esc q", w.Off, "esc", "q"),
		Back:  k("shift-PgUp", w.Back, "shift+pgup"),
		Forth: k("shift-PgDn", w.Forth, "shift+pgdown"),

		Find:     k("/", w.Find, "/", "、"),
		FindBack: k("?", w.FindBack, "?", "？"),
		FindNext: k("n", w.FindNext, "n"),
		FindPrev: k("N", w.FindPrev, "N", "shift+n"),

		Select:      k("v", w.Select, "v"),
		SelectLines: k("V", w.SelectLines, "V", "shift+v"),
		Yank:        k("y enter", w.Yank, "y", "enter"),

		Left:         k("h ←", w.Left, "h", "left"),
		Right:        k("l →", w.Right, "l", "right"),
		PageUp:       k("ctrl-b PgUp", w.PageUp, "ctrl+b", "pgup", "shift+pgup"),
		PageDown:     k("ctrl-f PgDn", w.PageDown, "ctrl+f", "pgdown", "space", "shift+pgdown"),
		Start:        k("0", w.Start, "0"),
		Text:         k("^", w.Text, "^"),
		End:          k("$", w.End, "$", "￥"),
		WordNext:     k("w", w.WordNext, "w"),
		WordBack:     k("b", w.WordBack, "b"),
		WordEnd:      k("e", w.WordEnd, "e"),
		ScreenTop:    k("H", w.ScreenTop, "H", "shift+h"),
		ScreenMiddle: k("M", w.ScreenMiddle, "M", "shift+m"),
		ScreenLast:   k("L", w.ScreenLast, "L", "shift+l"),
	}
}

// scrollBindings look back without copy mode: the next key goes to the shell.
func (t *terminalPane) scrollBindings() []bound {
	if t.pane == nil || t.pane.Scrollback() == 0 {
		return nil
	}
	k := newCopyKeys(t.words.Copying)
	page := max(1, t.h-1)
	bs := []bound{does(k.Back, func() { t.pane.Scroll(page) })}
	if t.pane.Scrolled() > 0 {
		bs = append(bs, does(k.Forth, func() { t.pane.Scroll(-page) }))
	}
	return bs
}

// copyKey gives a key to copy mode.
func (s *exerciseScreen) copyKey(msg tea.KeyPressMsg) (action, tea.Cmd) {
	c := s.terminal.copying
	c.missed = ""
	if a, cmd, ok := press(msg, s.copyBindings()); ok {
		return a, cmd
	}
	switch {
	case c.typing:
		c.input.key(msg)
	case c.dragged:
		// What the mouse selected has been copied; this is meant for the shell.
		s.copyOff()
		if s.terminal.focused {
			s.terminal.key(msg)
		}
	}
	return nil, nil
}

// copyOn begins copy mode.
func (s *exerciseScreen) copyOn() {
	s.terminal.copyOn()
	s.terminal.focused, s.steps.typing = false, false
	s.pane = shellPane
}

// copyOff ends copy mode: the keys go to the shell again.
func (s *exerciseScreen) copyOff() {
	s.terminal.copyOff()
	s.show(shellPane)
}

// copyBindings are the keys of copy mode.
func (s *exerciseScreen) copyBindings() []bound {
	c, k, g := s.terminal.copying, newCopyKeys(s.words.Copying), s.keys
	off := does(k.Off, func() {
		if c.dragged || !c.Clear() {
			s.copyOff()
		}
	})
	leave := g.Interrupt
	leave.SetHelp(leave.Help().Key, k.Off.Help().Desc)
	interrupt := hidden(does(leave, s.copyOff))[0]
	switch {
	case c.typing:
		return []bound{does(g.Send, s.copySearch), does(g.Cancel, func() { c.typing = false }), interrupt}
	case c.dragged:
		return []bound{off, interrupt}
	}
	find := func(back bool) func() { return func() { c.typing, c.backward, c.input = true, back, input{} } }
	again := func(against bool) func() { return func() { c.Again(against) } }
	move := func(b key.Binding, how copymode.Motion) bound { return does(b, func() { c.Move(how) }) }
	var bs []bound
	if c.Selecting() != copymode.Nothing {
		bs = append(bs, on(k.Yank, s.copyYank))
	}
	bs = append(bs, does(k.Select, func() { c.Select(copymode.Characters) }), does(k.Find, find(false)))
	if _, _, of := c.Found(); of > 0 {
		bs = append(bs, does(k.FindNext, again(false)), does(k.FindPrev, again(true)))
	}
	bs = append(bs, off, interrupt, does(k.SelectLines, func() { c.Select(copymode.Lines) }))
	return append(bs, hidden(does(k.FindBack, find(true)),
		move(g.Up, copymode.Up), move(g.Down, copymode.Down), move(k.Left, copymode.Left), move(k.Right, copymode.Right),
		move(g.HalfUp, copymode.HalfUp), move(g.HalfDown, copymode.HalfDown), move(k.PageUp, copymode.PageUp), move(k.PageDown, copymode.PageDown),
		move(g.Top, copymode.Top), move(g.Bottom, copymode.Bottom),
		move(k.Start, copymode.LineStart), move(k.Text, copymode.LineText), move(k.End, copymode.LineEnd),
		move(k.WordNext, copymode.WordNext), move(k.WordBack, copymode.WordBack), move(k.WordEnd, copymode.WordEnd),
		move(k.ScreenTop, copymode.ScreenTop), move(k.ScreenMiddle, copymode.ScreenHalf), move(k.ScreenLast, copymode.ScreenEnd))...)
}

// copySearch searches for what was typed.
func (s *exerciseScreen) copySearch() {
	c := s.terminal.copying
	c.typing = false
	if c.input.text != "" && !c.Search(c.input.text, c.backward) {
		c.missed = c.input.text
	}
}

// copyYank copies what is selected and ends copy mode.
func (s *exerciseScreen) copyYank() (action, tea.Cmd) {
	text := s.terminal.copying.yank()
	s.copyOff()
	return s.copied(text)
}
