package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	grpchealth "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/component-base/version"
	"k8s.io/kubernetes/pkg/kubelet"
	kubetypes "k8s.io/kubernetes/pkg/kubelet/types"
	"k8s.io/kubernetes/pkg/probe"
	grpcprobe "k8s.io/kubernetes/pkg/probe/grpc"
	httpprobe "k8s.io/kubernetes/pkg/probe/http"
	tcpprobe "k8s.io/kubernetes/pkg/probe/tcp"
)

// dialFunc is net.Dialer.DialContext, in a network of its own.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// probing is how a kubelet connects to its Pods.
type probing struct{ dial dialFunc }

// throughNetwork makes the kubelet's own prober, and its HTTP lifecycle hooks,
// connect with dial: Pod addresses are not addresses of this machine. All that
// decides about a probe stays the kubelet's; only the clients below it change.
//
// The kubelet offers no way to give it these clients, so they are set in its
// unexported fields. A release of Kubernetes that moves the fields makes *failed
// an error instead of a kubelet that cannot probe.
func throughNetwork(dial dialFunc, failed *error) kubelet.Option {
	p := probing{dial}
	return func(klet *kubelet.Kubelet) {
		root := reflect.ValueOf(klet)
		*failed = errors.Join(
			setField[httpprobe.Prober](root, p.httpProber(), "probeManager", "prober", "http"),
			setField[tcpprobe.Prober](root, p.tcpProber(), "probeManager", "prober", "tcp"),
			setField[grpcprobe.Prober](root, p.grpcProber(), "probeManager", "prober", "grpc"),
			setField[kubetypes.HTTPDoer](root, p.hookClient(), "containerRuntime", "runner", "httpDoer"),
		)
	}
}

// hookClient makes the HTTP requests of postStart and preStop, as the kubelet's
// own client: without verification, without leaving the host it was sent to.
func (p probing) hookClient() kubetypes.HTTPDoer {
	return &http.Client{
		Transport:     &http.Transport{DialContext: p.dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
		CheckRedirect: httpprobe.RedirectChecker(false),
	}
}

// httpProbe is httpprobe.Prober over another network.
type httpProbe struct{ plain, h2c *http.Transport }

func (p probing) httpProber() httpprobe.Prober {
	plain := utilnet.SetTransportDefaults(&http.Transport{
		TLSClientConfig:    &tls.Config{InsecureSkipVerify: true},
		DisableKeepAlives:  true,
		Proxy:              http.ProxyURL(nil),
		DisableCompression: true,
		DialContext:        p.dial,
	})
	h2c := &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyURL(nil), DisableCompression: true, DialContext: p.dial, Protocols: new(http.Protocols)}
	h2c.Protocols.SetUnencryptedHTTP2(true)
	return httpProbe{plain, h2c}
}

// Probe implements httpprobe.Prober.
func (h httpProbe) Probe(req *http.Request, timeout time.Duration) (probe.Result, string, error) {
	return h.run(h.plain, req, timeout)
}

// ProbeH2C implements httpprobe.Prober.
func (h httpProbe) ProbeH2C(req *http.Request, timeout time.Duration) (probe.Result, string, error) {
	return h.run(h.h2c, req, timeout)
}

func (httpProbe) run(t *http.Transport, req *http.Request, timeout time.Duration) (probe.Result, string, error) {
	return httpprobe.DoHTTPProbe(req, &http.Client{Timeout: timeout, Transport: t, CheckRedirect: httpprobe.RedirectChecker(false)})
}

// tcpProbe is tcpprobe.Prober over another network.
type tcpProbe struct{ dial dialFunc }

func (p probing) tcpProber() tcpprobe.Prober { return tcpProbe(p) }

// Probe implements tcpprobe.Prober.
func (t tcpProbe) Probe(host string, port int, timeout time.Duration) (probe.Result, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, err := t.dial(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return probe.Failure, err.Error(), nil
	}
	_ = conn.Close()
	return probe.Success, "", nil
}

// grpcProbe is grpcprobe.Prober over another network.
type grpcProbe struct{ dial dialFunc }

func (p probing) grpcProber() grpcprobe.Prober { return grpcProbe(p) }

// Probe implements grpcprobe.Prober: it asks grpc.health.v1 and reports as the
// kubelet's own probe does.
func (g grpcProbe) Probe(host, service string, port int, timeout time.Duration, options grpcprobe.ProbeOptions) (probe.Result, string, error) {
	creds := insecure.NewCredentials()
	if options.UseTLS {
		creds = credentials.NewTLS(&tls.Config{InsecureSkipVerify: true})
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	v := version.Get()
	address := net.JoinHostPort(host, strconv.Itoa(port))
	// To dial and wait is what the messages of the kubelet's probe come from.
	//lint:ignore SA1019 grpc.NewClient cannot wait for the connection.
	conn, err := grpc.DialContext(ctx, address,
		grpc.WithUserAgent(fmt.Sprintf("kube-probe/%s.%s", v.Major, v.Minor)),
		//lint:ignore SA1019 Only DialContext knows it.
		grpc.WithBlock(),
		grpc.WithTransportCredentials(creds),
		grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) { return g.dial(ctx, "tcp", addr) }),
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return probe.Failure, fmt.Sprintf("timeout: failed to connect service %q within %v: %+v", address, timeout, err), nil
	case err != nil:
		return probe.Failure, fmt.Sprintf("error: failed to connect service at %q: %+v", address, err), nil
	}
	defer conn.Close()
	answer, err := grpchealth.NewHealthClient(conn).Check(ctx, &grpchealth.HealthCheckRequest{Service: service})
	switch status.Code(err) {
	case codes.OK:
	case codes.Unimplemented:
		return probe.Failure, "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): " + status.Convert(err).Message(), nil
	case codes.DeadlineExceeded:
		return probe.Failure, fmt.Sprintf("timeout: health rpc did not complete within %v", timeout), nil
	default:
		return probe.Failure, fmt.Sprintf("error: health rpc probe failed: %+v", err), nil
	}
	if answer.GetStatus() != grpchealth.HealthCheckResponse_SERVING {
		return probe.Failure, fmt.Sprintf("service unhealthy (responded with %q)", answer.GetStatus()), nil
	}
	return probe.Success, "service healthy", nil
}
