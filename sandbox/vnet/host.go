package vnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// Host is one address with its ports: the network namespace of a Pod, or of a
// node. It is safe for concurrent use.
type Host struct {
	network *Network
	addr    netip.Addr

	mu        sync.Mutex
	closed    bool
	listeners map[socket]*listener
	packets   map[socket]*packetConn
	streams   map[*stream]struct{} // begun or accepted here
	next      uint16               // ephemeral port to try first
}

// socket is what a listener is bound to; an unspecified address is any of the
// host's own.
type socket struct {
	addr netip.Addr
	port uint16
}

var (
	loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	anywhere = netip.IPv4Unspecified()
)

func newHost(n *Network, addr netip.Addr) *Host {
	return &Host{
		network: n, addr: addr, next: firstEphemeral,
		listeners: map[socket]*listener{}, packets: map[socket]*packetConn{}, streams: map[*stream]struct{}{},
	}
}

// Addr is the host's address.
func (h *Host) Addr() netip.Addr { return h.addr }

// Network is the network of the host's node.
func (h *Host) Network() *Network { return h.network }

// Close removes the host: its listeners end, its streams break.
func (h *Host) Close() {
	h.network.remove(h)
	h.mu.Lock()
	h.closed = true
	var ends []func()
	for _, l := range h.listeners {
		ends = append(ends, func() { _ = l.Close() })
	}
	for _, p := range h.packets {
		ends = append(ends, func() { _ = p.Close() })
	}
	for s := range h.streams {
		ends = append(ends, s.reset)
	}
	h.mu.Unlock()
	for _, end := range ends {
		end()
	}
}

// The ports that Linux gives to sockets that ask for none.
const (
	firstEphemeral = 32768
	lastEphemeral  = 60999
)

// Listen is net.Listen on this host. The network is "tcp" or "tcp4"; the
// address names an address of the host, or none for all of them. When ctx ends
// the listener is closed and so is every stream it has accepted: a process that
// is gone holds no connections.
func (h *Host) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	bind, err := h.bindAddress(network, address)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	h.mu.Lock()
	bind, err = h.claim(bind, func(s socket) bool { _, taken := h.listeners[s]; return taken })
	if err != nil {
		h.mu.Unlock()
		return nil, &net.OpError{Op: "listen", Net: network, Addr: net.TCPAddrFromAddrPort(bind.addrPort()), Err: err}
	}
	l := newListener(h, bind)
	h.listeners[bind] = l
	h.mu.Unlock()
	l.stop = context.AfterFunc(ctx, l.abort)
	return l, nil
}

// claim finds the socket to bind: the one asked for, or a free port for port 0.
// h.mu is held.
func (h *Host) claim(s socket, taken func(socket) bool) (socket, error) {
	if h.closed {
		return s, os.NewSyscallError("bind", syscall.ENETDOWN)
	}
	inUse := func(s socket) bool {
		if s.addr == anywhere {
			return taken(s) || taken(socket{loopback, s.port}) || taken(socket{h.addr, s.port})
		}
		return taken(s) || taken(socket{anywhere, s.port})
	}
	if s.port != 0 {
		if inUse(s) {
			return s, os.NewSyscallError("bind", syscall.EADDRINUSE)
		}
		return s, nil
	}
	for range lastEphemeral - firstEphemeral {
		s.port = h.next
		if h.next++; h.next > lastEphemeral {
			h.next = firstEphemeral
		}
		if !inUse(s) {
			return s, nil
		}
	}
	return s, os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)
}

func (s socket) addrPort() netip.AddrPort { return netip.AddrPortFrom(s.addr, s.port) }

// bindAddress parses the address of a listener.
func (h *Host) bindAddress(network, address string) (socket, error) {
	switch network {
	case "tcp", "tcp4", "udp", "udp4":
	default:
		return socket{}, net.UnknownNetworkError(network)
	}
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return socket{}, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return socket{}, &net.AddrError{Err: "invalid port", Addr: address}
	}
	s := socket{addr: anywhere, port: uint16(port)}
	switch host {
	case "", "0.0.0.0", "::", "*":
		return s, nil
	}
	addr, err := h.parse(host)
	if err != nil {
		return s, err
	}
	if addr != h.addr && addr != loopback {
		return s, os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)
	}
	s.addr = addr
	return s, nil
}

