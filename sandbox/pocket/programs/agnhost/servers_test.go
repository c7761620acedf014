package agnhost_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

func TestTestWebserverServesTheContainersFiles(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.3", "web")
	p.Files.Put("/data.json", `{"image": "kitten.jpg"}`)
	p.start(nil, "test-webserver", "--port=8080")
	for path, want := range map[string]string{
		"/data.json":   `200 {"image": "kitten.jpg"}`,
		"/no":          "404 404 page not found\n",
		"/etc/":        "200 <!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n",
		"/../etc/nope": "404 404 page not found\n",
	} {
		status, body := page(t, n, "http://10.244.0.3:8080"+path)
		if got := fmt.Sprintf("%d %s", status, body); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestPorterServesWhatItsEnvironmentSays(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.3", "porter")
	certify(t, p, "/localhost.crt", "/localhost.key")
	r := p.start([]string{"SERVE_PORT_80=foo", "SERVE_TCP_PORT_81=bar=baz", "SERVE_TLS_PORT_443=secret", "SERVE_UDP_PORT_90=udp"}, "porter")
	if _, body := page(t, n, "http://10.244.0.3:80/"); body != "foo" {
		t.Errorf("80: %q", body)
	}
	if _, body := page(t, n, "http://10.244.0.3:81/x"); body != "bar=baz" {
		t.Errorf("81: %q", body)
	}
	until(t, "UDP", func() bool { return strings.Contains(r.err.String(), "Started UDP server on port 90") })
	asking := newPod(t, n, "10.244.0.4", "asking")
	if got := asking.run("connect", "10.244.0.3:90", "--protocol=udp", "--timeout=5s"); got.Code != 0 {
		t.Errorf("UDP: %+v", got)
	}
	if status, body := page(t, n, "http://10.244.0.3:443/"); status != http.StatusBadRequest || !strings.Contains(body, "HTTP request to an HTTPS server") {
		t.Errorf("443 without TLS: %d %q", status, body)
	}
	other := newPod(t, n, "10.244.0.5", "json")
	other.start([]string{"SERVE_PORT_80=foo"}, "porter", "--json-response")
	if _, body := page(t, n, "http://10.244.0.5:80/"); body != `{"Method":"GET","Body":"foo"}` {
		t.Errorf("JSON: %q", body)
	}
}

func TestPortForwardTesterChecksAndAnswersInChunks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		send, got string
		code      int
		out       string
	}{
		{"abc", strings.Repeat("x", 10), 0, "Accepted client connection\nReceived expected client data\nShutting down connection\nDone\n"},
		{"xyz", "", 3, "Accepted client connection\nExpect to read \"abc\", but got \"xyz\". err=<nil>\n"},
	} {
		n := vnet.New()
		p := newPod(t, n, "10.244.0.3", "pf")
		r := p.start([]string{"BIND_PORT=80", "EXPECTED_CLIENT_DATA=abc", "CHUNKS=2", "CHUNK_SIZE=5", "CHUNK_INTERVAL=1"}, "port-forward-tester")
		var conn net.Conn
		until(t, "it listens on localhost", func() bool {
			c, err := p.Net.DialContext(t.Context(), "tcp", "127.0.0.1:80")
			conn = c
			return err == nil
		})
		fmt.Fprint(conn, tc.send)
		data, err := io.ReadAll(conn)
		if tc.code == 0 && err != nil {
			t.Error(err)
		}
		if string(data) != tc.got {
			t.Errorf("got %q, want %q", data, tc.got)
		}
		_ = conn.Close()
		if code := r.wait(t); code != tc.code || r.out.String() != tc.out {
			t.Errorf("exit code %d, output %q", code, r.out)
		}
	}
}

