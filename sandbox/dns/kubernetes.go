package dns

import (
	"context"
	"net/netip"

	"github.com/miekg/dns"
)

// maxChain is how many CNAMEs are followed.
const maxChain = 10

// serve is the kubernetes plugin.
func (d *domain) serve(ctx context.Context, q query, next handler) (*dns.Msg, error) {
	zone := longestZone(d.zones, q.name)
	if zone == "" {
		return next(ctx, q)
	}
	var answer, extra []dns.RR
	found := exists
	switch q.qtype {
	case dns.TypeA, dns.TypeAAAA:
		answer, found = d.addresses(ctx, q, q.qname, q.name, zone, 0)
	case dns.TypeTXT:
		answer, found = d.text(q, zone)
	case dns.TypeCNAME:
		var records []record
		if records, found = d.records(q.name, zone); len(records) > 0 && !isAddress(records[0].host) {
			answer = append(answer, d.cname(q.qname, records[0].host))
		}
	case dns.TypePTR:
		answer, found = d.pointers(q, zone)
	case dns.TypeSRV:
		answer, extra, found = d.srv(q, zone)
	case dns.TypeSOA:
		if q.name == zone {
			answer = []dns.RR{d.soa(zone)}
		} else {
			_, found = d.records(q.name, zone)
		}
	case dns.TypeNS:
		if q.name == zone {
			answer, extra = d.ns(q, zone)
		} else {
			_, found = d.records(q.name, zone)
		}
	case dns.TypeAXFR, dns.TypeIXFR:
		return new(dns.Msg).SetRcode(q.req, dns.RcodeRefused), nil
	default:
		_, found = d.records(q.name, zone)
	}
	m := new(dns.Msg).SetReply(q.req)
	m.Authoritative = true
	switch {
	case found == noSuchName:
		if longestZone(d.passOn, q.name) != "" {
			return next(ctx, q)
		}
		m.Rcode = dns.RcodeNameError
		if !d.cluster.HasSynced() {
			m.Rcode = dns.RcodeServerFailure
		}
		m.Ns = []dns.RR{d.soa(zone)}
	case len(answer) == 0:
		m.Ns = []dns.RR{d.soa(zone)}
	default:
		m.Answer, m.Extra = answer, extra
	}
	return m, nil
}

func (d *domain) header(name string, rrtype uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: rrtype, Class: dns.ClassINET, Ttl: d.ttl}
}

func (d *domain) cname(name, target string) *dns.CNAME {
	return &dns.CNAME{Hdr: d.header(name, dns.TypeCNAME), Target: dns.Fqdn(target)}
}

// address is an A or AAAA record, nil when the address is of the other family.
func (d *domain) address(name, host string, rrtype uint16) dns.RR {
	a, err := netip.ParseAddr(host)
	switch {
	case err != nil:
	case rrtype == dns.TypeA && a.Is4():
		return &dns.A{Hdr: d.header(name, dns.TypeA), A: a.AsSlice()}
	case rrtype == dns.TypeAAAA && a.Is6():
		return &dns.AAAA{Hdr: d.header(name, dns.TypeAAAA), AAAA: a.AsSlice()}
	}
	return nil
}

// addresses answers A and AAAA; qname is the name as it was written.
func (d *domain) addresses(ctx context.Context, q query, qname, name, zone string, depth int) (answer []dns.RR, _ verdict) {
	var records []record
	found := exists
	if name == "ns.dns."+zone {
		records = d.nameServers(zone)
	} else {
		records, found = d.records(name, zone)
	}
	seen := map[string]bool{}
	for _, r := range records {
		if isAddress(r.host) {
			if rr := d.address(qname, r.host, q.qtype); rr != nil && !seen[r.host] {
				seen[r.host] = true
				answer = append(answer, rr)
			}
			continue
		}
		target := dns.CanonicalName(r.host)
		if target == name || depth > maxChain {
			continue
		}
		if dns.IsSubDomain(zone, target) {
			if more, _ := d.addresses(ctx, q, dns.Fqdn(r.host), target, zone, depth+1); len(more) > 0 {
				answer = append(append(answer, d.cname(qname, r.host)), more...)
			}
			continue
		}
		// A name outside: what the rest of this server finds, or the alias alone.
		answer = append(answer, d.cname(qname, r.host))
		if m := q.server.lookUp(ctx, q, dns.Fqdn(r.host), q.qtype); m != nil {
			answer = append(answer, m.Answer...)
		}
	}
	return answer, found
}

