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
)

// hear listens until cond holds, allows a clean shell when one is asked for, and
// returns what the pane said about the learner's start-up files.
func hear(t *testing.T, p *Pane, what string, cond func() bool) (broken []BrokenMsg) {
	t.Helper()
	late := time.AfterFunc(deadline, func() { p.Close() })
	defer late.Stop()
	for !cond() {
		switch msg := p.Listen().(type) {
		case BrokenMsg:
			broken = append(broken, msg)
			p.StartClean("a clean shell")
		case OutputMsg, CommandMsg:
		default:
			if cond() {
				return broken
			}
			t.Fatalf("%T before %s; the screen was:\n%s", msg, what, p.Screen())
		}
	}
	return broken
}

// TestBrokenStartUpFiles starts each shell with start-up files that do it harm.
// In the end there is a shell with kubectl, and the learner is told when their
// files are left out.
func TestBrokenStartUpFiles(t *testing.T) {
	t.Parallel()
	type harm struct {
		content string
		told    bool // the files are left out
	}
	posix := map[string]harm{
		"a syntax error":          {"echo before\nif then fi (\n", false},
		"exit":                    {"echo before\nexit 3\n", true},
		"an endless sleep":        {"sleep 1000\n", true},
		"an endless loop":         {"while :; do :; done\n", true},
		"it ignores signals":      {"trap '' HUP TERM INT\nsleep 1000\n", true},
		"set -e":                  {"set -e\n", false},
		"set -e and what fails":   {"set -e\nfalse\necho after\n", true},
		"set -u":                  {"set -u\n", false},
		"it kills itself":         {"kill -9 $$\n", true},
		"it changes what we need": {"PATH=/nowhere KUBECONFIG=/theirs\nkubectl() { echo theirs; }\n", false},
		"it prints a flood":       {"seq 1 300000\n", false},
	}
	fish := map[string]harm{
		"a syntax error":   {"echo before\nif; (end\n", false},
		"exit":             {"exit 3\n", false}, // ends the file alone
		"an endless sleep": {"sleep 1000\n", true},
		"it kills itself":  {"kill -9 %self\n", true},
	}
	files := map[string]string{"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish", "sh": ".shrc"}
	for shell, harms := range map[string]map[string]harm{"bash": posix, "zsh": posix, "fish": fish, "sh": posix} {
		for name, h := range harms {
			switch {
			case shell == "zsh" && name == "set -e and what fails", // zsh leaves the file, and goes on
				shell == "sh" && name == "a syntax error": // dash leaves our file too
				h.told = !h.told
			}
			t.Run(shell+"/"+name, func(t *testing.T) {
				t.Parallel()
				home, bin := t.TempDir(), t.TempDir()
				put(t, filepath.Join(home, files[shell]), h.content, 0o644)
				put(t, filepath.Join(bin, "kubectl"), "#!/bin/sh\necho \"ours:$*:$KUBECONFIG\"\n", 0o755)
				p := start(t, shell, func(c *Config) {
					c.Patience = 1500 * time.Millisecond
					c.Path, c.Env = []string{bin}, []string{"KUBECONFIG=/ours"}
					c.Environ = append(c.Environ, "HOME="+home, "ENV="+filepath.Join(home, files[shell]))
				})
				broken := hear(t, p, "the first prompt", func() bool {
					select {
					case <-p.ready:
						return true
					default:
						return false
					}
				})
				typed(p, "k get pods; false\rk version\r")
				hear(t, p, "kubectl", func() bool {
					return strings.Contains(p.Screen(), "ours:get pods:/ours") && strings.Contains(p.Screen(), "ours:version:/ours")
				})
				if told := len(broken) > 0; told != h.told {
					t.Errorf("told %+v, want %v; the screen was\n%s", broken, h.told, p.Screen())
				}
				if len(broken) > 0 && broken[0].Shell != shell {
					t.Errorf("told of the shell %q", broken[0].Shell)
				}
			})
		}
	}
}

func TestAShellThatBecomesAnotherIsLeftAlone(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ps"); err != nil {
		t.Skip("ps is not installed")
	}
	home := t.TempDir()
	put(t, filepath.Join(home, ".bashrc"), "exec sh\n", 0o644)
	p := start(t, "bash", func(c *Config) {
		c.Patience = 300 * time.Millisecond
		c.Environ = append(c.Environ, "HOME="+home)
	})
	until(t, p, "the prompt", func() bool { return strings.ContainsAny(p.Screen(), "#$") })
	select {
	case <-p.over:
		t.Error("it has ended")
	case <-time.After(time.Second):
	}
	typed(p, "echo $((40+2))\r")
	if broken := hear(t, p, "its answer", func() bool { return strings.Contains(p.Screen(), "\n42") }); len(broken) > 0 {
		t.Errorf("told %+v", broken)
	}
}

