package dns

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/miekg/dns"
	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

func service(namespace, name, ip string, ports ...v1.ServicePort) *v1.Service {
	return &v1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: v1.ServiceSpec{ClusterIP: ip, ClusterIPs: []string{ip}, Ports: ports}}
}

func httpPort() v1.ServicePort {
	return v1.ServicePort{Name: "http", Protocol: v1.ProtocolTCP, Port: 80}
}

type address struct {
	ip, hostname string
	unready      bool
}

func endpoints(namespace, service string, port int32, addresses ...address) *discoveryv1.EndpointSlice {
	s := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: namespace, Name: service + "-x7z", Labels: map[string]string{discoveryv1.LabelServiceName: service}},
		AddressType: discoveryv1.AddressTypeIPv4,
	}
	if port > 0 {
		s.Ports = []discoveryv1.EndpointPort{{Name: new("http"), Protocol: new(v1.ProtocolTCP), Port: &port}}
	}
	for _, a := range addresses {
		e := discoveryv1.Endpoint{Addresses: []string{a.ip}, Conditions: discoveryv1.EndpointConditions{Ready: new(!a.unready)}}
		if a.hostname != "" {
			e.Hostname = new(a.hostname)
		}
		s.Endpoints = append(s.Endpoints, e)
	}
	return s
}

func world() []runtime.Object {
	objects := []runtime.Object{
		service("default", "kubernetes", "10.96.0.1", v1.ServicePort{Name: "https", Protocol: v1.ProtocolTCP, Port: 443}),
		service("default", "web", "10.96.0.7", httpPort(), v1.ServicePort{Name: "admin", Protocol: v1.ProtocolTCP, Port: 8080}),
		service("default", "empty", v1.ClusterIPNone, httpPort()),
		service("default", "db", v1.ClusterIPNone, httpPort()),
		endpoints("default", "db", 5432, address{ip: "10.244.0.5", hostname: "db-0"}, address{ip: "10.244.0.6", hostname: "db-1"}, address{ip: "10.244.0.7", unready: true}, address{ip: "10.244.0.8"}),
		service("default", "portless", v1.ClusterIPNone),
		endpoints("default", "portless", 0, address{ip: "10.244.0.5"}),
		&v1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "out"}, Spec: v1.ServiceSpec{Type: v1.ServiceTypeExternalName, ExternalName: "example.com"}},
		&v1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "in"}, Spec: v1.ServiceSpec{Type: v1.ServiceTypeExternalName, ExternalName: "web.default.svc.cluster.local"}},
		&v1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "loop"}, Spec: v1.ServiceSpec{Type: v1.ServiceTypeExternalName, ExternalName: "loop.default.svc.cluster.local"}},
		service("kube-system", "kube-dns", "10.96.0.10", v1.ServicePort{Name: "dns", Protocol: v1.ProtocolUDP, Port: 53}),
		endpoints("kube-system", "kube-dns", 53, address{ip: "10.244.0.2"}),
		&v1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "six"}, Spec: v1.ServiceSpec{ClusterIP: "fd00::7", ClusterIPs: []string{"fd00::7"}, Ports: []v1.ServicePort{httpPort()}}},
		&v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "p"}, Status: v1.PodStatus{PodIPs: []v1.PodIP{{IP: "10.244.0.5"}}}},
	}
	for _, n := range []string{"default", "kube-system"} {
		objects = append(objects, &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: n}})
	}
	return objects
}

// plainCorefile is that of addons/coredns.yaml, without what listens.
const plainCorefile = `.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    forward . 192.168.49.1
}
`

