package load

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// StressNG is stress-ng with the stressors cpu, vm and io.
func StressNG(ctx context.Context, p *proc.Process) int {
	h := hogs{vmBytes: defaultVMBytes, vmHang: -1, timeout: 24 * time.Hour, quiet: true, graceful: true}
	say := func(format string, args ...any) {
		fmt.Fprintf(p.Stderr, "stress-ng: info:  [%d] %s\n", p.PID, fmt.Sprintf(format, args...))
	}
	fail := func(format string, args ...any) int {
		fmt.Fprintf(p.Stderr, "stress-ng: error: [%d] %s\n", p.PID, fmt.Sprintf(format, args...))
		return 1
	}
	timeoutSet := false
	args := p.Args[1:]
	for i := 0; i < len(args); i++ {
		name, value, has := strings.Cut(args[i], "=")
		next := func() string {
			if has {
				return value
			}
			if i++; i < len(args) {
				return args[i]
			}
			return ""
		}
		var err error
		switch name {
		case "-c", "--cpu":
			h.cpu, err = workers(next())
		case "-m", "--vm":
			h.vm, err = workers(next())
		case "-i", "--io", "--iomix":
			h.io, err = workers(next())
		case "--vm-bytes":
			h.vmBytes, err = parseSize(next())
		case "--vm-hang":
			h.vmHang, err = parseTime(next())
		case "--vm-keep":
			h.vmKeep = true
		case "-t", "--timeout":
			h.timeout, err = parseTime(next())
			timeoutSet = h.timeout > 0
		case "-V", "--version":
			fmt.Fprintf(p.Stdout, "stress-ng, version %s (gcc 13.2.1, x86_64 Linux) 💻🔥\n", p.Image.Version)
			return 0
		case "-q", "--quiet":
			say = func(string, ...any) {}
		case "--metrics", "--metrics-brief", "-v", "--verbose", "--times", "--tz", "--aggressive", "--verify":
		case "-l", "--cpu-load", "--cpu-method", "--vm-method", "--temp-path", "--vm-populate", "--backoff":
			_ = next()
		default:
			fmt.Fprintf(p.Stderr, "%s: unrecognized option: %s\nTry 'stress-ng --help' for more information.\n", p.Args[0], strings.TrimLeft(name, "-"))
			return 1
		}
		if err != nil {
			return fail("invalid number %s", args[min(i, len(args)-1)])
		}
	}
	if h.cpu+h.vm+h.io == 0 {
		return fail("no stress workers invoked")
	}
	if h.cpu+h.vm+h.io > maxWorkers {
		return fail("too many stress workers, at most %d", maxWorkers)
	}
	if timeoutSet {
		say("setting to a %s run per stressor", spoken(h.timeout))
	} else {
		say("defaulting to a 1 day run per stressor")
	}
	var kinds []string
	for _, k := range []struct {
		n    int
		name string
	}{{h.cpu, "cpu"}, {h.vm, "vm"}, {h.io, "io"}} {
		if k.n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", k.n, k.name))
		}
	}
	say("dispatching hogs: %s", strings.Join(kinds, ", "))
	began := time.Now()
	code := h.run(ctx, p)
	if code == 0 {
		say("skipped: 0")
		var passed []string
		for _, k := range kinds {
			n, name, _ := strings.Cut(k, " ")
			passed = append(passed, name+" ("+n+")")
		}
		say("passed: %d: %s", h.cpu+h.vm+h.io, strings.Join(passed, " "))
		say("failed: 0")
		say("metrics untrustworthy: 0")
		say("successful run completed in %.2f secs", time.Since(began).Seconds())
	}
	return code
}

// workers reads a number of workers; 0 is one for each CPU of the node.
func workers(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && n == 0 {
		n = 4
	}
	return max(n, 0), err
}

// spoken is a duration as stress-ng says it.
func spoken(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "min"}, {time.Second, "sec"}} {
		if n := d / u.unit; n > 0 {
			d -= n * u.unit
			plural := ""
			if n > 1 {
				plural = "s"
			}
			parts = append(parts, fmt.Sprintf("%d %s%s", n, u.name, plural))
		}
	}
	return strings.Join(parts, ", ")
}
