package dig

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// banner prints the line that repeats the command, once.
func (d *digger) banner() {
	if !d.command || !d.query.on("cmd") || d.query.on("short") {
		return
	}
	d.command = false
	d.say("\n; <<>> DiG %s <<>> %s\n;; global options: +cmd\n", version, d.query.line)
}

func (d *digger) print(r *reply) {
	if d.query.on("short") {
		for _, rr := range r.Answer {
			d.say("%s\n", data(rr))
		}
		return
	}
	d.banner()
	comments := d.query.on("comments")
	if comments {
		d.header(r)
	}
	if d.query.on("question") {
		if comments {
			d.say(";; QUESTION SECTION:\n")
		}
		for _, q := range r.Question {
			l := &line{}
			l.put(q.Name).to(classColumn).put(dns.ClassToString[q.Qclass]).to(typeColumn).put(dns.TypeToString[q.Qtype])
			d.say(";%s\n", l)
		}
		if comments {
			d.say("\n")
		}
	}
	d.section("answer", r.Answer)
	d.section("authority", r.Ns)
	var additional []dns.RR
	for _, rr := range r.Extra {
		if rr.Header().Rrtype != dns.TypeOPT {
			additional = append(additional, rr)
		}
	}
	d.section("additional", additional)
	if d.query.on("stats") {
		host, port, err := net.SplitHostPort(r.server)
		if err != nil {
			host = r.server
		}
		d.say(";; Query time: %d msec\n;; SERVER: %s#%s(%s) (%s)\n;; WHEN: %s\n;; MSG SIZE  rcvd: %d\n\n",
			r.took.Milliseconds(), host, port, host, strings.ToUpper(r.network), time.Now().UTC().Format("Mon Jan 02 15:04:05 UTC 2006"), r.Len())
	}
}

func (d *digger) header(r *reply) {
	d.say(";; Got answer:\n;; ->>HEADER<<- opcode: %s, status: %s, id: %d\n", dns.OpcodeToString[r.Opcode], dns.RcodeToString[r.Rcode], r.Id)
	set := ""
	for _, f := range []struct {
		name string
		on   bool
	}{{"qr", r.Response}, {"aa", r.Authoritative}, {"tc", r.Truncated}, {"rd", r.RecursionDesired}, {"ra", r.RecursionAvailable}, {"ad", r.AuthenticatedData}, {"cd", r.CheckingDisabled}} {
		if f.on {
			set += " " + f.name
		}
	}
	d.say(";; flags:%s; QUERY: %d, ANSWER: %d, AUTHORITY: %d, ADDITIONAL: %d\n", set, len(r.Question), len(r.Answer), len(r.Ns), len(r.Extra))
	if r.RecursionDesired && !r.RecursionAvailable {
		d.say(";; WARNING: recursion requested but not available\n")
	}
	d.say("\n")
	if opt := r.IsEdns0(); opt != nil {
		d.say(";; OPT PSEUDOSECTION:\n; EDNS: version: %d, flags:; udp: %d\n", opt.Version(), opt.UDPSize())
	}
}

func (d *digger) section(name string, records []dns.RR) {
	if len(records) == 0 || !d.query.on(name) {
		return
	}
	comments := d.query.on("comments")
	if comments {
		d.say(";; %s SECTION:\n", strings.ToUpper(name))
	}
	for _, rr := range records {
		d.say("%s\n", d.record(rr))
	}
	if comments {
		d.say("\n")
	}
}

// The columns that BIND's output is aligned to; without TTL or class the rest
// moves to the left.
const (
	ttlColumn   = 24
	classColumn = 32
	typeColumn  = 40
	tab         = 8
)

func (d *digger) record(rr dns.RR) *line {
	h := rr.Header()
	l := &line{}
	l.put(h.Name)
	column := ttlColumn
	if d.query.on("ttlid") {
		l.to(column).put(strconv.FormatUint(uint64(h.Ttl), 10))
		column += tab
	}
	if d.query.on("class") {
		l.to(column).put(dns.ClassToString[h.Class])
		column += tab
	}
	return l.to(column).put(dns.TypeToString[h.Rrtype]).to(column + tab).put(data(rr))
}

// data is a record without its header.
func data(rr dns.RR) string { return strings.TrimPrefix(rr.String(), rr.Header().String()) }

// line is a line whose columns are reached with tabs.
type line struct {
	strings.Builder
	column int
}

func (l *line) put(text string) *line {
	l.WriteString(text)
	l.column += len(text)
	return l
}

// to goes to a column, or one further than where it is.
func (l *line) to(column int) *line {
	column = max(column, l.column+1)
	if tabs := column/tab - l.column/tab; tabs > 0 {
		l.WriteString(strings.Repeat("\t", tabs))
		l.column = column / tab * tab
	}
	fmt.Fprintf(l, "%*s", column-l.column, "")
	l.column = column
	return l
}
