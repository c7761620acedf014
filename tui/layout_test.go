package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/tui/styles"
)

func TestAPenNeverLeavesItsLine(t *testing.T) {
	t.Parallel()
	st := styles.New(styles.Options{Dark: true})
	texts := []string{"", "a", "你好，世界", "a\nb\x1b[31mc\t", "e\u0301你", "👩‍👩‍👧 family", strings.Repeat("宽", 40)}
	for w := range 40 {
		for _, a := range texts {
			for _, b := range texts {
				line := newPen(w).put(st.Title, a).column(st.Good, b, 7).columnRight(st.Dim, a, 5).space(st.Bar, 2).put(st.Bad, b).line()
				if got := drawnWidth(line); got != w {
					t.Fatalf("%q and %q in %d cells give %d: %q", a, b, w, got, line)
				}
				if strings.Contains(ansi.Strip(line), "\x1b") || strings.ContainsAny(line, "\n\t") {
					t.Fatalf("control characters reach the screen: %q", line)
				}
			}
		}
	}
}

func TestABoxIsAsLargeAsAsked(t *testing.T) {
	t.Parallel()
	st := styles.New(styles.Options{})
	for w := 4; w < 60; w += 3 {
		for h := 2; h < 12; h++ {
			lines := box(st, "一个标题 title", "note", []string{blank(w - 2), blank(w - 2), blank(w - 2)}, w, h, true)
			if len(lines) != h {
				t.Fatalf("%dx%d: %d lines", w, h, len(lines))
			}
			for _, l := range lines {
				if drawnWidth(l) != w {
					t.Fatalf("%dx%d: %d cells: %q", w, h, drawnWidth(l), l)
				}
			}
		}
	}
}

func TestAnOverlayHalvesNoCharacter(t *testing.T) {
	t.Parallel()
	back := []string{"宽宽宽宽宽宽宽宽宽宽", "a宽宽宽宽宽宽宽宽宽b", strings.Repeat("x", 20)}
	for x := range 10 {
		for bw := 1; bw <= 10; bw++ {
			for i, l := range overlaid(back, 20, []string{strings.Repeat("#", bw), strings.Repeat("#", bw), strings.Repeat("#", bw)}, bw, x, 0) {
				if drawnWidth(l) != 20 || !strings.Contains(ansi.Strip(l), strings.Repeat("#", bw)) {
					t.Fatalf("line %d at %d, %d wide: %q", i, x, bw, ansi.Strip(l))
				}
			}
		}
	}
}

func TestAWindowScrolls(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 30 {
		lines = append(lines, fmt.Sprintf("%02d", i))
	}
	var s scroll
	s.fit(10, len(lines))
	if s.atEnd() || s.percent() != 33 {
		t.Errorf("at the start: end %v, %d%%", s.atEnd(), s.percent())
	}
	s.by(1000)
	if !s.atEnd() || s.percent() != 100 || s.top != 20 {
		t.Errorf("at the end: end %v, %d%%, top %d", s.atEnd(), s.percent(), s.top)
	}
	s.show(5)
	if s.top != 5 {
		t.Errorf("line 5 is shown from %d", s.top)
	}
	s.show(19)
	if s.top != 10 {
		t.Errorf("line 19 is shown from %d", s.top)
	}
	s.fit(40, len(lines))
	if s.top != 0 || !s.atEnd() {
		t.Errorf("in a larger window: top %d", s.top)
	}
	out := s.window(styles.New(styles.Options{}), lines, 3)
	if len(out) != 40 || ansi.Strip(out[0]) != "00 " || ansi.Strip(out[39]) != "   " {
		t.Errorf("%d lines, the first is %q and the last %q", len(out), out[0], out[39])
	}
}
