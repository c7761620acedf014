package dns

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
	v1 "k8s.io/api/core/v1"
)

// record is one answer of the cluster: the name it belongs to and an address, or
// another name.
type record struct {
	owner string // full, with a final dot
	host  string
	port  int
}

// verdict is whether a name exists; noData is one without records of the type.
type verdict int

const (
	exists verdict = iota
	noSuchName
)

// podMode is what the kubernetes plugin's `pods` says.
type podMode string

const (
	podsDisabled podMode = "disabled"
	podsInsecure podMode = "insecure"
	podsVerified podMode = "verified"
)

// domain is a configured kubernetes plugin.
type domain struct {
	cluster    *Cluster
	zones      []string // "cluster.local.", "in-addr.arpa.", …
	primary    string   // the first that is not for reverse names
	ttl        uint32
	pods       podMode
	namespaces []string // none: all of them
	podNames   bool     // endpoint_pod_names
	noEmpty    bool     // ignore empty_service
	passOn     []string // fallthrough: zones whose missing names are asked of the next plugin
	self       netip.Addr
}

// parts is a name below the zone, taken apart.
type parts struct {
	kind               string // "svc", "pod", or empty for the zone itself
	namespace, service string
	endpoint           string
	port, protocol     string
}

// split takes a name in lower case apart; false means that no name of the
// cluster looks like this.
func split(name, zone string) (parts, bool) {
	var p parts
	base := strings.TrimSuffix(strings.TrimSuffix(name, zone), ".")
	if base == "" || base == "svc" || base == "pod" {
		return p, true
	}
	labels := dns.SplitDomainName(base)
	next := func() (label string, ok bool) {
		if len(labels) == 0 {
			return "", false
		}
		label = labels[len(labels)-1]
		labels = labels[:len(labels)-1]
		return label, true
	}
	p.kind, _ = next()
	if p.kind != "svc" && p.kind != "pod" {
		return p, false
	}
	p.namespace, _ = next()
	p.service, _ = next()
	switch len(labels) {
	case 0:
	case 1:
		p.endpoint = labels[0]
	case 2:
		p.port, p.protocol = strings.TrimPrefix(labels[0], "_"), strings.TrimPrefix(labels[1], "_")
	default:
		return p, false
	}
	return p, true
}

func (d *domain) exposes(namespace string) bool {
	if len(d.namespaces) > 0 {
		found := false
		for _, n := range d.namespaces {
			found = found || n == namespace
		}
		if !found {
			return false
		}
	}
	return d.cluster.hasNamespace(namespace)
}

// records are those of a name in lower case, in a zone.
func (d *domain) records(name, zone string) ([]record, verdict) {
	p, ok := split(name, zone)
	switch {
	case !ok:
		return nil, noSuchName
	case p.kind == "":
		return nil, exists
	case isReverse(name):
		return nil, noSuchName
	case !d.exposes(p.namespace):
		return nil, noSuchName
	case p.kind == "pod":
		return d.podRecords(p, name)
	}
	return d.serviceRecords(p, zone)
}

// podRecords answers 10-244-0-5.namespace.pod: in insecure mode for any address.
func (d *domain) podRecords(p parts, name string) ([]record, verdict) {
	switch {
	case d.pods == podsDisabled:
		return nil, noSuchName
	case p.service == "":
		return nil, exists
	}
	address := strings.ReplaceAll(p.service, "-", ":")
	if strings.Count(p.service, "-") == 3 && !strings.Contains(p.service, "--") {
		address = strings.ReplaceAll(p.service, "-", ".")
	}
	if !isAddress(address) {
		return nil, noSuchName
	}
	if d.pods == podsVerified && !d.cluster.hasPod(p.namespace, address) {
		return nil, noSuchName
	}
	return []record{{owner: name, host: address}}, exists
}

