package sandbox

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"github.com/k8stutor/k8stutor/sandbox/netpolicy"
	"github.com/k8stutor/k8stutor/sandbox/pocket"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

const (
	// NodeName is the name of the sandbox's first node, which is in the process
	// of the control plane.
	NodeName = "k8stutor"
	nodeIP   = "192.168.49.2"
	// nodePodCIDR is the first node's part of podCIDR.
	nodePodCIDR = "10.244.0.0/24"
)

// How soon a node that went off is noticed, and its Pods are given up. A
// cluster as it comes takes 50 seconds and 5 minutes, which nobody who learns
// wants to wait for.
const (
	// nodeLease is how long a kubelet's lease holds; it renews it four times as
	// often.
	nodeLease = 20 * time.Second
	// nodeMonitorGrace is how long a node may be silent until it is not ready,
	// nodeMonitorPeriod how often that is looked at.
	nodeMonitorGrace  = 20 * time.Second
	nodeMonitorPeriod = 2 * time.Second
	// nodeToleration is how long, in seconds, Pods that do not say otherwise
	// stay on a node that is not ready or not reachable.
	nodeToleration = "30"
)

// nodeSpec says which node a worker is.
type nodeSpec struct {
	Name    string
	Address netip.Addr   // in the sandbox's network, not of this machine
	PodCIDR netip.Prefix // the node's part of podCIDR
	Dir     string       // holds its kubelet's and its runtime's folders
	First   bool         // it shares the control plane's process
}

// sandboxDir is the folder of the whole sandbox.
func (s nodeSpec) sandboxDir() string {
	if s.First {
		return s.Dir
	}
	return filepath.Dir(filepath.Dir(s.Dir)) // SANDBOX/nodes/NAME
}

func firstNode(dir string) nodeSpec {
	return nodeSpec{Name: NodeName, Address: netip.MustParseAddr(nodeIP), PodCIDR: netip.MustParsePrefix(nodePodCIDR), Dir: dir, First: true}
}

// worker is the node of this process: its part of the network, its container
// runtime and its kubelet. There is one in a process, because two kubelets
// would register the same metrics.
type worker struct {
	spec    nodeSpec
	network *vnet.Network
	host    *vnet.Host // the node's own address
	runtime *pocket.Runtime
	kubelet *node

	policies *netpolicy.Engine
	programs map[string]proc.Program         // of images that need to know the cluster
	shared   informers.SharedInformerFactory // of everything in this process that reads the whole cluster
}

// newWorker makes a node that does not run yet. The configuration is that of
// its kubelet.
func newWorker(spec nodeSpec, network *vnet.Network, config *rest.Config) (*worker, error) {
	w := &worker{spec: spec, network: network}
	var err error
	if w.host, err = network.AddHost(spec.Address); err != nil {
		return nil, err
	}
	if w.kubelet, err = newNode(spec, config); err != nil {
		return nil, err
	}
	return w, nil
}

// start starts everything that a node runs. The client may read the whole
// cluster: what a node's agents need, its kubelet may not.
func (w *worker) start(ctx context.Context, agents clientset.Interface, certs nodeCertificates, logs *logs) error {
	if err := w.startAgents(ctx, agents, logs); err != nil {
		return err
	}
	var err error
	w.runtime, err = pocket.New(pocket.Config{
		Network:   w.network,
		NodeHost:  w.host,
		NodeName:  w.spec.Name,
		Dir:       filepath.Join(w.spec.Dir, "runtime"),
		PodCIDR:   w.spec.PodCIDR,
		Disk:      w.kubelet.disk,
		PullDelay: 1,
		Programs:  w.programs,
		CPUs:      nodeCPUs,
		Memory:    nodeMemory - reservedMemory,
		Logger:    logs.runtime,
	})
	if err != nil {
		return err
	}
	w.policies.SetLocal(w.runtime.PodByAddress)
	return w.kubelet.start(klog.NewContext(ctx, logs.component(logKubelet)), w.runtime, w.host.DialContext, certs)
}

// stop ends the containers and what else outlives a cancelled context.
func (w *worker) stop() {
	if w.runtime != nil {
		w.runtime.Shutdown()
	}
	w.kubelet.close()
}

// register makes the node's object before its kubelet starts, as a cloud
// provider would complete it: with addresses, and with its part of the Pod
// network.
func register(ctx context.Context, client clientset.Interface, spec nodeSpec) error {
	addresses := []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: spec.Address.String()}, {Type: v1.NodeHostName, Address: spec.Name}}
	labels := map[string]string{v1.LabelHostname: spec.Name}
	if spec.First {
		labels[controlPlaneLabel] = ""
	}
	_, err := client.CoreV1().Nodes().Create(ctx, &v1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: spec.Name, Labels: labels},
		Spec:       v1.NodeSpec{PodCIDR: spec.PodCIDR.String(), PodCIDRs: []string{spec.PodCIDR.String()}, ProviderID: providerID(spec.Name)},
		Status:     v1.NodeStatus{Addresses: addresses},
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("register the node %s: %w", spec.Name, err)
	}
	return nil
}

// controlPlaneLabel is the role that kubectl shows for a node; minikube gives
// it, without a taint, to its first node.
const controlPlaneLabel = "node-role.kubernetes.io/control-plane"

func providerID(node string) string { return "k8stutor://" + node }
