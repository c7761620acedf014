// Package ingress is the sandbox's Ingress controller. It does what
// ingress-nginx does with an Ingress: rules of hosts and paths, default
// backends, TLS with the certificates of Secrets, its headers, its pages, and
// the more usual of its annotations.
//
// It is no Pod but a host of the Pod network with an address of its own, from
// which it connects to the endpoints of Services. The first Ingress makes it
// listen there, and on 127.0.0.1 of the learner's machine.
package ingress

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	networkinglisters "k8s.io/client-go/listers/networking/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// The class of Ingresses that is served, and who serves it.
const (
	ClassName      = "nginx"
	ControllerName = "k8s.io/ingress-nginx"
)

// classAnnotation named an Ingress's class before spec.ingressClassName.
const classAnnotation = "kubernetes.io/ingress.class"

// Config is what a Controller works with.
type Config struct {
	Client    clientset.Interface
	Informers informers.SharedInformerFactory // started by the caller after New
	Recorder  record.EventRecorder
	Host      *vnet.Host // the controller's own place in the network
	Node      *vnet.Host // leads its ports 80 and 443 to the controller
	Logger    *slog.Logger

	// HTTP and HTTPS are the ports to try on 127.0.0.1, in order, before any
	// that is free; none are 80 and 8080, 443 and 8443.
	HTTP, HTTPS []uint16
}

// Controller serves Ingresses. It is safe for concurrent use.
type Controller struct {
	cfg       Config
	ingresses networkinglisters.IngressLister
	classes   networkinglisters.IngressClassLister
	services  corelisters.ServiceLister
	slices    discoverylisters.EndpointSliceLister
	secrets   atomic.Pointer[corelisters.SecretLister] // nil until some Ingress has TLS
	table     atomic.Pointer[table]
	turn      atomic.Uint64
	upstream  *upstream
	dirty     chan struct{}
	fake      func() (*tls.Certificate, error)

	mu     sync.Mutex
	parsed map[string]parsedSecret
	doors  *doors // nil while nothing listens

	told map[types.UID]string // where each Ingress was said to be; of sync alone
}

// New makes a controller; Run runs it.
func New(cfg Config) (*Controller, error) {
	if len(cfg.HTTP) == 0 {
		cfg.HTTP = []uint16{80, 8080}
	}
	if len(cfg.HTTPS) == 0 {
		cfg.HTTPS = []uint16{443, 8443}
	}
	c := &Controller{
		cfg:       cfg,
		ingresses: cfg.Informers.Networking().V1().Ingresses().Lister(),
		classes:   cfg.Informers.Networking().V1().IngressClasses().Lister(),
		services:  cfg.Informers.Core().V1().Services().Lister(),
		slices:    cfg.Informers.Discovery().V1().EndpointSlices().Lister(),
		dirty:     make(chan struct{}, 1),
		parsed:    map[string]parsedSecret{},
		told:      map[types.UID]string{},
		fake:      sync.OnceValues(func() (*tls.Certificate, error) { return fakeCertificate(time.Now()) }),
	}
	c.table.Store(newTable(nil))
	c.upstream = &upstream{&http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, connectLimit)
			defer cancel()
			return cfg.Host.DialContext(ctx, network, address)
		},
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: true}, // as nginx: proxy_ssl_verify is off
		ResponseHeaderTimeout: answerLimit,
		IdleConnTimeout:       60 * time.Second,
		MaxIdleConnsPerHost:   32,
		DisableCompression:    true,
	}}
	changed := cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { c.touch() }, UpdateFunc: func(any, any) { c.touch() }, DeleteFunc: func(any) { c.touch() },
	}
	for _, i := range []cache.SharedIndexInformer{cfg.Informers.Networking().V1().Ingresses().Informer(), cfg.Informers.Networking().V1().IngressClasses().Informer()} {
		if _, err := i.AddEventHandler(changed); err != nil {
			return nil, fmt.Errorf("watch Ingresses: %w", err)
		}
	}
	return c, nil
}

func (c *Controller) touch() {
	select {
	case c.dirty <- struct{}{}:
	default:
	}
}

// Run serves until ctx ends.
func (c *Controller) Run(ctx context.Context) {
	defer c.upstream.transport.CloseIdleConnections()
	for {
		select {
		case <-ctx.Done():
			c.closeDoors()
			return
		case <-c.dirty:
			c.sync(ctx)
		}
	}
}

