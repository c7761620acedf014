package vt

import "fmt"

// control does a control sequence (CSI); its parameters are in the parser.
func (t *Terminal) control(final byte) {
	p := &t.parser
	if final != 'b' {
		t.last.valid, t.last.join = false, false
	}
	switch {
	case p.private == 0 && p.intermediate == 0:
		t.plainControl(final)
	case p.private == '?' && p.intermediate == 0:
		t.privateControl(final)
	case p.private == '?' && p.intermediate == '$' && final == 'p':
		t.reply("\x1b[?%d;%d$y", p.arg(0, 0), t.modeState(Mode(p.arg(0, 0))))
	case p.private == '>' && p.intermediate == 0 && final == 'c': // secondary device attributes
		t.reply("\x1b[>1;10;0c")
	case p.private == '>' && p.intermediate == 0 && final == 'q': // XTVERSION
		t.reply("\x1bP>|k8stutor\x1b\\")
	case p.private == 0 && p.intermediate == ' ' && final == 'q':
		t.setCursorShape(p.arg(0, 0))
	case p.private == 0 && p.intermediate == '!' && final == 'p':
		t.softReset()
	}
}

func (t *Terminal) privateControl(final byte) {
	p := &t.parser
	switch final {
	case 'h', 'l':
		for _, m := range p.params {
			t.setMode(Mode(m), final == 'h')
		}
	case 'J': // selective erase; nothing is ever protected
		t.eraseDisplay(p.arg(0, 0))
	case 'K':
		t.eraseLine(p.arg(0, 0))
	case 'n':
		if p.arg(0, 0) == 6 {
			c := &t.screen.cursor
			t.reply("\x1b[?%d;%d;1R", c.y+1, c.x+1)
		}
	case 'u': // kitty keyboard flags: none, so that programs use the legacy keys
		t.reply("\x1b[?0u")
	}
}

func (t *Terminal) plainControl(final byte) {
	p := &t.parser
	c := &t.screen.cursor
	n := p.arg(0, 1)
	switch final {
	case 'A':
		t.moveRows(-n)
	case 'B', 'e':
		t.moveRows(n)
	case 'C', 'a':
		t.moveColumns(n)
	case 'D':
		t.moveColumns(-n)
	case 'E':
		t.moveRows(n)
		t.carriageReturn()
	case 'F':
		t.moveRows(-n)
		t.carriageReturn()
	case 'G', '`':
		t.moveColumns(n - 1 - c.x)
	case 'H', 'f':
		t.moveTo(p.arg(1, 1)-1, n-1)
	case 'd':
		t.moveTo(c.x, n-1)
	case 'I':
		t.tab(n)
	case 'Z':
		t.tab(-n)
	case 'g':
		t.clearTabs(p.arg(0, 0))
	case 's':
		t.screen.saved = *c
	case 'u':
		t.restoreCursor()
	case 'r':
		t.setRegion(n-1, p.arg(1, t.height)-1)
	case 'h', 'l':
		t.setAnsiModes(final == 'h')
	case 'm':
		t.selectGraphics()
	case 'n':
		t.reportStatus(p.arg(0, 0))
	case 'c':
		t.reply("\x1b[?62;22c")
	case 't':
		if p.arg(0, 0) == 18 {
			t.reply("\x1b[8;%d;%dt", t.height, t.width)
		}
	default:
		t.editControl(final, n)
	}
}

// editControl does the control sequences that change cells, n being their
// count or kind.
func (t *Terminal) editControl(final byte, n int) {
	c := &t.screen.cursor
	switch final {
	case 'J':
		t.eraseDisplay(t.parser.arg(0, 0))
	case 'K':
		t.eraseLine(t.parser.arg(0, 0))
	case 'X':
		t.eraseCells(c.y, c.x, c.x+min(n, t.width))
		c.wrap = false
	case '@':
		t.insertCells(n)
		c.wrap = false
	case 'P':
		t.deleteCells(n)
		c.wrap = false
	case 'L':
		if c.y >= t.top && c.y <= t.bottom {
			t.scrollDown(c.y, n)
			t.carriageReturn()
		}
	case 'M':
		if c.y >= t.top && c.y <= t.bottom {
			t.scrollUp(c.y, n, false)
			t.carriageReturn()
		}
	case 'S':
		t.scrollUp(t.top, n, true)
	case 'T':
		t.scrollDown(t.top, n)
	case 'b': // REP; more than a screenful changes nothing
		if r := t.last.r; r != 0 {
			for range min(n, t.width*t.height) {
				t.put(r)
			}
		}
	}
}

// reply answers a query of the program.
func (t *Terminal) reply(format string, args ...any) {
	if t.opts.Reply == nil {
		return
	}
	b := fmt.Appendf(nil, format, args...)
	t.pending = append(t.pending, func() { t.opts.Reply(b) })
}

func (t *Terminal) reportStatus(kind int) {
	switch kind {
	case 5:
		t.reply("\x1b[0n")
	case 6:
		c := &t.screen.cursor
		y := c.y
		if c.origin {
			y -= t.top
		}
		t.reply("\x1b[%d;%dR", y+1, c.x+1)
	}
}

func (t *Terminal) clearTabs(kind int) {
	switch kind {
	case 0:
		t.tabs[t.screen.cursor.x] = false
	case 3:
		clear(t.tabs)
	}
}

// setRegion is DECSTBM: lines outside of top and bottom no longer scroll.
func (t *Terminal) setRegion(top, bottom int) {
	bottom = min(bottom, t.height-1)
	if top < bottom {
		t.top, t.bottom = top, bottom
		t.moveTo(0, 0)
	}
}

func (t *Terminal) setCursorShape(n int) {
	if n <= 6 {
		t.shape = CursorShape(max(n-1, 0) / 2)
		t.blink = n == 0 || n%2 == 1
	}
}

func (t *Terminal) softReset() {
	t.top, t.bottom = 0, t.height-1
	t.insert = false
	t.modes[ModeOrigin], t.modes[ModeAutoWrap] = false, true
	t.modes[ModeApplicationCursor], t.modes[ModeCursor] = false, true
	c := &t.screen.cursor
	c.origin, c.style, t.pen = false, style{}, 0
	c.charsets, c.active, c.single = [4]byte{}, 0, 0
}
