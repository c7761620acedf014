package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"

	"github.com/k8stutor/k8stutor/sandbox/expose"
	"github.com/k8stutor/k8stutor/sandbox/ingress"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// cluster is everything that runs, in the order it was started.
type cluster struct {
	began   time.Time
	network *vnet.Network
	front   *controlPlane // the API server's place in the network
	exposer *expose.Exposer
	ingress *ingress.Controller
	worker  *worker // the first node
	nodes   *nodes  // the others
	etcd    *etcd
	server  *apiServer
	storage *storage

	certs   *pki
	client  clientset.Interface // as its administrator
	address string              // HOST:PORT of the API server
	ended   sync.Map            // components that ended by themselves, to their errors

	stopServer     context.CancelFunc
	stopComponents context.CancelFunc // controllers, scheduler, kubelet
	failed         chan error         // a component ended by itself
	serverEnded    chan struct{}
	background     sync.WaitGroup // what else ends with the components
}

// startCluster starts everything and returns when a Pod can run. The cluster
// it returns is never nil and holds what was started, also after an error.
func startCluster(ctx context.Context, dir string, state *tracker, logs *logs) (*cluster, error) {
	c := &cluster{
		failed:      make(chan error, 3), // each of the three sends at most once
		serverEnded: make(chan struct{}),
		stopServer:  func() {}, stopComponents: func() {},
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("not ready within %s; see the logs in %s", startLimit, filepath.Join(dir, "logs")))
	defer cancel()
	err := c.start(ctx, dir, state, logs)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	return c, err
}

func (c *cluster) start(ctx context.Context, dir string, state *tracker, logs *logs) error {
	var err error
	c.began = time.Now()
	c.network = vnet.New()
	if c.front, err = newControlPlane(c.network); err != nil {
		return err
	}
	certs, err := loadPKI(filepath.Join(dir, "pki"))
	if err != nil {
		return err
	}
	c.certs = certs
	// Components live until they are stopped in order, not until ctx ends.
	life := context.WithoutCancel(ctx)
	serverCtx, stopServer := context.WithCancel(life)
	componentCtx, stopComponents := context.WithCancel(life)
	c.stopServer, c.stopComponents = stopServer, stopComponents
	in := func(parent context.Context, name string) context.Context {
		return klog.NewContext(parent, logs.component(name))
	}

	if err := state.step(stepEtcd, func() error {
		var repaired string
		c.etcd, repaired, err = startEtcd(dir, inEtcd(logs.crash), certs, logs.etcd())
		if repaired != "" {
			logs.sandbox.Warn("repaired", "what", repaired)
			state.update(func(s *Status) { s.Error = repaired })
		}
		return err
	}); err != nil {
		return err
	}

	listener, err := listenAgain(filepath.Join(dir, "kubeconfig"))
	if err != nil {
		return fmt.Errorf("listen for the API server: %w", err)
	}
	server := "https://" + listener.Addr().String()
	admin := clientConfig(server, certs.ca, certs.admin, "k8stutor-sandbox")
	client, err := clientset.NewForConfig(admin)
	if err != nil {
		return err
	}
	c.client, c.address = client, listener.Addr().String()
	c.storage = newStorage(in(componentCtx, logController), client)
	if err := state.step(stepAPIServer, func() error {
		c.server, err = startAPIServer(in(serverCtx, logAPIServer), listener, c.etcd, c.front.dial, certs, filepath.Join(dir, "pki"))
		if err != nil {
			return err
		}
		if err := c.etcd.waitReady(ctx); err != nil {
			return err
		}
		if err := c.server.waitReady(ctx, client); err != nil {
			return err
		}
		c.etcd.proven()
		if err := c.front.serve(serverCtx, listener.Addr().(*net.TCPAddr).Port); err != nil {
			return err
		}
		return writeKubeconfig(filepath.Join(dir, "kubeconfig"), server, certs.ca, certs.admin)
	}); err != nil {
		return err
	}
	state.update(func(s *Status) { s.Server = server })
	go func() {
		err := <-c.server.done
		close(c.serverEnded)
		c.failed <- fmt.Errorf("%s ended by itself: %w", stepAPIServer, orEnded(err))
	}()
	return c.startComponents(ctx, in, componentCtx, dir, server, client, certs, state, logs)
}

