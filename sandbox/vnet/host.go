package vnet

import (
	"context"
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
	streams   map[conn]struct{} // begun or accepted here
	redirects map[redirect]*netip.AddrPort
	next      uint16 // ephemeral port to try first
}

// socket is what a listener is bound to; an unspecified address is any of the
// host's own.
type socket struct {
	addr netip.Addr
	port uint16
}

func (s socket) addrPort() netip.AddrPort { return netip.AddrPortFrom(s.addr, s.port) }

var (
	loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	anywhere = netip.IPv4Unspecified()
)

func newHost(n *Network, addr netip.Addr) *Host {
	return &Host{
		network: n, addr: addr, next: firstEphemeral,
		listeners: map[socket]*listener{}, packets: map[socket]*packetConn{}, streams: map[conn]struct{}{},
		redirects: map[redirect]*netip.AddrPort{},
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

// ephemeral returns the next port that Linux would try. h.mu is held.
func (h *Host) ephemeral() uint16 {
	port := h.next
	if h.next++; h.next > lastEphemeral {
		h.next = firstEphemeral
	}
	return port
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
	for range lastEphemeral - firstEphemeral + 1 {
		if s.port = h.ephemeral(); !inUse(s) {
			return s, nil
		}
	}
	return s, os.NewSyscallError("bind", syscall.EADDRINUSE)
}

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
	port, err := parsePort(portText)
	if err != nil {
		return socket{}, err
	}
	s := socket{addr: anywhere, port: port}
	switch host {
	case "", "0.0.0.0", "::", "*":
		return s, nil
	}
	addr, err := parseHost(host)
	if err != nil {
		return s, err
	}
	s.addr = addr
	if addr != h.addr && addr != loopback {
		return s, os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)
	}
	return s, nil
}

func parsePort(text string) (uint16, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, &net.AddrError{Err: "invalid port", Addr: text}
	}
	return uint16(port), nil
}

// parseHost reads an address; every address of the machine itself is loopback.
func parseHost(host string) (netip.Addr, error) {
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

// DialContext is net.Dialer.DialContext from this host: ctx is about the dial,
// not the connection; see End. The network is "tcp" or "udp"; the address holds
// an IP address or localhost, because names are for a resolver.
func (h *Host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	to, err := target(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	switch network {
	case "udp", "udp4":
		return h.dialPacket(to)
	case "tcp", "tcp4":
		c, err := h.dial(ctx, to)
		if err != nil {
			return nil, dialError(TCP, to, err)
		}
		return c, nil
	}
	return nil, &net.OpError{Op: "dial", Net: network, Err: net.UnknownNetworkError(network)}
}

func (h *Host) dial(ctx context.Context, to netip.AddrPort) (conn, error) {
	h.mu.Lock()
	f, closed := Flow{Protocol: TCP, From: netip.AddrPortFrom(h.source(to), h.ephemeral()), To: to}, h.closed
	h.mu.Unlock()
	if closed {
		return nil, syscall.ENETDOWN
	}
	c, err := h.begin(ctx, f)
	if err != nil {
		return nil, err
	}
	h.track(c)
	return c, nil
}

// begin starts a stream from this host. What it sends to loopback stays in it,
// unless a host port leads on.
func (h *Host) begin(ctx context.Context, f Flow) (conn, error) {
	if f.To.Addr() != loopback {
		return h.network.begin(ctx, f)
	}
	if err := ctx.Err(); err != nil {
		return nil, ended(err)
	}
	if to, ok := h.redirected(f); ok {
		return h.network.connect(ctx, Flow{Protocol: TCP, From: netip.AddrPortFrom(h.addr, f.From.Port()), To: to}, f)
	}
	return h.connect(ctx, f, f)
}

func target(address string) (netip.AddrPort, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := parsePort(portText)
	if err != nil {
		return netip.AddrPort{}, err
	}
	addr, err := parseHost(host)
	return netip.AddrPortFrom(addr, port), err
}

// Ping reports whether a host has the address; nil is an echo.
func (h *Host) Ping(to netip.Addr) error {
	if to = to.Unmap(); to.IsLoopback() || to == h.addr {
		return nil
	}
	return h.network.Ping(to)
}

// source is the address a flow to an address comes from.
func (h *Host) source(to netip.AddrPort) netip.Addr {
	if to.Addr() == loopback {
		return loopback
	}
	return h.addr
}

// connect makes a stream to a listener of this host; seen is the flow as its
// client knows it.
func (h *Host) connect(ctx context.Context, f, seen Flow) (conn, error) {
	h.mu.Lock()
	l := h.listeners[socket{f.To.Addr(), f.To.Port()}]
	if l == nil {
		l = h.listeners[socket{anywhere, f.To.Port()}]
	}
	h.mu.Unlock()
	if l == nil {
		return nil, syscall.ECONNREFUSED
	}
	client, server := newStream(f, seen)
	if err := l.offer(ctx, server); err != nil {
		return nil, err
	}
	return client, nil
}

// track remembers a stream of this host until it is closed.
func (h *Host) track(s conn) {
	h.mu.Lock()
	closed := h.closed
	if !closed {
		h.streams[s] = struct{}{}
	}
	h.mu.Unlock()
	if closed {
		s.reset()
		return
	}
	s.onEnd(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.streams, s)
	})
}

// redirect is what leads on from a host: a port at one of its addresses, or at
// all of them.
type redirect struct {
	protocol Protocol
	at       socket
}

// Redirect makes what comes for a port of this host go on to another address,
// which is how a Pod has a host port. The address is the host's own, 127.0.0.1,
// or unspecified for both; one that the host does not have is never met. Of two
// for the same port the newer counts. The returned function takes it back.
func (h *Host) Redirect(p Protocol, addr netip.Addr, port uint16, to netip.AddrPort) (undo func()) {
	if !addr.IsValid() || addr.IsUnspecified() {
		addr = anywhere
	}
	r := redirect{p, socket{addr, port}}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.redirects[r] = &to
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.redirects[r] == &to {
			delete(h.redirects, r)
		}
	}
}

// redirected says where a flow to this host leads on to.
func (h *Host) redirected(f Flow) (netip.AddrPort, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.redirects) == 0 {
		return netip.AddrPort{}, false
	}
	for _, addr := range []netip.Addr{f.To.Addr(), anywhere} {
		if to := h.redirects[redirect{f.Protocol, socket{addr, f.To.Port()}}]; to != nil {
			return *to, true
		}
	}
	return netip.AddrPort{}, false
}

// End closes a connection when ctx ends, as the kernel does for a process that
// is gone. Nothing is kept of it once the connection is closed.
func End(ctx context.Context, c net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	switch c := c.(type) {
	case conn:
		c.onEnd(func() { stop() })
	case connected:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.unwatch = stop
	}
}
