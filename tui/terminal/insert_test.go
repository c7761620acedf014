//go:build unix

package terminal

import (
	"strings"
	"testing"
)

func TestInsertRunsNothing(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			p := start(t, shell, nil)
			until(t, p, "there is a prompt", p.Ready)
			for _, text := range []string{"echo one\x03\r", "two\n\n", "; echo \x1bOA\tthree"} {
				if why := p.Insert(text); why != NotRefused {
					t.Fatalf("%q is refused: %d", text, why)
				}
			}
			typed(p, "\r")
			if c := nextCommand(t, p); c.Number != 1 || c.Output != "onetwo\nOA three" {
				t.Errorf("the first command that ran is %+v", c)
			}
			if why := p.Insert("echo a\necho b"); why != NotRefused {
				t.Fatalf("two lines are refused: %d", why)
			}
			typed(p, "\r")
			if c := nextCommand(t, p); c.Number != 2 || !strings.HasSuffix(c.Output, "b") {
				t.Errorf("the command of two lines: %+v", c)
			}
		})
	}
}

func TestInsertIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, "sh", nil)
	if why := p.Insert("echo a\necho b"); why != RefusedLines {
		t.Errorf("a shell that knows no pasting takes two lines: %d", why)
	}
	if why := p.Insert("\x03\r\n"); why != RefusedNothing {
		t.Errorf("only control characters: %d", why)
	}
	b := start(t, "bash", nil)
	typed(b, "cat\r")
	until(t, b, "cat runs", func() bool { return b.Command().Running })
	if why := b.Insert("echo a"); why != RefusedBusy {
		t.Errorf("a program that runs is given the command: %d", why)
	}
}

func TestTypeable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"kubectl get pods\r\n":         "kubectl get pods",
		"a\tb\x00\x7f\u0085c":          "a bc",
		"rm \u202e\u2066x\u200b\xff":   "rm x",
		"\n a\nb \n":                   " a\nb",
		"echo 容器\x1b]52;c;eA==\x07 ok": "echo 容器]52;c;eA== ok",
	} {
		if got := Typeable(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
