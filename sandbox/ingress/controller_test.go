package ingress

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/record"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// started is a controller with its network, as a client on this machine and in
// a Pod sees it.
type started struct {
	*Controller
	t       *testing.T
	network *vnet.Network
	client  *fake.Clientset
	events  chan string
}

// start runs a controller over a Service "web" whose second endpoint answers
// and whose first does not, and "none" without endpoints.
func start(t *testing.T, ingresses ...*networkingv1.Ingress) *started {
	t.Helper()
	network := vnet.New()
	host := func(addr string) *vnet.Host {
		h, err := network.AddHost(netip.MustParseAddr(addr))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Close)
		return h
	}
	_ = host("10.244.0.5") // the first endpoint: it refuses
	l, err := host("10.244.0.6").Listen(t.Context(), "tcp", ":8080")
	if err != nil {
		t.Fatal(err)
	}
	echo := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Header().Set("Server", "secret/1.0")
		for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Scheme", "X-Real-Ip", "X-Original-Forwarded-For"} {
			fmt.Fprintf(w, "%s=%s\n", name, r.Header.Get(name))
		}
		fmt.Fprintf(w, "%s %s %s id=%d body=%s\n", r.Method, r.Host, r.URL.RequestURI(), len(r.Header.Get("X-Request-Id")), body)
	})}
	go func() { _ = echo.Serve(l) }()
	t.Cleanup(func() { _ = echo.Close() })

	service := func(name string) *v1.Service {
		return &v1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Spec: v1.ServiceSpec{Ports: []v1.ServicePort{{Name: "http", Port: 80}}}}
	}
	objects := []runtime.Object{Class(), service("web"), service("none"), &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-1", Labels: map[string]string{discoveryv1.LabelServiceName: "web"}},
		Ports:      []discoveryv1.EndpointPort{{Name: new("http"), Port: new(int32(8080))}},
		Endpoints: []discoveryv1.Endpoint{
			{Addresses: []string{"10.244.0.5"}}, {Addresses: []string{"10.244.0.6"}},
			{Addresses: []string{"10.244.0.7"}, Conditions: discoveryv1.EndpointConditions{Ready: new(false)}},
		},
	}}
	for _, in := range ingresses {
		objects = append(objects, in)
	}
	client := fake.NewClientset(objects...)
	factory := informers.NewSharedInformerFactory(client, 0)
	recorder := record.NewFakeRecorder(100)
	c, err := New(Config{
		Client: client, Informers: factory, Recorder: recorder, Host: host("10.244.255.254"), Node: host("192.168.49.2"),
		Logger: slog.New(slog.DiscardHandler), HTTP: []uint16{0}, HTTPS: []uint16{0},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		factory.Shutdown()
	})
	return &started{c, t, network, client, recorder.Events}
}

// event waits for an event that begins with a text.
func (s *started) event(begin string) string {
	s.t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case e := <-s.events:
			if strings.HasPrefix(e, begin) {
				return e
			}
		case <-limit:
			s.t.Fatalf("no event %q", begin)
		}
	}
}

// ask sends a request for a URL to where the controller listens on this machine.
func (s *started) ask(method, url, body string) (*http.Response, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", "203.0.113.9")
	transport := &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			plain, secure := s.Addresses()
			if req.URL.Scheme == "https" {
				plain = secure
			}
			return new(net.Dialer).DialContext(ctx, "tcp", plain.String())
		},
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp, string(text)
}

func mine(in *networkingv1.Ingress) *networkingv1.Ingress {
	in.Spec.IngressClassName = new(ClassName)
	in.UID = types.UID(in.Name)
	return in
}

