package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/k8stutor/k8stutor/lessons"
)

// painted is text that may hold escape sequences because this program put them
// there. Any other text that is printed is made printable first: it may come
// from a cluster or from somebody else's course.
type painted string

// trim returns the text without white space at its ends.
func (s painted) trim() painted { return painted(strings.TrimSpace(string(s))) }

// printf writes to stdout.
func (p *Program) printf(format string, args ...any) { fmt.Fprintf(p.Out, format, tame(args)...) }

// notef writes to stderr: what is said besides the answer.
func (p *Program) notef(format string, args ...any) { fmt.Fprintf(p.Err, format, tame(args)...) }

// tame makes printable what is to be printed.
func tame(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case painted:
			out[i] = a
		case string:
			out[i] = lessons.PrintableLines(a)
		case error:
			out[i] = lessons.PrintableLines(a.Error())
		case fmt.Stringer:
			out[i] = lessons.PrintableLines(a.String())
		default:
			out[i] = a
		}
	}
	return out
}

// printJSON writes the answer of a command as JSON. Characters that a terminal
// would obey, or show in a misleading way, are written as \u escapes.
func (p *Program) printJSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := p.Out.Write(escaped(b.Bytes()))
	return err
}

// escaped writes what is not printable in JSON as \u escapes, which mean the
// same: outside of its strings JSON holds nothing but ASCII.
func escaped(data []byte) []byte {
	plain := lessons.PrintableLines(string(data))
	if plain == string(data) {
		return data
	}
	var out bytes.Buffer
	for _, r := range string(data) {
		s := string(r)
		switch {
		case lessons.PrintableLines(s) == s:
			out.WriteString(s)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.Bytes()
}

// tamed passes text on to w, made printable: for logs, which quote what Pods and
// users wrote.
type tamed struct {
	w    io.Writer
	rest []byte
}

func (t *tamed) Write(data []byte) (int, error) {
	all := append(t.rest, data...)
	whole := len(all)
	for i := 1; i < utf8.UTFMax && i <= len(all); i++ {
		if utf8.RuneStart(all[len(all)-i]) {
			if !utf8.FullRune(all[len(all)-i:]) {
				whole = len(all) - i
			}
			break
		}
	}
	if _, err := io.WriteString(t.w, lessons.PrintableLines(string(all[:whole]))); err != nil {
		return 0, err
	}
	t.rest = bytes.Clone(all[whole:])
	return len(data), nil
}
