package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/terminal"
)

func TestALearnerIsToldOfStartUpFilesThatBreakTheShell(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		lang   lessons.Lang
		broken terminal.BrokenMsg
		want   []string
	}{
		{lessons.English, terminal.BrokenMsg{Shell: "bash", Ended: true, Code: 3}, []string{"exit code 3", "~/.bashrc", "a bash without them"}},
		{lessons.Chinese, terminal.BrokenMsg{Shell: "zsh", After: 10 * time.Second}, []string{"10s", "~/.zshrc", "不读启动文件的 zsh"}},
	} {
		b := newBench(t, tc.lang, 120, 40)
		shell := b.inTerminal()
		e := b.app.exercise
		b.send(shellBrokenMsg{e.terminal.id + 1, tc.broken})
		if len(shell.typed) > 0 {
			t.Errorf("told of another shell: %q", shell.typed)
		}
		if cmd := b.send(shellBrokenMsg{e.terminal.id, tc.broken}); cmd == nil {
			t.Error("nobody listens to the clean shell")
		}
		got := ansi.Strip(strings.ReplaceAll(strings.Join(shell.typed, ""), "\n", ""))
		for _, want := range tc.want {
			if !strings.Contains(got, want) {
				t.Errorf("told %q, want %q in it", got, want)
			}
		}
	}
}

func TestTheShellStartsBeforeTheSizeIsKnown(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 0, 0)
	b.inExercise()
	b.report(testReport())
	if len(b.shells) != 1 {
		t.Fatalf("%d shells were started", len(b.shells))
	}
	b.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	if s, e := b.shells[0], b.app.exercise; s.w != e.terminal.w || s.h != e.terminal.h || s.w < 2 {
		t.Errorf("the shell is %dx%d, its pane %dx%d", s.w, s.h, e.terminal.w, e.terminal.h)
	}
}
