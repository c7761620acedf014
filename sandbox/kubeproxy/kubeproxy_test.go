package kubeproxy

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

const (
	pod     = "10.244.0.9:40000" // of this node
	node    = "192.168.49.2:40000"
	outside = "192.168.49.1:40000"
)

// service is a Service web on port 80, with changes.
func service(change func(*v1.Service)) *v1.Service {
	s := &v1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"},
		Spec: v1.ServiceSpec{
			Type: v1.ServiceTypeClusterIP, ClusterIP: "10.96.0.5", ClusterIPs: []string{"10.96.0.5"},
			Ports:           []v1.ServicePort{{Name: "http", Port: 80, Protocol: v1.ProtocolTCP}},
			SessionAffinity: v1.ServiceAffinityNone,
		},
	}
	if change != nil {
		change(s)
	}
	return s
}

// slice is the EndpointSlice of web: "10.244.0.2", or "10.244.1.2@other", with
// conditions after it: " unready", " leaving" (serving, terminating), " gone"
// (terminating), and hints " zone=a", " node=x".
func slice(name string, endpoints ...string) *discoveryv1.EndpointSlice {
	s := &discoveryv1.EndpointSlice{
		ObjectMeta:  metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{discoveryv1.LabelServiceName: "web"}},
		AddressType: discoveryv1.AddressTypeIPv4,
		Ports:       []discoveryv1.EndpointPort{{Name: new("http"), Port: new(int32(8080)), Protocol: new(v1.ProtocolTCP)}},
	}
	for _, text := range endpoints {
		words := strings.Fields(text)
		addr, on, _ := strings.Cut(words[0], "@")
		if on == "" {
			on = "here"
		}
		e := discoveryv1.Endpoint{Addresses: []string{addr}, NodeName: new(on)}
		set := func(ready, serving, terminating bool) {
			e.Conditions = discoveryv1.EndpointConditions{Ready: new(ready), Serving: new(serving), Terminating: new(terminating)}
		}
		set(true, true, false)
		for _, w := range words[1:] {
			switch what, value, _ := strings.Cut(w, "="); what {
			case "unready":
				set(false, false, false)
			case "leaving":
				set(false, true, true)
			case "gone":
				set(false, false, true)
			case "zone":
				e.Hints = &discoveryv1.EndpointHints{ForZones: []discoveryv1.ForZone{{Name: value}}}
			case "node":
				e.Hints = &discoveryv1.EndpointHints{ForNodes: []discoveryv1.ForNode{{Name: value}}}
			}
		}
		s.Endpoints = append(s.Endpoints, e)
	}
	return s
}

// proxy is a Proxy that knows these objects, on node "here" in zone "a".
func proxy(objects ...runtime.Object) *Proxy {
	shared := informers.NewSharedInformerFactory(fake.NewClientset(), 0)
	p, err := New(Config{
		NodeName: "here", NodeIPs: []netip.Addr{netip.MustParseAddr("192.168.49.2")},
		PodCIDR: netip.MustParsePrefix("10.244.0.0/16"), ServiceCIDR: netip.MustParsePrefix("10.96.0.0/16"),
		Informers: shared, Network: vnet.New(),
	})
	if err != nil {
		panic(err)
	}
	p.zone = "a"
	for _, o := range objects {
		switch o := o.(type) {
		case *v1.Service:
			err = shared.Core().V1().Services().Informer().GetStore().Add(o)
			p.noteService(o)
		case *discoveryv1.EndpointSlice:
			err = p.slices.Add(o)
			p.noteSlice(o)
		}
		if err != nil {
			panic(err)
		}
	}
	p.sync()
	return p
}

// ways returns where flows go: every endpoint that is chosen in many tries, or
// "refused" or "dropped"; "hidden" before those whose source is.
func ways(p *Proxy, protocol vnet.Protocol, from, to string) string {
	var found []string
	for range 200 {
		f := vnet.Flow{Protocol: protocol, From: netip.MustParseAddrPort(from), To: netip.MustParseAddrPort(to)}
		got, err := p.Translate(f)
		text := got.To.String()
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			text = "refused"
		case errors.Is(err, vnet.ErrDropped):
			text = "dropped"
		case got.From != f.From:
			text = "hidden " + text
		}
		if !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	slices.Sort(found)
	return strings.Join(found, ", ")
}

