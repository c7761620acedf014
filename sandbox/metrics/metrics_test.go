package metrics

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1 "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	metricsapi "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

func TestAContainersUseIsTheDifferenceOfItsLastTwoReadings(t *testing.T) {
	t.Parallel()
	t0 := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(s int, cpu time.Duration, start int) point {
		return point{at: t0.Add(time.Duration(s) * time.Second), start: t0.Add(time.Duration(start) * time.Second), cpu: cpu, memory: 100}
	}
	for name, tc := range map[string]struct {
		points []point
		cores  int64 // nanocores; -1 is not known
		window time.Duration
	}{
		"nothing":                           {nil, -1, 0},
		"a first one right at the start":    {[]point{at(10, 0, 10)}, -1, 0},
		"a first one counts from the start": {[]point{at(10, 5*time.Second, 0)}, 500_000_000, 10 * time.Second},
		"two":                               {[]point{at(10, 5*time.Second, 0), at(20, 15*time.Second, 0)}, 1_000_000_000, 10 * time.Second},
		"the same one twice":                {[]point{at(10, 5*time.Second, 0), at(20, 15*time.Second, 0), at(20, 15*time.Second, 0)}, 1_000_000_000, 10 * time.Second},
		"a restart between":                 {[]point{at(10, 5*time.Second, 0), at(20, time.Second, 15)}, 200_000_000, 5 * time.Second},
		"a clock that was turned back":      {[]point{at(20, 5*time.Second, 0), at(10, 6*time.Second, 0)}, 250_000_000, 20 * time.Second},
	} {
		var s span
		for _, p := range tc.points {
			s = s.next(p)
		}
		u, ok := s.usage()
		if !ok {
			u.cores = -1
		}
		if u.cores != tc.cores || u.window != tc.window {
			t.Errorf("%s: %d nanocores over %s, want %d over %s", name, u.cores, u.window, tc.cores, tc.window)
		}
	}
}

func TestWhatAKubeletTellsIsRead(t *testing.T) {
	t.Parallel()
	r, err := parse([]byte(`# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="c",namespace="default",pod="web"} 1.5 1700000000123
container_memory_working_set_bytes{container="c",namespace="default",pod="web"} 4.194304e+06 1700000000123
container_start_time_seconds{container="c",namespace="default",pod="web"} 1.69999999e+09
node_cpu_usage_seconds_total 33.25 1700000000200
node_memory_working_set_bytes 3.5e+08 1700000000200
pod_cpu_usage_seconds_total{namespace="default",pod="web"} 1.5 1700000000123
scrape_error 0
`))
	if err != nil {
		t.Fatal(err)
	}
	want := reading{
		node: point{at: time.UnixMilli(1700000000200), cpu: 33250 * time.Millisecond, memory: 350_000_000},
		pods: map[podKey]map[string]point{{"default", "web"}: {"c": {
			at: time.UnixMilli(1700000000123), start: time.Unix(1699999990, 0), cpu: 1500 * time.Millisecond, memory: 4 << 20,
		}}},
	}
	if diff := cmp.Diff(want, r, cmp.AllowUnexported(reading{}, point{}, podKey{})); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"node_cpu_usage_seconds_total x", "node_cpu_usage_seconds_total", `a{b="c" 1`, "a 1 b"} {
		if _, err := parse([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// kubelets answer for nodes whose containers use half a CPU each.
type kubelets struct {
	mu   sync.Mutex
	down map[string]bool
}

func (k *kubelets) fetch(_ context.Context, node string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.down[node] {
		return nil, errors.New("connection refused")
	}
	now := time.Now()
	ms, cpu := now.UnixMilli(), float64(now.UnixMilli())/2000
	var b strings.Builder
	fmt.Fprintf(&b, "node_cpu_usage_seconds_total %f %d\nnode_memory_working_set_bytes 1048576 %d\n", cpu, ms, ms)
	if node == "one" {
		for _, pod := range []string{"web", "db"} {
			for _, c := range []string{"main", "side"} {
				fmt.Fprintf(&b, "container_cpu_usage_seconds_total{container=%q,namespace=\"default\",pod=%q} %f %d\n", c, pod, cpu, ms)
				fmt.Fprintf(&b, "container_memory_working_set_bytes{container=%q,namespace=\"default\",pod=%q} 2097152 %d\n", c, pod, ms)
			}
		}
	}
	return []byte(b.String()), nil
}

// running starts the program beside a client, on a network of its own.
func running(t *testing.T, k *kubelets) *http.Client {
	t.Helper()
	nodes := cache.NewIndexer(cache.MetaNamespaceKeyFunc, nil)
	for _, name := range []string{"one", "two"} {
		_ = nodes.Add(&v1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"name": name}}})
	}
	pods := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for _, name := range []string{"web", "db", "unknown"} {
		_ = pods.Add(&v1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", Labels: map[string]string{"app": name}}, Spec: v1.PodSpec{NodeName: "one"}})
	}
	network := vnet.New()
	hosts := map[string]*vnet.Host{}
	for _, addr := range []string{"192.168.49.1", "10.244.0.5", "10.244.0.6"} {
		h, err := network.AddHost(netip.MustParseAddr(addr))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Close)
		hosts[addr] = h
	}
	c := &proc.Container{
		Files: files.New(), Net: hosts["10.244.0.5"], Table: proc.NewTable(), Usage: proc.NewUsage(nil),
		Image: proc.Image{LookUp: func(string) (proc.Program, bool) { return nil, false }},
	}
	p := c.NewProcess([]string{"/metrics-server", "--metric-resolution=10s"}, nil, "/")
	own, err := selfSigned("front-proxy-client", x509.ExtKeyUsageClientAuth)
	if err != nil {
		t.Fatal(err)
	}
	program := Program(Config{
		Nodes: corev1.NewNodeLister(nodes), Pods: corev1.NewPodLister(pods), Fetch: k.fetch,
		FrontProxy: func(context.Context) ([]byte, []string, error) {
			return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]}), []string{"front-proxy-client"}, nil
		},
	})
	ended := make(chan int)
	go func() { ended <- p.Run(context.WithoutCancel(t.Context()), program) }()
	client := func(from string, certificates ...tls.Certificate) *http.Client {
		return &http.Client{Transport: &http.Transport{
			DialContext: hosts[from].DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: certificates}, DisableKeepAlives: true,
		}}
	}
	synctest.Wait()
	if answer, err := client("10.244.0.6").Get(base + "/nodes"); err != nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a Pod was answered: %v, %v", answer, err)
	} else {
		answer.Body.Close()
	}
	t.Cleanup(func() {
		p.Signal(proc.SIGTERM)
		if code := <-ended; code != 0 {
			t.Errorf("ended with %d", code)
		}
	})
	return client("192.168.49.1", own)
}

