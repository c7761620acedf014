package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// interact is a shell that a person talks to over a terminal: prompts, lines
// that can be edited, ^C for the command that runs and not for the shell.
func (sh *shell) interact(ctx context.Context, tty *proc.TTY) int {
	defer sh.p.NewGroup()()
	sh.opts.interactive = true
	sh.p.Notify(proc.SIGTERM, proc.SIGQUIT) // which an interactive shell ignores
	if sh.value("PS1") == busyboxPrompt {
		sh.vars["PS1"] = variable{value: sh.usualPrompt()}
	}
	sh.editor = &lineEditor{tty: tty, complete: sh.complete}
	return sh.obey(ctx, sh.fromTerminal)
}

// fromTerminal reads the next line of a command.
func (sh *shell) fromTerminal(ctx context.Context, more bool) (string, error) {
	if _, trapped := sh.signals.actions[proc.SIGINT]; !trapped {
		sh.interrupts = sh.p.Notify(proc.SIGINT)
	}
	sh.reportJobs()
	prompt := sh.prompt("PS1")
	if more {
		prompt = sh.prompt("PS2")
	}
	line, err := sh.editor.read(ctx, prompt)
	if errors.Is(err, errInterrupted) {
		sh.status = 128 + int(proc.SIGINT)
		return "", errInterrupted
	}
	return line, err
}

// foreground runs the commands of a line. ^C ends them: the programs by their
// SIGINT, loops and builtins by the end of the context. A program that handles
// SIGINT is waited for, as the real shell does.
func (sh *shell) foreground(ctx context.Context, stmts []*syntax.Stmt) {
	if sh.editor == nil {
		sh.statements(ctx, stmts, false)
		return
	}
	line, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	var watch sync.WaitGroup
	interrupts := sh.interrupts
	watch.Go(func() {
		for {
			select {
			case <-interrupts:
				if !sh.p.GroupHandles(proc.SIGINT) {
					cancel(proc.Killed{Signal: proc.SIGINT})
				}
			case <-ended:
				return
			}
		}
	})
	sh.interrupt = func() { cancel(proc.Killed{Signal: proc.SIGINT}) }
	sh.statements(line, stmts, false)
	sh.interrupt = nil
	close(ended)
	watch.Wait()
	if line.Err() != nil && ctx.Err() == nil {
		sh.status = 128 + int(proc.SIGINT)
		fmt.Fprintln(sh.stderr())
	}
	cancel(nil)
}

// interruptible runs the script of `sh -c` in the first process of a container.
// The system spares that process what it does not handle, but ash handles ^C even
// there and ends. A script with a trap of its own and a program that takes the
// shell's place do not.
func (sh *shell) interruptible(ctx context.Context, text string) int {
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan struct{})
	var watch sync.WaitGroup
	interrupts := sh.p.Notify(proc.SIGINT)
	watch.Go(func() {
		for {
			select {
			case <-interrupts:
				if !sh.p.GroupHandles(proc.SIGINT) {
					cancel(proc.Killed{Signal: proc.SIGINT})
				}
			case <-ended:
				return
			}
		}
	})
	sh.uncatch = sync.OnceFunc(func() {
		if _, trapped := sh.signals.actions[proc.SIGINT]; !trapped {
			sh.p.Default(proc.SIGINT)
		}
		close(ended)
		watch.Wait()
	})
	sh.interrupt = func() { cancel(proc.Killed{Signal: proc.SIGINT}) }
	code := sh.runText(inner, text, true)
	sh.interrupt = nil
	sh.uncatch()
	if inner.Err() != nil && ctx.Err() == nil {
		sh.exiting, code = true, 128+int(proc.SIGINT)
	}
	return code
}

// noteInterrupt ends the line that a person typed, or the script of a container's
// first process, when ^C has ended one of its programs: what follows on the line,
// or in its loop, does not run, unless ^C is trapped.
func (sh *shell) noteInterrupt(by proc.Signal) {
	if _, trapped := sh.signals.actions[proc.SIGINT]; by == proc.SIGINT && sh.interrupt != nil && !trapped {
		sh.interrupt()
	}
}

