//go:build unix

package terminal

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// deadline is far beyond what any step takes.
const deadline = 30 * time.Second

// start runs a shell in a pane of 60x12, in a home of its own.
func start(t *testing.T, shell string, change func(*Config)) *Pane {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil {
		t.Skipf("%s is not installed", shell)
	}
	home := t.TempDir()
	put(t, filepath.Join(home, ".bashrc"), "PS1='$ '\n", 0o644)
	cfg := Config{
		Width: 60, Height: 12, Shell: shell, Dir: t.TempDir(),
		Environ: []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMUX=/tmp/x,1,0", "TERM=dumb"},
	}
	if change != nil {
		change(&cfg)
	}
	p, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(p.shell.dir); !os.IsNotExist(err) {
			t.Errorf("the start-up files are still there: %v", err)
		}
	})
	return p
}

// until listens to the pane, as the user interface does, until cond holds.
func until(t *testing.T, p *Pane, what string, cond func() bool) {
	t.Helper()
	late := time.AfterFunc(deadline, func() { p.Close() })
	defer late.Stop()
	for !cond() {
		if !goesOn(p.Listen()) {
			if cond() {
				return
			}
			t.Fatalf("the pane ended or was late before %s; the screen was:\n%s", what, p.Screen())
		}
	}
}

// goesOn reports whether a message of a pane's is followed by others.
func goesOn(msg tea.Msg) bool {
	switch msg.(type) {
	case OutputMsg, CommandMsg:
		return true
	}
	return false
}

func wait(t *testing.T, p *Pane, text string) {
	t.Helper()
	until(t, p, fmt.Sprintf("%q", text), func() bool { return strings.Contains(p.Screen(), text) })
}

// prompt waits for the shell to have answered everything typed so far.
func prompt(t *testing.T, p *Pane, n int) {
	t.Helper()
	until(t, p, fmt.Sprintf("the end of command %d", n), func() bool {
		c := p.Command()
		return c.Number >= n && !c.Running
	})
}

func typed(p *Pane, s string) { p.Write([]byte(s)) }

func TestShellsAreSetUp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ shell, rc, content string }{
		{"bash", ".bashrc", "export PATH=/usr/bin:/bin KUBECONFIG=/theirs FROM_RC=yes; alias kubectl='echo theirs'\nfalse\n"},
		{"zsh", ".zshrc", "export PATH=/usr/bin:/bin KUBECONFIG=/theirs FROM_RC=yes; alias kubectl='echo theirs'\n"},
		{"fish", ".config/fish/config.fish", "set -gx PATH /usr/bin /bin; set -gx KUBECONFIG /theirs; set -gx FROM_RC yes\nfunction kubectl; echo theirs; end\n"},
		{"sh", ".shrc", "export PATH=/usr/bin:/bin KUBECONFIG=/theirs FROM_RC=yes; alias kubectl='echo theirs'\n"},
	} {
		t.Run(tc.shell, func(t *testing.T) {
			t.Parallel()
			home, bin := t.TempDir(), filepath.Join(t.TempDir(), "it's a bin")
			put(t, filepath.Join(home, tc.rc), tc.content, 0o644)
			put(t, filepath.Join(bin, "kubectl"), "#!/bin/sh\necho \"ours:$*:$KUBECONFIG:$FROM_RC:$TERM:$TERM_PROGRAM:${TMUX-none}\"\n", 0o755)
			p := start(t, tc.shell, func(c *Config) {
				c.Width = 100
				c.Path = []string{bin}
				c.Env = []string{"KUBECONFIG=/tmp/k8s tutor's/config"}
				c.Environ = append(c.Environ, "HOME="+home)
				if tc.shell == "sh" {
					c.Environ = append(c.Environ, "ENV="+filepath.Join(home, tc.rc))
				}
			})
			typed(p, "k get pods\r")
			wait(t, p, "ours:get pods:/tmp/k8s tutor's/config:yes:xterm-256color:k8stutor:none")
			typed(p, "kubectl version\r")
			wait(t, p, "ours:version:/tmp/k8s tutor's/config:yes:")
		})
	}
}

func put(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

func TestTheShellTellsHowCommandsEnd(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			p := start(t, shell, nil)
			typed(p, "sh -c 'exit 3'\r")
			prompt(t, p, 1)
			typed(p, "true 末日\r")
			prompt(t, p, 2)
			typed(p, "read line\r")
			until(t, p, "the third command", func() bool { return p.Command().Number == 3 })
			if got, want := p.Command(), (Command{Number: 3, Line: "read line", Running: true}); got != want {
				t.Errorf("while it runs: %+v, want %+v", got, want)
			}
			typed(p, "x\r")
			prompt(t, p, 3)
			typed(p, "sh -c 'exit 4'\r")
			prompt(t, p, 4)
			if got, want := p.Command(), (Command{Number: 4, Line: "sh -c 'exit 4'", Exit: 4}); got != want {
				t.Errorf("after it: %+v, want %+v", got, want)
			}
		})
	}
}

