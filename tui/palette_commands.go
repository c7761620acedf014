package tui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/search"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// commandEntries lists what can be done now: what keys do on this screen and on
// every screen, and what has no key.
func (a *App) commandEntries() []search.Entry {
	var es []search.Entry
	seen := map[string]bool{}
	add := func(id, shown string, names []string, run bound) {
		if !seen[id] {
			seen[id] = true
			es = append(es, search.Entry{Kind: search.Command, ID: id, Names: names, Value: target{key: shown, bound: run}})
		}
	}
	names := a.keyNames()
	k := a.keys
	// Moving about is easier by the key itself, and the palette is open already.
	left := []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.HalfUp, k.HalfDown, k.Top, k.Bottom, k.Palette, k.Find, k.Interrupt, k.Pick, k.Language}
	skip := func(b key.Binding) bool {
		return slices.ContainsFunc(left, func(l key.Binding) bool { return slices.Equal(l.Keys(), b.Keys()) })
	}
	for _, b := range slices.Concat(a.top().bindings(), a.everywhere()) {
		if skip(b.Binding) {
			continue
		}
		id, other := names.of(b.Binding)
		// The name in the program is found too: who types "reset" means it.
		add("command:"+id, b.Help().Key, []string{b.Help().Desc, other, id}, b)
	}
	to := func(what action) bound { return asks(key.NewBinding(), what) }
	w, o := a.words, wordsIn(a.otherLanguage())
	if len(a.screens) > 1 {
		add("command:Home", k.Home.Help().Key, []string{w.Keys.Home, o.Keys.Home}, to(goHome{}))
	}
	add("command:Language", k.Language.Help().Key, []string{w.Look.Language, o.Look.Language}, to(switchLanguage{}))
	for _, t := range Themes() {
		add("command:theme:"+string(t), "", []string{
			w.Keys.Theme + w.Colon + w.Look.themeName(t), o.Keys.Theme + o.Colon + o.Look.themeName(t)}, to(setTheme{t}))
	}
	add("command:welcome", "", []string{w.Palette.Welcome, o.Palette.Welcome}, to(showWelcome{}))
	ascii := []string{w.Palette.ASCII, o.Palette.ASCII}
	if a.styles.Options.Plain {
		ascii = []string{w.Palette.NotASCII, o.Palette.NotASCII}
	}
	add("command:ascii", "", ascii, to(switchASCII{}))
	for _, c := range a.cluster.candidates {
		if c.Problem == nil {
			add("command:cluster:"+c.Choice, "", []string{fmt.Sprintf(w.Palette.OpenCluster, c.Name), fmt.Sprintf(o.Palette.OpenCluster, c.Name)},
				to(openCluster{c.Choice}))
		}
	}
	return es
}

// otherLanguage is the one that is not shown.
func (s *scene) otherLanguage() lessons.Lang {
	if s.lang == lessons.English {
		return lessons.Chinese
	}
	return lessons.English
}

// keyNames tells the name of a key binding in the program and its help in the
// other language.
type keyNames struct {
	names       []string
	here, there []key.Binding
}

func (s *scene) keyNames() keyNames {
	var n keyNames
	here, there := reflect.ValueOf(s.keys), reflect.ValueOf(newKeys(wordsIn(s.otherLanguage())))
	for i := range here.NumField() {
		h, isKey := here.Field(i).Interface().(key.Binding)
		if !isKey {
			continue
		}
		n.names = append(n.names, here.Type().Field(i).Name)
		n.here, n.there = append(n.here, h), append(n.there, there.Field(i).Interface().(key.Binding))
	}
	return n
}

// of finds a binding: by keys and help, else, where a screen says in other words
// what it does, by its keys.
func (n keyNames) of(b key.Binding) (name, other string) {
	for i, h := range n.here {
		if slices.Equal(h.Keys(), b.Keys()) && h.Help().Desc == b.Help().Desc {
			return n.names[i], n.there[i].Help().Desc
		}
	}
	return strings.Join(b.Keys(), " "), ""
}

// showPalette opens the palette, and has the course made ready for it.
func (a *App) showPalette() tea.Cmd {
	p := newPaletteOverlay(a.scene, a.commandEntries())
	a.over = p
	return a.searchable(p)
}

// searchable gives the palette what there is to search, or asks for it to be
// made.
func (a *App) searchable(p *paletteOverlay) tea.Cmd {
	f := &a.finding
	if a.course == nil || a.course.Outlined {
		return nil
	}
	if f.index != nil && f.course == a.course && f.lang == a.lang {
		p.search(f.table, f.index)
		return nil
	}
	if f.making {
		return nil // what comes is looked at again
	}
	f.making = true
	return makeIndex(a.crew, f.table, a.course, a.lang)
}

// indexed takes an index in. Course or language may have become others meanwhile.
func (a *App) indexed(msg indexMsg) tea.Cmd {
	a.finding = finding{table: msg.table, course: msg.course, lang: msg.lang, index: msg.index}
	if p, open := a.over.(*paletteOverlay); open {
		return a.searchable(p)
	}
	return nil
}

// showQuestion opens a lesson's quiz at one of its questions.
func (a *App) showQuestion(where goQuestion) tea.Cmd {
	cmd := a.showQuiz(where.lesson)
	quiz, ok := a.top().(*quizScreen)
	if !ok {
		return cmd
	}
	if at := slices.IndexFunc(quiz.round, func(q *lessons.Question) bool { return q.ID == where.question }); at >= 0 {
		quiz.put(at)
	}
	return cmd
}

// switchASCII draws with ASCII only, or no longer.
func (a *App) switchASCII() {
	a.retheme(func(l *terminalLook) { l.plain = !l.plain })
}

// chosen remembers what was chosen from the palette, the newest first.
func chosen(id string) save {
	return save{func(p *lessons.Progress) {
		rest := slices.DeleteFunc(slices.Clone(p.Screen.Chosen), func(s string) bool { return s == id })
		p.Screen.Chosen = append([]string{id}, rest[:min(len(rest), maxChosen-1)]...)
	}}
}

// maxChosen is how many choices are remembered.
const maxChosen = 20

// found writes text with the parts that were found in another style, in at most
// room cells. Text that does not fit is cut: at its beginning, if otherwise
// nothing of what was found would be seen.
func (p *pen) found(plain, found styles.Style, text string, marks []search.Span, room int) *pen {
	at := 0
	if len(marks) > 0 && marks[0].To <= len(text) && markdown.Width(text[:marks[0].To]) >= room {
		from := marks[0].From
		for it := graphemes.FromString(text[:from]); it.Next() && markdown.Width(text[it.Start():from]) > room/4; {
			at = it.End()
		}
		p.put(plain, "…")
	}
	for _, m := range marks {
		if m.From < at || m.To > len(text) {
			continue
		}
		p.put(plain, text[at:m.From]).put(found, text[m.From:m.To])
		at = m.To
	}
	return p.put(plain, text[at:])
}
