package sandbox

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	grpchealth "google.golang.org/grpc/health/grpc_health_v1"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/kubernetes/pkg/probe"
	grpcprobe "k8s.io/kubernetes/pkg/probe/grpc"
	httpprobe "k8s.io/kubernetes/pkg/probe/http"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// probedPod is a Pod's address with servers on it, and the probing of its node.
func probedPod(t *testing.T) (probing, *vnet.Host) {
	t.Helper()
	network := vnet.New()
	hosts := make([]*vnet.Host, 2)
	for i, addr := range []string{"192.168.49.2", "10.244.0.5"} {
		h, err := network.AddHost(netip.MustParseAddr(addr))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Close)
		hosts[i] = h
	}
	return probing{hosts[0].DialContext}, hosts[1]
}

func listen(t *testing.T, h *vnet.Host, port int) net.Listener {
	t.Helper()
	l, err := h.Listen(t.Context(), "tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestHTTPProbesReportAsOnARealNode(t *testing.T) {
	t.Parallel()
	p, pod := probedPod(t)
	release := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.Host, r.Header.Get("X-Test"), r.UserAgent())
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	mux.HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { <-release })
	mux.HandleFunc("/here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/broken", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://example.com/", http.StatusFound)
	})
	plain := &http.Server{Handler: mux}
	web := listen(t, pod, 80)
	go func() { _ = plain.Serve(web) }()
	secure := httptest.NewUnstartedServer(mux)
	secure.Listener.Close()
	secure.Listener = listen(t, pod, 443)
	secure.StartTLS()
	t.Cleanup(func() { close(release); secure.Close(); plain.Close() })

	container := &v1.Container{Ports: []v1.ContainerPort{{Name: "web", ContainerPort: 80}}}
	for name, tc := range map[string]struct {
		get    v1.HTTPGetAction
		want   probe.Result
		output string
	}{
		"a good answer":      {v1.HTTPGetAction{Path: "/ok", Port: intstr.FromInt32(80)}, probe.Success, "10.244.0.5:80  kube-probe/"},
		"a named port":       {v1.HTTPGetAction{Path: "/ok", Port: intstr.FromString("web")}, probe.Success, "10.244.0.5:80"},
		"headers":            {v1.HTTPGetAction{Path: "/ok", Port: intstr.FromInt32(80), HTTPHeaders: []v1.HTTPHeader{{Name: "X-Test", Value: "yes"}, {Name: "Host", Value: "a.example"}}}, probe.Success, "a.example yes"},
		"TLS, not verified":  {v1.HTTPGetAction{Path: "/ok", Port: intstr.FromInt32(443), Scheme: v1.URISchemeHTTPS}, probe.Success, "10.244.0.5:443"},
		"an error status":    {v1.HTTPGetAction{Path: "/broken", Port: intstr.FromInt32(80)}, probe.Failure, "HTTP probe failed with statuscode: 500"},
		"a redirect inside":  {v1.HTTPGetAction{Path: "/here", Port: intstr.FromInt32(80)}, probe.Failure, "HTTP probe failed with statuscode: 500"},
		"a redirect outside": {v1.HTTPGetAction{Path: "/away", Port: intstr.FromInt32(80)}, probe.Warning, "Probe terminated redirects, Response body: "},
		"nobody listens":     {v1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(81)}, probe.Failure, `Get "http://10.244.0.5:81/": dial tcp 10.244.0.5:81: connect: connection refused`},
		"no TLS there":       {v1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(80), Scheme: v1.URISchemeHTTPS}, probe.Failure, `Get "https://10.244.0.5:80/": http: server gave HTTP response to HTTPS client`},
		"too slow":           {v1.HTTPGetAction{Path: "/slow", Port: intstr.FromInt32(80)}, probe.Failure, `Get "http://10.244.0.5:80/slow": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`},
	} {
		req, err := httpprobe.NewRequestForHTTPGetAction(&tc.get, container, "10.244.0.5", "probe")
		if err != nil {
			t.Fatal(err)
		}
		got, output, err := p.httpProber().Probe(req, 300*time.Millisecond)
		if got != tc.want || err != nil || !strings.HasPrefix(output, tc.output) {
			t.Errorf("%s: %s %q %v, want %s %q", name, got, output, err, tc.want, tc.output)
		}
	}
}

func TestTCPProbesReportAsOnARealNode(t *testing.T) {
	t.Parallel()
	p, pod := probedPod(t)
	listen(t, pod, 6379)
	for port, want := range map[int]string{6379: "", 6380: "dial tcp 10.244.0.5:6380: connect: connection refused"} {
		result, output, err := p.tcpProber().Probe("10.244.0.5", port, time.Second)
		if (result == probe.Success) != (want == "") || output != want || err != nil {
			t.Errorf("port %d: %s %q %v", port, result, output, err)
		}
	}
}

func TestGRPCProbesReportAsOnARealNode(t *testing.T) {
	t.Parallel()
	p, pod := probedPod(t)
	state := health.NewServer()
	state.SetServingStatus("", grpchealth.HealthCheckResponse_SERVING)
	state.SetServingStatus("down", grpchealth.HealthCheckResponse_NOT_SERVING)
	healthy, other := grpc.NewServer(), grpc.NewServer()
	grpchealth.RegisterHealthServer(healthy, state)
	for port, s := range map[int]*grpc.Server{5000: healthy, 5001: other} {
		l := listen(t, pod, port)
		go func() { _ = s.Serve(l) }()
		t.Cleanup(s.Stop)
	}
	for _, tc := range []struct {
		port            int
		service, output string
		want            probe.Result
	}{
		{5000, "", "service healthy", probe.Success},
		{5000, "down", `service unhealthy (responded with "NOT_SERVING")`, probe.Failure},
		{5000, "nosuch", "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service", probe.Failure},
		{5001, "", "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health", probe.Failure},
		{5002, "", `timeout: failed to connect service "10.244.0.5:5002" within 300ms: context deadline exceeded`, probe.Failure},
	} {
		result, output, err := p.grpcProber().Probe("10.244.0.5", tc.service, tc.port, 300*time.Millisecond, grpcprobe.ProbeOptions{})
		if result != tc.want || output != tc.output || err != nil {
			t.Errorf("port %d, service %q: %s %q %v, want %q", tc.port, tc.service, result, output, err, tc.output)
		}
	}
}

func TestAFieldThatMovedIsAnError(t *testing.T) {
	t.Parallel()
	type inner struct{ dial dialFunc }
	type outer struct{ hidden any }
	v := &outer{hidden: &inner{}}
	called := false
	dial := dialFunc(func(context.Context, string, string) (net.Conn, error) { called = true; return nil, nil })
	if err := setField(reflect.ValueOf(v), dial, "hidden", "dial"); err != nil {
		t.Fatal(err)
	}
	_, _ = v.hidden.(*inner).dial(t.Context(), "", "")
	if !called {
		t.Error("the field was not set")
	}
	if err := setField(reflect.ValueOf(v), dial, "hidden", "other"); err == nil || !strings.Contains(err.Error(), `"other" is missing`) {
		t.Errorf("a missing field: %v", err)
	}
	if err := setField(reflect.ValueOf(v), 1, "hidden", "dial"); err == nil || !strings.Contains(err.Error(), "not a int") {
		t.Errorf("another type: %v", err)
	}
}
