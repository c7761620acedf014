package kubeproxy

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Translate says where a new flow goes; see vnet.Network.SetTranslate.
func (p *Proxy) Translate(f vnet.Flow) (vnet.Flow, error) {
	rules := p.rules.Load()
	r, ok := p.find(rules, f)
	if !ok {
		switch {
		case rules.services[f.To.Addr()]:
			return f, syscall.ECONNREFUSED
		case p.cfg.ServiceCIDR.Contains(f.To.Addr()):
			return f, vnet.ErrDropped
		}
		return f, nil
	}
	endpoints, hide, err := p.choices(r, f.From.Addr())
	if err != nil {
		return f, err
	}
	f.To = r.port.pick(f.From.Addr(), endpoints)
	// Who reaches itself would not know its own answer, so it is hidden too. A
	// datagram's answer finds its way back by the address it came from: those
	// are not hidden.
	if (hide || f.To.Addr() == f.From.Addr()) && f.Protocol == vnet.TCP && len(p.cfg.NodeIPs) > 0 {
		f.From = netip.AddrPortFrom(p.cfg.NodeIPs[0], f.From.Port())
	}
	return f, nil
}

func (p *Proxy) find(rules *rules, f vnet.Flow) (rule, bool) {
	r, ok := rules.addresses[socket{f.Protocol, f.To}]
	if !ok && p.isNode(f.To.Addr()) {
		r, ok = rules.nodePorts[nodePort{f.Protocol, f.To.Port()}]
	}
	return r, ok
}

func (p *Proxy) isNode(addr netip.Addr) bool { return slices.Contains(p.cfg.NodeIPs, addr) }

// choices returns the endpoints a flow may go to, at least one, and whether its
// source is hidden behind the node's address.
func (p *Proxy) choices(r rule, from netip.Addr) (endpoints []netip.AddrPort, hide bool, err error) {
	port, inside := r.port, p.cfg.PodCIDR.Contains(from)
	if r.way == byLoadBalancer && len(port.sources) > 0 && !p.isNode(from) &&
		!slices.ContainsFunc(port.sources, func(s netip.Prefix) bool { return s.Contains(from) }) {
		return nil, false, vnet.ErrDropped
	}
	switch {
	case r.way == byClusterIP && port.internalLocal:
		endpoints, hide = port.local, !inside
	case r.way == byClusterIP:
		endpoints, hide = port.cluster, !inside
	case !port.externalLocal:
		endpoints, hide = port.cluster, true
	case inside: // a Pod that uses an external address is not external
		endpoints = port.cluster
	case p.isNode(from):
		endpoints, hide = port.cluster, true
	case r.way == byLoadBalancer:
		// A load balancer in front of the nodes would have chosen one that has an
		// endpoint; here it is the node itself.
		endpoints = port.ready
	default:
		endpoints = port.local
	}
	switch {
	case len(endpoints) > 0:
		return endpoints, hide, nil
	case len(port.ready) > 0:
		return nil, false, vnet.ErrDropped // there are some, but not here
	}
	return nil, false, syscall.ECONNREFUSED
}

// Holds reports whether a flow that was translated may go on as it does; see
// vnet.Network.SetHolds.
func (p *Proxy) Holds(before, after vnet.Flow) bool {
	rules := p.rules.Load()
	r, ok := p.find(rules, before)
	if !ok {
		return before.To == after.To && !p.cfg.ServiceCIDR.Contains(before.To.Addr())
	}
	endpoints, _, err := p.choices(r, before.From.Addr())
	return err == nil && slices.Contains(endpoints, after.To)
}

// pick chooses one endpoint: the client's own where it keeps one, else any.
func (p *port) pick(client netip.Addr, endpoints []netip.AddrPort) netip.AddrPort {
	choose := func() netip.AddrPort { return endpoints[rand.IntN(len(endpoints))] }
	if p.stickFor == 0 {
		return choose()
	}
	return p.clients.pick(client, endpoints, p.stickFor, choose)
}

// clients remembers which endpoint each client of a port keeps.
type clients struct {
	mu      sync.Mutex
	kept    map[netip.Addr]kept
	cleaned time.Time
}

type kept struct {
	to   netip.AddrPort
	last time.Time
}

func (c *clients) pick(client netip.Addr, endpoints []netip.AddrPort, stickFor time.Duration, choose func() netip.AddrPort) netip.AddrPort {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[netip.Addr]kept{}
	}
	if now.Sub(c.cleaned) > stickFor {
		for who, k := range c.kept {
			if now.Sub(k.last) > stickFor {
				delete(c.kept, who)
			}
		}
		c.cleaned = now
	}
	k, ok := c.kept[client]
	if !ok || now.Sub(k.last) > stickFor || !slices.Contains(endpoints, k.to) {
		k.to = choose()
	}
	k.last = now
	c.kept[client] = k
	return k.to
}
