package vt

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxTitle = 1 << 10 // bytes
	maxLink  = 4 << 10 // bytes
)

// command does an operating system command (OSC).
func (t *Terminal) command(payload []byte) {
	number, rest, _ := strings.Cut(string(payload), ";")
	n, err := strconv.Atoi(number)
	if err != nil {
		return
	}
	if t.mark(n, rest) {
		return
	}
	switch n {
	case 0, 2:
		t.title = printable(rest, maxTitle)
	case 8:
		_, target, _ := strings.Cut(rest, ";")
		t.setLink(target)
	case 10:
		t.reportColor(rest, n, t.opts.Foreground)
	case 11:
		t.reportColor(rest, n, t.opts.Background)
	}
	if t.opts.Command != nil {
		t.pending = append(t.pending, func() { t.opts.Command(n, rest) })
	}
}

// setLink makes what is printed next a hyperlink. A target that could not be
// passed on inside an escape sequence ends the link instead.
func (t *Terminal) setLink(target string) {
	if len(target) > maxLink || printable(target, maxLink) != target {
		target = ""
	}
	c := &t.screen.cursor
	c.style.link = t.links.intern(target)
	t.pen = t.styles.intern(c.style)
}

func (t *Terminal) reportColor(request string, n int, c Color) {
	r, g, b, ok := c.RGB()
	if request == "?" && ok {
		t.reply("\x1b]%d;rgb:%02x%02x/%02x%02x/%02x%02x\x1b\\", n, r, r, g, g, b, b)
	}
}

// printable returns s without control characters and invalid UTF-8, cut to
// at most limit bytes.
func printable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || reorders(r) {
			return -1
		}
		return r
	}, s)
	return cut(s, limit)
}
