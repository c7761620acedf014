package vt

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden screens anew")

// TestStreams replays what real programs wrote, and sequences written by hand
// for one feature each. testdata/README.md says how the screens were checked.
func TestStreams(t *testing.T) {
	t.Parallel()
	for name, data := range streams(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := New(80, 24, Options{})
			write(term, data)
			c := term.Cursor()
			got := fmt.Sprintf("%s\ncursor %d,%d\n", term.Screen(), c.X, c.Y)
			golden := filepath.Join("testdata", "screens", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("screen (-want +got):\n%s", diff)
			}

			bytewise := New(80, 24, Options{})
			for i := range data {
				write(bytewise, data[i:i+1])
			}
			if diff := cmp.Diff(drawn(term), drawn(bytewise)); diff != "" {
				t.Errorf("the screen depends on how the bytes are cut (-whole +bytewise):\n%s", diff)
			}

			again := New(80, 24, Options{})
			write(again, []byte(strings.Join(term.Render(0), "\r\n")))
			for y := range 24 {
				if a, b := term.Line(y), again.Line(y); a != b {
					t.Errorf("row %d rendered and read again: %q, want %q", y, b, a)
				}
			}
		})
	}
}

// FuzzTerminal checks what must hold after any input at any size.
func FuzzTerminal(f *testing.F) {
	for _, data := range streams(f) {
		f.Add(data[:min(len(data), 2000)], uint8(20), uint8(5))
	}
	f.Add([]byte("\x1b]133;B;aid=n0nce\a kubectl get\r\n\x1b]133;C;aid=n0nce\aout 末\x1b]133;D;7;aid=n0nce\a"), uint8(9), uint8(3))
	f.Add([]byte("\x1b[99999999@\x1b[99999999b\x1b[99999999L\x1b[9999999I\x1b[9999999Z"), uint8(80), uint8(24))
	f.Add([]byte("क्ष 👩\u200d👩\u200d👧 🇨🇳🇨 ☎\ufe0f e\u0301 각 \u1100\u1161\u11a8"), uint8(9), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, w, h uint8) {
		width, height := int(w)%100+2, int(h)%40+1
		told := 0
		term := New(width, height, Options{Scrollback: 50, Nonce: "n0nce", Mark: func(m Mark) {
			if told++; len(m.Line) > maxLine || len(m.Output) > maxHead+maxTail+16 || m.Exit < 0 || m.Exit > 255 {
				t.Fatalf("mark %+v", m)
			}
		}})
		if !bytes.Contains(data, []byte("n0nce")) {
			defer func() {
				if told > 0 {
					t.Fatalf("%d marks without the nonce", told)
				}
			}()
		}
		half := len(data) / 2
		write(term, data[:half])
		check(t, term)
		term.Resize(int(h)%90+2, int(w)%30+1)
		check(t, term)
		write(term, data[half:])
		check(t, term)
		term.Resize(width, height)
		check(t, term)

		whole, cut := New(width, height, Options{}), New(width, height, Options{})
		write(whole, data)
		for i := range data {
			write(cut, data[i:i+1])
		}
		if a, b := drawn(whole), drawn(cut); a != b {
			t.Fatalf("the screen depends on how the bytes are cut:\nwhole\n%q\nbytewise\n%q", a, b)
		}
	})
}

// check fails unless the invariants of a terminal hold.
func check(t *testing.T, term *Terminal) {
	t.Helper()
	width, height := term.Size()
	if c := term.Cursor(); c.X < 0 || c.X >= width || c.Y < 0 || c.Y >= height {
		t.Fatalf("cursor at %d,%d on %dx%d", c.X, c.Y, width, height)
	}
	for _, s := range []*screen{&term.main, &term.alt} {
		if len(s.rows) != height {
			t.Fatalf("%d rows, want %d", len(s.rows), height)
		}
		for _, r := range s.rows {
			if len(r.cells) != width {
				t.Fatalf("row of %d cells, want %d", len(r.cells), width)
			}
			checkRow(t, r)
		}
	}
	for i := range term.history.len() {
		r := term.history.at(i)
		checkRow(t, r)
		if len(r.cells) > maxWidth {
			t.Fatalf("a row of %d cells in the scrollback", len(r.cells))
		}
	}
	if n, limit := term.history.len(), term.history.limit; n > limit {
		t.Fatalf("%d lines of scrollback, want at most %d", n, limit)
	}
	first, end := term.Bounds()
	for n := first; n < end; n++ {
		text, _ := term.Text(n)
		cells, _ := term.Row(n)
		var b strings.Builder
		for _, c := range cells {
			b.WriteString(c.Text)
		}
		if b.String() != text {
			t.Fatalf("line %d is %q as text and %q as cells", n, text, b.String())
		}
	}
	for y, line := range term.RenderLines(first, []Span{{Line: first, From: 1, To: 5, Style: Style{Attr: Reverse}}}) {
		if n := ansi.StringWidth(line); n != width {
			t.Fatalf("marked row %d is drawn %d columns wide, want %d: %q", y, n, width, line)
		}
	}
	for _, back := range []int{0, 10} {
		for y, line := range term.Render(back) {
			if n := ansi.StringWidth(line); n != width {
				t.Fatalf("row %d, %d back, is drawn %d columns wide, want %d: %q", y, back, n, width, line)
			}
		}
	}
}

func checkRow(t *testing.T, r *row) {
	t.Helper()
	for i, c := range r.cells {
		if c.width == 2 && (i+1 >= len(r.cells) || r.cells[i+1].width != 0) {
			t.Fatalf("wide cell at %d without its right half", i)
		}
		if c.width == 0 && (i == 0 || r.cells[i-1].width != 2) {
			t.Fatalf("right half at %d without its wide cell", i)
		}
	}
}

// drawn is all that can be seen of a terminal.
func drawn(t *Terminal) string {
	return fmt.Sprintf("%s\n%+v", strings.Join(t.Render(0), "\n"), t.Cursor())
}

func write(t *Terminal, p []byte) { t.Write(p) }

// screenAfter returns the screen of a terminal that was sent s.
func screenAfter(width, height int, s string) string {
	term := New(width, height, Options{})
	write(term, []byte(s))
	return strings.TrimRight(term.Screen(), "\n")
}

func streams(tb testing.TB) map[string][]byte {
	tb.Helper()
	files, err := filepath.Glob("testdata/streams/*.bin")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no streams in testdata: %v", err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(f), ".bin")] = data
	}
	return all
}
