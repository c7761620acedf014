package resolve

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// files are a container's, by path.
type files map[string]string

func (f files) ReadFile(name string) ([]byte, error) {
	text, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

const podConf = "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5 timeout:1 attempts:1\n"

func TestReadConfig(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want Config
	}{
		"nothing said": {"", Config{Servers: []string{"127.0.0.1"}, Ndots: 1, Timeout: 5 * time.Second, Attempts: 2}},
		"a Pod's": {podConf, Config{Servers: []string{"10.96.0.10"}, Search: []string{"default.svc.cluster.local", "svc.cluster.local", "cluster.local"},
			Ndots: 5, Timeout: time.Second, Attempts: 1}},
		"more than there may be": {"nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4\noptions ndots:99 timeout:600 attempts:9 use-vc\n",
			Config{Servers: []string{"1.1.1.1", "2.2.2.2", "3.3.3.3"}, Ndots: 15, Timeout: 30 * time.Second, Attempts: 5, TCP: true}},
		"comments, and the last search counts": {"# nameserver 9.9.9.9\n; search no\nsearch a\nsearch b c\nnameserver 1.1.1.1\noptions ndots:x single-request\n",
			Config{Servers: []string{"1.1.1.1"}, Search: []string{"b", "c"}, Ndots: 1, Timeout: 5 * time.Second, Attempts: 2, One: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, ReadConfig(files{"/etc/resolv.conf": test.text})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	pod := ReadConfig(files{"/etc/resolv.conf": podConf})
	for name, want := range map[string][]string{
		"web":                            {"web.default.svc.cluster.local.", "web.svc.cluster.local.", "web.cluster.local."},
		"web.other":                      {"web.other.default.svc.cluster.local.", "web.other.svc.cluster.local.", "web.other.cluster.local.", "web.other."},
		"web.other.svc.cluster.local.":   {"web.other.svc.cluster.local."},
		"web-0.web.other.svc.cluster.lo": {"web-0.web.other.svc.cluster.lo.", "web-0.web.other.svc.cluster.lo.default.svc.cluster.local.", "web-0.web.other.svc.cluster.lo.svc.cluster.local.", "web-0.web.other.svc.cluster.lo.cluster.local."},
	} {
		if diff := cmp.Diff(want, pod.Names(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := (Config{Ndots: 1}).Names("host"); !slices.Equal(got, []string{"host."}) {
		t.Errorf("without a search path: %v", got)
	}
}

// nameServer answers from a table of full names; a name that is not in it does
// not exist.
type nameServer struct {
	mu    sync.Mutex
	asked []string
}

type reply struct {
	rcode int
	rrs   []string
	none  bool // no answer at all
	cut   bool // truncated over UDP
}

func (s *nameServer) serve(t *testing.T, host *vnet.Host, table map[string]reply) {
	t.Helper()
	packets, err := host.ListenPacket(t.Context(), "udp", ":53")
	if err != nil {
		t.Fatal(err)
	}
	streams, err := host.Listen(t.Context(), "tcp", ":53")
	if err != nil {
		t.Fatal(err)
	}
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, req *dns.Msg) {
		q := req.Question[0]
		s.mu.Lock()
		if q.Qtype != dns.TypeAAAA {
			s.asked = append(s.asked, q.Name)
		}
		s.mu.Unlock()
		r, ok := table[q.Name]
		m := new(dns.Msg).SetReply(req)
		if m.Rcode = r.rcode; !ok {
			m.Rcode = dns.RcodeNameError
		}
		for _, text := range r.rrs {
			rr, err := dns.NewRR(text)
			if err != nil {
				panic(err)
			}
			if rr.Header().Rrtype == q.Qtype || rr.Header().Rrtype == dns.TypeCNAME {
				m.Answer = append(m.Answer, rr)
			}
		}
		if _, udp := w.RemoteAddr().(*net.UDPAddr); udp && r.cut {
			m.Truncated, m.Answer = true, nil
		}
		if !r.none {
			_ = w.WriteMsg(m)
		}
	})
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: streams, Handler: handler}} {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = server.ActivateAndServe()
		}()
		t.Cleanup(func() {
			_ = packets.Close()
			_ = streams.Close()
			<-ended
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	table := map[string]reply{
		"web.default.svc.cluster.local.":      {rrs: []string{"web.default.svc.cluster.local. 30 A 10.96.0.7"}},
		"both.default.svc.cluster.local.":     {rrs: []string{"both.default.svc.cluster.local. 30 AAAA fd00::1", "both.default.svc.cluster.local. 30 A 10.96.0.8"}},
		"alias.default.svc.cluster.local.":    {rrs: []string{"alias.default.svc.cluster.local. 30 CNAME web.default.svc.cluster.local.", "web.default.svc.cluster.local. 30 A 10.96.0.7"}},
		"dangling.default.svc.cluster.local.": {rrs: []string{"dangling.default.svc.cluster.local. 30 CNAME example.com."}},
		"many.default.svc.cluster.local.":     {cut: true, rrs: []string{"many.default.svc.cluster.local. 30 A 10.244.0.1", "many.default.svc.cluster.local. 30 A 10.244.0.2"}},
		"example.com.":                        {rcode: dns.RcodeServerFailure},
		"refused.example.com.":                {rcode: dns.RcodeRefused},
		"silent.default.svc.cluster.local.":   {none: true},
		"v6.default.svc.cluster.local.":       {rrs: []string{"v6.default.svc.cluster.local. 30 AAAA fd00::2"}},
	}
	hosts := "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n10.244.0.9\tme me.example # my name\nbroken line\n"
	for name, test := range map[string]struct {
		ask, conf string
		want      []string
		code      Code
		fails     bool
		asked     []string
	}{
		"an address is itself":               {ask: "10.1.2.3", want: []string{"10.1.2.3"}},
		"/etc/hosts comes first":             {ask: "ME.example", want: []string{"10.244.0.9"}},
		"localhost":                          {ask: "localhost", want: []string{"127.0.0.1", "::1"}},
		"a Service of the own namespace":     {ask: "web", want: []string{"10.96.0.7"}, asked: []string{"web.default.svc.cluster.local."}},
		"the search path goes on":            {ask: "web.default", want: []string{"10.96.0.7"}, asked: []string{"web.default.default.svc.cluster.local.", "web.default.svc.cluster.local."}},
		"IPv4 comes first":                   {ask: "both", want: []string{"10.96.0.8", "fd00::1"}},
		"only IPv6":                          {ask: "v6", want: []string{"fd00::2"}},
		"an alias is followed":               {ask: "alias", want: []string{"10.96.0.7"}},
		"an answer that was cut comes whole": {ask: "many", want: []string{"10.244.0.1", "10.244.0.2"}},
		"over TCP only":                      {ask: "web", conf: podConf + "options use-vc\n", want: []string{"10.96.0.7"}},
		"one after the other":                {ask: "both", conf: podConf + "options single-request\n", want: []string{"10.96.0.8", "fd00::1"}},
		"a name that does not exist":         {ask: "nope", fails: true, code: NoName, asked: []string{"nope.default.svc.cluster.local.", "nope.svc.cluster.local.", "nope.cluster.local."}},
		"a name that is no name":             {ask: "a..b", fails: true, code: NoName, asked: nil},
		"an alias to nowhere":                {ask: "dangling", fails: true, code: NoAddress},
		"a name outside":                     {ask: "example.com", fails: true, code: TryAgain, asked: []string{"example.com.default.svc.cluster.local.", "example.com.svc.cluster.local.", "example.com.cluster.local.", "example.com."}},
		"a server that refuses":              {ask: "refused.example.com.", fails: true, code: Unavailable, asked: []string{"refused.example.com."}},
		"a server that is silent ends it":    {ask: "silent", fails: true, code: TryAgain, asked: []string{"silent.default.svc.cluster.local."}},
		"nobody listens":                     {ask: "web", conf: "nameserver 10.0.0.3\nsearch a b\n", fails: true, code: TryAgain, asked: nil},
		"the second server answers":          {ask: "web", conf: "nameserver 10.0.0.3\n" + podConf, want: []string{"10.96.0.7"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			network := vnet.New()
			client, server, idle := addHost(t, network, "10.0.0.1"), addHost(t, network, "10.96.0.10"), addHost(t, network, "10.0.0.3")
			_ = idle
			var s nameServer
			s.serve(t, server, table)
			if test.conf == "" {
				test.conf = podConf
			}
			got, err := Addresses(t.Context(), client, files{"/etc/hosts": hosts, "/etc/resolv.conf": test.conf}, test.ask)
			if diff := cmp.Diff(test.want, texts(got), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("addresses: %s", diff)
			}
			if (err != nil) != test.fails || err != nil && CodeOf(err) != test.code {
				t.Errorf("error %v (code %d), want code %d", err, CodeOf(err), test.code)
			}
			if dnsErr := (*net.DNSError)(nil); err != nil && (!errors.As(err, &dnsErr) || dnsErr.IsNotFound != (test.code == NoName || test.code == NoAddress)) {
				t.Errorf("%#v is not the error that Go's resolver returns", err)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if test.asked != nil && !slices.Equal(s.asked, test.asked) {
				t.Errorf("asked %v, want %v", s.asked, test.asked)
			}
		})
	}
}

func TestHostnames(t *testing.T) {
	t.Parallel()
	network := vnet.New()
	client, server := addHost(t, network, "10.0.0.1"), addHost(t, network, "10.96.0.10")
	new(nameServer).serve(t, server, map[string]reply{"7.0.96.10.in-addr.arpa.": {rrs: []string{"7.0.96.10.in-addr.arpa. 30 PTR web.default.svc.cluster.local."}}})
	f := files{"/etc/hosts": "10.0.0.1 me\n", "/etc/resolv.conf": podConf}
	for addr, want := range map[string][]string{"10.0.0.1": {"me"}, "10.96.0.7": {"web.default.svc.cluster.local"}, "10.96.0.8": nil} {
		got, err := Hostnames(t.Context(), client, f, netip.MustParseAddr(addr))
		if !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%s: %v, %v, want %v", addr, got, err, want)
		}
	}
}

func TestDialTriesEveryAddress(t *testing.T) {
	t.Parallel()
	network := vnet.New()
	client, server := addHost(t, network, "10.0.0.1"), addHost(t, network, "10.0.0.2")
	l, err := server.Listen(t.Context(), "tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f := files{"/etc/hosts": "10.0.0.1 two\n10.0.0.2 two\n10.0.0.1 one\n"}
	conn, err := Dial(t.Context(), client, f, "tcp", "two:80")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if _, err := Dial(t.Context(), client, f, "tcp", "one:80"); !vnet.IsRefused(err) {
		t.Errorf("nobody listens, but the error is %v", err)
	}
	if _, err := Dial(t.Context(), client, f, "tcp", "nobody:80"); err == nil || err.Error() != "dial tcp: lookup nobody on 127.0.0.1:53: server misbehaving" {
		t.Errorf("without a name server the error is %v", err)
	}
}

func TestAddressesEndsWithItsContext(t *testing.T) {
	t.Parallel()
	network := vnet.New()
	client, server := addHost(t, network, "10.0.0.1"), addHost(t, network, "10.96.0.10")
	new(nameServer).serve(t, server, map[string]reply{"silent.default.svc.cluster.local.": {none: true}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Addresses(ctx, client, files{"/etc/resolv.conf": podConf}, "silent")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func addHost(t *testing.T, n *vnet.Network, addr string) *vnet.Host {
	t.Helper()
	h, err := n.AddHost(netip.MustParseAddr(addr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

func texts(addrs []netip.Addr) (list []string) {
	for _, a := range addrs {
		list = append(list, a.String())
	}
	return list
}
