package tuitest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/terminal"
)

// encodeKey returns what a terminal sends for a key named as by [tea.Key.String].
func encodeKey(name string, applicationCursor bool) (string, error) {
	var k tea.Key
	rest := name
	for {
		mod, tail, ok := strings.Cut(rest, "+")
		if !ok || tail == "" { // "+" is a key itself
			break
		}
		switch mod {
		case "ctrl":
			k.Mod |= tea.ModCtrl
		case "alt":
			k.Mod |= tea.ModAlt
		case "shift":
			k.Mod |= tea.ModShift
		default:
			return "", fmt.Errorf("%q: %q is no modifier", name, mod)
		}
		rest = tail
	}
	if rest == "esc" && k.Mod == 0 {
		// The escape character alone would be taken together with the key after
		// it. This is the form of terminals that tell the two apart.
		return "\x1b[27u", nil
	}
	if code, ok := namedKey(rest); ok {
		k.Code = code
	} else if r, n := utf8.DecodeRuneInString(rest); n == len(rest) && n > 0 && r != utf8.RuneError {
		k.Code = r
		if k.Mod == 0 {
			k.Text = rest
		}
	} else {
		return "", fmt.Errorf("%q is no key; to type text use Type", name)
	}
	b := terminal.EncodeKey(k, applicationCursor)
	if len(b) == 0 {
		return "", fmt.Errorf("terminals send nothing for %q", name)
	}
	return string(b), nil
}

func namedKey(name string) (code rune, ok bool) {
	switch name {
	case "enter":
		return tea.KeyEnter, true
	case "tab":
		return tea.KeyTab, true
	case "space":
		return tea.KeySpace, true
	case "backspace":
		return tea.KeyBackspace, true
	case "esc":
		return tea.KeyEscape, true
	case "up":
		return tea.KeyUp, true
	case "down":
		return tea.KeyDown, true
	case "left":
		return tea.KeyLeft, true
	case "right":
		return tea.KeyRight, true
	case "home":
		return tea.KeyHome, true
	case "end":
		return tea.KeyEnd, true
	case "pgup":
		return tea.KeyPgUp, true
	case "pgdown":
		return tea.KeyPgDown, true
	case "insert":
		return tea.KeyInsert, true
	case "delete":
		return tea.KeyDelete, true
	}
	for n := range 12 {
		if name == fmt.Sprintf("f%d", n+1) {
			return tea.KeyF1 + rune(n), true
		}
	}
	return 0, false
}
