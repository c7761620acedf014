package vnet

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// flowLife is how long a flow is remembered after its last datagram:
	// nf_conntrack_udp_timeout.
	flowLife = 30 * time.Second
	// cleanEvery is how often those that are over are looked for.
	cleanEvery = 30 * time.Second
)

// flows is what a UDP socket remembers of its own flows, so that the datagrams
// of one go one way and their answers come from whom they were sent to.
type flows struct {
	mu      sync.Mutex
	sent    map[netip.AddrPort]*flow // by whom they were sent to
	real    map[netip.AddrPort]*flow // by who answers
	heard   map[netip.AddrPort]time.Time
	cleaned time.Time
}

type flow struct {
	dest, real netip.AddrPort
	last       time.Time
}

// left notes where a datagram to an address really went.
func (t *flows) left(dest, real netip.AddrPort) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clean()
	if t.sent == nil {
		t.sent, t.real = map[netip.AddrPort]*flow{}, map[netip.AddrPort]*flow{}
	}
	if old := t.sent[dest]; old != nil && t.real[old.real] == old {
		delete(t.real, old.real)
	}
	f := &flow{dest, real, now}
	t.sent[dest], t.real[real] = f, f
}

// goes says where the datagrams to an address go.
func (t *flows) goes(dest netip.AddrPort) (netip.AddrPort, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	f := t.sent[dest]
	if f == nil || now.Sub(f.last) > flowLife {
		return netip.AddrPort{}, false
	}
	f.last = now
	return f.real, true
}

// arrived returns who a datagram is from, as the socket's owner knows them, and
// notes that they began a flow unless it is an answer.
func (t *flows) arrived(from netip.AddrPort) netip.AddrPort {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clean()
	if f := t.real[from]; f != nil {
		f.last = now
		return f.dest
	}
	if t.heard == nil {
		t.heard = map[netip.AddrPort]time.Time{}
	}
	t.heard[from] = now
	return from
}

// answers reports whether what is sent to an address answers what came from it.
func (t *flows) answers(to netip.AddrPort) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, ok := t.heard[to]
	if !ok || time.Since(last) > flowLife {
		return false
	}
	t.heard[to] = time.Now()
	return true
}

// clean forgets flows that are over, now and then. t.mu is held.
func (t *flows) clean() (now time.Time) {
	now = time.Now()
	if now.Sub(t.cleaned) < cleanEvery {
		return now
	}
	t.cleaned = now
	for dest, f := range t.sent {
		if now.Sub(f.last) > flowLife {
			delete(t.sent, dest)
			if t.real[f.real] == f {
				delete(t.real, f.real)
			}
		}
	}
	for from, last := range t.heard {
		if now.Sub(last) > flowLife {
			delete(t.heard, from)
		}
	}
	return now
}

// answers is what a network remembers of datagrams that came to its node's own
// address from another node and went on to a host here: the answers have to
// come from the node's address.
type answers struct {
	mu      sync.Mutex
	known   map[Flow]*flow // of the answer
	cleaned time.Time
}

// expect notes that the answers to a flow come from another address than its
// own.
func (a *answers) expect(f Flow, as netip.AddrPort) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if a.known == nil {
		a.known = map[Flow]*flow{}
	}
	if now.Sub(a.cleaned) > cleanEvery {
		for f, k := range a.known {
			if now.Sub(k.last) > flowLife {
				delete(a.known, f)
			}
		}
		a.cleaned = now
	}
	a.known[Flow{f.Protocol, f.To, f.From}] = &flow{dest: as, last: now}
}

// find returns the address that an answer has to come from.
func (a *answers) find(answer Flow) (netip.AddrPort, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	k := a.known[answer]
	if k == nil || time.Since(k.last) > flowLife {
		return netip.AddrPort{}, false
	}
	k.last = time.Now()
	return k.dest, true
}
