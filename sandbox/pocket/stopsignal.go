package pocket

import (
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// stopSignal is the signal that asks a container to end: the Pod's own choice
// (lifecycle.stopSignal), else the image's STOPSIGNAL, else SIGTERM.
func stopSignal(pod runtimeapi.Signal, image proc.Signal) runtimeapi.Signal {
	if pod != runtimeapi.Signal_SIGNAL_RUNTIME_DEFAULT {
		return pod
	}
	for s := range runtimeapi.Signal_name {
		if image != 0 && signalNumber(runtimeapi.Signal(s)) == int(image) && canonical(runtimeapi.Signal(s)) {
			return runtimeapi.Signal(s)
		}
	}
	return runtimeapi.Signal_SIGNAL_SIGTERM
}

// canonical is false for the second names of signals.
func canonical(s runtimeapi.Signal) bool {
	switch s {
	case runtimeapi.Signal_SIGNAL_SIGCLD, runtimeapi.Signal_SIGNAL_SIGIOT, runtimeapi.Signal_SIGNAL_SIGPOLL:
		return false
	}
	return true
}

// signalNumber is the number of a signal on Linux; the kubelet's come in order
// of name.
func signalNumber(s runtimeapi.Signal) int {
	const firstRealTime, lastRealTime = 34, 64
	switch {
	case s >= runtimeapi.Signal_SIGNAL_SIGRTMIN && s <= runtimeapi.Signal_SIGNAL_SIGRTMINPLUS15:
		return firstRealTime + int(s-runtimeapi.Signal_SIGNAL_SIGRTMIN)
	case s >= runtimeapi.Signal_SIGNAL_SIGRTMAXMINUS14 && s <= runtimeapi.Signal_SIGNAL_SIGRTMAX:
		return lastRealTime - int(runtimeapi.Signal_SIGNAL_SIGRTMAX-s)
	}
	switch s {
	case runtimeapi.Signal_SIGNAL_SIGHUP:
		return 1
	case runtimeapi.Signal_SIGNAL_SIGINT:
		return 2
	case runtimeapi.Signal_SIGNAL_SIGQUIT:
		return 3
	case runtimeapi.Signal_SIGNAL_SIGILL:
		return 4
	case runtimeapi.Signal_SIGNAL_SIGTRAP:
		return 5
	case runtimeapi.Signal_SIGNAL_SIGABRT, runtimeapi.Signal_SIGNAL_SIGIOT:
		return 6
	case runtimeapi.Signal_SIGNAL_SIGBUS:
		return 7
	case runtimeapi.Signal_SIGNAL_SIGFPE:
		return 8
	case runtimeapi.Signal_SIGNAL_SIGKILL:
		return 9
	case runtimeapi.Signal_SIGNAL_SIGUSR1:
		return 10
	case runtimeapi.Signal_SIGNAL_SIGSEGV:
		return 11
	case runtimeapi.Signal_SIGNAL_SIGUSR2:
		return 12
	case runtimeapi.Signal_SIGNAL_SIGPIPE:
		return 13
	case runtimeapi.Signal_SIGNAL_SIGALRM:
		return 14
	case runtimeapi.Signal_SIGNAL_SIGSTKFLT:
		return 16
	case runtimeapi.Signal_SIGNAL_SIGCHLD, runtimeapi.Signal_SIGNAL_SIGCLD:
		return 17
	case runtimeapi.Signal_SIGNAL_SIGCONT:
		return 18
	case runtimeapi.Signal_SIGNAL_SIGSTOP:
		return 19
	case runtimeapi.Signal_SIGNAL_SIGTSTP:
		return 20
	case runtimeapi.Signal_SIGNAL_SIGTTIN:
		return 21
	case runtimeapi.Signal_SIGNAL_SIGTTOU:
		return 22
	case runtimeapi.Signal_SIGNAL_SIGURG:
		return 23
	case runtimeapi.Signal_SIGNAL_SIGXCPU:
		return 24
	case runtimeapi.Signal_SIGNAL_SIGXFSZ:
		return 25
	case runtimeapi.Signal_SIGNAL_SIGVTALRM:
		return 26
	case runtimeapi.Signal_SIGNAL_SIGPROF:
		return 27
	case runtimeapi.Signal_SIGNAL_SIGWINCH:
		return 28
	case runtimeapi.Signal_SIGNAL_SIGIO, runtimeapi.Signal_SIGNAL_SIGPOLL:
		return 29
	case runtimeapi.Signal_SIGNAL_SIGPWR:
		return 30
	case runtimeapi.Signal_SIGNAL_SIGSYS:
		return 31
	}
	return int(proc.SIGTERM)
}
