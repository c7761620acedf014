package sandbox

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	v1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
)

// TestTraffic is about names, NetworkPolicies and Ingresses.
func TestTraffic(t *testing.T) {
	d := startDaemon(t, t.TempDir())
	d.lease("")
	t.Run("together", func(t *testing.T) {
		runWorkloads(t, d, map[string]func(workloads){
			"Services and Pods have names":          testNames,
			"a NetworkPolicy lets in whom it names": testPolicyIn,
			"a NetworkPolicy keeps Pods from names": testPolicyOut,
			"an Ingress leads to Services":          testIngress,
			"an Ingress with TLS":                   testIngressTLS,
		})
	})
	t.Run("alone", func(t *testing.T) {
		runWorkloads(t, d, map[string]func(workloads){"without CoreDNS there are no names": testNoNames})
	})
}

// inShell runs a script in a container of a Pod and returns what it prints, its
// errors last.
func (w workloads) inShell(pod, script string) (string, error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	url := w.client.CoreV1().RESTClient().Post().Namespace(w.ns).Resource("pods").Name(pod).SubResource("exec").
		VersionedParams(&v1.PodExecOptions{Command: []string{"sh", "-c", script}, Stdout: true, Stderr: true}, scheme.ParameterCodec).URL()
	executor, err := remotecommand.NewSPDYExecutor(w.config(), http.MethodPost, url)
	if err != nil {
		w.t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer // written to side by side
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: &stdout, Stderr: &stderr})
	return stdout.String() + stderr.String(), err
}

// untilShell waits until a script prints all of some texts.
func (w workloads) untilShell(goal, pod, script string, texts ...string) {
	w.t.Helper()
	w.until(patience, goal, func() (bool, string) {
		out, err := w.inShell(pod, script)
		for _, text := range texts {
			if !strings.Contains(out, text) {
				return false, fmt.Sprintf("no %q in %q (%v)", text, out, err)
			}
		}
		return true, ""
	})
}

func (w workloads) idle(name string) {
	w.t.Helper()
	w.pod(name, script("c", "sleep 100000"))
	w.untilPod(name, "ready", ready)
}

func testNames(w workloads) {
	ctx := w.t.Context()
	w.netexec("web", "web", nil)
	web := w.service("web", "web", nil)
	w.service("db", "db", func(s *v1.Service) { s.Spec.ClusterIP = v1.ClusterIPNone })
	w.service("out", "", func(s *v1.Service) {
		s.Spec = v1.ServiceSpec{Type: v1.ServiceTypeExternalName, ExternalName: "web." + w.ns + ".svc.cluster.local"}
	})
	labels := map[string]string{"app": "db"}
	if _, err := w.client.AppsV1().StatefulSets(w.ns).Create(ctx, &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "db"},
		Spec: appsv1.StatefulSetSpec{
			ServiceName: "db", Replicas: new(int32(2)), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: v1.PodSpec{Containers: []v1.Container{{
				Name: "c", Image: agnhost, Args: []string{"netexec"}, Ports: []v1.ContainerPort{{Name: "http", ContainerPort: 8080}},
			}}}},
		},
	}, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.idle("client")
	db1 := w.untilPod("db-1", "ready", ready)
	zone := w.ns + ".svc.cluster.local"
	w.untilShell("resolv.conf has the name server and the search path", "client", "cat /etc/resolv.conf",
		"nameserver "+clusterDNS, "search "+zone+" svc.cluster.local cluster.local", "ndots:5")
	w.untilShell("a Service has a name", "client", "nslookup web", "Name:\tweb."+zone, "Address: "+web.Spec.ClusterIP)
	w.untilShell("it can be reached by it", "client", "wget -qO- http://web/hostname; wget -qO- http://web."+w.ns+"/hostname", "webweb")
	w.untilShell("a StatefulSet's Pod has a name", "client", "nslookup db-1.db."+zone, "Address: "+db1.Status.PodIP)
	w.untilShell("and is reached by it", "client", "wget -qO- http://db-1.db:8080/hostname", "db-1")
	w.untilShell("a headless Service has its Pods' addresses", "client", "nslookup db."+zone, "Address: "+db1.Status.PodIP, "Address: "+w.untilPod("db-0", "ready", ready).Status.PodIP)
	w.untilShell("an address has a name", "client", "nslookup "+web.Spec.ClusterIP, "name = web."+zone)
	w.untilShell("an alias is one", "client", "nslookup out."+zone, "canonical name = web."+zone, "Address: "+web.Spec.ClusterIP)
	w.untilShell("the API server has a name", "client", "nslookup kubernetes.default.svc.cluster.local", "Address: "+apiServiceIP)
	w.untilShell("what is not there has none", "client", "nslookup nope."+zone+"; wget -qO- http://nope", "server can't find nope."+zone+": NXDOMAIN", "wget: bad address 'nope'")
	w.untilShell("nothing outside has a name", "client", "nslookup example.com.", "SERVFAIL")
}

