package tui

import (
	"image/color"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// Theme says which look a learner wants.
type Theme string

// The themes: as the terminal's background is, one of the two always, or with
// much contrast.
const (
	ThemeAuto     Theme = "auto"
	ThemeDark     Theme = "dark"
	ThemeLight    Theme = "light"
	ThemeContrast Theme = "contrast"
)

// Themes lists the themes in the order in which a key goes through them.
func Themes() []Theme { return []Theme{ThemeAuto, ThemeDark, ThemeLight, ThemeContrast} }

// terminalLook is what the terminal has said of itself, and what is made of it.
type terminalLook struct {
	theme  Theme
	dark   bool // its background is dark, as far as is known
	told   bool // it has said so itself
	colors styles.Colors
	plain  bool // no more than ASCII
}

// options are the looks for the theme.
func (l terminalLook) options() styles.Options {
	o := styles.Options{Dark: l.dark, Colors: l.colors, Plain: l.plain}
	switch l.theme {
	case ThemeDark:
		o.Dark = true
	case ThemeLight:
		o.Dark = false
	case ThemeContrast:
		o.Contrast = true
	}
	return o
}

// page returns the colours of the page and of its text where they cannot be the
// terminal's own: a light theme cannot be read on a dark page. Nil is the
// terminal's own. A terminal that does not say its background is left alone: who
// chooses a theme there knows why.
func (l terminalLook) page() (text, back color.Color) {
	o := l.options()
	if !l.told || l.colors == styles.NoColors || o.Dark == l.dark && !o.Contrast {
		return nil, nil
	}
	return styles.Page(o)
}

// retheme draws everything anew if the look has become another one.
func (a *App) retheme(change func(*terminalLook)) {
	before := a.terminal.options()
	change(&a.terminal)
	if o := a.terminal.options(); o != before {
		a.look(o)
		a.resize()
	}
}

// setTheme takes a theme, and remembers it.
func (a *App) setTheme(t Theme) tea.Cmd {
	a.retheme(func(l *terminalLook) { l.theme = t })
	a.say(notice{text: a.words.Look.Theme + a.words.Colon + a.words.Look.themeName(t)})
	return a.save(func(p *lessons.Progress) { p.Screen.Theme = string(t) })
}

// nextTheme goes on to the next theme that looks different here. With no colours
// they all look the same, and it says so.
func (a *App) nextTheme() tea.Cmd {
	if a.terminal.colors == styles.NoColors {
		a.say(notice{text: a.words.Look.NoColours})
		return nil
	}
	all := Themes()
	at := slices.Index(all, a.terminal.theme)
	return a.setTheme(all[(at+1)%len(all)])
}
