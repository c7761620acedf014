package dig_test

import (
	"bytes"
	"context"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/dig"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

const zone = `
kubernetes.default.svc.cluster.local. 30 IN A 10.96.0.1
web.default.svc.cluster.local. 5 IN A 10.244.0.7
web.default.svc.cluster.local. 5 IN A 10.244.0.8
_http._tcp.web.default.svc.cluster.local. 5 IN SRV 0 50 80 web-0.web.default.svc.cluster.local.
db.default.svc.cluster.local. 5 IN CNAME example.com.
1.0.96.10.in-addr.arpa. 30 IN PTR kubernetes.default.svc.cluster.local.
x.org. 300 IN A 1.2.3.4
`

// answerer answers from the zone. Over UDP it truncates what is asked of "big.".
func answerer(t *testing.T) dns.HandlerFunc {
	t.Helper()
	var records []dns.RR
	parser := dns.NewZoneParser(strings.NewReader(zone), ".", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		records = append(records, rr)
	}
	if err := parser.Err(); err != nil {
		t.Fatal(err)
	}
	return func(w dns.ResponseWriter, question *dns.Msg) {
		m := new(dns.Msg).SetReply(question)
		m.Authoritative = true
		q := question.Question[0]
		exists := false
		for _, rr := range records {
			if rr.Header().Name == q.Name {
				exists = true
				if rr.Header().Rrtype == q.Qtype || rr.Header().Rrtype == dns.TypeCNAME {
					m.Answer = append(m.Answer, rr)
				}
			}
		}
		if q.Name == "big." {
			exists = true
			m.Truncated = w.LocalAddr().Network() == "udp"
			if !m.Truncated {
				m.Answer = append(m.Answer, &dns.TXT{Hdr: dns.RR_Header{Name: "big.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{"all"}})
			}
		}
		if !exists {
			m.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(m)
	}
}

// newProcess makes a dig whose name server is at 10.96.0.10.
func newProcess(t *testing.T, args ...string) *proc.Process {
	t.Helper()
	n := vnet.New()
	add := func(address string) *vnet.Host {
		h, err := n.AddHost(netip.MustParseAddr(address))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	server := add("10.96.0.10")
	packets, err := server.ListenPacket(t.Context(), "udp", ":53")
	if err != nil {
		t.Fatal(err)
	}
	streams, err := server.Listen(t.Context(), "tcp", ":53")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*dns.Server{{PacketConn: packets, Handler: answerer(t)}, {Listener: streams, Handler: answerer(t)}} {
		go func() { _ = s.ActivateAndServe() }() // until the listeners end with the test
	}
	c := &proc.Container{Files: files.New(), Net: add("10.244.0.2"), Table: proc.NewTable(), Usage: proc.NewUsage(nil)}
	c.Files.Put("/etc/resolv.conf", "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n")
	return c.NewProcess(append([]string{"dig"}, args...), map[string]string{}, "/")
}

type result struct {
	Out, Err string
	Code     int
}

func run(ctx context.Context, p *proc.Process) result {
	var out, errOut bytes.Buffer
	p.Stdout, p.Stderr = &out, &errOut
	code := p.Run(ctx, dig.Main)
	return result{out.String(), errOut.String(), code}
}

func TestDigPrintsWhatBINDPrints(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args string
		want result
	}{
		"short":                              {"+short kubernetes.default.svc.cluster.local", result{Out: "10.96.0.1\n"}},
		"short, nothing found":               {"+short no.such.name", result{}},
		"no search list without +search":     {"+short web", result{}},
		"a search list":                      {"+notcp +noall +answer +search web A", result{Out: "web.default.svc.cluster.local. 5 IN\tA\t10.244.0.7\nweb.default.svc.cluster.local. 5 IN\tA\t10.244.0.8\n"}},
		"over TCP":                           {"+tcp +noall +answer +search _http._tcp.web.default SRV", result{Out: "_http._tcp.web.default.svc.cluster.local. 5 IN SRV 0 50 80 web-0.web.default.svc.cluster.local.\n"}},
		"the columns of a short name":        {"+noall +answer x.org", result{Out: "x.org.\t\t\t300\tIN\tA\t1.2.3.4\n"}},
		"without TTL":                        {"+noall +answer +nottlid x.org", result{Out: "x.org.\t\t\tIN\tA\t1.2.3.4\n"}},
		"an alias":                           {"+short db.default.svc.cluster.local CNAME", result{Out: "example.com.\n"}},
		"backwards":                          {"+short -x 10.96.0.1", result{Out: "kubernetes.default.svc.cluster.local.\n"}},
		"two questions":                      {"+short x.org kubernetes.default.svc.cluster.local", result{Out: "1.2.3.4\n10.96.0.1\n"}},
		"a type before the name":             {"+short AAAA x.org", result{}},
		"another server that does not exist": {"+short @nobody x.org", result{Err: "dig: couldn't get address for 'nobody': not found\n", Code: 10}},
		"a server that refuses":              {"+short @10.244.0.2 x.org +tries=1 +tcp", result{Out: ";; communications error to 10.244.0.2#53: connection refused\n;; no servers could be reached\n\n", Code: 9}},
		"a port":                             {"+short @10.96.0.10 -p 54 x.org +tries=1", result{Out: ";; communications error to 10.96.0.10#54: connection refused\n;; no servers could be reached\n\n", Code: 9}},
		"a truncated answer is asked again":  {"+short big. TXT", result{Out: "\"all\"\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t, strings.Fields(tc.args)...)
			if diff := cmp.Diff(tc.want, run(t.Context(), p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDigRefusesOptionsThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	got := run(t.Context(), newProcess(t, "+frobnicate", "x.org"))
	if got.Code != 1 || !strings.HasPrefix(got.Err, "Invalid option: +frobnicate\n\nUsage:  dig [@global-server]") {
		t.Errorf("%+v", got)
	}
	if got := run(t.Context(), newProcess(t, "-v")); got != (result{Err: "DiG 9.20.15\n"}) {
		t.Errorf("%+v", got)
	}
}

func TestTheWholeAnswer(t *testing.T) {
	t.Parallel()
	got := run(t.Context(), newProcess(t, "x.org"))
	want := `
; <<>> DiG 9.20.15 <<>> x.org
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: N
;; flags: qr aa rd; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0
;; WARNING: recursion requested but not available

;; QUESTION SECTION:
;x.org.				IN	A

;; ANSWER SECTION:
x.org.			300	IN	A	1.2.3.4

;; Query time: N msec
;; SERVER: 10.96.0.10#53(10.96.0.10) (UDP)
;; WHEN: DATE
;; MSG SIZE  rcvd: 44

`
	out := regexp.MustCompile(`id: \d+`).ReplaceAllString(got.Out, "id: N")
	out = regexp.MustCompile(`time: \d+`).ReplaceAllString(out, "time: N")
	out = regexp.MustCompile(`WHEN: \w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}`).ReplaceAllString(out, "WHEN: DATE")
	if diff := cmp.Diff(want, out); diff != "" || got.Code != 0 {
		t.Error(diff, got.Code, got.Err)
	}
}