func TestClosingABrokenShell(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	put(t, filepath.Join(home, ".bashrc"), "exit 3\n", 0o644)
	p := start(t, "bash", func(c *Config) { c.Environ = append(c.Environ, "HOME="+home) })
	for {
		if msg, ok := p.Listen().(BrokenMsg); ok {
			if !msg.Ended || msg.Code != 3 {
				t.Errorf("told %+v", msg)
			}
			break
		}
	}
	p.Close() // and nobody has allowed a clean one
	if code, ok := p.Exited(); code != 3 || !ok {
		t.Errorf("exited with %d, %v", code, ok)
	}
	if msg := p.Listen(); msg != nil {
		if _, ok := msg.(ExitMsg); !ok {
			t.Errorf("after Close: %T", msg)
		}
	}
}

// completions types a command line, presses tab and waits for text.
func completions(t *testing.T, p *Pane, line, want string) {
	t.Helper()
	typed(p, line)
	wait(t, p, strings.TrimSpace(line))
	p.Key(tea.KeyPressMsg{Code: tea.KeyTab})
	wait(t, p, want)
	typed(p, "\x15")
}

// fakeKubectl answers as the real one does when it is asked for completions: the
// scripts are those of the real one, its answers are not.
const fakeKubectl = `#!/bin/sh
case $1 in
completion) echo "$2" >>"$LOG"; exec cat "$SCRIPTS/kubectl.$2" ;;
__complete*) shift; last=; for last; do :; done
	for w in create get expose delete deployment; do case $w in "$last"*) printf '%s\tdoes it\n' "$w" ;; esac; done
	case $last in --rep*) printf '%s\n' --replicas= ;; esac
	echo :4 ;;
*) echo "ran:$*" ;;
esac
`

func TestCompletion(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Abs("testdata/completion")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, shell, rc, content string }{
		{"bash", "bash", ".bashrc", "PS1='$ '\n"},
		{"bash-set-u", "bash", ".bashrc", "PS1='$ '\nset -u\n"},
		{"zsh", "zsh", ".zshrc", "PROMPT='$ '\n"},
		{"zsh-compinit", "zsh", ".zshrc", "PROMPT='$ '\nautoload -Uz compinit; compinit -u\n"},
		{"fish", "fish", ".config/fish/config.fish", "function fish_prompt; echo '$ '; end\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			home, bin, cache := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "it's a cache")
			log := filepath.Join(home, "log")
			put(t, filepath.Join(home, tc.rc), tc.content, 0o644)
			put(t, filepath.Join(bin, "kubectl"), fakeKubectl, 0o755)
			run := func() *Pane {
				return start(t, tc.shell, func(c *Config) {
					c.Path, c.Cache = []string{bin}, cache
					c.Env = []string{"LOG=" + log, "SCRIPTS=" + scripts}
					c.Environ = append(c.Environ, "HOME="+home)
				})
			}
			p := run()
			wait(t, p, "$")
			if _, err := os.Stat(log); err == nil {
				t.Error("the shell's start has asked kubectl for its completion")
			}
			completions(t, p, "kubectl cre", "kubectl create")
			completions(t, p, "k exp", "k expose")
			completions(t, p, "k create deployment web --rep", "--replicas=")
			again := run()
			wait(t, again, "$")
			completions(t, again, "k cre", "k create")
			written, err := os.ReadFile(log)
			if err != nil || string(written) != tc.shell+"\n" {
				t.Errorf("kubectl was asked for its completion %q times, want once: %v", written, err)
			}
			later := time.Now().Add(time.Hour)
			if err := os.Chtimes(filepath.Join(bin, "kubectl"), later, later); err != nil {
				t.Fatal(err)
			}
			newer := run()
			wait(t, newer, "$")
			completions(t, newer, "k cre", "k create")
			if written, _ := os.ReadFile(log); string(written) != fmt.Sprintf("%[1]s\n%[1]s\n", tc.shell) {
				t.Errorf("with a newer kubectl it was asked for %q", written)
			}
		})
	}
}
