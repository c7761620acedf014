//go:build unix

package plain

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// prepareChild gives a command without a terminal a process group of its own,
// so that all of it can be told to end. With a terminal it stays in ours, and
// the terminal's keys reach both.
func prepareChild(cmd *exec.Cmd, ownGroup bool) {
	if ownGroup {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	}
}

func interruptChild(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }

// endChild tells a command, and what it has started, that the terminal is gone.
func endChild(cmd *exec.Cmd, ownGroup bool) { signalChild(cmd, ownGroup, syscall.SIGHUP) }

func killChild(cmd *exec.Cmd, ownGroup bool) { signalChild(cmd, ownGroup, syscall.SIGKILL) }

func signalChild(cmd *exec.Cmd, ownGroup bool, sig syscall.Signal) {
	switch {
	case ownGroup:
		_ = syscall.Kill(-cmd.Process.Pid, sig)
	case sig != syscall.SIGKILL && syscall.Getpgrp() == os.Getpid():
		// All of our group but us, who handle the signal.
		_ = syscall.Kill(0, sig)
	default:
		_ = syscall.Kill(cmd.Process.Pid, sig)
	}
}

// keepTerminal returns what gives the terminal back to us in the state in which
// it is now, whatever a program that was killed has left.
func keepTerminal(f *os.File) func() {
	fd := int(f.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return func() {}
	}
	return func() {
		// Who is in the background and changes the terminal is stopped, unless
		// that signal is ignored.
		signal.Ignore(syscall.SIGTTOU)
		defer signal.Reset(syscall.SIGTTOU)
		_ = unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, syscall.Getpgrp())
		_ = term.Restore(fd, state)
	}
}
