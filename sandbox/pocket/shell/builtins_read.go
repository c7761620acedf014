package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

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
