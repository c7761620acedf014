package shell

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// Signals that package proc has no name for.
const (
	sigSegv proc.Signal = 11
	sigPipe proc.Signal = 13
)

// signalNames are the signals of Linux on x86, from 1.
func signalNames() []string {
	return []string{
		"HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
		"CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS",
	}
}

// parseSignal reads a signal's name, with or without SIG, or its number; 0 and
// EXIT are 0.
func parseSignal(text string) (proc.Signal, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return proc.Signal(n), n >= 0 && n <= 64
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	if name == "EXIT" {
		return 0, true
	}
	i := slices.Index(signalNames(), name)
	return proc.Signal(i + 1), i >= 0
}

func signalName(s proc.Signal) string {
	names := signalNames()
	switch {
	case s == 0:
		return "EXIT"
	case int(s) <= len(names):
		return names[s-1]
	}
	return strconv.Itoa(int(s))
}

// signalText is what the shell says when a signal has ended a command.
func signalText(s proc.Signal) string {
	switch s {
	case proc.SIGINT, sigPipe:
		return ""
	case proc.SIGHUP:
		return "Hangup"
	case proc.SIGQUIT:
		return "Quit"
	case proc.SIGABRT:
		return "Aborted"
	case proc.SIGKILL:
		return "Killed"
	case sigSegv:
		return "Segmentation fault"
	case proc.SIGTERM:
		return "Terminated"
	case proc.SIGUSR1:
		return "User defined signal 1"
	case proc.SIGUSR2:
		return "User defined signal 2"
	}
	return "Signal " + strconv.Itoa(int(s))
}

// signalTraps is what a shell does about signals.
type signalTraps struct {
	p       *proc.Process
	parent  *signalTraps           // of the shell that this is a subshell of, in the same process
	actions map[proc.Signal]string // empty is to ignore; 0 is the end of the shell
	arrived <-chan proc.Signal     // those with an action
	queue   []proc.Signal          // arrived, not yet acted on
	mine    bool                   // the process's signals come here
}

// any reports whether there is a trap, so that the shell must stay.
func (s *signalTraps) any() bool {
	for _, action := range s.actions {
		if action != "" {
			return true
		}
	}
	return false
}

func (s *signalTraps) ignores(sig proc.Signal) bool {
	action, ok := s.actions[sig]
	return ok && action == ""
}

// take removes an action and returns it.
func (s *signalTraps) take(sig proc.Signal) (string, bool) {
	action, ok := s.actions[sig]
	if ok {
		delete(s.actions, sig)
	}
	return action, ok && action != ""
}

// inherited are the traps of a subshell: only what is ignored stays so.
func (s *signalTraps) inherited() *signalTraps {
	sub := &signalTraps{p: s.p, parent: s, actions: map[proc.Signal]string{}}
	for sig, action := range s.actions {
		if action == "" {
			sub.actions[sig] = ""
		}
	}
	return sub
}

// attach makes them the traps of a process that has just begun.
func (s *signalTraps) attach(p *proc.Process) {
	s.p, s.parent = p, nil
	if len(s.actions) > 0 {
		s.register()
	}
}

// register tells the process which signals it handles.
func (s *signalTraps) register() {
	for {
		select {
		case sig := <-s.arrived:
			s.queue = append(s.queue, sig)
			continue
		default:
		}
		break
	}
	var handled, ignored []proc.Signal
	for sig, action := range s.actions {
		switch {
		case sig == 0:
		case action == "":
			ignored = append(ignored, sig)
		default:
			handled = append(handled, sig)
		}
	}
	s.arrived = s.p.Notify(handled...)
	s.p.Notify(ignored...)
	s.mine = true
}

// set sets or, without ok, removes an action.
func (s *signalTraps) set(sig proc.Signal, action string, ok bool) {
	if s.actions == nil {
		s.actions = map[proc.Signal]string{}
	}
	if ok {
		s.actions[sig] = action
	} else {
		delete(s.actions, sig)
		if sig != 0 {
			s.p.Default(sig)
		}
	}
	if sig != 0 {
		s.register()
	}
}

