package pocket

import (
	"context"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
)

// applets are the small commands of an image that has a shell.
func applets() map[string]program {
	return map[string]program{
		"sh": runShell, "ash": runShell, "bash": runShell, "dash": runShell, "busybox": runBusybox,
		"true": exitWith(0), ":": exitWith(0), "false": exitWith(1),
		"echo": runEcho, "printf": runPrintf, "test": runTest, "[": runTest, "yes": runYes,
		"sleep": runSleep, "usleep": runSleep, "date": runDate, "timeout": runTimeout,
		"env": runEnv, "printenv": runPrintenv, "which": runWhich,
		"hostname": runHostname, "uname": runUname, "id": runID, "whoami": runWhoami, "nproc": runNproc, "arch": runArch,
		"pwd":    func(_ context.Context, t *task) int { fmt.Fprintln(t.stdout, t.dir); return 0 },
		"clear":  exitWith(0),
		"sync":   exitWith(0),
		"chmod":  exitWith(0),
		"chown":  exitWith(0),
		"mkfifo": exitWith(1),
		"cat":    runCat, "head": runHead, "tail": runTail, "wc": runWC, "ls": runLS, "tee": runTee,
		"mkdir": runMkdir, "rm": runRM, "touch": runTouch, "cp": runCP, "mv": runMV,
		"grep": runGrep, "sort": runSort, "uniq": runUniq, "cut": runCut, "tr": runTR, "seq": runSeq, "expr": runExpr,
		"basename": runBasename, "dirname": runDirname,
	}
}

func exitWith(code int) program { return func(context.Context, *task) int { return code } }

// runBusybox is `busybox APPLET ARG…`.
func runBusybox(ctx context.Context, t *task) int {
	if len(t.argv) < 2 {
		fmt.Fprintf(t.stdout, "BusyBox v%s (k8stutor sandbox) multi-call binary.\n", t.image.version("1.37.0"))
		return 0
	}
	p, ok := applets()[t.argv[1]]
	if !ok {
		return t.fail(127, "applet not found: %s", t.argv[1])
	}
	child := *t
	child.argv = t.argv[1:]
	return p(ctx, &child)
}

func runEcho(ctx context.Context, t *task) int { return t.builtin(ctx) }

func runPrintf(ctx context.Context, t *task) int { return t.builtin(ctx) }

func runTest(ctx context.Context, t *task) int { return t.builtin(ctx) }

// builtin runs a command that the shell has built in, outside of a script.
func (t *task) builtin(ctx context.Context) int {
	args := append([]string{path.Base(t.argv[0])}, t.argv[1:]...)
	return t.script(ctx, quote(args), nil, nil)
}

func runYes(ctx context.Context, t *task) int {
	line := "y"
	if len(t.argv) > 1 {
		line = strings.Join(t.argv[1:], " ")
	}
	for ctx.Err() == nil {
		if _, err := fmt.Fprintln(t.stdout, line); err != nil {
			return 1
		}
	}
	return killedCode
}

func runSleep(ctx context.Context, t *task) int {
	if len(t.argv) < 2 {
		return t.fail(1, "missing operand")
	}
	var total time.Duration
	for _, arg := range t.argv[1:] {
		d, ok := parseSleep(arg)
		if !ok {
			return t.fail(1, "invalid number '%s'", arg)
		}
		if total += d; total < d {
			total = forever
		}
	}
	if path.Base(t.argv[0]) == "usleep" {
		total /= 1e6
	}
	if !sleep(ctx, total) {
		return killedCode
	}
	return 0
}

