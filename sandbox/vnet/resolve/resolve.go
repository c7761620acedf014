// Package resolve finds addresses for names the way a C library in a container
// does: first /etc/hosts, then the name servers of /etc/resolv.conf with its
// search path and ndots.
package resolve

import (
	"bufio"
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Files is where hosts and resolv.conf are read from, anew for every name.
type Files interface {
	ReadFile(name string) ([]byte, error)
}

// Config is what /etc/resolv.conf says.
type Config struct {
	Servers  []string // IP addresses
	Search   []string
	Ndots    int
	Timeout  time.Duration // of one question to one server
	Attempts int
}

// ReadConfig reads /etc/resolv.conf; what it does not say has the defaults of
// resolv.conf(5).
func ReadConfig(files Files) Config {
	c := Config{Ndots: 1, Timeout: 5 * time.Second, Attempts: 2}
	text, _ := files.ReadFile("/etc/resolv.conf")
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "nameserver":
			c.Servers = append(c.Servers, words[1])
		case "search":
			c.Search = words[1:]
		case "options":
			for _, o := range words[1:] {
				name, value, _ := strings.Cut(o, ":")
				n, err := strconv.Atoi(value)
				if err != nil {
					continue
				}
				switch name {
				case "ndots":
					c.Ndots = n
				case "timeout":
					c.Timeout = time.Duration(n) * time.Second
				case "attempts":
					c.Attempts = n
				}
			}
		}
	}
	return c
}

// Names are the full names to ask for, in order, each with a final dot.
func (c Config) Names(name string) []string {
	if strings.HasSuffix(name, ".") {
		return []string{name}
	}
	var names []string
	for _, s := range c.Search {
		names = append(names, dns.Fqdn(name+"."+s))
	}
	if strings.Count(name, ".") >= c.Ndots {
		return append([]string{dns.Fqdn(name)}, names...)
	}
	return append(names, dns.Fqdn(name))
}

// Addresses finds the addresses of a name. The error is a *net.DNSError.
func Addresses(ctx context.Context, host *vnet.Host, files Files, name string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{a}, nil
	}
	if found := inHosts(files, name); len(found) > 0 {
		return found, nil
	}
	c := ReadConfig(files)
	failed := &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	for _, full := range c.Names(name) {
		answer, err := c.Ask(ctx, host, full, dns.TypeA)
		if err != nil {
			failed = &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true, IsTimeout: true}
			continue
		}
		var found []netip.Addr
		for _, rr := range answer.Answer {
			if a, ok := rr.(*dns.A); ok {
				if addr, ok := netip.AddrFromSlice(a.A.To4()); ok {
					found = append(found, addr)
				}
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, failed
}

// Ask sends one question to the servers until one answers.
func (c Config) Ask(ctx context.Context, host *vnet.Host, name string, qtype uint16) (*dns.Msg, error) {
	question := new(dns.Msg).SetQuestion(name, qtype)
	var last error = &net.DNSError{Err: "no name server is configured", Name: name}
	for range max(1, c.Attempts) {
		for _, server := range c.Servers {
			answer, err := exchange(ctx, host, "udp", server, question, c.Timeout)
			if err == nil && answer.Truncated {
				answer, err = exchange(ctx, host, "tcp", server, question, c.Timeout)
			}
			if err == nil {
				return answer, nil
			}
			last = err
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
	}
	return nil, last
}

func exchange(ctx context.Context, host *vnet.Host, network, server string, question *dns.Msg, timeout time.Duration) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := host.DialContext(ctx, network, net.JoinHostPort(server, "53"))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	client := &dns.Client{Net: network, Timeout: timeout}
	answer, _, err := client.ExchangeWithConnContext(ctx, question, &dns.Conn{Conn: conn})
	return answer, err
}

// Dial connects to an address whose host may be a name.
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
	for _, a := range addrs {
		var conn net.Conn
		if conn, err = host.DialContext(ctx, network, net.JoinHostPort(a.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// inHosts finds a name in /etc/hosts. localhost is found without it.
func inHosts(files Files, name string) (found []netip.Addr) {
	name = strings.TrimSuffix(name, ".")
	if name == "localhost" {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	text, err := files.ReadFile("/etc/hosts")
	if err != nil {
		return nil
	}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		addr, err := netip.ParseAddr(words[0])
		if err != nil || !addr.Is4() {
			continue
		}
		for _, w := range words[1:] {
			if strings.EqualFold(w, name) {
				found = append(found, addr)
			}
		}
	}
	return found
}
