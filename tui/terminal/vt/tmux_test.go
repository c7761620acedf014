//go:build unix

package vt

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tmux is a server of its own, whose terminals judge ours.
type tmux struct {
	t      *testing.T
	socket string
}

func startTmux(t *testing.T) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	x := &tmux{t, filepath.Join(t.TempDir(), "s")}
	t.Cleanup(func() { x.command("kill-server").Run() })
	x.run("new-session", "-d", "-x", "80", "-y", "24", "-s", "keep", "exec sleep 600")
	x.run("set-option", "-g", "status", "off")
	return x
}

func (x *tmux) command(args ...string) *exec.Cmd {
	cmd := exec.Command("tmux", append([]string{"-u", "-S", x.socket, "-f", "/dev/null"}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TMUX=", "TERM=xterm-256color")
	return cmd
}

func (x *tmux) run(args ...string) string {
	x.t.Helper()
	out, err := x.command(args...).Output()
	if err != nil {
		x.t.Fatalf("tmux %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

// show has a terminal of 80x24 take in a file, and returns its screen and cursor
// once they are as wanted or have not changed for a while.
func (x *tmux) show(name, file, want string) string {
	x.t.Helper()
	x.run("new-session", "-d", "-x", "80", "-y", "24", "-s", name,
		fmt.Sprintf("stty raw -echo; cat '%s'; exec sleep 600", file))
	defer x.command("kill-session", "-t", "="+name).Run()
	got, same := "", 0
	for range 400 {
		// Waited for outside of this process, which cannot know when tmux is done.
		next := plain(x.run("run-shell", "-d", "0.02", ";", "capture-pane", "-e", "-p", "-t", "="+name+":")) +
			cursorOf(x.run("display-message", "-p", "-t", "="+name+":", "#{cursor_x} #{cursor_y}"))
		if next == want {
			return next
		}
		if same++; next != got {
			got, same = next, 0
		}
		if same > 25 && got != "" {
			break
		}
	}
	return got
}

// cursorOf is tmux's cursor as ours is told: a wrap that is to come is not told by
// a column that does not exist.
func cursorOf(s string) string {
	var cx, cy int
	fmt.Sscan(s, &cx, &cy)
	return fmt.Sprintf("cursor %d,%d\n", min(cx, 79), cy)
}

// plain takes the styles out of what tmux captured, and turns the letters between
// SO and SI into the lines that they stand for.
func plain(s string) string {
	s = regexp.MustCompile("\x1b\\[[0-9;:]*m|\x1b\\]8;[^\x1b]*\x1b\\\\").ReplaceAllString(s, "")
	var b strings.Builder
	lines := false
	for _, r := range s {
		switch {
		case r == 0x0e || r == 0x0f:
			lines = r == 0x0e
		case lines && r >= '`' && r <= '~':
			b.WriteRune(lineDrawing[r-'`'])
		default:
			b.WriteRune(r)
		}
	}
	rows := strings.Split(b.String(), "\n")
	for i, row := range rows {
		rows[i] = strings.TrimRight(row, " ")
	}
	return strings.Join(rows, "\n")
}

// TestTmuxShowsTheSame feeds the streams to tmux, and wants its cells and its
// cursor to be ours, but for the differences that testdata/README.md lists.
func TestTmuxShowsTheSame(t *testing.T) {
	t.Parallel()
	x := startTmux(t)
	readme, err := os.ReadFile("testdata/README.md")
	if err != nil {
		t.Fatal(err)
	}
	meant := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?) \\|").FindAllStringSubmatch(string(readme), -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			meant[name[1]] = true
		}
	}
	known := strings.Contains(x.run("-V"), "3.3a")
	began := time.Now()
	all := streams(t)
	for name, data := range all {
		file, err := filepath.Abs(filepath.Join("testdata", "streams", name+".bin"))
		if err != nil {
			t.Fatal(err)
		}
		term := New(80, 24, Options{})
		write(term, data)
		c := term.Cursor()
		want := fmt.Sprintf("%s\ncursor %d,%d\n", term.Screen(), c.X, c.Y)
		got := x.show(name, file, want)
		switch diff := cmp.Diff(strings.Split(got, "\n"), strings.Split(want, "\n")); {
		case diff == "" && meant[name] && known:
			t.Errorf("%s: tmux shows the same, though testdata/README.md lists a difference", name)
		case diff != "" && !meant[name]:
			t.Errorf("%s (-tmux +ours):\n%s", name, diff)
		}
	}
	for name := range meant {
		if _, there := all[name]; !there {
			t.Errorf("testdata/README.md lists %s, which is no stream", name)
		}
	}
	t.Logf("%d streams in %v, %d with differences that are meant", len(all), time.Since(began).Round(time.Millisecond), len(meant))
}