// schemaVersion is of the DNS specification that the names follow.
const schemaVersion = "1.1.0"

func (d *domain) text(q query, zone string) ([]dns.RR, verdict) {
	if q.name == "dns-version."+zone {
		h := d.header(q.qname, dns.TypeTXT)
		h.Ttl = 28800
		return []dns.RR{&dns.TXT{Hdr: h, Txt: []string{schemaVersion}}}, exists
	}
	if records, _ := d.records(q.name, zone); len(records) > 0 {
		return nil, exists
	}
	return nil, noSuchName
}

func (d *domain) pointers(q query, zone string) (answer []dns.RR, _ verdict) {
	address, ok := addressOf(q.name)
	if !ok {
		_, found := d.records(q.name, zone)
		return nil, found
	}
	names := d.reverse(address.String())
	if len(names) == 0 {
		return nil, noSuchName
	}
	for _, name := range names {
		answer = append(answer, &dns.PTR{Hdr: d.header(q.qname, dns.TypePTR), Ptr: name})
	}
	return answer, exists
}

func (d *domain) srv(q query, zone string) (answer, extra []dns.RR, found verdict) {
	records, found := d.records(q.name, zone)
	var usable []record
	for _, r := range records {
		if isAddress(r.host) { // an ExternalName has no SRV records
			usable = append(usable, r)
		}
	}
	type target struct {
		name string
		port int
	}
	targets, addresses := map[target]bool{}, map[record]bool{}
	for _, r := range usable {
		if r.port == noPort {
			continue
		}
		if t := (target{r.owner, r.port}); !targets[t] {
			targets[t] = true
			answer = append(answer, &dns.SRV{
				Hdr: d.header(q.qname, dns.TypeSRV), Weight: uint16(max(1, 100/len(usable))), Port: uint16(r.port), Target: r.owner,
			})
		}
		if a := (record{owner: r.owner, host: r.host}); !addresses[a] {
			addresses[a] = true
			for _, family := range []uint16{dns.TypeA, dns.TypeAAAA} {
				if rr := d.address(r.owner, r.host, family); rr != nil {
					extra = append(extra, rr)
				}
			}
		}
	}
	return answer, extra, found
}

func (d *domain) ns(q query, zone string) (answer, extra []dns.RR) {
	seen := map[string]bool{}
	for _, r := range d.nameServers(zone) {
		for _, family := range []uint16{dns.TypeA, dns.TypeAAAA} {
			if rr := d.address(r.owner, r.host, family); rr != nil {
				extra = append(extra, rr)
			}
		}
		if !seen[r.owner] {
			seen[r.owner] = true
			answer = append(answer, &dns.NS{Hdr: d.header(q.qname, dns.TypeNS), Ns: r.owner})
		}
	}
	return answer, extra
}

func (d *domain) soa(zone string) dns.RR {
	h := d.header(zone, dns.TypeSOA)
	h.Ttl = min(d.ttl, 300)
	return &dns.SOA{
		Hdr: h, Ns: "ns.dns." + zone, Mbox: "hostmaster." + zone, Serial: uint32(d.cluster.changed.Load()),
		Refresh: 7200, Retry: 1800, Expire: 86400, Minttl: d.ttl,
	}
}

// longestZone finds the zone that a name in lower case is in.
func longestZone(zones []string, name string) (best string) {
	for _, z := range zones {
		if dns.IsSubDomain(z, name) && len(z) > len(best) {
			best = z
		}
	}
	return best
}
