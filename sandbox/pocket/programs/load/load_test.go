package load

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc/proctest"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// task is a process of a container that is killed when it is out of memory.
func task(t *testing.T, memory int64, args ...string) (*proc.Process, context.Context, *proctest.Output) {
	t.Helper()
	host, err := vnet.New().AddHost(netip.MustParseAddr("10.244.0.5"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	ctx, kill := context.WithCancel(t.Context())
	t.Cleanup(kill)
	usage := proc.NewUsage(kill)
	usage.SetLimits(0, memory)
	c := &proc.Container{
		Files: files.New(), Net: host, Hostname: "load", Table: proc.NewTable(), Usage: usage,
		Image: proc.Image{Version: "0.17.4", LookUp: func(string) (proc.Program, bool) { return nil, false }},
	}
	p := c.NewProcess(args, nil, "/")
	out := &proctest.Output{}
	p.Stdout, p.Stderr = out, out
	return p, ctx, out
}

func TestStressUsesWhatItWasAskedFor(t *testing.T) {
	for name, tc := range map[string]struct {
		program        proc.Program
		args           []string
		limit          int64
		code           int
		minCPU, maxCPU time.Duration
		memory         int64 // five seconds after the start
		output         string
	}{
		"two CPUs for ten seconds": {
			Stress, []string{"stress", "--cpu", "2", "--timeout", "10s"}, 0, 0, 19 * time.Second, 21 * time.Second, 0,
			`^stress: info: \[1\] dispatching hogs: 2 cpu, 0 io, 0 vm, 0 hdd\nstress: info: \[1\] successful run completed in 10s\n$`,
		},
		"150 MB that are kept": {
			Stress, []string{"stress", "--vm", "1", "--vm-bytes", "150M", "--vm-hang", "0", "-t", "10"}, 200 << 20, 0, 0, time.Second, 150 << 20,
			`dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd`,
		},
		"more memory than the limit": {
			Stress, []string{"stress", "--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"}, 100 << 20, 137, 0, time.Second, 0,
			`^stress: info: \[1\] dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd\n$`,
		},
		"an unknown option":  {Stress, []string{"stress", "--nosuch"}, 0, 1, 0, 0, 0, `^stress: FAIL: \[1\] \(244\) unrecognized option: --nosuch\n$`},
		"no arguments":       {Stress, []string{"stress"}, 0, 0, 0, 0, 0, "Usage: stress"},
		"too many workers":   {Stress, []string{"stress", "-c", "100000"}, 0, 1, 0, 0, 0, "at most 256"},
		"stress-ng":          {StressNG, []string{"stress-ng", "--cpu", "1", "--timeout", "60s"}, 0, 0, 59 * time.Second, 61 * time.Second, 0, `setting to a 1 min run per stressor\n.*dispatching hogs: 1 cpu\n(.*\n)*.*successful run completed in 60\.\d\d secs`},
		"stress-ng, nothing": {StressNG, []string{"stress-ng"}, 0, 1, 0, 0, 0, "no stress workers invoked"},
		"memory of vish/stress over the limit": {
			Consume, []string{"/stress", "-mem-total", "200Mi", "-mem-alloc-size", "10Mi", "-mem-alloc-sleep", "1s"}, 100 << 20, 137, 0, time.Second, 50 << 20,
			`I\d{4} \d\d:\d\d:\d\d\.\d{6} +1 main\.go:26\] Allocating "200Mi" memory, in "10Mi" chunks, with a 1s sleep between allocations\n$`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, ctx, out := task(t, tc.limit, tc.args...)
				ended := make(chan int)
				go func() { ended <- p.Run(ctx, tc.program) }()
				memory := int64(0)
				code := 0
				select {
				case <-time.After(5500 * time.Millisecond):
					memory = p.Usage.Memory()
					code = <-ended
				case code = <-ended:
				}
				if code != tc.code || !regexp.MustCompile(tc.output).MatchString(out.String()) {
					t.Errorf("code %d, want %d; output\n%s", code, tc.code, out)
				}
				if cpu := p.Usage.CPU(); cpu < tc.minCPU || cpu > tc.maxCPU {
					t.Errorf("used %s of CPU time", cpu)
				}
				if memory < tc.memory || memory > tc.memory+tc.memory/4 {
					t.Errorf("memory %d after five seconds, want %d", memory, tc.memory)
				}
			})
		})
	}
}

func TestPHPApacheComputesForEveryRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, ctx, out := task(t, 0, "apache2-foreground")
		p.Files.Put("/var/www/html/index.php", "<?php ?>\n")
		ended := make(chan int)
		go func() { ended <- p.Run(ctx, PHPApache) }()
		synctest.Wait()
		client := &http.Client{Transport: &http.Transport{DialContext: p.Net.DialContext, DisableKeepAlives: true}}
		for path, want := range map[string]struct {
			status int
			body   string
			cpu    time.Duration
		}{"/": {200, "OK!", pageCost}, "/no": {404, "was not found on this server", 0}} {
			before := p.Usage.CPU()
			answer, err := client.Get("http://127.0.0.1" + path)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			if answer.StatusCode != want.status || !strings.Contains(string(body), want.body) || p.Usage.CPU()-before != want.cpu {
				t.Errorf("%s: %d %q for %s of CPU time", path, answer.StatusCode, body, p.Usage.CPU()-before)
			}
		}
		p.Signal(proc.SIGTERM)
		if code := <-ended; code != 0 {
			t.Errorf("ended with %d", code)
		}
		for _, want := range []string{`"GET / HTTP/1.1" 200 3 "-" "Go-http-client/1.1"`, "AH00169: caught SIGTERM, shutting down"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the log has no %q:\n%s", want, out)
			}
		}
	})
}
