package programs_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

func TestResourceConsumerUsesWhatItIsAskedTo(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	host, err := n.AddHost(netip.MustParseAddr("10.244.0.3"))
	if err != nil {
		t.Fatal(err)
	}
	killed := make(chan struct{})
	c := &proc.Container{Net: host, Table: proc.NewTable(), Usage: proc.NewUsage(func() { close(killed) })}
	c.Usage.SetLimits(0, 100<<20)
	p := c.NewProcess([]string{"/consumer"}, nil, "/")
	p.Stderr = &bytes.Buffer{}
	code := make(chan int, 1)
	go func() { code <- p.Run(t.Context(), programs.ResourceConsumer) }()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		return n.Dial(ctx, vnet.Flow{Protocol: vnet.TCP, From: netip.MustParseAddrPort("192.168.49.2:40000"), To: netip.MustParseAddrPort(address)})
	}}}
	post := func(path string, form url.Values) (int, string) {
		for {
			r, err := client.PostForm("http://10.244.0.3:8080"+path, form)
			if vnet.IsRefused(err) && t.Context().Err() == nil {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			text, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			return r.StatusCode, string(text)
		}
	}
	waitFor := func(what string, ok func() bool) {
		t.Helper()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for deadline := time.Now().Add(10 * time.Second); !ok(); <-tick.C {
			if time.Now().After(deadline) {
				t.Fatalf("never: %s", what)
			}
		}
	}

	if status, body := post("/ConsumeCPU", url.Values{"millicores": {"2000"}, "durationSec": {"60"}}); status != http.StatusOK || body != "ConsumeCPU\n2000 millicores\n60 durationSec\n" {
		t.Errorf("%d %q", status, body)
	}
	waitFor("100 ms of CPU time", func() bool { return c.Usage.CPU() >= 100*time.Millisecond })
	if status, body := post("/ConsumeMem", url.Values{"megabytes": {"60"}, "durationSec": {"60"}}); status != http.StatusOK || body != "ConsumeMem\n60 megabytes\n60 durationSec\n" {
		t.Errorf("%d %q", status, body)
	}
	waitFor("60 MB", func() bool { return c.Usage.Memory() >= 60<<20 })
	if status, body := post("/ConsumeMem", url.Values{"megabytes": {"60"}}); status != http.StatusBadRequest || body != "not given function argument\n" {
		t.Errorf("%d %q", status, body)
	}
	if status, body := post("/nothing", nil); status != http.StatusNotFound || body != "unknown function: /nothing\n" {
		t.Errorf("%d %q", status, body)
	}
	post("/BumpMetric", url.Values{"metric": {"qps"}, "delta": {"3"}, "durationSec": {"60"}})
	waitFor("the metric", func() bool {
		_, body := post("/metrics", nil)
		return body == "# HELP qps info message.\n# TYPE qps gauge\nqps 3.000000\n"
	})
	post("/ConsumeMem", url.Values{"megabytes": {"60"}, "durationSec": {"60"}})
	select {
	case <-killed:
	case <-time.After(10 * time.Second):
		t.Error("over its limit, and not killed")
	}
	p.Signal(proc.SIGTERM)
	if got := <-code; got != 2 {
		t.Errorf("exit code %d, want 2", got)
	}
}
