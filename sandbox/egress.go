package sandbox

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"

	apiextensionsapiserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/server/egressselector"
	"k8s.io/apiserver/pkg/util/webhook"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/controlplane"
	controlplaneapiserver "k8s.io/kubernetes/pkg/controlplane/apiserver"
	generatedopenapi "k8s.io/kubernetes/pkg/generated/openapi"

	"github.com/k8stutor/k8stutor/sandbox/relay"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// newServerConfig is app.NewConfig with one difference: whatever the API server
// connects to (kubelets, Pods, webhooks, aggregated servers) is dialled by dial.
// The setting is made between the generic part of the configuration and those
// that take it over.
func newServerConfig(opts options.CompletedOptions, dial utilnet.DialFunc) (*app.Config, error) {
	generic, informers, storage, err := controlplaneapiserver.BuildGenericConfig(
		opts.CompletedOptions,
		[]*runtime.Scheme{legacyscheme.Scheme, apiextensionsapiserver.Scheme, aggregatorscheme.Scheme},
		controlplane.DefaultAPIResourceConfigSource(),
		generatedopenapi.GetOpenAPIDefinitions,
		opts.InformerName,
	)
	if err != nil {
		return nil, err
	}
	generic.EgressSelector = egressselector.NewEgressSelectorWithMap(map[egressselector.EgressType]utilnet.DialFunc{
		egressselector.Cluster:      dial, // what runs in the cluster
		egressselector.ControlPlane: dial, // webhooks that are given by URL
	})
	c := &app.Config{Options: opts}
	kubeAPIs, services, plugins, err := app.CreateKubeAPIServerConfig(opts, generic, informers, storage)
	if err != nil {
		return nil, err
	}
	c.KubeAPIs = kubeAPIs
	shared := kubeAPIs.ControlPlane
	if c.ApiExtensions, err = controlplaneapiserver.CreateAPIExtensionsConfig(*shared.Generic, shared.VersionedInformers, plugins, opts.CompletedOptions,
		opts.MasterCount, services, webhook.NewDefaultAuthenticationInfoResolverWrapper(shared.ProxyTransport, shared.Generic.EgressSelector,
			shared.Generic.LoopbackClientConfig, shared.Generic.TracerProvider)); err != nil {
		return nil, err
	}
	if c.Aggregator, err = controlplaneapiserver.CreateAggregatorConfig(*shared.Generic, opts.CompletedOptions, shared.VersionedInformers, services,
		shared.ProxyTransport, shared.Extra.PeerProxy, plugins); err != nil {
		return nil, err
	}
	return c, nil
}

// controlPlane is the machine that the API server is on, as the cluster sees
// it: an address of the network, from which it reaches nodes, Pods and Services,
// and under which they reach it.
type controlPlane struct {
	host *vnet.Host

	mu       sync.Mutex
	kubelets map[netip.Addr]uint16 // nodes' addresses to their kubelets' ports
}

func newControlPlane(network *vnet.Network) (*controlPlane, error) {
	host, err := network.AddHost(netip.MustParseAddr(controlPlaneIP))
	if err != nil {
		return nil, err
	}
	return &controlPlane{host: host, kubelets: map[netip.Addr]uint16{}}, nil
}

// setKubelet says that the kubelet of the node with an address listens on a
// port of this machine's loopback; 0 that it does no longer.
func (c *controlPlane) setKubelet(node netip.Addr, port int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if port == 0 {
		delete(c.kubelets, node)
		return
	}
	c.kubelets[node] = uint16(port)
}

func (c *controlPlane) isKubelet(to netip.AddrPort) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	port, ok := c.kubelets[to.Addr()]
	return ok && port == to.Port()
}

// dial connects the API server to a kubelet, which listens on loopback, or to
// an address of the network. Nothing else of this machine can be reached.
func (c *controlPlane) dial(ctx context.Context, protocol, address string) (net.Conn, error) {
	if to, err := netip.ParseAddrPort(address); err == nil && c.isKubelet(to) {
		var d net.Dialer
		return d.DialContext(ctx, protocol, loopbackAddress(int(to.Port())))
	}
	return c.host.DialContext(ctx, protocol, address)
}

// serve lets the cluster reach the API server at the control plane's address,
// under the port it has on this machine, until ctx ends.
func (c *controlPlane) serve(ctx context.Context, port int) error {
	l, err := c.host.Listen(ctx, "tcp", net.JoinHostPort(controlPlaneIP, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("listen for Pods that use the API: %w", err)
	}
	go relay.Serve(ctx, l, func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", loopbackAddress(port))
	})
	return nil
}

func loopbackAddress(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