func testNoNames(w workloads) {
	w.idle("client")
	scale := func(n int32) {
		w.t.Helper()
		if _, err := w.client.AppsV1().Deployments("kube-system").UpdateScale(w.t.Context(), "coredns", &autoscalingv1.Scale{
			ObjectMeta: metav1.ObjectMeta{Name: "coredns", Namespace: "kube-system"}, Spec: autoscalingv1.ScaleSpec{Replicas: n},
		}, metav1.UpdateOptions{}); err != nil {
			w.t.Fatal(err)
		}
	}
	const ask = "nslookup kubernetes.default.svc.cluster.local"
	w.untilShell("names are found", "client", ask, "Address: "+apiServiceIP)
	scale(0)
	w.until(patience, "no name is found", func() (bool, string) {
		out, err := w.inShell("client", "wget -T 2 -O- https://kubernetes.default/")
		return err != nil && strings.Contains(out, "bad address"), out
	})
	scale(1)
	w.untilShell("names are found again", "client", ask, "Address: "+apiServiceIP)
	w.until(patience, "CoreDNS logs its start", func() (bool, string) {
		// The Pod that was stopped may still be listed, and be gone before its log is asked for.
		pods, err := w.client.CoreV1().Pods("kube-system").List(w.t.Context(), metav1.ListOptions{LabelSelector: "k8s-app=kube-dns"})
		if err != nil {
			return false, err.Error()
		}
		for _, pod := range pods.Items {
			if pod.DeletionTimestamp != nil {
				continue
			}
			text, err := w.client.CoreV1().Pods("kube-system").GetLogs(pod.Name, &v1.PodLogOptions{}).DoRaw(w.t.Context())
			if err != nil {
				return false, err.Error()
			}
			return strings.Contains(string(text), ".:53\n[INFO] plugin/reload: Running configuration SHA512 = ") &&
				strings.Contains(string(text), "\nCoreDNS-1.14.6\nlinux/"), string(text)
		}
		return false, "no Pod of CoreDNS"
	})
}

func (w workloads) policy(p *networkingv1.NetworkPolicy) {
	w.t.Helper()
	if _, err := w.client.NetworkingV1().NetworkPolicies(w.ns).Create(w.t.Context(), p, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
}

func testPolicyIn(w workloads) {
	w.netexec("web", "web", func(p *v1.Pod) {
		p.Spec.Containers[0].ReadinessProbe = &v1.Probe{PeriodSeconds: 1, ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: "/healthz", Port: intstr.FromString("http")}}}
	})
	w.service("web", "web", nil)
	w.idle("friend")
	w.idle("stranger")
	const ask = "wget -T 2 -qO- http://web/hostname"
	w.untilShell("everybody is let in", "stranger", ask, "web")
	w.policy(&networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: networkingv1.NetworkPolicySpec{
		PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"name": "friend"}}}}}},
	}})
	w.untilShell("a stranger is kept out", "stranger", ask+" || echo left out", "left out\n", "wget: download timed out\n")
	w.untilShell("a friend is let in", "friend", ask, "web")
	// The node is let in whatever a policy says: a probe that began to fail
	// would have taken the endpoint away.
	if p := w.untilPod("web", "running", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodRunning }); !ready(p) {
		w.t.Errorf("under the policy its probe fails: %+v", p.Status.Conditions)
	}
	if err := w.client.NetworkingV1().NetworkPolicies(w.ns).Delete(w.t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.untilShell("without the policy everybody is let in again", "stranger", ask, "web")
}

