package vnet

import (
	"context"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// maxQueued is how many datagrams wait in a socket; more are lost, as in life.
const maxQueued = 256

// packetConn is a UDP socket.
type packetConn struct {
	host  *Host
	bound socket
	to    netip.AddrPort // of a connected socket, else invalid
	stop  func() bool

	mu      sync.Mutex
	changed sync.Cond
	queue   []datagram
	fault   error                             // an ICMP error for a connected socket
	nat     map[netip.AddrPort]netip.AddrPort // who answers -> whom we wrote to
	closed  bool
	over    bool
	timer   *time.Timer
}

type datagram struct {
	from netip.AddrPort
	data []byte
}

var (
	_ net.PacketConn = (*packetConn)(nil)
	_ net.Conn       = connected{}
)

// ListenPacket is net.ListenPacket on this host, for "udp" and "udp4". The
// socket is closed when ctx ends.
func (h *Host) ListenPacket(ctx context.Context, network, address string) (net.PacketConn, error) {
	bind, err := h.bindAddress(network, address)
	if err == nil {
		var p *packetConn
		if p, err = h.bindPacket(bind); err == nil {
			p.stop = context.AfterFunc(ctx, func() { _ = p.Close() })
			return p, nil
		}
	}
	return nil, &net.OpError{Op: "listen", Net: network, Addr: net.UDPAddrFromAddrPort(bind.addrPort()), Err: err}
}

func (h *Host) bindPacket(bind socket) (*packetConn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	bind, err := h.claim(bind, func(s socket) bool { _, taken := h.packets[s]; return taken })
	if err != nil {
		return nil, err
	}
	p := &packetConn{host: h, bound: bind, nat: map[netip.AddrPort]netip.AddrPort{}}
	p.changed.L = &p.mu
	h.packets[bind] = p
	return p, nil
}

func (h *Host) dialPacket(to netip.AddrPort) (net.Conn, error) {
	p, err := h.bindPacket(socket{addr: anywhere})
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "udp", Addr: net.UDPAddrFromAddrPort(to), Err: err}
	}
	p.to = to
	return connected{p}, nil
}

// receive puts a datagram into the socket it is for.
func (h *Host) receive(f Flow, data []byte) error {
	h.mu.Lock()
	p := h.packets[socket{f.To.Addr(), f.To.Port()}]
	if p == nil {
		p = h.packets[socket{anywhere, f.To.Port()}]
	}
	h.mu.Unlock()
	if p == nil {
		return syscall.ECONNREFUSED
	}
	p.put(f.From, data)
	return nil
}

func (p *packetConn) put(from netip.AddrPort, data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.nat[from]; ok {
		from = known
	}
	if p.closed || len(p.queue) >= maxQueued || p.to.IsValid() && from != p.to {
		return
	}
	p.queue = append(p.queue, datagram{from, append([]byte(nil), data...)})
	p.changed.Broadcast()
}

// ReadFrom implements net.PacketConn.
func (p *packetConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := p.read(b)
	if err != nil {
		return 0, nil, &net.OpError{Op: "read", Net: "udp", Source: p.LocalAddr(), Err: err}
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

func (p *packetConn) read(b []byte) (int, netip.AddrPort, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.closed:
			return 0, netip.AddrPort{}, net.ErrClosed
		case p.over:
			return 0, netip.AddrPort{}, os.ErrDeadlineExceeded
		case len(p.queue) > 0:
			d := p.queue[0]
			p.queue = p.queue[1:]
			return copy(b, d.data), d.from, nil
		case p.fault != nil:
			err := os.NewSyscallError("recvfrom", p.fault)
			p.fault = nil
			return 0, netip.AddrPort{}, err
		}
		p.changed.Wait()
	}
}

// WriteTo implements net.PacketConn.
func (p *packetConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	to, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, &net.OpError{Op: "write", Net: "udp", Addr: addr, Err: syscall.EINVAL}
	}
	ap := to.AddrPort()
	return p.send(b, netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()))
}

// maxDatagram is the largest payload of UDP over IPv4, in bytes.
const maxDatagram = 65507

func (p *packetConn) send(b []byte, to netip.AddrPort) (int, error) {
	fail := func(err error) (int, error) {
		return 0, &net.OpError{Op: "write", Net: "udp", Source: p.LocalAddr(), Addr: net.UDPAddrFromAddrPort(to), Err: err}
	}
	p.mu.Lock()
	closed := p.closed
	p.mu.Unlock()
	switch {
	case closed:
		return fail(net.ErrClosed)
	case len(b) > maxDatagram:
		return fail(os.NewSyscallError("sendto", syscall.EMSGSIZE))
	}
	h := p.host
	if to.Addr().IsLoopback() {
		to = netip.AddrPortFrom(loopback, to.Port())
	}
	f := Flow{Protocol: UDP, From: netip.AddrPortFrom(h.source(to), p.bound.port), To: to}
	var err error
	if h.own(to.Addr()) {
		err = h.receive(f, b)
	} else if f, err = h.network.rewrite(f); err == nil {
		if f.To != to {
			p.mu.Lock()
			p.nat[f.To] = to
			p.mu.Unlock()
		}
		err = h.network.Send(f, b)
	}
	if err != nil && err != ErrDropped && p.to.IsValid() {
		p.mu.Lock()
		p.fault = err
		p.changed.Broadcast()
		p.mu.Unlock()
	}
	return len(b), nil // UDP does not tell
}

// Close implements net.PacketConn.
func (p *packetConn) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return &net.OpError{Op: "close", Net: "udp", Err: net.ErrClosed}
	}
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
	}
	p.changed.Broadcast()
	p.mu.Unlock()
	if p.stop != nil {
		p.stop()
	}
	h := p.host
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.packets[p.bound] == p {
		delete(h.packets, p.bound)
	}
	return nil
}

// LocalAddr implements net.PacketConn.
func (p *packetConn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(p.bound.addrPort()) }

// SetDeadline implements net.PacketConn; writing never waits.
func (p *packetConn) SetDeadline(t time.Time) error { return p.SetReadDeadline(t) }

// SetReadDeadline implements net.PacketConn.
func (p *packetConn) SetReadDeadline(t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	p.over = false
	switch wait := time.Until(t); {
	case t.IsZero():
	case wait <= 0:
		p.over = true
	default:
		var timer *time.Timer
		timer = time.AfterFunc(wait, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.timer == timer {
				p.over = true
				p.changed.Broadcast()
			}
		})
		p.timer = timer
	}
	p.changed.Broadcast()
	return nil
}

// SetWriteDeadline implements net.PacketConn.
func (p *packetConn) SetWriteDeadline(time.Time) error { return nil }

// connected is a UDP socket that talks to one address.
type connected struct{ *packetConn }

// Read implements net.Conn.
func (c connected) Read(b []byte) (int, error) {
	n, _, err := c.ReadFrom(b)
	return n, err
}

// Write implements net.Conn.
func (c connected) Write(b []byte) (int, error) { return c.send(b, c.to) }

// RemoteAddr implements net.Conn.
func (c connected) RemoteAddr() net.Addr { return net.UDPAddrFromAddrPort(c.to) }
