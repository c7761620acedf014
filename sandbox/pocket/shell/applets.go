package shell

import (
	"context"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// Applets are the small commands of an image that has a shell.
func Applets() map[string]proc.Program {
	return map[string]proc.Program{
		"sh": runShell, "ash": runShell, "bash": runShell, "dash": runShell, "busybox": runBusybox,
		"true": exitWith(0), ":": exitWith(0), "false": exitWith(1),
		"echo": runEcho, "printf": runPrintf, "test": runTest, "[": runTest, "yes": runYes,
		"sleep": runSleep, "usleep": runSleep, "date": runDate, "timeout": runTimeout,
		"env": runEnv, "nohup": runNohup, "setsid": runWrapper(""), "nice": runWrapper("n"), "ionice": runWrapper("cn"), "stdbuf": runWrapper("ioe"), "time": runTime, "watch": runWatch, "xargs": runXargs, "ps": runPS, "top": runTop, "pidof": runPidof, "kill": runKill, "killall": runKillall, "pkill": runKillall, "pgrep": runPgrep,
		"printenv": runPrintenv, "which": runWhich,
		"uname": runUname, "id": runID, "whoami": runWhoami, "nproc": runNproc, "sysctl": runSysctl, "arch": runArch,
		"pwd":    func(_ context.Context, t *proc.Process) int { fmt.Fprintln(t.Stdout, t.Dir); return 0 },
		"clear":  exitWith(0),
		"sync":   exitWith(0),
		"mkfifo": exitWith(1),
		"cat":    runCat, "head": runHead, "tail": runTail, "wc": runWC, "ls": runLS, "tee": runTee,
		"rmdir": runRmdir, "ln": runLN, "readlink": runReadlink, "realpath": runRealpath, "chmod": runChmod, "chown": runChown, "chgrp": runChown, "mktemp": runMktemp, "truncate": runTruncate,
		"mkdir": runMkdir, "rm": runRM, "touch": runTouch, "cp": runCP, "mv": runMV,
		"grep": runGrep, "egrep": runGrep, "fgrep": runGrep, "sed": runSed, "sort": runSort, "uniq": runUniq, "cut": runCut, "tr": runTR, "seq": runSeq, "expr": runExpr,
		"wget": runWget, "nslookup": runNslookup, "nc": runNC, "ping": runPing, "telnet": runTelnet,
		"hostname": runHostname, "ip": runIP, "ifconfig": runIfconfig, "route": runRoute, "getent": runGetent, "httpd": runHTTPD,
		"traceroute": refuse("socket(AF_INET,3,1): Operation not permitted"), "vi": refuse("the sandbox has no editor; write the file with cat > FILE, echo or sed"),
		"tar": runTar, "gzip": runGzip, "gunzip": runGzip, "zcat": runGzip, "find": runFind, "df": runDF, "mount": runMount, "du": runDU, "free": runFree, "uptime": runUptime, "stat": runStat, "dd": runDD,
		"md5sum": runDigest, "sha1sum": runDigest, "sha256sum": runDigest, "sha512sum": runDigest, "base64": runBase64, "hexdump": runHexdump, "hd": runHexdump,
		"cmp": runCmp, "diff": runDiff, "tac": runTac, "rev": runRev, "nl": runNL, "paste": runPaste, "comm": runComm, "fold": runFold, "od": runOD, "netstat": runNetstat, "tty": runTTY, "awk": runAwk, "less": runCat, "more": runCat,
		"basename": runBasename, "dirname": runDirname,
	}
}

// kernel is what uname says.
const kernel = "pocket"

func exitWith(code int) proc.Program { return func(context.Context, *proc.Process) int { return code } }

// runBusybox is `busybox APPLET ARG…`.
func runBusybox(ctx context.Context, t *proc.Process) int {
	if len(t.Args) < 2 {
		fmt.Fprintf(t.Stdout, "BusyBox v%s (k8stutor sandbox) multi-call binary.\n", t.Image.Version)
		return 0
	}
	p, ok := Applets()[t.Args[1]]
	if !ok {
		return t.Fail(127, "applet not found: %s", t.Args[1])
	}
	return t.Exec(ctx, p, t.Args[1:]...)
}

func runYes(ctx context.Context, t *proc.Process) int {
	line := "y"
	if len(t.Args) > 1 {
		line = strings.Join(t.Args[1:], " ")
	}
	for ctx.Err() == nil {
		if _, err := fmt.Fprintln(t.Stdout, line); err != nil {
			return 1
		}
	}
	return killedCode
}

func runSleep(ctx context.Context, t *proc.Process) int {
	if len(t.Args) < 2 {
		return t.Fail(1, "missing operand")
	}
	var total time.Duration
	for _, arg := range t.Args[1:] {
		d, ok := parseSleep(arg)
		if !ok {
			return t.Fail(1, "invalid number '%s'", arg)
		}
		if total += d; total < d {
			total = forever
		}
	}
	if path.Base(t.Args[0]) == "usleep" {
		total /= 1e6
	}
	if !proc.Sleep(ctx, total) {
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

func runDate(_ context.Context, t *proc.Process) int {
	at := time.Now().UTC()
	layout := "%a %b %e %H:%M:%S UTC %Y"
	for i, arg := range t.Args[1:] {
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
		case arg == "-d" || arg == "-D":
		case i > 0 && t.Args[i] == "-d":
			when, ok := parseDate(arg)
			if !ok {
				return t.Fail(1, "invalid date '%s'", arg)
			}
			at = when
		case i == 0 || t.Args[i] != "-D":
			return t.Fail(1, "invalid date '%s'", arg)
		}
	}
	fmt.Fprintln(t.Stdout, formatDate(at, layout))
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

func runPrintenv(_ context.Context, t *proc.Process) int {
	if len(t.Args) == 1 {
		for _, line := range t.Environ() {
			fmt.Fprintln(t.Stdout, line)
		}
		return 0
	}
	code := 0
	for _, name := range t.Args[1:] {
		if v, ok := t.Env[name]; ok {
			fmt.Fprintln(t.Stdout, v)
		} else {
			code = 1
		}
	}
	return code
}

func runUname(_ context.Context, t *proc.Process) int {
	switch strings.Join(t.Args[1:], " ") {
	case "", "-s":
		fmt.Fprintln(t.Stdout, "Linux")
	case "-a":
		fmt.Fprintf(t.Stdout, "Linux %s %s #1 k8stutor sandbox x86_64 Linux\n", t.Hostname, kernel)
	case "-n":
		fmt.Fprintln(t.Stdout, t.Hostname)
	case "-m":
		fmt.Fprintln(t.Stdout, "x86_64")
	case "-r":
		fmt.Fprintln(t.Stdout, kernel)
	default:
		return t.Fail(1, "unrecognized option: %s", t.Args[1])
	}
	return 0
}

func runArch(_ context.Context, t *proc.Process) int { fmt.Fprintln(t.Stdout, "x86_64"); return 0 }

func runBasename(_ context.Context, t *proc.Process) int {
	if len(t.Args) < 2 {
		return t.Fail(1, "missing operand")
	}
	base := path.Base(t.Args[1])
	if len(t.Args) > 2 && base != t.Args[2] {
		base = strings.TrimSuffix(base, t.Args[2])
	}
	fmt.Fprintln(t.Stdout, base)
	return 0
}

func runDirname(_ context.Context, t *proc.Process) int {
	if len(t.Args) < 2 {
		return t.Fail(1, "missing operand")
	}
	fmt.Fprintln(t.Stdout, path.Dir(t.Args[1]))
	return 0
}

func runSeq(ctx context.Context, t *proc.Process) int {
	first, step, last := 1, 1, 0
	numbers := make([]int, 0, 3)
	for _, a := range t.Args[1:] {
		n, err := strconv.Atoi(a)
		if err != nil {
			return t.Fail(1, "invalid number '%s'", a)
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
		return t.Fail(1, "missing operand")
	}
	for n := first; step > 0 && n <= last || step < 0 && n >= last; n += step {
		if _, err := io.WriteString(t.Stdout, strconv.Itoa(n)+"\n"); err != nil || ctx.Err() != nil {
			return killedCode
		}
	}
	return 0
}

// parseDate reads a date as date -d and touch -d take it, in UTC.
func parseDate(text string) (time.Time, bool) {
	if seconds, ok := strings.CutPrefix(text, "@"); ok {
		n, err := strconv.ParseInt(seconds, 10, 64)
		return time.Unix(n, 0).UTC(), err == nil
	}
	now := time.Now().UTC()
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", time.RFC3339, "2006.01.02-15:04:05", "2006.01.02-15:04", "200601021504.05", "200601021504"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if at, err := time.Parse(layout, text); err == nil {
			return time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC), true
		}
	}
	return now, text == "now"
}