func testPolicyOut(w workloads) {
	w.idle("client")
	const ask = "wget -T 2 -O /dev/null http://nobody.default.svc.cluster.local || nslookup kubernetes.default.svc.cluster.local"
	w.untilShell("names are found", "client", ask, "Address: "+apiServiceIP)
	w.policy(&networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "jail"}, Spec: networkingv1.NetworkPolicySpec{PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}}})
	w.until(patience, "names are not found", func() (bool, string) {
		out, err := w.inShell("client", "nslookup kubernetes.default.svc.cluster.local")
		return err != nil && strings.Contains(out, "connection timed out; no servers could be reached"), out
	})
	dns := networkingv1.NetworkPolicyEgressRule{
		To: []networkingv1.NetworkPolicyPeer{{
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{v1.LabelMetadataName: "kube-system"}},
			PodSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{"k8s-app": "kube-dns"}},
		}},
		Ports: []networkingv1.NetworkPolicyPort{{Protocol: new(v1.ProtocolUDP), Port: new(intstr.FromInt32(53))}},
	}
	w.policy(&networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Name: "dns"}, Spec: networkingv1.NetworkPolicySpec{
		PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}, Egress: []networkingv1.NetworkPolicyEgressRule{dns},
	}})
	w.untilShell("with a policy for DNS they are", "client", "nslookup kubernetes.default.svc.cluster.local", "Address: "+apiServiceIP)
}

func (w workloads) ingress(in *networkingv1.Ingress) {
	w.t.Helper()
	if _, err := w.client.NetworkingV1().Ingresses(w.ns).Create(w.t.Context(), in, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "the Ingress has an address and the default class", func() (bool, string) {
		got, err := w.client.NetworkingV1().Ingresses(w.ns).Get(w.t.Context(), in.Name, metav1.GetOptions{})
		if err != nil {
			return false, err.Error()
		}
		return len(got.Status.LoadBalancer.Ingress) == 1 && got.Status.LoadBalancer.Ingress[0].IP == nodeIP && got.Spec.IngressClassName != nil && *got.Spec.IngressClassName == "nginx", fmt.Sprintf("%+v", got.Status)
	})
}

// outside asks an Ingress from this machine, as 192.168.49.2 would be asked.
func (w workloads) outside(kind int32, url string, roots *x509.CertPool) (code int, header http.Header, body string, err error) {
	w.t.Helper()
	var status Status
	if err := json.NewDecoder(w.call(http.MethodGet, "/status", w.status().Token).Body).Decode(&status); err != nil {
		w.t.Fatal(err)
	}
	var door string
	for _, p := range status.Ports {
		if p.Kind == PortIngress && p.Port == kind {
			door = p.Address
		}
	}
	if door == "" {
		return 0, nil, "", fmt.Errorf("the status names no port for Ingresses")
	}
	client := &http.Client{
		Timeout: 10 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{RootCAs: roots},
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", door)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Get(url)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(text), err
}

func (w workloads) untilOutside(goal string, kind int32, url string, roots *x509.CertPool, code int, text string) http.Header {
	w.t.Helper()
	var header http.Header
	w.until(patience, goal, func() (bool, string) {
		got, h, body, err := w.outside(kind, url, roots)
		header = h
		return err == nil && got == code && strings.Contains(body, text), fmt.Sprintf("%d %s %v", got, body, err)
	})
	return header
}

func ingressPath(p string, kind networkingv1.PathType, service, port string) networkingv1.HTTPIngressPath {
	return networkingv1.HTTPIngressPath{Path: p, PathType: &kind, Backend: networkingv1.IngressBackend{
		Service: &networkingv1.IngressServiceBackend{Name: service, Port: networkingv1.ServiceBackendPort{Name: port}},
	}}
}

func ingressRule(host string, paths ...networkingv1.HTTPIngressPath) networkingv1.IngressRule {
	return networkingv1.IngressRule{Host: host, IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: paths}}}
}

