// Package load holds the programs of images that exist to use CPU and memory:
// they count what the real ones would use and take next to nothing.
package load

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// killedCode is what a program returns that was killed; nobody sees it.
const killedCode = 128 + int(proc.SIGKILL)

// hogs is what a stress program was asked for.
type hogs struct {
	cpu, io, vm, hdd int
	vmBytes          int64
	vmHang           time.Duration // how long memory is kept; negative is not at all, 0 for ever
	vmKeep           bool
	timeout          time.Duration // 0 is none
	quiet, graceful  bool
}

const defaultVMBytes = 256 << 20

// Stress is stress 1.0.4: it forks workers that use CPU and memory.
func Stress(ctx context.Context, p *proc.Process) int {
	if len(p.Args) == 1 {
		fmt.Fprint(p.Stdout, stressUsage)
		return 0
	}
	h := hogs{vmBytes: defaultVMBytes, vmHang: -1}
	if done, code := h.parse(p); done {
		return code
	}
	return h.run(ctx, p)
}

const stressUsage = "`stress' imposes certain types of compute stress on your system\n\n" +
	`Usage: stress [OPTION [ARG]] ...
 -?, --help         show this help statement
     --version      show version statement
 -v, --verbose      be verbose
 -q, --quiet        be quiet
 -n, --dry-run      show what would have been done
 -t, --timeout N    timeout after N seconds
     --backoff N    wait factor of N microseconds before work starts
 -c, --cpu N        spawn N workers spinning on sqrt()
 -i, --io N         spawn N workers spinning on sync()
 -m, --vm N         spawn N workers spinning on malloc()/free()
     --vm-bytes B   malloc B bytes per vm worker (default is 256MB)
     --vm-stride B  touch a byte every B bytes (default is 4096)
     --vm-hang N    sleep N secs before free (default none, 0 is inf)
     --vm-keep      redirty memory instead of freeing and reallocating
 -d, --hdd N        spawn N workers spinning on write()/unlink()
     --hdd-bytes B  write B bytes per hdd worker (default is 1GB)

Example: stress --cpu 8 --io 4 --vm 2 --vm-bytes 128M --timeout 10s

Note: Numbers may be suffixed with s,m,h,d,y (time) or B,K,M,G (size).
`

// parse reads the arguments; done means that the program ends at once.
func (h *hogs) parse(p *proc.Process) (done bool, code int) {
	fail := func(format string, args ...any) (bool, int) {
		fmt.Fprintf(p.Stderr, "stress: FAIL: [%d] (244) %s\n", p.PID, fmt.Sprintf(format, args...))
		return true, 1
	}
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
		case "-?", "--help":
			fmt.Fprint(p.Stdout, stressUsage)
			return true, 0
		case "--version":
			fmt.Fprintln(p.Stdout, "stress 1.0.4")
			return true, 0
		case "-v", "--verbose":
		case "-q", "--quiet":
			h.quiet = true
		case "-c", "--cpu":
			h.cpu, err = strconv.Atoi(next())
		case "-i", "--io":
			h.io, err = strconv.Atoi(next())
		case "-m", "--vm":
			h.vm, err = strconv.Atoi(next())
		case "-d", "--hdd":
			h.hdd, err = strconv.Atoi(next())
		case "--vm-bytes":
			h.vmBytes, err = parseSize(next())
		case "--vm-hang":
			h.vmHang, err = parseTime(next())
		case "--vm-keep":
			h.vmKeep = true
		case "-t", "--timeout":
			h.timeout, err = parseTime(next())
		case "--vm-stride", "--backoff", "--hdd-bytes":
			_ = next()
		default:
			return fail("unrecognized option: %s", args[i])
		}
		if err != nil {
			return fail("invalid number: %s", args[min(i, len(args)-1)])
		}
	}
	if h.cpu < 0 || h.io < 0 || h.vm < 0 || h.hdd < 0 || h.cpu+h.io+h.vm+h.hdd > maxWorkers {
		return fail("invalid number of workers: at most %d", maxWorkers)
	}
	return false, 0
}

// maxWorkers bounds what one container may start.
const maxWorkers = 256

