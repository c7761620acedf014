package dns

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// metrics counts for /metrics; the names are those of CoreDNS.
type metrics struct {
	mu        sync.Mutex
	requests  map[requestLabels]int
	responses map[responseLabels]int
	seconds   float64
	answered  int
}

type requestLabels struct{ proto, qtype string }

type responseLabels struct{ rcode string }

func newMetrics() *metrics {
	return &metrics{requests: map[requestLabels]int{}, responses: map[responseLabels]int{}}
}

func (m *metrics) count(req, resp *dns.Msg, udp bool, took time.Duration) {
	proto, qtype := "tcp", "other"
	if udp {
		proto = "udp"
	}
	if len(req.Question) > 0 {
		switch t := req.Question[0].Qtype; t {
		case dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeSOA, dns.TypeCNAME, dns.TypePTR, dns.TypeTXT, dns.TypeNS, dns.TypeSRV:
			qtype = dns.TypeToString[t]
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[requestLabels{proto, qtype}]++
	m.responses[responseLabels{dns.RcodeToString[resp.Rcode]}]++
	m.seconds += took.Seconds()
	m.answered++
}

func (m *metrics) page(version string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		var b strings.Builder
		fmt.Fprintf(&b, "# HELP coredns_build_info A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built.\n# TYPE coredns_build_info gauge\ncoredns_build_info{goversion=\"go1.26.1\",revision=\"\",version=%q} 1\n", version)
		m.mu.Lock()
		defer m.mu.Unlock()
		b.WriteString("# HELP coredns_dns_request_duration_seconds Histogram of the time (in seconds) each request took per zone.\n# TYPE coredns_dns_request_duration_seconds histogram\n")
		fmt.Fprintf(&b, "coredns_dns_request_duration_seconds_bucket{server=\"dns://:53\",view=\"\",zone=\".\",le=\"+Inf\"} %d\n", m.answered)
		fmt.Fprintf(&b, "coredns_dns_request_duration_seconds_sum{server=\"dns://:53\",view=\"\",zone=\".\"} %g\n", m.seconds)
		fmt.Fprintf(&b, "coredns_dns_request_duration_seconds_count{server=\"dns://:53\",view=\"\",zone=\".\"} %d\n", m.answered)
		b.WriteString("# HELP coredns_dns_requests_total Counter of DNS requests made per zone, protocol and family.\n# TYPE coredns_dns_requests_total counter\n")
		for _, l := range slices.SortedFunc(maps.Keys(m.requests), func(a, b requestLabels) int {
			return cmp.Or(cmp.Compare(a.proto, b.proto), cmp.Compare(a.qtype, b.qtype))
		}) {
			fmt.Fprintf(&b, "coredns_dns_requests_total{family=\"1\",proto=%q,server=\"dns://:53\",type=%q,view=\"\",zone=\".\"} %d\n", l.proto, l.qtype, m.requests[l])
		}
		b.WriteString("# HELP coredns_dns_responses_total Counter of response status codes.\n# TYPE coredns_dns_responses_total counter\n")
		for _, l := range slices.SortedFunc(maps.Keys(m.responses), func(a, b responseLabels) int { return cmp.Compare(a.rcode, b.rcode) }) {
			fmt.Fprintf(&b, "coredns_dns_responses_total{plugin=\"\",rcode=%q,server=\"dns://:53\",view=\"\",zone=\".\"} %d\n", l.rcode, m.responses[l])
		}
		_, _ = w.Write([]byte(b.String()))
	})
	return mux
}
