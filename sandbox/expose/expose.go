// Package expose makes Services reachable on the learner's machine: while a
// Service has a node port, 127.0.0.1 listens on it, and while it has the address
// of a load balancer, 127.0.0.1 listens on the same port or, where that is not
// to be had, on another one, and an Event says where.
//
// It listens on 127.0.0.1 only. What it accepts goes to the node port or to the
// load balancer in the sandbox's network, so that the rules of kube-proxy apply
// to it.
package expose

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Config says what an Exposer works with.
type Config struct {
	// Node is the address that node ports are served on in the network.
	Node netip.Addr
	// From is the host that connections come from there.
	From *vnet.Host
	// Informers are shared with others; the Exposer does not start them.
	Informers informers.SharedInformerFactory
	// Recorder takes the Events.
	Recorder record.EventRecorder
}

// The kinds of an Address.
const (
	NodePort     = "NodePort"
	LoadBalancer = "LoadBalancer"
)

// Address says where a port of a Service is reached on this machine.
type Address struct {
	Namespace string `json:"namespace"`
	Service   string `json:"service"`
	Kind      string `json:"kind"`
	Protocol  string `json:"protocol"`        // TCP or UDP
	Port      int    `json:"port"`            // of the Service
	Host      string `json:"hostAddress"`     // 127.0.0.1:PORT; empty when there is none
	Fault     string `json:"fault,omitempty"` // why there is none
}

// Exposer listens for all Services of a cluster. It is safe for concurrent use.
type Exposer struct {
	cfg      Config
	services corelisters.ServiceLister
	synced   cache.InformerSynced
	kick     chan struct{}

	mu   sync.Mutex
	open map[want]*door
}

// want is a door that a Service wants.
type want struct {
	namespace, name string
	kind            string
	protocol        v1.Protocol
	port            int32
	to              netip.AddrPort // where it leads in the network
}

// tryAgain is how often a port that was taken is tried again.
const tryAgain = 10 * time.Second

// New makes an Exposer and registers it with the informers.
func New(cfg Config) (*Exposer, error) {
	services := cfg.Informers.Core().V1().Services()
	e := &Exposer{cfg: cfg, services: services.Lister(), kick: make(chan struct{}, 1), open: map[want]*door{}}
	wake := func(any) {
		select {
		case e.kick <- struct{}{}:
		default: // it will look anyway
		}
	}
	registration, err := services.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: wake, UpdateFunc: func(_, o any) { wake(o) }, DeleteFunc: wake,
	})
	if err != nil {
		return nil, fmt.Errorf("follow Services: %w", err)
	}
	e.synced = registration.HasSynced
	return e, nil
}

// Run opens and closes until ctx ends, and then closes everything.
func (e *Exposer) Run(ctx context.Context) {
	defer e.closeAll()
	if !cache.WaitForCacheSync(ctx.Done(), e.synced) {
		return
	}
	again := time.NewTimer(tryAgain)
	defer again.Stop()
	for {
		if e.sync(ctx) {
			again.Stop()
		} else {
			again.Reset(tryAgain)
		}
		select {
		case <-e.kick:
		case <-again.C:
		case <-ctx.Done():
			return
		}
	}
}

// sync opens what is wanted and closes what is not, and reports whether it
// could. A door that leads elsewhere keeps the port it has on the machine.
func (e *Exposer) sync(ctx context.Context) (complete bool) {
	all, err := e.services.List(labels.Everything())
	if err != nil {
		return false
	}
	wanted := map[want]*v1.Service{}
	for _, s := range all {
		for _, w := range wants(s, e.cfg.Node) {
			wanted[w] = s
		}
	}
	e.mu.Lock()
	var closing []*door
	for w, d := range e.open {
		if _, ok := wanted[w]; !ok {
			closing = append(closing, d)
			delete(e.open, w)
		}
	}
	e.mu.Unlock()
	for _, d := range closing {
		d.close()
	}
	complete = true
	for _, w := range sorted(wanted) {
		e.mu.Lock()
		old := e.open[w]
		e.mu.Unlock()
		if old != nil && old.fault == nil {
			continue
		}
		d := e.openDoor(ctx, w)
		complete = complete && d.fault == nil
		e.tell(wanted[w], w, d, old)
		e.mu.Lock()
		e.open[w] = d
		e.mu.Unlock()
	}
	return complete
}

