package vnet

import (
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// conn is a stream as a Host keeps it.
type conn interface {
	net.Conn
	CloseWrite() error
	reset()
	onEnd(func())
}

// ending calls functions when a connection ends, once.
type ending struct {
	mu    sync.Mutex
	ended bool
	calls []func()
}

// onEnd registers a function; it is called at once when the end has come.
func (e *ending) onEnd(f func()) {
	e.mu.Lock()
	ended := e.ended
	if !ended {
		e.calls = append(e.calls, f)
	}
	e.mu.Unlock()
	if ended {
		f()
	}
}

func (e *ending) end() {
	e.mu.Lock()
	calls := e.calls
	e.ended, e.calls = true, nil
	e.mu.Unlock()
	for _, f := range calls {
		f()
	}
}

// stream is one end of a TCP connection.
type stream struct {
	in, out       *half
	local, remote net.Addr
	ending
}

var _ conn = (*stream)(nil)

// newStream makes both ends of a flow. The client knows the flow as it began
// it, the server as it was translated.
func newStream(f, seen Flow) (client, server *stream) {
	up, down := newHalf(), newHalf()
	client = &stream{in: down, out: up, local: address(TCP, seen.From), remote: address(TCP, seen.To)}
	server = &stream{in: up, out: down, local: address(TCP, f.To), remote: address(TCP, f.From)}
	return client, server
}

// Read implements net.Conn.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.in.read(p)
	return n, s.opError("read", err)
}

// Write implements net.Conn.
func (s *stream) Write(p []byte) (int, error) {
	n, err := s.out.write(p)
	return n, s.opError("write", err)
}

func (s *stream) opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if errno, ok := err.(syscall.Errno); ok {
		err = os.NewSyscallError(op, errno)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: s.local, Addr: s.remote, Err: err}
}

// CloseWrite tells the other side that no more comes.
func (s *stream) CloseWrite() error { return s.opError("close", s.out.finish()) }

// Close implements net.Conn. As on Linux the other side reads what was sent and
// then io.EOF, or, when it had sent something that was never read, a reset.
func (s *stream) Close() error {
	unread, ok := s.in.closeReader()
	if !ok {
		return s.opError("close", net.ErrClosed)
	}
	last := io.EOF
	if unread {
		last = syscall.ECONNRESET
	}
	s.out.closeWriter(last)
	s.end()
	return nil
}

// reset breaks the stream: both sides get an error. Its owner still closes it.
func (s *stream) reset() {
	s.out.breakOff(true)
	s.in.breakOff(false)
	s.end()
}

// LocalAddr implements net.Conn.
func (s *stream) LocalAddr() net.Addr { return s.local }

// RemoteAddr implements net.Conn.
func (s *stream) RemoteAddr() net.Addr { return s.remote }

// SetDeadline implements net.Conn.
func (s *stream) SetDeadline(t time.Time) error {
	if err := s.SetReadDeadline(t); err != nil {
		return err
	}
	return s.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (s *stream) SetReadDeadline(t time.Time) error {
	return s.opError("set", s.in.setReadDeadline(t))
}

// SetWriteDeadline implements net.Conn.
func (s *stream) SetWriteDeadline(t time.Time) error {
	return s.opError("set", s.out.setWriteDeadline(t))
}

// distant is a stream to a host of another node, with the addresses that its
// client knows.
type distant struct {
	net.Conn
	local, remote net.Addr
	ending
}

var _ conn = (*distant)(nil)

func (d *distant) LocalAddr() net.Addr  { return d.local }
func (d *distant) RemoteAddr() net.Addr { return d.remote }

func (d *distant) Close() error {
	d.end()
	return d.Conn.Close()
}

func (d *distant) CloseWrite() error {
	if c, ok := d.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return &net.OpError{Op: "close", Net: "tcp", Source: d.local, Addr: d.remote, Err: syscall.EOPNOTSUPP}
}

func (d *distant) reset() { _ = d.Close() }

// addrPorts returns both addresses of a stream.
func addrPorts(c net.Conn) (local, remote netip.AddrPort) {
	of := func(a net.Addr) netip.AddrPort {
		if t, ok := a.(*net.TCPAddr); ok {
			return t.AddrPort()
		}
		return netip.AddrPort{}
	}
	return of(c.LocalAddr()), of(c.RemoteAddr())
}
