package fabric

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// maxFrame is the most that one frame carries, in bytes.
const maxFrame = 64 << 10

// frameHeader is the length of what follows; 0 means that no more comes. A
// connection that ends without it was cut off.
const frameHeader = 4

// conn is a stream between two nodes. A Unix socket tells its reader the same
// of a writer that is done and of one that was killed; the frames keep the two
// apart, as TCP does with FIN and RST.
type conn struct {
	socket        *net.UnixConn
	local, remote net.Addr

	reading sync.Mutex
	in      *bufio.Reader
	header  [frameHeader]byte
	have    int // bytes of header that were read
	left    int // bytes of the frame that were not
	over    bool

	writing sync.Mutex
	frame   []byte
	ended   bool // FIN was sent
	cut     bool // part of a frame was: nothing sensible can follow
}

var _ net.Conn = (*conn)(nil)

func newConn(socket *net.UnixConn, local, remote net.Addr) *conn {
	return &conn{socket: socket, local: local, remote: remote, in: bufio.NewReaderSize(socket, 32<<10)}
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	for {
		switch {
		case c.over:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		case c.left > 0:
			n, err := c.in.Read(p[:min(len(p), c.left)])
			c.left -= n
			if n > 0 {
				return n, nil
			}
			return 0, c.failed("read", err)
		}
		n, err := c.in.Read(c.header[c.have:])
		if c.have += n; c.have < frameHeader {
			if err != nil {
				return 0, c.failed("read", err)
			}
			continue
		}
		c.have = 0
		size := binary.BigEndian.Uint32(c.header[:])
		if size > maxFrame {
			return 0, c.failed("read", syscall.ECONNRESET)
		}
		c.left, c.over = int(size), size == 0
	}
}

// Write implements net.Conn.
func (c *conn) Write(p []byte) (written int, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	for len(p) > 0 {
		if c.ended || c.cut {
			return written, c.failed("write", syscall.EPIPE)
		}
		n := min(len(p), maxFrame)
		c.frame = append(binary.BigEndian.AppendUint32(c.frame[:0], uint32(n)), p[:n]...)
		sent, err := c.socket.Write(c.frame)
		if err != nil {
			c.cut = sent > 0
			return written + max(0, sent-frameHeader), c.failed("write", err)
		}
		p, written = p[n:], written+n
	}
	if cap(c.frame) > 4<<10 {
		c.frame = nil // an idle stream holds little memory
	}
	return written, nil
}

// CloseWrite tells the other side that no more comes.
func (c *conn) CloseWrite() error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.ended || c.cut {
		return nil
	}
	c.ended = true
	if _, err := c.socket.Write(make([]byte, frameHeader)); err != nil {
		return c.failed("close", err)
	}
	return nil
}

// Close implements net.Conn. It never waits: a reader that does not read what
// was written before is not told that it was all.
func (c *conn) Close() error {
	_ = c.socket.SetWriteDeadline(time.Now()) // ends a Write that waits
	c.writing.Lock()
	_ = c.socket.SetWriteDeadline(time.Now().Add(lastFrame))
	c.writing.Unlock()
	_ = c.CloseWrite()
	if err := c.socket.Close(); err != nil {
		return c.failed("close", net.ErrClosed)
	}
	return nil
}

// lastFrame is how long the end of a stream may wait for room in its socket.
const lastFrame = 20 * time.Millisecond

// Reset breaks the stream: the other side gets an error.
func (c *conn) Reset() { _ = c.socket.Close() }

// failed makes an error what package net would return for a TCP connection.
func (c *conn) failed(op string, err error) error {
	var inner *net.OpError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = syscall.ECONNRESET
	}
	if _, ok := err.(syscall.Errno); ok {
		err = os.NewSyscallError(op, err)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error { return c.socket.SetDeadline(t) }

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error { return c.socket.SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(t time.Time) error { return c.socket.SetWriteDeadline(t) }
