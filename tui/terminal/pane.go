// Package terminal is the shell pane: the learner's own shell on a
// pseudo-terminal, drawn by the emulator in package vt as a part of another
// program's screen.
//
// It promises that nothing it offers to the user interface blocks, that a
// shell that floods its terminal is drawn once a frame and no more often, and
// that after [Pane.Close] nothing of it is left: no process, no goroutine, no
// file. On Windows it is experimental: see package ptyexec.
//
// The pane knows nothing of lessons, of clusters, or of the screens it is part
// of, and must not import them.
package terminal

import (
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/terminal/ptyexec"
	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

const (
	frame             = time.Second / 60
	defaultScrollback = 10_000
)

// Config says what to run in a pane.
type Config struct {
	Width, Height int
	// Shell is a program's name or path; "" takes $SHELL, else bash, else sh.
	Shell string
	// Dir is the directory to start in; "" is that of this process.
	Dir string
	// Path lists directories to put first on the PATH.
	Path []string
	// Env holds "KEY=value" to set in the shell, such as KUBECONFIG. Like Path
	// it is set after the learner's own start-up files have run, which could
	// change it.
	Env []string
	// Cache is a folder to keep kubectl's completion in; "" keeps it as long as
	// the shell runs.
	Cache string
	// Patience is how long the learner's start-up files may take until the first
	// prompt; 0 is 10 seconds. See [BrokenMsg].
	Patience time.Duration
	// Environ is the environment to start from; nil is that of this process.
	Environ []string
	// Scrollback is how many lines can be scrolled back to; 0 is 10,000.
	Scrollback int
	// Foreground and Background are the colours of the learner's terminal, for
	// programs that ask whether it is light or dark.
	Foreground, Background vt.Color
}

// OutputMsg says that there is something new to draw. Its receiver calls
// [Pane.Listen] again.
type OutputMsg struct{ Pane *Pane }

// ExitMsg says that the shell has ended. It is the last message of a pane.
type ExitMsg struct {
	Pane *Pane
	Code int // as shells show it: 128 and the signal's number, if a signal ended it
}

// CommandMsg says that a command has ended. Its receiver calls [Pane.Listen]
// again.
type CommandMsg struct {
	Pane    *Pane
	Command Command
}

// Command is what the shell has told about a command. Not every shell does:
// bash since 4.4, zsh and fish do.
type Command struct {
	Number  int    // counts from 1; 0 before the first command
	Line    string // as it was typed, at most 4 KB; "" when that is not known
	Running bool
	Exit    int // exit status, once it has ended
	// Output is what it has printed, once it has ended: text of at most about 16
	// KB, of which the middle is left out.
	Output string
}

// maxUntold bounds how many commands wait to be told of by Listen.
const maxUntold = 64

// Pane is a running shell. Its methods may be called from any goroutine.
type Pane struct {
	cfg  Config
	term *vt.Terminal

	dirty  chan struct{} // holds at most one note
	closed chan struct{}
	over   chan struct{} // closed when no shell runs any more
	ready  chan struct{} // closed at the first prompt
	clean  chan string   // what StartClean was told
	typed  atomic.Bool   // something has been typed
	close  sync.Once

	mu       sync.Mutex
	shell    *shell // the newest
	input    *ptyexec.Input
	exit     int // of the last shell, once over is closed
	broken   *BrokenMsg
	back     int    // lines scrolled back
	anchor   uint64 // lines that had left the screen when back was set
	shown    time.Time
	exitSent bool
	prompted bool
	command  Command
	untold   []Command // ended, and not yet told of
	view     []string
	viewed   viewKey
}

// viewKey identifies a drawn view.
type viewKey struct {
	version uint64
	back    int
}

// Start runs a shell in a pane.
func Start(cfg Config) (*Pane, error) {
	if cfg.Scrollback == 0 {
		cfg.Scrollback = defaultScrollback
	}
	if cfg.Patience == 0 {
		cfg.Patience = patience
	}
	p := &Pane{
		cfg:    cfg,
		dirty:  make(chan struct{}, 1),
		closed: make(chan struct{}),
		over:   make(chan struct{}),
		ready:  make(chan struct{}),
		clean:  make(chan string, 1),
	}
	p.term = vt.New(cfg.Width, cfg.Height, vt.Options{
		Scrollback: cfg.Scrollback,
		Foreground: cfg.Foreground,
		Background: cfg.Background,
		Reply:      p.answer,
		Mark:       p.mark,
	})
	s, err := p.launchShell(false)
	if err != nil {
		return nil, err
	}
	p.shell = s
	go p.supervise(s)
	return p, nil
}

// paneOutput takes what the shell prints.
type paneOutput Pane

func (o *paneOutput) Write(b []byte) (int, error) {
	n, err := o.term.Write(b)
	(*Pane)(o).note()
	return n, err
}

// Listen is a [tea.Cmd] that waits for the next [OutputMsg] or [CommandMsg], at
// most one each frame, or for the [ExitMsg]. After that and after Close it returns nil.
func (p *Pane) Listen() tea.Msg {
	p.mu.Lock()
	over := p.exitSent
	p.mu.Unlock()
	if over {
		return nil
	}
	select {
	case <-p.dirty:
	case <-p.over:
		return p.ended()
	case <-p.closed:
		return nil
	}
	p.mu.Lock()
	wait := frame - time.Since(p.shown)
	p.mu.Unlock()
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-p.closed:
			return nil
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = time.Now()
	if p.broken != nil {
		msg := *p.broken
		p.broken = nil
		return msg
	}
	if len(p.untold) > 0 {
		return p.tell()
	}
	return OutputMsg{Pane: p}
}

// tell returns the message of the oldest command not told of, and has Listen
// called for the next.
func (p *Pane) tell() tea.Msg {
	c := p.untold[0]
	p.untold = p.untold[1:]
	if len(p.untold) > 0 {
		p.note()
	}
	return CommandMsg{Pane: p, Command: c}
}

// note has the next Listen return.
func (p *Pane) note() {
	select {
	case p.dirty <- struct{}{}:
	default: // a note is waiting already
	}
}

func (p *Pane) ended() tea.Msg {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.exitSent {
		return nil
	}
	if len(p.untold) > 0 {
		return p.tell()
	}
	p.exitSent = true
	return ExitMsg{Pane: p, Code: p.exit}
}

// Write sends bytes to the shell as if typed. It does not wait; what the shell
// does not read for megabytes is dropped.
func (p *Pane) Write(b []byte) {
	p.typed.Store(true)
	p.answer(b)
}

// answer sends bytes to the shell that nobody has typed.
func (p *Pane) answer(b []byte) {
	p.mu.Lock()
	in := p.input
	p.mu.Unlock()
	in.Write(b) // the queue is full or closed: there is nobody to tell
}

// Key presses a key in the pane and ends scrolling back.
func (p *Pane) Key(msg tea.KeyPressMsg) {
	if b := EncodeKey(msg.Key(), p.term.Mode(vt.ModeApplicationCursor)); len(b) > 0 {
		p.Scroll(-p.Scrolled())
		p.Write(b)
	}
}

// Paste sends text as pasted: a shell that can tell shows it without running it.
func (p *Pane) Paste(text string) {
	p.Scroll(-p.Scrolled())
	p.Write(encodePaste(text, p.term.Mode(vt.ModeBracketedPaste)))
}

// Focus tells programs that asked for it that the pane has gained or lost the
// keyboard.
func (p *Pane) Focus(on bool) {
	if !p.term.Mode(vt.ModeFocus) {
		return
	}
	if on {
		p.Write([]byte("\x1b[I"))
	} else {
		p.Write([]byte("\x1b[O"))
	}
}

// Resize changes the size of the pane.
func (p *Pane) Resize(width, height int) {
	if w, h := p.term.Size(); w == width && h == height {
		return
	}
	p.term.Resize(width, height)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.back = 0
	width, height = p.term.Size()
	p.shell.proc.Resize(width, height) // fails only when the shell is gone
}

// Scroll moves the view by lines: positive into the past.
func (p *Pane) Scroll(lines int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.back = min(max(p.backNow()+lines, 0), p.term.Scrollback())
	p.anchor = p.term.Scrolled()
}

// Scrolled is how many lines the view is scrolled back.
func (p *Pane) Scrolled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.backNow()
}

