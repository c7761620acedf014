package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/terminal/vt"
)

// TestHostileTextsTakeTheirCells draws each line of frames full of hostile texts
// in the emulator, which must come to the width that was meant, and show the text
// that was meant: else what stands behind would be out of its column.
func TestHostileTextsTakeTheirCells(t *testing.T) {
	t.Parallel()
	for name, set := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range frameSizes() {
				b := newBench(t, lessons.Chinese, size[0], size[1])
				b.nasty = true
				b.send(courseMsg{course: hostileCourse(testCourse())})
				set(b)
				for y, line := range strings.Split(b.app.View().Content, "\n") {
					wrongCells(t, y, line, b.app.w)
				}
			}
		})
	}
}

func wrongCells(t *testing.T, y int, line string, w int) {
	t.Helper()
	term := vt.New(w+8, 1, vt.Options{})
	term.Write([]byte(line))
	if x := term.Cursor().X; x != w {
		t.Errorf("line %d takes %d cells of the emulator, %d were meant: %q", y, x, w, ansi.Strip(line))
	}
	if got, want := term.Line(0), strings.TrimRight(ansi.Strip(line), " "); got != want {
		t.Errorf("line %d is shown as %q, meant was %q", y, got, want)
	}
}

// TestHostileTextsAreMeasuredAsDrawn compares the width that layout counts with
// and the cells of the emulator, text by text.
func TestHostileTextsAreMeasuredAsDrawn(t *testing.T) {
	t.Parallel()
	for _, text := range hostile() {
		clean := markdown.Clean(strings.ToValidUTF8(text, "�"))
		term := vt.New(200, 1, vt.Options{})
		term.Write([]byte(clean))
		if got, want := term.Cursor().X, markdown.Width(clean); got != want {
			t.Errorf("%q takes %d cells, layout counts %d", clean, got, want)
		}
	}
}
