// Package vt is a terminal emulator: it takes the bytes a program writes to
// its terminal and keeps the screen those bytes describe.
//
// It serves the shell pane of the tutor and the tests that look at the screen
// of a whole program, and so it promises what they need: the cells equal those
// of tmux for what real programs write; wide (Chinese, Japanese, Korean)
// characters are never torn, not at the right edge and not when one half is
// overwritten; the result does not depend on how the bytes are cut into
// writes; time and memory stay bounded by the input and the size of the
// screen, whatever the input is; and what [Terminal.Render] returns can be
// printed inside another program's screen without harm to it.
//
// The package knows no processes, no pseudo-terminals and no user interface,
// and must not import any.
package vt

import (
	"strings"
	"sync"
)

const (
	minWidth  = 2 // a wide character must fit
	maxWidth  = 4096
	minHeight = 1
	maxHeight = 4096

	// chunk bounds how much input is taken in under one lock, so that a reader
	// never waits longer than a few milliseconds.
	chunk = 64 << 10
)

// Options are the choices of a terminal; the zero value is usable.
type Options struct {
	// Scrollback is how many lines are kept after they leave the top of the
	// main screen; 0 keeps none.
	Scrollback int
	// Foreground and Background are what a program is told when it asks for
	// the default colours (OSC 10 and 11). Unless both are RGB colours the
	// question is not answered.
	Foreground, Background Color
	// Reply receives what the terminal answers to a program's queries, to be
	// written to the program's input. Like the callbacks below it is called by
	// [Terminal.Write], in the order of the input, with no lock held: it may
	// use the terminal, but it should not block.
	Reply func(answer []byte)
	// Bell is called when the program rings the bell.
	Bell func()
	// Command is called for every operating system command (OSC) with its
	// number and its text, other than the marks: 7 is the working directory, 52
	// the clipboard.
	Command func(number int, text string)
	// Nonce is the word by which the shell's own marks are known; without it
	// there are none. See [Mark].
	Nonce string
	// Mark is called for every mark of the shell's.
	Mark func(Mark)
}

// Terminal is an emulated terminal. One goroutine may write while another
// reads and resizes.
type Terminal struct {
	opts Options

	mu            sync.Mutex
	width, height int
	main, alt     screen
	screen        *screen // the one shown: main or alt
	top, bottom   int     // scroll region, both inclusive
	history       history
	tabs          []bool // tab stops by column
	modes         map[Mode]bool
	insert        bool // IRM: printed characters push the rest of the line
	newline       bool // LNM: a line feed also returns the carriage
	shape         CursorShape
	blink         bool
	title         string
	version       uint64

	parser   parser
	pen      uint32 // the cursor's style, interned
	last     last
	styles   table[style]
	clusters table[string]
	links    table[string]
	rebuilt  uint64 // how often tidy gave the entries of the tables other numbers
	marks    marks
	pending  []func() // callbacks to make once the lock is released
}

// screen is one of the two buffers of a terminal.
type screen struct {
	rows   []*row
	cursor cursor
	saved  cursor // DECSC
}

// cursor is the write position with all that DECSC saves along with it.
type cursor struct {
	x, y     int
	wrap     bool // the last column is filled; the next character wraps first
	style    style
	origin   bool    // DECOM: rows count from the top of the scroll region
	charsets [4]byte // G0 to G3: '0' is DEC line drawing
	active   int     // index of the charset in use
	single   int     // charset for the next character only; 0 is none
}

// last is the character printed last, for what may still join it.
type last struct {
	x, y  int
	valid bool // nothing but printing has happened since
	join  bool // it ended in a zero width joiner
	r     rune // for REP; 0 after a complete flag
}

// New returns a terminal of width columns and height rows. Sizes beyond what
// can be emulated are brought into range.
func New(width, height int, opts Options) *Terminal {
	t := &Terminal{
		opts:     opts,
		width:    min(max(width, minWidth), maxWidth),
		height:   min(max(height, minHeight), maxHeight),
		history:  history{limit: max(opts.Scrollback, 0)},
		styles:   newTable(style{}),
		clusters: newTable(""),
		links:    newTable(""),
	}
	t.reset()
	return t
}

