package terminal

import (
	"strconv"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// EncodeKey returns the bytes an xterm sends for a key, nothing for a key it
// has none for. With applicationCursor, arrow keys take the form a program
// chose by DECCKM.
func EncodeKey(k tea.Key, applicationCursor bool) []byte {
	mod := k.Mod &^ (tea.ModCapsLock | tea.ModNumLock | tea.ModScrollLock)
	if k.Text != "" && mod&^tea.ModShift == 0 {
		return []byte(k.Text)
	}
	if mod&(tea.ModMeta|tea.ModHyper|tea.ModSuper) != 0 {
		return nil
	}
	if b := encodeFunctionKey(k.Code, mod, applicationCursor); b != nil {
		return b
	}
	if s, ok := keypadText(k.Code); ok {
		return []byte(s)
	}
	var prefix []byte
	if mod&tea.ModAlt != 0 {
		prefix = []byte{0x1b}
	}
	switch k.Code {
	case tea.KeyEnter, tea.KeyKpEnter:
		return append(prefix, '\r')
	case tea.KeyTab:
		if mod&tea.ModShift != 0 {
			return []byte("\x1b[Z")
		}
		return append(prefix, '\t')
	case tea.KeyBackspace:
		if mod&tea.ModCtrl != 0 {
			return append(prefix, 0x08)
		}
		return append(prefix, 0x7f)
	case tea.KeyEscape:
		return append(prefix, 0x1b)
	}
	if mod&tea.ModCtrl != 0 {
		if c, ok := controlCode(k.Code); ok {
			return append(prefix, c)
		}
		return nil
	}
	code := k.Code
	if mod&tea.ModShift != 0 && k.ShiftedCode != 0 {
		code = k.ShiftedCode
	}
	if code <= 0 || code >= tea.KeyExtended {
		return nil
	}
	return append(prefix, string(code)...)
}

// encodeFunctionKey encodes the keys that xterm sends as control sequences.
func encodeFunctionKey(code rune, mod tea.KeyMod, applicationCursor bool) []byte {
	m := 1
	for i, bit := range []tea.KeyMod{tea.ModShift, tea.ModAlt, tea.ModCtrl} {
		if mod&bit != 0 {
			m += 1 << i
		}
	}
	if final, ok := letterKey(code); ok {
		switch {
		case m > 1:
			return []byte("\x1b[1;" + strconv.Itoa(m) + string(final))
		case applicationCursor || final >= 'P' && final <= 'S':
			return []byte("\x1bO" + string(final))
		default:
			return []byte("\x1b[" + string(final))
		}
	}
	if n := tildeKey(code); n != 0 {
		s := "\x1b[" + strconv.Itoa(n)
		if m > 1 {
			s += ";" + strconv.Itoa(m)
		}
		return []byte(s + "~")
	}
	return nil
}

// letterKey is the final byte of the keys sent as CSI 1 ; modifiers letter.
func letterKey(code rune) (final rune, ok bool) {
	switch code {
	case tea.KeyUp, tea.KeyKpUp:
		return 'A', true
	case tea.KeyDown, tea.KeyKpDown:
		return 'B', true
	case tea.KeyRight, tea.KeyKpRight:
		return 'C', true
	case tea.KeyLeft, tea.KeyKpLeft:
		return 'D', true
	case tea.KeyBegin, tea.KeyKpBegin:
		return 'E', true
	case tea.KeyEnd, tea.KeyKpEnd:
		return 'F', true
	case tea.KeyHome, tea.KeyKpHome:
		return 'H', true
	case tea.KeyF1, tea.KeyF2, tea.KeyF3, tea.KeyF4:
		return 'P' + code - tea.KeyF1, true
	}
	return 0, false
}

// tildeKey is the number of the keys sent as CSI number ; modifiers ~, or 0.
func tildeKey(code rune) int {
	switch code {
	case tea.KeyInsert, tea.KeyKpInsert:
		return 2
	case tea.KeyDelete, tea.KeyKpDelete:
		return 3
	case tea.KeyPgUp, tea.KeyKpPgUp:
		return 5
	case tea.KeyPgDown, tea.KeyKpPgDown:
		return 6
	}
	if code >= tea.KeyF5 && code <= tea.KeyF12 {
		return [...]int{15, 17, 18, 19, 20, 21, 23, 24}[code-tea.KeyF5]
	}
	return 0
}

// keypadText is what the keypad types with num lock on.
func keypadText(code rune) (string, bool) {
	if code >= tea.KeyKp0 && code <= tea.KeyKp9 {
		return string('0' + code - tea.KeyKp0), true
	}
	switch code {
	case tea.KeyKpEqual:
		return "=", true
	case tea.KeyKpMultiply:
		return "*", true
	case tea.KeyKpPlus:
		return "+", true
	case tea.KeyKpComma, tea.KeyKpSep:
		return ",", true
	case tea.KeyKpMinus:
		return "-", true
	case tea.KeyKpDecimal:
		return ".", true
	case tea.KeyKpDivide:
		return "/", true
	}
	return "", false
}

// controlCode is the control character that ctrl makes of a key.
func controlCode(code rune) (byte, bool) {
	switch {
	case code >= 'a' && code <= 'z':
		return byte(code) & 0x1f, true
	case code == ' ' || code == '@' || code == '2':
		return 0x00, true
	case code == '[' || code == '3':
		return 0x1b, true
	case code == '\\' || code == '4':
		return 0x1c, true
	case code == ']' || code == '5':
		return 0x1d, true
	case code == '^' || code == '6':
		return 0x1e, true
	case code == '_' || code == '/' || code == '-' || code == '7':
		return 0x1f, true
	case code == '?' || code == '8':
		return 0x7f, true
	}
	return 0, false
}

// encodePaste returns pasted text as a terminal sends it. Control characters
// are taken out, so that the text can neither leave the brackets nor press keys.
func encodePaste(s string, bracketed bool) []byte {
	s = strings.ReplaceAll(s, "\r\n", "\r")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '\r'
		case r == '\t' || r == '\r':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	if bracketed {
		s = "\x1b[200~" + s + "\x1b[201~"
	}
	return []byte(s)
}