func nodePortService(s *v1.Service) {
	s.Spec.Type = v1.ServiceTypeNodePort
	s.Spec.Ports[0].NodePort = 30080
}

func external(s *v1.Service) {
	nodePortService(s)
	s.Spec.Type = v1.ServiceTypeLoadBalancer
	s.Status.LoadBalancer.Ingress = []v1.LoadBalancerIngress{{IP: "192.168.49.100"}, {IP: "192.168.49.101", IPMode: new(v1.LoadBalancerIPModeProxy)}}
	s.Spec.ExternalIPs = []string{"172.16.0.1"}
}

func local(s *v1.Service) {
	external(s)
	s.Spec.ExternalTrafficPolicy = v1.ServiceExternalTrafficPolicyLocal
}

func internalLocal(s *v1.Service) {
	s.Spec.InternalTrafficPolicy = new(v1.ServiceInternalTrafficPolicyLocal)
}

func TestWhereFlowsGo(t *testing.T) {
	t.Parallel()
	two := slice("web-1", "10.244.0.2", "10.244.1.2@other")
	for name, test := range map[string]struct {
		service *v1.Service
		slices  []*discoveryv1.EndpointSlice
		from    string
		to      string
		want    string
	}{
		"a Pod's to the cluster IP: any endpoint":              {service(nil), []*discoveryv1.EndpointSlice{two}, pod, "10.96.0.5:80", "10.244.0.2:8080, 10.244.1.2:8080"},
		"the node's own is hidden as from outside":             {service(nil), []*discoveryv1.EndpointSlice{two}, outside, "10.96.0.5:80", "hidden 10.244.0.2:8080, hidden 10.244.1.2:8080"},
		"to itself it is hidden":                               {service(nil), []*discoveryv1.EndpointSlice{two}, "10.244.0.2:40000", "10.96.0.5:80", "10.244.1.2:8080, hidden 10.244.0.2:8080"},
		"to a port the Service lacks":                          {service(nil), []*discoveryv1.EndpointSlice{two}, pod, "10.96.0.5:81", "refused"},
		"to an address no Service has":                         {service(nil), nil, pod, "10.96.7.7:80", "dropped"},
		"to a Pod":                                             {service(nil), nil, pod, "10.244.1.2:8080", "10.244.1.2:8080"},
		"without endpoints":                                    {service(nil), nil, pod, "10.96.0.5:80", "refused"},
		"to what is not ready":                                 {service(nil), []*discoveryv1.EndpointSlice{slice("s", "10.244.0.2 unready")}, pod, "10.96.0.5:80", "refused"},
		"to ready ones before those that leave":                {service(nil), []*discoveryv1.EndpointSlice{slice("s", "10.244.0.2 leaving", "10.244.0.3")}, pod, "10.96.0.5:80", "10.244.0.3:8080"},
		"to those that leave when no other is left":            {service(nil), []*discoveryv1.EndpointSlice{slice("s", "10.244.0.2 leaving", "10.244.0.3 gone")}, pod, "10.96.0.5:80", "10.244.0.2:8080"},
		"an address in two slices counts once":                 {service(nil), []*discoveryv1.EndpointSlice{slice("s", "10.244.0.2"), slice("t", "10.244.0.2 leaving")}, pod, "10.96.0.5:80", "10.244.0.2:8080"},
		"to this zone where all have hints":                    {service(nil), []*discoveryv1.EndpointSlice{slice("s", "10.244.0.2 zone=b", "10.244.0.3 zone=a")}, pod, "10.96.0.5:80", "10.244.0.3:8080"},
		"to all where one has no hint":                         {service(nil), []*discoveryv1.EndpointSlice{slice("s", "10.244.0.2", "10.244.0.3 zone=a")}, pod, "10.96.0.5:80", "10.244.0.2:8080, 10.244.0.3:8080"},
		"to all where none is for this zone":                   {service(nil), []*discoveryv1.EndpointSlice{slice("s", "10.244.0.2 zone=b", "10.244.0.3 zone=c")}, pod, "10.96.0.5:80", "10.244.0.2:8080, 10.244.0.3:8080"},
		"to this node where hints say so":                      {service(nil), []*discoveryv1.EndpointSlice{slice("s", "10.244.0.2 node=there", "10.244.0.3 node=here")}, pod, "10.96.0.5:80", "10.244.0.3:8080"},
		"internal and local":                                   {service(internalLocal), []*discoveryv1.EndpointSlice{two}, pod, "10.96.0.5:80", "10.244.0.2:8080"},
		"internal and local, and none is":                      {service(internalLocal), []*discoveryv1.EndpointSlice{slice("s", "10.244.1.2@other")}, pod, "10.96.0.5:80", "dropped"},
		"internal and local, and none at all":                  {service(internalLocal), nil, pod, "10.96.0.5:80", "refused"},
		"to a node port, from outside":                         {service(nodePortService), []*discoveryv1.EndpointSlice{two}, outside, "192.168.49.2:30080", "hidden 10.244.0.2:8080, hidden 10.244.1.2:8080"},
		"to a node port of another node":                       {service(nodePortService), []*discoveryv1.EndpointSlice{two}, outside, "192.168.49.3:30080", "192.168.49.3:30080"},
		"to a node port without endpoints":                     {service(nodePortService), nil, outside, "192.168.49.2:30080", "refused"},
		"to a node port, local":                                {service(local), []*discoveryv1.EndpointSlice{two}, outside, "192.168.49.2:30080", "10.244.0.2:8080"},
		"to a node port, local, from a Pod":                    {service(local), []*discoveryv1.EndpointSlice{two}, pod, "192.168.49.2:30080", "10.244.0.2:8080, 10.244.1.2:8080"},
		"to a node port, local, and none is":                   {service(local), []*discoveryv1.EndpointSlice{slice("s", "10.244.1.2@other")}, outside, "192.168.49.2:30080", "dropped"},
		"to a node port, local, and none is, by itself":        {service(local), []*discoveryv1.EndpointSlice{slice("s", "10.244.1.2@other")}, node, "192.168.49.2:30080", "10.244.1.2:8080"},
		"to an external IP":                                    {service(external), []*discoveryv1.EndpointSlice{two}, outside, "172.16.0.1:80", "hidden 10.244.0.2:8080, hidden 10.244.1.2:8080"},
		"to a load balancer":                                   {service(external), []*discoveryv1.EndpointSlice{two}, pod, "192.168.49.100:80", "hidden 10.244.0.2:8080, hidden 10.244.1.2:8080"},
		"to a load balancer, local, where no endpoint is here": {service(local), []*discoveryv1.EndpointSlice{slice("s", "10.244.1.2@other")}, outside, "192.168.49.100:80", "10.244.1.2:8080"},
		"to a load balancer that is a proxy":                   {service(external), []*discoveryv1.EndpointSlice{two}, pod, "192.168.49.101:80", "192.168.49.101:80"},
		"to a load balancer not meant for it": {service(func(s *v1.Service) {
			external(s)
			s.Spec.LoadBalancerSourceRanges = []string{" 10.0.0.0/8 "}
		}), []*discoveryv1.EndpointSlice{two}, outside, "192.168.49.100:80", "dropped"},
		"to a load balancer meant for all": {service(func(s *v1.Service) {
			local(s)
			s.Spec.LoadBalancerSourceRanges = []string{"10.0.0.0/8", "0.0.0.0/0"}
		}), []*discoveryv1.EndpointSlice{two}, outside, "192.168.49.100:80", "10.244.0.2:8080, 10.244.1.2:8080"},
		"to a headless Service": {service(func(s *v1.Service) { s.Spec.ClusterIP = v1.ClusterIPNone }), []*discoveryv1.EndpointSlice{two}, pod, "10.96.0.5:80", "dropped"},
		"to one of another proxy": {service(func(s *v1.Service) { s.Labels = map[string]string{labelServiceProxyName: "mine"} }),
			[]*discoveryv1.EndpointSlice{two}, pod, "10.96.0.5:80", "dropped"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects := []runtime.Object{test.service}
			for _, s := range test.slices {
				objects = append(objects, s)
			}
			if got := ways(proxy(objects...), vnet.TCP, test.from, test.to); got != test.want {
				t.Errorf("goes to %s, want %s", got, test.want)
			}
		})
	}
}

