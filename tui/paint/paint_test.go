package paint

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// screen is a terminal, and what was written to it.
type screen struct {
	*vt.Terminal
	mu       sync.Mutex
	raw      bytes.Buffer
	commands []string // OSC sequences but hyperlinks
}

func newScreen(w, h int) *screen {
	s := &screen{}
	s.Terminal = vt.New(w, h, vt.Options{Command: func(n int, text string) {
		if n != 8 {
			s.commands = append(s.commands, fmt.Sprintf("%d;%s", n, text))
		}
	}})
	return s
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw.Write(p)
	return s.Terminal.Write(p)
}

// taken returns what was written since it was last called.
func (s *screen) taken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.raw.Reset()
	return s.raw.String()
}

// direct is a terminal on which a frame was drawn line by line.
func direct(f Frame) *vt.Terminal {
	t := vt.New(f.Width, f.Height, vt.Options{})
	for y, line := range strings.Split(f.Content, "\n") {
		fmt.Fprintf(t, "\x1b[%dH\x1b[?7l\x1b[m%s\x1b[m\x1b]8;;\x1b\\", y+1, line)
	}
	return t
}

func differences(want *vt.Terminal, got *screen) string {
	a, b := want.Snapshot().Cells, got.Snapshot().Cells
	for _, row := range slices.Concat(a, b) {
		for i := range row {
			s := &row[i].Style // of a blank, the colour and weight of letters is not seen
			if row[i].Text == " " && s.Background == 0 && s.Underline == vt.UnderlineNone && s.Attr&(vt.Reverse|vt.Strike|vt.Blink) == 0 && s.Link == "" {
				*s = vt.Style{}
			}
		}
	}
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return cmp.Diff(a, b)
}

var words = []string{"Pod", "服务", "容器编排", " ", "    ", "│", "─╮", "kubectl get pods", "\x1b[31m", "\x1b[1;38;2;200;100;50m", "\x1b[48;5;236m", "\x1b[m",
	"\x1b]8;;https://kubernetes.io\x1b\\链接\x1b]8;;\x1b\\", "❤️", "👩‍👩‍👧", "é", "한국", "✓", "…"}

// randomFrame has some of its lines from the frame before, moved by shift.
func randomFrame(random *rand.Rand, old Frame) Frame {
	f := Frame{Width: old.Width, Height: old.Height, Cursor: random.IntN(2) == 0, CursorX: random.IntN(old.Width), CursorY: random.IntN(old.Height)}
	was := strings.Split(old.Content, "\n")
	shift := random.IntN(5) - 2
	keep := random.IntN(10)
	lines := make([]string, f.Height)
	for y := range lines {
		if i := y + shift; keep > 0 && i >= 0 && i < len(was) && random.IntN(10) < keep {
			lines[y] = was[i]
			continue
		}
		line := vt.New(f.Width, 1, vt.Options{})
		line.Write([]byte("\x1b[?7l"))
		for range random.IntN(12) {
			line.Write([]byte(words[random.IntN(len(words))]))
		}
		lines[y] = line.Render(0)[0]
	}
	f.Content = strings.Join(lines, "\n")
	return f
}