// startServers builds a Corefile over a cluster with some objects.
func startServers(t *testing.T, corefile string, objects ...runtime.Object) servers {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	f := informers.NewSharedInformerFactory(fake.NewClientset(objects...), 0)
	cluster, err := NewCluster(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	f.Start(ctx.Done())
	t.Cleanup(func() {
		cancel()
		f.Shutdown()
	})
	f.WaitForCacheSync(ctx.Done())
	if !cluster.HasSynced() {
		t.Fatal("the informers did not sync")
	}
	network := vnet.New()
	host, err := network.AddHost(netip.MustParseAddr("10.244.0.2"))
	if err != nil {
		t.Fatal(err)
	}
	world := &proc.Container{Files: files.New(), Net: host, Table: proc.NewTable(), Usage: proc.NewUsage(func() {})}
	blocks, err := parseCorefile("Corefile", corefile)
	if err != nil {
		t.Fatal(err)
	}
	set, err := build(world.NewProcess([]string{"coredns"}, nil, "/"), cluster, &logger{write: func(string) {}}, "Corefile", blocks)
	if err != nil {
		t.Fatal(err)
	}
	return set.listen["53"]
}

func (all servers) ask(t *testing.T, name string, qtype uint16) *dns.Msg {
	t.Helper()
	return all.answer(t.Context(), new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype), &net.UDPAddr{IP: net.IPv4(10, 244, 0, 9), Port: 40000})
}

