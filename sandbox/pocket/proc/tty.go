package proc

import (
	"bytes"
	"context"
	"io"
	"sync"
	"unicode/utf8"
)

// TTY is a pseudo terminal. A client outside types with Input and sees what
// goes to the writer that NewTTY was given; processes read and write the TTY
// itself. In between sits the line discipline of Linux with its usual settings:
// echo, erase and kill, signals from the keyboard, CR and NL.
type TTY struct {
	screen io.Writer // what the client sees
	table  *Table

	output sync.Mutex // held while screen is written

	mu       sync.Mutex
	changed  chan struct{} // closed at every change of what can be read
	raw      bool
	line     []byte   // typed, not yet finished
	lines    [][]byte // finished; an empty one is an end of input
	literal  bool     // ^V was typed
	cols     int
	rows     int
	ended    bool // no more input comes
	hungUp   bool
	foregrnd int // process group
}

// NewTTY makes a terminal for processes of the table; what they print goes to
// screen. Its size is 80 by 24 until Resize.
func NewTTY(screen io.Writer, table *Table) *TTY {
	return &TTY{screen: screen, table: table, changed: make(chan struct{}), cols: 80, rows: 24}
}

// The control characters that a terminal acts on, as `stty -a` shows them.
const (
	keyInterrupt = 0x03 // ^C
	keyEnd       = 0x04 // ^D
	keyErase     = 0x7f // Backspace
	keyEraseToo  = 0x08 // ^H
	keyKill      = 0x15 // ^U
	keyLiteral   = 0x16 // ^V
	keyWord      = 0x17 // ^W
	keySuspend   = 0x1a // ^Z
	keyQuit      = 0x1c // ^\
)

// maxLine is the longest line that can be typed, in bytes: N_TTY_BUF_SIZE.
const maxLine = 4095

func (t *TTY) change() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// Input is what the client typed.
func (t *TTY) Input(typed []byte) {
	var echo []byte
	for _, c := range typed {
		t.mu.Lock()
		if t.hungUp {
			t.mu.Unlock()
			return
		}
		if t.raw {
			t.push([]byte{c})
			t.mu.Unlock()
			continue
		}
		more, sig := t.cook(c)
		group := t.foregrnd
		t.mu.Unlock()
		echo = append(echo, more...)
		if sig != 0 {
			t.show(echo)
			echo = nil
			t.table.signalGroup(t, group, sig)
		}
	}
	t.show(echo)
}

// push adds what can be read at once; in raw mode there are no lines. t.mu is held.
func (t *TTY) push(b []byte) {
	if n := len(t.lines); n > 0 && t.raw && len(t.lines[n-1]) > 0 && len(t.lines[n-1]) < maxLine {
		t.lines[n-1] = append(t.lines[n-1], b...)
	} else if n < maxLine { // more than that nobody types: the rest is lost, as with Linux
		t.lines = append(t.lines, bytes.Clone(b))
	}
	t.change()
}

// cook is the line discipline for one character: what to echo, and the signal
// it stands for, 0 for none. t.mu is held.
func (t *TTY) cook(c byte) (echo []byte, sig Signal) {
	if t.literal {
		t.literal = false
		t.line = append(t.line, c)
		return caret(c), 0
	}
	if c == '\r' {
		c = '\n'
	}
	switch c {
	case '\n':
		t.push(append(t.line, '\n'))
		t.line = nil
		return []byte("\r\n"), 0
	case keyEnd:
		t.push(t.line)
		t.line = nil
		return nil, 0
	case keyInterrupt, keyQuit:
		t.line, t.lines = nil, nil
		if c == keyQuit {
			return caret(c), SIGQUIT
		}
		return caret(c), SIGINT
	case keySuspend: // there is no job control to come back with
		return caret(c), 0
	case keyErase, keyEraseToo:
		return t.erase(1), 0
	case keyKill:
		return t.erase(utf8.RuneCount(t.line)), 0
	case keyWord:
		rest := bytes.TrimRight(t.line, " \t")
		rest = rest[:bytes.LastIndexAny(rest, " \t")+1]
		return t.erase(utf8.RuneCount(t.line[len(rest):])), 0
	case keyLiteral:
		t.literal = true
		return []byte("^\b"), 0
	}
	if len(t.line) >= maxLine {
		return []byte{'\a'}, 0
	}
	t.line = append(t.line, c)
	return caret(c), 0
}