func TestKeysReachTheProgram(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	typed(p, "cat -v\r")
	until(t, p, "cat", func() bool { return p.Command().Running })
	p.Key(tea.KeyPressMsg{Code: 'a', ShiftedCode: 'A', Text: "A", Mod: tea.ModShift})
	p.Key(tea.KeyPressMsg{Code: tea.KeyExtended, Text: "你好"})
	p.Key(tea.KeyPressMsg{Code: tea.KeyLeft, Mod: tea.ModCtrl})
	p.Key(tea.KeyPressMsg{Code: tea.KeyEnter})
	wait(t, p, "AM-dM-=M- M-eM-%M-=^[[1;5D")
	p.Key(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
	prompt(t, p, 1)
	if got := p.Command().Exit; got != 130 {
		t.Errorf("after ctrl+c the exit status is %d, want 130", got)
	}
}

func TestPasteIsShownAndNotRun(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	typed(p, "bind 'set enable-bracketed-paste on'\r")
	prompt(t, p, 1)
	until(t, p, "bracketed paste", func() bool { return p.term.Mode(vt.ModeBracketedPaste) })
	p.Paste("echo pas''ted\n")
	wait(t, p, "echo pas''ted")
	if n := p.Command().Number; n != 1 {
		t.Errorf("the paste was run: %d commands", n)
	}
	p.Key(tea.KeyPressMsg{Code: tea.KeyEnter})
	wait(t, p, "\npasted")
}

func TestViewFillsThePane(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	typed(p, "printf '\\033[31m末日\\033[m %s\\n' 一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十\r")
	prompt(t, p, 1)
	for _, size := range [][2]int{{60, 12}, {23, 7}, {80, 24}} {
		p.Resize(size[0], size[1])
		rows := p.View()
		if len(rows) != size[1] {
			t.Fatalf("%d rows, want %d", len(rows), size[1])
		}
		for y, row := range rows {
			if w := ansi.StringWidth(row); w != size[0] {
				t.Errorf("at %v row %d is %d columns wide: %q", size, y, w, row)
			}
		}
	}
	typed(p, "stty size\r")
	wait(t, p, "24 80")
	typed(p, "clear; printf 'ab\\033[5 q'; read x\r")
	until(t, p, "the cursor after ab", func() bool {
		c := p.Cursor()
		return c != nil && c.Shape == tea.CursorBar
	})
	if c := p.Cursor(); c.X != 2 || c.Y != 0 || !c.Blink {
		t.Errorf("cursor %+v", c)
	}
}

func TestWheel(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	typed(p, "clear; seq 1 100\r")
	prompt(t, p, 1)
	top := func() string { return strings.TrimRight(ansi.Strip(p.View()[0]), " ") }
	if got := top(); got != "90" {
		t.Fatalf("first line %q, want 90; the screen was\n%s", got, p.Screen())
	}
	wheel := func(b tea.MouseButton) { p.Mouse(tea.MouseWheelMsg{X: 15, Y: 8, Button: b}, 10, 5) }
	wheel(tea.MouseWheelUp)
	if got := top(); got != "87" {
		t.Errorf("first line after the wheel %q, want 87", got)
	}
	if p.Cursor() != nil {
		t.Error("a cursor is shown while scrolled back")
	}
	typed(p, "seq 101 120\r")
	prompt(t, p, 2)
	if got := top(); got != "87" {
		t.Errorf("first line after more output %q, want 87 still", got)
	}
	for range 100 {
		wheel(tea.MouseWheelDown)
	}
	if got := top(); got != "110" || p.Scrolled() != 0 {
		t.Errorf("first line at the end %q, want 110", got)
	}
	wheel(tea.MouseWheelUp)
	p.Key(tea.KeyPressMsg{Code: 'x', Text: "x"})
	if p.Scrolled() != 0 {
		t.Error("typing did not return to the end")
	}
}

func TestMouseGoesToTheProgramThatAsksForIt(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	typed(p, "printf '\\033[?1002;1006h'; cat -v\r")
	until(t, p, "the mouse", func() bool { return p.term.Mode(vt.ModeMouseSGR) })
	p.Mouse(tea.MouseClickMsg{X: 12, Y: 6, Button: tea.MouseLeft}, 10, 5)
	p.Mouse(tea.MouseMotionMsg{X: 13, Y: 6, Button: tea.MouseLeft}, 10, 5)
	p.Mouse(tea.MouseMotionMsg{X: 14, Y: 6}, 10, 5) // no button: not a drag
	p.Mouse(tea.MouseReleaseMsg{X: 13, Y: 6, Button: tea.MouseLeft}, 10, 5)
	p.Mouse(tea.MouseClickMsg{X: 9, Y: 6, Button: tea.MouseLeft}, 10, 5) // beside the pane
	p.Mouse(tea.MouseWheelMsg{X: 10, Y: 5, Button: tea.MouseWheelDown}, 10, 5)
	typed(p, "\r")
	wait(t, p, "^[[<0;3;2M^[[<32;4;2M^[[<0;4;2m^[[<65;1;1M\n")
}

func TestWheelPressesArrowsOnTheAlternateScreen(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	typed(p, "printf '\\033[?1049h'; cat -v\r")
	until(t, p, "the alternate screen", p.term.Alternate)
	p.Mouse(tea.MouseWheelMsg{Button: tea.MouseWheelUp}, 0, 0)
	typed(p, "\r")
	wait(t, p, "^[[A^[[A^[[A\n")
}

func TestFullScreenPrograms(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("vim"); err != nil {
		t.Skip("vim is not installed")
	}
	p := start(t, "bash", nil)
	put(t, filepath.Join(p.shell.dir, "pod.yaml"), "kind: Pod\nmetadata:\n  name: web # 名字\n", 0o644)
	typed(p, "clear; echo before; vim -n -u NONE -N "+filepath.Join(p.shell.dir, "pod.yaml")+"\r")
	wait(t, p, "name: web # 名字")
	typed(p, "GA!\x1b")
	wait(t, p, "名字!")
	typed(p, ":q!\r")
	prompt(t, p, 1)
	until(t, p, "the prompt", func() bool { return strings.HasSuffix(strings.TrimSpace(p.Screen()), "$") })
	if diff := cmp.Diff("before\n$", strings.TrimRight(p.Screen(), "\n")); diff != "" {
		t.Errorf("screen after vim (-want +got):\n%s", diff)
	}
}

func TestTheEndOfTheShellIsTold(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	if _, ok := p.Exited(); ok {
		t.Error("ended before it was told to")
	}
	typed(p, "echo bye; exit 7\r")
	late := time.AfterFunc(deadline, func() { p.Close() })
	defer late.Stop()
	var end tea.Msg
	for {
		if end = p.Listen(); !goesOn(end) {
			break
		}
	}
	if want := (ExitMsg{Pane: p, Code: 7}); end != want {
		t.Errorf("last message %#v, want %#v", end, want)
	}
	if code, ok := p.Exited(); code != 7 || !ok {
		t.Errorf("exited with %d, %v", code, ok)
	}
	if !strings.Contains(p.Screen(), "\nbye") {
		t.Errorf("what it printed last is missing:\n%s", p.Screen())
	}
	if msg := p.Listen(); msg != nil {
		t.Errorf("a message after the last one: %#v", msg)
	}
}

func TestCloseEndsListening(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for p.Listen() != nil {
		}
	}()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(deadline):
		t.Error("a listener is still waiting")
	}
}

func TestFloodIsNotedOnceAFrame(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	typed(p, "seq 1 300000; exit\r")
	began, notes := time.Now(), 0
	late := time.AfterFunc(deadline, func() { p.Close() })
	defer late.Stop()
	for {
		if !goesOn(p.Listen()) {
			break
		}
		notes++
	}
	if limit := int(time.Since(began)/frame) + 2; notes > limit {
		t.Errorf("%d notes in %v, want at most %d", notes, time.Since(began), limit)
	}
	if !strings.Contains(p.Screen(), "\n300000\n") {
		t.Errorf("the last line is missing:\n%s", p.Screen())
	}
}

func TestShellThatCannotRun(t *testing.T) {
	t.Parallel()
	if _, err := Start(Config{Width: 80, Height: 24, Shell: "/nonexistent/shell"}); err == nil || !strings.Contains(err.Error(), "/nonexistent/shell") {
		t.Errorf("error %v", err)
	}
	p := start(t, "sh", func(c *Config) {
		c.Shell = ""
		c.Environ = append(c.Environ, "SHELL=/nonexistent/shell")
	})
	typed(p, "echo $((40+2))\r")
	wait(t, p, "\n42")
}