// parseSleep reads "infinity" or seconds, with an optional unit s, m, h or d.
func parseSleep(arg string) (time.Duration, bool) {
	if arg == "infinity" || arg == "inf" {
		return forever, true
	}
	unit := time.Second
	if arg != "" {
		units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
		if u, ok := units[arg[len(arg)-1]]; ok {
			unit, arg = u, arg[:len(arg)-1]
		}
	}
	n, err := strconv.ParseFloat(arg, 64)
	if err != nil || !(n >= 0) {
		return 0, false
	}
	if n*float64(unit) >= float64(forever) {
		return forever, true
	}
	return time.Duration(n * float64(unit)), true
}

// runTimeout is `timeout SECONDS COMMAND ARG…`.
func runTimeout(ctx context.Context, t *task) int {
	if len(t.argv) < 3 {
		return t.fail(125, "missing operand")
	}
	d, ok := parseSleep(t.argv[1])
	if !ok {
		return t.fail(125, "invalid time interval '%s'", t.argv[1])
	}
	p, ok := t.image.program(t.argv[2])
	if !ok {
		return t.fail(127, "can't execute '%s': No such file or directory", t.argv[2])
	}
	child := *t
	child.argv = t.argv[2:]
	limited, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	code := p(limited, &child)
	if limited.Err() != nil && ctx.Err() == nil {
		return 128 + 15
	}
	return code
}

func runDate(_ context.Context, t *task) int {
	at := time.Now().UTC()
	layout := "%a %b %e %H:%M:%S UTC %Y"
	for i, arg := range t.argv[1:] {
		switch {
		case strings.HasPrefix(arg, "+"):
			layout = arg[1:]
		case arg == "-u", arg == "--utc":
		case arg == "-Iseconds", arg == "-Is":
			layout = "%Y-%m-%dT%H:%M:%S+00:00"
		case arg == "-I":
			layout = "%Y-%m-%d"
		case arg == "-R":
			layout = "%a, %d %b %Y %H:%M:%S +0000"
		case i == 0 || t.argv[i] != "-d":
			return t.fail(1, "invalid date '%s'", arg)
		}
	}
	fmt.Fprintln(t.stdout, formatDate(at, layout))
	return 0
}

// formatDate follows strftime(3) for the letters scripts use.
func formatDate(at time.Time, layout string) string {
	letters := map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
		'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'Z': "MST", 'z': "-0700", 'T': "15:04:05",
		'R': "15:04", 'F': "2006-01-02", 'D': "01/02/06", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05",
	}
	var b strings.Builder
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' || i+1 == len(layout) {
			b.WriteByte(layout[i])
			continue
		}
		i++
		switch c := layout[i]; c {
		case 's':
			fmt.Fprint(&b, at.Unix())
		case 'N':
			fmt.Fprintf(&b, "%09d", at.Nanosecond())
		case 'j':
			fmt.Fprintf(&b, "%03d", at.YearDay())
		case 'n':
			b.WriteByte('\n')
		case '%':
			b.WriteByte('%')
		default:
			if f, ok := letters[c]; ok {
				b.WriteString(at.Format(f))
			} else {
				b.WriteString("%" + string(c))
			}
		}
	}
	return b.String()
}

// runEnv prints the environment, or runs `env [-i] [NAME=VALUE…] COMMAND…`.
func runEnv(ctx context.Context, t *task) int {
	child := *t
	child.env = map[string]string{}
	args := t.argv[1:]
	if len(args) > 0 && (args[0] == "-i" || args[0] == "-") {
		args = args[1:]
	} else {
		for k, v := range t.env {
			child.env[k] = v
		}
	}
	for len(args) > 0 && strings.Contains(args[0], "=") {
		k, v, _ := strings.Cut(args[0], "=")
		child.env[k] = v
		args = args[1:]
	}
	if len(args) == 0 {
		for _, line := range child.environ() {
			fmt.Fprintln(t.stdout, line)
		}
		return 0
	}
	p, ok := t.image.program(args[0])
	if !ok {
		return t.fail(127, "can't execute '%s': No such file or directory", args[0])
	}
	child.argv = args
	return p(ctx, &child)
}

