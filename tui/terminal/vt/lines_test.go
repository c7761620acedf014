package vt

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestLinesKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	term := New(10, 3, Options{Scrollback: 5})
	for i := range 20 {
		write(term, fmt.Appendf(nil, "line %d\r\n", i))
	}
	first, end := term.Bounds()
	if first != 13 || end != 21 {
		t.Fatalf("lines %d to %d, want 13 to 21", first, end)
	}
	for n := first; n < end-1; n++ {
		if text, _ := term.Text(n); text != fmt.Sprint("line ", n) {
			t.Errorf("line %d is %q", n, text)
		}
	}
	if text, _ := term.Text(12); text != "" {
		t.Errorf("a line that is gone is %q", text)
	}
	write(term, []byte("\x1b[?1049h\x1b[Halt"))
	if first, end := term.Bounds(); first != 18 || end != 21 {
		t.Errorf("the alternate screen has lines %d to %d", first, end)
	}
	if text, _ := term.Text(18); text != "alt" {
		t.Errorf("its first line is %q", text)
	}
}

func TestRowsOfWideAndWrappedText(t *testing.T) {
	t.Parallel()
	term := New(5, 4, Options{})
	write(term, []byte("a一二三四"))
	cells, wrapped := term.Row(0)
	var b strings.Builder
	for _, c := range cells {
		fmt.Fprintf(&b, "%s%d ", c.Text, c.Width)
	}
	if got, want := b.String(), "a1 一2 二2 "; got != want || !wrapped {
		t.Errorf("cells %q %v, want %q", got, wrapped, want)
	}
	write(term, []byte("\r\nab 一"))
	term.Resize(4, 4) // 一 goes whole into the next line, a column stays empty
	if text, wrapped := term.Text(2); text != "ab " || !wrapped {
		t.Errorf("the line before is %q %v", text, wrapped)
	}
}

func TestSpansAreDrawnInTheirStyle(t *testing.T) {
	t.Parallel()
	term := New(8, 2, Options{})
	write(term, []byte("\x1b[31m一ab\x1b[m"))
	rows := term.RenderLines(0, []Span{{Line: 0, From: 2, To: 20, Style: Style{Attr: Reverse}}, {Line: 1, From: 0, To: 2, Style: Style{Underline: UnderlineSingle}}})
	want := []string{"\x1b[0;31m一\x1b[0;7mab    \x1b[m", "\x1b[0;4m  \x1b[0m      "}
	for y, row := range rows {
		if row != want[y] {
			t.Errorf("row %d is %q, want %q", y, row, want[y])
		}
		if w := ansi.StringWidth(row); w != 8 {
			t.Errorf("row %d is %d wide", y, w)
		}
	}
	if again := term.Render(0)[0]; strings.Contains(again, ";7m") {
		t.Errorf("the span stays: %q", again)
	}
}
