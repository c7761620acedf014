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

const (
	// maxDatagram is the largest payload of UDP over IPv4, in bytes.
	maxDatagram = 65507
	// maxQueued is how much waits in a socket, in bytes of payload and of
	// overhead for each datagram; more is lost. It is Linux' rmem_default.
	maxQueued = 212992
	overhead  = 256
)

// packetConn is a UDP socket.
type packetConn struct {
	host  *Host
	bound socket
	to    netip.AddrPort // of a connected socket, else invalid
	table flows

	mu      sync.Mutex
	changed sync.Cond
	queue   []datagram
	queued  int
	fault   error // an ICMP error for a connected socket
	closed  bool
	reader  deadline
	unwatch func() bool
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
		if p, err = h.bindPacket(bind, netip.AddrPort{}); err == nil {
			stop := context.AfterFunc(ctx, func() { _ = p.Close() })
			p.mu.Lock()
			p.unwatch = stop
			p.mu.Unlock()
			return p, nil
		}
	}
	return nil, &net.OpError{Op: "listen", Net: network, Addr: net.UDPAddrFromAddrPort(bind.addrPort()), Err: err}
}

func (h *Host) bindPacket(bind socket, to netip.AddrPort) (*packetConn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	bind, err := h.claim(bind, func(s socket) bool { _, taken := h.packets[s]; return taken })
	if err != nil {
		return nil, err
	}
	p := &packetConn{host: h, bound: bind, to: to}
	p.changed.L = &p.mu
	h.packets[bind] = p
	return p, nil
}

func (h *Host) dialPacket(to netip.AddrPort) (net.Conn, error) {
	p, err := h.bindPacket(socket{addr: h.source(to)}, to)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "udp", Addr: net.UDPAddrFromAddrPort(to), Err: err}
	}
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
	from = p.table.arrived(from)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.queued+len(data)+overhead > maxQueued || p.to.IsValid() && from != p.to {
		return
	}
	p.queue = append(p.queue, datagram{from, append([]byte(nil), data...)})
	p.queued += len(data) + overhead
	p.changed.Broadcast()
}

// ReadFrom implements net.PacketConn.
func (p *packetConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := p.read(b, "recvfrom")
	if err != nil {
		return 0, nil, &net.OpError{Op: "read", Net: "udp", Source: p.LocalAddr(), Err: err}
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

func (p *packetConn) read(b []byte, call string) (int, netip.AddrPort, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.closed:
			return 0, netip.AddrPort{}, net.ErrClosed
		case p.reader.over:
			return 0, netip.AddrPort{}, os.ErrDeadlineExceeded
		case p.fault != nil:
			err := os.NewSyscallError(call, p.fault)
			p.fault = nil
			return 0, netip.AddrPort{}, err
		case len(p.queue) > 0:
			d := p.queue[0]
			p.queue[0] = datagram{}
			if p.queue = p.queue[1:]; len(p.queue) == 0 {
				p.queue = nil
			}
			p.queued -= len(d.data) + overhead
			return copy(b, d.data), d.from, nil
		}
		p.changed.Wait()
	}
}

// WriteTo implements net.PacketConn.
func (p *packetConn) WriteTo(b []byte, addr net.Addr) (int, error) {
	to, ok := addr.(*net.UDPAddr)
	if !ok {
		return 0, &net.OpError{Op: "write", Net: "udp", Source: p.LocalAddr(), Addr: addr, Err: syscall.EINVAL}
	}
	ap := to.AddrPort()
	dest := netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	if dest.Addr().IsLoopback() || dest.Addr().IsUnspecified() {
		dest = netip.AddrPortFrom(loopback, dest.Port())
	}
	return p.send(b, dest, "sendto")
}

func (p *packetConn) send(b []byte, to netip.AddrPort, call string) (int, error) {
	fail := func(err error) (int, error) {
		return 0, &net.OpError{Op: "write", Net: "udp", Source: p.LocalAddr(), Addr: net.UDPAddrFromAddrPort(to), Err: err}
	}
	p.mu.Lock()
	closed, fault := p.closed, p.fault
	p.fault = nil
	p.mu.Unlock()
	switch {
	case closed:
		return fail(net.ErrClosed)
	case fault != nil: // what the last one met
		return fail(os.NewSyscallError(call, fault))
	case len(b) > maxDatagram:
		return fail(os.NewSyscallError(call, syscall.EMSGSIZE))
	}
	err := p.route(b, Flow{Protocol: UDP, From: netip.AddrPortFrom(p.host.source(to), p.bound.port), To: to})
	if err != nil && err != ErrDropped && p.to.IsValid() {
		p.mu.Lock()
		p.fault = err
		p.changed.Broadcast()
		p.mu.Unlock()
	}
	return len(b), nil // UDP does not tell
}

// route sends a datagram where the rules say. What answers a datagram that came
// here takes its way back, whatever the rules.
func (p *packetConn) route(b []byte, f Flow) error {
	h, n := p.host, p.host.network
	if f.To.Addr() == loopback {
		if to, ok := h.redirected(f); ok {
			p.table.left(f.To, to)
			return n.deliver(Flow{Protocol: UDP, From: netip.AddrPortFrom(h.addr, f.From.Port()), To: to}, b)
		}
		return h.receive(f, b)
	}
	if p.table.answers(f.To) {
		if as, ok := n.answers.find(f); ok {
			f.From = as
		}
		return n.deliver(f, b)
	}
	real := f
	if to, ok := p.table.goes(f.To); ok && n.goesOn(f, to) {
		real.To = to
	} else {
		var err error
		if real, err = n.rewrite(f); err != nil {
			return err
		}
		p.table.left(f.To, real.To)
	}
	if !n.allowed(real) {
		return ErrDropped
	}
	return n.deliver(real, b)
}

// goesOn asks whether a flow may go on to where it went before.
func (n *Network) goesOn(f Flow, to netip.AddrPort) bool {
	if h := n.host(f.To.Addr()); h != nil {
		if now, ok := h.redirected(f); ok {
			return now == to
		}
	}
	holds := n.holds.Load()
	after := f
	after.To = to
	return holds == nil || (*holds)(f, after)
}

// Close implements net.PacketConn.
func (p *packetConn) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return &net.OpError{Op: "close", Net: "udp", Source: p.LocalAddr(), Err: net.ErrClosed}
	}
	p.closed, p.queue = true, nil
	p.reader.stop()
	p.changed.Broadcast()
	unwatch := p.unwatch
	p.mu.Unlock()
	if unwatch != nil {
		unwatch()
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
	if p.closed {
		return &net.OpError{Op: "set", Net: "udp", Source: p.LocalAddr(), Err: net.ErrClosed}
	}
	p.reader.set(t, &p.mu, &p.changed)
	return nil
}

// SetWriteDeadline implements net.PacketConn.
func (p *packetConn) SetWriteDeadline(time.Time) error { return nil }

// connected is a UDP socket that talks to one address.
type connected struct{ *packetConn }

// Read implements net.Conn.
func (c connected) Read(b []byte) (int, error) {
	n, _, err := c.read(b, "read")
	if err != nil {
		return 0, &net.OpError{Op: "read", Net: "udp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
	}
	return n, nil
}

// Write implements net.Conn.
func (c connected) Write(b []byte) (int, error) { return c.send(b, c.to, "write") }

// RemoteAddr implements net.Conn.
func (c connected) RemoteAddr() net.Addr { return net.UDPAddrFromAddrPort(c.to) }
