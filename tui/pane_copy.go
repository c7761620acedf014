package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
	"github.com/k8stutor/k8stutor/tui/terminal/copymode"
)

// maxCopied bounds the bytes that are put on the clipboard: terminals refuse
// more, some of them much less.
const maxCopied = 1 << 20

// shellText is what a shell has shown, to be read back. Nothing of it blocks.
type shellText interface {
	Text() copymode.Text
	// ViewAt returns the rows from a line on, with marks, as View does.
	ViewAt(top uint64, marks []copymode.Mark) []string
	// Scroll moves what View shows by lines, back when positive.
	Scroll(lines int)
	// Scrolled is how far back that is, of at most Scrollback lines.
	Scrolled() int
	Scrollback() int
	// WantsMouse reports whether a drag belongs to the program that runs.
	WantsMouse() bool
}

// copying is the copy mode of a terminal pane: reading back what the shell has
// shown, searching in it and copying from it.
type copying struct {
	*copymode.Mode
	dragged  bool // begun with the mouse: the next key is the shell's again
	typing   bool // a search is being typed
	backward bool
	input    input
	missed   string // what was searched for and is not there
}

// pressPoint is where the mouse was pressed in the pane.
type pressPoint struct {
	x, y int
	down bool
}

// copyOn begins copy mode where the shell's view is.
func (t *terminalPane) copyOn() {
	if t.pane != nil {
		t.copying = &copying{Mode: copymode.New(t.pane.Text(), t.w, t.h, t.pane.Scrolled())}
	}
}

// copyOff ends it; the shell's view is at its end again.
func (t *terminalPane) copyOff() {
	if t.copying != nil && t.pane != nil {
		t.pane.Scroll(-t.pane.Scrolled())
	}
	t.copying = nil
}

// yank returns what is selected; "" when nothing is.
func (c *copying) yank() string {
	text := c.Selected()
	if c.Selecting() == copymode.Characters {
		text = strings.TrimRight(text, "\n")
	}
	return text[:min(len(text), maxCopied)]
}

// copied puts text on the clipboard of the learner's terminal, and says so.
func (s *scene) copied(text string) (action, tea.Cmd) {
	if text == "" {
		return nil, nil
	}
	lines := strings.Count(strings.TrimRight(text, "\n"), "\n") + 1
	return say{notice{text: fmt.Sprintf(s.words.Copying.Copied, lines)}}, tea.SetClipboard(text)
}

// drag follows the mouse over a pane whose top left cell is at left, top. It
// reports whether the event was copy mode's, and what was copied.
func (t *terminalPane) drag(msg tea.MouseMsg, left, top int) (text string, taken bool) {
	if t.pane == nil || t.copying == nil && t.pane.WantsMouse() {
		return "", false
	}
	m := msg.Mouse()
	x, y := m.X-left, m.Y-top
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		t.pressed = pressPoint{x, y, m.Button == tea.MouseLeft}
		if t.copying != nil && t.pressed.down {
			t.copying.Select(t.copying.Selecting()) // ends it
			t.copying.Go(x, y)
		}
	case tea.MouseMotionMsg:
		if !t.pressed.down {
			return "", t.copying != nil
		}
		if t.copying == nil {
			t.copyOn()
			t.copying.dragged = true
		}
		if t.copying.Selecting() == copymode.Nothing {
			t.copying.Go(t.pressed.x, t.pressed.y)
			t.copying.Select(copymode.Characters)
		}
		t.copying.Go(x, y)
	case tea.MouseReleaseMsg:
		was := t.pressed.down
		t.pressed.down = false
		if was && t.copying != nil {
			return t.copying.yank(), true
		}
	case tea.MouseWheelMsg:
		if t.copying != nil {
			t.copying.Scroll(wheel(msg))
		}
	}
	return "", t.copying != nil
}

// copyLines are the pane's rows in copy mode, and while the view is scrolled back.
func (t *terminalPane) copyLines() []string {
	if t.w < 2 || t.h < 1 {
		return sized(nil, t.w, t.h)
	}
	var rows []string
	label := ""
	if c := t.copying; c != nil {
		top, marks := c.View()
		rows = sized(t.pane.ViewAt(top, marks), t.w, t.h)
		back, of := c.Position()
		label = fmt.Sprintf(t.words.Copying.Position, back, of)
		if query, at, of := c.Found(); query != "" && of > 0 {
			label = fmt.Sprintf(t.words.Copying.Match, at, of) + " " + label
		}
		switch {
		case c.typing:
			rows[t.h-1] = newPen(t.w).put(t.styles.Selected, c.prompt()).put(styles.Style{}, c.input.visible(t.w-2)).line()
		case c.missed != "":
			rows[t.h-1] = newPen(t.w).put(t.styles.NoticeBad, fmt.Sprintf(t.words.Copying.Missed, c.missed)).line()
		}
	} else {
		rows = sized(t.pane.View(), t.w, t.h)
		back := t.pane.Scrolled()
		if back == 0 {
			return rows
		}
		label = fmt.Sprintf(t.words.Copying.Position, back, t.pane.Scrollback())
	}
	label = markdown.Truncate(label, t.w, "")
	w := markdown.Width(label)
	return overlaid(rows, t.w, []string{t.styles.Selected.Paint(label)}, w, t.w-w, 0)
}

func (c *copying) prompt() string {
	if c.backward {
		return "?"
	}
	return "/"
}

// copyCursor is the cursor of copy mode, in cells of the pane.
func (t *terminalPane) copyCursor() *tea.Cursor {
	c := t.copying
	if c.typing {
		return tea.NewCursor(1+c.input.column(t.w-2), t.h-1)
	}
	x, y := c.Cursor()
	if x >= t.w || y >= t.h {
		return nil
	}
	return tea.NewCursor(x, y)
}
