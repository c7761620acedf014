package lessons

import "testing"

func TestPrintable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"web":                       "web",
		"网络 “x” …":                  "网络 “x” …",
		"⚠️ 1":                      "⚠️ 1",
		"\x1b[31mred\x1b[0m":        "[31mred[0m",
		"\x1b]52;c;eA==\x07":        "]52;c;eA==",
		"\u009b2J\u009d0;x\u009c":   "2J0;x",
		"a\x00b\x7fc":               "abc",
		"a\rb":                      "ab",
		"a\nb\tc":                   "a b c",
		"a\u2028b":                  "a b",
		"user\u202etxt.exe\u2069":   "usertxt.exe",
		"web\u200b":                 "web\uFFFD",
		"we\u00adb\ufeff\U000e0041": "we\uFFFDb\uFFFD\uFFFD",
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q; want %q", in, got, want)
		}
		if _, found := firstDeceptive(Printable(in)); found {
			t.Errorf("Printable(%q) leaves something deceptive", in)
		}
	}
	if got := PrintableLines("a\nb\tc\x1b"); got != "a\nb\tc" {
		t.Errorf("PrintableLines = %q", got)
	}
}
