// Package paint puts the frames of a Bubble Tea program on the terminal in place
// of Bubble Tea's renderer, which paints on a beat and repaints each row that
// holds a Chinese character.
//
// A Painter paints a frame when it is there, and sends only what differs from
// what the terminal shows: some bytes for a key, a scroll for a line on. It
// sleeps while nothing changes. Bubble Tea stays in charge of everything else:
// it is given the Painter as its output, and what it writes there about modes,
// titles, colours, the clipboard, and about entering and leaving the screen
// passes through in order, while the cells that it would paint are left out.
// Outside of the alternate screen, after a suspension or while an editor has the
// terminal, every byte passes, and nothing is painted.
//
// The package must not import the screens, nor Bubble Tea.
package paint

import (
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/colorprofile"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// beat is the least time between two frames: no terminal shows more.
const beat = time.Second / 120

// Frame is what is to be seen: lines with SGR and OSC 8 sequences, each Width
// cells wide.
type Frame struct {
	Content       string
	Width, Height int
	CursorX       int
	CursorY       int
	Cursor        bool // it is visible
}

// phase is who has the terminal.
type phase int

const (
	before  phase = iota // nobody yet: the first frame takes it
	inside               // the alternate screen is ours
	outside              // it was left: every byte passes
)

// Painter paints frames on a terminal. Its methods may be called from several
// goroutines.
type Painter struct {
	out io.Writer

	mu       sync.Mutex // of all below, and of writing to out
	phase    phase
	profile  colorprofile.Profile
	profiled bool
	sync     bool // the terminal knows synchronised output (mode 2026)
	term     *vt.Terminal
	printer  *vt.Printer
	colors   map[vt.Color]vt.Color
	painted  Frame
	fresh    bool // painted is what the terminal shows
	cursor   cursorState
	split    splitter
	buf      []byte // what is written to out
	text     []byte // what is loaded into term
	cells    []byte // what is printed of it
	err      error

	newest newest        // the frame that was not painted yet
	wake   chan struct{} // there is one
	hurry  chan struct{} // there is one that somebody waits for
	ended  chan struct{}
	end    sync.Once
	done   chan struct{}
}

// cursorState is what the terminal's cursor looks like.
type cursorState int

const (
	cursorUnknown cursorState = iota
	cursorShown
	cursorHidden
)

// file is a terminal, as Bubble Tea looks for one to learn its size and its colours.
type file interface {
	io.ReadWriteCloser
	Fd() uintptr
}

// output is what Bubble Tea writes to, and is a terminal when the painter's is.
type output struct {
	*Painter
	file
}

func (o output) Write(b []byte) (int, error) { return o.Painter.Write(b) }

// Close does not close the terminal, which is not ours.
func (o output) Close() error { return nil }

// Output is what to give Bubble Tea as its output.
func (p *Painter) Output() io.Writer {
	if f, ok := p.out.(file); ok {
		return output{p, f}
	}
	return p
}

// New returns a painter on out. It paints once it knows the colours of the
// terminal, by SetProfile, and until Close.
func New(out io.Writer) *Painter {
	p := &Painter{out: out, colors: map[vt.Color]vt.Color{}, wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
		ended: make(chan struct{}), done: make(chan struct{})}
	p.term = vt.New(2, 1, vt.Options{})
	p.printer = vt.NewPrinter(p.term, p.color)
	go p.work()
	return p
}

// newest holds a frame until it is painted, or until a newer one comes.
type newest struct {
	mu    sync.Mutex
	frame Frame
	there bool
}

func (n *newest) put(f Frame) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.frame, n.there = f, true
}

func (n *newest) take() (f Frame, there bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f, there = n.frame, n.there
	n.frame, n.there = Frame{}, false
	return f, there
}

// Show hands over a frame and does not wait. A frame that was not painted when
// the next one comes is left out.
func (p *Painter) Show(f Frame) {
	p.newest.put(f)
	note(p.wake)
}

// Answer is Show for a frame that answers a key: it does not wait for the beat.
// Of a flood of keys those frames are painted for which the terminal has time.
func (p *Painter) Answer(f Frame) {
	p.newest.put(f)
	note(p.hurry)
}

// note leaves a note in a channel that holds one.
func note(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Flush paints the newest frame now, if it was not painted yet.
func (p *Painter) Flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
}

// flush paints the newest frame, if there is one, and reports whether it was
// another than the one before. Frames are taken with p.mu held, so that an older
// one is never painted over a newer one.
func (p *Painter) flush() bool {
	f, there := p.newest.take()
	return there && p.paint(f)
}

