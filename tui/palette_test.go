package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/search"
)

// typed types text as an input method gives it: at once.
func (b *bench) typed(text string) {
	b.send(tea.KeyPressMsg{Code: tea.KeyExtended, Text: text})
}

// paletteScenes are the states of the palette whose frames are kept.
func paletteScenes() map[string]func(b *bench) {
	return map[string]func(b *bench){
		"palette": func(b *bench) {
			b.press("ctrl+p")
			b.typed("made of")
			b.press("enter", "ctrl+p")
		},
		"palette-found": func(b *bench) { b.press("ctrl+p"); b.typed("fuwu"); b.keys("down") },
		"palette-text":  func(b *bench) { b.press("/"); b.typed("rule") },
		"palette-none":  func(b *bench) { b.press("ctrl+p"); b.typed("xyzzy") },
	}
}

// palette returns the palette that is open.
func (b *bench) palette() *paletteOverlay {
	b.t.Helper()
	p, open := b.app.over.(*paletteOverlay)
	if !open {
		b.t.Fatalf("no palette is open but %T", b.app.over)
	}
	return p
}

func TestThePaletteGoesToWhatIsFound(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		lang  lessons.Lang
		query string
		want  string // the title of the terminal's window or a text of the frame
	}{
		{lessons.English, "what it is made", "page 2 of 2"},
		{lessons.Chinese, "what it is made", "第 2 页，共 2 页"}, // an English query in a Chinese interface
		{lessons.English, "它由什么组成", "page 2 of 2"},          // and the other way round
		{lessons.Chinese, "zucheng", "第 2 页，共 2 页"},
		{lessons.English, "count endpoints", "step 2 of 2"},
		{lessons.Chinese, "dwllj", ""},
		{lessons.English, "way of a request", "question 4 of 5"},
		{lessons.English, "one address that stays", "page 1 of 2"}, // in the text
		{lessons.Chinese, "cluster", "还没有集群"},
		{lessons.English, "集群", "no cluster yet"},
	} {
		b := newBench(t, tc.lang, 80, 24)
		b.press("ctrl+p")
		b.typed(tc.query)
		if tc.want == "" {
			if n := len(b.palette().found); n != 0 {
				t.Errorf("%q finds %d things", tc.query, n)
			}
			continue
		}
		b.keys("enter") // an exercise that is gone to would wait for its cluster
		if b.app.over != nil {
			t.Errorf("%q: the palette is still open", tc.query)
			continue
		}
		if _, waiting := b.app.top().(*clusterScreen); waiting && strings.HasPrefix(tc.want, "step") {
			b.send(openedMsg{opening: b.app.openings, session: b.session, info: b.session.Info()})
		}
		b.shows(tc.want)
		if len(b.app.progress.Screen.Chosen) != 1 {
			t.Errorf("%q: what was chosen is not remembered: %v", tc.query, b.app.progress.Screen.Chosen)
		}
	}
}

func TestThePaletteOffersWhatWasChosenBefore(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	for _, query := range []string{"made of", "theme: dark", "why a service", "made of"} {
		b.press("ctrl+p")
		b.typed(query)
		b.press("enter")
	}
	want := []string{"page:services/anatomy", "page:services/why", "command:theme:dark"}
	if got := b.store.p.Screen.Chosen; !slices.Equal(got, want) {
		t.Errorf("remembered are %v, want %v", got, want)
	}
	b.press("ctrl+p")
	var got []string
	for _, r := range b.palette().found[:3] {
		got = append(got, r.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("offered first are %v, want %v", got, want)
	}
}

// TestThePaletteListsEveryCommand wants each key that does something on a screen,
// but those that move about, to be a command with a name in both languages.
func TestThePaletteListsEveryCommand(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 120, 40)
	b.inExercise()
	b.report(testReport())
	listed := map[string][]string{}
	for _, e := range b.app.commandEntries() {
		listed[e.ID] = e.Names
	}
	for _, id := range []string{"Hint", "Solution", "Reset", "Pages", "Quiz", "Help", "Cluster", "Language", "Theme", "Home", "Quit", "theme:light", "ascii"} {
		names, ok := listed["command:"+id]
		if !ok {
			t.Errorf("there is no command %s among %v", id, listed)
			continue
		}
		for i, name := range names {
			if name == "" {
				t.Errorf("command %s has no name in language %d: %q", id, i, names)
			}
		}
	}
	for _, id := range []string{"Up", "Down", "PageDown", "Palette"} {
		if _, ok := listed["command:"+id]; ok {
			t.Errorf("command %s is only in the way", id)
		}
	}
}

