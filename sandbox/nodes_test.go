package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const (
	second = NodeName + "-m02"
	third  = NodeName + "-m03"
)

// orderNode calls the control endpoint about nodes.
func (d *daemon) orderNode(method, path string, code int) nodesAnswer {
	d.t.Helper()
	resp := d.call(method, path, d.status().Token)
	var a nodesAnswer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || resp.StatusCode != code {
		d.t.Fatalf("%s %s: %s %+v, %v", method, path, resp.Status, a, err)
	}
	return a
}

func (d *daemon) untilNode(name, goal string, ok func(*v1.Node) bool) {
	d.t.Helper()
	client := d.client()
	d.until(patience, "node "+name+": "+goal, func() (bool, string) {
		n, err := client.CoreV1().Nodes().Get(d.t.Context(), name, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		return ok(n), fmt.Sprintf("%+v %+v", n.Spec, n.Status.Conditions)
	})
}

// gone reports whether a process has ended; a zombie has.
func gone(pid int) bool { return syscall.Kill(pid, 0) != nil || residentMemory(pid) == 0 }

// TestThreeNodes runs what lessons on nodes rely on, all on one sandbox with
// three nodes.
func TestThreeNodes(t *testing.T) {
	dir := t.TempDir()
	d := startDaemon(t, dir)
	d.lease("?keep=true")
	if a := d.orderNode(http.MethodPost, "/nodes", http.StatusOK); a.Name != second || len(a.Nodes) != 2 || !a.Nodes[1].Ready {
		t.Errorf("the second node: %+v", a)
	}
	if a := d.orderNode(http.MethodPost, "/nodes", http.StatusOK); a.Name != third {
		t.Errorf("the third node: %+v", a)
	}
	checkNodeObjects(t, d)
	checkNodeRefusals(d)
	client := d.client()
	for _, test := range []struct {
		name string
		run  func(w workloads)
	}{
		{"Pods of all nodes are reached by the API server, exec and logs", testPodsEverywhere},
		{"a DaemonSet and a topology spread use every node", testSpread},
		{"node affinity and Pod anti-affinity choose nodes", testAffinity},
		{"taints keep Pods away and drive them off", testTaints},
		{"a cordoned node gets no Pods, a drain respects budgets", testDrain},
		{"a node without power loses its Pods, and is cleaned up when it is back", testPowerCut},
	} {
		t.Run(test.name, func(t *testing.T) {
			ns, err := client.CoreV1().Namespaces().Create(t.Context(), &v1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "nodes-"}}, metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			on := *d
			on.t = t
			test.run(workloads{&on, client, ns.Name})
			if err := client.CoreV1().Namespaces().Delete(t.Context(), ns.Name, metav1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	checkNodesAfterKill(t, d, dir)
}

func checkNodeObjects(t *testing.T, d *daemon) {
	t.Helper()
	list, err := d.client().CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 3 {
		t.Fatalf("%d nodes, %v", len(list.Items), err)
	}
	for i, n := range list.Items {
		address := ""
		for _, a := range n.Status.Addresses {
			if a.Type == v1.NodeInternalIP {
				address = a.Address
			}
		}
		if want := fmt.Sprintf("192.168.49.%d", i+2); address != want {
			t.Errorf("%s has the address %q, want %s", n.Name, address, want)
		}
		if want := fmt.Sprintf("10.244.%d.0/24", i); n.Spec.PodCIDR != want {
			t.Errorf("%s has the Pod CIDR %q, want %s", n.Name, n.Spec.PodCIDR, want)
		}
		if n.Labels[v1.LabelHostname] != n.Name || n.Labels[v1.LabelOSStable] == "" || n.Labels[v1.LabelArchStable] == "" {
			t.Errorf("%s has the labels %v", n.Name, n.Labels)
		}
		if _, role := n.Labels[controlPlaneLabel]; role != (n.Name == NodeName) {
			t.Errorf("%s has the labels %v", n.Name, n.Labels)
		}
		if len(n.Spec.Taints) > 0 {
			t.Errorf("%s has the taints %v", n.Name, n.Spec.Taints)
		}
	}
}

func checkNodeRefusals(d *daemon) {
	d.t.Helper()
	for call, reason := range map[[2]string]string{
		{http.MethodPost, "/nodes?name=" + second}:            "exists",
		{http.MethodPost, "/nodes?name=" + NodeName}:          "exists",
		{http.MethodPost, "/nodes?name=..%2Fetc"}:             "name",
		{http.MethodPost, "/nodes?name=Big"}:                  "name",
		{http.MethodPost, "/nodes/nosuch/stop"}:               "unknown",
		{http.MethodDelete, "/nodes/..%2F..%2Fkubelet"}:       "unknown",
		{http.MethodPost, "/nodes/" + NodeName + "/stop"}:     "first",
		{http.MethodDelete, "/nodes/" + NodeName}:             "first",
		{http.MethodPost, "/nodes/" + third + "x" + "/start"}: "unknown",
	} {
		if a := d.orderNode(call[0], call[1], http.StatusConflict); a.Reason != reason || a.Error == "" {
			d.t.Errorf("%s %s: %+v, want the reason %q", call[0], call[1], a, reason)
		}
	}
}

// webServer is a Pod spec that serves HTTP on port 80.
func webServer() v1.PodSpec {
	return v1.PodSpec{Containers: []v1.Container{{Name: "nginx", Image: "nginx:1.27"}}}
}

func (w workloads) deployment(name string, replicas int32, spec v1.PodSpec) {
	w.t.Helper()
	labels := map[string]string{"app": name}
	_, err := w.client.AppsV1().Deployments(w.ns).Create(w.t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: spec},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
}

// untilPlaced waits until the ready Pods with a label, counted by node, are as
// wanted.
func (w workloads) untilPlaced(selector, goal string, ok func(map[string]int) bool) {
	w.t.Helper()
	w.until(patience, goal, func() (bool, string) {
		list, err := w.client.CoreV1().Pods(w.ns).List(w.t.Context(), metav1.ListOptions{LabelSelector: selector})
		if err != nil {
			return false, err.Error()
		}
		count := map[string]int{}
		for _, p := range list.Items {
			if ready(&p) && p.DeletionTimestamp == nil {
				count[p.Spec.NodeName]++
			}
		}
		return ok(count), fmt.Sprint(count)
	})
}

func testPodsEverywhere(w workloads) {
	for _, node := range []string{NodeName, second, third} {
		spec := webServer()
		spec.NodeName = node
		w.pod("on-"+node, spec)
	}
	for _, node := range []string{NodeName, second, third} {
		name := "on-" + node
		p := w.untilPod(name, "is ready", ready)
		page, err := w.client.CoreV1().RESTClient().Get().Namespace(w.ns).Resource("pods").Name(name + ":80").SubResource("proxy").DoRaw(w.t.Context())
		if err != nil || !strings.Contains(string(page), "Welcome to nginx") {
			w.t.Errorf("the proxy to %s says %.80q, %v", name, page, err)
		}
		if p.Status.HostIP == "" || !strings.HasPrefix(p.Status.PodIP, "10.244.") {
			w.t.Errorf("%s has the addresses %s and %s", name, p.Status.HostIP, p.Status.PodIP)
		}
		if text := w.logs(name, v1.PodLogOptions{}); !strings.Contains(text, "GET / HTTP/1.1") {
			w.t.Errorf("the log of %s: %s", name, text)
		}
	}
}

func testSpread(w workloads) {
	labels := map[string]string{"app": "agent"}
	_, err := w.client.AppsV1().DaemonSets(w.ns).Create(w.t.Context(), &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Name: "agent"},
		Spec: appsv1.DaemonSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: script("agent", "sleep 3600")},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.untilPlaced("app=agent", "one agent on each node", func(c map[string]int) bool {
		return len(c) == 3 && c[NodeName] == 1 && c[second] == 1 && c[third] == 1
	})
	spec := script("c", "sleep 3600")
	spec.TopologySpreadConstraints = []v1.TopologySpreadConstraint{{
		MaxSkew: 1, TopologyKey: v1.LabelHostname, WhenUnsatisfiable: v1.DoNotSchedule,
		LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "spread"}},
	}}
	w.deployment("spread", 6, spec)
	w.untilPlaced("app=spread", "two Pods on each node", func(c map[string]int) bool {
		return len(c) == 3 && c[NodeName] == 2 && c[second] == 2 && c[third] == 2
	})
}

func testAffinity(w workloads) {
	choose := script("c", "sleep 3600")
	choose.Affinity = &v1.Affinity{NodeAffinity: &v1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &v1.NodeSelector{
		NodeSelectorTerms: []v1.NodeSelectorTerm{{MatchExpressions: []v1.NodeSelectorRequirement{
			{Key: v1.LabelHostname, Operator: v1.NodeSelectorOpIn, Values: []string{third}},
		}}},
	}}}
	w.deployment("choosy", 2, choose)
	w.untilPlaced("app=choosy", "both on the third node", func(c map[string]int) bool { return len(c) == 1 && c[third] == 2 })

	apart := script("c", "sleep 3600")
	apart.Affinity = &v1.Affinity{PodAntiAffinity: &v1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []v1.PodAffinityTerm{{
		TopologyKey: v1.LabelHostname, LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "apart"}},
	}}}}
	w.deployment("apart", 4, apart)
	w.untilPlaced("app=apart", "one on each node", func(c map[string]int) bool { return len(c) == 3 })
	w.until(patience, "the fourth finds no node", func() (bool, string) {
		list, err := w.client.CoreV1().Pods(w.ns).List(w.t.Context(), metav1.ListOptions{LabelSelector: "app=apart"})
		if err != nil {
			return false, err.Error()
		}
		for _, p := range list.Items {
			for _, c := range p.Status.Conditions {
				if c.Reason == v1.PodReasonUnschedulable {
					return strings.Contains(c.Message, "didn't match pod anti-affinity rules"), c.Message
				}
			}
		}
		return false, "all have nodes"
	})
}

