// Package tuitest drives a whole program in a terminal emulator, and lets a
// test look at its screen as a person would.
//
// [Model] runs a Bubble Tea model in the test's process, [Command] a real
// program on a pseudo-terminal; from then on both are used alike:
//
//	tt := tuitest.Model(t, newApp(), 80, 24)
//	tt.Wait("Services")
//	tt.Keys("down", "enter")
//	tt.Type("kubectl get pods\r")
//	tt.Golden("services")
//
// Waiting is for a state of the screen, looked at again after every write, and
// never for time. When a test fails the screen is printed. Wait for what only
// the new state shows: the text that a key makes appear may have been on the
// screen before it.
//
// The package is for tests only. It must not import the screens it tests.
package tuitest

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/tui/terminal/ptyexec"
	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// defaultTimeout is generous: only tests that fail wait for it, and machines
// that run tests are busy.
const defaultTimeout = 30 * time.Second

// Setup says in what terminal a program is run. The functions [Model] and
// [Command] use the zero value.
type Setup struct {
	// Light makes the terminal tell programs that its background is light.
	Light bool
	// Timeout is how long to wait for a state of the screen; 0 is 30 seconds.
	Timeout time.Duration
}

// T is a program under test and the terminal it runs in. Its methods fail the
// test, and so must be called from the test's goroutine.
type T struct {
	// Timeout is how long to wait for a state of the screen.
	Timeout time.Duration

	tb      testing.TB
	term    *vt.Terminal
	in      *ptyexec.Input
	resize  func(width, height int)
	stop    func()
	done    chan struct{} // closed when the program has ended
	outcome func() (code int, err error)

	mu      sync.Mutex
	changed *sync.Cond
	writes  int // counts changes of the screen
}

func (s Setup) newT(tb testing.TB, width, height int) *T {
	if s.Timeout == 0 {
		s.Timeout = defaultTimeout
	}
	foreground, background := vt.RGB(0xcd, 0xd6, 0xf4), vt.RGB(0x1e, 0x1e, 0x2e)
	if s.Light {
		foreground, background = vt.RGB(0x4c, 0x4f, 0x69), vt.RGB(0xef, 0xf1, 0xf5)
	}
	t := &T{Timeout: s.Timeout, tb: tb, in: ptyexec.NewInput(), done: make(chan struct{})}
	t.changed = sync.NewCond(&t.mu)
	t.term = vt.New(width, height, vt.Options{
		Scrollback: 1000,
		Foreground: foreground,
		Background: background,
		Reply:      func(b []byte) { t.in.Write(b) }, // fails once the program has ended
	})
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the screen at the end:\n%s", t.boxed())
		}
		t.Stop()
	})
	return t
}

// Write is where the program's output arrives.
func (t *T) Write(p []byte) (int, error) {
	n, err := t.term.Write(p)
	t.wake()
	return n, err
}

func (t *T) wake() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writes++
	t.changed.Broadcast()
}

// Terminal is the emulator, for what the methods of T do not show.
func (t *T) Terminal() *vt.Terminal { return t.term }

// Screen is the text of the screen, each line without trailing blanks.
func (t *T) Screen() string { return t.term.Screen() }

// boxed is the screen with its edges.
func (t *T) boxed() string {
	width, _ := t.term.Size()
	edge := "+" + strings.Repeat("-", width) + "+\n"
	var b strings.Builder
	b.WriteString(edge)
	for line := range strings.SplitSeq(t.Screen(), "\n") {
		b.WriteString("|" + line + strings.Repeat(" ", max(0, width-ansi.StringWidth(line))) + "|\n")
	}
	b.WriteString(edge)
	return b.String()
}

// Until waits for cond to hold of the screen; what names it in the failure.
func (t *T) Until(what string, cond func(screen string) bool) {
	t.tb.Helper()
	if !t.until(t.Timeout, cond) {
		t.tb.Fatalf("%s: not so after %v%s", what, t.Timeout, t.ended())
	}
}

// until waits for cond and reports whether it came to hold in time. A program
// that has ended changes nothing any more.
func (t *T) until(timeout time.Duration, cond func(screen string) bool) bool {
	late := false
	timer := time.AfterFunc(timeout, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		late = true
		t.changed.Broadcast()
	})
	defer timer.Stop()
	for {
		over := t.isDone()
		t.mu.Lock()
		seen := t.writes
		over = over || late
		t.mu.Unlock()
		if cond(t.Screen()) {
			return true
		}
		if over {
			return false
		}
		t.mu.Lock()
		for t.writes == seen && !late {
			t.changed.Wait()
		}
		t.mu.Unlock()
	}
}