// backNow keeps a view that is scrolled back on its lines while more arrive.
func (p *Pane) backNow() int {
	if p.back == 0 || p.term.Alternate() {
		return 0
	}
	return min(p.back+int(p.term.Scrolled()-p.anchor), p.term.Scrollback())
}

// View returns the rows of the pane with their styles, each of exactly its
// width. The slice must not be changed.
func (p *Pane) View() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := viewKey{version: p.term.Version(), back: p.backNow()}
	if p.view == nil || key != p.viewed {
		p.view, p.viewed = p.term.Render(key.back), key
	}
	return p.view
}

// Cursor returns where the cursor is to be drawn, counted from the pane's
// upper left cell; nil when it is hidden.
func (p *Pane) Cursor() *tea.Cursor {
	c := p.term.Cursor()
	if !c.Visible || p.Scrolled() > 0 {
		return nil
	}
	cur := tea.NewCursor(c.X, c.Y)
	cur.Blink = c.Blink
	switch c.Shape {
	case vt.CursorBlock:
		cur.Shape = tea.CursorBlock
	case vt.CursorUnderline:
		cur.Shape = tea.CursorUnderline
	case vt.CursorBar:
		cur.Shape = tea.CursorBar
	}
	return cur
}

// Title is the title the shell gave its window, "" if none.
func (p *Pane) Title() string { return p.term.Title() }

// Screen returns the text of the screen, without styles.
func (p *Pane) Screen() string { return p.term.Screen() }

// Command returns the state of the command that was run last.
func (p *Pane) Command() Command {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.command
}

// mark follows the marks that the shell sets around commands.
func (p *Pane) mark(m vt.Mark) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch m.Kind {
	case vt.MarkPrompt:
		if !p.prompted {
			p.prompted = true
			close(p.ready)
		}
	case vt.MarkBegin:
		p.command = Command{Number: p.command.Number + 1, Line: m.Line, Running: true}
	case vt.MarkEnd:
		p.command.Running, p.command.Exit, p.command.Output = false, m.Exit, m.Output
		if len(p.untold) < maxUntold {
			p.untold = append(p.untold, p.command)
		}
	}
}

// Exited reports whether the shell has ended, and with what exit code.
func (p *Pane) Exited() (code int, ok bool) {
	select {
	case <-p.over:
	default:
		return 0, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exit, true
}

// Close ends the shell and all that runs in its session, as closing its window
// would, and waits until it is gone: half a second at most, if nothing in it
// obeys. It may be called more than once.
func (p *Pane) Close() error {
	var err error
	p.close.Do(func() {
		p.mu.Lock()
		close(p.closed)
		s := p.shell
		p.mu.Unlock()
		err = s.end()
		<-p.over
	})
	return err
}
