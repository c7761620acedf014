package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

func builtinEcho(sh *shell, _ context.Context, args []string) int {
	if _, err := io.WriteString(sh.stdout(), echo(args[1:])); err != nil {
		return sh.fail(1, "write error: %s", reason(err))
	}
	return 0
}

func runEcho(_ context.Context, p *proc.Process) int {
	if _, err := io.WriteString(p.Stdout, echo(p.Args[1:])); err != nil {
		return p.Fail(1, "write error: %s", reason(err))
	}
	return 0
}

// echo is what echo prints: BusyBox's knows -n, -e and -E in any combination.
func echo(args []string) string {
	newline, escapes := true, false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "neE") == "" {
		for _, c := range args[0][1:] {
			switch c {
			case 'n':
				newline = false
			case 'e':
				escapes = true
			case 'E':
				escapes = false
			}
		}
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if escapes {
		var end bool
		if text, end = unescape(text, true); end {
			return text
		}
	}
	if newline {
		text += "\n"
	}
	return text
}

// unescape carries out backslash escapes. end says that \c stopped it.
func unescape(s string, octalZero bool) (out string, end bool) {
	if !strings.Contains(s, `\`) {
		return s, false
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'a':
			b.WriteByte('\a')
		case 'b':
			b.WriteByte('\b')
		case 'c':
			return b.String(), true
		case 'e', 'E':
			b.WriteByte(0x1b)
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'v':
			b.WriteByte('\v')
		case '\\':
			b.WriteByte('\\')
		case 'x':
			n, digits := digitsOf(s[i+1:], 16, 2)
			if digits == 0 {
				b.WriteString(`\x`)
				break
			}
			b.WriteByte(byte(n))
			i += digits
		case '0', '1', '2', '3', '4', '5', '6', '7':
			width := 3
			if octalZero && c == '0' {
				width = 4
			}
			n, digits := digitsOf(s[i:], 8, width)
			b.WriteByte(byte(n))
			i += digits - 1
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String(), false
}

func digitsOf(s string, base, most int) (n, digits int) {
	for digits < most && digits < len(s) {
		d, err := strconv.ParseUint(s[digits:digits+1], base, 8)
		if err != nil {
			break
		}
		n = n*base + int(d)
		digits++
	}
	return n, digits
}

func builtinPrintf(sh *shell, _ context.Context, args []string) int {
	return printf(sh.stdout(), args[1:], sh.fail)
}

func runPrintf(_ context.Context, p *proc.Process) int { return printf(p.Stdout, p.Args[1:], p.Fail) }

// maxWidth bounds the width that a format may ask for.
const maxWidth = 64 << 10

// printf is printf(1).
func printf(w io.Writer, args []string, fail func(int, string, ...any) int) int {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return fail(1, "usage: printf FORMAT [ARG]...")
	}
	format, args := args[0], args[1:]
	code := 0
	for {
		before := len(args)
		var b strings.Builder
		rest, end, err := printfOnce(&b, format, args, &code, fail)
		if _, werr := io.WriteString(w, b.String()); werr != nil {
			return fail(1, "write error: %s", reason(werr))
		}
		if err != nil {
			return fail(1, "%s", err)
		}
		if args = rest; end || len(args) == 0 || len(args) == before {
			return code
		}
	}
}

func printfOnce(b *strings.Builder, format string, args []string, code *int, fail func(int, string, ...any) int) (rest []string, end bool, err error) {
	next := func() string {
		if len(args) == 0 {
			return ""
		}
		a := args[0]
		args = args[1:]
		return a
	}
	for i := 0; i < len(format); i++ {
		switch format[i] {
		case '\\':
			j := i + 2
			for j < len(format) && j < i+5 && (format[j] >= '0' && format[j] <= '7' || format[i+1] == 'x' && isWordByte(format[j])) && (format[i+1] >= '0' && format[i+1] <= '7' || format[i+1] == 'x') {
				if format[i+1] == 'x' && j >= i+4 || format[i+1] != 'x' && j >= i+4 {
					break
				}
				j++
			}
			text, stop := unescape(format[i:min(j, len(format))], false)
			if b.WriteString(text); stop {
				return args, true, nil
			}
			i = j - 1
		case '%':
			spec := i + 1
			for spec < len(format) && strings.IndexByte("-+ #0123456789.*lhqjzL", format[spec]) >= 0 {
				spec++
			}
			if spec == len(format) {
				return args, true, fmt.Errorf("%s: invalid format", format[i:])
			}
			flags := format[i+1 : spec]
			for strings.Contains(flags, "*") {
				n, _ := strconv.Atoi(next())
				flags = strings.Replace(flags, "*", strconv.Itoa(n), 1)
			}
			flags = strings.Map(func(r rune) rune {
				if strings.ContainsRune("lhqjzL", r) {
					return -1
				}
				return r
			}, flags)
			for number := range strings.FieldsFuncSeq(flags, func(r rune) bool { return r < '0' || r > '9' }) {
				if n, err := strconv.Atoi(number); err != nil || n > maxWidth {
					return args, true, fmt.Errorf("%s: invalid format", format[i:spec+1])
				}
			}
			if stop, err := printfVerb(b, format[spec], flags, next, code, fail); err != nil || stop {
				return args, true, err
			}
			i = spec
		default:
			b.WriteByte(format[i])
		}
	}
	return args, false, nil
}

func printfVerb(b *strings.Builder, verb byte, flags string, next func() string, code *int, fail func(int, string, ...any) int) (stop bool, err error) {
	bad := func(arg string) { *code = fail(1, "invalid number '%s'", arg) }
	switch verb {
	case '%':
		b.WriteByte('%')
	case 'c':
		arg := next()
		fmt.Fprintf(b, "%"+flags+"s", arg[:min(1, len(arg))])
	case 's':
		fmt.Fprintf(b, "%"+flags+"s", next())
	case 'q':
		b.WriteString(singleQuoted(next()))
	case 'b':
		text, end := unescape(next(), true)
		fmt.Fprintf(b, "%"+flags+"s", text)
		return end, nil
	case 'd', 'i', 'u', 'x', 'X', 'o':
		arg := next()
		n, ok := integer(arg)
		if !ok {
			bad(arg)
		}
		if verb == 'i' || verb == 'u' && n >= 0 {
			verb = 'd'
		}
		if n < 0 && verb != 'd' {
			if verb == 'u' {
				verb = 'd'
			}
			fmt.Fprintf(b, "%"+flags+string(verb), uint64(n))
			break
		}
		if strings.Contains(flags, ".") {
			flags = strings.TrimLeft(flags, "0")
		}
		fmt.Fprintf(b, "%"+flags+string(verb), n)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		arg := next()
		f, err := strconv.ParseFloat(strings.TrimSpace(arg), 64)
		if err != nil && arg != "" && !errors.Is(err, strconv.ErrRange) {
			bad(arg)
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			flags = strings.ReplaceAll(flags, "0", "")
		}
		if !strings.Contains(flags, ".") {
			flags += ".6"
		}
		fmt.Fprintf(b, "%"+flags+string(verb), f)
	default:
		return true, fmt.Errorf("%%%s%c: invalid format", flags, verb)
	}
	return false, nil
}

// integer reads a number as strtol(3) with base 0 does; 'x is the code of x.
func integer(s string) (int64, bool) {
	if s == "" {
		return 0, true
	}
	if s[0] == '\'' || s[0] == '"' {
		for _, r := range s[1:] {
			return int64(r), true
		}
		return 0, true
	}
	text := strings.TrimSpace(s)
	if len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '7' {
		text = "0o" + text[1:]
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(text, "+"), 0, 64)
	if err != nil {
		if u, uerr := strconv.ParseUint(text, 0, 64); uerr == nil {
			return int64(u), true
		}
	}
	return n, err == nil && !strings.Contains(text, "_")
}
