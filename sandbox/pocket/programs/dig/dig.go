// Package dig is the program dig of BIND 9: it asks a name server a question and
// prints the answer. Options, output and exit codes are the real one's, as far as
// they concern ordinary questions; zone transfers, DNSSEC and +trace are refused.
package dig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet/resolve"
)

// version is what dig says that it is: the one in Alpine 3.22.
const version = "9.20.15"

// The exit codes of dig(1).
const (
	exitUsage    = 1
	exitNoReply  = 9
	exitInternal = 10
)

// Main is the program dig.
func Main(ctx context.Context, p *proc.Process) int {
	queries, err := parse(p.Args[1:])
	switch {
	case errors.Is(err, errVersion):
		fmt.Fprintf(p.Stderr, "DiG %s\n", version)
		return 0
	case err != nil:
		fmt.Fprintf(p.Stderr, "%v\n\n%s", err, usage)
		return exitUsage
	}
	code := 0
	for i, q := range queries {
		d := &digger{ctx: ctx, p: p, query: q, command: i == 0}
		if c := d.dig(); c != 0 {
			code = c
		}
	}
	return code
}

const usage = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`

// digger asks one question.
type digger struct {
	ctx     context.Context
	p       *proc.Process
	query   query
	command bool // the banner is still to be printed
}

func (d *digger) say(format string, args ...any) { fmt.Fprintf(d.p.Stdout, format, args...) }

// reply is an answer and where it came from.
type reply struct {
	*dns.Msg
	server  string // address and port
	network string
	took    time.Duration
}

func (d *digger) dig() int {
	config := resolve.ReadConfig(d.p.Files)
	servers := config.Servers
	if d.query.server != "" {
		found, err := resolve.Addresses(d.ctx, d.p.Net, d.p.Files, d.query.server)
		if err != nil {
			d.p.Fail(exitInternal, "couldn't get address for '%s': not found", d.query.server)
			return exitInternal
		}
		servers = []string{found[0].String()}
	}
	var last *reply
	for _, name := range d.names(config) {
		r := d.ask(name, servers)
		if r == nil {
			d.banner()
			d.say(";; no servers could be reached\n\n")
			return exitNoReply
		}
		if last = r; r.Rcode != dns.RcodeNameError {
			break
		}
	}
	d.print(last)
	return 0
}

// names are the full names to ask for until one exists.
func (d *digger) names(config resolve.Config) []string {
	if !d.query.on("search") || strings.HasSuffix(d.query.name, ".") {
		return []string{dns.Fqdn(d.query.name)}
	}
	if d.query.ndots >= 0 {
		config.Ndots = d.query.ndots
	}
	return config.Names(d.query.name)
}

// ask sends the question until a server answers; nil is that none did.
func (d *digger) ask(name string, servers []string) *reply {
	question := new(dns.Msg).SetQuestion(name, d.query.qtype)
	question.Question[0].Qclass = d.query.qclass
	question.RecursionDesired = d.query.on("recurse")
	question.AuthenticatedData = d.query.on("adflag")
	if d.query.on("edns") {
		question.SetEdns0(udpSize, false)
	}
	network := "udp"
	if d.query.on("tcp") {
		network = "tcp"
	}
	for range max(1, d.query.tries) {
		for _, server := range servers {
			address := net.JoinHostPort(server, strconv.Itoa(d.query.port))
			r, err := d.exchange(network, address, question)
			if err == nil && r.Truncated && network == "udp" && !d.query.on("ignore") {
				if d.query.on("comments") && !d.query.on("short") {
					d.say(";; Truncated, retrying in TCP mode.\n")
				}
				r, err = d.exchange("tcp", address, question)
			}
			if d.ctx.Err() != nil {
				return nil
			}
			if err == nil {
				return r
			}
			d.say(";; communications error to %s#%d: %s\n", server, d.query.port, reason(err))
		}
	}
	return nil
}

// udpSize is the size of datagrams that dig says it can take, in bytes.
const udpSize = 1232

func (d *digger) exchange(network, address string, question *dns.Msg) (*reply, error) {
	ctx, cancel := context.WithTimeout(d.ctx, d.query.timeout)
	defer cancel()
	began := time.Now()
	conn, err := d.p.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	client := &dns.Client{Net: network, Timeout: d.query.timeout, UDPSize: udpSize}
	answer, _, err := client.ExchangeWithConnContext(ctx, question, &dns.Conn{Conn: conn, UDPSize: udpSize})
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, err
	}
	return &reply{answer, address, network, time.Since(began)}, nil
}

// reason is an error in the words of BIND.
func reason(err error) string {
	var ne net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return "timed out"
	case errors.Is(err, syscall.EHOSTUNREACH):
		return "host unreachable"
	case errors.Is(err, syscall.ECONNRESET):
		return "connection reset"
	}
	return "end of file"
}