// parse reads an address; every address of the machine itself is loopback.
func (h *Host) parse(host string) (netip.Addr, error) {
	if host == "localhost" {
		return loopback, nil
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return addr, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if addr = addr.Unmap(); addr.IsLoopback() || addr.IsUnspecified() {
		return loopback, nil
	}
	return addr, nil
}

// DialContext is net.Dialer.DialContext from this host. The network is "tcp" or
// "udp"; the address holds an IP address or localhost, because names are for a
// resolver.
func (h *Host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	to, err := h.target(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	switch network {
	case "udp", "udp4":
		return h.dialPacket(to)
	case "tcp", "tcp4":
	default:
		return nil, &net.OpError{Op: "dial", Net: network, Err: net.UnknownNetworkError(network)}
	}
	f := Flow{Protocol: TCP, From: netip.AddrPortFrom(h.source(to), h.ephemeral()), To: to}
	if h.own(to.Addr()) {
		c, err := h.connect(f, to)
		if err != nil {
			return nil, dialError(TCP, to, err)
		}
		return c, nil
	}
	c, err := h.network.Dial(ctx, f)
	if err != nil {
		return nil, err
	}
	if s, ok := c.(*stream); ok {
		h.track(s)
	}
	return c, nil
}

func (h *Host) target(address string) (netip.AddrPort, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return netip.AddrPort{}, &net.AddrError{Err: "invalid port", Addr: address}
	}
	addr, err := h.parse(host)
	return netip.AddrPortFrom(addr, uint16(port)), err
}

// Ping reports whether a host has the address; nil is an echo.
func (h *Host) Ping(to netip.Addr) error {
	if h.own(to.Unmap()) {
		return nil
	}
	return h.network.Ping(to)
}

// own reports whether an address never leaves this host.
func (h *Host) own(addr netip.Addr) bool { return addr == loopback || addr == h.addr }

// source is the address a flow to an address comes from.
func (h *Host) source(to netip.AddrPort) netip.Addr {
	if to.Addr() == loopback {
		return loopback
	}
	return h.addr
}

func (h *Host) ephemeral() uint16 {
	h.mu.Lock()
	defer h.mu.Unlock()
	port := h.next
	if h.next++; h.next > lastEphemeral {
		h.next = firstEphemeral
	}
	return port
}

// connect makes a stream to a listener of this host; to is what the client
// calls it.
func (h *Host) connect(f Flow, to netip.AddrPort) (net.Conn, error) {
	h.mu.Lock()
	l := h.listeners[socket{f.To.Addr(), f.To.Port()}]
	if l == nil {
		l = h.listeners[socket{anywhere, f.To.Port()}]
	}
	h.mu.Unlock()
	if l == nil {
		return nil, syscall.ECONNREFUSED
	}
	client, server := newStream(f, to)
	if !l.offer(server) {
		return nil, syscall.ECONNREFUSED
	}
	return client, nil
}

// track remembers a stream of this host until it is closed.
func (h *Host) track(s *stream) {
	h.mu.Lock()
	closed := h.closed
	if !closed {
		h.streams[s] = struct{}{}
		s.onClose(func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			delete(h.streams, s)
		})
	}
	h.mu.Unlock()
	if closed {
		s.reset()
	}
}

// listener is a net.Listener of a host.
type listener struct {
	host  *Host
	bound socket
	queue chan *stream
	done  chan struct{}
	once  sync.Once
	stop  func() bool // of the watch over the context

	mu       sync.Mutex
	accepted map[*stream]struct{}
	aborted  bool
}

// backlog is how many streams wait to be accepted; Linux' own default is 4096,
// and a waiting stream costs little.
const backlog = 1024

func newListener(h *Host, s socket) *listener {
	return &listener{host: h, bound: s, queue: make(chan *stream, backlog), done: make(chan struct{}), accepted: map[*stream]struct{}{}}
}

func (l *listener) offer(s *stream) bool {
	select {
	case <-l.done:
		return false
	default:
	}
	select {
	case l.queue <- s:
		return true
	default:
		return false
	}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case s := <-l.queue:
		l.host.track(s)
		l.keep(s)
		return s, nil
	case <-l.done:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
}

func (l *listener) keep(s *stream) {
	l.mu.Lock()
	aborted := l.aborted
	if !aborted {
		l.accepted[s] = struct{}{}
		s.onClose(func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			delete(l.accepted, s)
		})
	}
	l.mu.Unlock()
	if aborted {
		s.reset()
	}
}

// abort closes the listener and breaks what it has accepted.
func (l *listener) abort() {
	_ = l.Close()
	l.mu.Lock()
	l.aborted = true
	var all []*stream
	for s := range l.accepted {
		all = append(all, s)
	}
	l.mu.Unlock()
	for _, s := range all {
		s.reset()
	}
}

// Close implements net.Listener. Streams that nobody has accepted break.
func (l *listener) Close() error {
	err := &net.OpError{Op: "close", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	first := false
	l.once.Do(func() {
		first = true
		close(l.done)
		l.host.mu.Lock()
		if l.host.listeners[l.bound] == l {
			delete(l.host.listeners, l.bound)
		}
		l.host.mu.Unlock()
		for {
			select {
			case s := <-l.queue:
				s.reset()
				continue
			default:
			}
			break
		}
	})
	if !first {
		return err
	}
	return nil
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.bound.addrPort()) }

// IsRefused reports whether an error means that nobody listened.
func IsRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