// summary is what matters of records: TTL, type and data, in order of text.
func summary(rrs []dns.RR) (list []string) {
	for _, rr := range rrs {
		words := strings.Fields(rr.String())
		if rr.Header().Rrtype == dns.TypeSOA {
			words = words[:6] // without serial and times
		}
		list = append(list, strings.Join(words[1:], " "))
	}
	slices.SortFunc(list, cmp.Compare[string])
	return list
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	all := startServers(t, plainCorefile, world()...)
	const soa = "30 IN SOA ns.dns.cluster.local. hostmaster.cluster.local."
	for _, test := range []struct {
		name          string
		qtype         uint16
		rcode         int
		answer, extra []string
		authority     []string
	}{
		{name: "web.default.svc.cluster.local", qtype: dns.TypeA, answer: []string{"30 IN A 10.96.0.7"}},
		{name: "WEB.Default.svc.cluster.local", qtype: dns.TypeA, answer: []string{"30 IN A 10.96.0.7"}},
		{name: "web.default.svc.cluster.local", qtype: dns.TypeAAAA, authority: []string{soa}},
		{name: "web.default.svc.cluster.local", qtype: dns.TypeMX, authority: []string{soa}},
		{name: "six.default.svc.cluster.local", qtype: dns.TypeAAAA, answer: []string{"30 IN AAAA fd00::7"}},
		{name: "nope.default.svc.cluster.local", qtype: dns.TypeA, rcode: dns.RcodeNameError, authority: []string{soa}},
		{name: "nope.default.svc.cluster.local", qtype: dns.TypeAAAA, rcode: dns.RcodeNameError, authority: []string{soa}},
		{name: "web.nowhere.svc.cluster.local", qtype: dns.TypeA, rcode: dns.RcodeNameError, authority: []string{soa}},
		{name: "web.default.cluster.local", qtype: dns.TypeA, rcode: dns.RcodeNameError, authority: []string{soa}},
		{name: "default.svc.cluster.local", qtype: dns.TypeA, authority: []string{soa}},
		{name: "svc.cluster.local", qtype: dns.TypeA, authority: []string{soa}},
		{name: "cluster.local", qtype: dns.TypeSOA, answer: []string{soa}},
		{name: "cluster.local", qtype: dns.TypeNS, answer: []string{"30 IN NS kube-dns.kube-system.svc.cluster.local."}, extra: []string{"30 IN A 10.96.0.10"}},
		{name: "dns-version.cluster.local", qtype: dns.TypeTXT, answer: []string{`28800 IN TXT "1.1.0"`}},
		{name: "_http._tcp.web.default.svc.cluster.local", qtype: dns.TypeSRV, answer: []string{"30 IN SRV 0 100 80 web.default.svc.cluster.local."}, extra: []string{"30 IN A 10.96.0.7"}},
		{name: "_https._tcp.web.default.svc.cluster.local", qtype: dns.TypeSRV, rcode: dns.RcodeNameError, authority: []string{soa}},
		{name: "web.default.svc.cluster.local", qtype: dns.TypeSRV, answer: []string{"30 IN SRV 0 50 80 web.default.svc.cluster.local.", "30 IN SRV 0 50 8080 web.default.svc.cluster.local."}, extra: []string{"30 IN A 10.96.0.7"}},
		{name: "db.default.svc.cluster.local", qtype: dns.TypeA, answer: []string{"30 IN A 10.244.0.5", "30 IN A 10.244.0.6", "30 IN A 10.244.0.8"}},
		{name: "db-1.db.default.svc.cluster.local", qtype: dns.TypeA, answer: []string{"30 IN A 10.244.0.6"}},
		{name: "10-244-0-8.db.default.svc.cluster.local", qtype: dns.TypeA, answer: []string{"30 IN A 10.244.0.8"}},
		{name: "db-2.db.default.svc.cluster.local", qtype: dns.TypeA, rcode: dns.RcodeNameError, authority: []string{soa}},
		{name: "_http._tcp.db.default.svc.cluster.local", qtype: dns.TypeSRV,
			answer: []string{"30 IN SRV 0 33 5432 10-244-0-8.db.default.svc.cluster.local.", "30 IN SRV 0 33 5432 db-0.db.default.svc.cluster.local.", "30 IN SRV 0 33 5432 db-1.db.default.svc.cluster.local."},
			extra:  []string{"30 IN A 10.244.0.5", "30 IN A 10.244.0.6", "30 IN A 10.244.0.8"}},
		{name: "empty.default.svc.cluster.local", qtype: dns.TypeA, rcode: dns.RcodeNameError, authority: []string{soa}},
		{name: "portless.default.svc.cluster.local", qtype: dns.TypeA, answer: []string{"30 IN A 10.244.0.5"}},
		{name: "portless.default.svc.cluster.local", qtype: dns.TypeSRV, authority: []string{soa}},
		{name: "10-244-0-77.default.pod.cluster.local", qtype: dns.TypeA, answer: []string{"30 IN A 10.244.0.77"}},
		{name: "10-244-0.default.pod.cluster.local", qtype: dns.TypeA, rcode: dns.RcodeNameError, authority: []string{soa}},
		{name: "10-244-0-77.nowhere.pod.cluster.local", qtype: dns.TypeA, rcode: dns.RcodeNameError, authority: []string{soa}},
		{name: "out.default.svc.cluster.local", qtype: dns.TypeA, answer: []string{"30 IN CNAME example.com."}},
		{name: "out.default.svc.cluster.local", qtype: dns.TypeCNAME, answer: []string{"30 IN CNAME example.com."}},
		{name: "in.default.svc.cluster.local", qtype: dns.TypeA, answer: []string{"30 IN A 10.96.0.7", "30 IN CNAME web.default.svc.cluster.local."}},
		{name: "loop.default.svc.cluster.local", qtype: dns.TypeA, authority: []string{soa}},
		{name: "7.0.96.10.in-addr.arpa", qtype: dns.TypePTR, answer: []string{"30 IN PTR web.default.svc.cluster.local."}},
		{name: "6.0.244.10.in-addr.arpa", qtype: dns.TypePTR, answer: []string{"30 IN PTR db-1.db.default.svc.cluster.local."}},
		{name: "99.0.244.10.in-addr.arpa", qtype: dns.TypePTR, rcode: dns.RcodeServerFailure}, // asked of the upstream, which nobody is
		{name: "example.com", qtype: dns.TypeA, rcode: dns.RcodeServerFailure},
		{name: "cluster.local", qtype: dns.TypeAXFR, rcode: dns.RcodeRefused},
	} {
		t.Run(fmt.Sprintf("%s %s", dns.TypeToString[test.qtype], test.name), func(t *testing.T) {
			t.Parallel()
			m := all.ask(t, test.name, test.qtype)
			if m.Rcode != test.rcode {
				t.Errorf("%s, want %s", dns.RcodeToString[m.Rcode], dns.RcodeToString[test.rcode])
			}
			for _, section := range []struct {
				name      string
				want, got []string
			}{{"answer", test.answer, summary(m.Answer)}, {"extra", test.extra, summary(m.Extra)}, {"authority", test.authority, summary(m.Ns)}} {
				if diff := gocmp.Diff(section.want, section.got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s: %s", section.name, diff)
				}
			}
			if authoritative := m.Rcode == dns.RcodeSuccess || m.Rcode == dns.RcodeNameError; m.Authoritative != authoritative {
				t.Errorf("authoritative: %t", m.Authoritative)
			}
		})
	}
}