// startComponents starts what talks to the API server.
func (c *cluster) startComponents(ctx context.Context, in func(context.Context, string) context.Context, componentCtx context.Context,
	dir, server string, client clientset.Interface, certs *pki, state *tracker, logs *logs) error {
	spec := firstNode(dir)
	w, err := newWorker(spec, c.network, clientConfig(server, certs.ca, certs.node, "kubelet"))
	if err != nil {
		return err
	}
	c.worker = w
	c.front.setKubelet(spec.Address, w.kubelet.port)
	if err := register(ctx, client, spec); err != nil {
		return err
	}
	for _, component := range []struct {
		name  string
		user  keyPair
		start func(kubeconfig string, done chan<- error) error
	}{
		{stepController, certs.controller, func(kubeconfig string, done chan<- error) error {
			return startControllerManager(in(componentCtx, logController), kubeconfig, certs, done)
		}},
		{stepScheduler, certs.scheduler, func(kubeconfig string, done chan<- error) error {
			return startScheduler(in(componentCtx, logScheduler), kubeconfig, done)
		}},
	} {
		if err := state.step(component.name, func() error {
			kubeconfig := filepath.Join(dir, "pki", component.name+".kubeconfig")
			if err := writeKubeconfig(kubeconfig, server, certs.ca, component.user); err != nil {
				return err
			}
			done := make(chan error, 1)
			go func() {
				err := <-done
				if componentCtx.Err() == nil {
					c.ended.Store(component.name, orEnded(err))
					c.failed <- fmt.Errorf("%s ended by itself: %w", component.name, orEnded(err))
				}
			}()
			return component.start(kubeconfig, done)
		}); err != nil {
			return err
		}
	}
	if err := state.step(stepKubelet, func() error {
		return w.start(componentCtx, client, nodeCertificates{ca: certs.ca.certFile, server: certs.kubelet}, logs)
	}); err != nil {
		return err
	}
	if err := state.step(stepNode, func() error { return waitNodeReady(ctx, client, spec.Name, w.kubelet.bootID) }); err != nil {
		return err
	}
	c.background.Go(func() { startAddons(componentCtx, client, c.began, logs.sandbox) })
	c.background.Go(func() {
		if err := c.storage.run(in(componentCtx, logController), w.kubelet.disk); err != nil {
			logs.sandbox.Error("storage", "err", err)
		}
	})
	if err := c.startExposing(componentCtx, client, w.shared); err != nil {
		return err
	}
	if err := c.startIngress(componentCtx, client, w.shared, logs.sandbox); err != nil {
		return err
	}
	if err := c.startNodes(componentCtx, dir, server, client, certs, state, logs); err != nil {
		return err
	}
	return state.step(stepNamespace, func() error {
		return wait.PollUntilContextCancel(ctx, 20*time.Millisecond, true, func(ctx context.Context) (bool, error) {
			_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
			return err == nil, nil
		})
	})
}

func orEnded(err error) error {
	if err == nil {
		return errors.New("no error was given")
	}
	return err
}

// stop stops what was started, last first: those that change objects before
// the API server, the API server before its store, containers last, so that
// the cluster remembers them as running.
func (c *cluster) stop(log *slog.Logger) {
	if c.nodes != nil {
		c.nodes.close()
		log.Info("the other nodes have stopped")
	}
	c.stopComponents()
	c.background.Wait()
	c.stopServer()
	if c.server != nil {
		// It answers what it has begun and then waits for its watchers, the
		// kubelet's among them, which end only with the process.
		select {
		case <-c.serverEnded:
		case <-time.After(lastAnswers):
		}
		log.Info("the API server has stopped")
	}
	if c.etcd != nil {
		c.etcd.stop()
		log.Info("etcd has stopped")
	}
	if c.worker != nil {
		c.worker.stop()
	}
}

// lastAnswers is how long the API server has to answer what it has begun.
const lastAnswers = 500 * time.Millisecond

// listenAgain listens on the port the last kubeconfig names, so that programs
// that hold a copy find the server again, or on any other.
func listenAgain(kubeconfig string) (net.Listener, error) {
	if cfg, err := clientcmd.LoadFromFile(kubeconfig); err == nil && cfg.Clusters[ContextName] != nil {
		if u, err := url.Parse(cfg.Clusters[ContextName].Server); err == nil && strings.HasPrefix(u.Host, "127.0.0.1:") {
			if l, err := net.Listen("tcp", u.Host); err == nil {
				return l, nil
			}
		}
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		_ = os.Remove(kubeconfig) // damaged; a new one is written when the server is up
	}
	return net.Listen("tcp", "127.0.0.1:0")
}
