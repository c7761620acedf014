package kubeproxy

import (
	"maps"
	"net/netip"
	"slices"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// endpoint is one address that serves a port of a Service.
type endpoint struct {
	to          netip.AddrPort
	local       bool // on this node
	ready       bool // and not terminating, or the Service publishes it anyway
	serving     bool // whether terminating or not
	terminating bool
	zones       []string // the zones it is meant for; none when no hint was given
	nodes       []string // the same for nodes
}

// portName is what ties a port of a Service to the ports of its EndpointSlices.
type portName struct {
	name     string
	protocol v1.Protocol
}

// place is where a node is.
type place struct{ node, zone string }

// collect adds the endpoints of slices to the ports they serve, each address
// once. One that is in two slices counts as not terminating if either says so:
// its address may have gone to a new Pod before the old one was deleted.
func collect(into map[portName][]endpoint, list []*discoveryv1.EndpointSlice, node string) {
	byPort := map[portName]map[netip.AddrPort]endpoint{}
	for _, s := range list {
		if s.AddressType != discoveryv1.AddressTypeIPv4 {
			continue
		}
		for _, p := range s.Ports {
			if p.Name == nil || p.Port == nil || *p.Port == 0 || p.Protocol == nil {
				continue
			}
			name := portName{*p.Name, *p.Protocol}
			if byPort[name] == nil {
				byPort[name] = map[netip.AddrPort]endpoint{}
			}
			for _, e := range s.Endpoints {
				made, ok := newEndpoint(e, uint16(*p.Port), node)
				if _, known := byPort[name][made.to]; ok && (!known || !made.terminating) {
					byPort[name][made.to] = made
				}
			}
		}
	}
	for name, endpoints := range byPort {
		into[name] = slices.SortedFunc(maps.Values(endpoints), func(a, b endpoint) int { return a.to.Compare(b.to) })
	}
}

func newEndpoint(e discoveryv1.Endpoint, port uint16, node string) (endpoint, bool) {
	if len(e.Addresses) == 0 {
		return endpoint{}, false
	}
	addr, err := netip.ParseAddr(e.Addresses[0])
	if err != nil {
		return endpoint{}, false
	}
	yes := func(condition *bool, unknown bool) bool {
		if condition == nil {
			return unknown
		}
		return *condition
	}
	made := endpoint{
		to:          netip.AddrPortFrom(addr, port),
		local:       e.NodeName != nil && *e.NodeName == node,
		ready:       yes(e.Conditions.Ready, true),
		serving:     yes(e.Conditions.Serving, true),
		terminating: yes(e.Conditions.Terminating, false),
	}
	if e.Hints != nil {
		for _, zone := range e.Hints.ForZones {
			made.zones = append(made.zones, zone.Name)
		}
		for _, node := range e.Hints.ForNodes {
			made.nodes = append(made.nodes, node.Name)
		}
	}
	return made, true
}

func isReady(e endpoint) bool   { return e.ready }
func isLeaving(e endpoint) bool { return e.serving && e.terminating }

// usable returns the endpoints that may get traffic: ready ones, and only when
// none is ready those that still serve while they terminate.
func usable(all []endpoint) []endpoint {
	if found := filter(all, isReady); len(found) > 0 {
		return found
	}
	return filter(all, isLeaving)
}

// inCluster returns the endpoints for the Cluster traffic policy: of the ready
// ones those that topology hints prefer.
func inCluster(all []endpoint, at place) []endpoint {
	near := preferred(all, at)
	return filter(usable(all), func(e endpoint) bool { return !e.ready || near(e) })
}

// onNode returns the endpoints for the Local traffic policy.
func onNode(all []endpoint) []endpoint {
	return usable(filter(all, func(e endpoint) bool { return e.local }))
}

// preferred says which ready endpoints topology hints let this node use. Hints
// count only when every ready endpoint has one and some are for this node, or
// else its zone.
func preferred(all []endpoint, at place) func(endpoint) bool {
	ready := filter(all, isReady)
	for _, hint := range []func(endpoint) (names []string, here string){
		func(e endpoint) ([]string, string) { return e.nodes, at.node },
		func(e endpoint) ([]string, string) { return e.zones, at.zone },
	} {
		meant := func(e endpoint) bool { names, here := hint(e); return slices.Contains(names, here) }
		everyone := !slices.ContainsFunc(ready, func(e endpoint) bool { names, _ := hint(e); return len(names) == 0 })
		if everyone && slices.ContainsFunc(ready, meant) {
			return meant
		}
	}
	return func(endpoint) bool { return true }
}

func filter(all []endpoint, keep func(endpoint) bool) []endpoint {
	var kept []endpoint
	for _, e := range all {
		if keep(e) {
			kept = append(kept, e)
		}
	}
	return kept
}
