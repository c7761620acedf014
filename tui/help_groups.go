package tui

import (
	"reflect"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// helpGroup is some keys of the help under one name.
type helpGroup struct {
	name      string
	rows      []helpRow
	elsewhere bool // they do not work now
}

// helpRow is a key, what it does, and what it is called in the other language
// and in the program, by which it is found too.
type helpRow struct{ key, what, also string }

// matching returns the rows that hold every word of a filter.
func (g helpGroup) matching(filter string) []helpRow {
	words := strings.Fields(strings.ToLower(filter))
	return slices.DeleteFunc(slices.Clone(g.rows), func(r helpRow) bool {
		text := strings.ToLower(r.key + " " + r.what + " " + r.also)
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	})
}

// helpGroups sorts the keys: those of the screen, those that move about on it,
// those of every screen; and then all others that the program has.
func (s *scene) helpGroups(screen, program []bound) []helpGroup {
	k, w := s.keys, s.words.Help
	names := s.keyNames()
	var here, moving, everywhere, elsewhere []helpRow
	shown := map[string]bool{}
	row := func(b key.Binding) helpRow {
		name, other := names.of(b)
		shown[name], shown[b.Help().Key+b.Help().Desc] = true, true
		return helpRow{b.Help().Key, b.Help().Desc, name + " " + other}
	}
	movers := []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.HalfUp, k.HalfDown, k.Top, k.Bottom}
	for _, b := range screen {
		r := row(b.Binding)
		if slices.ContainsFunc(movers, func(m key.Binding) bool { return slices.Equal(m.Keys(), b.Keys()) }) {
			moving = append(moving, r)
		} else {
			here = append(here, r)
		}
	}
	for _, b := range program {
		everywhere = append(everywhere, row(b.Binding))
	}
	all := reflect.ValueOf(k)
	for i := range all.NumField() {
		b, isKey := all.Field(i).Interface().(key.Binding)
		name := all.Type().Field(i).Name
		id := b.Help().Key + b.Help().Desc
		if !isKey || shown[name] || shown[id] || ofOverlay(name) || markdown.Width(b.Help().Desc) == 0 {
			continue
		}
		elsewhere = append(elsewhere, row(b))
	}
	var groups []helpGroup
	for _, g := range []helpGroup{
		{name: w.Screen, rows: here}, {name: w.Moving, rows: moving}, {name: w.Program, rows: everywhere},
		{name: w.Elsewhere, rows: elsewhere, elsewhere: true},
	} {
		if len(g.rows) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// ofOverlay reports whether a key is one of an overlay's, which shows its keys
// itself while it is there.
func ofOverlay(name string) bool {
	return slices.Contains([]string{"Yes", "No", "ResetStep", "ResetLesson", "Close", "Interrupt", "Cancel"}, name) ||
		strings.HasPrefix(name, "Palette") && name != "Palette" || strings.HasPrefix(name, "Welcome") || name == "ClosePalette"
}
