package netpolicy

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"

	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/client-go/informers"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Config is what an Engine works with.
type Config struct {
	// Informers are shared; the caller starts those that are there when New
	// returns. Pods are watched only once there is a policy.
	Informers informers.SharedInformerFactory

	// Nodes is where the addresses of nodes are. A node is let to its Pods, or
	// its kubelet could not probe them.
	Nodes netip.Prefix

	// Others are ends that are no Pods of the cluster but stand for some.
	Others []End

	Logger *slog.Logger
}

// Engine decides about flows by the policies of a running cluster. It is safe
// for concurrent use.
type Engine struct {
	cfg        Config
	policies   cache.SharedIndexInformer
	namespaces corelisters.NamespaceLister
	rules      atomic.Pointer[Rules] // nil as long as there is no policy
	local      atomic.Pointer[func(netip.Addr) (namespace, name string, ok bool)]

	ctx     context.Context
	started sync.Once
	pods    atomic.Pointer[cache.Indexer] // nil until all Pods are known
}

// byIP is the name of the index of Pods, which others may share.
const byIP = "netpolicy.pod.address"

// New makes an engine that follows the cluster until ctx ends.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	e := &Engine{
		cfg: cfg, ctx: ctx,
		policies:   cfg.Informers.Networking().V1().NetworkPolicies().Informer(),
		namespaces: cfg.Informers.Core().V1().Namespaces().Lister(),
	}
	if cfg.Logger == nil {
		e.cfg.Logger = slog.New(slog.DiscardHandler)
	}
	_, err := e.policies.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { e.changed() },
		UpdateFunc: func(any, any) { e.changed() },
		DeleteFunc: func(any) { e.changed() },
	})
	if err != nil {
		return nil, fmt.Errorf("watch NetworkPolicies: %w", err)
	}
	return e, nil
}

// SetLocal tells which Pod of this node has an address, also before the API
// server knows it: a Pod's first flow may come earlier than its status.
func (e *Engine) SetLocal(find func(netip.Addr) (namespace, name string, ok bool)) {
	e.local.Store(&find)
}

// changed makes the rules anew. The informer calls it from one goroutine.
func (e *Engine) changed() {
	var policies []*networkingv1.NetworkPolicy
	for _, obj := range e.policies.GetStore().List() {
		if p, ok := obj.(*networkingv1.NetworkPolicy); ok {
			policies = append(policies, p)
		}
	}
	if len(policies) == 0 {
		e.rules.Store(nil)
		return
	}
	e.started.Do(e.watchPods)
	rules, err := Compile(policies)
	if err != nil {
		e.cfg.Logger.Warn("part of a policy is not enforced", "err", err)
	}
	e.rules.Store(&rules)
}

// watchPods begins to follow Pods and waits until all of them are known:
// without them a policy cannot be enforced.
func (e *Engine) watchPods() {
	pods := e.cfg.Informers.Core().V1().Pods().Informer()
	if err := pods.AddIndexers(cache.Indexers{byIP: addresses}); err != nil {
		e.cfg.Logger.Error("NetworkPolicies are not enforced", "err", err)
		return
	}
	e.cfg.Informers.Start(e.ctx.Done())
	select {
	case <-pods.HasSyncedChecker().Done():
		indexer := pods.GetIndexer()
		e.pods.Store(&indexer)
	case <-e.ctx.Done():
	}
}

// addresses are those that a Pod has alone.
func addresses(obj any) (found []string, _ error) {
	p, ok := obj.(*v1.Pod)
	if !ok || p.Spec.HostNetwork || p.Status.Phase == v1.PodSucceeded || p.Status.Phase == v1.PodFailed {
		return nil, nil
	}
	for _, ip := range p.Status.PodIPs {
		found = append(found, ip.IP)
	}
	return found, nil
}

// Allow decides about a flow behind its Service; see vnet.Network.SetAllow.
func (e *Engine) Allow(f vnet.Flow) bool {
	rules, pods := e.rules.Load(), e.pods.Load()
	if rules == nil || pods == nil || e.cfg.Nodes.Contains(f.From.Addr()) {
		return true
	}
	return rules.Allow(f.Protocol, e.end(*pods, f.From.Addr()), e.end(*pods, f.To.Addr()), f.To.Port())
}

func (e *Engine) end(pods cache.Indexer, addr netip.Addr) End {
	for _, o := range e.cfg.Others {
		if o.Addr == addr {
			return o
		}
	}
	found, err := pods.ByIndex(byIP, addr.String())
	if local := e.local.Load(); err == nil && local != nil {
		if namespace, name, ok := (*local)(addr); ok {
			if obj, known, err := pods.GetByKey(namespace + "/" + name); err == nil && known {
				found = []any{obj}
			}
		}
	}
	if len(found) == 0 {
		return End{Addr: addr}
	}
	p, ok := found[0].(*v1.Pod)
	if !ok {
		return End{Addr: addr}
	}
	end := End{Addr: addr, Pod: true, Namespace: p.Namespace, Labels: p.Labels}
	if n, err := e.namespaces.Get(p.Namespace); err == nil {
		end.NamespaceLabels = n.Labels
	}
	for _, containers := range [][]v1.Container{p.Spec.Containers, p.Spec.InitContainers} {
		for _, c := range containers {
			end.Ports = append(end.Ports, c.Ports...)
		}
	}
	return end
}
