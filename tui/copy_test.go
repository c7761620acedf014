package tui

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/terminal/copymode"
)

// Text and the rest of shellText: a fake shell has the lines of its past above
// its screen.
func (s *fakeShell) Text() copymode.Text { return fakeText{append(s.past, s.screen()...)} }

func (s *fakeShell) screen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{"$ " + strings.Join(s.typed, "")}, make([]string, max(0, s.h-1))...)
}

func (s *fakeShell) ViewAt(top uint64, marks []copymode.Mark) []string {
	rows := make([]string, s.h)
	for y := range rows {
		text, _ := s.Text().Plain(top + uint64(y))
		for _, m := range marks {
			if m.Line == top+uint64(y) {
				text += fmt.Sprintf(" <%d:%d-%d>", m.Kind, m.From, m.To)
			}
		}
		rows[y] = newPen(s.w).put(noStyle(), text).line()
	}
	return rows
}

func (s *fakeShell) Scroll(lines int) { s.scrolled = min(max(s.scrolled+lines, 0), len(s.past)) }
func (s *fakeShell) Scrolled() int    { return s.scrolled }
func (s *fakeShell) Scrollback() int  { return len(s.past) }
func (s *fakeShell) WantsMouse() bool { return s.mouse }

// StartClean is shown as typed.
func (s *fakeShell) StartClean(text string) { s.Paste(text) }

type fakeText struct{ lines []string }

func (f fakeText) Bounds() (uint64, uint64) { return 0, uint64(len(f.lines)) }
func (f fakeText) Plain(n uint64) (string, bool) {
	if n >= uint64(len(f.lines)) {
		return "", false
	}
	return f.lines[n], false
}

func (f fakeText) Line(n uint64) copymode.Line {
	var l copymode.Line
	text, _ := f.Plain(n)
	column := 0
	for _, r := range text {
		w := markdown.Width(string(r))
		l.Cells = append(l.Cells, copymode.Cell{Text: string(r), Column: column, Width: w})
		column += w
	}
	return l
}

// inTerminal goes into a shell that has printed a lot.
func (b *bench) inTerminal() *fakeShell {
	b.inExercise()
	b.report(testReport())
	b.keys("3")
	shell := b.shells[len(b.shells)-1]
	for i := range 60 {
		shell.past = append(shell.past, fmt.Sprintf("  第 %d 行 of what a pod has printed, pod/web", i))
	}
	return shell
}

// inCopyMode reads back in that shell, from the middle of a line on.
func (b *bench) inCopyMode() *fakeShell {
	shell := b.inTerminal()
	b.keys("ctrl+]", "[", "ctrl+u", "ctrl+u", "ctrl+u", "M", "w", "w", "w")
	return shell
}

func (b *bench) find(text string) {
	b.keys("/")
	for _, r := range text {
		b.keys(string(r))
	}
	b.keys("enter")
}

// clipboard returns what the commands of the last key put on the clipboard.
func clipboard(t *testing.T, cmd tea.Cmd) string {
	t.Helper()
	if cmd == nil {
		return ""
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			if s := clipboard(t, c); s != "" {
				return s
			}
		}
	default:
		if v := reflect.ValueOf(msg); v.Kind() == reflect.String && strings.Contains(v.Type().String(), "Clipboard") {
			return v.String()
		}
	}
	return ""
}

func TestCopyWithKeys(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		b := newBench(t, lessons.English, size[0], size[1])
		shell := b.inTerminal()
		b.keys("ctrl+]", "[")
		b.shows("[0/60]")
		if b.app.top().capturing() != captureAll {
			t.Error("the program's keys work in copy mode")
		}
		b.keys("k", "k", "k")
		b.keys("g")
		b.shows("[60/60]", "第 0 行")
		b.keys("V", "j")
		cmd := b.send(keyPress("y"))
		if got, want := clipboard(t, cmd), shell.past[0]+"\n"+shell.past[1]+"\n"; got != want {
			t.Errorf("copied %q, want %q", got, want)
		}
		b.shows("Lines copied to the clipboard: 2.")
		e := b.app.exercise
		if e.terminal.copying != nil || !e.terminal.focused {
			t.Error("after copying the keys are not the shell's")
		}
		b.keys("z")
		if got := shell.typed[len(shell.typed)-1]; got != "z" {
			t.Errorf("the shell got %q", got)
		}
	}
}

