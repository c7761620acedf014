// Package vnet is the network of the sandbox's Pods: hosts with addresses, and
// streams and datagrams between them, inside this process.
//
// It behaves as the network of a real cluster does where a program can tell:
// a port that nobody listens on refuses, an address that nobody has is
// unreachable, a flow that a policy forbids hangs, and the errors are those of
// package net. It needs no privileges and opens nothing on the machine.
//
// Each node has a Network of its own. What a node's kernel does to a packet is
// given to it as functions: SetTranslate is kube-proxy, SetAllow the network
// policies, SetRoutes the way to other nodes.
package vnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
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

// Peer is the network of another node. Flows that reach it are already
// translated and allowed.
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
	allow     atomic.Pointer[func(Flow) bool]
}

var _ Peer = (*Network)(nil)

// New makes a network without hosts, rules and routes.
func New() *Network { return &Network{hosts: map[netip.Addr]*Host{}} }

// SetTranslate sets what happens to the addresses of a new flow before it is
// routed, as kube-proxy's rules do: where a flow to a Service really goes. A
// flow that no rule is about is returned as it is. An error is the network's
// answer to whoever began the flow: syscall.ECONNREFUSED for a Service without
// endpoints; ErrDropped for none at all.
func (n *Network) SetTranslate(f func(Flow) (Flow, error)) { n.translate.Store(&f) }

// SetAllow sets which flows the network policies let pass. It is asked about
// translated flows, once for each stream and each datagram. What is not allowed
// is dropped without an answer.
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

// rewrite applies the rules of the node to a new flow.
func (n *Network) rewrite(f Flow) (Flow, error) {
	if t := n.translate.Load(); t != nil {
		var err error
		if f, err = (*t)(f); err != nil {
			return f, err
		}
	}
	if a := n.allow.Load(); a != nil && !(*a)(f) {
		return f, ErrDropped
	}
	return f, nil
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

// Dial begins a stream from an address that need not be a host's: the node's
// own, a client's outside. Rules and policies apply.
func (n *Network) Dial(ctx context.Context, f Flow) (net.Conn, error) {
	to := f.To
	f, err := n.rewrite(f)
	if err == nil {
		var c net.Conn
		if c, err = n.connect(ctx, f, to); err == nil {
			return c, nil
		}
	}
	if errors.Is(err, ErrDropped) {
		err = timeOut(ctx)
	}
	return nil, dialError(f.Protocol, to, err)
}

// Connect opens a stream along a flow that is translated and allowed already,
// for a Peer on another node. Its errors are bare: syscall.Errno or ErrDropped.
func (n *Network) Connect(ctx context.Context, f Flow) (net.Conn, error) {
	return n.connect(ctx, f, f.To)
}

// connect makes the stream; to is the address the client believes it talks to.
func (n *Network) connect(ctx context.Context, f Flow, to netip.AddrPort) (net.Conn, error) {
	if h := n.host(f.To.Addr()); h != nil {
		return h.connect(f, to)
	}
	if peer, ok := n.via(f.To.Addr()); ok {
		return peer.Connect(ctx, f)
	}
	return nil, syscall.EHOSTUNREACH
}

// Send delivers one datagram that is translated and allowed already.
func (n *Network) Send(f Flow, data []byte) error {
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

// connectLimit is how long Linux tries to connect when nothing answers.
const connectLimit = 127 * time.Second

func timeOut(ctx context.Context) error {
	timer := time.NewTimer(connectLimit)
	defer timer.Stop()
	select {
	case <-timer.C:
		return syscall.ETIMEDOUT
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return os.ErrDeadlineExceeded
		}
		return ctx.Err()
	}
}

// dialError is the error that net.Dial returns for the same cause.
func dialError(p Protocol, to netip.AddrPort, cause error) error {
	if _, ok := cause.(syscall.Errno); ok {
		cause = os.NewSyscallError("connect", cause)
	}
	return &net.OpError{Op: "dial", Net: string(p), Addr: address(p, to), Err: cause}
}

func address(p Protocol, a netip.AddrPort) net.Addr {
	if p == UDP {
		return net.UDPAddrFromAddrPort(a)
	}
	return net.TCPAddrFromAddrPort(a)
}
