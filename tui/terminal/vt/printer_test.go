package vt

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/google/go-cmp/cmp"
)

// pieces are what random screens are made of.
var pieces = []string{"a", "hello", " ", "        ", "你好", "容器编排", "┌──┐", "│", "é", "e\u0301", "❤️", "1️⃣", "👩‍👩‍👧", "🇨🇳", "👍🏽", "한국어", "שלום", "ก็",
	"\x1b[31m", "\x1b[1;4m", "\x1b[m", "\x1b[48;2;30;30;46m", "\x1b[38;5;208m", "\x1b[4:3m\x1b[58;2;255;0;0m", "\x1b[7m", "\x1b[91;102m", "\x1b[9m", "\x1b[3m",
	"\x1b]8;;https://kubernetes.io\x1b\\", "\x1b]8;;https://example.org/a\x1b\\", "\x1b]8;;\x1b\\", "\x1b[K", "\x1b[2K", "\x1b[5X", "\x1b[3L", "\x1b[2M", "\x1b[4S", "\x1b[2T", "\x1b[2P", "\r\n"}

func scribble(random *rand.Rand, t *Terminal, n int) {
	w, h := t.Size()
	for range n {
		if random.IntN(3) == 0 {
			fmt.Fprintf(t, "\x1b[%d;%dH", 1+random.IntN(h), 1+random.IntN(w))
		}
		t.Write([]byte(pieces[random.IntN(len(pieces))]))
	}
}

// blanks takes the looks from blank cells on which they cannot be seen.
func blanks(rows [][]Cell) {
	for _, row := range rows {
		for i := range row {
			s := &row[i].Style
			if row[i].Text == " " && s.Background == 0 && s.Underline == UnderlineNone && s.Attr&(Reverse|Strike|Blink) == 0 && s.Link == "" {
				*s = Style{}
			}
		}
	}
}

// differences compares cells. What is wider than its cell, because it was put
// together behind the cursor's back, can be printed in part only.
func differences(a, b *Terminal) string {
	x, y := a.Snapshot().Cells, b.Snapshot().Cells
	blanks(x)
	blanks(y)
	if reflect.DeepEqual(x, y) {
		return ""
	}
	for _, cells := range [][][]Cell{x, y} {
		for _, row := range cells {
			for i := range row {
				if r := []rune(row[i].Text); len(r) > 1 && displaywidth.String(row[i].Text) != row[i].Width {
					row[i].Text = string(r[:1])
				}
			}
		}
	}
	return cmp.Diff(x, y)
}

// TestPrinterKeepsATerminalEqual changes a screen at random and prints it on
// another, which must show the same each time, whatever it showed at first.
func TestPrinterKeepsATerminalEqual(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 3))
		w, h := 2+random.IntN(90), 1+random.IntN(30)
		from, to := New(w, h, Options{}), New(w, h, Options{})
		scribble(random, to, 50)
		to.Write([]byte("\x1b[m\x1b]8;;\x1b\\"))
		p := NewPrinter(from, nil)
		for step := range 200 {
			switch random.IntN(40) {
			case 0:
				w, h = 2+random.IntN(90), 1+random.IntN(30)
				from.Resize(w, h)
				to.Resize(w, h)
			case 1:
				p.Forget()
				scribble(random, to, 20)
				to.Write([]byte("\x1b[m\x1b]8;;\x1b\\"))
			case 2:
				to.Write([]byte("\x1b[2J"))
				p.Blank()
			case 3: // lines move
				fmt.Fprintf(from, "\x1b[m\x1b[%d;%dr\x1b[%dH\x1b[%d%c\x1b[r", 1+random.IntN(h), 1+random.IntN(h), 1+random.IntN(h), 1+random.IntN(5), "MLST"[random.IntN(4)])
			}
			scribble(random, from, random.IntN(12))
			b := p.Print(nil)
			to.Write(b)
			if diff := differences(from, to); diff != "" {
				t.Fatalf("seed %d, step %d, %dx%d: after %q (-want +got):\n%s", seed, step, w, h, b, diff)
			}
			if again := p.Print(nil); len(again) > 0 {
				t.Fatalf("seed %d, step %d: with nothing changed it prints %q", seed, step, again)
			}
		}
	}
}

