package kubeproxy

import (
	"net/netip"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// port is one port of a Service with everything that decides where a flow to
// it goes.
type port struct {
	name     portName
	protocol vnet.Protocol

	clusterIP     netip.AddrPort
	externalIPs   []netip.AddrPort
	loadBalancers []netip.AddrPort
	nodePort      uint16

	cluster []netip.AddrPort // endpoints under the Cluster traffic policy
	local   []netip.AddrPort // those under Local
	ready   []netip.AddrPort // those that serve anywhere, whatever topology hints say

	internalLocal bool // internalTrafficPolicy: Local
	externalLocal bool // externalTrafficPolicy: Local
	sources       []netip.Prefix

	stickFor time.Duration // how long after its last flow a client keeps its endpoint; 0: not at all
	clients  *clients
}

// newPort works out one port of a Service.
func newPort(s *v1.Service, sp *v1.ServicePort, endpoints map[portName][]endpoint, at place) (*port, bool) {
	protocol, ok := protocolOf(sp.Protocol)
	addr, err := netip.ParseAddr(s.Spec.ClusterIP)
	if !ok || err != nil || !addr.Is4() {
		return nil, false
	}
	number := uint16(sp.Port)
	p := &port{
		name:          portName{sp.Name, sp.Protocol},
		protocol:      protocol,
		clusterIP:     netip.AddrPortFrom(addr, number),
		nodePort:      uint16(sp.NodePort),
		internalLocal: s.Spec.InternalTrafficPolicy != nil && *s.Spec.InternalTrafficPolicy == v1.ServiceInternalTrafficPolicyLocal,
		clients:       &clients{},
		externalLocal: s.Spec.ExternalTrafficPolicy == v1.ServiceExternalTrafficPolicyLocal,
	}
	for _, ip := range s.Spec.ExternalIPs {
		if addr, err := netip.ParseAddr(ip); err == nil && addr.Is4() {
			p.externalIPs = append(p.externalIPs, netip.AddrPortFrom(addr, number))
		}
	}
	for _, ingress := range s.Status.LoadBalancer.Ingress {
		vip := ingress.IPMode == nil || *ingress.IPMode == v1.LoadBalancerIPModeVIP
		if addr, err := netip.ParseAddr(ingress.IP); err == nil && addr.Is4() && vip {
			p.loadBalancers = append(p.loadBalancers, netip.AddrPortFrom(addr, number))
		}
	}
	p.sources = sourceRanges(s)
	if s.Spec.SessionAffinity == v1.ServiceAffinityClientIP {
		p.stickFor = time.Duration(v1.DefaultClientIPServiceAffinitySeconds) * time.Second
		if c := s.Spec.SessionAffinityConfig; c != nil && c.ClientIP != nil && c.ClientIP.TimeoutSeconds != nil {
			p.stickFor = time.Duration(*c.ClientIP.TimeoutSeconds) * time.Second
		}
	}
	all := endpoints[p.name]
	p.cluster, p.local = addresses(inCluster(all, at)), addresses(onNode(all))
	p.ready = addresses(usable(all))
	return p, true
}

func protocolOf(p v1.Protocol) (vnet.Protocol, bool) {
	switch p {
	case v1.ProtocolTCP, "":
		return vnet.TCP, true
	case v1.ProtocolUDP:
		return vnet.UDP, true
	}
	return "", false
}

// sourceRanges returns who may use the load balancer; none means everybody.
func sourceRanges(s *v1.Service) []netip.Prefix {
	var list []netip.Prefix
	for _, text := range s.Spec.LoadBalancerSourceRanges {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(text)) // the API lets spaces through
		if err != nil || !prefix.Addr().Is4() {
			continue
		}
		if prefix.Bits() == 0 {
			return nil
		}
		list = append(list, prefix.Masked())
	}
	return list
}

func addresses(list []endpoint) []netip.AddrPort {
	found := make([]netip.AddrPort, len(list))
	for i, e := range list {
		found[i] = e.to
	}
	return found
}

// way is how a flow reaches a port of a Service.
type way int

const (
	byClusterIP way = iota
	byExternalIP
	byLoadBalancer
	byNodePort
)

// rules are what is in force; they are never changed, only replaced.
type rules struct {
	addresses map[socket]rule
	nodePorts map[nodePort]rule
	services  map[netip.Addr]bool // cluster IPs that some Service has
}

type socket struct {
	protocol vnet.Protocol
	to       netip.AddrPort
}

type nodePort struct {
	protocol vnet.Protocol
	port     uint16
}

type rule struct {
	port  *port
	way   way
	owner string // namespace/name
}

func newRules(known map[types.NamespacedName][]*port) *rules {
	r := &rules{addresses: map[socket]rule{}, nodePorts: map[nodePort]rule{}, services: map[netip.Addr]bool{}}
	for key, ports := range known {
		owner := key.String()
		for _, p := range ports {
			r.services[p.clusterIP.Addr()] = true
			r.add(p, byClusterIP, owner, p.clusterIP)
			r.add(p, byExternalIP, owner, p.externalIPs...)
			r.add(p, byLoadBalancer, owner, p.loadBalancers...)
			if p.nodePort != 0 {
				r.nodePorts[nodePort{p.protocol, p.nodePort}] = rule{p, byNodePort, owner}
			}
		}
	}
	return r
}

// add makes addresses lead to a port. Two Services may claim the same external
// address; then a cluster IP goes first, and after that the name decides, so
// that it does not change from one time to the next.
func (r *rules) add(p *port, by way, owner string, list ...netip.AddrPort) {
	for _, to := range list {
		at := socket{p.protocol, to}
		if old, taken := r.addresses[at]; taken && (old.way < by || old.way == by && old.owner < owner) {
			continue
		}
		r.addresses[at] = rule{p, by, owner}
	}
}
