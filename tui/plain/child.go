package plain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/commandline"
)

// graceTime is how long a command may take to end after it was told to.
const graceTime = 3 * time.Second

// tellInterval is how often it is told.
const tellInterval = 300 * time.Millisecond

// foreground runs a program with the learner's terminal, or without any input
// where there is none, and comes back when it has ended. Ctrl-C is its affair.
func (t *talk) foreground(ctx context.Context, argv, env []string, dir string) error {
	t.out.fresh()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = env, dir
	cmd.Stdout, cmd.Stderr = t.o.Out, t.o.Out
	cmd.WaitDelay = graceTime
	restore := func() {}
	if t.o.InTerminal {
		cmd.Stdin = t.o.In
		if f, ok := t.o.In.(*os.File); ok {
			restore = keepTerminal(f)
		}
	}
	ownGroup := !t.o.InTerminal
	prepareChild(cmd, ownGroup)
	if err := cmd.Start(); err != nil {
		return err
	}
	defer restore()
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case err := <-done:
			t.drainInterrupts()
			return err
		case <-t.o.Interrupts:
			if ownGroup {
				interruptChild(cmd)
			} // else the terminal has told it
		case <-ctx.Done():
			endAll(cmd, ownGroup, done)
			return ctx.Err()
		}
	}
}

// endAll ends a command and what it has started, and waits for that. It is told
// more than once: a shell that is just starting a program passes on nothing that
// comes before the program runs.
func endAll(cmd *exec.Cmd, ownGroup bool, done <-chan error) {
	again := time.NewTicker(tellInterval)
	defer again.Stop()
	late := time.NewTimer(graceTime - tellInterval) // before Wait gives up
	defer late.Stop()
	for {
		endChild(cmd, ownGroup)
		select {
		case <-done:
			return
		case <-again.C:
		case <-late.C:
			killChild(cmd, ownGroup)
			<-done
			return
		}
	}
}

// drainInterrupts forgets the Ctrl-C that was meant for a command.
func (t *talk) drainInterrupts() {
	for {
		select {
		case <-t.o.Interrupts:
		default:
			return
		}
	}
}

// environment is that of the learner's commands: kubectl talks to the workspace.
func (t *talk) environment() []string {
	env := os.Environ()
	if ws, ok := t.workspace(); ok {
		env = append(env, t.session.ShellEnv(ws)...)
	}
	return env
}

// loginShell is the learner's shell.
func (t *talk) loginShell() string {
	getenv := t.o.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	for _, name := range []string{getenv("SHELL"), "bash", "sh"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return "/bin/sh"
}

// runCommand runs a command line in the learner's shell.
func (t *talk) runCommand(ctx context.Context, line string) error {
	if line == "" {
		return t.shell(ctx)
	}
	if t.noWorkspace(line) {
		return nil
	}
	if rest, ok := strings.CutPrefix(line, "k "); ok {
		if _, err := exec.LookPath("k"); err != nil {
			line = "kubectl " + rest
		}
	}
	err := t.foreground(ctx, []string{t.loginShell(), "-c", line}, t.environment(), "")
	if err := t.ran(ctx, err); err != nil {
		return err
	}
	t.hintAt(line, err)
	return nil
}

// hintAt says what is likely wrong with a command line. What it has printed is
// not known: it went to the terminal.
func (t *talk) hintAt(line string, err error) {
	code := 0
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		code = exit.ExitCode()
	} else if err != nil {
		return
	}
	if hint, ok := commandline.Mistake(line, code, ""); ok {
		t.say(t.flat(t.text(lessons.Text{lessons.English: hint.English, lessons.Chinese: hint.Chinese})))
	}
}

// noWorkspace says so when kubectl has no workspace to talk to.
func (t *talk) noWorkspace(line string) bool {
	_, ok := t.workspace()
	first, _, _ := strings.Cut(line, " ")
	if ok || first != "kubectl" && first != "k" {
		return false
	}
	t.say(t.words.NoWorkspace)
	return true
}

// ran says how a command has ended, if there is something to say.
func (t *talk) ran(ctx context.Context, err error) error {
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failed && exit.ExitCode() < 0:
		t.sayf(t.words.CommandKilled, exit.String())
	case failed:
		t.sayf(t.words.CommandFailed, exit.ExitCode())
	case err != nil:
		t.sayf(t.words.CommandNotRun, err)
	}
	return nil
}

// kubectl runs one of kubectl's verbs on the workspace.
func (t *talk) kubectl(ctx context.Context, verb, arg string) error {
	if t.noWorkspace("kubectl") {
		return nil
	}
	words := strings.Fields(normal(arg))
	if len(words) == 0 {
		t.sayf(t.words.KubectlHow, verb)
		return nil
	}
	program, env := "kubectl", t.environment()
	if path := lookIn(env, program); path != "" {
		program = path
	}
	return t.ran(ctx, t.foreground(ctx, append([]string{program, verb}, words...), env, ""))
}

// events says what has happened in the workspace, or to one object.
func (t *talk) events(ctx context.Context, arg string) error {
	if arg == "" {
		return t.kubectl(ctx, "events", "--types=Normal,Warning")
	}
	return t.kubectl(ctx, "events", "--for="+strings.Join(strings.Fields(normal(arg)), "/"))
}

// lookIn finds a program on the PATH of an environment.
func lookIn(env []string, program string) string {
	for i := len(env) - 1; i >= 0; i-- {
		path, ok := strings.CutPrefix(env[i], "PATH=")
		if !ok {
			continue
		}
		for _, dir := range filepath.SplitList(path) {
			if found, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
				return found
			}
		}
		return ""
	}
	return ""
}

// shell gives the learner their shell until they leave it.
func (t *talk) shell(ctx context.Context) error {
	if !t.o.InTerminal {
		t.say(t.words.ShellNeedsTerminal)
		return nil
	}
	env, path := t.environment(), t.loginShell()
	argv := []string{path, "-i"}
	if filepath.Base(path) == "bash" {
		rc, err := t.startFile(env)
		if err != nil {
			t.say(err.Error())
			return nil
		}
		defer os.Remove(rc)
		argv = []string{path, "--rcfile", rc, "-i"}
	}
	t.say(t.words.ShellBegins)
	err := t.foreground(ctx, argv, env, "")
	t.say(t.words.ShellEnded)
	if _, exited := errors.AsType[*exec.ExitError](err); exited { // as its last command did
		err = nil
	}
	return t.ran(ctx, err)
}

// startFile is what bash reads after the learner's own file, which may have set
// the PATH anew.
func (t *talk) startFile(env []string) (string, error) {
	f, err := os.CreateTemp("", "k8stutor-bash-")
	if err != nil {
		return "", fmt.Errorf("write the shell's start-up file: %w", err)
	}
	var b strings.Builder
	b.WriteString("[ -r ~/.bashrc ] && . ~/.bashrc\nunalias kubectl 2>/dev/null\nunset -f kubectl 2>/dev/null\nalias k=kubectl\n")
	for _, kv := range env[len(os.Environ()):] {
		name, value, _ := strings.Cut(kv, "=")
		fmt.Fprintf(&b, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
	_, err = f.WriteString(b.String())
	if err = cmp.Or(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("write the shell's start-up file: %w", err)
	}
	return f.Name(), nil
}
