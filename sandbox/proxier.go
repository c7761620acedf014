package sandbox

import (
	"context"
	"net/netip"

	"k8s.io/client-go/informers"

	"github.com/k8stutor/k8stutor/sandbox/kubeproxy"
)

// startProxy makes Services work on the node. The informers are started after
// it; ctx ends it.
func (w *worker) startProxy(ctx context.Context, shared informers.SharedInformerFactory) error {
	proxy, err := kubeproxy.New(kubeproxy.Config{
		NodeName:    w.spec.Name,
		NodeIPs:     []netip.Addr{w.spec.Address},
		PodCIDR:     netip.MustParsePrefix(podCIDR),
		ServiceCIDR: netip.MustParsePrefix(serviceCIDR),
		Informers:   shared,
		Network:     w.network,
	})
	if err != nil {
		return err
	}
	go proxy.Run(ctx)
	return nil
}
