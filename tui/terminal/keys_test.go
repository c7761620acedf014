package terminal

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

func TestEncodeKey(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		key  tea.Key
		want string
	}{
		{"a letter", tea.Key{Code: 'a', Text: "a"}, "a"},
		{"a capital", tea.Key{Code: 'a', ShiftedCode: 'A', Text: "A", Mod: tea.ModShift}, "A"},
		{"a letter with caps lock", tea.Key{Code: 'a', Text: "A", Mod: tea.ModCapsLock}, "A"},
		{"text of an input method", tea.Key{Code: tea.KeyExtended, Text: "你好"}, "你好"},
		{"space", tea.Key{Code: tea.KeySpace, Text: " "}, " "},
		{"enter", tea.Key{Code: tea.KeyEnter}, "\r"},
		{"backspace", tea.Key{Code: tea.KeyBackspace}, "\x7f"},
		{"ctrl+backspace", tea.Key{Code: tea.KeyBackspace, Mod: tea.ModCtrl}, "\b"},
		{"escape", tea.Key{Code: tea.KeyEscape}, "\x1b"},
		{"tab", tea.Key{Code: tea.KeyTab}, "\t"},
		{"shift+tab", tea.Key{Code: tea.KeyTab, Mod: tea.ModShift}, "\x1b[Z"},
		{"ctrl+c", tea.Key{Code: 'c', Mod: tea.ModCtrl}, "\x03"},
		{"ctrl+c with caps and num lock", tea.Key{Code: 'c', Mod: tea.ModCtrl | tea.ModCapsLock | tea.ModNumLock}, "\x03"},
		{"ctrl+space", tea.Key{Code: tea.KeySpace, Mod: tea.ModCtrl}, "\x00"},
		{"ctrl+]", tea.Key{Code: ']', Mod: tea.ModCtrl}, "\x1d"},
		{"ctrl+_", tea.Key{Code: '/', Mod: tea.ModCtrl}, "\x1f"},
		{"alt+b", tea.Key{Code: 'b', Mod: tea.ModAlt}, "\x1bb"},
		{"alt+shift+b", tea.Key{Code: 'b', ShiftedCode: 'B', Mod: tea.ModAlt | tea.ModShift}, "\x1bB"},
		{"alt+enter", tea.Key{Code: tea.KeyEnter, Mod: tea.ModAlt}, "\x1b\r"},
		{"ctrl+alt+d", tea.Key{Code: 'd', Mod: tea.ModAlt | tea.ModCtrl}, "\x1b\x04"},
		{"up", tea.Key{Code: tea.KeyUp}, "\x1b[A"},
		{"ctrl+left", tea.Key{Code: tea.KeyLeft, Mod: tea.ModCtrl}, "\x1b[1;5D"},
		{"shift+alt+home", tea.Key{Code: tea.KeyHome, Mod: tea.ModShift | tea.ModAlt}, "\x1b[1;4H"},
		{"delete", tea.Key{Code: tea.KeyDelete}, "\x1b[3~"},
		{"ctrl+page up", tea.Key{Code: tea.KeyPgUp, Mod: tea.ModCtrl}, "\x1b[5;5~"},
		{"F1", tea.Key{Code: tea.KeyF1}, "\x1bOP"},
		{"F4", tea.Key{Code: tea.KeyF4}, "\x1bOS"},
		{"shift+F4", tea.Key{Code: tea.KeyF4, Mod: tea.ModShift}, "\x1b[1;2S"},
		{"F5", tea.Key{Code: tea.KeyF5}, "\x1b[15~"},
		{"F12", tea.Key{Code: tea.KeyF12}, "\x1b[24~"},
		{"keypad 7", tea.Key{Code: tea.KeyKp7}, "7"},
		{"keypad enter", tea.Key{Code: tea.KeyKpEnter}, "\r"},
		{"keypad up", tea.Key{Code: tea.KeyKpUp}, "\x1b[A"},
		{"a lock key sends nothing", tea.Key{Code: tea.KeyCapsLock}, ""},
		{"a modifier alone sends nothing", tea.Key{Code: tea.KeyLeftShift, Mod: tea.ModShift}, ""},
		{"super+c belongs to the desktop", tea.Key{Code: 'c', Mod: tea.ModSuper}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := string(EncodeKey(tc.key, false)); got != tc.want {
				t.Errorf("sent %q, want %q", got, tc.want)
			}
		})
	}
	if got := string(EncodeKey(tea.Key{Code: tea.KeyUp}, true)); got != "\x1bOA" {
		t.Errorf("up in application mode: %q", got)
	}
}

func TestEncodePaste(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in  string
		bracketed bool
		want      string
	}{
		{"lines end in returns", "a\nb\r\nc\td", false, "a\rb\rc\td"},
		{"brackets go around", "kubectl get pods", true, "\x1b[200~kubectl get pods\x1b[201~"},
		{"the text cannot end the brackets", "x\x1b[201~rm -rf /\n", true, "\x1b[200~x[201~rm -rf /\r\x1b[201~"},
		{"the text cannot press control keys", "a\x03\x04\u009bb末", false, "ab末"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := string(encodePaste(tc.in, tc.bracketed)); got != tc.want {
				t.Errorf("sent %q, want %q", got, tc.want)
			}
		})
	}
}