func TestPortsByNameAndProtocol(t *testing.T) {
	t.Parallel()
	s := service(func(s *v1.Service) {
		s.Spec.Ports = []v1.ServicePort{{Name: "dns", Port: 53, Protocol: v1.ProtocolUDP}, {Name: "dns-tcp", Port: 53, Protocol: v1.ProtocolTCP}, {Name: "sctp", Port: 54, Protocol: v1.ProtocolSCTP}}
	})
	e := slice("s", "10.244.0.2")
	e.Ports = []discoveryv1.EndpointPort{
		{Name: new("dns"), Port: new(int32(5353)), Protocol: new(v1.ProtocolUDP)},
		{Name: new("dns-tcp"), Port: new(int32(5354)), Protocol: new(v1.ProtocolTCP)},
		{Name: new("all"), Protocol: new(v1.ProtocolTCP)},
	}
	p := proxy(s, e)
	got := []string{
		ways(p, vnet.UDP, pod, "10.96.0.5:53"), ways(p, vnet.TCP, pod, "10.96.0.5:53"),
		ways(p, vnet.UDP, "10.244.0.2:53", "10.96.0.5:53"), // a datagram's source is never hidden
	}
	if diff := cmp.Diff([]string{"10.244.0.2:5353", "10.244.0.2:5354", "10.244.0.2:5353"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestClientsKeepTheirEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := service(func(s *v1.Service) {
			s.Spec.SessionAffinity = v1.ServiceAffinityClientIP
			s.Spec.SessionAffinityConfig = &v1.SessionAffinityConfig{ClientIP: &v1.ClientIPConfig{TimeoutSeconds: new(int32(100))}}
		})
		var addresses []string
		for i := range 50 {
			addresses = append(addresses, fmt.Sprintf("10.244.0.%d", 100+i))
		}
		e := slice("s", addresses...)
		p := proxy(s, e)
		first := ways(p, vnet.TCP, pod, "10.96.0.5:80")
		if strings.Contains(first, ",") {
			t.Fatalf("a client meets %s", first)
		}
		e = e.DeepCopy()
		e.Endpoints = append(e.Endpoints, slice("s", "10.244.0.99").Endpoints...)
		if err := p.slices.Update(e); err != nil {
			t.Fatal(err)
		}
		p.noteSlice(e)
		p.sync()
		for range 3 { // each flow begins the time anew
			<-time.After(90 * time.Second)
			if got := ways(p, vnet.TCP, pod, "10.96.0.5:80"); got != first {
				t.Errorf("%s is now %s", first, got)
			}
		}
		gone := e.DeepCopy()
		gone.Endpoints = slices.DeleteFunc(gone.Endpoints, func(d discoveryv1.Endpoint) bool { return d.Addresses[0]+":8080" == first })
		if err := p.slices.Update(gone); err != nil {
			t.Fatal(err)
		}
		p.noteSlice(gone)
		p.sync()
		if got := ways(p, vnet.TCP, pod, "10.96.0.5:80"); got == first || strings.Contains(got, ",") {
			t.Errorf("%s is gone, now %s", first, got)
		}
		changes := 0
		for range 20 {
			before := ways(p, vnet.TCP, pod, "10.96.0.5:80")
			<-time.After(101 * time.Second)
			if ways(p, vnet.TCP, pod, "10.96.0.5:80") != before {
				changes++
			}
		}
		if changes < 10 {
			t.Errorf("after the time is over a client keeps its endpoint: it changed %d times of 20", changes)
		}
	})
}

