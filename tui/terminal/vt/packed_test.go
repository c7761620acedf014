package vt

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPackedRowsAreWhatTheyWere(t *testing.T) {
	t.Parallel()
	for name, data := range streams(t) {
		term := New(80, 24, Options{})
		write(term, data)
		for y, r := range term.screen.rows {
			got := packed{data: pack(nil, r.cells)}.unpack(nil)
			if diff := cmp.Diff(fmt.Sprintf("%+v", r.cells), fmt.Sprintf("%+v", got)); diff != "" {
				t.Errorf("%s, row %d (-was +is):\n%s", name, y, diff)
			}
		}
	}
}

// TestScrollbackIsSmall fills ten thousand lines of 120 columns, half of them
// coloured and half of them Chinese.
func TestScrollbackIsSmall(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	term := New(120, 40, Options{Scrollback: 10_000})
	for i := range 12_000 {
		line := bytes.Repeat([]byte("\x1b[32mRunning\x1b[m 0/1 web-7d4b "), 5)
		if i%2 == 0 {
			line = bytes.Repeat([]byte("中文"), 30)
		}
		write(term, append(line, '\r', '\n'))
	}
	if got := heap() - before; got > 6<<20 {
		t.Errorf("10,000 lines of scrollback take %d KB", got>>10)
	} else {
		t.Logf("10,000 lines of scrollback take %d KB", got>>10)
	}
	if n := term.Scrollback(); n != 10_000 {
		t.Errorf("%d lines are kept", n)
	}
}
