package cloud

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
)

// bench is a cloud with three addresses, .100 to .102.
func bench(t *testing.T, services ...*v1.Service) *Provider {
	t.Helper()
	shared := informers.NewSharedInformerFactory(fake.NewClientset(), 0)
	for _, s := range services {
		if err := shared.Core().V1().Services().Informer().GetStore().Add(s); err != nil {
			t.Fatal(err)
		}
	}
	return New(Pool{netip.MustParseAddr("192.168.49.100"), netip.MustParseAddr("192.168.49.102")}, shared)
}

func balancer(name, has, wants string) *v1.Service {
	s := &v1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID(name)},
		Spec:       v1.ServiceSpec{Type: v1.ServiceTypeLoadBalancer, LoadBalancerIP: wants},
	}
	if has != "" {
		s.Status.LoadBalancer.Ingress = []v1.LoadBalancerIngress{{IP: has}}
	}
	return s
}

func (p *Provider) give(t *testing.T, s *v1.Service) string {
	t.Helper()
	status, err := p.EnsureLoadBalancer(t.Context(), "", s, nil)
	if err != nil {
		return err.Error()
	}
	if len(status.Ingress) != 1 || *status.Ingress[0].IPMode != v1.LoadBalancerIPModeVIP {
		t.Errorf("status %+v", status)
	}
	return status.Ingress[0].IP
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	old := balancer("old", "192.168.49.101", "")
	for name, test := range map[string]struct {
		s    *v1.Service
		want string
	}{
		"a new one gets the lowest that is free":        {balancer("new", "", ""), "192.168.49.100"},
		"one from an earlier run keeps its own":         {old, "192.168.49.101"},
		"a copy of another's status does not take it":   {balancer("copy", "192.168.49.101", ""), "192.168.49.100"},
		"an address of another cloud is replaced":       {balancer("moved", "203.0.113.5", ""), "192.168.49.100"},
		"one that asks gets what it asks for":           {balancer("new", "", "192.168.49.102"), "192.168.49.102"},
		"one that asks may leave the address it has":    {balancer("old", "192.168.49.101", "192.168.49.102"), "192.168.49.102"},
		"one that asks for another's hears whose it is": {balancer("new", "", "192.168.49.101"), "the address 192.168.49.101 is in use by the Service default/old"},
		"one that asks for any other hears the range":   {balancer("new", "", "8.8.8.8"), "the address 8.8.8.8 is not of the load balancers' range 192.168.49.100-192.168.49.102"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := bench(t, old).give(t, test.s); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestThePoolIsFiniteAndAddressesComeBack(t *testing.T) {
	t.Parallel()
	p := bench(t)
	for i := range 3 {
		if got, want := p.give(t, balancer(fmt.Sprint("s", i), "", "")), fmt.Sprint("192.168.49.10", i); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	late := balancer("late", "", "")
	if got := p.give(t, late); !strings.Contains(got, "every address of the load balancers' range") {
		t.Errorf("the fourth of three: %s", got)
	}
	gone := balancer("s1", "", "")
	if _, ok, err := p.GetLoadBalancer(t.Context(), "", gone); !ok || err != nil {
		t.Errorf("it has one: %v, %v", ok, err)
	}
	if err := p.EnsureLoadBalancerDeleted(t.Context(), "", gone); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := p.GetLoadBalancer(t.Context(), "", gone); ok || err != nil {
		t.Errorf("it had one: %v, %v", ok, err)
	}
	if got := p.give(t, late); got != "192.168.49.101" {
		t.Errorf("the one that came back: %s", got)
	}
	if got := p.give(t, late); got != "192.168.49.101" {
		t.Errorf("asked again: %s", got)
	}
}
