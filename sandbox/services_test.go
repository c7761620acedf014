package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const agnhost = "registry.k8s.io/e2e-test-images/agnhost:2.56"

// netexec makes a Pod that tells its name and who asks, and asks others for us.
func (w workloads) netexec(name, app string, change func(*v1.Pod)) {
	w.t.Helper()
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": app}},
		Spec: v1.PodSpec{
			Containers: []v1.Container{{
				Name: "c", Image: agnhost, Args: []string{"netexec", "--http-port=8080", "--udp-port=8081"},
				Ports: []v1.ContainerPort{{Name: "http", ContainerPort: 8080}, {Name: "udp", ContainerPort: 8081, Protocol: v1.ProtocolUDP}},
			}},
			TerminationGracePeriodSeconds: new(int64(0)),
		},
	}
	if change != nil {
		change(pod)
	}
	if _, err := w.client.CoreV1().Pods(w.ns).Create(w.t.Context(), pod, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

func (w workloads) service(name, app string, change func(*v1.Service)) *v1.Service {
	w.t.Helper()
	s := &v1.Service{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1.ServiceSpec{
		Selector: map[string]string{"app": app}, Ports: []v1.ServicePort{{Name: "web", Port: 80, TargetPort: intstr.FromString("http")}},
	}}
	if change != nil {
		change(s)
	}
	s, err := w.client.CoreV1().Services(w.ns).Create(w.t.Context(), s, metav1.CreateOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w workloads) patchService(name, patch string) {
	w.t.Helper()
	if _, err := w.client.CoreV1().Services(w.ns).Patch(w.t.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

// asked is what a Pod got when it asked an address several times.
type asked struct {
	Responses []string `json:"responses"`
	Errors    []string `json:"errors"`
}

func (a asked) String() string { return fmt.Sprintf("answers %q, errors %q", a.Responses, a.Errors) }

// different are the answers without repetition.
func (a asked) different() []string {
	return slices.Compact(slices.Sorted(slices.Values(a.Responses)))
}

// ask lets a netexec Pod ask, through the API server's Pod proxy.
func (w workloads) ask(pod, protocol, request, address string, tries int) asked {
	w.t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		w.t.Fatal(err)
	}
	said, err := w.client.CoreV1().RESTClient().Get().Namespace(w.ns).Resource("pods").Name(pod+":8080").SubResource("proxy").Suffix("dial").
		Param("request", request).Param("protocol", protocol).Param("host", host).Param("port", port).Param("tries", strconv.Itoa(tries)).Do(w.t.Context()).Raw()
	if err != nil {
		return asked{Errors: []string{err.Error()}}
	}
	var a asked
	if err := json.Unmarshal(said, &a); err != nil {
		w.t.Fatalf("%s: %v", said, err)
	}
	return a
}

func (w workloads) untilAsked(goal, pod, request, address string, tries int, ok func(asked) bool) {
	w.t.Helper()
	w.until(patience, goal, func() (bool, string) {
		a := w.ask(pod, "http", request, address, tries)
		return ok(a), a.String()
	})
}

func refused(a asked) bool {
	return len(a.Responses) == 0 && strings.Contains(strings.Join(a.Errors, " "), "connection refused")
}

func testServiceTraffic(w workloads) {
	names := []string{"web-0", "web-1", "web-2"}
	for _, name := range names {
		w.netexec(name, "web", nil)
	}
	w.netexec("client", "client", nil)
	address := net.JoinHostPort(w.service("web", "web", nil).Spec.ClusterIP, "80")
	client := w.untilPod("client", "ready", ready)
	w.untilAsked("every Pod answers at the cluster IP, by the name of its port", "client", "hostname", address, 60, func(a asked) bool {
		return len(a.Errors) == 0 && slices.Equal(a.different(), names)
	})
	for _, from := range w.ask("client", "http", "clientip", address, 5).Responses {
		if !strings.HasPrefix(from, client.Status.PodIP+":") {
			w.t.Errorf("the Pods see %s, the client is %s", from, client.Status.PodIP)
		}
	}
	w.untilAsked("a Pod reaches itself, as its node", "web-0", "clientip", address, 60, func(a asked) bool {
		return len(a.Errors) == 0 && slices.ContainsFunc(a.Responses, func(s string) bool { return strings.HasPrefix(s, nodeIP+":") })
	})
	w.untilAsked("a port that the Service lacks refuses", "client", "hostname", strings.TrimSuffix(address, "80")+"81", 1, refused)

	w.patchService("web", `{"spec":{"sessionAffinity":"ClientIP"}}`)
	w.untilAsked("a client keeps its endpoint", "client", "hostname", address, 60, func(a asked) bool {
		return len(a.Errors) == 0 && len(a.different()) == 1
	})
	w.patchService("web", `{"spec":{"sessionAffinity":"None","selector":{"app":"none"}}}`)
	w.untilAsked("a Service without endpoints refuses", "client", "hostname", address, 1, refused)
	w.patchService("web", `{"spec":{"selector":{"app":"web"}}}`)
	w.untilAsked("it works again", "client", "hostname", address, 1, func(a asked) bool { return len(a.Errors) == 0 })
}

func testServiceUDP(w workloads) {
	w.netexec("web-0", "web", nil)
	w.netexec("client", "client", nil)
	w.untilPod("client", "ready", ready)
	s := w.service("udp", "web", func(s *v1.Service) {
		s.Spec.Ports = []v1.ServicePort{{Name: "udp", Port: 53, Protocol: v1.ProtocolUDP, TargetPort: intstr.FromInt32(8081)}}
	})
	w.until(patience, "datagrams come back from the cluster IP", func() (bool, string) {
		a := w.ask("client", "udp", "hostname", net.JoinHostPort(s.Spec.ClusterIP, "53"), 5)
		return len(a.Errors) == 0 && slices.Equal(a.different(), []string{"web-0"}), a.String()
	})
}

// get asks from outside the cluster, from this machine.
func get(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

func testNodePort(w workloads) {
	ctx := w.t.Context()
	w.netexec("web-0", "web", nil)
	s := w.service("web", "web", func(s *v1.Service) { s.Spec.Type = v1.ServiceTypeNodePort })
	port := strconv.Itoa(int(s.Spec.Ports[0].NodePort))
	url := "http://127.0.0.1:" + port + "/hostname"
	w.until(patience, "this machine reaches the node port", func() (bool, string) {
		text, err := get(ctx, url)
		return text == "web-0", fmt.Sprintf("%q, %v", text, err)
	})
	w.untilAsked("a Pod reaches it at the node's address", "web-0", "hostname", net.JoinHostPort(nodeIP, port), 3, func(a asked) bool {
		return len(a.Errors) == 0 && slices.Equal(a.different(), []string{"web-0"})
	})
	if text, err := get(ctx, "http://127.0.0.1:"+port+"/clientip"); err != nil || !strings.HasPrefix(text, nodeIP+":") {
		w.t.Errorf("the Pod sees %q, %v; want the node", text, err)
	}
	w.patchService("web", `{"spec":{"externalTrafficPolicy":"Local"}}`)
	w.until(patience, "a Local Service shows who asks", func() (bool, string) {
		text, err := get(ctx, "http://127.0.0.1:"+port+"/clientip")
		return strings.HasPrefix(text, controlPlaneIP+":"), fmt.Sprintf("%q, %v", text, err)
	})
	if err := w.client.CoreV1().Services(w.ns).Delete(ctx, "web", metav1.DeleteOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "the port is closed", func() (bool, string) {
		_, err := get(ctx, url)
		return err != nil && strings.Contains(err.Error(), "connection refused"), fmt.Sprint(err)
	})
}

func testTakenNodePort(w workloads) {
	var taken net.Listener
	port := 30000
	for ; taken == nil && port < 32768; port++ {
		taken, _ = net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(port))
	}
	if taken == nil {
		w.t.Fatal("no node port is free on this machine")
	}
	defer taken.Close()
	w.service("web", "web", func(s *v1.Service) {
		s.Spec.Type, s.Spec.Ports[0].NodePort = v1.ServiceTypeNodePort, int32(port-1)
	})
	w.untilEventFrom("k8stutor-sandbox", "web", "PortNotOnThisMachine", "another program on this machine listens on "+taken.Addr().String())
}

func testLoadBalancer(w workloads) {
	ctx := w.t.Context()
	w.netexec("web-0", "web", nil)
	w.service("web", "web", func(s *v1.Service) { s.Spec.Type = v1.ServiceTypeLoadBalancer })
	var address netip.Addr
	w.until(patience, "the Service has an external address", func() (bool, string) {
		s, err := w.client.CoreV1().Services(w.ns).Get(ctx, "web", metav1.GetOptions{})
		if err != nil || len(s.Status.LoadBalancer.Ingress) != 1 {
			return false, fmt.Sprintf("%+v, %v", s.Status, err)
		}
		address, err = netip.ParseAddr(s.Status.LoadBalancer.Ingress[0].IP)
		return err == nil, fmt.Sprint(err)
	})
	if address.Less(netip.MustParseAddr(firstLoadBalancerIP)) || netip.MustParseAddr(lastLoadBalancerIP).Less(address) {
		w.t.Errorf("its address is %s", address)
	}
	w.untilAsked("a Pod reaches it", "web-0", "hostname", net.JoinHostPort(address.String(), "80"), 3, func(a asked) bool {
		return len(a.Errors) == 0 && slices.Equal(a.different(), []string{"web-0"})
	})
	w.untilEventFrom("k8stutor-sandbox", "web", "OnThisMachine", "port 80 is reachable on this machine at http://127.0.0.1:")
	var status Status
	if err := json.NewDecoder(w.call(http.MethodGet, "/status", w.status().Token).Body).Decode(&status); err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(status.Ports, func(p Port) bool { return p.Kind == PortLoadBalancer && p.Namespace == w.ns })
	if i < 0 {
		w.t.Fatalf("the status does not show it: %+v", status.Ports)
	}
	if text, err := get(ctx, "http://"+status.Ports[i].Address+"/hostname"); text != "web-0" {
		w.t.Errorf("on this machine, at %s: %q, %v", status.Ports[i].Address, text, err)
	}
}

func testAPIServerProxy(w workloads) {
	w.netexec("web-0", "web", nil)
	w.service("web", "web", nil)
	w.untilPod("web-0", "ready", ready)
	for _, name := range []string{"web:80", "web:web", "http:web:80"} {
		w.until(patience, "the Service proxy reaches "+name, func() (bool, string) {
			said, err := w.client.CoreV1().RESTClient().Get().Namespace(w.ns).Resource("services").Name(name).SubResource("proxy").Suffix("hostname").Do(w.t.Context()).Raw()
			return string(said) == "web-0", fmt.Sprintf("%q, %v", said, err)
		})
	}
	said, err := w.client.CoreV1().RESTClient().Get().Namespace(w.ns).Resource("pods").Name("web-0:81").SubResource("proxy").Do(w.t.Context()).Raw()
	if err == nil || !strings.Contains(string(said), "connect: connection refused") {
		w.t.Errorf("a port that nobody listens on: %s, %v", said, err)
	}
}

func testAPIFromPods(w workloads) {
	w.netexec("client", "client", nil)
	w.untilPod("client", "ready", ready)
	// The question is not encrypted; that the API server says so proves who answered.
	w.untilAsked("a Pod reaches the API server", "client", "version", net.JoinHostPort(apiServiceIP, "443"), 1, func(a asked) bool {
		return strings.Contains(a.String(), "Client sent an HTTP request to an HTTPS server")
	})
}

func testHostPorts(w workloads) {
	w.netexec("port", "web", func(p *v1.Pod) { p.Spec.Containers[0].Ports[0].HostPort = 8099 })
	w.netexec("net", "web", func(p *v1.Pod) {
		p.Spec.HostNetwork = true
		p.Spec.Containers[0].Args = []string{"netexec", "--http-port=8097", "--udp-port=8098"}
		p.Spec.Containers[0].Ports = nil
	})
	w.netexec("client", "client", nil)
	w.untilPod("client", "ready", ready)
	onNode := w.untilPod("net", "ready", ready)
	if onNode.Status.PodIP != nodeIP {
		w.t.Errorf("the Pod in the node's network has the address %s", onNode.Status.PodIP)
	}
	for port, request := range map[string]string{"8099": "port", "8097": NodeName} {
		w.untilAsked("a Pod reaches port "+port+" of the node", "client", "hostname", net.JoinHostPort(nodeIP, port), 1, func(a asked) bool {
			return slices.Equal(a.Responses, []string{request})
		})
	}
	if err := w.client.CoreV1().Pods(w.ns).Delete(w.t.Context(), "port", metav1.DeleteOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.untilAsked("the host port goes with its Pod", "client", "hostname", net.JoinHostPort(nodeIP, "8099"), 1, refused)
}

// TestServices proves the Pod network and what leads into it, on one sandbox.
func TestServices(t *testing.T) {
	d := startDaemon(t, t.TempDir())
	d.lease("")
	runWorkloads(t, d, map[string]func(workloads){
		"a Service carries traffic by kube-proxy's rules":      testServiceTraffic,
		"a Service carries datagrams":                          testServiceUDP,
		"a node port is on this machine while its Service is":  testNodePort,
		"a node port that is taken says so":                    testTakenNodePort,
		"a load balancer gets an address and says where it is": testLoadBalancer,
		"the API server reaches Services and Pods":             testAPIServerProxy,
		"Pods reach the API server":                            testAPIFromPods,
		"host ports and the node's network lead to their Pods": testHostPorts,
	})
}
