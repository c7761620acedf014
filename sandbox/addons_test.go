package sandbox

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func TestClusterIPsThatAKillLeftTakenAreGivenBack(t *testing.T) {
	began := time.Now()
	address := func(ip, service string, age time.Duration) *networkingv1.IPAddress {
		return &networkingv1.IPAddress{
			ObjectMeta: metav1.ObjectMeta{Name: ip, CreationTimestamp: metav1.NewTime(began.Add(-age))},
			Spec:       networkingv1.IPAddressSpec{ParentRef: &networkingv1.ParentReference{Resource: "services", Namespace: "kube-system", Name: service}},
		}
	}
	gateway := address("10.96.0.13", "gone", time.Hour)
	gateway.Spec.ParentRef.Group, gateway.Spec.ParentRef.Resource = "gateway.networking.k8s.io", "gateways"
	client := fake.NewClientset(
		&v1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "metrics-server"}},
		address(clusterDNS, "kube-dns", time.Hour),
		address("10.96.0.11", "metrics-server", time.Hour),
		address("10.96.0.12", "being-made", -time.Second),
		gateway,
	)
	if err := freeLeaked(t.Context(), client, began); err != nil {
		t.Fatal(err)
	}
	list, err := client.NetworkingV1().IPAddresses().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, a := range list.Items {
		kept = append(kept, a.Name)
	}
	slices.Sort(kept)
	if diff := cmp.Diff([]string{"10.96.0.11", "10.96.0.12", "10.96.0.13"}, kept); diff != "" {
		t.Errorf("cluster IPs that are still taken (-want +got):\n%s", diff)
	}
}