func TestCorefileSettings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		corefile, ask string
		qtype         uint16
		want          []string
		rcode         int
	}{
		"hosts answers first": {".:53 {\n hosts {\n 10.1.1.1 db.example\n fallthrough\n }\n kubernetes cluster.local\n}", "db.example", dns.TypeA, []string{"3600 IN A 10.1.1.1"}, 0},
		"hosts lets through":  {".:53 {\n hosts {\n 10.1.1.1 db.example\n fallthrough\n }\n kubernetes cluster.local\n}", "web.default.svc.cluster.local", dns.TypeA, []string{"5 IN A 10.96.0.7"}, 0},
		"rewrite":             {".:53 {\n rewrite name shop.example web.default.svc.cluster.local\n kubernetes cluster.local\n}", "shop.example", dns.TypeA, []string{"5 IN A 10.96.0.7"}, 0},
		"rewrite by pattern":  {".:53 {\n rewrite name regex (.*)\\.corp {1}.default.svc.cluster.local\n kubernetes cluster.local\n}", "web.corp", dns.TypeA, []string{"5 IN A 10.96.0.7"}, 0},
		"the longest zone":    {".:53 {\n hosts {\n 1.1.1.1 a.example\n }\n}\nexample:53 {\n hosts {\n 2.2.2.2 a.example\n }\n}", "a.example", dns.TypeA, []string{"3600 IN A 2.2.2.2"}, 0},
		"another zone":        {"corp.local:53 {\n kubernetes corp.local\n}", "web.default.svc.cluster.local", dns.TypeA, nil, dns.RcodeRefused},
		"Pods are disabled":   {".:53 {\n kubernetes cluster.local\n}", "10-244-0-5.default.pod.cluster.local", dns.TypeA, nil, dns.RcodeNameError},
		"one namespace":       {".:53 {\n kubernetes cluster.local {\n namespaces kube-system\n }\n}", "web.default.svc.cluster.local", dns.TypeA, nil, dns.RcodeNameError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := startServers(t, test.corefile, world()...).ask(t, test.ask, test.qtype)
			if diff := gocmp.Diff(test.want, summary(m.Answer), cmpopts.EquateEmpty()); diff != "" || m.Rcode != test.rcode {
				t.Errorf("%s, want %s; %s", dns.RcodeToString[m.Rcode], dns.RcodeToString[test.rcode], diff)
			}
		})
	}
}

func TestCorefileErrors(t *testing.T) {
	t.Parallel()
	for corefile, want := range map[string]string{
		".:53 {\n    errors\n    kubernets cluster.local\n}": "/etc/coredns/Corefile:3 - Error during parsing: Unknown directive 'kubernets'",
		".:53 {\n errors\n": "/etc/coredns/Corefile:1 - Error during parsing: Unexpected EOF",
		".:53 {\n kubernetes cluster.local {\n pods sometimes\n }\n}": "/etc/coredns/Corefile:2 - Error during parsing: plugin/kubernetes: wrong value for pods: sometimes,  must be one of: disabled, verified, insecure",
		".:53 {\n forward .\n}":                  "/etc/coredns/Corefile:2 - Error during parsing: plugin/forward: Wrong argument count or unexpected line ending after '.'",
		".:53 {\n errors\n}\n.:53 {\n errors\n}": "cannot serve dns://.:53 - it is already defined",
		".:53 {\n forward . /etc/nothing\n}":     `/etc/coredns/Corefile:2 - Error during parsing: plugin/forward: not an IP address or file "/etc/nothing": failed to open file "/etc/nothing": "open /etc/nothing: no such file or directory"`,
	} {
		blocks, err := parseCorefile("/etc/coredns/Corefile", corefile)
		if err == nil {
			world := &proc.Container{Files: files.New(), Net: must(vnet.New().AddHost(netip.MustParseAddr("10.244.0.2")))}
			_, err = build(world.NewProcess(nil, nil, ""), nil, nil, "/etc/coredns/Corefile", blocks)
		}
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", corefile, err, want)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