// TestTheTerminalShowsTheFrame paints random frames, amid what Bubble Tea's
// renderer writes, and wants on the terminal what drawing the frame alone gives.
func TestTheTerminalShowsTheFrame(t *testing.T) {
	t.Parallel()
	noise := []string{"\x1b[2J", "\x1b[H", "text that is not meant 文字", "\x1b[31m", "\x1b[?25h", "\x1b[?25l", "\x1b[?2026h", "\x1b[?2026l", "\r\n", "\x1b[3;9r", "\x1b7\x1b8",
		"\x1b[5L", "\x1b[K", "\x1b]2;title\x07", "\x1b]52;c;eA==\x07", "\x1b[?1049h", "\x1b[>4;2m", "\x1b[?u", "\x1b[2 q", "\x1b]8;;https://x\x1b\\", "\x1b[?2004h", "\x1bP+q524742\x1b\\"}
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 5))
				s := newScreen(80, 24)
				p := New(s)
				defer p.Close()
				p.SetProfile(colorprofile.TrueColor)
				f := Frame{Width: 80, Height: 24}
				for step := range 150 {
					switch random.IntN(25) {
					case 0:
						f.Width, f.Height = 2+random.IntN(100), 1+random.IntN(40)
						s.Resize(f.Width, f.Height)
						p.Forget()
					case 1:
						p.SetSync()
					case 2: // an editor has the terminal
						if step == 0 || f.Width < 8 {
							break
						}
						p.Write([]byte(leaveScreen))
						p.Show(randomFrame(random, f)) // must not be seen
						synctest.Wait()
						p.Write([]byte("\x1b[2J\x1b[HGNU nano"))
						if got := s.Line(0); !strings.HasPrefix("GNU nano", got) {
							t.Fatalf("step %d: outside, the terminal shows %q", step, got)
						}
						p.Write([]byte(enterScreen))
					case 3: // stopped and resumed
						s.Write([]byte("\x1b[2J\x1b[5;5Hfg"))
						p.Repaint()
					}
					f = randomFrame(random, f)
					p.Show(f)
					for range random.IntN(4) {
						p.Write([]byte(noise[random.IntN(len(noise))]))
					}
					synctest.Wait()
					pause() // the beat
					synctest.Wait()
					if diff := differences(direct(f), s); diff != "" {
						t.Fatalf("step %d, %dx%d (-want +got):\n%s\nwritten: %q", step, f.Width, f.Height, diff, s.taken())
					}
					if c := s.Cursor(); c.Visible != f.Cursor || f.Cursor && (c.X != f.CursorX || c.Y != f.CursorY) {
						t.Fatalf("step %d: the cursor is %+v, want %v at %d,%d\nwritten: %q", step, c, f.Cursor, f.CursorX, f.CursorY, s.taken())
					}
					s.taken()
				}
				p.Close()
				if s.Alternate() || !s.Cursor().Visible {
					t.Error("the alternate screen was not left")
				}
			})
		})
	}
}

// TestWhatIsNoCellPasses wants every mode, title, question and clipboard on the
// terminal, in order, however the stream is cut.
func TestWhatIsNoCellPasses(t *testing.T) {
	t.Parallel()
	const stream = "\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b]2;k8stutor: 服务\x07\x1b[>1u\x1b[?u\x1b[>4;2mtext\x1b[31m\x1b[5;5H\x1b]52;c;5L2g5aW9\x1b\\\x1b[2J" +
		"\x1b]9;4;1;50\x07\x1b[?2026$p\x1b[6 q\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\\x1b]11;?\x07\x1b[c\x07\x1bP+q524742\x1b\\\x1b[?5W\x1b[1;3r\x1b[2L\x1b7\x1b8\x1b[?25h\x1b[?7l"
	const want = "\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b]2;k8stutor: 服务\x07\x1b[>1u\x1b[?u\x1b[>4;2m\x1b]52;c;5L2g5aW9\x1b\\" +
		"\x1b]9;4;1;50\x07\x1b[?2026$p\x1b[6 q\x1b]11;?\x07\x1b[c\x07\x1bP+q524742\x1b\\\x1b[?5W"
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		s := newScreen(80, 24)
		p := New(s)
		p.Write([]byte(enterScreen))
		s.taken()
		for rest := stream; rest != ""; {
			n := 1 + random.IntN(len(rest))
			if seed%2 == 0 {
				n = min(n, 1+random.IntN(4))
			}
			if _, err := p.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if got := s.taken(); got != want {
			t.Fatalf("seed %d: passed\n%q, want\n%q", seed, got, want)
		}
		p.Write([]byte(leaveScreen))
		s.taken()
		p.Write([]byte(stream))
		if got := s.taken(); got != stream {
			t.Fatalf("outside of the screen not every byte passes: %q", got)
		}
		p.Close()
	}
}

func TestNothingIsPaintedBeforeColoursAreKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(20, 2)
		p := New(s)
		defer p.Close()
		p.Show(Frame{Content: "\x1b[38;2;255;0;0mred\x1b[m", Width: 20, Height: 2})
		synctest.Wait()
		if got := s.taken(); got != "" {
			t.Errorf("written: %q", got)
		}
		p.SetProfile(colorprofile.ANSI)
		if got := s.Cell(0, 0); got.Text != "r" || got.Style.Foreground != vt.Indexed(9) {
			t.Errorf("the first cell is %+v", got)
		}
		p.SetProfile(colorprofile.ASCII)
		if got := s.Cell(0, 0).Style; got != (vt.Style{}) {
			t.Errorf("without colours the first cell has %+v", got)
		}
	})
}

