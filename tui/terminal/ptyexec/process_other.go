//go:build !unix && !windows

package ptyexec

import (
	"io"
	"os/exec"
)

// Process is a command running on a pseudo-terminal; here there is never one.
type Process struct{}

// Start fails with [ErrUnsupported].
func Start(*exec.Cmd, int, int, *Input, io.Writer) (*Process, error) { return nil, ErrUnsupported }

// Pid is the number of the command's process.
func (*Process) Pid() int { return 0 }

// Done is closed when the command has ended and its output has been read.
func (*Process) Done() <-chan struct{} { return nil }

// ExitCode returns how the command ended.
func (*Process) ExitCode() (code int, ok bool) { return 0, false }

// Resize changes the size of the terminal.
func (*Process) Resize(width, height int) error { return ErrUnsupported }

// Close ends the command.
func (*Process) Close() error { return nil }