func (w workloads) changeNode(name string, change func(*v1.Node)) {
	w.t.Helper()
	w.until(patience, "change node "+name, func() (bool, string) {
		n, err := w.client.CoreV1().Nodes().Get(w.t.Context(), name, metav1.GetOptions{})
		if err == nil {
			change(n)
			_, err = w.client.CoreV1().Nodes().Update(w.t.Context(), n, metav1.UpdateOptions{})
		}
		return err == nil, fmt.Sprint(err)
	})
}

func testTaints(w workloads) {
	w.deployment("web", 3, func() v1.PodSpec {
		spec := script("c", "trap 'exit 0' TERM; sleep 3600 & wait")
		spec.TopologySpreadConstraints = []v1.TopologySpreadConstraint{{
			MaxSkew: 1, TopologyKey: v1.LabelHostname, WhenUnsatisfiable: v1.ScheduleAnyway,
			LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		}}
		return spec
	}())
	w.untilPlaced("app=web", "a Pod on each node", func(c map[string]int) bool { return len(c) == 3 })
	w.changeNode(third, func(n *v1.Node) {
		n.Spec.Taints = append(n.Spec.Taints, v1.Taint{Key: "dedicated", Value: "gpu", Effect: v1.TaintEffectNoExecute})
	})
	w.untilPlaced("app=web", "none on the tainted node", func(c map[string]int) bool { return c[third] == 0 && c[NodeName]+c[second] == 3 })
	tolerant := script("c", "sleep 3600")
	tolerant.NodeSelector = map[string]string{v1.LabelHostname: third}
	tolerant.Tolerations = []v1.Toleration{{Key: "dedicated", Operator: v1.TolerationOpEqual, Value: "gpu"}}
	w.pod("tolerant", tolerant)
	w.untilPod("tolerant", "runs on the tainted node", ready)
	w.changeNode(third, func(n *v1.Node) {
		n.Spec.Taints = slices.DeleteFunc(n.Spec.Taints, func(t v1.Taint) bool { return t.Key == "dedicated" })
	})
}