// SetProfile says which colours the terminal has.
func (p *Painter) SetProfile(profile colorprofile.Profile) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.profiled || p.profile != profile {
		p.profile, p.profiled, p.fresh = profile, true, false
		clear(p.colors)
		p.printer.Forget()
		p.repaint()
	}
}

// SetSync says that the terminal knows synchronised output.
func (p *Painter) SetSync() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sync = true
}

// Forget has the next frame painted whole: the terminal may have changed what it
// shows, as it does when its size changes or when the program was stopped.
func (p *Painter) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fresh, p.cursor = false, cursorUnknown
	p.printer.Forget()
}

// Repaint paints the newest frame whole.
func (p *Painter) Repaint() {
	p.Forget()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.repaint()
}

// Close ends the painting, and waits for its end. If the program has not left
// the alternate screen, Close does.
func (p *Painter) Close() {
	p.end.Do(func() { close(p.ended) })
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase == inside {
		p.phase = outside
		p.write([]byte("\x1b[m\x1b[?25h\x1b[?1049l"))
	}
}

// work paints frames as they come, at most one a beat, and at once those that
// answer a key.
func (p *Painter) work() {
	defer close(p.done)
	rest := time.NewTimer(0)
	defer rest.Stop()
	resting := true
	for {
		wake := p.wake
		if resting {
			wake = nil
		}
		select {
		case <-p.ended:
			return
		case <-rest.C:
			resting = false
			continue
		case <-wake:
		case <-p.hurry:
		}
		p.mu.Lock()
		painted := p.flush()
		p.mu.Unlock()
		if painted {
			resting = true
			rest.Reset(beat)
		}
	}
}

// repaint paints the newest frame again; p.mu is held.
func (p *Painter) repaint() {
	f, there := p.newest.take()
	if !there {
		f = p.painted
	}
	p.paint(f)
}

// paint brings the terminal to a frame, or keeps the frame for when it can be
// painted, and reports whether it did the former; p.mu is held.
func (p *Painter) paint(f Frame) bool {
	if f.Width < 1 || f.Height < 1 || p.fresh && f == p.painted {
		return false
	}
	p.painted, p.fresh = f, false
	if p.phase == outside || !p.profiled {
		return false
	}
	p.buf = p.buf[:0]
	if p.phase == before {
		p.buf = p.enter(append(p.buf, enterScreen...))
	}
	p.buf = p.appendFrame(p.buf)
	p.write(p.buf)
	return true
}

// enter is what follows when the alternate screen is shown: it is blank, and
// nothing that was written before may colour it, or keep lines from scrolling.
func (p *Painter) enter(b []byte) []byte {
	p.phase, p.fresh, p.cursor = inside, false, cursorUnknown
	p.term.Resize(p.painted.Width, p.painted.Height)
	p.printer.Blank()
	return append(b, "\x1b[m\x1b]8;;\x1b\\\x1b[r"...)
}

// appendFrame appends what brings the terminal to the newest frame.
func (p *Painter) appendFrame(b []byte) []byte {
	f := p.painted
	p.load(f)
	p.cells = p.printer.Print(p.cells[:0])
	cells := p.cells
	together := p.sync && len(cells) > 64 // not worth it for a letter
	if together {
		b = append(b, "\x1b[?2026h"...)
	} else if len(cells) > 0 && p.cursor != cursorHidden {
		b = append(b, "\x1b[?25l"...) // it would be seen to run about
		p.cursor = cursorHidden
	}
	b = append(b, cells...)
	switch {
	case f.Cursor:
		b = vt.AppendMove(b, f.CursorX, f.CursorY)
		if p.cursor != cursorShown {
			b = append(b, "\x1b[?25h"...)
		}
		p.cursor = cursorShown
	case p.cursor != cursorHidden:
		b = append(b, "\x1b[?25l"...)
		p.cursor = cursorHidden
	}
	if together {
		b = append(b, "\x1b[?2026l"...)
	}
	p.fresh = true
	return b
}

// load puts a frame into the emulator. Each line is placed by itself, so that a
// line that is not as wide as it should be harms no other.
func (p *Painter) load(f Frame) {
	p.term.Resize(f.Width, f.Height)
	b := append(p.text[:0], "\x1b[?7l\x1b[m\x1b[2J"...)
	y := 0
	for line := range strings.SplitSeq(f.Content, "\n") {
		if y >= f.Height {
			break
		}
		b = vt.AppendMove(b, 0, y)
		b = append(b, line...)
		b = append(b, "\x1b[m\x1b]8;;\x1b\\"...)
		y++
	}
	p.term.Write(b)
	p.text = b
}

// write writes to the terminal. After an error nothing more is painted.
func (p *Painter) write(b []byte) {
	if len(b) == 0 || p.err != nil {
		return
	}
	_, p.err = p.out.Write(b)
}
