// Package resolve finds addresses for names the way a C library in a container
// does: first /etc/hosts, then the name servers of /etc/resolv.conf with its
// search path and ndots. It follows glibc: A and AAAA are asked for together,
// a server that fails hands over to the next, and a search goes on after a name
// that does not exist, but not after a server that does not answer.
package resolve

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Addresses finds the addresses of a name, IPv4 before IPv6. The error is a
// *net.DNSError whose cause is an Error.
func Addresses(ctx context.Context, host *vnet.Host, files Files, name string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{a}, nil
	}
	if _, ok := dns.IsDomainName(name); !ok || name == "" {
		return nil, dnsError(name, "", NoName, nil)
	}
	if found := inHosts(files, name); len(found) > 0 {
		return found, nil
	}
	c := ReadConfig(files)
	code := NoName
	for _, full := range c.Names(name) {
		answers, err := c.askAll(ctx, host, full, dns.TypeA, dns.TypeAAAA)
		if ctx.Err() != nil {
			return nil, dnsError(name, c.Servers[0], TryAgain, ctx.Err())
		}
		if err != nil {
			// Nobody answers: the rest of the search path would only wait as long.
			return nil, dnsError(name, c.Servers[0], TryAgain, err)
		}
		found, said := addressesIn(answers)
		if len(found) > 0 {
			return found, nil
		}
		// What was found out first about a name that exists stands: NoAddress
		// over TryAgain over NoName.
		if said == NoAddress || said != NoName && code == NoName {
			code = said
		}
	}
	return nil, dnsError(name, c.Servers[0], code, nil)
}

// addressesIn reads answers to A and AAAA for one name.
func addressesIn(answers []*dns.Msg) (found []netip.Addr, code Code) {
	code = NoName
	for _, m := range answers {
		switch {
		case m == nil || m.Rcode == dns.RcodeServerFailure:
			code = TryAgain
		case m.Rcode == dns.RcodeSuccess:
			if code == NoName {
				code = NoAddress
			}
			for _, rr := range m.Answer {
				var ip net.IP
				switch rr := rr.(type) {
				case *dns.A:
					ip = rr.A.To4()
				case *dns.AAAA:
					ip = rr.AAAA
				}
				if a, ok := netip.AddrFromSlice(ip); ok {
					found = append(found, a)
				}
			}
		case m.Rcode != dns.RcodeNameError:
			code = Unavailable
		}
	}
	return found, code
}

// Hostnames finds the names of an address: in /etc/hosts, else by its PTR
// records. They have no final dot. The error is a *net.DNSError.
func Hostnames(ctx context.Context, host *vnet.Host, files Files, addr netip.Addr) ([]string, error) {
	for _, e := range readHosts(files) {
		if e.addr == addr {
			return e.names, nil
		}
	}
	reverse, err := dns.ReverseAddr(addr.String())
	if err != nil {
		return nil, dnsError(addr.String(), "", NoName, err)
	}
	c := ReadConfig(files)
	m, err := c.Ask(ctx, host, reverse, dns.TypePTR)
	if err != nil {
		return nil, dnsError(addr.String(), c.Servers[0], TryAgain, err)
	}
	var names []string
	for _, rr := range m.Answer {
		if p, ok := rr.(*dns.PTR); ok {
			names = append(names, strings.TrimSuffix(p.Ptr, "."))
		}
	}
	switch {
	case len(names) > 0:
		return names, nil
	case m.Rcode == dns.RcodeSuccess || m.Rcode == dns.RcodeNameError:
		return nil, dnsError(addr.String(), "", NoName, nil)
	}
	return nil, dnsError(addr.String(), c.Servers[0], TryAgain, nil)
}

// Dial connects to an address whose host may be a name: to the first of its
// addresses that can be connected to.
func Dial(ctx context.Context, host *vnet.Host, files Files, network, address string) (net.Conn, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	if name == "" {
		name = "localhost"
	}
	addrs, err := Addresses(ctx, host, files, name)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	var first error // what Go's dialer reports
	for _, a := range addrs {
		conn, err := host.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// entry is a line of /etc/hosts.
type entry struct {
	addr  netip.Addr
	names []string
}

func readHosts(files Files) (entries []entry) {
	text, err := files.ReadFile("/etc/hosts")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		if addr, err := netip.ParseAddr(words[0]); err == nil {
			entries = append(entries, entry{addr, words[1:]})
		}
	}
	return entries
}

// inHosts finds a name in /etc/hosts, IPv4 first. localhost is found without it.
func inHosts(files Files, name string) (found []netip.Addr) {
	name = strings.TrimSuffix(name, ".")
	var six []netip.Addr
	for _, e := range readHosts(files) {
		for _, n := range e.names {
			if !strings.EqualFold(n, name) {
				continue
			}
			if e.addr.Is4() {
				found = append(found, e.addr)
			} else {
				six = append(six, e.addr)
			}
			break
		}
	}
	if found = append(found, six...); len(found) == 0 && strings.EqualFold(name, "localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	return found
}
