package pocket

import "net/netip"

// PodByAddress finds the Pod of this node that has an address of its own.
func (r *Runtime) PodByAddress(addr netip.Addr) (namespace, name string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.sandboxes {
		if s.ready && s.address == addr {
			return s.config.GetMetadata().GetNamespace(), s.config.GetMetadata().GetName(), true
		}
	}
	return "", "", false
}