func TestFindInCopyMode(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 120, 40)
	shell := b.inTerminal()
	shell.past[7] = "Error: 没有这个 Deployment"
	b.keys("ctrl+]", "[")
	b.find("没有")
	b.shows("1/1 [", "没有这个 Deployment <1:7-11>")
	b.find("deployment")
	b.shows("Deployment <1:16-26>")
	b.find("deploymenT")
	b.shows("没有找到：deploymenT")
	b.find("pod")
	b.shows("15/118 [")
	b.keys("n", "n", "N")
	b.shows("16/118 [")
	b.keys("esc") // the search
	b.hides("/118")
	b.keys("/", "q", "esc", "esc")
	if e := b.app.exercise; e.terminal.copying != nil || !e.terminal.focused {
		t.Error("esc does not end copy mode")
	}
	b.hides("/60]")
}

func TestCopyWithTheMouse(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	shell := b.inTerminal()
	_, _, area := b.app.exercise.areas()
	at := func(x, y int) tea.Mouse {
		return tea.Mouse{X: area.x + x, Y: area.y + y + linesAbove, Button: tea.MouseLeft}
	}
	drag := func(x0, y0, x1, y1 int) tea.Cmd {
		b.send(tea.MouseClickMsg(at(x0, y0)))
		b.send(tea.MouseMotionMsg(at((x0+x1)/2, y1)))
		b.send(tea.MouseMotionMsg(at(x1, y1)))
		return b.send(tea.MouseReleaseMsg(at(x1, y1)))
	}
	b.keys("a", "b", "c")
	if got := clipboard(t, drag(3, 0, 4, 0)); got != "bc" {
		t.Errorf("copied %q, want bc", got)
	}
	b.shows("<2:3-5>", "Lines copied")
	b.keys("z") // meant for the shell
	if got := shell.typed[len(shell.typed)-1]; got != "z" || b.app.exercise.terminal.copying != nil {
		t.Errorf("the shell got %q after the mouse had copied", got)
	}
	// Above the pane the text scrolls.
	b.send(tea.MouseClickMsg(at(0, 1)))
	for range 3 {
		b.send(tea.MouseMotionMsg(at(0, -2)))
	}
	b.shows("[3/60]")
	b.send(tea.MouseReleaseMsg(at(0, -2)))
	b.keys("esc")
	// A click selects nothing, and a program that wants the mouse has it.
	if got := clipboard(t, drag(3, 0, 3, 0)); b.app.exercise.terminal.copying == nil {
		t.Errorf("a drag within one cell: %q", got)
	}
	b.keys("esc")
	shell.mouse = true
	if got := clipboard(t, drag(3, 0, 4, 0)); got != "" || b.app.exercise.terminal.copying != nil {
		t.Errorf("copied %q from a program that has the mouse", got)
	}
}

func TestScrollingBackWithoutCopyMode(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	shell := b.inTerminal()
	b.keys("shift+pgup")
	page := b.app.exercise.terminal.h - 1
	if shell.scrolled != page {
		t.Errorf("scrolled back by %d, want %d", shell.scrolled, page)
	}
	b.shows(fmt.Sprintf("[%d/60]", page))
	b.keys("shift+pgdown")
	if shell.scrolled != 0 || len(shell.typed) != 0 {
		t.Errorf("scrolled %d, typed %v", shell.scrolled, shell.typed)
	}
	b.hides("/60]")
}

func TestTheKeyThatLeavesIsSentWhenPressedTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	now := b.app.now
	b.app.deps.Now = func() time.Time { return now }
	shell := b.inTerminal()
	last := func() string { return fmt.Sprint(shell.typed) }
	b.keys("f6", "f6")
	if last() != "[]" || !b.app.exercise.terminal.focused {
		t.Errorf("F6 there and back: the shell got %s", last())
	}
	b.keys("ctrl+]")
	now = now.Add(time.Minute)
	b.keys("ctrl+]", "ctrl+p", "ctrl+/", "ctrl+t", "?", "/", "tab")
	if want := "[ctrl+] ctrl+p ctrl+/ ctrl+t ? / tab]"; last() != want {
		t.Errorf("the shell got %s, want %s", last(), want)
	}
}

func TestEveryKeyOfCopyModeIsNamedAndExplained(t *testing.T) {
	t.Parallel()
	for _, lang := range lessons.Languages() {
		v := reflect.ValueOf(newCopyKeys(wordsIn(lang).Copying))
		for i := range v.NumField() {
			if v.Field(i).FieldByName("keys").Len() == 0 || v.Field(i).FieldByName("help").Field(1).String() == "" {
				t.Errorf("%s in %s has no keys or no help", v.Type().Field(i).Name, lang)
			}
		}
	}
}