// erase takes characters off the line and off the screen. t.mu is held.
func (t *TTY) erase(count int) (echo []byte) {
	for range count {
		if len(t.line) == 0 {
			break
		}
		r, n := utf8.DecodeLastRune(t.line)
		for range cells(r) {
			echo = append(echo, "\b \b"...)
		}
		t.line = t.line[:len(t.line)-n]
	}
	return echo
}

// cells is how much of the screen the echo of a character takes.
func cells(r rune) int {
	switch {
	case r < 0x20 && r != '\t', r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0x1f300 && r <= 0x1faff:
		return 2
	}
	return 1
}

// caret is how a character is echoed: control characters as ^X.
func caret(c byte) []byte {
	if c >= 0x20 && c != 0x7f || c == '\t' {
		return []byte{c}
	}
	return []byte{'^', c ^ 0x40}
}

// show writes to the screen. A client that is gone sees nothing.
func (t *TTY) show(b []byte) {
	if len(b) == 0 {
		return
	}
	t.output.Lock()
	defer t.output.Unlock()
	_, _ = t.screen.Write(b)
}

// Write implements io.Writer for the processes: NL becomes CR NL.
func (t *TTY) Write(b []byte) (int, error) {
	t.mu.Lock()
	gone := t.hungUp
	t.mu.Unlock()
	if gone {
		return 0, io.ErrClosedPipe
	}
	t.show(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
	return len(b), nil
}

// Read implements io.Reader for the processes.
func (t *TTY) Read(b []byte) (int, error) { return t.ReadContext(context.Background(), b) }

// ReadContext is Read that ends with ctx. It returns one line at most, or what
// is there in raw mode, and io.EOF once for every end of input that was typed.
func (t *TTY) ReadContext(ctx context.Context, b []byte) (int, error) {
	for {
		t.mu.Lock()
		switch {
		case ctx.Err() != nil:
			t.mu.Unlock()
			return 0, ctx.Err()
		case len(b) == 0:
			t.mu.Unlock()
			return 0, nil
		case len(t.lines) > 0:
			n := copy(b, t.lines[0])
			if t.lines[0] = t.lines[0][n:]; len(t.lines[0]) == 0 {
				t.lines = t.lines[1:]
			}
			t.mu.Unlock()
			if n == 0 {
				return 0, io.EOF
			}
			return n, nil
		case t.hungUp, t.ended:
			t.mu.Unlock()
			return 0, io.EOF
		}
		changed := t.changed
		t.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// SetRaw switches the line discipline off, for a program that edits lines by
// itself, or on again. It returns what it was.
func (t *TTY) SetRaw(raw bool) (before bool) {
	t.mu.Lock()
	var echo []byte
	before, t.raw = t.raw, raw
	switch {
	case raw && !before && len(t.line) > 0:
		t.push(t.line) // typed ahead: the editor takes it over
		t.line = nil
	case !raw && before:
		ahead := bytes.Join(t.lines, nil)
		t.lines = nil
		for _, c := range ahead {
			more, _ := t.cook(c)
			echo = append(echo, more...)
		}
	}
	t.mu.Unlock()
	t.show(echo)
	return before
}

// Size is the size of the client's window, in cells.
func (t *TTY) Size() (cols, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cols, t.rows
}

// Resize tells the programs in the foreground that the window has changed.
func (t *TTY) Resize(cols, rows int) {
	t.mu.Lock()
	same := t.cols == cols && t.rows == rows
	t.cols, t.rows = cols, rows
	group := t.foregrnd
	t.mu.Unlock()
	if !same {
		t.table.signalGroup(t, group, SIGWINCH)
	}
}

// EndInput says that the client types no more: who reads finds the end.
func (t *TTY) EndInput() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.change()
}

// Hangup ends the terminal: its client is gone for good.
func (t *TTY) Hangup() {
	t.mu.Lock()
	if t.hungUp {
		t.mu.Unlock()
		return
	}
	t.hungUp = true
	t.change()
	t.mu.Unlock()
	t.table.signalTerminal(t, SIGHUP)
}

// SetForeground names the process group that keys like ^C are for, and returns
// the one before.
func (t *TTY) SetForeground(group int) (before int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, t.foregrnd = t.foregrnd, group
	return before
}

// begin makes the first process of the terminal its foreground.
func (t *TTY) begin(group int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.foregrnd == 0 {
		t.foregrnd = group
	}
}
