package dns

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// hosts is the plugin that answers from lines like those of /etc/hosts.
func (b *builder) hosts(d directive) (plugin, error) {
	table := &domain{ttl: 3600} // for its records only
	byName, byAddress := map[string][]string{}, map[string][]string{}
	var passOn []string
	add := func(words []string) error {
		a, err := netip.ParseAddr(words[0])
		if err != nil {
			return fmt.Errorf("plugin/hosts: unknown property '%s'", words[0])
		}
		for _, name := range words[1:] {
			name = dns.CanonicalName(name)
			byName[name] = append(byName[name], a.String())
			byAddress[a.String()] = append(byAddress[a.String()], name)
		}
		return nil
	}
	args := d.args
	if len(args) > 0 && strings.HasPrefix(args[0], "/") {
		text, err := b.process.Files.ReadFile(args[0])
		if err != nil {
			b.log.plugin("hosts", "WARNING", "File does not exist: %s", args[0])
		}
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, "#")
			if words := strings.Fields(line); len(words) > 1 {
				_ = add(words) // a line of the file that is not right is passed over
			}
		}
		args = args[1:]
	}
	zones := b.zonesOr(args)
	for _, line := range d.body {
		switch line[0] {
		case "fallthrough":
			passOn = []string{"."}
			if len(line) > 1 {
				passOn = b.zonesOr(line[1:])
			}
		case "ttl":
			n, err := strconv.Atoi(first(line[1:], ""))
			if err != nil || n <= 0 {
				return nil, fmt.Errorf("plugin/hosts: ttl needs a number of second")
			}
			table.ttl = uint32(n)
		case "no_reverse":
			clear(byAddress)
		case "reload":
		default:
			if err := add(line); err != nil {
				return nil, err
			}
		}
	}
	return func(ctx context.Context, q query, next handler) (*dns.Msg, error) {
		m := new(dns.Msg).SetReply(q.req)
		m.Authoritative = true
		known := false
		if q.qtype == dns.TypePTR {
			a, _ := addressOf(q.name)
			for _, name := range byAddress[a.String()] {
				m.Answer = append(m.Answer, &dns.PTR{Hdr: table.header(q.qname, dns.TypePTR), Ptr: name})
			}
			known = len(m.Answer) > 0
		} else if longestZone(zones, q.name) != "" {
			for _, a := range byName[q.name] {
				known = true
				if rr := table.address(q.qname, a, q.qtype); rr != nil {
					m.Answer = append(m.Answer, rr)
				}
			}
		}
		switch {
		case known:
			return m, nil
		case longestZone(zones, q.name) == "" || longestZone(passOn, q.name) != "":
			return next(ctx, q)
		}
		m.Rcode = dns.RcodeServerFailure // hosts is not authoritative for what it lacks
		return m, nil
	}, nil
}

// rewrite is the plugin's `name` rule: a query is asked under another name, and
// the answer is given under the one that was asked.
func (b *builder) rewrite(d directive) (plugin, error) {
	args := d.args
	lines := d.body
	for len(args) > 0 && (args[0] == "stop" || args[0] == "continue") {
		args = args[1:]
	}
	if len(args) == 0 && len(lines) > 0 {
		args = lines[0]
	}
	if len(args) < 3 || args[0] != "name" {
		return nil, fmt.Errorf("plugin/rewrite: the sandbox's CoreDNS rewrites names only")
	}
	kind, args := "exact", args[1:]
	switch args[0] {
	case "exact", "prefix", "suffix", "substring", "regex":
		kind, args = args[0], args[1:]
	}
	if len(args) < 2 {
		return nil, wrongArgs(d)
	}
	change, err := renamer(kind, args[0], args[1])
	if err != nil {
		return nil, fmt.Errorf("plugin/rewrite: %w", err)
	}
	return func(ctx context.Context, q query, next handler) (*dns.Msg, error) {
		name, ok := change(q.name)
		if !ok {
			return next(ctx, q)
		}
		m, err := next(ctx, q.ask(name, q.qtype))
		if m == nil {
			return m, err
		}
		m.Question = q.req.Question
		for _, rr := range m.Answer {
			if strings.EqualFold(rr.Header().Name, name) {
				rr.Header().Name = q.qname
			}
		}
		return m, err
	}, nil
}

func renamer(kind, from, to string) (func(string) (string, bool), error) {
	switch kind {
	case "prefix":
		return func(n string) (string, bool) {
			rest, ok := strings.CutPrefix(n, strings.ToLower(from))
			return to + rest, ok
		}, nil
	case "suffix":
		from, to = dns.CanonicalName(from), dns.CanonicalName(to)
		return func(n string) (string, bool) {
			rest, ok := strings.CutSuffix(n, from)
			return rest + to, ok
		}, nil
	case "substring":
		return func(n string) (string, bool) {
			return strings.ReplaceAll(n, strings.ToLower(from), to), strings.Contains(n, strings.ToLower(from))
		}, nil
	case "regex":
		re, err := regexp.Compile(from)
		if err != nil {
			return nil, fmt.Errorf("invalid regex pattern in a name rule: %s", from)
		}
		group := regexp.MustCompile(`\{(\d)\}`)
		template := dns.Fqdn(group.ReplaceAllString(to, "$${$1}"))
		return func(n string) (string, bool) {
			at := re.FindStringSubmatchIndex(n)
			if at == nil {
				return "", false
			}
			return string(re.ExpandString(nil, template, n, at)), true
		}, nil
	}
	from, to = dns.CanonicalName(from), dns.CanonicalName(to)
	return func(n string) (string, bool) { return to, n == from }, nil
}