func TestAffinityComesAndGoes(t *testing.T) {
	t.Parallel()
	s := service(nil)
	p := proxy(s, slice("s", "10.244.0.2", "10.244.0.3"))
	set := func(affinity v1.ServiceAffinity) {
		s = s.DeepCopy()
		s.Spec.SessionAffinity = affinity
		if err := p.cfg.Informers.Core().V1().Services().Informer().GetStore().Update(s); err != nil {
			t.Fatal(err)
		}
		p.noteService(s)
		p.sync()
	}
	for range 2 {
		set(v1.ServiceAffinityClientIP)
		if got := ways(p, vnet.TCP, pod, "10.96.0.5:80"); strings.Contains(got, ",") {
			t.Errorf("a client meets %s", got)
		}
		set(v1.ServiceAffinityNone)
		if got, want := ways(p, vnet.TCP, pod, "10.96.0.5:80"), "10.244.0.2:8080, 10.244.0.3:8080"; got != want {
			t.Errorf("a client meets %s, want %s", got, want)
		}
	}
}

func TestDatagramsHoldWhileTheirEndpointIsOne(t *testing.T) {
	t.Parallel()
	s := service(func(s *v1.Service) { s.Spec.Ports[0].Protocol = v1.ProtocolUDP })
	e := slice("s", "10.244.0.2")
	e.Ports[0].Protocol = new(v1.ProtocolUDP)
	p := proxy(s, e)
	for to, want := range map[string]map[string]bool{
		"10.96.0.5:80":   {"10.244.0.2:8080": true, "10.244.0.3:8080": false, "10.96.0.5:80": false},
		"10.96.0.6:80":   {"10.96.0.6:80": false},
		"10.244.0.7:123": {"10.244.0.7:123": true, "10.244.0.2:8080": false},
	} {
		for after, want := range want {
			f := vnet.Flow{Protocol: vnet.UDP, From: netip.MustParseAddrPort(pod), To: netip.MustParseAddrPort(to)}
			now := f
			now.To = netip.MustParseAddrPort(after)
			if got := p.Holds(f, now); got != want {
				t.Errorf("a flow to %s holds at %s: %v", to, after, got)
			}
		}
	}
}