func (t *T) isDone() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// ended says how the program ended, if it did.
func (t *T) ended() string {
	if !t.isDone() {
		return ""
	}
	code, err := t.outcome()
	return fmt.Sprintf("; the program has ended with exit code %d, error %v", code, err)
}

// Wait waits for text to be on the screen, within one line.
func (t *T) Wait(text string) {
	t.tb.Helper()
	t.Until(fmt.Sprintf("screen shows %q", text), func(s string) bool { return strings.Contains(s, text) })
}

// WaitRE waits for the screen to match a regular expression and returns the
// match and its groups.
func (t *T) WaitRE(expr string) []string {
	t.tb.Helper()
	re, err := regexp.Compile(expr)
	if err != nil {
		t.tb.Fatal(err)
	}
	var match []string
	t.Until(fmt.Sprintf("screen matches %q", expr), func(s string) bool {
		match = re.FindStringSubmatch(s)
		return match != nil
	})
	return match
}

// Gone waits for text to be nowhere on the screen.
func (t *T) Gone(text string) {
	t.tb.Helper()
	t.Until(fmt.Sprintf("screen no longer shows %q", text), func(s string) bool { return !strings.Contains(s, text) })
}

// Find returns the cell where text begins on the screen.
func (t *T) Find(text string) (x, y int, ok bool) {
	for y, line := range strings.Split(t.Screen(), "\n") {
		if before, _, found := strings.Cut(line, text); found {
			return ansi.StringWidth(before), y, true
		}
	}
	return 0, 0, false
}

// Keys presses keys, named as Bubble Tea names them: "down", "enter",
// "ctrl+]", "shift+tab", "?". A name that is no key fails the test.
func (t *T) Keys(names ...string) {
	t.tb.Helper()
	for _, name := range names {
		b, err := encodeKey(name, t.term.Mode(vt.ModeApplicationCursor))
		if err != nil {
			t.tb.Fatal(err)
		}
		t.send(b)
	}
}

// Type types text as it is; "\r" is the enter key.
func (t *T) Type(text string) {
	t.tb.Helper()
	t.send(text)
}

// Paste pastes text as a terminal with bracketed paste does.
func (t *T) Paste(text string) {
	t.tb.Helper()
	t.send("\x1b[200~" + text + "\x1b[201~")
}

// Click presses and releases the left mouse button at a cell.
func (t *T) Click(x, y int) {
	t.tb.Helper()
	t.send(fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<0;%d;%dm", x+1, y+1, x+1, y+1))
}

// ClickText clicks on the first cell of text, once it is on the screen.
func (t *T) ClickText(text string) {
	t.tb.Helper()
	t.Wait(text)
	if x, y, ok := t.Find(text); ok {
		t.Click(x, y)
	} else {
		t.tb.Fatalf("%q has gone from the screen before it could be clicked", text)
	}
}

// Wheel turns the mouse wheel at a cell: up by steps, down when negative.
func (t *T) Wheel(x, y, steps int) {
	t.tb.Helper()
	button := 64
	if steps < 0 {
		button, steps = 65, -steps
	}
	for range steps {
		t.send(fmt.Sprintf("\x1b[<%d;%d;%dM", button, x+1, y+1))
	}
}

func (t *T) send(s string) {
	t.tb.Helper()
	if _, err := io.WriteString(t.in, s); err != nil {
		t.tb.Fatalf("type %q: %v%s", s, err, t.ended())
	}
}

// Resize changes the size of the terminal. Wait for the program to have drawn
// itself anew before typing more.
func (t *T) Resize(width, height int) {
	t.term.Resize(width, height)
	t.resize(width, height)
	t.wake()
}

// Exit waits for the program to end and checks its exit code. For a model the
// code is 0 unless the program returned an error.
func (t *T) Exit(code int) {
	t.tb.Helper()
	timer := time.NewTimer(t.Timeout)
	defer timer.Stop()
	select {
	case <-t.done:
	case <-timer.C:
		t.tb.Fatalf("the program has not ended after %v", t.Timeout)
	}
	if got, err := t.outcome(); got != code {
		t.tb.Fatalf("the program ended with exit code %d (%v), want %d", got, err, code)
	}
}

// Stop ends the program, whatever it is doing, and waits for its end. It is
// called when the test ends; a test under [testing/synctest] calls it itself,
// and then lets a minute of its time pass for timers to leave.
func (t *T) Stop() {
	if t.stop != nil {
		t.stop()
	}
}
