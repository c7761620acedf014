// Package vnet is the network of the sandbox's Pods: hosts with addresses, and
// streams and datagrams between them, inside this process.
//
// It behaves as the network of a real cluster does where a program can tell:
// a port that nobody listens on refuses, an address that nobody has is
// unreachable, a flow that a policy forbids hangs, and the errors are those of
// package net. It needs no privileges and opens nothing on the machine. IPv4
// only.
//
// Each node has a Network of its own. What a node's kernel does to a packet is
// given to it as functions: SetTranslate and SetHolds are kube-proxy, SetAllow
// the network policies, SetRoutes the way to other nodes, Host.Redirect the
// host ports of Pods.
package vnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
)

// Protocol is "tcp" or "udp".
type Protocol string

// The protocols of the network.
const (
	TCP Protocol = "tcp"
	UDP Protocol = "udp"
)

// Flow is one stream, or the datagrams between two sockets, seen from the side
// that began it.
type Flow struct {
	Protocol Protocol
	From, To netip.AddrPort
}

// Route leads to hosts of another node.
type Route struct {
	Prefix netip.Prefix
	Via    Peer
}

// Peer is the network of another node. The rules of the node where a flow began
// have been applied to it; those of the other node, for flows to its own
// address, are applied there.
type Peer interface {
	// Connect opens a stream to f.To; see Network.Connect.
	Connect(ctx context.Context, f Flow) (net.Conn, error)
	// Send delivers one datagram; see Network.Send.
	Send(f Flow, data []byte) error
	// Ping reports whether a host has the address.
	Ping(to netip.Addr) error
}

// Network is a node's network. It is safe for concurrent use.
type Network struct {
	mu    sync.RWMutex
	hosts map[netip.Addr]*Host

	routes    atomic.Pointer[[]Route]
	translate atomic.Pointer[func(Flow) (Flow, error)]
	holds     atomic.Pointer[func(before, after Flow) bool]
	allow     atomic.Pointer[func(Flow) bool]

	answers answers
}

var _ Peer = (*Network)(nil)

// New makes a network without hosts, rules and routes.
func New() *Network { return &Network{hosts: map[netip.Addr]*Host{}} }

// SetTranslate sets what happens to the addresses of a new flow before it is
// routed, as kube-proxy's rules do: where a flow to a Service really goes, and
// whose address its target sees. A flow that no rule is about is returned as it
// is. An error is the network's answer to whoever began the flow:
// syscall.ECONNREFUSED for a Service without endpoints; ErrDropped for none at
// all, in which case it is asked again while the client keeps trying.
func (n *Network) SetTranslate(f func(Flow) (Flow, error)) { n.translate.Store(&f) }

// SetHolds sets whether datagrams go on along a flow that was translated
// before, so that each of them is not translated anew: false when its endpoint
// is no longer one. Without it they always go on.
func (n *Network) SetHolds(f func(before, after Flow) bool) { n.holds.Store(&f) }

// SetAllow sets which flows the network policies let pass. It is asked about
// translated flows, once for each stream and each datagram, but not about
// datagrams that answer one that was let pass, and not about what a host sends
// to itself. What is not allowed is dropped without an answer.
func (n *Network) SetAllow(f func(Flow) bool) { n.allow.Store(&f) }

// SetRoutes replaces the ways to other nodes. The longest prefix wins.
func (n *Network) SetRoutes(routes []Route) { n.routes.Store(&routes) }

// AddHost adds a host; an address that is taken is an error.
func (n *Network) AddHost(addr netip.Addr) (*Host, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts[addr] != nil {
		return nil, &net.AddrError{Err: "address is in use", Addr: addr.String()}
	}
	h := newHost(n, addr)
	n.hosts[addr] = h
	return h, nil
}

func (n *Network) host(addr netip.Addr) *Host {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.hosts[addr]
}

func (n *Network) remove(h *Host) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts[h.addr] == h {
		delete(n.hosts, h.addr)
	}
}

// ErrDropped says that nothing answers: the packets vanish.
var ErrDropped = errors.New("dropped")