func testIngress(w workloads) {
	w.netexec("web", "web", nil)
	w.netexec("shop", "shop", nil)
	w.service("web", "web", nil)
	w.service("shop", "shop", nil)
	w.service("none", "none", nil)
	w.idle("client")
	host := w.ns + ".example.com"
	w.ingress(&networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Name: "fan"}, Spec: networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{
		ingressRule(host, ingressPath("/", networkingv1.PathTypePrefix, "web", "web"), ingressPath("/echo", networkingv1.PathTypeExact, "shop", "web"), ingressPath("/none", networkingv1.PathTypePrefix, "none", "web")),
		ingressRule("*.wild-"+host, ingressPath("/", networkingv1.PathTypePrefix, "shop", "web")),
	}}})
	w.untilEventFrom("nginx-ingress-controller", "fan", "Reachable", "On this machine at http://127.0.0.1:")
	w.untilOutside("a host leads to its Service", 80, "http://"+host+"/hostname", nil, 200, "web")
	w.untilOutside("a path leads to another", 80, "http://"+host+"/echo?msg=hello", nil, 200, "hello")
	w.untilOutside("a host of a pattern", 80, "http://a.wild-"+host+"/hostname", nil, 200, "shop")
	w.untilOutside("only one label of it", 80, "http://a.b.wild-"+host+"/hostname", nil, 404, "<center>nginx</center>")
	w.untilOutside("a host that no rule names", 80, "http://other-"+host+"/", nil, 404, "404 Not Found")
	w.untilOutside("a Service without endpoints", 80, "http://"+host+"/none/x", nil, 503, "503 Service Temporarily Unavailable")
	w.untilOutside("the backend learns of the client", 80, "http://"+host+"/header?key=X-Forwarded-Host", nil, 200, host)
	w.untilShell("a Pod reaches it at the node's address", "client", "wget -qO- --header 'Host: "+host+"' http://"+nodeIP+"/hostname", "web")
	if err := w.client.NetworkingV1().Ingresses(w.ns).Delete(w.t.Context(), "fan", metav1.DeleteOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.until(patience, "without the Ingress nothing is there", func() (bool, string) {
		code, _, body, err := w.outside(80, "http://"+host+"/hostname", nil)
		return err != nil || code == 404, body
	})
}

func testIngressTLS(w workloads) {
	w.netexec("web", "web", nil)
	w.service("web", "web", nil)
	host := w.ns + ".example.com"
	cert, key, roots := certificateFor(w.t, host)
	if _, err := w.client.CoreV1().Secrets(w.ns).Create(w.t.Context(), &v1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "cert"}, Type: v1.SecretTypeTLS, Data: map[string][]byte{v1.TLSCertKey: cert, v1.TLSPrivateKeyKey: key},
	}, metav1.CreateOptions{}); err != nil {
		w.t.Fatal(err)
	}
	w.ingress(&networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Name: "safe"}, Spec: networkingv1.IngressSpec{
		TLS:   []networkingv1.IngressTLS{{Hosts: []string{host}, SecretName: "cert"}},
		Rules: []networkingv1.IngressRule{ingressRule(host, ingressPath("/", networkingv1.PathTypePrefix, "web", "web"))},
	}})
	w.untilOutside("the certificate of the Secret is shown", 443, "https://"+host+"/hostname", roots, 200, "web")
	to := w.untilOutside("HTTP leads to HTTPS", 80, "http://"+host+"/hostname?a=b", nil, 308, "308 Permanent Redirect").Get("Location")
	if !strings.HasPrefix(to, "https://"+host) || !strings.HasSuffix(to, "/hostname?a=b") {
		w.t.Errorf("it leads to %q", to)
	}
	if _, _, _, err := w.outside(443, "https://other-"+host+"/", roots); err == nil || !strings.Contains(err.Error(), "certificate") {
		w.t.Errorf("another host has a certificate that is trusted: %v", err)
	}
}

// certificateFor makes a certificate that signs itself.
func certificateFor(t *testing.T, host string) (cert, key []byte, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(cert)
	return cert, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), roots
}
