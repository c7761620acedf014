package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/gofrs/flock"
	"k8s.io/apiserver/pkg/util/feature"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/k8stutor/k8stutor/sandbox/fabric"
	"github.com/k8stutor/k8stutor/sandbox/quietqueues"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// nodeOrders is what the sandbox tells the process of a further node, a line of
// JSON on its standard input: all of it at first, and again when the other
// nodes change. The end of the input is the end of the node.
type nodeOrders struct {
	Name    string       `json:"name"`
	Address netip.Addr   `json:"address"`
	PodCIDR netip.Prefix `json:"podCIDR"`
	Dir     string       `json:"dir"`

	Server string   `json:"server"` // URL of the API server
	CA     string   `json:"ca"`     // file of the authority that signs everything
	Client certPair `json:"client"` // of its kubelet as a client
	Serve  certPair `json:"serve"`  // of its kubelet as a server
	Agent  certPair `json:"agent"`  // of what runs beside its kubelet

	Socket string      `json:"socket"` // where it lets other nodes in
	Peers  []nodeRoute `json:"peers"`
}

// certPair is a certificate and its key, in files.
type certPair struct {
	Cert string `json:"cert"`
	Key  string `json:"key"`
}

func (p keyPair) files() certPair { return certPair{Cert: p.certFile, Key: p.keyFile} }

func (c certPair) pair() keyPair { return keyPair{certFile: c.Cert, keyFile: c.Key} }

// nodeRoute is the way to another node.
type nodeRoute struct {
	Prefixes []netip.Prefix `json:"prefixes"`
	Socket   string         `json:"socket"`
}

// nodeReport is what the process says on its standard output, a line of JSON,
// when its kubelet has started.
type nodeReport struct {
	BootID string `json:"bootID"`
	Port   int    `json:"port"` // of its kubelet, on loopback
}

// featureGates hold for every component.
//
// EventedPLEG: the kubelet hears of ended containers at once instead of every
// second. PodAndContainerStatsFromCRI: it learns what Pods use from the runtime,
// because there are no control groups to read.
const featureGates = "EventedPLEG=true,PodAndContainerStatsFromCRI=true"

// nodeMemoryLimit is for the process of a further node what memoryLimit is for
// the sandbox's.
const nodeMemoryLimit = 96 << 20

// RunNode is the process of a further node. It takes its orders from in and
// reports to out; it is started by Run, never by hand. When in ends, because
// the node is to stop or because the sandbox is gone, the process ends at once,
// like a machine whose power is cut: RunNode returns only when it could not
// start.
func RunNode(ctx context.Context, in io.Reader, out io.Writer) error {
	quietqueues.Use()
	lines := bufio.NewReader(in)
	orders, err := readOrders(lines)
	if err != nil {
		return fmt.Errorf("read the node's orders: %w", err)
	}
	lock, err := lockNode(ctx, orders.Dir)
	if err != nil {
		return err
	}
	defer lock.Unlock()
	logs, err := openLogs(filepath.Join(orders.Dir, "logs"), nodeLogs())
	if err != nil {
		return err
	}
	defer logs.close()
	network := vnet.New()
	network.SetRoutes(routesTo(orders.Peers))
	go func() {
		for {
			changed, err := readOrders(lines)
			if err != nil {
				logs.sandbox.Info("the sandbox let go of this node")
				logs.close()
				os.Exit(0)
			}
			network.SetRoutes(routesTo(changed.Peers))
		}
	}()
	logs.sandbox.Info("starting", "node", orders.Name, "pid", os.Getpid())
	w, err := startNode(ctx, orders, network, logs)
	if err != nil {
		logs.sandbox.Error("failed", "err", err)
		return err
	}
	if err := json.NewEncoder(out).Encode(nodeReport{BootID: w.kubelet.bootID, Port: w.kubelet.port}); err != nil {
		return err
	}
	debug.SetGCPercent(runGC)
	debug.SetMemoryLimit(nodeMemoryLimit)
	debug.FreeOSMemory()
	<-ctx.Done()
	return nil
}

func readOrders(lines *bufio.Reader) (nodeOrders, error) {
	var orders nodeOrders
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &orders)
	}
	return orders, err
}

func routesTo(peers []nodeRoute) []vnet.Route {
	var routes []vnet.Route
	for _, p := range peers {
		peer := fabric.NewPeer(p.Socket)
		for _, prefix := range p.Prefixes {
			routes = append(routes, vnet.Route{Prefix: prefix, Via: peer})
		}
	}
	return routes
}

// lockNode waits for a process of the same node that is about to end.
func lockNode(ctx context.Context, dir string) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	ctx, cancel := context.WithTimeout(ctx, endLimit)
	defer cancel()
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, fmt.Errorf("another process has the node's folder %s: %w", dir, err)
	}
	return lock, nil
}

func startNode(ctx context.Context, orders nodeOrders, network *vnet.Network, logs *logs) (*worker, error) {
	// The control plane's process takes the gates from its API server's flags.
	if err := feature.DefaultMutableFeatureGate.Set(featureGates); err != nil {
		return nil, err
	}
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	ca := keyPair{certFile: orders.CA}
	client, err := clientset.NewForConfig(clientConfig(orders.Server, ca, orders.Agent.pair(), "node-agents"))
	if err != nil {
		return nil, err
	}
	spec := nodeSpec{Name: orders.Name, Address: orders.Address, PodCIDR: orders.PodCIDR, Dir: orders.Dir}
	w, err := newWorker(spec, network, clientConfig(orders.Server, ca, orders.Client.pair(), "kubelet"))
	if err != nil {
		return nil, err
	}
	// It ends with the process: nothing is left to close.
	if _, err := fabric.Listen(orders.Socket, network); err != nil {
		return nil, err
	}
	certs := nodeCertificates{ca: orders.CA, server: orders.Serve.pair()}
	if err := w.start(ctx, client, certs, logs); err != nil {
		return nil, fmt.Errorf("start the node %s: %w", orders.Name, err)
	}
	return w, nil
}
