package cli

import "testing"

func TestMarksAreASCIIWhereNothingElseCanBeShown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		env  map[string]string
		utf8 bool // the system's terminals are all UTF-8
		want bool
	}{
		{map[string]string{"LANG": "zh_CN.UTF-8", "TERM": "xterm-256color"}, false, false},
		{map[string]string{"LANG": "C.utf8", "TERM": "tmux-256color"}, false, false},
		{map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C", "TERM": "xterm"}, false, true},
		{map[string]string{"LC_CTYPE": "en_US.UTF-8", "LANG": "C", "TERM": "xterm"}, false, false},
		{map[string]string{"LANG": "en_US.ISO-8859-1", "TERM": "xterm"}, false, true},
		{map[string]string{"TERM": "xterm"}, false, true},
		{map[string]string{"TERM": "xterm"}, true, false},
		{map[string]string{"LANG": "en_US.UTF-8", "TERM": "linux"}, false, true},
		{map[string]string{"LANG": "en_US.UTF-8", "TERM": "vt100-am"}, true, true},
	} {
		p := &Program{Getenv: func(name string) string { return tc.env[name] }, UTF8: tc.utf8}
		if got := p.asciiOnly(); got != tc.want {
			t.Errorf("%v, UTF8 %v: ASCII only is %v, want %v", tc.env, tc.utf8, got, tc.want)
		}
	}
}
