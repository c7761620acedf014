// Package kubeproxy makes Services work on one node: it follows Services and
// EndpointSlices and tells the node's network where a flow to a Service really
// goes, as kube-proxy tells the kernel of a real node.
//
// What it decides is what kube-proxy's iptables and nftables backends decide:
// which endpoints count (ready ones, serving ones that are terminating when no
// other is left, those that topology hints prefer, those of this node under a
// Local traffic policy), who is refused and who is dropped, whose address is
// hidden behind the node's. Addresses of the service range that no Service has
// are dropped and ports that a Service does not have are refused, as by the
// nftables backend.
//
// It follows the rules of k8s.io/kubernetes/pkg/proxy without importing it: that
// package brings netlink and nftables, which there is no kernel for here.
// IPv4 only; SCTP is not carried by the network and is left alone.
package kubeproxy

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// labelServiceProxyName is on Services that another proxy takes care of.
const labelServiceProxyName = "service.kubernetes.io/service-proxy-name"

// Config says which node a Proxy serves.
type Config struct {
	NodeName string
	NodeIPs  []netip.Addr // of this node; NodePorts are served on all of them

	PodCIDR     netip.Prefix // of the whole cluster: what comes from it is internal
	ServiceCIDR netip.Prefix // what goes there and to no Service is dropped

	// Informers are shared with others; the Proxy does not start them.
	Informers informers.SharedInformerFactory
	Network   *vnet.Network
}

// Proxy is the kube-proxy of one node.
type Proxy struct {
	cfg      Config
	services corelisters.ServiceLister
	slices   cache.Indexer
	synced   []cache.InformerSynced
	rules    atomic.Pointer[rules]

	mu    sync.Mutex
	dirty map[types.NamespacedName]struct{}
	all   bool // every Service has to be looked at again
	zone  string
	kick  chan struct{}

	known map[types.NamespacedName][]*port // of Run alone
}

// byService indexes EndpointSlices by namespace/name of their Service.
const byService = "kubeproxy/service"

// New makes a Proxy and registers it with the informers, which must not have
// been started with another Proxy. The network asks it from now on.
func New(cfg Config) (*Proxy, error) {
	services, endpoints, nodes := cfg.Informers.Core().V1().Services(), cfg.Informers.Discovery().V1().EndpointSlices(), cfg.Informers.Core().V1().Nodes()
	p := &Proxy{
		cfg:      cfg,
		services: services.Lister(),
		slices:   endpoints.Informer().GetIndexer(),
		dirty:    map[types.NamespacedName]struct{}{},
		known:    map[types.NamespacedName][]*port{},
		kick:     make(chan struct{}, 1),
	}
	p.rules.Store(&rules{})
	if err := endpoints.Informer().AddIndexers(cache.Indexers{byService: func(o any) ([]string, error) {
		if key, ok := serviceOf(o); ok {
			return []string{key.String()}, nil
		}
		return nil, nil
	}}); err != nil {
		return nil, fmt.Errorf("index EndpointSlices: %w", err)
	}
	for _, follow := range []struct {
		informer cache.SharedIndexInformer
		note     func(any)
	}{
		{services.Informer(), p.noteService},
		{endpoints.Informer(), p.noteSlice},
		{nodes.Informer(), p.noteNode},
	} {
		registration, err := follow.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    follow.note,
			UpdateFunc: func(_, o any) { follow.note(o) },
			DeleteFunc: func(o any) {
				if gone, ok := o.(cache.DeletedFinalStateUnknown); ok {
					o = gone.Obj
				}
				follow.note(o)
			},
		})
		if err != nil {
			return nil, fmt.Errorf("follow Services: %w", err)
		}
		p.synced = append(p.synced, registration.HasSynced)
	}
	cfg.Network.SetTranslate(p.Translate)
	cfg.Network.SetHolds(p.Holds)
	return p, nil
}