// reportJobs says which background commands have ended since the last prompt.
func (sh *shell) reportJobs() {
	kept := sh.jobs[:0]
	for i, j := range sh.jobs {
		select {
		case <-j.done:
			mark, state := " ", "Done"
			if i == len(sh.jobs)-1 {
				mark = "+"
			}
			if j.code != 0 {
				state = fmt.Sprintf("Done(%d)", j.code)
			}
			fmt.Fprintf(sh.stderr(), "[%d]%s  %-26s %s\n", j.number, mark, state, j.text)
		default:
			kept = append(kept, j)
		}
	}
	sh.jobs = kept
}

// busyboxPrompt is what ash of BusyBox sets PS1 to.
const busyboxPrompt = `\w \$ `

// usualPrompt is the prompt of the image's own shell: that of bash, or of dash
// where the image is not BusyBox's or Alpine's.
func (sh *shell) usualPrompt() string {
	if path.Base(sh.p.Args[0]) == "bash" {
		return `\u@\h:\w\$ `
	}
	release, err := sh.p.Files.ReadFile("/etc/os-release")
	if err == nil && strings.Contains(string(release), "ID=debian") {
		return `\$ `
	}
	return busyboxPrompt
}

// prompt expands the escapes and the variables of PS1 or PS2.
func (sh *shell) prompt(name string) string {
	text := sh.value(name)
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch text[i] {
		case 'w':
			b.WriteString(sh.homely(sh.dir))
		case 'W':
			b.WriteString(path.Base(sh.homely(sh.dir)))
		case 'u':
			b.WriteString(sh.userName())
		case 'h':
			host, _, _ := strings.Cut(sh.p.Hostname, ".")
			b.WriteString(host)
		case 'H':
			b.WriteString(sh.p.Hostname)
		case '$':
			if sh.p.User.UID == 0 {
				b.WriteByte('#')
			} else {
				b.WriteString(`$`)
			}
		case 'n':
			b.WriteByte('\n')
		case 'e':
			b.WriteByte(0x1b)
		case '[', ']': // around what takes no room; the editor finds that out by itself
		default:
			b.WriteByte(text[i])
		}
	}
	if !strings.Contains(text, "$") || strings.Contains(text, `\$`) && strings.Count(text, "$") == 1 {
		return b.String()
	}
	return os.Expand(b.String(), func(name string) string {
		if !syntax.ValidName(name) {
			return "$" + name
		}
		return sh.value(name)
	})
}

// homely writes ~ for the home directory.
func (sh *shell) homely(dir string) string {
	home := sh.value("HOME")
	switch rest, below := strings.CutPrefix(dir, home+"/"); {
	case home == "" || home == "/":
		return dir
	case dir == home:
		return "~"
	case below:
		return "~/" + rest
	}
	return dir
}

func (sh *shell) userName() string {
	text, err := sh.p.Files.ReadFile("/etc/passwd")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if f := strings.Split(line, ":"); len(f) > 2 && f[2] == fmt.Sprint(sh.p.User.UID) {
				return f[0]
			}
		}
	}
	if sh.p.User.UID == 0 {
		return "root"
	}
	return "?"
}

// complete finds what the word before the cursor may become.
func (sh *shell) complete(line string, pos int) (candidates []string, word string) {
	start := strings.LastIndexAny(line[:pos], " \t;|&<>()=`'\"") + 1
	word = line[start:pos]
	first := strings.TrimRight(line[:start], " \t")
	command := first == "" || strings.ContainsAny(first[len(first)-1:], ";|&(`")
	if command && !strings.Contains(word, "/") {
		found := map[string]bool{}
		for dir := range strings.SplitSeq(sh.value("PATH"), ":") {
			list, err := sh.p.Files.ReadDir(path.Join("/", dir))
			if err != nil {
				continue
			}
			for _, e := range list {
				if name := e.Name(); strings.HasPrefix(name, word) && !found[name] {
					found[name] = true
					candidates = append(candidates, name)
				}
			}
		}
		return candidates, word
	}
	dir, base := path.Split(word)
	list, err := sh.p.Files.ReadDir(sh.path(strings.Replace(dir, "~/", sh.value("HOME")+"/", 1)))
	if dir == "" {
		list, err = sh.p.Files.ReadDir(sh.dir)
	}
	if err != nil {
		return nil, word
	}
	for _, e := range list {
		name := e.Name()
		if !strings.HasPrefix(name, base) || base == "" && name[0] == '.' {
			continue
		}
		info, err := sh.p.Files.Stat(sh.path(path.Join(dir, name)))
		if err == nil && info.IsDir() {
			name += "/"
		}
		candidates = append(candidates, dir+name)
	}
	return candidates, word
}
