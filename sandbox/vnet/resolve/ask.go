package resolve

import (
	"context"
	"net"
	"time"

	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Ask sends one question to the servers until one answers it. An answer that
// says that its server failed or refused is returned only when no other server
// has a better one; an error means that no server answered at all.
func (c Config) Ask(ctx context.Context, host *vnet.Host, name string, qtype uint16) (*dns.Msg, error) {
	answers, err := c.askAll(ctx, host, name, qtype)
	if err != nil {
		return nil, err
	}
	return answers[0], nil
}

// askAll asks one server for several types of a name at once, as getaddrinfo
// does, and goes on to the next if it does not answer all of them.
func (c Config) askAll(ctx context.Context, host *vnet.Host, name string, qtypes ...uint16) ([]*dns.Msg, error) {
	if c.One && len(qtypes) > 1 {
		var answers []*dns.Msg
		for _, t := range qtypes {
			m, err := c.askAll(ctx, host, name, t)
			if err != nil {
				return nil, err
			}
			answers = append(answers, m...)
		}
		return answers, nil
	}
	questions := make([]*dns.Msg, len(qtypes))
	for i, t := range qtypes {
		questions[i] = new(dns.Msg).SetQuestion(dns.Fqdn(name), t)
	}
	var failed []*dns.Msg
	var last error = &net.DNSError{Err: "no name server is configured", Name: name}
	for range max(1, c.Attempts) {
		for _, server := range c.Servers {
			answers, err := c.askServer(ctx, host, server, questions)
			switch {
			case ctx.Err() != nil:
				return nil, ctx.Err()
			case err != nil:
				last = err
			case fails(answers):
				failed = answers
			default:
				return answers, nil
			}
		}
		if failed != nil {
			return failed, nil
		}
	}
	return nil, last
}

// fails: another server may know better.
func fails(answers []*dns.Msg) bool {
	for _, m := range answers {
		switch m.Rcode {
		case dns.RcodeServerFailure, dns.RcodeRefused, dns.RcodeNotImplemented:
			return true
		}
	}
	return false
}

// connect opens a socket to a name server that gives up when ctx ends. The
// caller calls done.
func connect(ctx context.Context, host *vnet.Host, network, server string) (socket *dns.Conn, done func(), err error) {
	conn, err := host.DialContext(ctx, network, net.JoinHostPort(server, "53"))
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return &dns.Conn{Conn: conn}, func() {
		stop()
		_ = conn.Close()
	}, nil
}

// askServer sends questions over one socket and reads the answers.
func (c Config) askServer(ctx context.Context, host *vnet.Host, server string, questions []*dns.Msg) ([]*dns.Msg, error) {
	if c.TCP {
		return c.overTCP(ctx, host, server, questions)
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	socket, done, err := connect(ctx, host, "udp", server)
	if err != nil {
		return nil, err
	}
	defer done()
	for _, q := range questions {
		if err := socket.WriteMsg(q); err != nil {
			return nil, err
		}
	}
	answers := make([]*dns.Msg, len(questions))
	for left := len(questions); left > 0; {
		m, err := socket.ReadMsg()
		if err != nil {
			if _, ok := err.(net.Error); !ok {
				continue // not a DNS message: it is not the answer
			}
			return nil, err
		}
		for i, q := range questions {
			if answers[i] == nil && answersTo(m, q) {
				answers[i] = m
				left--
			}
		}
	}
	for i, m := range answers {
		if m.Truncated {
			whole, err := c.overTCP(ctx, host, server, questions[i:i+1])
			if err != nil {
				return nil, err
			}
			answers[i] = whole[0]
		}
	}
	return answers, nil
}

func answersTo(m, q *dns.Msg) bool {
	return m.Response && m.Id == q.Id && len(m.Question) == 1 &&
		m.Question[0].Qtype == q.Question[0].Qtype && dns.CanonicalName(m.Question[0].Name) == dns.CanonicalName(q.Question[0].Name)
}

func (c Config) overTCP(ctx context.Context, host *vnet.Host, server string, questions []*dns.Msg) (answers []*dns.Msg, _ error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	socket, done, err := connect(ctx, host, "tcp", server)
	if err != nil {
		return nil, err
	}
	defer done()
	for _, q := range questions {
		if err := socket.WriteMsg(q); err != nil {
			return nil, err
		}
		m, err := socket.ReadMsg()
		if err != nil {
			return nil, err
		}
		answers = append(answers, m)
	}
	return answers, nil
}
