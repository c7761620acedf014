package agnhost_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc/proctest"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs/agnhost"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// pod is a container of a Pod with an address on a network.
type pod struct {
	*proc.Container
	ctx context.Context
	t   *testing.T
}

func newPod(t *testing.T, n *vnet.Network, address, hostname string) *pod {
	t.Helper()
	host, err := n.AddHost(netip.MustParseAddr(address))
	if err != nil {
		t.Fatal(err)
	}
	c := &proc.Container{
		Files: files.New(), Net: host, Hostname: hostname, Table: proc.NewTable(), Usage: proc.NewUsage(nil),
		Image: proc.Image{Ref: "registry.k8s.io/e2e-test-images/agnhost:2.66.1", Version: "2.66.1", LookUp: func(string) (proc.Program, bool) { return nil, false }},
	}
	return &pod{Container: c, ctx: t.Context(), t: t}
}

// running is a program that was started.
type running struct {
	*proc.Process
	out, err *proctest.Output
	code     chan int
}

// start runs agnhost with arguments, and environment variables as KEY=value.
func (p *pod) start(env []string, args ...string) *running {
	p.t.Helper()
	process := p.NewProcess(append([]string{"/agnhost"}, args...), map[string]string{}, "/")
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		process.Env[k] = v
	}
	r := &running{Process: process, out: &proctest.Output{}, err: &proctest.Output{}, code: make(chan int, 1)}
	process.Stdout, process.Stderr = r.out, r.err
	go func() { r.code <- process.Run(p.ctx, agnhost.Main) }()
	return r
}

// wait returns how the program ended.
func (r *running) wait(t *testing.T) int {
	t.Helper()
	select {
	case code := <-r.code:
		return code
	case <-time.After(20 * time.Second):
		t.Fatalf("still running; it printed %q and %q", r.out, r.err)
		return -1
	}
}

// result is what a program printed and how it ended.
type result struct {
	Out, Err string
	Code     int
}

func (p *pod) run(args ...string) result {
	p.t.Helper()
	r := p.start(nil, args...)
	code := r.wait(p.t)
	return result{r.out.String(), r.err.String(), code}
}

// client reaches the network from an address of the node.
func client(n *vnet.Network) *http.Client {
	dial := func(ctx context.Context, _, address string) (net.Conn, error) {
		return n.Dial(ctx, vnet.Flow{Protocol: vnet.TCP, From: netip.MustParseAddrPort("192.168.49.2:40000"), To: netip.MustParseAddrPort(address)})
	}
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
}

