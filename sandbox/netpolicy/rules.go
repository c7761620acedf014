// Package netpolicy says which flows the NetworkPolicies of a cluster let pass,
// as a network plugin enforces them: on the addresses that a flow has behind its
// Service, in both directions, for Pods that are not on their node's network.
//
// rules.go is the decision itself, a pure function of policies and the two ends
// of a flow. engine.go finds the ends by their addresses.
package netpolicy

import (
	"fmt"
	"net/netip"
	"slices"

	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// End is one end of a flow. Only Addr is set of one that is no Pod.
type End struct {
	Addr            netip.Addr
	Pod             bool
	Namespace       string
	Labels          labels.Set
	NamespaceLabels labels.Set
	Ports           []v1.ContainerPort // for the names of ports
}

// Rules are policies made ready for use, by namespace.
type Rules map[string][]policy

type policy struct {
	selects           labels.Selector
	isolatesIngress   bool
	isolatesEgress    bool
	ingress, egress   []rule
	namespace, object string
}

type rule struct {
	peers []peer // none: everybody
	ports []port // none: every port
}

// peer is a side of a rule: Pods, or a block of addresses.
type peer struct {
	pods       labels.Selector // of the policy's namespace unless namespaces is set
	namespaces labels.Selector
	block      netip.Prefix
	except     []netip.Prefix
}

type port struct {
	protocol vnet.Protocol
	number   int // 0: named, or any
	last     int
	name     string
}

// Compile makes policies ready for use. What cannot be understood is left out
// of its rule, and named in the error; the API server admits none of it.
func Compile(policies []*networkingv1.NetworkPolicy) (Rules, error) {
	rules := Rules{}
	var problem error
	for _, p := range policies {
		c, err := compile(p)
		if err != nil {
			problem = fmt.Errorf("NetworkPolicy %s/%s: %w", p.Namespace, p.Name, err)
			if c.selects == nil {
				continue
			}
		}
		rules[p.Namespace] = append(rules[p.Namespace], c)
	}
	return rules, problem
}

func compile(p *networkingv1.NetworkPolicy) (c policy, err error) {
	c = policy{namespace: p.Namespace, object: p.Name, isolatesIngress: true, isolatesEgress: len(p.Spec.Egress) > 0}
	if c.selects, err = metav1.LabelSelectorAsSelector(&p.Spec.PodSelector); err != nil {
		return c, err
	}
	if types := p.Spec.PolicyTypes; len(types) > 0 {
		c.isolatesIngress = slices.Contains(types, networkingv1.PolicyTypeIngress)
		c.isolatesEgress = slices.Contains(types, networkingv1.PolicyTypeEgress)
	}
	for _, r := range p.Spec.Ingress {
		made, e := compileRule(r.From, r.Ports)
		if e != nil {
			err = e
			continue
		}
		c.ingress = append(c.ingress, made)
	}
	for _, r := range p.Spec.Egress {
		made, e := compileRule(r.To, r.Ports)
		if e != nil {
			err = e
			continue
		}
		c.egress = append(c.egress, made)
	}
	return c, err
}

func compileRule(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) (r rule, err error) {
	for _, p := range peers {
		var made peer
		if p.IPBlock != nil {
			if made.block, err = netip.ParsePrefix(p.IPBlock.CIDR); err != nil {
				return r, err
			}
			for _, e := range p.IPBlock.Except {
				hole, err := netip.ParsePrefix(e)
				if err != nil {
					return r, err
				}
				made.except = append(made.except, hole)
			}
			r.peers = append(r.peers, made)
			continue
		}
		made.pods = labels.Everything()
		if p.PodSelector != nil {
			if made.pods, err = metav1.LabelSelectorAsSelector(p.PodSelector); err != nil {
				return r, err
			}
		}
		if p.NamespaceSelector != nil {
			if made.namespaces, err = metav1.LabelSelectorAsSelector(p.NamespaceSelector); err != nil {
				return r, err
			}
		}
		r.peers = append(r.peers, made)
	}
	for _, p := range ports {
		made := port{protocol: vnet.TCP}
		if p.Protocol != nil {
			switch *p.Protocol {
			case v1.ProtocolUDP:
				made.protocol = vnet.UDP
			case v1.ProtocolSCTP:
				made.protocol = "sctp" // which the network does not carry
			}
		}
		if p.Port != nil {
			if made.number = p.Port.IntValue(); p.Port.StrVal != "" {
				made.number, made.name = 0, p.Port.StrVal
			}
			made.last = made.number
			if p.EndPort != nil {
				made.last = int(*p.EndPort)
			}
		}
		r.ports = append(r.ports, made)
	}
	return r, nil
}

// Allow decides about a flow between two ends to a port of the second.
func (r Rules) Allow(protocol vnet.Protocol, from, to End, number uint16) bool {
	if from.Pod && !r.side(from, to, to, protocol, number, func(p policy) (bool, []rule) { return p.isolatesEgress, p.egress }) {
		return false
	}
	return !to.Pod || r.side(to, from, to, protocol, number, func(p policy) (bool, []rule) { return p.isolatesIngress, p.ingress })
}

// side decides for one direction. A Pod that no policy isolates takes
// everything; else one rule of any of them must match.
func (r Rules) side(self, other, target End, protocol vnet.Protocol, number uint16, part func(policy) (isolates bool, rules []rule)) bool {
	isolated := false
	for _, p := range r[self.Namespace] {
		isolates, rules := part(p)
		if !isolates || !p.selects.Matches(self.Labels) {
			continue
		}
		isolated = true
		for _, rule := range rules {
			if rule.matchesPeer(p.namespace, other) && rule.matchesPort(protocol, number, target) {
				return true
			}
		}
	}
	return !isolated
}

func (r rule) matchesPeer(namespace string, e End) bool {
	return len(r.peers) == 0 || slices.ContainsFunc(r.peers, func(p peer) bool {
		switch {
		case p.block.IsValid():
			return p.block.Contains(e.Addr) && !slices.ContainsFunc(p.except, func(hole netip.Prefix) bool { return hole.Contains(e.Addr) })
		case !e.Pod:
			return false
		case p.namespaces != nil:
			return p.namespaces.Matches(e.NamespaceLabels) && p.pods.Matches(e.Labels)
		}
		return e.Namespace == namespace && p.pods.Matches(e.Labels)
	})
}

func (r rule) matchesPort(protocol vnet.Protocol, number uint16, target End) bool {
	return len(r.ports) == 0 || slices.ContainsFunc(r.ports, func(p port) bool {
		switch {
		case p.protocol != protocol:
			return false
		case p.name != "":
			return slices.ContainsFunc(target.Ports, func(c v1.ContainerPort) bool {
				return c.Name == p.name && c.ContainerPort == int32(number) && protocolOf(c.Protocol) == protocol
			})
		}
		return p.number == 0 || int(number) >= p.number && int(number) <= p.last
	})
}

func protocolOf(p v1.Protocol) vnet.Protocol {
	switch p {
	case v1.ProtocolUDP:
		return vnet.UDP
	case v1.ProtocolSCTP:
		return "sctp"
	}
	return vnet.TCP
}
