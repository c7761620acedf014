package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
	"github.com/k8stutor/k8stutor/tui/terminal"
)

// Shell is the learner's shell behind a pane of cells; *terminal.Pane is one.
type Shell interface {
	shellInput
	shellScreen
	shellText
	// Listen waits until the screen has changed (terminal.OutputMsg), a command
	// has ended (terminal.CommandMsg) or the shell has (terminal.ExitMsg); nil
	// after Close.
	Listen() tea.Msg
	Exited() (code int, ended bool)
	// StartClean starts a shell without the learner's start-up files, after they
	// broke this one (terminal.BrokenMsg), with a text above its first prompt.
	StartClean(text string)
	// Close ends the shell and what runs in it, and waits for their end.
	Close() error
}

// shellInput is what a shell is told. Nothing of it blocks.
type shellInput interface {
	Key(tea.KeyPressMsg)
	Paste(text string)
	// Insert puts a text on the line that is being typed, and runs nothing; Ready
	// reports whether there is such a line.
	Insert(text string) terminal.Refusal
	Ready() bool
	// Mouse takes an event in cells of a screen on which the pane's top left
	// cell is at left, top.
	Mouse(msg tea.MouseMsg, left, top int)
}

// shellScreen is what a shell shows. Nothing of it blocks.
type shellScreen interface {
	Resize(w, h int)
	// View returns the rows, each exactly as wide as the pane.
	View() []string
	// Cursor is in cells of the pane; nil when it is hidden.
	Cursor() *tea.Cursor
}

// shellStarter starts a shell with variables added to its environment.
type shellStarter func(env []string, w, h int) (Shell, error)

// terminalPane shows the learner's shell.
type terminalPane struct {
	*scene
	crew    *crew
	start   shellStarter
	id      uint64            // of the newest shell
	pane    Shell             // nil before it runs
	pending bool              // being started
	awaited bool              // will be started when the workspace is there
	typed   []tea.KeyPressMsg // before it ran
	waiting string            // a command to be put on its line once it has a prompt
	env     func() []string   // writes the kubeconfig: for commands only
	err     error
	focused bool // it gets the keys
	copying *copying
	pressed pressPoint
	w, h    int
}

// begin starts the shell for an environment, unless one runs already. Before there
// is a workspace there is no environment, and nothing begins.
func (t *terminalPane) begin(env func() []string) tea.Cmd {
	t.env = env
	if env == nil || t.pane != nil || t.pending || t.err != nil {
		return nil
	}
	w, h := t.w, t.h
	if w < 2 || h < 1 {
		w, h = 80, 24 // until the screen's size is known, or has room for it
	}
	t.pending, t.awaited = true, false
	t.id++
	return startShell(t.crew, t.id, t.start, env, w, h)
}

// again starts a new shell after the last one has ended.
func (t *terminalPane) again() tea.Cmd {
	end := t.close()
	return tea.Batch(end, t.begin(t.env))
}

// close ends the shell.
func (t *terminalPane) close() tea.Cmd {
	old := t.pane
	t.pane, t.pending, t.err, t.copying = nil, false, nil, nil
	t.forgo()
	t.id++
	if old == nil {
		return nil
	}
	return closeShell(t.crew, old)
}

// await has keys kept for the shell that comes with the workspace.
func (t *terminalPane) await() { t.awaited = t.pane == nil && t.err == nil && !t.pending }

// forgo is the end of that: no workspace comes.
func (t *terminalPane) forgo() {
	if t.awaited = false; !t.alive() {
		t.typed, t.focused, t.waiting = nil, false, ""
	}
}

// alive reports whether there is a shell to type into, now or in a moment.
func (t *terminalPane) alive() bool {
	if t.pane == nil {
		return t.pending || t.awaited
	}
	_, ended := t.pane.Exited()
	return !ended
}

// ended reports whether a shell ran and is over, or could not be started.
func (t *terminalPane) ended() bool {
	return !t.pending && (t.err != nil || t.pane != nil && !t.alive())
}

