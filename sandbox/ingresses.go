package sandbox

import (
	"context"
	"log/slog"
	"net/netip"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"

	"github.com/k8stutor/k8stutor/sandbox/ingress"
	"github.com/k8stutor/k8stutor/sandbox/netpolicy"
)

// ingressIP is the Ingress controller's address, in podCIDR but in no node's
// part of it.
const ingressIP = "10.244.255.254"

// startIngress serves Ingresses until ctx ends.
func (c *cluster) startIngress(ctx context.Context, client clientset.Interface, shared informers.SharedInformerFactory, log *slog.Logger) error {
	host, err := c.network.AddHost(netip.MustParseAddr(ingressIP))
	if err != nil {
		return err
	}
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedv1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	c.ingress, err = ingress.New(ingress.Config{
		Client: client, Informers: shared, Host: host, Node: c.worker.host, Logger: log,
		Recorder: broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: "nginx-ingress-controller"}),
	})
	if err != nil {
		return err
	}
	shared.Start(ctx.Done())
	c.background.Go(func() {
		defer host.Close()
		defer broadcaster.Shutdown()
		c.ingress.Run(ctx)
	})
	return nil
}

// ingressEnd is what NetworkPolicies take the Ingress controller for: the Pod
// that it would be in another cluster.
func ingressEnd() netpolicy.End {
	name := labels.Set{"app.kubernetes.io/name": "ingress-nginx", "app.kubernetes.io/instance": "ingress-nginx"}
	return netpolicy.End{
		Addr: netip.MustParseAddr(ingressIP), Pod: true, Namespace: "ingress-nginx",
		Labels:          labels.Merge(name, labels.Set{"app.kubernetes.io/component": "controller"}),
		NamespaceLabels: labels.Merge(name, labels.Set{v1.LabelMetadataName: "ingress-nginx"}),
	}
}

// ingressPorts are the places on this machine that lead to Ingresses.
func (c *cluster) ingressPorts() (list []Port) {
	if c.ingress == nil {
		return nil
	}
	plain, secure := c.ingress.Addresses()
	for i, at := range []netip.AddrPort{plain, secure} {
		if at.IsValid() {
			list = append(list, Port{Kind: PortIngress, Name: ingress.ClassName, Port: []int32{80, 443}[i], Protocol: "TCP", Address: at.String()})
		}
	}
	return list
}
