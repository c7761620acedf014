package netpolicy

import (
	"net/netip"
	"testing"

	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

func pod(namespace, app, addr string, ports ...v1.ContainerPort) End {
	return End{
		Addr: netip.MustParseAddr(addr), Pod: true, Namespace: namespace, Ports: ports,
		Labels: labels.Set{"app": app}, NamespaceLabels: labels.Set{"kubernetes.io/metadata.name": namespace},
	}
}

func selects(app string) metav1.LabelSelector {
	if app == "" {
		return metav1.LabelSelector{}
	}
	return metav1.LabelSelector{MatchLabels: map[string]string{"app": app}}
}

func namespaceNamed(name string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": name}}
}

func policyFor(app string, spec networkingv1.NetworkPolicySpec) *networkingv1.NetworkPolicy {
	spec.PodSelector = selects(app)
	return &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "p"}, Spec: spec}
}

func from(peers ...networkingv1.NetworkPolicyPeer) networkingv1.NetworkPolicySpec {
	return networkingv1.NetworkPolicySpec{Ingress: []networkingv1.NetworkPolicyIngressRule{{From: peers}}}
}

func onPorts(ports ...networkingv1.NetworkPolicyPort) networkingv1.NetworkPolicySpec {
	return networkingv1.NetworkPolicySpec{Ingress: []networkingv1.NetworkPolicyIngressRule{{Ports: ports}}}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	web := pod("default", "web", "10.244.0.5", v1.ContainerPort{Name: "http", ContainerPort: 80}, v1.ContainerPort{Name: "dns", ContainerPort: 53, Protocol: v1.ProtocolUDP})
	client, other := pod("default", "client", "10.244.0.6"), pod("other", "client", "10.244.0.7")
	outside := End{Addr: netip.MustParseAddr("203.0.113.9")}
	denyAll := networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}}
	egress := func(r ...networkingv1.NetworkPolicyEgressRule) networkingv1.NetworkPolicySpec {
		return networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}, Egress: r}
	}
	pods := func(app string) networkingv1.NetworkPolicyPeer {
		return networkingv1.NetworkPolicyPeer{PodSelector: new(selects(app))}
	}
	block := func(cidr string, except ...string) networkingv1.NetworkPolicyPeer {
		return networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: cidr, Except: except}}
	}
	tcp := func(p intstr.IntOrString) networkingv1.NetworkPolicyPort {
		return networkingv1.NetworkPolicyPort{Port: &p}
	}
	type list = []*networkingv1.NetworkPolicy
	for name, test := range map[string]struct {
		policies list
		from, to End
		protocol vnet.Protocol
		port     uint16
		want     bool
	}{
		"without policies everything passes":            {nil, client, web, vnet.TCP, 80, true},
		"a policy about others changes nothing":         {list{policyFor("db", denyAll)}, client, web, vnet.TCP, 80, true},
		"a policy of another namespace changes nothing": {list{{ObjectMeta: metav1.ObjectMeta{Namespace: "other"}, Spec: denyAll}}, client, web, vnet.TCP, 80, true},
		"deny all, in":             {list{policyFor("", denyAll)}, other, web, vnet.TCP, 80, false},
		"deny all, out":            {list{policyFor("", denyAll)}, web, other, vnet.TCP, 80, false},
		"deny all, to the outside": {list{policyFor("", denyAll)}, web, outside, vnet.TCP, 80, false},
		"no types and no rules isolate incoming only": {list{policyFor("web", networkingv1.NetworkPolicySpec{})}, client, web, vnet.TCP, 80, false},
		"no types and no rules leave outgoing":        {list{policyFor("web", networkingv1.NetworkPolicySpec{})}, web, client, vnet.TCP, 80, true},
		"no types, egress rules isolate both":         {list{policyFor("web", networkingv1.NetworkPolicySpec{Egress: []networkingv1.NetworkPolicyEgressRule{{}}})}, client, web, vnet.TCP, 80, false},
		"an empty rule lets everybody in":             {list{policyFor("web", from())}, outside, web, vnet.TCP, 80, true},
		"Pods of the same namespace":                  {list{policyFor("web", from(pods("client")))}, client, web, vnet.TCP, 80, true},
		"the same labels in another namespace":        {list{policyFor("web", from(pods("client")))}, other, web, vnet.TCP, 80, false},
		"other labels":                                {list{policyFor("web", from(pods("admin")))}, client, web, vnet.TCP, 80, false},
		"an empty podSelector is the namespace":       {list{policyFor("web", from(pods("")))}, other, web, vnet.TCP, 80, false},
		"a namespace":                                 {list{policyFor("web", from(networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaceNamed("other")}))}, other, web, vnet.TCP, 80, true},
		"another namespace":                           {list{policyFor("web", from(networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaceNamed("other")}))}, client, web, vnet.TCP, 80, false},
		"every namespace":                             {list{policyFor("web", from(networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{}}))}, other, web, vnet.TCP, 80, true},
		"every namespace is not the outside":          {list{policyFor("web", from(networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{}}))}, outside, web, vnet.TCP, 80, false},
		"Pods in a namespace: both":                   {list{policyFor("web", from(networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaceNamed("other"), PodSelector: new(selects("client"))}))}, other, web, vnet.TCP, 80, true},
		"Pods in a namespace: only one":               {list{policyFor("web", from(networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaceNamed("other"), PodSelector: new(selects("admin"))}))}, other, web, vnet.TCP, 80, false},
		"two peers are either":                        {list{policyFor("web", from(networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaceNamed("other")}, pods("client")))}, client, web, vnet.TCP, 80, true},
		"two policies add up":                         {list{policyFor("web", from(pods("admin"))), policyFor("web", from(pods("client")))}, client, web, vnet.TCP, 80, true},
		"deny all and one that allows":                {list{policyFor("", networkingv1.NetworkPolicySpec{}), policyFor("web", from(pods("client")))}, client, web, vnet.TCP, 80, true},
		"an address block":                            {list{policyFor("web", from(block("203.0.113.0/24")))}, outside, web, vnet.TCP, 80, true},
		"the exception of a block":                    {list{policyFor("web", from(block("203.0.113.0/24", "203.0.113.8/29")))}, outside, web, vnet.TCP, 80, false},
		"an exception that another block covers":      {list{policyFor("web", from(block("203.0.113.0/24", "203.0.113.8/29"), block("203.0.113.9/32")))}, outside, web, vnet.TCP, 80, true},
		"a Pod in a block":                            {list{policyFor("web", from(block("10.244.0.0/16")))}, other, web, vnet.TCP, 80, true},
		"a port":                                      {list{policyFor("web", onPorts(tcp(intstr.FromInt32(80))))}, client, web, vnet.TCP, 80, true},
		"another port":                                {list{policyFor("web", onPorts(tcp(intstr.FromInt32(80))))}, client, web, vnet.TCP, 81, false},
		"the port of another protocol":                {list{policyFor("web", onPorts(tcp(intstr.FromInt32(80))))}, client, web, vnet.UDP, 80, false},
		"a named port":                                {list{policyFor("web", onPorts(tcp(intstr.FromString("http"))))}, client, web, vnet.TCP, 80, true},
		"a name that the Pod does not have":           {list{policyFor("web", onPorts(tcp(intstr.FromString("https"))))}, client, web, vnet.TCP, 80, false},
		"a name of another protocol":                  {list{policyFor("web", onPorts(tcp(intstr.FromString("dns"))))}, client, web, vnet.UDP, 53, false},
		"every port of a protocol":                    {list{policyFor("web", onPorts(networkingv1.NetworkPolicyPort{Protocol: new(v1.ProtocolUDP)}))}, client, web, vnet.UDP, 1234, true},
		"the end of a range":                          {list{policyFor("web", onPorts(networkingv1.NetworkPolicyPort{Port: new(intstr.FromInt32(8000)), EndPort: new(int32(8010))}))}, client, web, vnet.TCP, 8010, true},
		"behind a range":                              {list{policyFor("web", onPorts(networkingv1.NetworkPolicyPort{Port: new(intstr.FromInt32(8000)), EndPort: new(int32(8010))}))}, client, web, vnet.TCP, 8011, false},
		"out to a Pod":                                {list{policyFor("client", egress(networkingv1.NetworkPolicyEgressRule{To: []networkingv1.NetworkPolicyPeer{pods("web")}}))}, client, web, vnet.TCP, 80, true},
		"out to another":                              {list{policyFor("client", egress(networkingv1.NetworkPolicyEgressRule{To: []networkingv1.NetworkPolicyPeer{pods("db")}}))}, client, web, vnet.TCP, 80, false},
		"out to a named port":                         {list{policyFor("client", egress(networkingv1.NetworkPolicyEgressRule{Ports: []networkingv1.NetworkPolicyPort{tcp(intstr.FromString("http"))}}))}, client, web, vnet.TCP, 80, true},
		"out of one and not into the other":           {list{policyFor("client", egress(networkingv1.NetworkPolicyEgressRule{})), policyFor("web", from(pods("admin")))}, client, web, vnet.TCP, 80, false},
		"egress isolation leaves incoming":            {list{policyFor("web", egress())}, client, web, vnet.TCP, 80, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, err := Compile(test.policies)
			if err != nil {
				t.Fatal(err)
			}
			if got := rules.Allow(test.protocol, test.from, test.to, test.port); got != test.want {
				t.Errorf("allowed: %t", got)
			}
		})
	}
}

func TestCompileNamesWhatItCannotEnforce(t *testing.T) {
	t.Parallel()
	rules, err := Compile([]*networkingv1.NetworkPolicy{policyFor("web", from(networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: "not a block"}}))})
	if err == nil {
		t.Error("no error")
	}
	if rules.Allow(vnet.TCP, pod("default", "client", "10.244.0.6"), pod("default", "web", "10.244.0.5"), 80) {
		t.Error("a rule that cannot be understood lets through")
	}
}
