package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	clientset "k8s.io/client-go/kubernetes"

	"github.com/k8stutor/k8stutor/sandbox/fabric"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// maxNodes is how many nodes a sandbox has at most: each further one takes the
// machine 90 MB of memory.
const maxNodes = 10

// nodeRecord is what is remembered of a further node, in DIR/nodes/NAME/node.json.
type nodeRecord struct {
	Name string `json:"name"`
	// Index is the node's number, from 2: its address ends in Index+1, its part
	// of the Pod network is the 10.244.(Index-1).0/24.
	Index int `json:"index"`
	// Stopped nodes stay so at the sandbox's next start.
	Stopped bool `json:"stopped"`
}

func (r nodeRecord) address() netip.Addr {
	return netip.AddrFrom4([4]byte{192, 168, 49, byte(r.Index + 1)})
}

func (r nodeRecord) podCIDR() netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 244, byte(r.Index - 1), 0}), 24)
}

// nodes are the further nodes of a sandbox, each a process. It is safe for
// concurrent use; what changes nodes is done one after the other.
type nodes struct {
	nodesConfig
	dir     string // holds a folder for each
	sockets string // holds the sockets of all; a path short enough for them
	unlink  func() // takes sockets away again
	gate    *fabric.Server

	acting sync.Mutex // held while a node is added, started, stopped or removed

	mu        sync.Mutex
	processes map[string]*nodeProcess
}

// nodeError is an order that cannot be carried out, with the reason for a
// program: "unknown", "exists", "name", "first", "many".
type nodeError struct {
	Reason string
	text   string
}

func (e *nodeError) Error() string { return e.text }

// nodesConfig is what the further nodes need of the sandbox.
type nodesConfig struct {
	server     string
	certs      *pki
	client     clientset.Interface
	network    *vnet.Network // of this process
	log        *slog.Logger
	changed    func()                          // called when a node's process came or went
	setKubelet func(node netip.Addr, port int) // told where kubelets listen; see controlPlane
}

// openNodes reads which further nodes there are and lets them reach this
// process's network. None of them runs yet. What it returns, also with an
// error, is to be closed.
func openNodes(dir string, config nodesConfig) (*nodes, error) {
	n := &nodes{nodesConfig: config, dir: filepath.Join(dir, "nodes"), unlink: func() {}, processes: map[string]*nodeProcess{}}
	sockets := filepath.Join(dir, "fabric")
	for _, d := range []string{n.dir, sockets} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return n, fmt.Errorf("make the folder of nodes: %w", err)
		}
	}
	var err error
	if n.sockets, n.unlink, err = shortPath(sockets, maxSocketFolder); err != nil {
		n.unlink = func() {}
		return n, err
	}
	if n.gate, err = fabric.Listen(n.socket(1), n.network); err != nil {
		return n, err
	}
	entries, err := os.ReadDir(n.dir)
	if err != nil {
		return n, fmt.Errorf("find the nodes: %w", err)
	}
	for _, e := range entries {
		r, err := readRecord(filepath.Join(n.dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // the first node's folder, or one that was being made or removed
		}
		if err != nil || r.Name != e.Name() || r.Index < 2 || r.Index > maxNodes {
			n.log.Error("a node is left out: its record is damaged", "node", e.Name(), "err", err)
			continue
		}
		n.processes[r.Name] = newNodeProcess(n, r)
	}
	n.route()
	return n, nil
}

// maxSocketFolder is how long the path of the folder of sockets may be.
const maxSocketFolder = 104 - len("/10.sock") - 1

func (n *nodes) socket(index int) string {
	return filepath.Join(n.sockets, strconv.Itoa(index)+".sock")
}