const base = "https://10.244.0.5:10250/apis/metrics.k8s.io/v1beta1"

func get(t *testing.T, c *http.Client, url, accept string, into any) (status int, contentType string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			t.Fatalf("%s: %v\n%s", url, err, body)
		}
	}
	return answer.StatusCode, answer.Header.Get("Content-Type")
}

func TestTheAPIAnswersAsMetricsServerDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &kubelets{down: map[string]bool{"two": true}}
		c := running(t, k)
		if status, _ := get(t, c, "https://10.244.0.5:10250/readyz", "*/*", nil); status != http.StatusInternalServerError {
			t.Errorf("ready before there are figures: %d", status)
		}
		time.Sleep(5 * time.Second)
		if status, _ := get(t, c, "https://10.244.0.5:10250/readyz", "*/*", nil); status != http.StatusOK {
			t.Errorf("not ready five seconds after the start: %d", status)
		}

		var nodes metricsapi.NodeMetricsList
		get(t, c, base+"/nodes", "application/json", &nodes)
		if len(nodes.Items) != 1 || nodes.Items[0].Name != "one" || nodes.Items[0].Usage.Cpu().MilliValue() != 500 || nodes.Items[0].Usage.Memory().String() != "1Mi" ||
			nodes.Items[0].Window.Duration != 2*time.Second || nodes.Kind != "NodeMetricsList" || nodes.Items[0].Labels["name"] != "one" {
			t.Errorf("nodes: %+v", nodes)
		}
		for query, want := range map[string]string{
			"/pods":                    "db web",
			"/namespaces/default/pods": "db web",
			"/namespaces/other/pods":   "",
			"/namespaces/default/pods?labelSelector=app%3Dweb":         "web",
			"/pods?fieldSelector=metadata.namespace%21%3Ddefault":      "",
			"/pods?fieldSelector=metadata.name%3Ddb&labelSelector=app": "db",
		} {
			var pods metricsapi.PodMetricsList
			get(t, c, base+query, "application/json", &pods)
			var names []string
			for _, p := range pods.Items {
				names = append(names, p.Name)
				if len(p.Containers) != 2 || p.Containers[0].Name != "main" || p.Containers[0].Usage.Cpu().MilliValue() != 500 || p.Containers[0].Usage.Memory().String() != "2Mi" {
					t.Errorf("%s: %+v", query, p)
				}
			}
			if got := strings.Join(names, " "); got != want || pods.Items == nil {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
		for path, want := range map[string]string{
			"/nodes/two":                       `nodes.metrics.k8s.io "two" not found`,
			"/namespaces/default/pods/unknown": `pods.metrics.k8s.io "default/unknown" not found`,
			"/nosuch":                          "the server could not find the requested resource",
		} {
			var s metav1.Status
			if status, _ := get(t, c, base+path, "application/json", &s); status != http.StatusNotFound || s.Message != want {
				t.Errorf("%s: %d %q", path, status, s.Message)
			}
		}

		var table metav1.Table
		_, kind := get(t, c, base+"/namespaces/default/pods/web", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", &table)
		if table.Kind != "Table" || len(table.Rows) != 1 || fmt.Sprint(table.Rows[0].Cells) != "[web 1 4Mi 2s]" || kind != "application/json" {
			t.Errorf("as a table: %s %+v", kind, table)
		}
		if _, kind := get(t, c, base+"/nodes", "application/vnd.kubernetes.protobuf,application/json", nil); kind != "application/vnd.kubernetes.protobuf" {
			t.Errorf("protobuf was asked for and %s came", kind)
		}
		var list metav1.APIResourceList
		get(t, c, base, "application/json", &list)
		if len(list.APIResources) != 2 || list.GroupVersion != "metrics.k8s.io/v1beta1" {
			t.Errorf("discovery: %+v", list)
		}

		// A node that comes and one that goes.
		k.mu.Lock()
		k.down = map[string]bool{"one": true}
		k.mu.Unlock()
		time.Sleep(25 * time.Second)
		get(t, c, base+"/nodes", "application/json", &nodes)
		if len(nodes.Items) != 2 {
			t.Errorf("nodes after a while: %+v", nodes)
		}
	})
}
