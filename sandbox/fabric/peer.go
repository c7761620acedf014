package fabric

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

const (
	// noAnswer is how long Linux looks for a machine that is off, and
	// connectLimit how long it tries to connect to one that does not answer.
	noAnswer     = 3 * time.Second
	connectLimit = 127 * time.Second
	// askLimit is how long a datagram waits for a node that hangs.
	askLimit = time.Second
	// maxIdle is how many connections are kept for datagrams.
	maxIdle = 4
)

// Peer is another node's network, seen from here. It is safe for concurrent
// use. A node whose process is gone is a machine without power: nothing
// answers.
type Peer struct {
	path string

	mu     sync.Mutex
	idle   []*net.UnixConn
	closed bool
}

var _ vnet.Peer = (*Peer)(nil)

// NewPeer makes the peer that listens, now or later, on the socket at path.
func NewPeer(path string) *Peer { return &Peer{path: path} }

// Close ends the connections that are kept for datagrams.
func (p *Peer) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.drop()
}

// drop closes the connections that are kept; p.mu is held.
func (p *Peer) drop() {
	for _, c := range p.idle {
		_ = c.Close()
	}
	p.idle = nil
}

func (p *Peer) dial(ctx context.Context) (*net.UnixConn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", p.path)
	if err != nil {
		return nil, err
	}
	return c.(*net.UnixConn), nil
}

// Connect implements vnet.Peer.
func (p *Peer) Connect(ctx context.Context, f vnet.Flow) (net.Conn, error) {
	request, err := appendFlow([]byte{askStream}, f)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, connectLimit, syscall.ETIMEDOUT)
	defer cancel()
	socket, err := p.dial(limited)
	if err != nil {
		return nil, p.unreachable(ctx)
	}
	stop := context.AfterFunc(limited, func() { _ = socket.Close() })
	answer, err := ask(socket, request)
	if err == nil {
		err = errorFor(answer)
	} else if limited.Err() == nil {
		err = p.unreachable(ctx) // the node went off meanwhile
	}
	if !stop() {
		err = ended(limited)
	}
	if err != nil {
		_ = socket.Close()
		return nil, err
	}
	return newConn(socket, net.TCPAddrFromAddrPort(f.From), net.TCPAddrFromAddrPort(f.To)), nil
}

// unreachable is what comes of a machine that is off, after the time it takes
// to find that out.
func (p *Peer) unreachable(ctx context.Context) error {
	timer := time.NewTimer(noAnswer)
	defer timer.Stop()
	select {
	case <-timer.C:
		return syscall.EHOSTUNREACH
	case <-ctx.Done():
		return ended(ctx)
	}
}

// ended is what a dial returns when its context has ended.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); cause == syscall.ETIMEDOUT {
		return cause
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return os.ErrDeadlineExceeded
	}
	return ctx.Err()
}

// Send implements vnet.Peer.
func (p *Peer) Send(f vnet.Flow, data []byte) error {
	request, err := appendFlow([]byte{askDatagram}, f)
	if err != nil {
		return err
	}
	request = binary.BigEndian.AppendUint16(request, uint16(len(data)))
	return p.exchange(append(request, data...))
}

// Ping implements vnet.Peer.
func (p *Peer) Ping(to netip.Addr) error {
	if !to.Is4() {
		return syscall.EHOSTUNREACH
	}
	ip := to.As4()
	return p.exchange(append([]byte{askPing}, ip[:]...))
}

// exchange asks once. A kept connection may be that of a process that is gone;
// then the question is put to its successor.
func (p *Peer) exchange(request []byte) error {
	c, kept := p.take()
	for {
		if c == nil {
			ctx, cancel := context.WithTimeout(context.Background(), askLimit)
			var err error
			c, err = p.dial(ctx)
			cancel()
			if err != nil {
				return vnet.ErrDropped
			}
		}
		_ = c.SetDeadline(time.Now().Add(askLimit))
		answer, err := ask(c, request)
		if err == nil {
			p.give(c)
			return errorFor(answer)
		}
		_ = c.Close()
		if !kept || errors.Is(err, os.ErrDeadlineExceeded) {
			return vnet.ErrDropped
		}
		c, kept = nil, false
	}
}

func (p *Peer) take() (c *net.UnixConn, kept bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		c, p.idle = p.idle[n-1], p.idle[:n-1]
		return c, true
	}
	return nil, false
}

func (p *Peer) give(c *net.UnixConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || len(p.idle) >= maxIdle {
		_ = c.Close()
		return
	}
	p.idle = append(p.idle, c)
}

// ask writes a request and reads its answer.
func ask(c *net.UnixConn, request []byte) (byte, error) {
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	var answer [1]byte
	_, err := io.ReadFull(c, answer[:])
	return answer[0], err
}
