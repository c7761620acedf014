// Package dns is the cluster's name server: it answers as CoreDNS does with its
// kubernetes plugin, from a Corefile, for Services, their endpoints and Pods.
//
// Program is the program of the CoreDNS image. It listens in the network of the
// Pod it runs in, so the name server is there as long as that Pod is, and
// nothing else of the sandbox answers names. What it knows of the cluster comes
// from informers that the process shares, not through the Pod's ServiceAccount.
//
// Which name has which record, and with which code a missing one is answered,
// follows the plugin's source (coredns/coredns, plugin/kubernetes, 1.14) and the
// DNS specification of Kubernetes, version 1.1.0.
package dns

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// Cluster is what the name server knows of a cluster.
type Cluster struct {
	services, slices, namespaces cache.SharedIndexInformer

	pods func() (cache.SharedIndexInformer, error) // watched from the first call on

	changed atomic.Int64 // Unix time of the last change: the zone's serial
}

// The indexes of the informers; they are shared, so the names are long.
const (
	byClusterIP = "dns.service.clusterIP"
	byService   = "dns.endpointSlice.service"
	byAddress   = "dns.endpointSlice.address"
	byPodIP     = "dns.pod.address"
)

// NewCluster watches Services, EndpointSlices and Namespaces with the informers
// of a factory. The caller starts the factory. Pods are watched, until ctx ends,
// only if a Corefile says `pods verified`.
func NewCluster(ctx context.Context, f informers.SharedInformerFactory) (*Cluster, error) {
	c := &Cluster{
		services:   f.Core().V1().Services().Informer(),
		slices:     f.Discovery().V1().EndpointSlices().Informer(),
		namespaces: f.Core().V1().Namespaces().Informer(),
	}
	c.pods = sync.OnceValues(func() (cache.SharedIndexInformer, error) {
		pods := f.Core().V1().Pods().Informer()
		if err := pods.AddIndexers(cache.Indexers{byPodIP: func(obj any) (keys []string, _ error) {
			p, ok := obj.(*v1.Pod)
			if !ok || p.Status.Phase == v1.PodSucceeded || p.Status.Phase == v1.PodFailed {
				return nil, nil
			}
			for _, ip := range p.Status.PodIPs {
				keys = append(keys, p.Namespace+"/"+ip.IP)
			}
			return keys, nil
		}}); err != nil {
			return nil, fmt.Errorf("index Pods by address: %w", err)
		}
		f.Start(ctx.Done())
		return pods, nil
	})
	if err := c.services.AddIndexers(cache.Indexers{byClusterIP: func(obj any) ([]string, error) {
		s, ok := obj.(*v1.Service)
		if !ok {
			return nil, nil
		}
		return clusterIPs(s), nil
	}}); err != nil {
		return nil, fmt.Errorf("index Services by address: %w", err)
	}
	if err := c.slices.AddIndexers(cache.Indexers{
		byService: func(obj any) ([]string, error) {
			s, ok := obj.(*discoveryv1.EndpointSlice)
			if !ok || s.Labels[discoveryv1.LabelServiceName] == "" {
				return nil, nil
			}
			return []string{s.Namespace + "/" + s.Labels[discoveryv1.LabelServiceName]}, nil
		},
		byAddress: func(obj any) (addresses []string, _ error) {
			s, ok := obj.(*discoveryv1.EndpointSlice)
			if !ok || s.Labels[discoveryv1.LabelServiceName] == "" {
				return nil, nil
			}
			for _, e := range s.Endpoints {
				if isReady(e) {
					addresses = append(addresses, e.Addresses...)
				}
			}
			return addresses, nil
		},
	}); err != nil {
		return nil, fmt.Errorf("index EndpointSlices: %w", err)
	}
	changed := cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { c.touch() },
		UpdateFunc: func(before, after any) {
			if version(before) != version(after) {
				c.touch()
			}
		},
		DeleteFunc: func(any) { c.touch() },
	}
	for _, i := range []cache.SharedIndexInformer{c.services, c.slices} {
		if _, err := i.AddEventHandler(changed); err != nil {
			return nil, fmt.Errorf("watch for changes: %w", err)
		}
	}
	c.touch()
	return c, nil
}

func (c *Cluster) touch() { c.changed.Store(time.Now().Unix()) }

func version(obj any) string {
	o, ok := obj.(metav1.Object)
	if !ok {
		return ""
	}
	return o.GetResourceVersion()
}

// HasSynced reports whether everything was listed once.
func (c *Cluster) HasSynced() bool {
	return c.services.HasSynced() && c.slices.HasSynced() && c.namespaces.HasSynced()
}