func TestControllerServes(t *testing.T) {
	t.Parallel()
	s := start(t, mine(ingress(1, nil, to("a.example", at("/", prefix, "web"), at("/none", prefix, "none"), at("/gone", prefix, "nosuch")))))
	where := s.event("Normal Reachable")
	plain, _ := s.Addresses()
	if want := "On this machine at http://" + plain.String(); !strings.HasSuffix(where, want) || !plain.Addr().IsLoopback() {
		t.Errorf("the event is %q, want %q", where, want)
	}
	// Twice, so that each endpoint is the first once.
	for range 2 {
		resp, body := s.ask(http.MethodPost, "http://a.example/x?y=z", "hello")
		want := "X-Forwarded-For=127.0.0.1\nX-Forwarded-Host=a.example\nX-Forwarded-Port=80\nX-Forwarded-Proto=http\nX-Forwarded-Scheme=http\nX-Scheme=http\n" +
			"X-Real-Ip=127.0.0.1\nX-Original-Forwarded-For=203.0.113.9\nPOST a.example /x?y=z id=32 body=hello\n"
		if diff := cmp.Diff(want, body); diff != "" || resp.StatusCode != http.StatusOK || resp.Header.Get("Server") != "" {
			t.Errorf("%s %v: %s", resp.Status, resp.Header, diff)
		}
	}
	for url, code := range map[string]int{
		"http://b.example/": 404, "http://a.example/none": 503, "http://a.example/gone": 503, "https://a.example/x": 200,
	} {
		if resp, body := s.ask(http.MethodGet, url, ""); resp.StatusCode != code {
			t.Errorf("%s: %s, want %d: %s", url, resp.Status, code, body)
		}
	}
	if resp, _ := s.ask(http.MethodPost, "http://a.example/", strings.Repeat("x", defaultMaxBody+1)); resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of more than 1 MB: %s", resp.Status)
	}
	// From a Pod it is at the node's address.
	conn, err := s.network.Dial(t.Context(), vnet.Flow{Protocol: vnet.TCP, From: netip.MustParseAddrPort("10.244.0.5:40000"), To: netip.MustParseAddrPort("192.168.49.2:80")})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	got, err := s.client.NetworkingV1().Ingresses("default").Get(t.Context(), "in1", metav1.GetOptions{})
	if err != nil || len(got.Status.LoadBalancer.Ingress) != 1 || got.Status.LoadBalancer.Ingress[0].IP != "192.168.49.2" {
		t.Errorf("its status is %+v, %v", got.Status, err)
	}
}

func TestControllerRedirectsToTLS(t *testing.T) {
	t.Parallel()
	safe := mine(ingress(1, nil, to("a.example", at("/", prefix, "web"))))
	safe.Spec.TLS = []networkingv1.IngressTLS{{Hosts: []string{"a.example"}, SecretName: "cert"}}
	s := start(t, safe)
	s.event("Normal Reachable")
	_, secure := s.Addresses()
	resp, body := s.ask(http.MethodGet, "http://a.example/x?y=z", "")
	if want := fmt.Sprintf("https://a.example:%d/x?y=z", secure.Port()); resp.StatusCode != http.StatusPermanentRedirect || resp.Header.Get("Location") != want {
		t.Errorf("%s to %q, want %q", resp.Status, resp.Header.Get("Location"), want)
	}
	if want := "<html>\r\n<head><title>308 Permanent Redirect</title></head>\r\n<body>\r\n<center><h1>308 Permanent Redirect</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"; body != want {
		t.Errorf("the page is %q", body)
	}
	resp, _ = s.ask(http.MethodGet, "https://a.example/", "")
	if resp.StatusCode != http.StatusOK || resp.TLS.PeerCertificates[0].Subject.CommonName != "Kubernetes Ingress Controller Fake Certificate" {
		t.Errorf("without its Secret: %s, %s", resp.Status, resp.TLS.PeerCertificates[0].Subject)
	}
}

func TestControllerListensOnlyWhileThereIsAnIngress(t *testing.T) {
	t.Parallel()
	other := ingress(1, nil, to("a.example", at("/", prefix, "web")))
	other.Spec.IngressClassName = new("traefik")
	s := start(t, other)
	if plain, _ := s.Addresses(); plain.IsValid() {
		t.Errorf("for an Ingress of another class it listens on %s", plain)
	}
	own := mine(ingress(2, nil, to("b.example", at("/", prefix, "web"))))
	if _, err := s.client.NetworkingV1().Ingresses("default").Create(t.Context(), own, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.event("Normal Reachable")
	plain, _ := s.Addresses()
	if resp, _ := s.ask(http.MethodGet, "http://a.example/", ""); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an Ingress of another class is served: %s", resp.Status)
	}
	if err := s.client.NetworkingV1().Ingresses("default").Delete(t.Context(), "in2", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", plain.String())
		if err != nil {
			return
		}
		conn.Close()
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatal("it listens without an Ingress")
		}
	}
}
