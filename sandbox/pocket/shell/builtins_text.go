package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"

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

// contextReader is an input whose reads can be given up.
type contextReader interface {
	ReadContext(ctx context.Context, b []byte) (int, error)
}

// maxLine bounds a line that read takes.
const maxLine = 1 << 20

func builtinRead(sh *shell, ctx context.Context, args []string) int {
	raw, count, delimiter, fd, timeout := false, 0, byte('\n'), 0, time.Duration(0)
	args = args[1:]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		opts := args[0][1:]
		args = args[1:]
		for opts != "" {
			c := opts[0]
			opts = opts[1:]
			if strings.IndexByte("ptndu", c) < 0 {
				raw = raw || c == 'r'
				if c != 'r' && c != 's' && c != '-' {
					return sh.abort(sh.failBuiltin(2, "read", "illegal option -%c", c))
				}
				continue
			}
			value := opts
			if opts = ""; value == "" {
				if len(args) == 0 {
					return sh.failBuiltin(2, "read", "option requires an argument -- '%c'", c)
				}
				value, args = args[0], args[1:]
			}
			switch n, err := strconv.ParseFloat(value, 64); c {
			case 'p':
				if sh.p.Terminal() != nil {
					fmt.Fprint(sh.stderr(), value)
				}
			case 'd':
				delimiter = 0
				if value != "" {
					delimiter = value[0]
				}
			default:
				if err != nil || n < 0 {
					return sh.failBuiltin(1, "read", "invalid %s", map[byte]string{'t': "timeout", 'n': "count", 'u': "file descriptor"}[c])
				}
				switch c {
				case 't':
					timeout = max(time.Duration(n*float64(time.Second)), 1)
				case 'n':
					count = int(n)
				case 'u':
					fd = int(n)
				}
			}
		}
	}
	if fd >= len(sh.files) {
		return sh.failBuiltin(1, "read", "invalid file descriptor")
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	line, err := readLine(ctx, sh.files.reader(fd), delimiter, raw, count)
	if len(args) == 0 {
		args = []string{"REPLY"}
	}
	ifs := sh.value("IFS")
	cfg := &expand.Config{Env: environment{sh, new(int)}}
	values := []string{line}
	if len(args) > 1 || ifs != "" && args[0] != "REPLY" {
		values = expand.ReadFields(cfg, line, len(args), raw)
	}
	for i, name := range args {
		value := ""
		if i < len(values) {
			value = values[i]
		}
		if !sh.assignValue(name, value) {
			return 2
		}
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.DeadlineExceeded):
		return 1
	}
	return 1
}

// readLine reads to the end of a line and no byte more, for what follows is
// the next command's.
func readLine(ctx context.Context, r io.Reader, delimiter byte, raw bool, count int) (string, error) {
	var line []byte
	one := make([]byte, 1)
	interruptible, _ := proc.Unbound(r).(contextReader)
	for len(line) < maxLine {
		var n int
		var err error
		if interruptible != nil {
			n, err = interruptible.ReadContext(ctx, one)
		} else {
			n, err = r.Read(one)
		}
		if n == 0 && err == nil {
			continue
		}
		if n == 0 {
			return string(line), err
		}
		if one[0] == delimiter {
			if !raw && delimiter == '\n' && len(line) > 0 && line[len(line)-1] == '\\' && !escaped(line[:len(line)-1]) {
				line = line[:len(line)-1]
				continue
			}
			return string(line), nil
		}
		if one[0] != 0 {
			line = append(line, one[0])
		}
		if count > 0 && len(line) == count {
			return string(line), nil
		}
	}
	return string(line), nil
}

