package dns

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"

	"github.com/miekg/dns"
)

// query is one question on its way through the plugins.
type query struct {
	req    *dns.Msg
	qname  string // as it was written
	name   string // in lower case
	qtype  uint16
	client net.Addr
	server *server
}

func newQuery(s *server, req *dns.Msg, client net.Addr) query {
	q := req.Question[0]
	return query{req: req, qname: q.Name, name: strings.ToLower(q.Name), qtype: q.Qtype, client: client, server: s}
}

// ask is the same client's question about something else.
func (q query) ask(name string, qtype uint16) query {
	req := q.req.Copy()
	req.Question[0].Name, req.Question[0].Qtype = name, qtype
	return newQuery(q.server, req, q.client)
}

// handler answers; an error is answered as a failure of the server.
type handler func(ctx context.Context, q query) (*dns.Msg, error)

// plugin answers a query itself or lets the next one do it.
type plugin func(ctx context.Context, q query, next handler) (*dns.Msg, error)

// failure is an error that has a response code of its own.
type failure struct {
	rcode int
	cause error
}

func (f failure) Error() string { return f.cause.Error() }

// errNoNext: nobody is left who could answer.
var errNoNext = errors.New("no next plugin found")

// chain puts plugins one after the other.
func chain(plugins []plugin) handler {
	if len(plugins) == 0 {
		return func(context.Context, query) (*dns.Msg, error) {
			return nil, failure{dns.RcodeServerFailure, errNoNext}
		}
	}
	next := chain(plugins[1:])
	return func(ctx context.Context, q query) (*dns.Msg, error) { return plugins[0](ctx, q, next) }
}

// reportErrors is the errors plugin.
func reportErrors(log *logger) plugin {
	return func(ctx context.Context, q query, next handler) (*dns.Msg, error) {
		m, err := next(ctx, q)
		if err != nil {
			rcode := dns.RcodeServerFailure
			if f := (failure{}); errors.As(err, &f) {
				rcode = f.rcode
			}
			log.plugin("errors", "ERROR", "%d %s %s: %v", rcode, q.name, dns.Type(q.qtype), err)
		}
		return m, err
	}
}

// loadBalance is the loadbalance plugin: address records in any order, after
// the aliases that lead to them.
func loadBalance(ctx context.Context, q query, next handler) (*dns.Msg, error) {
	m, err := next(ctx, q)
	if m == nil {
		return m, err
	}
	for _, section := range []*[]dns.RR{&m.Answer, &m.Extra} {
		var aliases, addresses, rest []dns.RR
		for _, rr := range *section {
			switch rr.(type) {
			case *dns.CNAME:
				aliases = append(aliases, rr)
			case *dns.A, *dns.AAAA:
				addresses = append(addresses, rr)
			default:
				rest = append(rest, rr)
			}
		}
		rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
		*section = append(append(aliases, rest...), addresses...)
	}
	return m, err
}

// server is the plugins of the zones of one block of a Corefile.
type server struct {
	zone   string
	handle handler
}

// servers are all blocks that listen on one port.
type servers []*server

// answer finds the response to a message, never nil.
func (all servers) answer(ctx context.Context, req *dns.Msg, client net.Addr) *dns.Msg {
	if len(req.Question) != 1 {
		return new(dns.Msg).SetRcode(req, dns.RcodeFormatError)
	}
	if req.Question[0].Qclass != dns.ClassINET {
		return new(dns.Msg).SetRcode(req, dns.RcodeRefused)
	}
	var best *server
	name := strings.ToLower(req.Question[0].Name)
	for _, s := range all {
		if dns.IsSubDomain(s.zone, name) && (best == nil || len(s.zone) > len(best.zone)) {
			best = s
		}
	}
	if best == nil {
		return new(dns.Msg).SetRcode(req, dns.RcodeRefused)
	}
	m, err := best.handle(ctx, newQuery(best, req, client))
	if m == nil {
		m = new(dns.Msg).SetRcode(req, dns.RcodeServerFailure)
		if f := (failure{}); errors.As(err, &f) {
			m.Rcode = f.rcode
		}
	}
	m.Id, m.Question = req.Id, req.Question
	return m
}

// lookUp asks this server itself; nil when it does not know.
func (s *server) lookUp(ctx context.Context, q query, name string, qtype uint16) *dns.Msg {
	if s == nil || s.handle == nil {
		return nil
	}
	m, err := s.handle(ctx, q.ask(name, qtype))
	if err != nil || m == nil || m.Rcode != dns.RcodeSuccess {
		return nil
	}
	return m
}

// fit makes a response small enough for its transport, as CoreDNS does.
func fit(req, m *dns.Msg, udp bool) {
	size := dns.MaxMsgSize
	if udp {
		size = dns.MinMsgSize
	}
	if o := req.IsEdns0(); o != nil {
		if udp {
			size = max(dns.MinMsgSize, int(o.UDPSize()))
		}
		m.SetEdns0(o.UDPSize(), o.Do())
	}
	m.RecursionDesired = req.RecursionDesired
	m.Compress = true
	m.Truncate(size)
}

// logger writes lines as CoreDNS does, without a time.
type logger struct{ write func(line string) }

func (l *logger) line(level, format string, args ...any) {
	l.write(fmt.Sprintf("[%s] %s\n", level, fmt.Sprintf(format, args...)))
}

func (l *logger) plugin(name, level, format string, args ...any) {
	l.line(level, "plugin/%s: %s", name, fmt.Sprintf(format, args...))
}
