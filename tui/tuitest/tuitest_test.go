package tuitest

import (
	"flag"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

var _ = flag.Bool("update", false, "write the golden files anew")

// echo is a model that shows what it is sent.
type echo struct {
	width, height int
	events        []string
	minutes       int
	light         bool
}

type minuteMsg struct{}

func minute() tea.Cmd {
	return tea.Tick(time.Minute, func(time.Time) tea.Msg { return minuteMsg{} })
}

func (e echo) Init() tea.Cmd { return tea.Batch(minute(), tea.RequestBackgroundColor) }

func (e echo) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		e.width, e.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		e.light = !msg.IsDark()
	case minuteMsg:
		e.minutes++
		return e, minute()
	case tea.PasteMsg:
		e.events = append(e.events, "paste "+msg.Content)
	case tea.MouseClickMsg:
		e.events = append(e.events, fmt.Sprintf("click %d,%d", msg.X, msg.Y))
	case tea.MouseWheelMsg:
		e.events = append(e.events, msg.String())
	case tea.KeyPressMsg:
		if msg.String() == "ctrl+c" {
			return e, tea.Quit
		}
		if msg.String() == "ctrl+x" {
			return e, tea.Interrupt
		}
		e.events = append(e.events, msg.String())
	}
	return e, nil
}

func (e echo) View() tea.View {
	lines := []string{fmt.Sprintf("课程 %dx%d after %d min", e.width, e.height, e.minutes), strings.Join(e.events, " ")}
	if e.light {
		lines = append(lines, "light")
	}
	v := tea.NewView(strings.Join(lines, "\n"))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	return v
}

func TestModel(t *testing.T) {
	t.Parallel()
	tt := Model(t, echo{}, 80, 10)
	tt.Wait("课程 80x10")
	tt.Keys("a", "?", "enter", "esc", "q", "ctrl+]", "shift+tab", "alt+b", "ctrl+left", "f6", "pgdown", "space", "+", "中")
	tt.Wait("a ? enter esc q ctrl+] shift+tab alt+b ctrl+left f6 pgdown space + 中")
	tt.Resize(60, 12)
	tt.Wait("课程 60x12")
	tt.Gone("80x10")
	tt.Keys("ctrl+c")
	tt.Exit(0)
}

func TestModelMouseAndPaste(t *testing.T) {
	t.Parallel()
	tt := Model(t, echo{}, 80, 10)
	tt.ClickText("80x10")
	tt.Wheel(3, 2, 2)
	tt.Wheel(3, 2, -1)
	tt.Paste("末日")
	tt.Wait("click 5,0 wheelup wheelup wheeldown paste 末日")
	if m := tt.WaitRE(`课程 (\d+)x(\d+)`); m[1] != "80" || m[2] != "10" {
		t.Errorf("groups %q", m)
	}
	tt.Golden("echo")
	tt.Keys("ctrl+x")
	tt.Exit(1)
}

func TestLightTerminal(t *testing.T) {
	t.Parallel()
	Setup{Light: true}.Model(t, echo{}, 40, 5).Wait("light")
}

func TestModelUnderSynctest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tt := Model(t, echo{}, 40, 5)
		tt.Timeout = time.Hour
		tt.Wait("after 3 min")
		tt.Stop()
		time.Sleep(2 * time.Minute) // of the bubble's time: the last tick leaves
	})
}

func TestCommand(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", `
		stty -echo; stty size; echo "$TERM $LANG $EXTRA [$DISPLAY]"; cd && ls -A | wc -l
		trap 'stty size' WINCH; trap 'exit 3' INT
		while :; do read line; echo "got $line"; done`)
	cmd.Env = []string{"EXTRA=额外", "LANG=zh_CN.UTF-8"}
	tt := Command(t, cmd, 80, 10)
	tt.Wait("10 80\nxterm-256color zh_CN.UTF-8 额外 []\n0\n")
	tt.Type("你好\r")
	tt.Wait("got 你好")
	tt.Resize(70, 20)
	tt.Type("\r")
	tt.Wait("20 70")
	tt.Keys("ctrl+c")
	tt.Exit(3)
}

func TestStopEndsACommandThatWillNot(t *testing.T) {
	t.Parallel()
	tt := Command(t, exec.Command("sh", "-c", "trap '' HUP INT; echo ready; exec sleep 300"), 80, 10)
	tt.Wait("ready")
	tt.Stop()
	tt.Exit(128 + 9)
}

// failing records how a test fails instead of failing.
type failing struct {
	testing.TB
	message  string
	logged   string
	cleanups []func()
}

func (f *failing) Helper()                      {}
func (f *failing) Cleanup(c func())             { f.cleanups = append(f.cleanups, c) }
func (f *failing) Failed() bool                 { return f.message != "" }
func (f *failing) Logf(format string, a ...any) { f.logged += fmt.Sprintf(format, a...) }
func (f *failing) Fatalf(format string, a ...any) {
	f.message = fmt.Sprintf(format, a...)
	panic(f)
}
func (f *failing) Fatal(a ...any) { f.Fatalf("%s", fmt.Sprint(a...)) }

// failure runs a step that must fail the test, and returns what it said.
func failure(t *testing.T, width, height int, step func(*T)) *failing {
	t.Helper()
	f := &failing{TB: t}
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(f) {
				panic(r)
			}
		}()
		tt := Model(f, echo{}, width, height)
		tt.Wait("课程")
		tt.Timeout = 10 * time.Millisecond
		step(tt)
	}()
	for _, c := range f.cleanups {
		c()
	}
	if f.message == "" {
		t.Fatal("the step did not fail")
	}
	return f
}

func TestFailuresSayWhatWasWaitedForAndShowTheScreen(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		step func(*T)
		want string
	}{
		{"text", func(tt *T) { tt.Wait("nowhere") }, `screen shows "nowhere": not so after 10ms`},
		{"pattern", func(tt *T) { tt.WaitRE("n.where") }, `screen matches "n.where"`},
		{"text that stays", func(tt *T) { tt.Gone("课程") }, `screen no longer shows "课程"`},
		{"unknown key", func(tt *T) { tt.Keys("entre") }, `"entre" is no key`},
		{"unknown modifier", func(tt *T) { tt.Keys("hyper+a") }, `"hyper" is no modifier`},
		{"no exit", func(tt *T) { tt.Exit(0) }, "has not ended"},
		{"wrong exit code", func(tt *T) { tt.Timeout = time.Minute; tt.Keys("ctrl+c"); tt.Exit(2) }, "exit code 0 (<nil>), want 2"},
		{"typing after the end", func(tt *T) { tt.Timeout = time.Minute; tt.Keys("ctrl+c"); tt.Exit(0); tt.Type("x") }, "the program has ended"},
		{"waiting after the end", func(tt *T) { tt.Timeout = time.Minute; tt.Keys("ctrl+c"); tt.Exit(0); tt.Wait("x") }, "has ended with exit code 0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := failure(t, 30, 3, tc.step)
			if !strings.Contains(f.message, tc.want) {
				t.Errorf("message %q, want %q in it", f.message, tc.want)
			}
			if !strings.Contains(f.logged, "+------------------------------+\n") {
				t.Errorf("the screen was not printed: %q", f.logged)
			}
		})
	}
}
