package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// logQueries is the log plugin, in its common format.
func (b *builder) logQueries(d directive) (plugin, error) {
	classes := []string{"all"}
	for _, line := range d.body {
		if line[0] != "class" || len(line) < 2 {
			return nil, wrongArgs(d)
		}
		classes = line[1:]
		for _, c := range classes {
			if !slices.Contains([]string{"all", "success", "denial", "error"}, c) {
				return nil, fmt.Errorf("plugin/log: invalid Class: %s", c)
			}
		}
	}
	var names []string
	for _, a := range d.args {
		if strings.ContainsAny(a, "{}") {
			return nil, fmt.Errorf("plugin/log: the sandbox's CoreDNS has only the common format")
		}
		names = append(names, dns.CanonicalName(a))
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	return func(ctx context.Context, q query, next handler) (*dns.Msg, error) {
		if longestZone(names, q.name) == "" {
			return next(ctx, q)
		}
		begin := time.Now()
		m, err := next(ctx, q)
		if slices.Contains(classes, "all") || slices.Contains(classes, class(m, err)) {
			b.log.line("INFO", "%s", commonFormat(q, m, err, time.Since(begin)))
		}
		return m, err
	}, nil
}

func class(m *dns.Msg, err error) string {
	switch {
	case err != nil || m == nil:
		return "error"
	case m.Rcode == dns.RcodeNameError, m.Rcode == dns.RcodeSuccess && len(m.Answer) == 0:
		return "denial"
	case m.Rcode == dns.RcodeSuccess:
		return "success"
	}
	return "error"
}

// commonFormat is {remote}:{port} - {>id} "{type} {class} {name} {proto} {size}
// {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}.
func commonFormat(q query, m *dns.Msg, err error, took time.Duration) string {
	bufsize, do := dns.MinMsgSize, false
	if o := q.req.IsEdns0(); o != nil {
		bufsize, do = int(o.UDPSize()), o.Do()
	}
	rcode, flags, size := dns.RcodeServerFailure, "-", 0
	switch f := (failure{}); {
	case m != nil:
		rcode, flags, size = m.Rcode, flagsOf(m), m.Len()
	case errors.As(err, &f):
		rcode = f.rcode
	}
	proto := "udp"
	if _, ok := q.client.(*net.TCPAddr); ok {
		proto, bufsize = "tcp", dns.MaxMsgSize
	}
	return fmt.Sprintf(`%s - %d "%s IN %s %s %d %t %d" %s %s %d %.9fs`, q.client, q.req.Id, dns.Type(q.qtype), q.name, proto,
		q.req.Len(), do, bufsize, dns.RcodeToString[rcode], flags, size, took.Seconds())
}

func flagsOf(m *dns.Msg) string {
	flags := []string{"qr"}
	for _, f := range []struct {
		set  bool
		name string
	}{{m.Authoritative, "aa"}, {m.Truncated, "tc"}, {m.RecursionDesired, "rd"}, {m.RecursionAvailable, "ra"}, {m.AuthenticatedData, "ad"}, {m.CheckingDisabled, "cd"}} {
		if f.set {
			flags = append(flags, f.name)
		}
	}
	return strings.Join(flags, ",")
}