// page asks for a page until somebody listens.
func page(t *testing.T, n *vnet.Network, url string) (status int, body string) {
	t.Helper()
	c := client(n)
	for deadline := time.Now().Add(10 * time.Second); ; {
		response, err := c.Get(url)
		if vnet.IsRefused(err) && time.Now().Before(deadline) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestOneShotCommandsSayWhatTheRealOnesSay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args []string
		want result
	}{
		"entrypoint-tester prints all its arguments":  {[]string{"entrypoint-tester", "a", "--b"}, result{"", "Error: unknown flag: --b\n", 1}},
		"entrypoint-tester without flags":             {[]string{"entrypoint-tester", "override", "arguments"}, result{"[/agnhost entrypoint-tester override arguments]\n", "", 0}},
		"an unknown command":                          {[]string{"nosuch"}, result{"", "Error: unknown command \"nosuch\" for \"app\"\n", 1}},
		"the version":                                 {[]string{"--version"}, result{"app version 2.66.1\n", "", 0}},
		"the search path":                             {[]string{"dns-suffix"}, result{"default.svc.cluster.local,svc.cluster.local,cluster.local\n", "", 0}},
		"the name servers":                            {[]string{"dns-server-list"}, result{"10.96.0.10\n", "", 0}},
		"the hosts":                                   {[]string{"etc-hosts"}, result{"127.0.0.1\tlocalhost\n\n", "", 0}},
		"the user":                                    {[]string{"nonewprivs"}, result{"Effective uid: 0\n", "", 0}},
		"content of a file":                           {[]string{"mounttest", "--file_content=/etc/hosts"}, result{"content of file \"/etc/hosts\": 127.0.0.1\tlocalhost\n\n", "", 0}},
		"content of a file that is missing":           {[]string{"mounttest", "--file_content=/no"}, result{"error reading file content for \"/no\": open /no: no such file or directory\n", "", 1}},
		"permissions and mode":                        {[]string{"mounttest", "--file_mode=/etc", "--file_perm=/etc/hosts"}, result{"mode of file \"/etc\": drwxr-xr-x\nperms of file \"/etc/hosts\": -rw-r--r--\n", "", 0}},
		"a new file, its permissions and its content": {[]string{"mounttest", "--new_file_0660=/tmp/x", "--file_perm=/tmp/x"}, result{"content of file \"/tmp/x\": mount-tester new file\n\nperms of file \"/tmp/x\": -rw-rw----\n", "", 0}},
		"a loop ends with what it waits for":          {[]string{"mounttest", "--new_file_0644=/tmp/y", "--file_content_in_loop=/tmp/y"}, result{"content of file \"/tmp/y\": mount-tester new file\n\ncontent of file \"/tmp/y\": mount-tester new file\n\n", "", 0}},
		"the type of a file system":                   {[]string{"mounttest", "--fs_type=/tmp"}, result{"mount type of \"/tmp\": 2035054128\n", "", 0}},
		"no type where there is no file":              {[]string{"mounttest", "--fs_type=/no"}, result{"error from statfs(\"/no\"): no such file or directory\n", "", 1}},
		"the owner":                                   {[]string{"mounttest", "--file_owner=/etc"}, result{"owner UID of \"/etc\": 0\nowner GID of \"/etc\": 0\n", "", 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPod(t, vnet.New(), "10.244.0.2", "web-0")
			p.Files.Put("/etc/resolv.conf", "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n")
			p.Files.Put("/etc/hosts", "127.0.0.1\tlocalhost\n")
			got := p.run(tc.args...)
			if i := strings.Index(got.Err, "Error: unknown flag"); i > 0 {
				got.Err = got.Err[i:] // the usage comes before it
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPauseEndsWithTheSignal(t *testing.T) {
	t.Parallel()
	p := newPod(t, vnet.New(), "10.244.0.2", "web-0")
	r := p.start(nil, "pause")
	until(t, "Signals registered", func() bool { return strings.Contains(r.out.String(), "Signals registered") })
	r.Signal(proc.SIGTERM)
	if code := r.wait(t); code != 2 {
		t.Errorf("exit code %d, want 2", code)
	}
	if diff := cmp.Diff("Paused\nSignals registered\nexiting because of signal \"terminated\"\n", r.out.String()); diff != "" {
		t.Error(diff)
	}
	message, err := p.Files.ReadFile("/dev/termination-log")
	if err != nil || string(message) != "exiting because of signal \"terminated\"\n" {
		t.Errorf("termination message %q, %v", message, err)
	}
}

func TestAGoProgramThatIsTheFirstProcessEndsWith2(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.2", "web-0")
	r := p.start(nil, "test-webserver")
	page(t, n, "http://10.244.0.2:80/")
	r.Signal(proc.SIGTERM)
	if code := r.wait(t); code != 2 {
		t.Errorf("exit code %d, want 2", code)
	}
}

func TestLogsGeneratorWritesNumberedLinesInKlogsFormat(t *testing.T) {
	t.Parallel()
	p := newPod(t, vnet.New(), "10.244.0.2", "web-0")
	got := p.run("logs-generator", "--log-lines-total", "3", "--run-duration", "3ms")
	line := `I\d{4} \d\d:\d\d:\d\d\.\d{6}       1 logs_generator.go:76\] %d (GET|POST|PUT) /api/v1/namespaces/(kube-system|default|ns)/pods/[a-z0-9]{3,4} [2-5]\d\d\n`
	want := regexp.MustCompile("^" + fmt.Sprintf(line+line+line, 0, 1, 2) + "$")
	if got.Code != 0 || got.Out != "" || !want.MatchString(got.Err) {
		t.Errorf("got %+v", got)
	}
	if got := p.run("logs-generator"); got.Code != 255 || !strings.Contains(got.Err, "Invalid total number of lines: 0") {
		t.Errorf("without flags: %+v", got)
	}
}

func TestConnectSaysWhyItFailed(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	dropped := netip.MustParseAddr("10.244.0.9")
	n.SetAllow(func(f vnet.Flow) bool { return f.To.Addr() != dropped })
	server := newPod(t, n, "10.244.0.3", "server")
	server.start(nil, "netexec")
	page(t, n, "http://10.244.0.3:8080/")
	p := newPod(t, n, "10.244.0.2", "client")
	for name, tc := range map[string]struct {
		args []string
		want result
	}{
		"it works":              {[]string{"10.244.0.3:8080"}, result{}},
		"nobody listens":        {[]string{"10.244.0.3:81"}, result{Err: "REFUSED\n", Code: 1}},
		"a policy drops it":     {[]string{"10.244.0.9:80", "--timeout=20ms"}, result{Err: "TIMEOUT\n", Code: 1}},
		"no such host":          {[]string{"10.244.0.77:80", "--timeout=1s"}, result{Err: "OTHER: dial tcp 10.244.0.77:80: connect: no route to host\n", Code: 1}},
		"no port":               {[]string{"10.244.0.3"}, result{Err: "UNKNOWN: address 10.244.0.3: missing port in address\n", Code: 1}},
		"a name nobody knows":   {[]string{"web:80"}, result{Err: "DNS: lookup web", Code: 1}},
		"UDP works":             {[]string{"10.244.0.3:8081", "--protocol=udp"}, result{}},
		"UDP without an answer": {[]string{"10.244.0.3:8081", "--protocol=udp", "--udp-data=what", "--timeout=20ms"}, result{Err: "TIMEOUT: read udp", Code: 1}},
		"UDP refused":           {[]string{"10.244.0.3:81", "--protocol=udp", "--timeout=5s"}, result{Err: "REFUSED: read udp", Code: 1}},
		"no SCTP":               {[]string{"10.244.0.3:81", "--protocol=sctp"}, result{Err: "OTHER: protocol not supported\n", Code: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			got := p.run(append([]string{"connect"}, tc.args...)...)
			if tc.want.Err != "" && !strings.HasSuffix(tc.want.Err, "\n") && strings.HasPrefix(got.Err, tc.want.Err) {
				got.Err = tc.want.Err // then come addresses, or what the resolver says
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