// TestPrinterOutlivesTheTables has so many styles that their numbers change.
func TestPrinterOutlivesTheTables(t *testing.T) {
	t.Parallel()
	from, to := New(80, 24, Options{}), New(80, 24, Options{})
	p := NewPrinter(from, nil)
	for n := range 3 * tableSize {
		fmt.Fprintf(from, "\x1b[%d;%dH\x1b[38;2;%d;%d;1mx", 1+n%24, 1+n%80, n%256, n/256)
		if n%100 == 0 {
			to.Write(p.Print(nil))
			if diff := differences(from, to); diff != "" {
				t.Fatalf("after %d styles (-want +got):\n%s", n, diff)
			}
		}
	}
	if from.rebuilt == 0 {
		t.Fatal("the tables were never rebuilt, so this proves nothing")
	}
}

func TestPrinterIsThrifty(t *testing.T) {
	t.Parallel()
	page := func(first int) string {
		var b strings.Builder
		b.WriteString("\x1b[m\x1b[2J")
		text := []rune("控制器不断比较期望状态和实际状态，发现差别就采取行动；调度器给没有节点的挑一个节点")
		for y := range 34 {
			n := first + y
			fmt.Fprintf(&b, "\x1b[%dH第 %d 行：%s", y+2, n, string(append(text[n:n+3:n+3], text[:20+n%7]...)))
		}
		return b.String()
	}
	from := New(120, 36, Options{})
	p := NewPrinter(from, nil)
	from.Write([]byte(page(1)))
	full := len(p.Print(nil))
	for _, tc := range []struct {
		name, write string
		most        int
	}{
		{"one letter", "\x1b[10;100Hx", 16},
		{"one ideograph", "\x1b[10;101H字", 16},
		{"a line erased", "\x1b[20H\x1b[K", 10},
		{"three lines on", page(4), 500},
		{"two lines back", page(2), 500},
	} {
		from.Write([]byte(tc.write))
		if n := len(p.Print(nil)); n > tc.most || n == 0 {
			t.Errorf("%s takes %d bytes, at most %d are wanted; all of the screen takes %d", tc.name, n, tc.most, full)
		}
	}
}

func TestPrinterMapsColours(t *testing.T) {
	t.Parallel()
	from, to := New(10, 2, Options{}), New(10, 2, Options{})
	p := NewPrinter(from, func(c Color) Color {
		if _, _, _, ok := c.RGB(); ok {
			return Indexed(9)
		}
		return c
	})
	from.Write([]byte("\x1b[38;2;250;0;0mr\x1b[34mb\x1b[m."))
	to.Write(p.Print(nil))
	for x, want := range []Color{Indexed(9), Indexed(4), 0} {
		if got := to.Cell(x, 0).Style.Foreground; got != want {
			t.Errorf("cell %d has colour %x, want %x", x, got, want)
		}
	}
}

// TestPrinterTrustsNoWidth prints on a terminal that draws an emoji sequence
// wider than we think, as many do: what stands behind it is where it should be.
func TestPrinterTrustsNoWidth(t *testing.T) {
	t.Parallel()
	from := New(40, 2, Options{})
	p := NewPrinter(from, nil)
	p.Blank()
	from.Write([]byte("👩‍👩‍👧 end of the line"))
	b := string(p.Print(nil))
	_, behind, found := strings.Cut(b, "👩‍👩‍👧")
	if !found || !strings.HasPrefix(behind, "\x1b[1;3H") {
		t.Errorf("behind the sequence the cursor is not placed: %q", b)
	}
}

func BenchmarkPrinter(b *testing.B) {
	from := New(200, 60, Options{})
	p := NewPrinter(from, nil)
	for y := range 60 {
		fmt.Fprintf(from, "\x1b[%dH\x1b[3%dm第 %d 行：控制器不断比较期望状态和实际状态，发现差别就采取行动", y+1, y%8, y)
	}
	p.Print(nil)
	var buf []byte
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		fmt.Fprintf(from, "\x1b[30;150H\x1b[m%d", n)
		buf = p.Print(buf[:0])
	}
	b.ReportMetric(float64(len(buf)), "bytes")
}
