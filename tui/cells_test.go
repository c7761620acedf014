package tui

import (
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

func TestCellsOfALine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		line     string
		from, to int
		want     string
	}{
		{"hello", 1, 4, "ell"},
		{"你好", 0, 4, "你好"},
		{"你好", 1, 4, " 好"},
		{"你好", 0, 3, "你 "},
		{"你好", 1, 2, " "},
		{"ab", 1, 5, "b   "},
		{"1️⃣x", 0, 2, "1️⃣"},
		{"1️⃣x", 1, 3, " x"},
		{"\x1b[31mred\x1b[m!", 2, 4, "\x1b[31md\x1b[m!"},
		{"\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\", 1, 3, "\x1b]8;;https://x\x1b\\in"},
		{"", 0, 2, "  "},
	} {
		if got := cellsOf(tc.line, tc.from, tc.to); got != tc.want {
			t.Errorf("cells %d to %d of %q are %q, want %q", tc.from, tc.to, tc.line, got, tc.want)
		}
	}
}

// TestCellsAreAsWideAsAsked cuts every hostile text everywhere, and a block put
// over it leaves the line as wide as it was.
func TestCellsAreAsWideAsAsked(t *testing.T) {
	t.Parallel()
	for _, text := range hostile() {
		text = markdown.Clean("前" + strings.ToValidUTF8(text, "�") + "后")
		w := drawnWidth(text)
		for from := range w + 2 {
			for to := from; to < w+3; to++ {
				if got := drawnWidth(cellsOf(text, from, to)); got != to-from {
					t.Fatalf("cells %d to %d of %q are %d wide", from, to, text, got)
				}
			}
		}
		for x := range w {
			line := overlaid([]string{text}, w, []string{"│"}, 1, x, 0)[0]
			if got := drawnWidth(line); got != w {
				t.Errorf("a block at %d makes %q %d cells wide, want %d", x, text, got, w)
			}
		}
	}
}