func testDrain(w workloads) {
	spec := script("c", "trap 'exit 0' TERM; sleep 3600 & wait")
	w.deployment("web", 4, spec)
	w.untilPlaced("app=web", "all are ready", func(c map[string]int) bool { return c[NodeName]+c[second]+c[third] == 4 })
	all := intstr.FromInt32(4)
	_, err := w.client.PolicyV1().PodDisruptionBudgets(w.ns).Create(w.t.Context(), &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec:       policyv1.PodDisruptionBudgetSpec{MinAvailable: &all, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}},
	}, metav1.CreateOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "the budget knows its Pods", func() (bool, string) {
		b, err := w.client.PolicyV1().PodDisruptionBudgets(w.ns).Get(w.t.Context(), "web", metav1.GetOptions{})
		return err == nil && b.Status.CurrentHealthy == 4, fmt.Sprint(b, err)
	})
	w.changeNode(second, func(n *v1.Node) { n.Spec.Unschedulable = true })
	w.until(patience, "the status says that the node is cordoned", func() (bool, string) {
		nodes := w.status().Nodes
		return slices.ContainsFunc(nodes, func(n Node) bool { return n.Name == second && n.Ready && !n.Schedulable }), fmt.Sprint(nodes)
	})
	evict := func() (refused, evicted int) {
		list, err := w.client.CoreV1().Pods(w.ns).List(w.t.Context(), metav1.ListOptions{FieldSelector: "spec.nodeName=" + second})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range list.Items {
			err := w.client.PolicyV1().Evictions(w.ns).Evict(w.t.Context(), &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: p.Name, Namespace: w.ns}})
			switch {
			case err == nil:
				evicted++
			case apierrors.IsTooManyRequests(err):
				refused++
			case !apierrors.IsNotFound(err):
				w.t.Fatal(err)
			}
		}
		return refused, evicted
	}
	if refused, evicted := evict(); evicted > 0 || refused == 0 {
		w.t.Errorf("with a budget that allows none, %d were refused and %d evicted", refused, evicted)
	}
	if err := w.client.PolicyV1().PodDisruptionBudgets(w.ns).Delete(w.t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "all are evicted", func() (bool, string) {
		refused, evicted := evict()
		return refused+evicted == 0, fmt.Sprint(refused, evicted)
	})
	w.untilPlaced("app=web", "all run elsewhere", func(c map[string]int) bool { return c[second] == 0 && c[NodeName]+c[third] == 4 })
	w.changeNode(second, func(n *v1.Node) { n.Spec.Unschedulable = false })
}

