package shell

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"golang.org/x/term"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// errInterrupted says that ^C was typed in place of a line.
var errInterrupted = errors.New("interrupted")

// maxHistory is how many lines can be called back: BusyBox's default.
const maxHistory = 256

// lineEditor reads lines from a terminal and lets a person edit them.
type lineEditor struct {
	tty      *proc.TTY
	complete func(line string, pos int) (candidates []string, word string)
	lines    []string // earlier ones, oldest first
}

// read reads a line. It returns errInterrupted for ^C and io.EOF for ^D on an
// empty line, when the terminal is gone, and when ctx ends. What was typed ahead
// of the line's end stays for the program that the line starts.
func (e *lineEditor) read(ctx context.Context, prompt string) (string, error) {
	before := e.tty.SetRaw(true)
	defer e.tty.SetRaw(before)
	keys := &keyboard{ctx: ctx, tty: e.tty}
	t := term.NewTerminal(keys, prompt)
	keys.terminal = t
	keys.fit()
	t.History = e
	tabbed := ""
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		switch key {
		case '\t':
			again := tabbed == line
			tabbed = line
			return e.tab(t, line, pos, again)
		case 0x0c: // ^L
			_, _ = e.tty.Write([]byte("\x1b[H\x1b[J"))
		}
		return "", 0, false
	}
	line, err := t.ReadLine()
	if err != nil && keys.last == keyInterrupt {
		_, _ = e.tty.Write([]byte("^C\n"))
		return "", errInterrupted
	}
	return line, err
}

// keyInterrupt is ^C.
const keyInterrupt = 3

// keyboard hands the keys to the editor one by one, so that it takes none that
// come after the end of its line.
type keyboard struct {
	ctx        context.Context
	tty        *proc.TTY
	terminal   *term.Terminal
	cols, rows int
	last       byte
}

// Read implements io.Reader.
func (k *keyboard) Read(b []byte) (int, error) {
	n, err := k.tty.ReadContext(k.ctx, b[:min(1, len(b))])
	if n > 0 {
		k.last = b[0]
	}
	if err != nil {
		k.last = 0
		err = io.EOF
	}
	k.fit()
	return n, err
}

// fit tells the editor how large the window is by now.
func (k *keyboard) fit() {
	cols, rows := k.tty.Size()
	if cols != k.cols || rows != k.rows {
		k.cols, k.rows = cols, rows
		_ = k.terminal.SetSize(max(cols, 1), max(rows, 1))
	}
}

// Write implements io.Writer. The terminal makes CR NL of NL itself.
func (k *keyboard) Write(b []byte) (int, error) {
	if _, err := k.tty.Write(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// tab completes the word before the cursor as far as it is clear; the second
// time it lists what the word may become.
func (e *lineEditor) tab(t *term.Terminal, line string, pos int, again bool) (string, int, bool) {
	candidates, word := e.complete(line, pos)
	if len(candidates) == 0 {
		return "", 0, false
	}
	common := candidates[0]
	for _, c := range candidates[1:] {
		for i := range common {
			if i >= len(c) || c[i] != common[i] {
				common = common[:i]
				break
			}
		}
		common = common[:min(len(common), len(c))]
	}
	if len(candidates) == 1 && common[len(common)-1] != '/' {
		common += " "
	}
	if common == word {
		if again {
			_, _ = t.Write([]byte(columns(candidates, e.tty)))
		}
		return "", 0, false
	}
	line = line[:pos-len(word)] + common + line[pos:]
	return line, pos - len(word) + len(common), true
}

// columns lists names as wide as the window allows.
func columns(names []string, tty *proc.TTY) string {
	slices.Sort(names)
	width := 0
	for _, name := range names {
		width = max(width, len(name)+2)
	}
	cols, _ := tty.Size()
	perLine := max(1, cols/width)
	var b bytes.Buffer
	for i, name := range names {
		b.WriteString(name)
		if (i+1)%perLine == 0 || i == len(names)-1 {
			b.WriteByte('\n')
			continue
		}
		b.Write(bytes.Repeat([]byte(" "), width-len(name)))
	}
	return b.String()
}

// Add implements term.History. A line that repeats the last one is not kept.
func (e *lineEditor) Add(line string) {
	if line == "" || len(e.lines) > 0 && e.lines[len(e.lines)-1] == line {
		return
	}
	e.lines = append(e.lines, line)
	e.lines = e.lines[max(0, len(e.lines)-maxHistory):]
}

// Len implements term.History.
func (e *lineEditor) Len() int { return len(e.lines) }

// At implements term.History.
func (e *lineEditor) At(i int) string { return e.lines[len(e.lines)-1-i] }