func readRecord(dir string) (nodeRecord, error) {
	var r nodeRecord
	text, err := os.ReadFile(filepath.Join(dir, "node.json"))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

func (n *nodes) write(r nodeRecord) error {
	text, err := json.Marshal(r)
	if err == nil {
		err = writeFile(filepath.Join(n.dir, r.Name, "node.json"), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("remember the node %s: %w", r.Name, err)
	}
	return nil
}

// startAll starts the nodes that ran when the sandbox ended. It does not wait
// for them.
func (n *nodes) startAll() {
	for _, p := range n.list() {
		if p.record().Stopped {
			continue
		}
		p.start()
	}
}

// close ends all nodes at once.
func (n *nodes) close() {
	var ends sync.WaitGroup
	for _, p := range n.list() {
		ends.Go(p.stop)
	}
	ends.Wait()
	if n.gate != nil {
		n.gate.Close()
	}
	n.unlink()
}

// list is every further node, by number.
func (n *nodes) list() []*nodeProcess {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := make([]*nodeProcess, 0, len(n.processes))
	for _, p := range n.processes {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *nodeProcess) int { return cmp.Compare(a.index, b.index) })
	return list
}

// find returns a further node.
func (n *nodes) find(name string) (*nodeProcess, error) {
	if name == NodeName {
		return nil, &nodeError{"first", fmt.Sprintf("the node %s is the sandbox itself: it runs in the process of the control plane", name)}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.processes[name]; p != nil {
		return p, nil
	}
	return nil, &nodeError{"unknown", fmt.Sprintf("there is no node %q", name)}
}

// add makes a node and returns when it is ready; without a name it gets the
// next one, as minikube counts: k8stutor-m02.
func (n *nodes) add(ctx context.Context, name string) (string, error) {
	n.acting.Lock()
	defer n.acting.Unlock()
	r := nodeRecord{Name: name, Index: 2}
	taken := n.list()
	for slices.ContainsFunc(taken, func(p *nodeProcess) bool { return p.index == r.Index }) {
		r.Index++
	}
	if r.Index > maxNodes {
		return "", &nodeError{"many", fmt.Sprintf("the sandbox has %d nodes, which is as many as it can have", maxNodes)}
	}
	if r.Name == "" {
		r.Name = fmt.Sprintf("%s-m%02d", NodeName, r.Index)
	}
	if faults := validation.IsDNS1123Label(r.Name); len(faults) > 0 {
		return "", &nodeError{"name", fmt.Sprintf("%q cannot be the name of a node: %s", r.Name, faults[0])}
	}
	if r.Name == NodeName || slices.ContainsFunc(taken, func(p *nodeProcess) bool { return p.name == r.Name }) {
		return "", &nodeError{"exists", fmt.Sprintf("there is a node %q already", r.Name)}
	}
	// What a node of that name left behind, should its removal have been cut
	// short, belongs to nobody.
	if err := n.forget(ctx, r.Name); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(n.dir, r.Name), 0o700); err != nil {
		return "", fmt.Errorf("make the node's folder: %w", err)
	}
	if err := n.write(r); err != nil {
		return "", err
	}
	p := newNodeProcess(n, r)
	n.mu.Lock()
	n.processes[r.Name] = p
	n.mu.Unlock()
	n.route()
	p.start()
	return r.Name, p.waitReady(ctx)
}

// start lets a stopped node run again, and returns when it is ready. A node
// that runs, but whose object somebody deleted, is started anew: only a kubelet
// that starts registers its node.
func (n *nodes) start(ctx context.Context, name string) error {
	n.acting.Lock()
	defer n.acting.Unlock()
	p, err := n.find(name)
	if err != nil {
		return err
	}
	if _, err := n.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{}); apierrors.IsNotFound(err) {
		p.stop()
	}
	if err := p.remember(false); err != nil {
		return err
	}
	p.start()
	return p.waitReady(ctx)
}

// stop cuts a node's power.
func (n *nodes) stop(name string) error {
	n.acting.Lock()
	defer n.acting.Unlock()
	p, err := n.find(name)
	if err != nil {
		return err
	}
	if err := p.remember(true); err != nil {
		return err
	}
	p.stop()
	return nil
}

// remove takes a node out of the cluster, with its Pods and all that it kept.
func (n *nodes) remove(ctx context.Context, name string) error {
	n.acting.Lock()
	defer n.acting.Unlock()
	p, err := n.find(name)
	if err != nil {
		return err
	}
	if err := p.remember(true); err != nil {
		return err
	}
	p.stop()
	if err := n.forget(ctx, name); err != nil {
		return err
	}
	n.mu.Lock()
	delete(n.processes, name)
	n.mu.Unlock()
	n.route()
	n.changed()
	return nil
}

// forget deletes what there is of a node that does not run.
func (n *nodes) forget(ctx context.Context, name string) error {
	err := n.client.CoreV1().Nodes().Delete(ctx, name, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete the node %s: %w", name, err)
	}
	// Nobody is left who could end them with grace.
	pods, err := n.client.CoreV1().Pods("").List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=" + name})
	if err != nil {
		return fmt.Errorf("find the Pods of the node %s: %w", name, err)
	}
	for _, pod := range pods.Items {
		err := n.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, *metav1.NewDeleteOptions(0))
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("delete the Pods of the node %s: %w", name, err)
		}
	}
	if err := os.RemoveAll(filepath.Join(n.dir, name)); err != nil {
		return fmt.Errorf("delete the folder of the node %s: %w", name, err)
	}
	return nil
}

// route tells every node the ways to the others.
func (n *nodes) route() {
	list := n.list()
	routes := make(map[int]nodeRoute, len(list)+1)
	routes[1] = nodeRoute{Prefixes: []netip.Prefix{netip.MustParsePrefix(nodePodCIDR), machineNetwork()}, Socket: n.socket(1)}
	for _, p := range list {
		r := p.record()
		routes[p.index] = nodeRoute{Prefixes: []netip.Prefix{r.podCIDR(), netip.PrefixFrom(r.address(), 32)}, Socket: n.socket(p.index)}
	}
	others := func(index int) []nodeRoute {
		var list []nodeRoute
		for i, r := range routes {
			if i != index {
				list = append(list, r)
			}
		}
		return list
	}
	n.network.SetRoutes(routesTo(others(1)))
	for _, p := range list {
		p.setPeers(others(p.index))
	}
}

// machineNetwork is where nodes and the control plane have their addresses; all
// but those of further nodes are the control plane's process's.
func machineNetwork() netip.Prefix { return netip.MustParsePrefix("192.168.49.0/24") }