// Run keeps the rules up to date until ctx ends. A change is in force within
// milliseconds; those that come together are applied together.
func (p *Proxy) Run(ctx context.Context) {
	if !cache.WaitForCacheSync(ctx.Done(), p.synced...) {
		return
	}
	for {
		p.sync()
		select {
		case <-p.kick:
		case <-ctx.Done():
			return
		}
	}
}

func (p *Proxy) noteService(o any) {
	if s, ok := o.(*v1.Service); ok {
		p.note(types.NamespacedName{Namespace: s.Namespace, Name: s.Name})
	}
}

func (p *Proxy) noteSlice(o any) {
	if key, ok := serviceOf(o); ok {
		p.note(key)
	}
}

func (p *Proxy) note(key types.NamespacedName) {
	p.mu.Lock()
	p.dirty[key] = struct{}{}
	p.mu.Unlock()
	p.wake()
}

// noteNode learns this node's zone, which topology hints are about.
func (p *Proxy) noteNode(o any) {
	node, ok := o.(*v1.Node)
	if !ok || node.Name != p.cfg.NodeName {
		return
	}
	p.mu.Lock()
	zone := node.Labels[v1.LabelTopologyZone]
	changed := zone != p.zone
	p.zone, p.all = zone, p.all || changed
	p.mu.Unlock()
	if changed {
		p.wake()
	}
}

func (p *Proxy) wake() {
	select {
	case p.kick <- struct{}{}:
	default: // it will look anyway
	}
}

func serviceOf(o any) (types.NamespacedName, bool) {
	s, ok := o.(*discoveryv1.EndpointSlice)
	if !ok || s.Labels[discoveryv1.LabelServiceName] == "" {
		return types.NamespacedName{}, false
	}
	return types.NamespacedName{Namespace: s.Namespace, Name: s.Labels[discoveryv1.LabelServiceName]}, true
}

// sync puts in force what has changed since the last time.
func (p *Proxy) sync() {
	p.mu.Lock()
	dirty, all, place := p.dirty, p.all, place{node: p.cfg.NodeName, zone: p.zone}
	p.dirty, p.all = map[types.NamespacedName]struct{}{}, false
	p.mu.Unlock()
	if all {
		for key := range p.known {
			dirty[key] = struct{}{}
		}
	}
	if len(dirty) == 0 {
		return
	}
	for key := range dirty {
		if ports := p.build(key, place); len(ports) > 0 {
			p.known[key] = ports
		} else {
			delete(p.known, key)
		}
	}
	p.rules.Store(newRules(p.known))
}

// build makes the ports of one Service anew. Clients that stick to an endpoint
// keep it.
func (p *Proxy) build(key types.NamespacedName, at place) []*port {
	service, err := p.services.Services(key.Namespace).Get(key.Name)
	if err != nil || !served(service) {
		return nil
	}
	found, err := p.slices.ByIndex(byService, key.String())
	if err != nil {
		return nil // no such index: New made it
	}
	endpoints := map[portName][]endpoint{}
	list := make([]*discoveryv1.EndpointSlice, 0, len(found))
	for _, o := range found {
		if s, ok := o.(*discoveryv1.EndpointSlice); ok {
			list = append(list, s)
		}
	}
	collect(endpoints, list, at.node)
	var ports []*port
	for i := range service.Spec.Ports {
		made, ok := newPort(service, &service.Spec.Ports[i], endpoints, at)
		if !ok {
			continue
		}
		if before := slices.IndexFunc(p.known[key], func(o *port) bool { return o.name == made.name }); before >= 0 {
			made.clients = p.known[key][before].clients
		}
		ports = append(ports, made)
	}
	return ports
}

// served reports whether a Service has addresses for this proxy to serve.
func served(s *v1.Service) bool {
	return s.Spec.ClusterIP != "" && s.Spec.ClusterIP != v1.ClusterIPNone && s.Spec.Type != v1.ServiceTypeExternalName &&
		s.Labels[labelServiceProxyName] == ""
}