func testPowerCut(w workloads) {
	w.deployment("web", 6, script("c", "sleep 3600"))
	w.untilPlaced("app=web", "Pods on every node", func(c map[string]int) bool { return len(c) == 3 && c[NodeName]+c[second]+c[third] == 6 })
	var pid int
	for _, n := range w.status().Nodes {
		if n.Name == third {
			pid = n.PID
		}
	}
	w.orderNode(http.MethodPost, "/nodes/"+third+"/stop", http.StatusOK)
	if pid == 0 || !gone(pid) {
		w.t.Errorf("the process %d of the stopped node is still there", pid)
	}
	w.untilNode(third, "is not ready", func(n *v1.Node) bool { return !nodeReady(n) })
	w.untilPlaced("app=web", "all run elsewhere", func(c map[string]int) bool { return c[NodeName]+c[second] == 6 })
	w.orderNode(http.MethodPost, "/nodes/"+third+"/start", http.StatusOK)
	w.untilNode(third, "is ready", nodeReady)
	w.until(patience, "the old Pods are cleaned up", func() (bool, string) {
		list, err := w.client.CoreV1().Pods(w.ns).List(w.t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
		return err == nil && len(list.Items) == 6, fmt.Sprint(len(list.Items), err)
	})
}

// checkNodesAfterKill kills the sandbox, whose nodes end with it, and finds at
// its next start that nodes which ran run, and the one that was stopped does
// not; and removes one.
func checkNodesAfterKill(t *testing.T, d *daemon, dir string) {
	d.orderNode(http.MethodPost, "/nodes/"+second+"/stop", http.StatusOK)
	var pids []int
	for _, n := range d.status().Nodes[1:] {
		if n.PID != 0 {
			pids = append(pids, n.PID)
		}
	}
	if len(pids) != 1 {
		t.Fatalf("%d further nodes run", len(pids))
	}
	d.kill()
	d = launchDaemon(t, dir)
	d.until(patience, "the sandbox is ready again and the third node runs", func() (bool, string) {
		s, err := ReadStatus(dir)
		if err != nil || s.PID != d.cmd.Process.Pid || s.Stage != StageReady || len(s.Nodes) != 3 {
			return false, fmt.Sprint(err)
		}
		return s.Nodes[1].State == nodeStopped && s.Nodes[2].State == nodeRunning && s.Nodes[2].PID != pids[0], fmt.Sprintf("%+v", s.Nodes)
	})
	if !gone(pids[0]) {
		t.Errorf("the process %d of a node outlived the sandbox", pids[0])
	}
	d.lease("?keep=true")
	if a := d.orderNode(http.MethodDelete, "/nodes/"+second, http.StatusOK); len(a.Nodes) != 2 || a.Nodes[1].Name != third {
		t.Errorf("after the removal: %+v", a.Nodes)
	}
	if _, err := d.client().CoreV1().Nodes().Get(t.Context(), second, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the removed node: %v", err)
	}
	if a := d.orderNode(http.MethodPost, "/nodes?name=extra", http.StatusOK); a.Nodes[1].Address != "192.168.49.3" {
		t.Errorf("the new node: %+v", a.Nodes)
	}
}

// sleep stops all processes of the sandbox for a while, as a laptop does whose
// lid is closed.
func (d *daemon) sleep(length time.Duration) {
	d.t.Helper()
	signal := func(s syscall.Signal) {
		for _, n := range d.status().Nodes {
			if n.PID != 0 {
				if err := syscall.Kill(n.PID, s); err != nil {
					d.t.Fatal(err)
				}
			}
		}
	}
	signal(syscall.SIGSTOP)
	select {
	case <-time.After(length):
	case <-d.t.Context().Done():
	}
	signal(syscall.SIGCONT)
}

// components asks the sandbox how its components are.
func (d *daemon) components() []Component {
	d.t.Helper()
	var s Status
	if err := json.NewDecoder(d.call(http.MethodGet, "/status", d.status().Token).Body).Decode(&s); err != nil {
		d.t.Fatal(err)
	}
	if len(s.Components) == 0 {
		d.t.Error("the status has no components")
	}
	return s.Components
}
