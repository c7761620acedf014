package vt

// Mode is a private mode of the terminal (DECSET), by its number.
type Mode int

// The modes that are kept. All others are ignored, and reported as not known.
const (
	ModeApplicationCursor Mode = 1 // arrow keys send SS3
	ModeOrigin            Mode = 6
	ModeAutoWrap          Mode = 7
	ModeCursorBlink       Mode = 12
	ModeCursor            Mode = 25 // the cursor is visible
	ModeMouseClick        Mode = 1000
	ModeMouseDrag         Mode = 1002
	ModeMouseMotion       Mode = 1003
	ModeFocus             Mode = 1004 // focus is reported
	ModeMouseSGR          Mode = 1006
	ModeAlternateScroll   Mode = 1007 // the wheel sends arrow keys on the alternate screen
	ModeAlternateScreen   Mode = 1049
	ModeBracketedPaste    Mode = 2004

	modeAlternate47   Mode = 47
	modeAlternate1047 Mode = 1047
	modeSaveCursor    Mode = 1048
)

func defaultModes() map[Mode]bool {
	return map[Mode]bool{
		ModeApplicationCursor: false,
		ModeOrigin:            false,
		ModeAutoWrap:          true,
		ModeCursorBlink:       true,
		ModeCursor:            true,
		ModeMouseClick:        false,
		ModeMouseDrag:         false,
		ModeMouseMotion:       false,
		ModeFocus:             false,
		ModeMouseSGR:          false,
		ModeAlternateScroll:   true,
		ModeAlternateScreen:   false,
		ModeBracketedPaste:    false,
		modeAlternate47:       false,
		modeAlternate1047:     false,
		modeSaveCursor:        false,
	}
}

// modeState is the answer of DECRQM: 0 not known, 1 set, 2 reset.
func (t *Terminal) modeState(m Mode) int {
	switch on, known := t.modes[m]; {
	case !known:
		return 0
	case on:
		return 1
	default:
		return 2
	}
}

func (t *Terminal) setMode(m Mode, on bool) {
	if _, known := t.modes[m]; !known {
		return
	}
	t.modes[m] = on
	switch m {
	case ModeOrigin:
		t.screen.cursor.origin = on
		t.moveTo(0, 0)
	case ModeCursorBlink:
		t.blink = on
	case modeAlternate47, modeAlternate1047, ModeAlternateScreen:
		t.showAlternate(m, on)
	case modeSaveCursor:
		if on {
			t.screen.saved = t.screen.cursor
		} else {
			t.restoreCursor()
		}
	}
}

// showAlternate changes the screen. Of the three modes only 1049 keeps the
// cursor of each screen, and only 47 keeps the alternate screen's text.
func (t *Terminal) showAlternate(m Mode, on bool) {
	if on == (t.screen == &t.alt) {
		if m == ModeAlternateScreen && !on {
			t.restoreCursor() // as xterm and tmux do
		}
		return
	}
	if !on {
		t.main.cursor = t.alt.cursor
		t.screen = &t.main
		if m == ModeAlternateScreen {
			t.restoreCursor()
		}
		return
	}
	if m == ModeAlternateScreen {
		t.main.saved = t.main.cursor
	}
	t.alt.cursor = t.main.cursor
	t.screen = &t.alt
	if m != modeAlternate47 {
		t.eraseDisplay(2)
	}
}

func (t *Terminal) setAnsiModes(on bool) {
	for _, m := range t.parser.params {
		switch m {
		case 4:
			t.insert = on
		case 20:
			t.newline = on
		}
	}
}
