package netpolicy

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"

	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// TestEngineFollowsTheCluster makes and deletes a policy while flows are asked
// about.
func TestEngineFollowsTheCluster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		podObject := func(name, ip string, host bool) *v1.Pod {
			p := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{"app": name}}, Spec: v1.PodSpec{HostNetwork: host}}
			if ip != "" {
				p.Status.PodIPs = []v1.PodIP{{IP: ip}}
			}
			return p
		}
		client := fake.NewClientset(&v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}},
			podObject("web", "10.244.0.5", false), podObject("client", "10.244.0.6", false), podObject("early", "", false), podObject("onhost", "192.168.49.2", true))
		ctx, cancel := context.WithCancel(context.Background())
		factory := informers.NewSharedInformerFactory(client, 0)
		controller := netip.MustParseAddr("10.244.255.1")
		e, err := New(ctx, Config{
			Informers: factory, Nodes: netip.MustParsePrefix("192.168.49.0/24"),
			Others: []End{{Addr: controller, Pod: true, Namespace: "ingress-nginx", Labels: map[string]string{"app": "early"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		e.SetLocal(func(a netip.Addr) (string, string, bool) {
			return "default", "early", a == netip.MustParseAddr("10.244.0.7")
		})
		factory.Start(ctx.Done())
		defer func() {
			cancel()
			factory.Shutdown()
		}()
		asks := func(from string) bool {
			synctest.Wait()
			return e.Allow(vnet.Flow{Protocol: vnet.TCP, From: netip.AddrPortFrom(netip.MustParseAddr(from), 40000), To: netip.MustParseAddrPort("10.244.0.5:80")})
		}
		if !asks("10.244.0.6") {
			t.Error("without a policy it is refused")
		}
		policies := client.NetworkingV1().NetworkPolicies("default")
		p := policyFor("web", from(networkingv1.NetworkPolicyPeer{PodSelector: new(selects("early"))}))
		if _, err := policies.Create(ctx, p, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		for address, want := range map[string]bool{
			"10.244.0.6":   false, // not among those let in
			"10.244.0.7":   true,  // let in, before its address is in its status
			"192.168.49.2": true,  // the node
			"10.244.255.1": false, // the right labels in another namespace
			"203.0.113.1":  false,
		} {
			if got := asks(address); got != want {
				t.Errorf("from %s: allowed %t", address, got)
			}
		}
		if err := policies.Delete(ctx, "p", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		if !asks("10.244.0.6") {
			t.Error("after the policy is gone it is still refused")
		}
	})
}
