package tui

import (
	"testing"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

func TestALineIsEditedByCharacters(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		keys   []string
		text   string
		column int
	}{
		"typing":                       {[]string{"a", "b"}, "ab", 2},
		"wide characters take two":     {[]string{"你", "好"}, "你好", 4},
		"left over a wide one":         {[]string{"a", "你", "left"}, "a你", 1},
		"insert in the middle":         {[]string{"a", "c", "left", "b"}, "abc", 2},
		"backspace takes a wide one":   {[]string{"a", "你", "backspace"}, "a", 1},
		"combining marks go along":     {[]string{"e\u0301", "x", "left", "left", "delete"}, "x", 0},
		"home and delete":              {[]string{"a", "b", "home", "delete"}, "b", 0},
		"ctrl-u clears to the left":    {[]string{"a", "b", "c", "left", "ctrl+u"}, "c", 0},
		"ctrl-k clears to the right":   {[]string{"a", "b", "c", "left", "ctrl+k"}, "ab", 2},
		"ctrl-w takes a word":          {[]string{"a", "b", "space", "c", "d", "ctrl+w"}, "ab ", 3},
		"nothing to delete":            {[]string{"backspace", "delete", "left", "right", "ctrl+w"}, "", 0},
		"end after moving":             {[]string{"a", "b", "home", "end", "c"}, "abc", 3},
		"function keys change nothing": {[]string{"a", "f6", "tab"}, "a", 1},
	} {
		var in input
		for _, k := range tc.keys {
			if k == "e\u0301" {
				in.insert(k)
				continue
			}
			in.key(keyPress(k))
		}
		if in.text != tc.text || in.column(40) != tc.column {
			t.Errorf("%s: %q with the cursor at %d, want %q at %d", name, in.text, in.column(40), tc.text, tc.column)
		}
	}
}

func TestALongLineShowsItsCursor(t *testing.T) {
	t.Parallel()
	var in input
	in.insert("kubectl get pods -l app=网站 你好\r\nand more")
	if in.text != "kubectl get pods -l app=网站 你好 and more" {
		t.Fatalf("pasted text became %q", in.text)
	}
	for ; in.at > 0; in.at = in.before() {
		for w := 4; w < 50; w++ {
			text, column := in.window(w)
			if column < 0 || column >= w || markdown.Width(text) > w {
				t.Fatalf("at %d in %d cells: %q, cursor at %d", in.at, w, text, column)
			}
		}
	}
}
