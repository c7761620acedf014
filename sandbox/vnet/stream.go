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

// window is how much one side may send before the other reads, in bytes.
const window = 64 << 10

// stream is one end of a TCP connection.
type stream struct {
	in, out       *half
	local, remote net.Addr

	mu     sync.Mutex
	closed bool
	ends   []func()
}

var _ interface {
	net.Conn
	CloseWrite() error
} = (*stream)(nil)

// newStream makes both ends. The client knows the server by the address it
// dialled, the server knows the client by the address it is seen with.
func newStream(f Flow, dialled netip.AddrPort) (client, server *stream) {
	up, down := newHalf(), newHalf()
	client = &stream{in: down, out: up, local: address(TCP, f.From), remote: address(TCP, dialled)}
	server = &stream{in: up, out: down, local: address(TCP, f.To), remote: address(TCP, f.From)}
	return client, server
}

// onClose registers what to do when this end is closed.
func (s *stream) onClose(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = append(s.ends, f)
}

func (s *stream) finish() bool {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false
	}
	s.closed = true
	ends := s.ends
	s.ends = nil
	s.mu.Unlock()
	for _, f := range ends {
		f()
	}
	return true
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
func (s *stream) CloseWrite() error {
	s.out.end(nil)
	return nil
}

// Close implements net.Conn.
func (s *stream) Close() error {
	if !s.finish() {
		return s.opError("close", net.ErrClosed)
	}
	s.out.end(nil)
	s.out.abandon(net.ErrClosed, nil)
	s.in.abandon(syscall.EPIPE, net.ErrClosed)
	return nil
}

// reset breaks the stream: both sides get an error.
func (s *stream) reset() {
	s.finish()
	s.out.abandon(syscall.ECONNRESET, syscall.ECONNRESET)
	s.in.abandon(syscall.ECONNRESET, syscall.ECONNRESET)
}

// LocalAddr implements net.Conn.
func (s *stream) LocalAddr() net.Addr { return s.local }

// RemoteAddr implements net.Conn.
func (s *stream) RemoteAddr() net.Addr { return s.remote }

// SetDeadline implements net.Conn.
func (s *stream) SetDeadline(t time.Time) error {
	s.in.readLimit.set(t)
	s.out.writeLimit.set(t)
	return nil
}

// SetReadDeadline implements net.Conn.
func (s *stream) SetReadDeadline(t time.Time) error {
	s.in.readLimit.set(t)
	return nil
}

// SetWriteDeadline implements net.Conn.
func (s *stream) SetWriteDeadline(t time.Time) error {
	s.out.writeLimit.set(t)
	return nil
}

// half is one direction of a stream.
type half struct {
	mu       sync.Mutex
	changed  sync.Cond
	data     []byte // sent and not read yet
	ended    bool   // the writer is done: after data comes io.EOF
	writeErr error  // what writing meets
	readErr  error  // what reading meets, data or not

	readLimit, writeLimit limit
}

func newHalf() *half {
	h := &half{}
	h.changed.L = &h.mu
	h.readLimit.half, h.writeLimit.half = h, h
	return h
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.readErr != nil:
			return 0, h.readErr
		case len(p) == 0:
			return 0, nil
		case h.readLimit.over:
			return 0, os.ErrDeadlineExceeded
		case len(h.data) > 0:
			n := copy(p, h.data)
			if h.data = h.data[n:]; len(h.data) == 0 {
				h.data = nil // an idle stream holds no memory
			}
			h.changed.Broadcast()
			return n, nil
		case h.ended:
			return 0, io.EOF
		}
		h.changed.Wait()
	}
}

func (h *half) write(p []byte) (written int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.writeErr != nil:
			return written, h.writeErr
		case h.ended:
			return written, syscall.EPIPE
		case h.writeLimit.over:
			return written, os.ErrDeadlineExceeded
		case len(p) == 0:
			return written, nil
		}
		if n := min(len(p), window-len(h.data)); n > 0 {
			h.data = append(h.data, p[:n]...)
			p, written = p[n:], written+n
			h.changed.Broadcast()
			continue
		}
		h.changed.Wait()
	}
}

// end lets the reader see io.EOF, or err, after what was sent.
func (h *half) end(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	if err != nil {
		h.readErr = err
	}
	h.changed.Broadcast()
}

// abandon makes writing, reading or both fail from now on.
func (h *half) abandon(writeErr, readErr error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.writeErr == nil {
		h.writeErr = writeErr
	}
	if h.readErr == nil {
		h.readErr = readErr
	}
	if readErr != nil {
		h.data = nil
	}
	h.changed.Broadcast()
}

// limit is a deadline for one side of a half; half.mu guards it.
type limit struct {
	half  *half
	timer *time.Timer
	over  bool
}

func (l *limit) set(t time.Time) {
	h := l.half
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	l.over = false
	switch wait := time.Until(t); {
	case t.IsZero():
	case wait <= 0:
		l.over = true
	default:
		var timer *time.Timer
		timer = time.AfterFunc(wait, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			if l.timer == timer { // it may have been set anew meanwhile
				l.over = true
				h.changed.Broadcast()
			}
		})
		l.timer = timer
	}
	h.changed.Broadcast()
}
