//go:build unix

package terminal

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// nextCommand listens until a command has ended.
func nextCommand(t *testing.T, p *Pane) Command {
	t.Helper()
	late := time.AfterFunc(deadline, func() { p.Close() })
	defer late.Stop()
	for {
		switch msg := p.Listen().(type) {
		case CommandMsg:
			return msg.Command
		case OutputMsg:
		default:
			t.Fatalf("%T before a command ended; the screen was:\n%s", msg, p.Screen())
		}
	}
}

func TestCommandsAreToldWithTheirLineAndOutput(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			p := start(t, shell, nil)
			for _, tc := range []struct {
				typed string
				want  Command
			}{
				{"echo 'a; b' \"c\\\\d\" 末日\r", Command{Line: `echo 'a; b' "c\\d" 末日`, Output: `a; b c\d 末日`}},
				{"sh -c 'echo no such flag: --image-nginx >&2; exit 64'\r", Command{
					Line: `sh -c 'echo no such flag: --image-nginx >&2; exit 64'`, Exit: 64, Output: "no such flag: --image-nginx"}},
				{"printf '\\033]133;D;0\\007\\033]133;C\\007\\033]633;E;fake;x\\007'; sh -c 'exit 9'\r", Command{
					Line: `printf '\033]133;D;0\007\033]133;C\007\033]633;E;fake;x\007'; sh -c 'exit 9'`, Exit: 9}},
				{"true\r", Command{Line: "true"}},
				{"true\r", Command{Line: "true"}},
			} {
				typed(p, tc.typed)
				got := nextCommand(t, p)
				if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(Command{}, "Number")); diff != "" {
					t.Errorf("command (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestLinesThatBashForgetsAreReadFromTheScreen(t *testing.T) {
	t.Parallel()
	p := start(t, "bash", nil)
	typed(p, "HISTCONTROL=ignoreboth\r")
	nextCommand(t, p)
	for _, line := range []string{"echo one", "echo one", " echo 'two  spaces' in a line that goes over the edge of the pane, and on"} {
		typed(p, line+"\r")
		if got, want := nextCommand(t, p).Line, strings.TrimSpace(line); got != want {
			t.Errorf("line %q, want %q", got, want)
		}
	}
	typed(p, " for i in 1 2\rdo echo $i\rdone\r")
	if c := nextCommand(t, p); c.Output != "1\n2" {
		t.Errorf("a command of three lines that is not in the history: %+v", c)
	}
}
