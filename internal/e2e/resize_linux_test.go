package e2e

import (
	"strings"
	"syscall"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// TestTheScreenSurvivesItsTerminal goes through what happens to terminals: sizes
// down to one cell and up to 500x200, a storm of them, being stopped and going
// on with the screen overwritten meanwhile. After each the screen is as before,
// and so what was painted change by change equals what is painted anew.
func TestTheScreenSurvivesItsTerminal(t *testing.T) {
	l := sit(t, t.TempDir(), lessons.Chinese, 80, 24, "services")
	first := lesson(t, "services").Pages[0].Title.In(lessons.Chinese)
	l.Wait(first)
	l.Keys("j", "j", "t", "down", "esc", "?", "esc", "n")
	second := lesson(t, "services").Pages[1].Title.In(lessons.Chinese)
	l.Wait("第 2 页")
	l.Wait(second)
	want := l.Screen()
	again := func(after string) {
		t.Helper()
		l.Until("the screen is as before, after "+after, func(s string) bool { return s == want })
	}
	// Something else writes over the screen while the tutor is stopped.
	l.cmd.Process.Signal(syscall.SIGSTOP)
	l.Write([]byte("\x1b[2J\x1b[3;3H[1]+  Stopped   k8stutor"))
	if l.Screen() == want {
		t.Fatal("the screen was not overwritten, so this proves nothing")
	}
	l.cmd.Process.Signal(syscall.SIGCONT)
	again("SIGSTOP and SIGCONT")
	for _, size := range [][2]int{{1, 1}, {2, 1}, {59, 19}, {500, 200}, {80, 1}, {1, 24}} {
		l.Resize(size[0], size[1])
		if size[0] >= 60 && size[1] >= 20 {
			l.Wait(second)
		}
		l.Resize(80, 24)
		again("another size")
	}
	for n := range 60 {
		l.Resize(1+n*7%200, 1+n*5%70)
	}
	l.Resize(80, 24)
	again("a storm of sizes")
	l.Keys("q")
	l.Exit(0)
	if strings.Contains(l.Screen(), second) {
		t.Errorf("the screen was not given back:\n%s", l.Screen())
	}
}
