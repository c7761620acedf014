package dns

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc/proctest"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// running is a CoreDNS in a Pod, and a client in another.
type running struct {
	t       *testing.T
	process *proc.Process
	client  *vnet.Host
	out     proctest.Output
	code    chan int
}

// runProgram starts /coredns; it must be called in a bubble, and end there.
func runProgram(t *testing.T, corefile string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	f := informers.NewSharedInformerFactory(fake.NewClientset(world()...), 0)
	cluster, err := NewCluster(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	f.Start(ctx.Done())
	network := vnet.New()
	server, client := must(network.AddHost(netip.MustParseAddr("10.244.0.2"))), must(network.AddHost(netip.MustParseAddr("10.244.0.9")))
	tree := files.New()
	if corefile != "" {
		tree.Put("/etc/coredns/Corefile", corefile)
	}
	container := &proc.Container{
		Files: tree, Net: server, Table: proc.NewTable(), Usage: proc.NewUsage(func() {}),
		Image: proc.Image{Ref: "registry.k8s.io/coredns/coredns:v1.12.1", Version: "1.14.6"},
	}
	r := &running{t: t, client: client, code: make(chan int, 1)}
	r.process = container.NewProcess(append([]string{"/coredns"}, args...), nil, "/")
	r.process.Stdout, r.process.Stderr = &r.out, &r.out
	go func() { r.code <- r.process.Run(ctx, Program(cluster)) }()
	t.Cleanup(func() {
		cancel()
		server.Close()
		client.Close()
		f.Shutdown()
	})
	time.Sleep(time.Second) // of the bubble: nothing waits for it
	return r
}

func (r *running) ask(network, name string, qtype uint16) *dns.Msg {
	r.t.Helper()
	conn, err := r.client.DialContext(r.t.Context(), network, "10.244.0.2:53")
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close()
	c := &dns.Client{Net: network}
	m, _, err := c.ExchangeWithConn(new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype), &dns.Conn{Conn: conn})
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

func (r *running) get(url string) (int, string) {
	r.t.Helper()
	client := &http.Client{Transport: &http.Transport{DialContext: r.client.DialContext, DisableKeepAlives: true}}
	resp, err := client.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

const corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       ttl 30
    }
    prometheus :9153
    reload 2s
}
`

func TestProgramServes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := runProgram(t, corefile, "-conf", "/etc/coredns/Corefile")
		if got := r.out.String(); !strings.HasPrefix(got, "maxprocs: Leaving GOMAXPROCS=4: CPU quota undefined\n.:53\n[INFO] plugin/reload: Running configuration SHA512 = ") ||
			!strings.Contains(got, "\nCoreDNS-1.12.1\nlinux/") {
			t.Errorf("it logs %q", got)
		}
		for _, network := range []string{"udp", "tcp"} {
			m := r.ask(network, "web.default.svc.cluster.local", dns.TypeA)
			if len(m.Answer) != 1 || !m.Authoritative || m.RecursionAvailable {
				t.Errorf("over %s: %v", network, m)
			}
		}
		for url, want := range map[string]string{"http://10.244.0.2:8080/health": "OK", "http://10.244.0.2:8181/ready": "OK", "http://10.244.0.2:8080/other": "404 page not found\n"} {
			if _, body := r.get(url); body != want {
				t.Errorf("%s says %q", url, body)
			}
		}
		if _, body := r.get("http://10.244.0.2:9153/metrics"); !strings.Contains(body, `coredns_dns_requests_total{family="1",proto="udp",server="dns://:53",type="A",view="",zone="."} 1`) {
			t.Errorf("the metrics are %s", body)
		}
		// SIGTERM: it says that it is not ready, and answers for five seconds more.
		r.process.Signal(proc.SIGTERM)
		synctest.Wait()
		if code, body := r.get("http://10.244.0.2:8181/ready"); code != http.StatusServiceUnavailable || body != "Shutting down" {
			t.Errorf("at its end /ready says %d %q", code, body)
		}
		if m := r.ask("udp", "web.default.svc.cluster.local", dns.TypeA); len(m.Answer) != 1 {
			t.Errorf("before its end it answers %v", m)
		}
		begin := time.Now()
		if code := <-r.code; code != 0 || time.Since(begin) != 5*time.Second {
			t.Errorf("it ended with %d after %s", code, time.Since(begin))
		}
		if got := r.out.String(); !strings.HasSuffix(got, "[INFO] SIGTERM: Shutting down servers then terminating\n[INFO] plugin/health: Going into lameduck mode for 5s\n") {
			t.Errorf("it logs %q", got)
		}
	})
}

func TestProgramReloads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := runProgram(t, corefile, "-conf", "/etc/coredns/Corefile")
		put := func(text string) {
			r.process.Files.Put("/etc/coredns/Corefile", text)
			time.Sleep(3 * time.Second) // of the bubble
		}
		put(strings.Replace(corefile, "errors", "log\n    hosts {\n      10.9.9.9 db.corp\n      fallthrough\n    }", 1))
		if m := r.ask("udp", "db.corp", dns.TypeA); len(m.Answer) != 1 {
			t.Errorf("the new Corefile is not in force: %v\n%s", m, &r.out)
		}
		for _, line := range []string{"[INFO] Reloading\n", "[INFO] Reloading complete\n", `"A IN db.corp. udp 25 false 512" NOERROR qr,aa,rd 48 0.000000000s`} {
			if !strings.Contains(r.out.String(), line) {
				t.Errorf("no %q in %s", line, &r.out)
			}
		}
		put(strings.Replace(corefile, "errors", "erors", 1))
		if m := r.ask("udp", "db.corp", dns.TypeA); len(m.Answer) != 1 {
			t.Errorf("a wrong Corefile takes the old one away: %v", m)
		}
		const failure = "[ERROR] plugin/reload: Corefile changed but reload failed: /etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'erors'\n"
		if strings.Count(r.out.String(), failure) != 1 {
			t.Errorf("it logs %s", &r.out)
		}
		put(corefile)
		if m := r.ask("udp", "db.corp", dns.TypeA); len(m.Answer) != 0 {
			t.Errorf("the first Corefile is not back: %v", m)
		}
		r.process.Signal(proc.SIGTERM)
		<-r.code
	})
}

func TestProgramDoesNotStart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		corefile, want string
		args           []string
		code           int
	}{
		"no Corefile":     {"", "loading Caddyfile via flag: open /etc/coredns/Corefile: no such file or directory\n", []string{"-conf", "/etc/coredns/Corefile"}, 1},
		"a wrong one":     {".:53 {\n  erors\n}\n", "/etc/coredns/Corefile:2 - Error during parsing: Unknown directive 'erors'\n", []string{"-conf", "/etc/coredns/Corefile"}, 1},
		"an unknown flag": {"", "flag provided but not defined: -what\n", []string{"-what"}, 2},
		"its version":     {"", "CoreDNS-1.12.1\n", []string{"-version"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := runProgram(t, test.corefile, test.args...)
				if code := <-r.code; code != test.code || !strings.Contains(r.out.String(), test.want) {
					t.Errorf("it ends with %d and %q", code, &r.out)
				}
			})
		})
	}
}