// sync brings what is served in line with the Ingresses there are.
func (c *Controller) sync(ctx context.Context) {
	all, err := c.ingresses.List(labels.Everything())
	if err != nil {
		return
	}
	mine := slices.DeleteFunc(all, func(in *networkingv1.Ingress) bool { return !c.serves(in) })
	t := newTable(mine)
	for _, s := range t.servers {
		if s.secret != "" && c.secrets.Load() == nil {
			lister := c.cfg.Informers.Core().V1().Secrets().Lister()
			c.cfg.Informers.Start(ctx.Done())
			c.secrets.Store(&lister)
		}
	}
	c.table.Store(t)
	maps.DeleteFunc(c.told, func(uid types.UID, _ string) bool {
		return !slices.ContainsFunc(mine, func(in *networkingv1.Ingress) bool { return in.UID == uid })
	})
	if len(mine) == 0 {
		c.closeDoors()
		return
	}
	if err := c.openDoors(ctx); err != nil {
		c.cfg.Logger.Error("Ingresses cannot be reached", "err", err)
	}
	for _, in := range mine {
		if err := c.publish(ctx, in); err != nil && ctx.Err() == nil {
			c.cfg.Logger.Warn("publish an Ingress's address", "ingress", in.Namespace+"/"+in.Name, "err", err)
		}
	}
}

// serves: an Ingress belongs to the controller of its class.
func (c *Controller) serves(in *networkingv1.Ingress) bool {
	if name := in.Annotations[classAnnotation]; name != "" {
		return name == ClassName
	}
	if in.Spec.IngressClassName == nil {
		return false
	}
	class, err := c.classes.Get(*in.Spec.IngressClassName)
	return err == nil && class.Spec.Controller == ControllerName
}

// publish writes the node's address into an Ingress, and tells where on this
// machine it is.
func (c *Controller) publish(ctx context.Context, in *networkingv1.Ingress) error {
	want := []networkingv1.IngressLoadBalancerIngress{{IP: c.cfg.Node.Addr().String()}}
	same := func(a, b networkingv1.IngressLoadBalancerIngress) bool {
		return a.IP == b.IP && a.Hostname == b.Hostname
	}
	if !slices.EqualFunc(in.Status.LoadBalancer.Ingress, want, same) {
		in = in.DeepCopy()
		in.Status.LoadBalancer.Ingress = want
		if _, err := c.cfg.Client.NetworkingV1().Ingresses(in.Namespace).UpdateStatus(ctx, in, metav1.UpdateOptions{}); err != nil {
			return err
		}
		c.cfg.Recorder.Event(in, v1.EventTypeNormal, "Sync", "Scheduled for sync")
	}
	plain, secure := c.Addresses()
	where := "http://" + plain.String()
	if len(in.Spec.TLS) > 0 && secure.IsValid() {
		where += " and https://" + secure.String()
	}
	if plain.IsValid() && c.told[in.UID] != where {
		c.told[in.UID] = where
		c.cfg.Recorder.Eventf(in, v1.EventTypeNormal, "Reachable", "On this machine at %s", where)
	}
	return nil
}

// endpoints are the ready addresses of a backend.
func (c *Controller) endpoints(b backend) (found []netip.AddrPort) {
	service, err := c.services.Services(b.namespace).Get(b.service)
	if err != nil {
		return nil
	}
	at := slices.IndexFunc(service.Spec.Ports, func(p v1.ServicePort) bool {
		return b.portName != "" && p.Name == b.portName || b.portName == "" && p.Port == b.portNumber
	})
	if at < 0 {
		return nil
	}
	name := service.Spec.Ports[at].Name
	list, err := c.slices.EndpointSlices(b.namespace).List(labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: b.service}))
	if err != nil {
		return nil
	}
	for _, s := range list {
		for _, p := range s.Ports {
			if p.Port == nil || p.Name == nil || *p.Name != name {
				continue
			}
			for _, e := range s.Endpoints {
				if e.Conditions.Ready != nil && !*e.Conditions.Ready {
					continue
				}
				for _, a := range e.Addresses {
					if addr, err := netip.ParseAddr(a); err == nil {
						found = append(found, netip.AddrPortFrom(addr, uint16(*p.Port)))
					}
				}
			}
		}
	}
	slices.SortFunc(found, netip.AddrPort.Compare)
	return slices.Compact(found)
}

func namespaceOf(key string) string {
	namespace, _, _ := strings.Cut(key, "/")
	return namespace
}

func nameOf(key string) string {
	_, name, _ := strings.Cut(key, "/")
	return name
}

// Class is the IngressClass of the controller, the default of the cluster.
func Class() *networkingv1.IngressClass {
	return &networkingv1.IngressClass{
		ObjectMeta: metav1.ObjectMeta{
			Name: ClassName,
			Labels: map[string]string{
				"app.kubernetes.io/component": "controller", "app.kubernetes.io/instance": "ingress-nginx", "app.kubernetes.io/name": "ingress-nginx",
			},
			Annotations: map[string]string{networkingv1.AnnotationIsDefaultIngressClass: "true"},
		},
		Spec: networkingv1.IngressClassSpec{Controller: ControllerName},
	}
}

var errNoDoor = errors.New("no port of this machine can be listened on")
