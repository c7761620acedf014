package sandbox

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// nodeWatch keeps the nodes of the status true: what the cluster says of them,
// and what their processes do.
type nodeWatch struct {
	state *tracker

	mu        sync.Mutex
	objects   map[string]*v1.Node
	processes func() []*nodeProcess
}

// startNodes follows the nodes of the cluster, and starts the further ones that
// ran when the sandbox ended.
func (c *cluster) startNodes(ctx context.Context, dir, server string, client clientset.Interface, certs *pki, state *tracker, logs *logs) error {
	w := &nodeWatch{state: state, objects: map[string]*v1.Node{}, processes: func() []*nodeProcess { return nil }}
	n, err := openNodes(dir, nodesConfig{
		server: server, certs: certs, client: client, network: c.network, log: logs.sandbox,
		changed: w.publish, setKubelet: c.front.setKubelet,
	})
	c.nodes = n // also after an error: what was opened is closed
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.processes = n.list
	w.mu.Unlock()
	now, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the nodes: %w", err)
	}
	var objects []any
	for i := range now.Items {
		objects = append(objects, &now.Items[i])
	}
	w.take(objects)
	lw := cache.NewListWatchFromClient(client.CoreV1().RESTClient(), "nodes", "", fields.Everything())
	reflector := cache.NewReflector(lw, &v1.Node{}, cache.NewUndeltaStore(w.take, cache.MetaNamespaceKeyFunc), 0)
	go reflector.RunWithContext(ctx)
	n.startAll()
	return nil
}

func (w *nodeWatch) take(list []any) {
	w.mu.Lock()
	w.objects = make(map[string]*v1.Node, len(list))
	for _, o := range list {
		n := o.(*v1.Node)
		w.objects[n.Name] = n
	}
	w.mu.Unlock()
	w.publish()
}

// publish brings the status up to date.
func (w *nodeWatch) publish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := Node{Name: NodeName, State: nodeRunning, Address: nodeIP, PodCIDR: nodePodCIDR, PID: os.Getpid()}
	list := []Node{w.completed(first)}
	for _, p := range w.processes() {
		list = append(list, w.completed(p.describe()))
	}
	for name, o := range w.objects { // those that a learner made by hand
		if !slices.ContainsFunc(list, func(n Node) bool { return n.Name == name }) {
			list = append(list, w.completed(Node{Name: name, State: nodeStopped, PodCIDR: o.Spec.PodCIDR}))
		}
	}
	slices.SortStableFunc(list[1:], func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	if slices.Equal(list, w.state.nodes()) {
		return
	}
	w.state.update(func(s *Status) { s.Nodes = list })
}

// completed adds what the cluster says of a node.
func (w *nodeWatch) completed(n Node) Node {
	o := w.objects[n.Name]
	if o == nil {
		if n.Message == "" && n.State == nodeRunning && len(w.objects) > 0 {
			n.Message = "its Node object was deleted"
		}
		return n
	}
	n.Ready, n.Schedulable = nodeReady(o), !o.Spec.Unschedulable
	for _, condition := range o.Status.Conditions {
		if condition.Type == v1.NodeReady && condition.Status != v1.ConditionTrue && n.Message == "" {
			n.Message = condition.Message
		}
	}
	return n
}

// nodes are those of the status, without their memory.
func (t *tracker) nodes() []Node {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.status.Nodes)
}

// describe is what its process tells of a node.
func (p *nodeProcess) describe() Node {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := Node{Name: p.name, State: p.now, Address: p.kept.address().String(), PodCIDR: p.kept.podCIDR().String(), PID: p.pid}
	if p.fault != nil {
		n.Message = p.fault.Error()
	}
	return n
}