// restore gives the process's signals back to the shell around a subshell.
func (s *signalTraps) restore() {
	if s.parent == nil || !s.mine {
		return
	}
	for sig := range s.actions {
		if sig != 0 {
			s.p.Default(sig)
		}
	}
	s.parent.register()
}

// pending takes the next signal that has arrived.
func (s *signalTraps) pending() (proc.Signal, bool) {
	if len(s.queue) > 0 {
		sig := s.queue[0]
		s.queue = s.queue[1:]
		return sig, true
	}
	select {
	case sig := <-s.arrived:
		return sig, true
	default:
		return 0, false
	}
}

// runTraps runs the actions of the signals that have arrived.
func (sh *shell) runTraps(ctx context.Context) {
	for !sh.inTrap && !sh.exiting {
		sig, ok := sh.signals.pending()
		if !ok {
			return
		}
		action := sh.signals.actions[sig]
		if action == "" {
			continue
		}
		before := sh.status
		sh.inTrap = true
		sh.evaluate(ctx, action)
		sh.inTrap = false
		if !sh.exiting {
			sh.status = before
		}
	}
}

// builtinTrap is trap.
func builtinTrap(sh *shell, _ context.Context, args []string) int {
	args = args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 || len(args) == 1 && args[0] == "-p" {
		for _, sig := range slices.Sorted(maps.Keys(sh.signals.actions)) {
			fmt.Fprintf(sh.stdout(), "trap -- %s %s\n", singleQuoted(sh.signals.actions[sig]), signalName(sig))
		}
		return 0
	}
	if args[0] == "-l" {
		listSignals(sh.stdout())
		return 0
	}
	action, given := args[0], true
	signals := args[1:]
	if _, isSignal := parseSignal(action); len(args) == 1 || isSignal && action != "" && action[0] >= '0' && action[0] <= '9' {
		given, signals = false, args
	} else if action == "-" {
		given = false
	}
	code := 0
	for _, text := range signals {
		sig, ok := parseSignal(text)
		if !ok {
			code = sh.failBuiltin(1, "trap", "%s: invalid signal specification", text)
			continue
		}
		sh.signals.set(sig, action, given)
	}
	return code
}

// builtinKill is kill as a part of the shell, which knows its jobs.
func builtinKill(sh *shell, ctx context.Context, args []string) int {
	translated := slices.Clone(args)
	for i, arg := range translated {
		if i == 0 || !strings.HasPrefix(arg, "%") {
			continue
		}
		j := sh.jobByName(arg)
		if j == nil {
			return sh.fail(1, "can't kill pid %s: No such process", arg)
		}
		translated[i] = strconv.Itoa(j.pid)
	}
	code := kill(sh.p, sh.stdout(), translated[1:], func(code int, format string, a ...any) int { return sh.fail(code, format, a...) })
	sh.runTraps(ctx) // the shell may have sent one to itself
	return code
}

// runKill is kill as a command of its own.
func runKill(_ context.Context, p *proc.Process) int {
	return kill(p, p.Stdout, p.Args[1:], p.Fail)
}

func kill(p *proc.Process, out io.Writer, args []string, fail func(int, string, ...any) int) int {
	sig := proc.SIGTERM
	if len(args) > 0 && strings.HasPrefix(args[0], "-") && len(args[0]) > 1 {
		name := args[0][1:]
		args = args[1:]
		switch name {
		case "l", "L":
			return listOrTranslate(out, args, fail)
		case "s":
			if len(args) == 0 {
				return fail(1, "option requires an argument -- 's'")
			}
			name, args = args[0], args[1:]
			fallthrough
		default:
			if name == "-" {
				break
			}
			var ok bool
			if sig, ok = parseSignal(name); !ok {
				return fail(1, "bad signal name '%s'", name)
			}
		}
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return fail(1, "you need to specify whom to kill")
	}
	code := 0
	for _, arg := range args {
		pid, err := strconv.Atoi(arg)
		if err != nil {
			code = fail(1, "invalid number '%s'", arg)
			continue
		}
		if pid <= 0 {
			for _, other := range p.Table.List() {
				if other.PID > 1 && (pid == -1 && other != p || pid < -1 && other.Group() == -pid || pid == 0 && other.Group() == p.Group()) {
					send(other, sig)
				}
			}
			continue
		}
		target := p.Table.Find(pid)
		switch {
		case target == nil:
			code = fail(1, "can't kill pid %d: No such process", pid)
		case p.User.UID != 0 && target.User.UID != p.User.UID:
			code = fail(1, "can't kill pid %d: Operation not permitted", pid)
		default:
			send(target, sig)
		}
	}
	return code
}