func (c *Cluster) hasNamespace(name string) bool {
	_, ok, err := c.namespaces.GetStore().GetByKey(name)
	return ok && err == nil
}

func (c *Cluster) hasPod(namespace, ip string) bool {
	pods, err := c.pods()
	if err != nil {
		return false
	}
	found, err := pods.GetIndexer().ByIndex(byPodIP, namespace+"/"+ip)
	return err == nil && len(found) > 0
}

func (c *Cluster) service(namespace, name string) *v1.Service {
	obj, ok, err := c.services.GetStore().GetByKey(namespace + "/" + name)
	if !ok || err != nil {
		return nil
	}
	s, _ := obj.(*v1.Service)
	return s
}

func (c *Cluster) serviceByIP(ip string) *v1.Service {
	found, err := c.services.GetIndexer().ByIndex(byClusterIP, ip)
	if err != nil || len(found) == 0 {
		return nil
	}
	s, _ := found[0].(*v1.Service)
	return s
}

// endpoint is an address of a Service with one of its ports.
type endpoint struct {
	service, namespace string
	hostname           string // the label of its name below the Service's
	address            string
	port               port
}

type port struct {
	name, protocol string
	number         int // noPort for a Service or EndpointSlice without ports
}

const noPort = -1

// endpoints are the ready addresses of a Service, each once for every port.
func (c *Cluster) endpoints(namespace, name string, podNames bool) []endpoint {
	return c.ready(byService, namespace+"/"+name, podNames)
}

// endpointsByIP are the endpoints that have an address, of all Services.
func (c *Cluster) endpointsByIP(ip string, podNames bool) (found []endpoint) {
	for _, e := range c.ready(byAddress, ip, podNames) {
		if e.address == ip {
			found = append(found, e)
		}
	}
	return found
}

func (c *Cluster) ready(index, key string, podNames bool) (found []endpoint) {
	objs, err := c.slices.GetIndexer().ByIndex(index, key)
	if err != nil {
		return nil
	}
	for _, obj := range objs {
		s, ok := obj.(*discoveryv1.EndpointSlice)
		if !ok {
			continue
		}
		ports := slicePorts(s)
		for _, e := range s.Endpoints {
			if !isReady(e) {
				continue
			}
			for _, a := range e.Addresses {
				for _, p := range ports {
					found = append(found, endpoint{
						service: s.Labels[discoveryv1.LabelServiceName], namespace: s.Namespace,
						hostname: hostnameOf(e, a, podNames), address: a, port: p,
					})
				}
			}
		}
	}
	return found
}

func slicePorts(s *discoveryv1.EndpointSlice) (ports []port) {
	for _, p := range s.Ports {
		one := port{number: noPort}
		if p.Port != nil {
			one.number = int(*p.Port)
		}
		if p.Name != nil {
			one.name = *p.Name
		}
		if p.Protocol != nil {
			one.protocol = string(*p.Protocol)
		}
		ports = append(ports, one)
	}
	if len(ports) == 0 {
		return []port{{number: noPort}}
	}
	return ports
}

func servicePorts(s *v1.Service) (ports []port) {
	for _, p := range s.Spec.Ports {
		ports = append(ports, port{name: p.Name, protocol: string(p.Protocol), number: int(p.Port)})
	}
	if len(ports) == 0 {
		return []port{{number: noPort}}
	}
	return ports
}

// isReady: an endpoint whose state is unknown counts as ready. The controller
// marks those of a Service with publishNotReadyAddresses as ready.
func isReady(e discoveryv1.Endpoint) bool { return e.Conditions.Ready == nil || *e.Conditions.Ready }

func hostnameOf(e discoveryv1.Endpoint, address string, podNames bool) string {
	const longest = 63 // of a label
	switch {
	case e.Hostname != nil && *e.Hostname != "":
		return *e.Hostname
	case podNames && e.TargetRef != nil && e.TargetRef.Name != "" && len(e.TargetRef.Name) <= longest:
		return e.TargetRef.Name
	}
	label := strings.NewReplacer(".", "-", ":", "-").Replace(address)
	if strings.HasSuffix(label, "-") {
		label += "0"
	}
	return label
}

func clusterIPs(s *v1.Service) []string {
	if len(s.Spec.ClusterIPs) > 0 {
		return s.Spec.ClusterIPs
	}
	return []string{s.Spec.ClusterIP}
}

func headless(s *v1.Service) bool { return clusterIPs(s)[0] == v1.ClusterIPNone }

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