// wants returns the doors that a Service wants.
func wants(s *v1.Service, node netip.Addr) (list []want) {
	for _, p := range s.Spec.Ports {
		if p.Protocol != v1.ProtocolTCP && p.Protocol != v1.ProtocolUDP {
			continue
		}
		w := want{namespace: s.Namespace, name: s.Name, protocol: p.Protocol, port: p.Port}
		if p.NodePort != 0 {
			w.kind, w.to = NodePort, netip.AddrPortFrom(node, uint16(p.NodePort))
			list = append(list, w)
		}
		for _, ingress := range s.Status.LoadBalancer.Ingress {
			if addr, err := netip.ParseAddr(ingress.IP); err == nil && s.Spec.Type == v1.ServiceTypeLoadBalancer {
				w.kind, w.to = LoadBalancer, netip.AddrPortFrom(addr, uint16(p.Port))
				list = append(list, w)
				break
			}
		}
	}
	return list
}

// sorted gives doors an order, so that of two Services that want the same port
// on the machine the same one gets it each time: the older.
func sorted(wanted map[want]*v1.Service) []want {
	list := make([]want, 0, len(wanted))
	for w := range wanted {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b want) int {
		return cmp.Or(
			wanted[a].CreationTimestamp.Compare(wanted[b].CreationTimestamp.Time),
			cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name),
			cmp.Compare(a.port, b.port), cmp.Compare(a.kind, b.kind), cmp.Compare(a.protocol, b.protocol),
		)
	})
	return list
}

// tell makes an Event of what is new.
func (e *Exposer) tell(s *v1.Service, w want, d, old *door) {
	switch {
	case d.fault != nil && old == nil:
		e.cfg.Recorder.Eventf(s, v1.EventTypeWarning, "PortNotOnThisMachine", "%s; inside the cluster the Service works", d.fault)
	case d.fault == nil && w.kind == LoadBalancer:
		e.cfg.Recorder.Eventf(s, v1.EventTypeNormal, "OnThisMachine", "port %d is reachable on this machine at %s", w.port, inWords(w, d.host))
	case d.fault == nil && old != nil:
		e.cfg.Recorder.Eventf(s, v1.EventTypeNormal, "OnThisMachine", "node port %d is reachable on this machine at %s now", w.to.Port(), inWords(w, d.host))
	}
}

// inWords is an address as one would use it.
func inWords(w want, host netip.AddrPort) string {
	switch {
	case w.protocol == v1.ProtocolUDP:
		return host.String() + " (UDP)"
	case w.port == 443 || w.port == 8443:
		return "https://" + host.String()
	case w.port == 80 || w.port >= 3000 && w.port < 3010 || w.port >= 8000 && w.port < 9100:
		return "http://" + host.String()
	}
	return host.String()
}

// Addresses lists where Services are reached on this machine, in order of
// namespace, name and port.
func (e *Exposer) Addresses() []Address {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := make([]Address, 0, len(e.open))
	for w, d := range e.open {
		a := Address{Namespace: w.namespace, Service: w.name, Kind: w.kind, Protocol: string(w.protocol), Port: int(w.port)}
		if d.fault != nil {
			a.Fault = d.fault.Error()
		} else {
			a.Host = d.host.String()
		}
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b Address) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Port, b.Port),
			cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Kind, b.Kind))
	})
	return list
}

func (e *Exposer) closeAll() {
	e.mu.Lock()
	open := e.open
	e.open = map[want]*door{}
	e.mu.Unlock()
	for _, d := range open {
		d.close()
	}
}

func portText(p uint16) string { return strconv.Itoa(int(p)) }
