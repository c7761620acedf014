package shell

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// runTR is tr: it works on bytes, as BusyBox's does.
func runTR(ctx context.Context, p *proc.Process) int {
	set, args := flags(p, "")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	for o := range set {
		if !strings.ContainsRune("Ccds", o) {
			return invalidOption(p, o)
		}
	}
	complement, del, squeeze := has('c') || has('C'), has('d'), has('s')
	if len(args) == 0 || len(args) > 2 {
		return p.Fail(1, "usage: tr [-cds] STRING1 [STRING2]")
	}
	from := expandSet(args[0])
	if complement {
		in := strings.Builder{}
		for c := range 256 {
			if strings.IndexByte(from, byte(c)) < 0 {
				in.WriteByte(byte(c))
			}
		}
		from = in.String()
	}
	to := ""
	if len(args) == 2 {
		if to = expandSet(args[1]); to == "" && !del {
			return p.Fail(1, "STRING2 cannot be empty")
		}
	}
	var become [256]byte
	var dropped, squeezed [256]bool
	for c := range become {
		become[c] = byte(c)
	}
	for i := range len(from) {
		dropped[from[i]] = del
		if !del && to != "" {
			become[from[i]] = to[min(i, len(to)-1)]
		}
	}
	if squeeze {
		last := to
		if len(args) == 1 {
			last = from
		}
		for i := range len(last) {
			squeezed[last[i]] = true
		}
	}
	f := newFilter(ctx, p)
	previous := -1
	return f.end(f.each(nil, func(_ string, r io.Reader) error {
		buf := make([]byte, 4<<10)
		for {
			n, err := r.Read(buf)
			for _, c := range buf[:n] {
				if dropped[c] {
					continue
				}
				if c = become[c]; squeezed[c] && int(c) == previous {
					continue
				}
				previous = int(c)
				_ = f.out.WriteByte(c)
			}
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}))
}

// expandSet lists the characters of a set with its escapes, ranges, classes
// and repetitions.
func expandSet(text string) string {
	var out strings.Builder
	char := func() byte { // takes the next one
		if text[0] != '\\' || len(text) == 1 {
			c := text[0]
			text = text[1:]
			return c
		}
		end := 2
		for end < 4 && end < len(text) && text[1] >= '0' && text[1] <= '7' && text[end] >= '0' && text[end] <= '7' {
			end++
		}
		c, _ := unescape(text[:end], false)
		if text = text[end:]; len(c) != 1 {
			return c[len(c)-1]
		}
		return c[0]
	}
	for text != "" {
		if end := strings.Index(text, ":]"); end > 0 && strings.HasPrefix(text, "[:") {
			class := characterClass(text[2:end])
			for c := 0; class != nil && c < 256; c++ {
				if class(byte(c)) {
					out.WriteByte(byte(c))
				}
			}
			if class != nil {
				text = text[end+2:]
				continue
			}
		}
		if strings.HasPrefix(text, "[=") && len(text) >= 5 && text[3:5] == "=]" {
			out.WriteByte(text[2])
			text = text[5:]
			continue
		}
		if end := strings.IndexByte(text, ']'); end > 2 && text[0] == '[' && text[2] == '*' {
			if n, err := strconv.ParseUint(orElse(text[3:end], "256"), 0, 16); err == nil {
				out.WriteString(strings.Repeat(text[1:2], int(min(n, 256))))
				text = text[end+1:]
				continue
			}
		}
		c := char()
		if len(text) > 1 && text[0] == '-' {
			text = text[1:]
			for last, n := int(char()), int(c); n <= last; n++ {
				out.WriteByte(byte(n))
			}
			continue
		}
		out.WriteByte(c)
	}
	return out.String()
}

// characterClass is a class of characters of POSIX, or nil.
func characterClass(name string) func(c byte) bool {
	between := func(a, z byte) func(byte) bool { return func(c byte) bool { return c >= a && c <= z } }
	lower, upper, digit, graph := between('a', 'z'), between('A', 'Z'), between('0', '9'), between('!', '~')
	alnum := func(c byte) bool { return lower(c) || upper(c) || digit(c) }
	switch name {
	case "lower":
		return lower
	case "upper":
		return upper
	case "digit":
		return digit
	case "graph":
		return graph
	case "alnum":
		return alnum
	case "print":
		return between(' ', '~')
	case "space":
		return isSpace
	case "alpha":
		return func(c byte) bool { return lower(c) || upper(c) }
	case "blank":
		return func(c byte) bool { return c == ' ' || c == '\t' }
	case "cntrl":
		return func(c byte) bool { return c < ' ' || c == 0x7f }
	case "punct":
		return func(c byte) bool { return graph(c) && !alnum(c) }
	case "xdigit":
		return func(c byte) bool { return digit(c) || between('a', 'f')(c) || between('A', 'F')(c) }
	}
	return nil
}