// parseSize reads a number of bytes with an optional suffix.
func parseSize(text string) (int64, error) {
	unit := int64(1)
	if n := len(text); n > 0 {
		if i := strings.IndexByte("BKMGT", text[n-1]&^0x20); i >= 0 && (text[n-1] < '0' || text[n-1] > '9') {
			unit, text = 1<<(10*i), text[:n-1]
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > 1<<50/unit {
		return 0, errors.New("not a size")
	}
	return n * unit, nil
}

// parseTime reads a number of seconds with an optional suffix.
func parseTime(text string) (time.Duration, error) {
	unit := time.Second
	if n := len(text); n > 0 {
		if u, ok := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'y': 365 * 24 * time.Hour}[text[n-1]]; ok {
			unit, text = u, text[:n-1]
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 || time.Duration(n) > 200*365*24*time.Hour/unit {
		return 0, errors.New("not a time")
	}
	return time.Duration(n) * unit, nil
}

// run forks the workers and waits for them, as stress does.
func (h *hogs) run(ctx context.Context, p *proc.Process) int {
	say := func(kind string, line int, format string, args ...any) {
		out := p.Stdout
		if kind != "info" && kind != "dbug" {
			out = p.Stderr
		}
		position := ""
		if kind != "info" {
			position = fmt.Sprintf(" (%d)", line)
		}
		fmt.Fprintf(out, "stress: %s: [%d]%s %s\n", kind, p.PID, position, fmt.Sprintf(format, args...))
	}
	if !h.quiet {
		say("info", 0, "dispatching hogs: %d cpu, %d io, %d vm, %d hdd", h.cpu, h.io, h.vm, h.hdd)
	}
	began := time.Now()
	workers := make(chan *proc.Process, maxWorkers)
	var running []*proc.Process
	var all sync.WaitGroup
	fork := func(n int, work proc.Program) {
		for range n {
			child := p.Child(p.Args...)
			running = append(running, child)
			all.Go(func() {
				child.Run(ctx, work)
				workers <- child
			})
		}
	}
	fork(h.cpu, spin)
	fork(h.io, wait)
	fork(h.vm, h.allocate)
	fork(h.hdd, wait)
	defer all.Wait()

	var expired <-chan time.Time
	if h.timeout > 0 {
		timer := time.NewTimer(h.timeout)
		defer timer.Stop()
		expired = timer.C
	}
	stop := func() {
		for _, w := range running {
			w.Signal(proc.SIGKILL)
		}
	}
	var signals <-chan proc.Signal // stress itself knows none: as PID 1 it ignores SIGTERM
	if h.graceful {
		signals = p.Notify(proc.SIGTERM, proc.SIGINT)
	}
	for range running {
		select {
		case <-ctx.Done():
			stop()
			return killedCode
		case <-signals:
			stop()
			return 0
		case <-expired:
			stop()
			if !h.quiet {
				say("info", 0, "successful run completed in %ds", int(time.Since(began).Seconds()))
			}
			return 0
		case w := <-workers:
			if sig := w.KilledBy(); sig != 0 {
				say("FAIL", 415, "<-- worker %d got signal %d", w.PID, int(sig))
				say("WARN", 417, "now reaping child worker processes")
				stop()
				say("FAIL", 451, "failed run completed in %ds", int(time.Since(began).Seconds()))
				return 1
			}
		}
	}
	return 0
}

// spin is a worker that computes for ever.
func spin(ctx context.Context, p *proc.Process) int {
	for p.Usage.Burn(ctx, time.Second) == nil {
	}
	return killedCode
}

// wait is a worker that waits for a disk for ever, and computes little.
func wait(ctx context.Context, p *proc.Process) int {
	for p.Usage.Spend(ctx, 5*time.Millisecond) == nil && proc.Sleep(ctx, 95*time.Millisecond) {
	}
	return killedCode
}

// touched is how much memory a worker takes in a step, in bytes, and touchCost
// the CPU time of that: about 4 GB a second.
const (
	touched   = 4 << 20
	touchCost = time.Millisecond
)

// allocate is a worker that takes memory, keeps it for a while and gives it
// back, for ever.
func (h *hogs) allocate(ctx context.Context, p *proc.Process) int {
	for {
		var taken int64
		for taken < h.vmBytes {
			part := min(h.vmBytes-taken, touched)
			if p.Usage.Claim(part) != nil {
				// The kernel kills what asks; it gets no answer.
				<-ctx.Done()
				_ = p.Usage.Claim(-taken)
				return killedCode
			}
			taken += part
			if p.Usage.Burn(ctx, touchCost) != nil {
				_ = p.Usage.Claim(-taken)
				return killedCode
			}
		}
		ok := true
		switch {
		case h.vmHang == 0:
			<-ctx.Done()
			ok = false
		case h.vmHang > 0:
			ok = proc.Sleep(ctx, h.vmHang)
		case h.vmKeep:
			for p.Usage.Burn(ctx, time.Second) == nil {
			}
			ok = false
		}
		_ = p.Usage.Claim(-taken)
		if !ok {
			return killedCode
		}
	}
}