// send sends a signal; 0 only asks whether the process is there.
func send(p *proc.Process, sig proc.Signal) {
	if sig != 0 {
		p.Signal(sig)
	}
}

func listOrTranslate(out io.Writer, args []string, fail func(int, string, ...any) int) int {
	if len(args) == 0 {
		listSignals(out)
		return 0
	}
	for _, arg := range args {
		sig, ok := parseSignal(arg)
		if !ok {
			return fail(1, "unknown signal '%s'", arg)
		}
		if _, err := strconv.Atoi(arg); err != nil {
			fmt.Fprintln(out, int(sig))
			continue
		}
		if sig > 128 {
			sig -= 128
		}
		fmt.Fprintln(out, signalName(sig))
	}
	return 0
}

func listSignals(out io.Writer) {
	for i, name := range signalNames() {
		fmt.Fprintf(out, "%2d) %s\n", i+1, name)
	}
}

// jobByName finds a job by %N, %% or %+, or by the PID of its process.
func (sh *shell) jobByName(name string) *job {
	if rest, ok := strings.CutPrefix(name, "%"); ok {
		if rest == "" || rest == "%" || rest == "+" {
			if len(sh.jobs) > 0 {
				return sh.jobs[len(sh.jobs)-1]
			}
			return nil
		}
		for _, j := range sh.jobs {
			if strconv.Itoa(j.number) == rest {
				return j
			}
		}
		return nil
	}
	for _, j := range sh.jobs {
		if strconv.Itoa(j.pid) == name {
			return j
		}
	}
	return nil
}

// builtinWait is wait: for the processes named or for all, until a signal with
// a trap arrives.
func builtinWait(sh *shell, ctx context.Context, args []string) int {
	if len(args) == 1 {
		for len(sh.jobs) > 0 {
			if code, interrupted := sh.await(ctx, sh.jobs[0]); interrupted {
				return code
			}
		}
		return 0
	}
	code := 0
	for _, name := range args[1:] {
		j := sh.jobByName(name)
		if j == nil {
			code = 127
			continue
		}
		var interrupted bool
		if code, interrupted = sh.await(ctx, j); interrupted {
			return code
		}
	}
	return code
}

// await waits for a job and forgets it. interrupted means that a signal came
// first: the code says which.
func (sh *shell) await(ctx context.Context, j *job) (code int, interrupted bool) {
	if len(sh.signals.queue) > 0 && !sh.inTrap {
		return 128 + int(sh.signals.queue[0]), true
	}
	arrived := sh.signals.arrived
	if sh.inTrap {
		arrived = nil
	}
	select {
	case <-j.done:
	case sig := <-arrived:
		sh.signals.queue = append(sh.signals.queue, sig)
		return 128 + int(sig), true
	case <-ctx.Done():
		return 0, true
	}
	sh.jobs = slices.DeleteFunc(sh.jobs, func(o *job) bool { return o == j })
	if j.code > 128 {
		sh.sayKilled(proc.Signal(j.code - 128))
	}
	return j.code, false
}

// builtinJobs is jobs.
func builtinJobs(sh *shell, _ context.Context, _ []string) int {
	for i, j := range sh.jobs {
		mark := " "
		if i == len(sh.jobs)-1 {
			mark = "+"
		}
		state := "Running"
		select {
		case <-j.done:
			state = "Done"
			if j.code != 0 {
				state = fmt.Sprintf("Done(%d)", j.code)
			}
		default:
		}
		fmt.Fprintf(sh.stdout(), "[%d]%s  %-26s %s\n", j.number, mark, state, j.text)
	}
	sh.jobs = slices.DeleteFunc(sh.jobs, func(j *job) bool {
		select {
		case <-j.done:
			return true
		default:
			return false
		}
	})
	return 0
}
