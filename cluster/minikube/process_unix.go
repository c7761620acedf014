//go:build unix

package minikube

import (
	"context"
	"os"
	"syscall"
)

// family makes a child that begins a session of its own: neither a signal of
// this terminal reaches it, nor can something that it runs (sudo) ask there.
func family() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// endFamily asks a child and its children to end, or ends them at once when
// nobody waits for an answer any more.
func endFamily(child *os.Process, ctx context.Context) error {
	signal := syscall.SIGTERM
	if ctx.Err() == context.DeadlineExceeded {
		signal = syscall.SIGKILL
	}
	return syscall.Kill(-child.Pid, signal)
}

// killFamily kills what is left of a child and its children.
func killFamily(child *os.Process) {
	_ = syscall.Kill(-child.Pid, syscall.SIGKILL) // mostly nothing is left
}