// TestChangesApplyAtOnce runs the Proxy over watches.
func TestChangesApplyAtOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	client := fake.NewClientset(&v1.Node{ObjectMeta: metav1.ObjectMeta{Name: "here", Labels: map[string]string{v1.LabelTopologyZone: "a"}}})
	shared, network := informers.NewSharedInformerFactory(client, 0), vnet.New()
	p, err := New(Config{NodeName: "here", PodCIDR: netip.MustParsePrefix("10.244.0.0/16"), ServiceCIDR: netip.MustParsePrefix("10.96.0.0/16"), Informers: shared, Network: network})
	if err != nil {
		t.Fatal(err)
	}
	shared.Start(ctx.Done())
	ended := make(chan struct{})
	go func() { p.Run(ctx); close(ended) }()

	until := func(want string) {
		t.Helper()
		deadline, tick := time.After(10*time.Second), time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for got := ""; got != want; {
			if got = ways(p, vnet.TCP, pod, "10.96.0.5:80"); got == want {
				break
			}
			select {
			case <-tick.C:
			case <-deadline:
				t.Fatalf("goes to %s, want %s", got, want)
			}
		}
	}
	endpoints := client.DiscoveryV1().EndpointSlices("default")
	until("dropped")
	if _, err := client.CoreV1().Services("default").Create(ctx, service(nil), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	until("refused")
	if _, err := endpoints.Create(ctx, slice("s", "10.244.0.2 zone=a", "10.244.0.3 zone=b"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	until("10.244.0.2:8080")
	if _, err := client.CoreV1().Nodes().Update(ctx, &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: "here"}}, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	until("10.244.0.2:8080, 10.244.0.3:8080")
	if err := endpoints.Delete(ctx, "s", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until("refused")
	if err := client.CoreV1().Services("default").Delete(ctx, "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until("dropped")
	cancel()
	<-ended
}

func BenchmarkTranslate(b *testing.B) {
	p := proxy(service(nil), slice("s", "10.244.0.2", "10.244.0.3"))
	f := vnet.Flow{Protocol: vnet.TCP, From: netip.MustParseAddrPort(pod), To: netip.MustParseAddrPort("10.96.0.5:80")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Translate(f); err != nil {
			b.Fatal(err)
		}
	}
}
