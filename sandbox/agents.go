package sandbox

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/k8stutor/k8stutor/sandbox/dns"
	"github.com/k8stutor/k8stutor/sandbox/netpolicy"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// startAgents starts what runs on every node beside the kubelet. It must not
// wait for the API server: the node starts meanwhile.
func (w *worker) startAgents(ctx context.Context, client clientset.Interface, logs *logs) error {
	shared := newInformers(client)
	cluster, err := dns.NewCluster(ctx, shared)
	if err != nil {
		return fmt.Errorf("watch for the name server: %w", err)
	}
	w.programs = map[string]proc.Program{"coredns": dns.Program(cluster), "metrics-server": metricsProgram(shared, client)}
	if err := w.startProxy(ctx, shared); err != nil {
		return fmt.Errorf("start kube-proxy: %w", err)
	}
	w.policies, err = netpolicy.New(ctx, netpolicy.Config{
		Informers: shared, Nodes: machineNetwork(), Others: []netpolicy.End{ingressEnd()}, Logger: logs.sandbox,
	})
	if err != nil {
		return fmt.Errorf("follow NetworkPolicies: %w", err)
	}
	w.network.SetAllow(w.policies.Allow)
	w.shared = shared
	shared.Start(ctx.Done())
	return nil
}

// newInformers makes the informers that all agents of a node share: one copy of
// an object for all of them, without what nobody here reads.
func newInformers(client clientset.Interface) informers.SharedInformerFactory {
	return informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(func(obj any) (any, error) {
		if o, err := meta.Accessor(obj); err == nil {
			o.SetManagedFields(nil)
		}
		return obj, nil
	}))
}
