package proc

import (
	"context"
	"strconv"
	"sync"
)

// Signal is a signal by its number on Linux.
type Signal int

// The signals that programs of the sandbox know.
const (
	SIGHUP   Signal = 1
	SIGINT   Signal = 2
	SIGQUIT  Signal = 3
	SIGABRT  Signal = 6
	SIGKILL  Signal = 9
	SIGUSR1  Signal = 10
	SIGUSR2  Signal = 12
	SIGTERM  Signal = 15
	SIGCHLD  Signal = 17
	SIGWINCH Signal = 28
)

var signalNames = map[Signal]string{
	SIGHUP: "HUP", SIGINT: "INT", SIGQUIT: "QUIT", SIGABRT: "ABRT", SIGKILL: "KILL",
	SIGUSR1: "USR1", SIGUSR2: "USR2", SIGTERM: "TERM", SIGCHLD: "CHLD", SIGWINCH: "WINCH",
}

// String is the signal's name without SIG.
func (s Signal) String() string {
	if name, ok := signalNames[s]; ok {
		return name
	}
	return strconv.Itoa(int(s))
}

// signals is what a process does about signals.
type signals struct {
	mu      sync.Mutex
	kill    context.CancelCauseFunc // nil until the process runs
	first   bool                    // PID 1: what it does not handle is ignored
	handled map[Signal]chan<- Signal
	pending []Signal
}

func (s *signals) begin(kill context.CancelCauseFunc, first bool) {
	s.mu.Lock()
	s.kill, s.first = kill, first
	pending := s.pending
	s.pending = nil
	s.mu.Unlock()
	for _, sig := range pending {
		s.send(sig)
	}
}

// harmless says that a signal does nothing to a process that does not handle it.
// Stopping and continuing a process is nothing that the sandbox knows.
func (s Signal) harmless() bool {
	const urgent = 23
	return s >= SIGCHLD && s <= 22 || s == urgent || s == SIGWINCH
}

func (s *signals) handles(sig Signal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handled[sig] != nil
}

func (s *signals) send(sig Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch handler := s.handled[sig]; {
	case sig == SIGKILL && s.kill != nil && !s.first:
		s.kill(Killed{sig})
	case handler != nil:
		select {
		case handler <- sig:
		default: // a signal that is pending already is not sent twice
		}
	case s.kill == nil:
		s.pending = append(s.pending, sig)
	case s.first, sig.harmless():
	default:
		s.kill(Killed{sig})
	}
}

// Notify makes the process handle signals: they arrive on the channel instead
// of ending it.
func (p *Process) Notify(sigs ...Signal) <-chan Signal {
	ch := make(chan Signal, len(sigs))
	p.signals.mu.Lock()
	defer p.signals.mu.Unlock()
	if p.signals.handled == nil {
		p.signals.handled = map[Signal]chan<- Signal{}
	}
	for _, sig := range sigs {
		p.signals.handled[sig] = ch
	}
	return ch
}

// Default makes the process treat signals again as one that never asked for
// them.
func (p *Process) Default(sigs ...Signal) {
	p.signals.mu.Lock()
	defer p.signals.mu.Unlock()
	for _, sig := range sigs {
		delete(p.signals.handled, sig)
	}
}

// Signal sends a signal to the process, as another one of the container does:
// one that it does not handle ends it, and so does SIGKILL, unless it is PID 1.
// That one ends with the context that it runs in, which is the runtime's.
func (p *Process) Signal(sig Signal) { p.signals.send(sig) }