func (t *terminalPane) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case shellMsg:
		if msg.shell != t.id {
			if msg.pane != nil {
				return closeShell(t.crew, msg.pane)
			}
			return nil
		}
		t.pending, t.pane, t.err = false, msg.pane, msg.err
		typed := t.typed
		t.typed = nil
		if msg.err != nil {
			t.forgo()
			return nil
		}
		if t.w > 1 && t.h > 0 {
			t.pane.Resize(t.w, t.h)
		}
		for _, k := range typed {
			t.pane.Key(k)
		}
		return watchShell(t.id, t.pane)
	case shellDrawnMsg:
		if msg.shell == t.id && t.pane != nil {
			return watchShell(t.id, t.pane)
		}
	case shellBrokenMsg:
		if msg.shell == t.id && t.pane != nil {
			t.pane.StartClean(t.brokenText(msg.broken))
			return watchShell(t.id, t.pane)
		}
	case commandRanMsg:
		if msg.shell == t.id && t.pane != nil {
			return watchShell(t.id, t.pane)
		}
	case shellEndedMsg:
		if msg.shell == t.id {
			t.focused = false
		}
	}
	return nil
}

// brokenText says what the learner's start-up files did, above the prompt of the
// shell that does without them.
func (t *terminalPane) brokenText(b terminal.BrokenMsg) string {
	w := t.words.Shell
	text := fmt.Sprintf(w.FilesHang, duration(b.After), startUpFiles(b.Shell))
	if b.Ended {
		text = fmt.Sprintf(w.FilesEnded, b.Code, startUpFiles(b.Shell))
	}
	lines := append(markdown.Wrap(text, max(1, t.w)), markdown.Wrap(fmt.Sprintf(w.Clean, markdown.Clean(b.Shell)), max(1, t.w))...)
	for i, l := range lines {
		lines[i] = "\x1b[1m" + l + "\x1b[m"
	}
	return strings.Join(lines, "\n")
}

// startUpFiles names the files that a shell reads first.
func startUpFiles(shell string) string {
	switch shell {
	case "bash":
		return "~/.bashrc"
	case "zsh":
		return "~/.zshrc"
	case "fish":
		return "~/.config/fish/config.fish"
	}
	return "$ENV"
}

func (t *terminalPane) resize(w, h int) {
	if t.w == w && t.h == h {
		return
	}
	t.w, t.h = w, h
	if t.copying != nil {
		t.copying.Resize(w, h)
	}
	if t.pane != nil && w > 1 && h > 0 {
		t.pane.Resize(w, h)
	}
}

func (t *terminalPane) key(msg tea.KeyPressMsg) {
	switch {
	case t.pane == nil && t.alive():
		t.typed = append(t.typed, msg)
	case t.alive():
		t.pane.Key(msg)
	}
}

func (t *terminalPane) paste(text string) {
	if t.pane != nil && t.alive() {
		t.pane.Paste(text)
	}
}

// mouse takes an event in cells of a screen on which the pane is at left, top.
func (t *terminalPane) mouse(msg tea.MouseMsg, left, top int) {
	if t.pane != nil && t.alive() {
		t.pane.Mouse(msg, left, top)
	}
}

// lines are the shell's rows, or what there is to say instead.
func (t *terminalPane) lines() []string {
	if t.pane == nil {
		text := t.words.Terminal.Waiting
		switch {
		case t.err != nil:
			text = t.words.Terminal.Failed + t.words.Colon + t.err.Error()
		case t.pending:
			text = t.words.Terminal.Starting
		}
		return t.message(text)
	}
	out := t.copyLines()
	if code, ended := t.pane.Exited(); ended && t.copying == nil {
		note := newPen(t.w).put(t.styles.Dim, fmt.Sprintf(t.words.Terminal.Ended, code)).line()
		out = append(sized(out, t.w, t.h-1), note)
	}
	return sized(out, t.w, t.h)
}

func (t *terminalPane) message(text string) []string {
	var out []string
	for _, l := range markdown.Wrap(text, t.w-2) {
		out = append(out, newPen(t.w).space(styles.Style{}, 1).put(t.styles.Dim, l).line())
	}
	return sized(out, t.w, t.h)
}

// cursor is the shell's cursor, for a pane at x, y.
func (t *terminalPane) cursor(x, y int) *tea.Cursor {
	if t.pane == nil || t.copying == nil && !t.alive() {
		return nil
	}
	c := t.pane.Cursor
	if t.copying != nil {
		c = t.copyCursor
	}
	return t.placed(c(), x, y)
}

// placed is a cursor of the pane on a screen where the pane is at x, y.
func (t *terminalPane) placed(c *tea.Cursor, x, y int) *tea.Cursor {
	if c == nil || c.X < 0 || c.Y < 0 || c.X >= t.w || c.Y >= t.h {
		return nil
	}
	c.X, c.Y = c.X+x, c.Y+y
	return c
}
