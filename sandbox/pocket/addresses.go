package pocket

import (
	"fmt"
	"net/netip"
)

// addresses hands out Pod addresses from a range. It goes round the whole
// range before it reuses one, so that a stale address is not soon another Pod.
type addresses struct {
	prefix netip.Prefix
	last   netip.Addr
	taken  map[netip.Addr]bool
}

func newAddresses(prefix netip.Prefix) addresses {
	a := addresses{taken: map[netip.Addr]bool{}}
	a.setRange(prefix)
	return a
}

func (a *addresses) setRange(prefix netip.Prefix) {
	prefix = prefix.Masked()
	if prefix == a.prefix || !prefix.IsValid() {
		return
	}
	a.prefix = prefix
	a.last = prefix.Addr().Next() // .1 is the node's own end of the Pod network
}

func (a *addresses) take() (netip.Addr, error) {
	if !a.prefix.IsValid() {
		return netip.Addr{}, fmt.Errorf("no range of Pod addresses is configured")
	}
	first := a.prefix.Addr().Next().Next()
	next := a.last
	for range 1 << min(16, a.prefix.Addr().BitLen()-a.prefix.Bits()) {
		next = next.Next()
		if !a.prefix.Contains(next) || !a.prefix.Contains(next.Next()) { // the last one is for broadcast
			next = first
		}
		if !a.taken[next] {
			a.taken[next] = true
			a.last = next
			return next, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("no address left in %s", a.prefix)
}

func (a *addresses) give(address netip.Addr) { delete(a.taken, address) }
