//go:build unix

package ptyexec

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

const (
	// hangupGrace is how long a command has to end by itself when its terminal
	// goes away.
	hangupGrace = 250 * time.Millisecond
	// drainGrace is how long output is still read after the command has ended,
	// if something it left behind keeps the terminal open.
	drainGrace = 50 * time.Millisecond
)

// Process is a command running on a pseudo-terminal.
type Process struct {
	cmd    *exec.Cmd
	master *os.File
	in     *Input

	ended   chan struct{} // closed when the command was waited for
	done    chan struct{} // closed when its output is read as well
	readers sync.WaitGroup
	close   sync.Once
}

// Start runs cmd on a new pseudo-terminal of the given size, as the leader of
// a session of its own. What is written to in becomes its input; its output
// goes to out, from one goroutine. The process owns in and closes it.
func Start(cmd *exec.Cmd, width, height int, in *Input, out io.Writer) (*Process, error) {
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)})
	if err != nil {
		return nil, fmt.Errorf("start %s on a pseudo-terminal: %w", cmd.Path, err)
	}
	p := &Process{
		cmd: cmd, master: pollable(master), in: in,
		ended: make(chan struct{}), done: make(chan struct{}),
	}
	read := make(chan struct{})
	p.readers.Go(func() {
		defer close(read)
		io.Copy(out, p.master) // ends with EIO when the last program closes the terminal
	})
	p.readers.Go(func() {
		io.Copy(p.master, in)
	})
	go func() {
		defer close(p.done)
		p.cmd.Wait() // the outcome is in ProcessState
		close(p.ended)
		p.master.SetReadDeadline(time.Now().Add(drainGrace))
		timer := time.NewTimer(2 * drainGrace)
		defer timer.Stop()
		select {
		case <-read:
		case <-timer.C:
		}
	}()
	return p, nil
}

// pollable makes reads from a pseudo-terminal's master end when it is closed.
// The file as it comes from package pty is in blocking mode, where they would
// not. Only Linux is known to poll these files well.
func pollable(f *os.File) *os.File {
	if runtime.GOOS != "linux" {
		return f
	}
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return f
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return f
	}
	f.Close()
	return os.NewFile(uintptr(fd), f.Name())
}

// Pid is the number of the command's process.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the command has ended and its output has been read.
func (p *Process) Done() <-chan struct{} { return p.done }

// ExitCode returns how the command ended; it is the number of the signal plus
// 128 if a signal ended it, as shells show it. While it runs ok is false.
func (p *Process) ExitCode() (code int, ok bool) {
	select {
	case <-p.ended:
	default:
		return 0, false
	}
	if s, isStatus := p.cmd.ProcessState.Sys().(syscall.WaitStatus); isStatus && s.Signaled() {
		return 128 + int(s.Signal()), true
	}
	return p.cmd.ProcessState.ExitCode(), true
}

// Resize changes the size of the terminal; the program in its foreground is
// sent SIGWINCH.
func (p *Process) Resize(width, height int) error {
	err := p.control(func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(width), Row: uint16(height)})
	})
	if err != nil {
		return fmt.Errorf("resize the terminal to %dx%d: %w", width, height, err)
	}
	return nil
}

// control runs f with the descriptor of the terminal, leaving its mode alone.
func (p *Process) control(f func(fd int) error) error {
	conn, err := p.master.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := conn.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// Close hangs up on the command and all of its session as a closed window would,
// ends by force what that does not end, and waits until the command is gone: half
// a second at most. What has made a session of its own (setsid) lives on. It may be
// called more than once.
func (p *Process) Close() error {
	var err error
	p.close.Do(func() { err = p.end() })
	return err
}

func (p *Process) end() error {
	p.signal(syscall.SIGHUP)
	p.signal(syscall.SIGCONT) // a stopped program could not take the other signal
	timer := time.NewTimer(hangupGrace)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
		p.signal(syscall.SIGKILL)
		<-p.ended
	}
	p.in.Close()
	err := p.master.Close()
	endSession(p.cmd.Process.Pid)
	<-p.done
	gone := make(chan struct{})
	go func() {
		p.readers.Wait()
		close(gone)
	}()
	// Where the master cannot be polled, a program that outlives its session
	// keeps our reader until it ends; nobody should have to wait for that.
	timer.Reset(2 * drainGrace)
	select {
	case <-gone:
	case <-timer.C:
	}
	if err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close the terminal of %s: %w", p.cmd.Path, err)
	}
	return nil
}

// signal sends s to the command's group and to the one in the foreground,
// unless the command has ended.
func (p *Process) signal(s syscall.Signal) {
	select {
	case <-p.ended:
		return
	default:
	}
	leader := p.cmd.Process.Pid
	syscall.Kill(-leader, s) // fails when the group is gone, which is what we want
	foreground := 0
	p.control(func(fd int) (err error) {
		foreground, err = unix.IoctlGetInt(fd, unix.TIOCGPGRP)
		return err
	})
	if foreground > 1 && foreground != leader {
		syscall.Kill(-foreground, s)
	}
}
