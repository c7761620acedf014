package tui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// bound is a key together with what it does. Screens list the keys that work at
// the moment; the same list answers key presses and fills the line of keys and
// the help, so that neither can show a key that does nothing.
type bound struct {
	key.Binding
	run func() (action, tea.Cmd)
	// quiet keys are in the help only: those that everyone tries anyway.
	quiet bool
}

// on binds a key to what it does.
func on(b key.Binding, run func() (action, tea.Cmd)) bound { return bound{Binding: b, run: run} }

// does binds a key to a change of the screen alone.
func does(b key.Binding, run func()) bound {
	return on(b, func() (action, tea.Cmd) { run(); return nil, nil })
}

// asks binds a key to an action of the App.
func asks(b key.Binding, a action) bound {
	return on(b, func() (action, tea.Cmd) { return a, nil })
}

// hidden returns bindings that are shown in the help only.
func hidden(bs ...bound) []bound {
	for i := range bs {
		bs[i].quiet = true
	}
	return bs
}

// press does what a key is bound to; false when it is bound to nothing.
func press(msg tea.KeyPressMsg, bs []bound) (action, tea.Cmd, bool) {
	for _, b := range bs {
		if key.Matches(msg, b.Binding) {
			a, cmd := b.run()
			return a, cmd, true
		}
	}
	return nil, nil, false
}

// keys are all keys of the program, named for what they do, with their help in
// the learner's language.
type keys struct {
	Up, Down, PageUp, PageDown, HalfUp, HalfDown, Top, Bottom key.Binding

	Open, Back, Home, Quit, Interrupt, Help, Language, Cluster key.Binding

	NextPage, PrevPage, Contents, Exercise, Quiz, Pages key.Binding

	NextStep, PrevStep, GoOn, Hint, Solution, Reset, Restart, Retry, Answer key.Binding
	Foretell, Edit, Check, Apply, Save, Leave                               key.Binding
	Steps, Objects, Terminal, FlipLeft, FlipRight, Flip                     key.Binding
	FocusTerminal, LeaveTerminal                                            key.Binding

	// The cluster pane, and what it opens.
	Left, Right, YAML, Describe, Events, Logs, Owner, Filter                   key.Binding
	Noise, Copy, Seek, NextMatch, PrevMatch, Wrap, Container, Previous, Follow key.Binding

	Send, Cancel, Choose, Toggle, Next, MoveUp, MoveDown, Again, TypeIt, Pick key.Binding

	Yes, No, ResetStep, ResetLesson, Close key.Binding

	// Clusters, and what is asked before one is used.
	StartCluster, UseCluster, UseAuto, LookAgain, AddNeeds, StopChore key.Binding
	Accept, ToSandbox, Without                                        key.Binding

	// Reading.
	FindText, EndFind, Turn, Terms, NextTerm, PrevTerm, ToPage          key.Binding
	SendCommand                                                         key.Binding
	Links, CopyCode, SlideLeft, SlideRight, CopyLink, OpenLink, Dismiss key.Binding

	// Review.
	Review, Known, Anyway key.Binding

	// Look and search.
	Theme, Find, Palette, ClosePalette                     key.Binding
	PaletteUp, PaletteDown, PalettePageUp, PalettePageDown key.Binding
	WelcomeNext, WelcomeBefore, WelcomeChoose, WelcomeSkip key.Binding
}