// TestAFloodOfFramesIsLeftOut shows a hundred frames within one beat.
func TestAFloodOfFramesIsLeftOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(20, 2)
		p := New(s)
		defer p.Close()
		p.SetProfile(colorprofile.TrueColor)
		p.Show(Frame{Content: "frame 0", Width: 20, Height: 2})
		synctest.Wait()
		s.taken()
		for n := range 100 {
			p.Show(Frame{Content: fmt.Sprint("frame ", n), Width: 20, Height: 2})
		}
		synctest.Wait()
		if got := s.taken(); got != "" {
			t.Errorf("within the beat %q was written", got)
		}
		pause()
		synctest.Wait()
		if got := s.Line(0); got != "frame 99" || len(s.taken()) > 40 {
			t.Errorf("the terminal shows %q", got)
		}
		pause()
		synctest.Wait()
		if got := s.taken(); got != "" {
			t.Errorf("with nothing new %q was written", got)
		}
	})
}

// TestAnAnswerDoesNotWait shows frames right after another one: that which
// answers a key is painted within the beat, those after it wait for the next one.
func TestAnAnswerDoesNotWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(20, 2)
		p := New(s)
		defer p.Close()
		p.SetProfile(colorprofile.TrueColor)
		frame := func(text string) Frame { return Frame{Content: text, Width: 20, Height: 2} }
		p.Show(frame("shell 1"))
		synctest.Wait()
		began := time.Now()
		p.Show(frame("shell 2"))
		synctest.Wait()
		if got := s.Line(0); got != "shell 1" {
			t.Errorf("within the beat the terminal shows %q", got)
		}
		for _, key := range []string{"key 1", "key 2"} {
			p.Answer(frame(key))
			synctest.Wait()
			if got := s.Line(0); got != key {
				t.Errorf("after %v the terminal shows %q, want %q", time.Since(began), got, key)
			}
		}
		p.Show(frame("shell 3"))
		synctest.Wait()
		if got := s.Line(0); got != "key 2" {
			t.Errorf("an answer begins no beat: the terminal shows %q", got)
		}
		pause()
		synctest.Wait()
		if got := s.Line(0); got != "shell 3" {
			t.Errorf("after the beat the terminal shows %q", got)
		}
	})
}

func TestALostTerminalIsGivenUp(t *testing.T) {
	t.Parallel()
	lost := errors.New("input/output error")
	p := New(failing{lost})
	p.SetProfile(colorprofile.TrueColor)
	if _, err := p.Write([]byte("\x1b[?2004h")); !errors.Is(err, lost) {
		t.Errorf("Write returns %v", err)
	}
	p.Show(Frame{Content: "x", Width: 1, Height: 1})
	p.Close()
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzWrite(f *testing.F) {
	f.Add([]byte("\x1b[?1049h\x1b]2;t\x07\x1b[31mx\x1b[?1049l"), uint8(3))
	f.Add([]byte("\x1b[?1049hx\x1bP\x1b[m\x1b"), uint8(1))
	f.Fuzz(func(t *testing.T, stream []byte, cut uint8) {
		whole, pieces := newScreen(20, 5), newScreen(20, 5)
		a, b := New(whole), New(pieces)
		a.Write(stream)
		for rest := stream; len(rest) > 0; {
			n := min(len(rest), 1+int(cut))
			b.Write(rest[:n])
			rest = rest[n:]
		}
		if x, y := whole.taken(), pieces.taken(); x != y {
			t.Errorf("cut, %q passes %q, whole %q", stream, y, x)
		}
		a.Close()
		b.Close()
	})
}

// busyFrame is a page of Chinese beside a terminal, 200x60 cells; n changes the
// terminal's half.
func busyFrame(n int) Frame {
	var b strings.Builder
	text := []rune(strings.Repeat("控制器不断比较期望状态和实际状态，发现差别就采取行动；调度器给没有节点的挑一个节点。", 4))
	for y := range 60 {
		if y > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "\x1b[38;2;205;214;244m%s\x1b[m│\x1b[32m%-98s\x1b[m", string(text[y:y+50]), fmt.Sprintf("web-%07d   1/1   Running   %d", n*59+y*(1+n%7), n))
	}
	return Frame{Content: b.String(), Width: 199, Height: 60, Cursor: true, CursorX: 120, CursorY: 30}
}

// BenchmarkPaint measures a frame of which half has changed, from its text to the
// bytes for the terminal.
func BenchmarkPaint(b *testing.B) {
	out := &counter{}
	p := New(out)
	defer p.Close()
	p.SetProfile(colorprofile.TrueColor)
	frames := []Frame{busyFrame(0), busyFrame(1), busyFrame(2)}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		p.mu.Lock()
		p.paint(frames[n%len(frames)])
		p.mu.Unlock()
	}
	b.ReportMetric(float64(out.n)/float64(n), "bytes/frame")
}

type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }

// pause lets a beat pass, in a bubble of testing/synctest.
func pause() { time.Sleep(2 * beat) }
