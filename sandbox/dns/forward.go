package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

const (
	forwardLimit = 5 * time.Second // of a question, all servers together
	readLimit    = 2 * time.Second // of one exchange
	maxTries     = 2               // of each server
)

// forward is the plugin of that name, which asks other servers through the
// Pod's network.
func (b *builder) forward(d directive) (plugin, error) {
	fail := func(format string, args ...any) (plugin, error) {
		return nil, fmt.Errorf("plugin/forward: "+format, args...)
	}
	if len(d.args) < 2 {
		return nil, wrongArgs(d)
	}
	from := dns.CanonicalName(d.args[0])
	var to []string
	for _, a := range d.args[1:] {
		servers, err := b.upstreams(a)
		if err != nil {
			return fail("%w", err)
		}
		to = append(to, servers...)
	}
	if len(to) == 0 {
		return fail("no nameservers found")
	}
	var except []string
	protocol, sequential := "udp", false
	for _, line := range d.body {
		switch line[0] {
		case "except":
			except = append(except, b.zonesOr(line[1:])...)
		case "force_tcp":
			protocol = "tcp"
		case "policy":
			sequential = len(line) == 2 && line[1] == "sequential"
		case "prefer_udp", "max_concurrent", "max_fails", "expire", "health_check", "max_connect_attempts", "failfast_all_unhealthy_upstreams", "max_idle_conns", "max_age":
		case "next", "failover", "tls", "tls_servername":
			return fail("the sandbox's CoreDNS does not know '%s'", line[0])
		default:
			return fail("unknown property '%s'", line[0])
		}
	}
	host := b.process.Net
	return func(ctx context.Context, q query, next handler) (*dns.Msg, error) {
		if !dns.IsSubDomain(from, q.name) || longestZone(except, q.name) != "" {
			return next(ctx, q)
		}
		ctx, cancel := context.WithTimeout(ctx, forwardLimit)
		defer cancel()
		order := slices.Clone(to)
		if !sequential && len(order) > 1 {
			turn := int(q.req.Id) % len(order)
			order = append(order[turn:], order[:turn]...)
		}
		var last error
		for range maxTries {
			for _, server := range order {
				m, err := exchange(ctx, host, protocol, server, q.req)
				if err == nil {
					return m, nil
				}
				if last = err; ctx.Err() != nil {
					return nil, failure{dns.RcodeServerFailure, last}
				}
			}
		}
		return nil, failure{dns.RcodeServerFailure, last}
	}, nil
}

// upstreams reads a server of forward: an address, or a file like resolv.conf.
func (b *builder) upstreams(to string) ([]string, error) {
	host, port, err := net.SplitHostPort(to)
	if err != nil {
		host, port = to, "53"
	}
	if isAddress(host) {
		return []string{net.JoinHostPort(host, port)}, nil
	}
	text, err := b.process.Files.ReadFile(to)
	if err != nil {
		return nil, fmt.Errorf("not an IP address or file %q: failed to open file %q: %q", to, to, err)
	}
	conf, err := dns.ClientConfigFromReader(strings.NewReader(string(text)))
	if err != nil {
		return nil, err
	}
	var servers []string
	for _, s := range conf.Servers {
		servers = append(servers, net.JoinHostPort(s, conf.Port))
	}
	return servers, nil
}

// exchange asks one server, again over TCP when the answer does not fit.
func exchange(ctx context.Context, host *vnet.Host, protocol, server string, req *dns.Msg) (*dns.Msg, error) {
	m, err := exchangeOnce(ctx, host, protocol, server, req)
	if err == nil && m.Truncated && protocol == "udp" {
		m, err = exchangeOnce(ctx, host, "tcp", server, req)
	}
	if err != nil {
		return nil, err
	}
	extra := m.Extra[:0]
	for _, rr := range m.Extra {
		if rr.Header().Rrtype != dns.TypeOPT {
			extra = append(extra, rr)
		}
	}
	m.Extra = extra
	return m, nil
}

func exchangeOnce(ctx context.Context, host *vnet.Host, protocol, server string, req *dns.Msg) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	conn, err := host.DialContext(ctx, protocol, server)
	if err != nil {
		return nil, fmt.Errorf("dial %s %s: %w", protocol, server, plain(err))
	}
	defer conn.Close()
	ask := req.Copy()
	ask.Id = dns.Id()
	client := &dns.Client{Net: protocol, Timeout: readLimit, UDPSize: dns.DefaultMsgSize}
	m, _, err := client.ExchangeWithConnContext(ctx, ask, &dns.Conn{Conn: conn})
	if err != nil {
		_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
		return nil, fmt.Errorf("read %s %s:%s->%s: %w", protocol, host.Addr(), port, server, plain(err))
	}
	return m, nil
}

// plain takes away what an error says about sockets; the caller says it.
func plain(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return errors.New("i/o timeout")
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op.Err
	}
	return err
}
