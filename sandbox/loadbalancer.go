package sandbox

import (
	"context"
	"net/netip"

	v1 "k8s.io/api/core/v1"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"

	"github.com/k8stutor/k8stutor/sandbox/cloud"
	"github.com/k8stutor/k8stutor/sandbox/expose"
)

// The addresses that Services of type LoadBalancer get.
const (
	firstLoadBalancerIP = "192.168.49.100"
	lastLoadBalancerIP  = "192.168.49.199"
)

// startExposing gives load balancers their addresses and makes node ports and
// load balancers reachable on this machine, until ctx ends.
func (c *cluster) startExposing(ctx context.Context, client clientset.Interface, shared informers.SharedInformerFactory) error {
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedv1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	var err error
	c.exposer, err = expose.New(expose.Config{
		Node:      netip.MustParseAddr(nodeIP),
		From:      c.front.host,
		Informers: shared,
		Recorder:  broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: "k8stutor-sandbox"}),
	})
	if err != nil {
		return err
	}
	provider := cloud.New(cloud.Pool{First: netip.MustParseAddr(firstLoadBalancerIP), Last: netip.MustParseAddr(lastLoadBalancerIP)}, shared)
	controller, err := provider.Controller(client, ContextName, utilfeature.DefaultFeatureGate)
	if err != nil {
		return err
	}
	shared.Start(ctx.Done())
	c.background.Go(func() { c.exposer.Run(ctx); broadcaster.Shutdown() })
	c.background.Go(func() { controller(ctx) })
	return nil
}

// servicePorts are the places on this machine that lead to Services.
func (c *cluster) servicePorts() []Port {
	if c.exposer == nil {
		return nil
	}
	var list []Port
	for _, a := range c.exposer.Addresses() {
		kind := PortNodePort
		if a.Kind == expose.LoadBalancer {
			kind = PortLoadBalancer
		}
		list = append(list, Port{Kind: kind, Namespace: a.Namespace, Name: a.Service, Port: int32(a.Port), Protocol: a.Protocol, Address: a.Host, Error: a.Fault})
	}
	return list
}
