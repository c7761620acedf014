package terminal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/tui/terminal/ptyexec"
)

const (
	// patience is how long the learner's start-up files may take. Some start
	// version managers of several languages, on a busy machine.
	patience = 10 * time.Second
	// Who types before the first prompt may be answering a question of these
	// files: they then have that many times as long.
	patienceTyped = 3
	askTimeout    = 2 * time.Second
)

// BrokenMsg says that the learner's own start-up files kept the shell from its
// first prompt. The pane waits for [Pane.StartClean]. Its receiver calls
// [Pane.Listen] again.
type BrokenMsg struct {
	Pane *Pane
	// Shell is the name of the shell, such as "bash".
	Shell string
	// Ended says that they ended it, with the exit code Code; otherwise no prompt
	// came for as long as After.
	Ended bool
	Code  int
	After time.Duration
}

// shell is one process of a pane. The first may be followed by a clean one.
type shell struct {
	launch
	proc *ptyexec.Process
	in   *ptyexec.Input
}

// launchShell starts a shell that prints to the pane.
func (p *Pane) launchShell(clean bool) (*shell, error) {
	l, err := prepare(p.cfg, clean)
	if err != nil {
		return nil, err
	}
	s := &shell{launch: l, in: ptyexec.NewInput()}
	cmd := exec.Command(l.path, l.args...)
	cmd.Dir, cmd.Env = p.cfg.Dir, l.env
	p.term.SetNonce(l.nonce)
	p.mu.Lock()
	p.input = s.in // a shell asks its terminal questions as soon as it runs
	p.mu.Unlock()
	width, height := p.term.Size()
	if s.proc, err = ptyexec.Start(cmd, width, height, s.in, (*paneOutput)(p)); err != nil {
		os.RemoveAll(l.dir)
		return nil, err
	}
	return s, nil
}

// end ends a shell and removes its start-up files.
func (s *shell) end() error {
	err := s.proc.Close()
	if rmErr := os.RemoveAll(s.dir); err == nil && rmErr != nil {
		err = fmt.Errorf("remove the shell's start-up files: %w", rmErr)
	}
	return err
}

// supervise waits until the shell has ended. When it has not come to its first
// prompt in time, a clean one takes its place.
func (p *Pane) supervise(first *shell) {
	defer close(p.over)
	s := first
	if s.marks {
		if msg, broken := p.awaitPrompt(s); broken {
			if s = p.replace(s, msg); s == nil {
				return
			}
		}
	}
	<-s.proc.Done()
	p.mu.Lock()
	p.exit, _ = s.proc.ExitCode()
	p.mu.Unlock()
}

// awaitPrompt waits for a shell's first prompt; broken says that none came.
func (p *Pane) awaitPrompt(s *shell) (msg BrokenMsg, broken bool) {
	began := time.Now()
	msg = BrokenMsg{Pane: p, Shell: filepath.Base(s.path)}
	limit := p.cfg.Patience
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case <-p.ready:
			return msg, false
		case <-p.closed:
			return msg, false
		case <-s.proc.Done():
			select {
			case <-p.ready: // it was ready, and has been told to end
				return msg, false
			default:
			}
			msg.Ended = true
			msg.Code, _ = s.proc.ExitCode()
			return msg, true
		case <-timer.C:
		}
		msg.After = time.Since(began)
		if more := patienceTyped*limit - msg.After; more > 0 && p.typed.Load() {
			timer.Reset(more)
			continue
		}
		// A shell that has become another program, as by `exec fish`, does what the
		// learner wants, though it does not tell us.
		return msg, !becameAnother(s)
	}
}

// becameAnother reports whether another program runs in a shell's place.
func becameAnother(s *shell) bool {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ps", "-o", "comm=", "-p", strconv.Itoa(s.proc.Pid())).Output()
	if err != nil {
		return false
	}
	name := strings.TrimPrefix(filepath.Base(strings.TrimSpace(string(out))), "-")
	return name != "" && name != filepath.Base(s.path)
}

// replace ends a shell that is broken, and starts a clean one once that has been
// allowed; nil when the pane is closed or nothing can be started.
func (p *Pane) replace(old *shell, why BrokenMsg) *shell {
	code, _ := old.proc.ExitCode()
	old.end()
	p.mu.Lock()
	p.exit, p.broken = code, &why
	p.mu.Unlock()
	p.note()
	var said string
	select {
	case said = <-p.clean:
	case <-p.closed:
		return nil
	}
	// What the files may have left switched on is switched off.
	fmt.Fprintf(p.term, "\x1b[!p\x1b[?1049;1000;1002;1003;1004;2004l\x1b[m\r\n%s\r\n", strings.ReplaceAll(said, "\n", "\r\n"))
	fresh, err := p.launchShell(true)
	if err != nil {
		fmt.Fprintf(p.term, "%v\r\n", err)
		p.note()
		return nil
	}
	p.mu.Lock()
	p.shell = fresh
	p.mu.Unlock()
	select {
	case <-p.closed:
		fresh.end() // Close may have ended the one before
	default:
	}
	return fresh
}

// StartClean starts a shell without the learner's own start-up files, in place of
// the one that a [BrokenMsg] was about. The text is shown above its first prompt;
// it may hold line ends and SGR sequences.
func (p *Pane) StartClean(text string) {
	select {
	case p.clean <- text:
	default: // said already
	}
}
