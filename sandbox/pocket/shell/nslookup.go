package shell

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet/resolve"
)

// runNslookup is nslookup of BusyBox: the one of 1.29 and later, or the older
// one, which Kubernetes' own pages still use because it searches.
func runNslookup(ctx context.Context, p *proc.Process) int {
	var types []uint16
	var operands []string
	for _, arg := range p.Args[1:] {
		name, value, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case !strings.HasPrefix(arg, "-") || len(operands) > 0 && !strings.HasPrefix(arg, "-"):
			operands = append(operands, arg)
		case strings.HasPrefix("querytype", name) || strings.HasPrefix("type", name) && value != "":
			t, ok := dns.StringToType[strings.ToUpper(value)]
			if !ok {
				return p.Fail(1, "invalid query type \"%s\"", value)
			}
			types = append(types, t)
		case strings.HasPrefix("debug", name), strings.HasPrefix(name, "timeout"), strings.HasPrefix(name, "retry"), strings.HasPrefix(name, "port"):
		default:
			return p.Fail(1, "invalid option -- '%s'", name)
		}
	}
	if len(operands) == 0 || len(operands) > 2 {
		return p.Fail(1, "requires at least 1 argument")
	}
	config := resolve.ReadConfig(p.Files)
	if len(operands) == 2 {
		found, err := resolve.Addresses(ctx, p.Net, p.Files, operands[1])
		if err != nil || len(found) == 0 {
			return p.Fail(1, "bad address '%s'", operands[1])
		}
		config.Servers = []string{found[0].String()}
	}
	if len(config.Servers) == 0 {
		config.Servers = []string{"127.0.0.1"}
	}
	if old(p.Image) {
		return oldLookup(ctx, p, config, operands[0])
	}
	fmt.Fprintf(p.Stdout, "Server:\t\t%s\nAddress:\t%s\n\n", config.Servers[0], net.JoinHostPort(config.Servers[0], "53"))
	questions := lookupQuestions(config, operands[0], types)
	code := 0
	for _, q := range questions {
		answer, err := config.Ask(ctx, p.Net, q.Name, q.Qtype)
		if ctx.Err() != nil {
			return killedCode
		}
		if err != nil {
			fmt.Fprintln(p.Stdout, ";; connection timed out; no servers could be reached")
			fmt.Fprintln(p.Stdout)
			return 1
		}
		name := strings.TrimSuffix(q.Name, ".")
		if answer.Rcode != dns.RcodeSuccess {
			fmt.Fprintf(p.Stdout, "** server can't find %s: %s\n\n", name, dns.RcodeToString[answer.Rcode])
			code = 1
			continue
		}
		if !answer.Authoritative {
			fmt.Fprintln(p.Stdout, "Non-authoritative answer:")
		}
		for _, rr := range answer.Answer {
			printRecord(p, rr)
		}
		fmt.Fprintln(p.Stdout)
	}
	return code
}

// lookupQuestions are what nslookup asks: a name without a dot is searched for.
func lookupQuestions(c resolve.Config, name string, types []uint16) (list []dns.Question) {
	if reverse, err := dns.ReverseAddr(name); err == nil && len(types) == 0 {
		return []dns.Question{{Name: reverse, Qtype: dns.TypePTR}}
	}
	if len(types) == 0 {
		types = []uint16{dns.TypeA, dns.TypeAAAA}
	}
	names := []string{dns.Fqdn(name)}
	if !strings.Contains(name, ".") && len(c.Search) > 0 {
		names = nil
		for _, s := range c.Search {
			names = append(names, dns.Fqdn(name+"."+s))
		}
	}
	for _, n := range names {
		for _, t := range types {
			list = append(list, dns.Question{Name: n, Qtype: t})
		}
	}
	return list
}

func printRecord(p *proc.Process, rr dns.RR) {
	name := strings.TrimSuffix(rr.Header().Name, ".")
	plain := func(s string) string { return strings.TrimSuffix(s, ".") }
	switch rr := rr.(type) {
	case *dns.A:
		fmt.Fprintf(p.Stdout, "Name:\t%s\nAddress: %s\n", name, rr.A)
	case *dns.AAAA:
		fmt.Fprintf(p.Stdout, "Name:\t%s\nAddress: %s\n", name, rr.AAAA)
	case *dns.CNAME:
		fmt.Fprintf(p.Stdout, "%s\tcanonical name = %s\n", name, plain(rr.Target))
	case *dns.PTR:
		fmt.Fprintf(p.Stdout, "%s\tname = %s\n", name, plain(rr.Ptr))
	case *dns.NS:
		fmt.Fprintf(p.Stdout, "%s\tnameserver = %s\n", name, plain(rr.Ns))
	case *dns.MX:
		fmt.Fprintf(p.Stdout, "%s\tmail exchanger = %d %s\n", name, rr.Preference, plain(rr.Mx))
	case *dns.TXT:
		for _, t := range rr.Txt {
			fmt.Fprintf(p.Stdout, "%s\ttext = \"%s\"\n", name, t)
		}
	case *dns.SRV:
		fmt.Fprintf(p.Stdout, "%s\tservice = %d %d %d %s\n", name, rr.Priority, rr.Weight, rr.Port, plain(rr.Target))
	case *dns.SOA:
		fmt.Fprintf(p.Stdout, "%s\n\torigin = %s\n\tmail addr = %s\n\tserial = %d\n\trefresh = %d\n\tretry = %d\n\texpire = %d\n\tminimum = %d\n",
			name, plain(rr.Ns), plain(rr.Mbox), rr.Serial, rr.Refresh, rr.Retry, rr.Expire, rr.Minttl)
	}
}

// old reports whether an image has the nslookup of BusyBox before 1.29.
func old(image proc.Image) bool {
	if !strings.HasSuffix(image.Repository, "/busybox") {
		return false
	}
	var major, minor int
	n, _ := fmt.Sscanf(image.Version, "%d.%d", &major, &minor)
	return n == 2 && major == 1 && minor < 29
}

// oldLookup resolves as every other program does.
func oldLookup(ctx context.Context, p *proc.Process, config resolve.Config, name string) int {
	named := func(address string) string {
		if reverse, err := dns.ReverseAddr(address); err == nil {
			if answer, err := config.Ask(ctx, p.Net, reverse, dns.TypePTR); err == nil {
				for _, rr := range answer.Answer {
					if ptr, ok := rr.(*dns.PTR); ok {
						return " " + strings.TrimSuffix(ptr.Ptr, ".")
					}
				}
			}
		}
		return ""
	}
	fmt.Fprintf(p.Stdout, "Server:    %s\nAddress 1: %s%s\n\n", config.Servers[0], config.Servers[0], named(config.Servers[0]))
	found, err := resolve.Addresses(ctx, p.Net, p.Files, name)
	if ctx.Err() != nil {
		return killedCode
	}
	if err != nil || len(found) == 0 {
		return p.Fail(1, "can't resolve '%s'", name)
	}
	fmt.Fprintf(p.Stdout, "Name:      %s\n", name)
	for i, a := range found {
		fmt.Fprintf(p.Stdout, "Address %d: %s%s\n", i+1, a, named(a.String()))
	}
	return 0
}