// reset is RIS, the full reset. History and title outlive it.
func (t *Terminal) reset() {
	t.main, t.alt = t.newScreen(), t.newScreen()
	t.screen = &t.main
	t.top, t.bottom = 0, t.height-1
	t.modes = defaultModes()
	t.insert, t.newline = false, false
	t.shape, t.blink = CursorBlock, true
	t.pen = 0
	t.resetTabs()
	t.last = last{}
}

func (t *Terminal) newScreen() screen {
	s := screen{rows: make([]*row, t.height)}
	for i := range s.rows {
		s.rows[i] = newRow(t.width)
	}
	return s
}

// Write takes in output of the program. It never fails, and takes a sequence
// or a character that is cut at the end of p as begun.
func (t *Terminal) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), chunk)
		t.mu.Lock()
		t.feed(rest[:n])
		t.tidy()
		t.version++
		calls := t.pending
		t.pending = nil
		t.mu.Unlock()
		for _, call := range calls {
			call()
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// Size returns the number of columns and rows.
func (t *Terminal) Size() (width, height int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.width, t.height
}

// Version is a number that changes whenever the screen may have changed.
func (t *Terminal) Version() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.version
}

// Title is the window title the program set last (OSC 0 and 2).
func (t *Terminal) Title() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.title
}

// Mode reports whether a private mode is set.
func (t *Terminal) Mode(m Mode) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.modes[m]
}

// Alternate reports whether the alternate screen is shown, as full-screen
// programs ask for.
func (t *Terminal) Alternate() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.screen == &t.alt
}

// Scrollback is the number of lines kept above the main screen.
func (t *Terminal) Scrollback() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.history.len()
}

// Scrolled is the number of lines that ever entered the scrollback. A view
// that is scrolled back stays on its lines by moving back as much as this grows.
func (t *Terminal) Scrolled() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.history.total
}

// Cursor returns the position and the look of the cursor.
func (t *Terminal) Cursor() Cursor {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cursorState()
}

func (t *Terminal) cursorState() Cursor {
	c := &t.screen.cursor
	return Cursor{X: c.x, Y: c.y, Visible: t.modes[ModeCursor], Shape: t.shape, Blink: t.blink}
}

// Cell returns the cell in column x of line y. Lines count from 0 at the top
// of the screen; -1 is the newest line of the scrollback. Outside of what
// exists the cell is blank.
func (t *Terminal) Cell(x, y int) Cell {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.line(y); r != nil && x >= 0 && x < len(r.cells) {
		return t.public(&r.cells[x])
	}
	return Cell{Text: " ", Width: 1}
}

// Line returns the text of line y, counted as for [Terminal.Cell], without
// trailing blanks.
func (t *Terminal) Line(y int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.line(y); r != nil {
		return t.text(r)
	}
	return ""
}

// Screen returns the text of the screen: one line for each row, each without
// trailing blanks.
func (t *Terminal) Screen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := make([]string, len(t.screen.rows))
	for y, r := range t.screen.rows {
		lines[y] = t.text(r)
	}
	return strings.Join(lines, "\n")
}

// Snapshot is a copy of everything that a picture of the screen needs.
type Snapshot struct {
	Width, Height int
	Cells         [][]Cell // by row; each row has Width cells
	Cursor        Cursor
	Title         string
}

// Snapshot copies the screen.
func (t *Terminal) Snapshot() Snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Snapshot{Width: t.width, Height: t.height, Cursor: t.cursorState(), Title: t.title}
	for _, r := range t.screen.rows {
		cells := make([]Cell, len(r.cells))
		for x := range r.cells {
			cells[x] = t.public(&r.cells[x])
		}
		s.Cells = append(s.Cells, cells)
	}
	return s
}

// line finds line y of the screen, or of the scrollback when y is negative.
func (t *Terminal) line(y int) *row {
	switch {
	case y >= 0 && y < len(t.screen.rows):
		return t.screen.rows[y]
	case y < 0 && -y <= t.history.len():
		return t.history.at(t.history.len() + y)
	}
	return nil
}

// text returns the characters of a row without trailing blanks.
func (t *Terminal) text(r *row) string {
	var b strings.Builder
	for i := range r.cells {
		if r.cells[i].width > 0 {
			b.WriteString(t.cellText(&r.cells[i]))
		}
	}
	return strings.TrimRight(b.String(), " ")
}