// escaped reports whether what follows is escaped by a backslash.
func escaped(before []byte) bool {
	n := 0
	for i := len(before) - 1; i >= 0 && before[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

func builtinUmask(sh *shell, _ context.Context, args []string) int {
	args = args[1:]
	if len(args) > 0 && args[0] == "-S" {
		letters := func(bits int) string {
			s := ""
			for i, c := range "rwx" {
				if bits&(4>>i) == 0 {
					s += string(c)
				}
			}
			return s
		}
		fmt.Fprintf(sh.stdout(), "u=%s,g=%s,o=%s\n", letters(sh.umask>>6), letters(sh.umask>>3), letters(sh.umask))
		return 0
	}
	if len(args) == 0 {
		fmt.Fprintf(sh.stdout(), "%04o\n", sh.umask)
		return 0
	}
	n, err := strconv.ParseUint(args[0], 8, 16)
	if err != nil || n > 0o777 {
		return sh.abort(sh.failBuiltin(2, "umask", "Illegal mode: %s", args[0]))
	}
	sh.umask = int(n)
	sh.p.SetUmask(fs.FileMode(n))
	return 0
}

func builtinUlimit(sh *shell, _ context.Context, args []string) int {
	limits := []struct{ option, name, value string }{
		{"c", "core file size (blocks)", "unlimited"}, {"d", "data seg size (kb)", "unlimited"}, {"e", "scheduling priority", "0"},
		{"f", "file size (blocks)", "unlimited"}, {"i", "pending signals", "31524"}, {"l", "max locked memory (kb)", "8192"},
		{"m", "max memory size (kb)", "unlimited"}, {"n", "open files", "1048576"}, {"q", "POSIX message queues (bytes)", "819200"},
		{"r", "real-time priority", "0"}, {"s", "stack size (kb)", "8192"}, {"t", "cpu time (seconds)", "unlimited"},
		{"u", "max user processes", strconv.Itoa(maxProcesses)}, {"v", "virtual memory (kb)", "unlimited"}, {"x", "file locks", "unlimited"},
	}
	which := "f"
	for _, arg := range args[1:] {
		if strings.HasPrefix(arg, "-") {
			which = strings.Trim(arg, "-HS")
		}
	}
	if which == "" {
		which = "f"
	}
	for _, l := range limits {
		if which == "a" {
			fmt.Fprintf(sh.stdout(), "%-31s (-%s) %s\n", l.name, l.option, l.value)
		} else if l.option == which && len(args) < 3 {
			fmt.Fprintln(sh.stdout(), l.value)
		}
	}
	return 0
}

// builtinGetopts is getopts. OPTIND counts arguments; where it is within one,
// the shell remembers.
func builtinGetopts(sh *shell, _ context.Context, args []string) int {
	if len(args) < 3 {
		return sh.abort(sh.failBuiltin(2, "getopts", "usage: getopts OPTSTRING VAR [ARG...]"))
	}
	spec, name, list := args[1], args[2], args[3:]
	if len(list) == 0 {
		list = sh.params
	}
	silent := strings.HasPrefix(spec, ":")
	index, err := strconv.Atoi(sh.value("OPTIND"))
	if err != nil || index < 1 {
		index = 1
	}
	if index == 1 && sh.getopt > 1 && sh.optind != 1 {
		sh.getopt = 1
	}
	set := func(option, argument string, has bool) {
		sh.assignValue(name, option)
		if has {
			sh.assignValue("OPTARG", argument)
		} else {
			_ = sh.unset("OPTARG")
		}
		sh.optind = index
		sh.assignValue("OPTIND", strconv.Itoa(index))
	}
	if index > len(list) || len(list[index-1]) < 2 || list[index-1][0] != '-' || list[index-1] == "--" {
		if index <= len(list) && list[index-1] == "--" {
			index++
		}
		sh.getopt = 1
		set("?", "", false)
		return 1
	}
	arg := list[index-1]
	sh.getopt = min(sh.getopt, len(arg)-1)
	option := arg[sh.getopt]
	sh.getopt++
	at := strings.IndexByte(spec, option)
	advance := func() {
		if sh.getopt >= len(arg) {
			index, sh.getopt = index+1, 1
		}
	}
	switch {
	case at < 0 || option == ':':
		advance()
		if !silent {
			sh.fail(1, "illegal option -%c", option)
		}
		set("?", string(option), silent)
	case at+1 < len(spec) && spec[at+1] == ':':
		if sh.getopt < len(arg) {
			value := arg[sh.getopt:]
			index, sh.getopt = index+1, 1
			set(string(option), value, true)
			break
		}
		index, sh.getopt = index+1, 1
		if index > len(list) {
			if silent {
				set(":", string(option), true)
				break
			}
			sh.fail(1, "no arg for -%c option", option)
			set("?", "", false)
			break
		}
		index++
		set(string(option), list[index-2], true)
	default:
		advance()
		set(string(option), "", false)
	}
	return 0
}