// rewrite says where a new flow really goes.
func (n *Network) rewrite(f Flow) (Flow, error) {
	if h := n.host(f.To.Addr()); h != nil {
		if to, ok := h.redirected(f); ok {
			f.To = to
			return f, nil
		}
	}
	if t := n.translate.Load(); t != nil {
		return (*t)(f)
	}
	return f, nil
}

// allowed asks the network policies about a translated flow.
func (n *Network) allowed(f Flow) bool {
	a := n.allow.Load()
	return a == nil || f.From.Addr() == f.To.Addr() || (*a)(f)
}

// via finds the peer that leads to an address which is not on this node.
func (n *Network) via(addr netip.Addr) (Peer, bool) {
	routes := n.routes.Load()
	if routes == nil {
		return nil, false
	}
	best := Route{}
	for _, r := range *routes {
		if r.Prefix.Contains(addr) && (best.Via == nil || r.Prefix.Bits() > best.Prefix.Bits()) {
			best = r
		}
	}
	return best.Via, best.Via != nil
}

// Dial begins a stream from an address that need not be a host's. Rules and
// policies apply. While nothing answers it tries again, as TCP does, so that
// the end of a policy lets a waiting client through.
func (n *Network) Dial(ctx context.Context, f Flow) (net.Conn, error) {
	c, err := n.begin(ctx, f)
	if err != nil {
		return nil, dialError(f.Protocol, f.To, err)
	}
	return c, nil
}

// begin is Dial with bare errors.
func (n *Network) begin(ctx context.Context, f Flow) (conn, error) {
	for wait := firstRetry; ; wait *= 2 {
		if err := ctx.Err(); err != nil {
			return nil, ended(err)
		}
		c, err := n.attempt(ctx, f)
		if !errors.Is(err, ErrDropped) {
			return c, err
		}
		if wait > lastRetry {
			return nil, syscall.ETIMEDOUT
		}
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func (n *Network) attempt(ctx context.Context, f Flow) (conn, error) {
	real, err := n.rewrite(f)
	if err != nil {
		return nil, err
	}
	if !n.allowed(real) {
		return nil, ErrDropped
	}
	return n.connect(ctx, real, f)
}

// Connect opens a stream that another node has sent here. A flow to this node's
// own address may go further, to a Pod with a host port or to a Service's
// endpoint. Its errors are bare: syscall.Errno, ErrDropped or a context's.
func (n *Network) Connect(ctx context.Context, f Flow) (net.Conn, error) {
	real, err := n.rewrite(f)
	if err != nil {
		return nil, err
	}
	if real != f && !n.allowed(real) {
		return nil, ErrDropped
	}
	c, err := n.connect(ctx, real, f)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// connect makes the stream; seen is the flow as the client knows it.
func (n *Network) connect(ctx context.Context, f, seen Flow) (conn, error) {
	if h := n.host(f.To.Addr()); h != nil {
		return h.connect(ctx, f, seen)
	}
	if peer, ok := n.via(f.To.Addr()); ok {
		c, err := peer.Connect(ctx, f)
		if err != nil {
			return nil, err
		}
		return &distant{Conn: c, local: address(TCP, seen.From), remote: address(TCP, seen.To)}, nil
	}
	return nil, syscall.EHOSTUNREACH
}

// Send delivers one datagram that another node has sent here; see Connect.
func (n *Network) Send(f Flow, data []byte) error {
	real, err := n.rewrite(f)
	if err != nil {
		return err
	}
	if real != f {
		if !n.allowed(real) {
			return ErrDropped
		}
		n.answers.expect(real, f.To)
	}
	return n.deliver(real, data)
}

// deliver brings a datagram to its host.
func (n *Network) deliver(f Flow, data []byte) error {
	if h := n.host(f.To.Addr()); h != nil {
		return h.receive(f, data)
	}
	if peer, ok := n.via(f.To.Addr()); ok {
		return peer.Send(f, data)
	}
	return syscall.EHOSTUNREACH
}

// Ping reports whether a host has the address; nil is an echo.
func (n *Network) Ping(to netip.Addr) error {
	if n.host(to) != nil {
		return nil
	}
	if peer, ok := n.via(to); ok {
		return peer.Ping(to)
	}
	return syscall.EHOSTUNREACH
}
