package tui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// TestEveryKeyThatIsShownWorks presses each key of each binding of each screen,
// and wants something to come of it.
func TestEveryKeyThatIsShownWorks(t *testing.T) {
	t.Parallel()
	for name, set := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fresh := func() *bench {
				b := newBench(t, lessons.English, 80, 24)
				set(b)
				return b
			}
			for i, bind := range fresh().showing() {
				for _, k := range bind.Keys() {
					works := func(end bool) bool {
						b := fresh()
						b.goTo(end)
						before, state := b.frame(), b.state()
						cmd := b.send(keyPress(k))
						return b.frame() != before || b.state() != state || quits(cmd)
					}
					if !works(false) && !works(true) {
						t.Errorf("key %s (%d: %s) does nothing", k, i, bind.Help().Desc)
					}
				}
			}
		})
	}
}

// showing are the bindings of what is on top.
func (b *bench) showing() []bound {
	if b.app.over != nil {
		return b.app.over.bindings()
	}
	return append(b.app.top().bindings(), b.app.program()...)
}

// goTo scrolls to the start or the end, and selects the first or the last of what
// can be selected.
func (b *bench) goTo(end bool) {
	keys := b.app.keys
	for _, bind := range []bound{{Binding: keys.Top}, {Binding: keys.Up}, {Binding: keys.Up}, {Binding: keys.Up}} {
		name := bind.Keys()[len(bind.Keys())-1]
		if end {
			name = map[string]string{"home": "end", "up": "down"}[name]
		}
		if b.app.over != nil || b.app.top().capturing() == captureNone {
			b.keys(name)
		}
	}
}

// state is what a key may change without its being seen.
func (b *bench) state() string {
	s := fmt.Sprintf("%T %d %v %v", b.app.top(), len(b.app.screens), b.app.lang, b.app.openings)
	if e := b.app.exercise; e != nil {
		s += fmt.Sprint(e.pane, e.steps.typing, e.steps.sending, e.resetting, e.runs, e.terminal.focused)
		if c := e.terminal.copying; c != nil {
			s += fmt.Sprint(c.At(), c.Selecting())
		}
		s += fmt.Sprint(e.objects.selected, e.objects.typing)
		for _, shell := range b.shells {
			s += fmt.Sprint(shell.typed)
		}
	}
	return s
}

func TestNoTwoBindingsShareAKey(t *testing.T) {
	t.Parallel()
	for name, set := range scenes() {
		b := newBench(t, lessons.English, 120, 40)
		set(b)
		owner := map[string]string{}
		for _, bind := range b.showing() {
			for _, k := range bind.Keys() {
				if other, taken := owner[k]; taken {
					t.Errorf("%s: key %s is for %q and for %q", name, k, other, bind.Help().Desc)
				}
				owner[k] = bind.Help().Desc
			}
		}
	}
}

// TestNothingBreaksUnderRandomKeys presses keys, resizes and reports at random,
// and wants an exact frame after each.
func TestNothingBreaksUnderRandomKeys(t *testing.T) {
	t.Parallel()
	names := []string{"enter", "esc", "tab", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "space", "backspace",
		"f1", "f2", "f3", "f6", "ctrl+t", "ctrl+]", "ctrl+d", "ctrl+u", "1", "2", "3", "你", "a", "b", "c", "e", "g", "G", "h", "j", "k", "l",
		"n", "p", "s", "t", "[", "w", "/", "V", "N", "shift+pgup", "v", "x", "y", "z", "J", "K", "H", "R", "r", "?", "d", "E", "L", "o", "f"}
	reports := []func() lessons.Report{testReport, passedReport, awayReport, func() lessons.Report { return pictureReport(t) }}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			b := newBench(t, lessons.Languages()[seed%2], 80, 24)
			var seq uint64
			for step := range 1500 {
				switch n := random.IntN(20); {
				case n == 0:
					b.send(tea.WindowSizeMsg{Width: 1 + random.IntN(150), Height: 1 + random.IntN(50)})
				case n == 1:
					b.send(tea.WindowSizeMsg{Width: 60 + random.IntN(80), Height: 20 + random.IntN(30)})
				case n == 2 && b.app.cluster.busy():
					b.send(openedMsg{opening: b.app.openings, session: b.session, info: b.session.Info()})
				case n == 3 && b.app.exercise != nil && b.app.exercise.run != nil:
					r := reports[random.IntN(len(reports))]()
					seq++
					r.Seq = seq
					b.report(r)
				case n == 4:
					b.send(tea.MouseClickMsg{X: random.IntN(150), Y: random.IntN(50), Button: tea.MouseLeft})
				case n == 5:
					b.send(tea.MouseWheelMsg{X: random.IntN(150), Y: random.IntN(50), Button: []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown}[random.IntN(2)]})
				case n == 6:
					b.send(tea.PasteMsg{Content: "粘贴\npasted"})
				default:
					b.keys(names[random.IntN(len(names))])
				}
				if b.frame(); t.Failed() {
					t.Fatalf("after step %d", step)
				}
			}
		})
	}
}

// TestUpdateAndViewTouchNothingOutside drives every scene and all its keys with
// surroundings that count what they are asked, and runs no command.
func TestUpdateAndViewTouchNothingOutside(t *testing.T) {
	t.Parallel()
	for name, set := range scenes() {
		b := newBench(t, lessons.English, 80, 24)
		calls := 0
		b.app.deps.Open = func(context.Context, string, StageFunc) (Session, error) { calls++; return nil, nil }
		b.app.deps.Candidates = func(context.Context) []Candidate { calls++; return nil }
		b.app.deps.Load = func(context.Context) (*lessons.Course, error) { calls++; return nil, nil }
		b.app.deps.Shell = func([]string, int, int) (Shell, error) { calls++; return nil, nil }
		set(b)
		b.store.reads, b.store.updates = 0, 0
		for _, bind := range slices.Concat(b.app.top().bindings(), b.app.program()) {
			b.send(keyPress(bind.Keys()[0]))
			b.frame()
		}
		if calls != 0 || b.store.reads != 0 || b.store.updates != 0 || b.session.restarts != 0 || b.session.envs != 0 || b.session.closed != 0 ||
			len(b.exercise.answers) != 0 || len(b.exercise.resets) != 0 {
			t.Errorf("%s: Update or View reached outside: %d calls, %d reads, %d writes, session %+v", name, calls, b.store.reads, b.store.updates, b.session)
		}
	}
}
