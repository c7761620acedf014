package vnet

import (
	"net/netip"
	"slices"
)

// The states of a socket, as netstat names them. A UDP socket has none.
const (
	Listening   = "LISTEN"
	Established = "ESTABLISHED"
)

// Socket is a socket in use on a host.
type Socket struct {
	Protocol      Protocol
	Local, Remote netip.AddrPort // Remote is invalid unless connected
	State         string
}

// Sockets lists what is open on the host, listeners first, in order of port.
func (h *Host) Sockets() []Socket {
	h.mu.Lock()
	var list []Socket
	for s := range h.listeners {
		list = append(list, Socket{Protocol: TCP, Local: s.addrPort(), State: Listening})
	}
	for s, p := range h.packets {
		list = append(list, Socket{Protocol: UDP, Local: s.addrPort(), Remote: p.to})
	}
	for c := range h.streams {
		local, remote := addrPorts(c)
		list = append(list, Socket{Protocol: TCP, Local: local, Remote: remote, State: Established})
	}
	h.mu.Unlock()
	rank := func(s Socket) int {
		switch {
		case s.State == Listening:
			return 0
		case s.Protocol == TCP:
			return 1
		}
		return 2
	}
	slices.SortFunc(list, func(a, b Socket) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		if d := int(a.Local.Port()) - int(b.Local.Port()); d != 0 {
			return d
		}
		return a.Local.Addr().Compare(b.Local.Addr())
	})
	return list
}