func (d *domain) serviceRecords(p parts, zone string) (found []record, _ verdict) {
	if p.service == "" {
		return nil, exists
	}
	s := d.cluster.service(p.namespace, p.service)
	if s == nil {
		return nil, noSuchName
	}
	owner := strings.Join([]string{s.Name, s.Namespace, "svc", zone}, ".")
	if s.Spec.Type == v1.ServiceTypeExternalName {
		if p.endpoint != "" || p.port != "" || p.protocol != "" || isAddress(s.Spec.ExternalName) {
			return nil, noSuchName
		}
		return []record{{owner: owner, host: s.Spec.ExternalName}}, exists
	}
	matches := func(o port) bool {
		return (p.port == "" || strings.EqualFold(p.port, o.name)) && (p.protocol == "" || strings.EqualFold(p.protocol, o.protocol))
	}
	if d.noEmpty && !headless(s) && len(d.cluster.endpoints(s.Namespace, s.Name, d.podNames)) == 0 {
		return nil, noSuchName
	}
	if headless(s) || p.endpoint != "" {
		for _, e := range d.cluster.endpoints(s.Namespace, s.Name, d.podNames) {
			if p.endpoint != "" && !strings.EqualFold(p.endpoint, e.hostname) || !matches(e.port) {
				continue
			}
			found = append(found, record{owner: e.hostname + "." + owner, host: e.address, port: e.port.number})
		}
	} else {
		for _, o := range servicePorts(s) {
			if !matches(o) {
				continue
			}
			for _, ip := range clusterIPs(s) {
				found = append(found, record{owner: owner, host: ip, port: o.number})
			}
		}
	}
	if len(found) == 0 {
		return nil, noSuchName
	}
	return found, exists
}

// reverse finds the names of an address: of the Service that has it, else of the
// endpoints.
func (d *domain) reverse(address string) (names []string) {
	if s := d.cluster.serviceByIP(address); s != nil && (len(d.namespaces) == 0 || d.exposes(s.Namespace)) {
		return []string{strings.Join([]string{s.Name, s.Namespace, "svc", d.primary}, ".")}
	}
	seen := map[string]bool{}
	for _, e := range d.cluster.endpointsByIP(address, d.podNames) {
		name := strings.Join([]string{e.hostname, e.service, e.namespace, "svc", d.primary}, ".")
		if !seen[name] && (len(d.namespaces) == 0 || d.exposes(e.namespace)) {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// nameServers are the names of the zone's server: of the Services that lead to
// this Pod, or ns.dns when there is none.
func (d *domain) nameServers(zone string) (found []record) {
	seen := map[string]bool{}
	for _, e := range d.cluster.endpointsByIP(d.self.String(), d.podNames) {
		s := d.cluster.service(e.namespace, e.service)
		if s == nil || seen[e.namespace+"/"+e.service] {
			continue
		}
		seen[e.namespace+"/"+e.service] = true
		owner := strings.Join([]string{s.Name, s.Namespace, "svc", zone}, ".")
		if headless(s) {
			found = append(found, record{owner: e.hostname + "." + owner, host: e.address})
			continue
		}
		for _, ip := range clusterIPs(s) {
			found = append(found, record{owner: owner, host: ip})
		}
	}
	if len(found) == 0 {
		found = []record{{owner: "ns.dns." + zone, host: d.self.String()}}
	}
	return found
}

func isReverse(name string) bool {
	return dns.IsSubDomain("in-addr.arpa.", name) || dns.IsSubDomain("ip6.arpa.", name)
}

// addressOf reads the address that a reverse name is about.
func addressOf(name string) (netip.Addr, bool) {
	if labels, ok := strings.CutSuffix(name, ".in-addr.arpa."); ok {
		p := strings.Split(labels, ".")
		if len(p) != 4 {
			return netip.Addr{}, false
		}
		a, err := netip.ParseAddr(strings.Join([]string{p[3], p[2], p[1], p[0]}, "."))
		return a, err == nil
	}
	if labels, ok := strings.CutSuffix(name, ".ip6.arpa."); ok {
		nibbles := strings.Split(labels, ".")
		if len(nibbles) != 32 {
			return netip.Addr{}, false
		}
		var b strings.Builder
		for i := 31; i >= 0; i-- {
			b.WriteString(nibbles[i])
			if i%4 == 0 && i > 0 {
				b.WriteByte(':')
			}
		}
		a, err := netip.ParseAddr(b.String())
		return a, err == nil
	}
	return netip.Addr{}, false
}
