// Package cloud is the sandbox's cloud provider. It gives Services of type
// LoadBalancer an address from a pool, through the service controller of
// k8s.io/cloud-provider, as the cloud-controller-manager of a real cloud does.
// That the address works is kube-proxy's doing.
package cloud

import (
	"context"
	"fmt"
	"net/netip"
	"sync"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	cloudprovider "k8s.io/cloud-provider"
	"k8s.io/cloud-provider/controllers/service"
	"k8s.io/component-base/featuregate"
	controllersmetrics "k8s.io/component-base/metrics/prometheus/controllers"
)

// ProviderName is the name of the cloud.
const ProviderName = "k8stutor"

// Pool is a range of addresses, both ends included.
type Pool struct{ First, Last netip.Addr }

// Contains reports whether an address is of the pool.
func (p Pool) Contains(a netip.Addr) bool { return !a.Less(p.First) && !p.Last.Less(a) }

func (p Pool) String() string { return p.First.String() + "-" + p.Last.String() }

// workers is how many Services are worked on at a time.
const workers = 2

// Provider implements cloudprovider.Interface and its load balancers.
type Provider struct {
	pool   Pool
	shared informers.SharedInformerFactory

	mu    sync.Mutex
	given map[types.UID]netip.Addr // in this run; the informers may not show it yet
}

var (
	_ cloudprovider.Interface    = (*Provider)(nil)
	_ cloudprovider.LoadBalancer = (*Provider)(nil)
)

// New makes a cloud with a pool of addresses. The informers are shared with
// others; somebody else starts them.
func New(pool Pool, shared informers.SharedInformerFactory) *Provider {
	return &Provider{pool: pool, shared: shared, given: map[types.UID]netip.Addr{}}
}

// Controller makes the service controller of the cloud, which runs until its
// context ends.
func (p *Provider) Controller(client clientset.Interface, cluster string, gates featuregate.FeatureGate) (run func(context.Context), err error) {
	controller, err := service.New(p, client, p.shared.Core().V1().Services(), p.shared.Core().V1().Nodes(), cluster, gates)
	if err != nil {
		return nil, fmt.Errorf("make the service controller: %w", err)
	}
	return func(ctx context.Context) {
		controller.Run(ctx, workers, controllersmetrics.NewControllerManagerMetrics("cloud-controller-manager"))
	}, nil
}

// EnsureLoadBalancer implements cloudprovider.LoadBalancer: a Service keeps the
// address it has, also over restarts; a new one gets the one it asks for or the
// lowest that is free.
func (p *Provider) EnsureLoadBalancer(_ context.Context, _ string, s *v1.Service, _ []*v1.Node) (*v1.LoadBalancerStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken, err := p.taken(s.UID)
	if err != nil {
		return nil, err
	}
	addr, err := p.choose(s, taken)
	if err != nil {
		return nil, err
	}
	p.given[s.UID] = addr
	return status(addr), nil
}

func (p *Provider) choose(s *v1.Service, taken map[netip.Addr]string) (netip.Addr, error) {
	if text := s.Spec.LoadBalancerIP; text != "" {
		addr, err := netip.ParseAddr(text)
		if err != nil || !p.pool.Contains(addr) {
			return netip.Addr{}, fmt.Errorf("the address %s is not of the load balancers' range %s", text, p.pool)
		}
		if owner, ok := taken[addr]; ok {
			return netip.Addr{}, fmt.Errorf("the address %s is in use by the Service %s", text, owner)
		}
		return addr, nil
	}
	if addr, ok := p.current(s); ok {
		if _, other := taken[addr]; !other {
			return addr, nil
		}
	}
	for addr := p.pool.First; p.pool.Contains(addr); addr = addr.Next() {
		if _, ok := taken[addr]; !ok {
			return addr, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("every address of the load balancers' range %s is in use", p.pool)
}

// current is the address that a Service has.
func (p *Provider) current(s *v1.Service) (netip.Addr, bool) {
	if addr, ok := p.given[s.UID]; ok {
		return addr, true
	}
	for _, ingress := range s.Status.LoadBalancer.Ingress {
		if addr, err := netip.ParseAddr(ingress.IP); err == nil && p.pool.Contains(addr) {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

// taken are the addresses of other Services than the one with uid, and whose.
func (p *Provider) taken(uid types.UID) (map[netip.Addr]string, error) {
	all, err := p.shared.Core().V1().Services().Lister().List(labels.Everything())
	if err != nil {
		return nil, err
	}
	taken := map[netip.Addr]string{}
	for _, s := range all {
		if addr, ok := p.current(s); ok && s.UID != uid {
			taken[addr] = s.Namespace + "/" + s.Name
		}
	}
	for other, addr := range p.given {
		if _, ok := taken[addr]; !ok && other != uid {
			taken[addr] = string(other)
		}
	}
	return taken, nil
}

func status(addr netip.Addr) *v1.LoadBalancerStatus {
	return &v1.LoadBalancerStatus{Ingress: []v1.LoadBalancerIngress{{IP: addr.String(), IPMode: new(v1.LoadBalancerIPModeVIP)}}}
}

// UpdateLoadBalancer implements cloudprovider.LoadBalancer; nodes come and go
// without a load balancer's doing, because kube-proxy is one.
func (p *Provider) UpdateLoadBalancer(context.Context, string, *v1.Service, []*v1.Node) error {
	return nil
}

// EnsureLoadBalancerDeleted implements cloudprovider.LoadBalancer.
func (p *Provider) EnsureLoadBalancerDeleted(_ context.Context, _ string, s *v1.Service) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.given, s.UID)
	return nil
}

// GetLoadBalancer implements cloudprovider.LoadBalancer.
func (p *Provider) GetLoadBalancer(_ context.Context, _ string, s *v1.Service) (*v1.LoadBalancerStatus, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	addr, ok := p.current(s)
	if !ok {
		return nil, false, nil
	}
	return status(addr), true, nil
}

// GetLoadBalancerName implements cloudprovider.LoadBalancer.
func (p *Provider) GetLoadBalancerName(_ context.Context, _ string, s *v1.Service) string {
	return cloudprovider.DefaultLoadBalancerName(s)
}

// Initialize implements cloudprovider.Interface.
func (p *Provider) Initialize(cloudprovider.ControllerClientBuilder, <-chan struct{}) {}

// LoadBalancer implements cloudprovider.Interface.
func (p *Provider) LoadBalancer() (cloudprovider.LoadBalancer, bool) { return p, true }

// Instances implements cloudprovider.Interface.
func (p *Provider) Instances() (cloudprovider.Instances, bool) { return nil, false }

// InstancesV2 implements cloudprovider.Interface: nodes register themselves.
func (p *Provider) InstancesV2() (cloudprovider.InstancesV2, bool) { return nil, false }

// Zones implements cloudprovider.Interface.
func (p *Provider) Zones() (cloudprovider.Zones, bool) { return nil, false }

// Clusters implements cloudprovider.Interface.
func (p *Provider) Clusters() (cloudprovider.Clusters, bool) { return nil, false }

// Routes implements cloudprovider.Interface: the Pod network needs none.
func (p *Provider) Routes() (cloudprovider.Routes, bool) { return nil, false }

// ProviderName implements cloudprovider.Interface.
func (p *Provider) ProviderName() string { return ProviderName }

// HasClusterID implements cloudprovider.Interface.
func (p *Provider) HasClusterID() bool { return true }