func runPrintenv(_ context.Context, t *task) int {
	if len(t.argv) == 1 {
		for _, line := range t.environ() {
			fmt.Fprintln(t.stdout, line)
		}
		return 0
	}
	code := 0
	for _, name := range t.argv[1:] {
		if v, ok := t.env[name]; ok {
			fmt.Fprintln(t.stdout, v)
		} else {
			code = 1
		}
	}
	return code
}

func runWhich(_ context.Context, t *task) int {
	code := 0
	for _, name := range t.argv[1:] {
		if _, ok := t.image.program(name); !ok {
			code = 1
			continue
		}
		if path.Base(name) == name {
			name = "/bin/" + name
		}
		fmt.Fprintln(t.stdout, name)
	}
	return code
}

func runHostname(_ context.Context, t *task) int {
	if len(t.argv) > 1 && strings.HasPrefix(t.argv[1], "-") && t.argv[1] != "-f" && t.argv[1] != "-s" {
		return t.fail(1, "unrecognized option: %s", t.argv[1])
	}
	fmt.Fprintln(t.stdout, t.hostname)
	return 0
}

func runUname(_ context.Context, t *task) int {
	switch strings.Join(t.argv[1:], " ") {
	case "", "-s":
		fmt.Fprintln(t.stdout, "Linux")
	case "-a":
		fmt.Fprintf(t.stdout, "Linux %s %s #1 k8stutor sandbox x86_64 Linux\n", t.hostname, Name)
	case "-n":
		fmt.Fprintln(t.stdout, t.hostname)
	case "-m":
		fmt.Fprintln(t.stdout, "x86_64")
	case "-r":
		fmt.Fprintln(t.stdout, Name)
	default:
		return t.fail(1, "unrecognized option: %s", t.argv[1])
	}
	return 0
}

func runID(_ context.Context, t *task) int {
	if len(t.argv) > 1 {
		fmt.Fprintln(t.stdout, "0")
		return 0
	}
	fmt.Fprintln(t.stdout, "uid=0(root) gid=0(root) groups=0(root)")
	return 0
}

func runWhoami(_ context.Context, t *task) int { fmt.Fprintln(t.stdout, "root"); return 0 }
func runNproc(_ context.Context, t *task) int  { fmt.Fprintln(t.stdout, "1"); return 0 }
func runArch(_ context.Context, t *task) int   { fmt.Fprintln(t.stdout, "x86_64"); return 0 }

func runBasename(_ context.Context, t *task) int {
	if len(t.argv) < 2 {
		return t.fail(1, "missing operand")
	}
	base := path.Base(t.argv[1])
	if len(t.argv) > 2 && base != t.argv[2] {
		base = strings.TrimSuffix(base, t.argv[2])
	}
	fmt.Fprintln(t.stdout, base)
	return 0
}

func runDirname(_ context.Context, t *task) int {
	if len(t.argv) < 2 {
		return t.fail(1, "missing operand")
	}
	fmt.Fprintln(t.stdout, path.Dir(t.argv[1]))
	return 0
}

func runSeq(ctx context.Context, t *task) int {
	first, step, last := 1, 1, 0
	numbers := make([]int, 0, 3)
	for _, a := range t.argv[1:] {
		n, err := strconv.Atoi(a)
		if err != nil {
			return t.fail(1, "invalid number '%s'", a)
		}
		numbers = append(numbers, n)
	}
	switch len(numbers) {
	case 1:
		last = numbers[0]
	case 2:
		first, last = numbers[0], numbers[1]
	case 3:
		first, step, last = numbers[0], numbers[1], numbers[2]
	default:
		return t.fail(1, "missing operand")
	}
	for n := first; step > 0 && n <= last || step < 0 && n >= last; n += step {
		if _, err := io.WriteString(t.stdout, strconv.Itoa(n)+"\n"); err != nil || ctx.Err() != nil {
			return killedCode
		}
	}
	return 0
}