func TestThePaletteDoesWhatAKeyDoes(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.inExercise()
	b.report(testReport())
	b.press("ctrl+p")
	b.typed("提示") // the command's name in the other language
	b.press("enter")
	b.shows("Think of kubectl create deployment.")
	b.press("ctrl+p")
	b.typed("reset")
	b.press("enter")
	b.shows("Start over? What you made")
}

func TestThePaletteIsEverywhereButInTheShell(t *testing.T) {
	t.Parallel()
	for name, set := range scenes() {
		b := newBench(t, lessons.English, 80, 24)
		set(b)
		if b.app.over != nil {
			continue
		}
		own := b.app.top().capturing() == captureAll
		b.press("ctrl+p")
		if _, open := b.app.over.(*paletteOverlay); open == own {
			t.Errorf("%s: ctrl-p opens the palette: %v", name, open)
		}
	}
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(passedReport())
	b.press("a", "4", "ctrl+p")
	if frame := b.frame(); !strings.Contains(frame, "Go to") {
		t.Errorf("while an answer is typed there is no palette:\n%s", frame)
	}
	b.press("esc")
	b.typed("2")
	b.shows("42")
}

func TestThePaletteTakesMouseAndPaste(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	b.press("ctrl+p")
	b.send(tea.PasteMsg{Content: " 由什么\n组成\x1b[31m"})
	if got := b.palette().input.text; strings.ContainsAny(got, "\n\x1b") {
		t.Errorf("pasted was %q", got)
	}
	b.press("ctrl+u")
	b.typed("service")
	b.frame()
	p := b.palette()
	if len(p.found) < 3 {
		t.Fatalf("only %d found", len(p.found))
	}
	b.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
	if p.at != 1 {
		t.Errorf("the wheel went to %d, want 1", p.at)
	}
	b.send(tea.MouseClickMsg{X: p.x + 3, Y: p.y + 1, Button: tea.MouseLeft}) // the line to type in
	if b.app.over == nil {
		t.Fatal("a click on the line to type in closed the palette")
	}
	row := slices.IndexFunc(p.rows, func(i int) bool { return i >= 0 && p.found[i].Kind == search.Page })
	want := p.found[p.rows[row]].ID
	b.run(b.send(tea.MouseClickMsg{X: p.x + 8, Y: p.y + 3 + row, Button: tea.MouseLeft}))
	if b.app.over != nil || b.store.p.Screen.Chosen[0] != want {
		t.Errorf("a click chose %v, want %s", b.store.p.Screen.Chosen, want)
	}
	b.press("ctrl+p")
	b.frame()
	b.send(tea.MouseClickMsg{X: 0, Y: 0, Button: tea.MouseLeft})
	if b.app.over != nil {
		t.Error("a click beside it does not close the palette")
	}
}

// TestThePaletteWaitsForTheCourse opens it while there is only an outline.
func TestThePaletteWaitsForTheCourse(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.app.course.Outlined = true
	b.press("ctrl+p")
	b.shows("Reading the course")
	b.typed("made of")
	b.run(b.send(courseMsg{course: testCourse()}))
	b.shows("What it is made of")
	// Another language meanwhile: the index that comes late is not taken.
	b.press("esc", "ctrl+p", "esc", "l", "ctrl+p")
	b.typed("组成")
	b.shows("它由什么组成")
}

func TestTheCursorIsWhereOneTypes(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	b.press("ctrl+p")
	b.typed("服务")
	c := b.app.View().Cursor
	if c == nil {
		t.Fatal("there is no cursor for the input method")
	}
	line := strings.Split(b.frame(), "\n")[c.Y]
	if at := strings.Index(line, "> 服务"); at < 0 || len([]rune(line[:at]))+2+4 != c.X {
		t.Errorf("the cursor is at %d,%d, the line is %q", c.X, c.Y, line)
	}
}

// TestEscapesInNamesAreText has a course with what a terminal would obey in its
// names.
func TestEscapesInThePaletteAreText(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	l := b.app.course.Modules[1].Lessons[0]
	l.Title = both("Services \x1b]0;owned\x07\x1b[2J", "服务 \x1b[2J")
	l.Pages[0].Body = both("a line \x1b[31mred rule\x07 and more", "一行 \x1b[31mred")
	for _, query := range []string{"services", "rule"} {
		b.press("ctrl+p")
		b.typed(query)
		if v := b.app.View().Content; strings.Contains(v, "\x1b[2J") || strings.Contains(v, "\x1b]0") || strings.Contains(v, "\x07") || strings.Contains(v, "\x1b[31m") {
			t.Errorf("%q: an escape sequence of the course reaches the terminal", query)
		}
		b.frame()
		b.press("esc")
	}
}