func TestGuestbookKeepsReplicasUpToDate(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	hosts := "10.244.0.3 agnhost-primary\n10.244.0.4 agnhost-replica\n"
	primary, replica, front := newPod(t, n, "10.244.0.3", "primary"), newPod(t, n, "10.244.0.4", "replica"), newPod(t, n, "10.244.0.5", "front")
	for _, p := range []*pod{replica, front} {
		p.Files.Put("/etc/hosts", hosts)
	}
	primary.start(nil, "guestbook", "--http-port", "6379")
	page(t, n, "http://10.244.0.3:6379/set?key=before&value=1")
	r := replica.start(nil, "guestbook", "--replicaof", "agnhost-primary", "--http-port", "6379")
	until(t, "the replica is registered", func() bool { return strings.Contains(r.err.String(), "Registered to node: agnhost-primary") })
	front.start(nil, "guestbook", "--backend-port", "6379")
	for _, tc := range []struct{ path, want string }{
		{"/guestbook?cmd=get&key=before", `200 {"data":"1"}`},
		{"/guestbook?cmd=set&key=messages&value=Test%20Entry", `200 {"message":"Updated"}`},
		{"/guestbook?cmd=get&key=messages", `200 {"data":"Test Entry"}`},
		{"/guestbook?cmd=get&key=none", `200 {"data":""}`},
		{"/guestbook?cmd=drop", "400 unsupported cmd: 'drop'\n"},
		{"/guestbook?cmd=set", "400 cannot set with empty key.\n"},
	} {
		status, body := page(t, n, "http://10.244.0.5:80"+tc.path)
		if got := fmt.Sprintf("%d %s", status, body); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.path, got, tc.want)
		}
	}
}

func TestNoSNATSeesWhoAsks(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	env := func(ip string) []string { return []string{"POD_IP=" + ip, "NODE_IP=192.168.49.2"} }
	one, two := newPod(t, n, "10.244.0.3", "one"), newPod(t, n, "10.244.0.4", "two")
	one.start(env("10.244.0.3"), "no-snat-test")
	two.start(env("10.9.9.9"), "no-snat-test", "--port=8081")
	page(t, n, "http://10.244.0.4:8081/whoami")
	if status, body := page(t, n, "http://10.244.0.3:8080/checknosnat?ips=10.244.0.4:8081"); status != http.StatusOK || body != "" {
		t.Errorf("%d %q", status, body)
	}
	if status, body := page(t, n, "http://10.244.0.4:8081/checknosnat?ips=10.244.0.3:8080"); status != http.StatusInternalServerError || !strings.HasPrefix(body, `Returned ip "10.244.0.4" != my Pod ip "10.9.9.9"`) {
		t.Errorf("%d %q", status, body)
	}
	if got := one.run("no-snat-test"); got.Code != 1 || got.Err != "POD_IP env var was not present in the environment\n" {
		t.Errorf("%+v", got)
	}
}

func TestGRPCHealthFollowsWhatItIsTold(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.3", "grpc")
	p.start(nil, "grpc-health-checking", "--service=etcd")
	page(t, n, "http://10.244.0.3:8080/make-serving")
	conn, err := grpc.NewClient("passthrough:///10.244.0.3:5000", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			return n.Dial(ctx, vnet.Flow{Protocol: vnet.TCP, From: netip.MustParseAddrPort("192.168.49.2:40001"), To: netip.MustParseAddrPort(address)})
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	check := func(service string) (grpc_health_v1.HealthCheckResponse_ServingStatus, error) {
		r, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: service}, grpc.WaitForReady(true))
		return r.GetStatus(), err
	}
	if got, err := check("etcd"); err != nil || got != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("%v, %v", got, err)
	}
	page(t, n, "http://10.244.0.3:8080/make-not-serving")
	if got, err := check("etcd"); err != nil || got != grpc_health_v1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := check("other"); status.Code(err) != codes.NotFound {
		t.Errorf("another service: %v", err)
	}
}

func TestStressTakesTheMemoryItIsToldTo(t *testing.T) {
	t.Parallel()
	p := newPod(t, vnet.New(), "10.244.0.3", "stress")
	r := p.start(nil, "stress", "--mem-total", "40Mi", "--mem-alloc-size", "20Mi", "--cpus", "1")
	until(t, "40 MiB", func() bool { return p.Usage.Memory() >= 40<<20 })
	until(t, "CPU time", func() bool { return p.Usage.CPU() > 0 })
	r.Signal(proc.SIGTERM)
	if code := r.wait(t); code != 2 || !strings.Contains(r.err.String(), `Allocating "40Mi" memory, in "20Mi" chunks`) {
		t.Errorf("exit code %d: %s", code, r.err)
	}
}

func TestFakeGitServer(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	newPod(t, n, "10.244.0.3", "git").start(nil, "fake-gitserver")
	if _, body := page(t, n, "http://10.244.0.3:8000/x.git"); body != "I am a fake git server" {
		t.Errorf("%q", body)
	}
}