func newKeys(w *words) keys {
	k := func(shown, help string, names ...string) key.Binding {
		return key.NewBinding(key.WithKeys(names...), key.WithHelp(shown, help))
	}
	h, r, c := w.Keys, w.Reading.Keys, w.Choosing
	return keys{
		Up:       k("k ↑", h.Up, "k", "up"),
		Down:     k("j ↓", h.Down, "j", "down"),
		PageUp:   k("b PgUp", h.PageUp, "b", "pgup"),
		PageDown: k("space PgDn", h.PageDown, "space", "pgdown"),
		HalfUp:   k("ctrl-u", h.HalfUp, "ctrl+u"),
		HalfDown: k("ctrl-d", h.HalfDown, "ctrl+d"),
		Top:      k("g Home", h.Top, "g", "home"),
		Bottom:   k("G End", h.Bottom, "G", "shift+g", "end"),

		Open:      k("enter", h.Open, "enter"),
		Back:      k("esc", h.Back, "esc", "backspace"),
		Home:      k("H", h.Home, "H", "shift+h"),
		Quit:      k("q", h.Quit, "q"),
		Interrupt: k("ctrl-c", h.Quit, "ctrl+c"),
		Help:      k("?", h.Help, "?", "？", "f1"),
		Language:  k("l", h.Language, "l"),
		Cluster:   k("c", h.Cluster, "c"),

		NextPage: k("n →", h.NextPage, "n", "right"),
		PrevPage: k("p ←", h.PrevPage, "p", "left"),
		Contents: k("t", h.Contents, "t"),
		Exercise: k("e tab", h.Exercise, "e", "tab"),
		Quiz:     k("z", h.Quiz, "z"),
		Pages:    k("v", h.Pages, "v"),

		NextStep: k("n →", h.NextStep, "n", "right"),
		PrevStep: k("p ←", h.PrevStep, "p", "left"),
		GoOn:     k("enter n", h.GoOn, "enter", "n", "right"),
		Hint:     k("h", h.Hint, "h"),
		Solution: k("s", h.Solution, "s"),
		Reset:    k("x", h.Reset, "x"),
		Restart:  k("R", h.Restart, "R", "shift+r"),
		Retry:    k("r", h.Retry, "r"),
		Answer:   k("a enter", h.Answer, "a", "enter"),
		Foretell: k("a enter", h.Foretell, "a", "enter"),
		Edit:     k("e", h.Edit, "e"),
		Check:    k("d", h.Check, "d"),
		Apply:    k("a enter", h.Apply, "a", "enter"),
		Save:     k("ctrl-s", h.Save, "ctrl+s"),
		Leave:    k("esc", h.Leave, "esc", "ctrl+c"),

		Steps:     k("1", h.Steps, "1"),
		Objects:   k("2", h.Objects, "2"),
		Terminal:  k("3", h.Terminal, "3"),
		FlipLeft:  k("F2", h.FlipLeft, "f2"),
		FlipRight: k("F3", h.FlipRight, "f3"),
		Flip:      k("tab", h.Flip, "tab"),

		FocusTerminal: k("F6 ctrl-t", h.FocusTerminal, "f6", "ctrl+t"),
		LeaveTerminal: k("F6 ctrl-]", h.LeaveTerminal, "f6", "ctrl+]"),

		// The cluster pane, and what it opens.
		Left:      k("←", w.Picture.Column, "left"),
		Right:     k("→", w.Picture.Column, "right"),
		YAML:      k("enter", w.Picture.YAML, "enter"),
		Describe:  k("d", w.Picture.Describe, "d"),
		Events:    k("E", w.Picture.Events, "E", "shift+e"),
		Logs:      k("L", w.Picture.Logs, "L", "shift+l"),
		Owner:     k("o", w.Picture.Owner, "o"),
		Filter:    k("/", w.Picture.Filter, "/"),
		Noise:     k("enter", w.Picture.Noise, "enter"),
		Copy:      k("y", w.Picture.Copy, "y"),
		Seek:      k("/", w.Picture.Find, "/"),
		NextMatch: k("n", w.Picture.NextMatch, "n"),
		PrevMatch: k("N", w.Picture.PrevMatch, "N", "shift+n"),
		Wrap:      k("w", w.Picture.Wrap, "w"),
		Container: k("tab", w.Picture.Container, "tab"),
		Previous:  k("p", w.Picture.Previous, "p"),
		Follow:    k("f", w.Picture.Follow, "f"),

		Send:     k("enter", h.Send, "enter"),
		Cancel:   k("esc", h.Cancel, "esc"),
		Choose:   k("enter", h.Choose, "enter"),
		Toggle:   k("space", h.Toggle, "space"),
		Next:     k("n enter", h.Next, "n", "enter", "right"),
		MoveUp:   k("K shift-↑", h.MoveUp, "K", "shift+k", "shift+up"),
		MoveDown: k("J shift-↓", h.MoveDown, "J", "shift+j", "shift+down"),
		Again:    k("enter a", h.Again, "enter", "a"),
		TypeIt:   k("a", h.TypeIt, "a", "i"),
		Pick:     k("1 … 9", h.Pick, "1", "2", "3", "4", "5", "6", "7", "8", "9"),

		Yes:         k("y", h.Yes, "y"),
		No:          k("n esc", h.No, "n", "esc", "q"),
		ResetStep:   k("s", h.ResetStep, "s"),
		ResetLesson: k("l", h.ResetLesson, "l"),
		Close:       k("? esc", h.Close, "?", "？", "f1", "esc", "q", "enter"),

		// Clusters.
		StartCluster: k("s", c.Start, "s"),
		UseCluster:   k("u", c.Use, "u"),
		UseAuto:      k("u", c.UseAuto, "u"),
		LookAgain:    k("r", c.Look, "r"),
		AddNeeds:     k("a", c.Add, "a"),
		StopChore:    k("esc ctrl-c", c.Stop, "esc", "ctrl+c"),
		Accept:       k("y enter", c.Accept, "y", "enter"),
		ToSandbox:    k("o", c.ToSandbox, "o"),
		Without:      k("w", c.Without, "w"),

		// Reading.
		FindText:    k("/", r.Find, "/", "／"),
		EndFind:     k("esc", r.EndFind, "esc"),
		Turn:        k("→", r.Turn, "right"),
		Terms:       k("K", r.Terms, "K", "shift+k"),
		NextTerm:    k("tab →", r.NextTerm, "tab", "right", "n", "K", "shift+k"),
		PrevTerm:    k("shift-tab ←", r.PrevTerm, "shift+tab", "left", "p"),
		ToPage:      k("enter", r.ToPage, "enter"),
		Links:       k("f", r.Links, "f"),
		SendCommand: k("i", w.Sending.Key, "i"),
		CopyCode:    k("y", r.Copy, "y"),
		SlideLeft:   k("<", r.Left, "<", "shift+left"),
		SlideRight:  k(">", r.Right, ">", "shift+right"),
		CopyLink:    k("y", r.CopyLink, "y", "enter"),
		OpenLink:    k("o", r.OpenLink, "o"),
		Dismiss:     k("esc", r.Dismiss, "esc", "q"),

		// Review.
		Review: k("m", h.Review, "m"),
		Known:  k("M", h.Known, "M", "shift+m"),
		Anyway: k("a", h.Anyway, "a"),

		// Look and search.
		Theme:           k("T", h.Theme, "T", "shift+t"),
		Find:            k("/", h.Find, "/", "／"),
		Palette:         k("ctrl-p", h.Palette, "ctrl+p"),
		ClosePalette:    k("esc", h.Close, "esc", "ctrl+g"),
		WelcomeNext:     k("enter", w.Welcome.Next, "enter", "right", "space", "n"),
		WelcomeBefore:   k("←", w.Welcome.Before, "left", "p"),
		WelcomeChoose:   k("↑ ↓", w.Welcome.Choose, "up", "down", "j", "k", "l"),
		WelcomeSkip:     k("esc", w.Welcome.Skip, "esc", "q"),
		PaletteUp:       k("↑ ctrl-p", h.Up, "up", "ctrl+p", "shift+tab"),
		PaletteDown:     k("↓ ctrl-n", h.Down, "down", "ctrl+n", "tab"),
		PalettePageUp:   k("PgUp", h.PageUp, "pgup"),
		PalettePageDown: k("PgDn", h.PageDown, "pgdown"),
	}
}

// scrolling are the keys that move a window over lines; none when all of them can
// be seen.
func (k keys) scrolling(s *scroll) []bound {
	if s.total <= s.height {
		return nil
	}
	return hidden(
		does(k.Down, func() { s.by(1) }),
		does(k.Up, func() { s.by(-1) }),
		does(k.PageDown, func() { s.by(max(1, s.height-1)) }),
		does(k.PageUp, func() { s.by(-max(1, s.height-1)) }),
		does(k.HalfDown, func() { s.by(max(1, s.height/2)) }),
		does(k.HalfUp, func() { s.by(-max(1, s.height/2)) }),
		does(k.Top, func() { s.top = 0 }),
		does(k.Bottom, func() { s.by(s.total) }),
	)
}
