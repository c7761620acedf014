package vnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// How long Linux waits before it tries to connect again when nothing answers.
// The waits double; together they are 127 s.
const (
	firstRetry = time.Second
	lastRetry  = 64 * time.Second
)

// pause waits, or returns the error of a dial whose context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ended(ctx.Err())
	}
}

// ended is how package net reports the end of a context.
func ended(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return os.ErrDeadlineExceeded
	}
	return canceledError{}
}

// canceledError is what a dial returns whose context was cancelled.
type canceledError struct{}

func (canceledError) Error() string        { return "operation was canceled" }
func (canceledError) Is(target error) bool { return target == context.Canceled }

// dialError is the error that net.Dial returns for the same cause.
func dialError(p Protocol, to netip.AddrPort, cause error) error {
	if errno, ok := errors.AsType[syscall.Errno](cause); ok {
		cause = os.NewSyscallError("connect", errno)
	}
	return &net.OpError{Op: "dial", Net: string(p), Addr: address(p, to), Err: cause}
}

func address(p Protocol, a netip.AddrPort) net.Addr {
	if p == UDP {
		return net.UDPAddrFromAddrPort(a)
	}
	return net.TCPAddrFromAddrPort(a)
}

// IsRefused reports whether an error means that nobody listened.
func IsRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
