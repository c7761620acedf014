// Package proctest runs programs of the sandbox in tests, without a container
// runtime and without Kubernetes.
package proctest

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Pod is a container with an address of its own.
type Pod struct {
	*proc.Container
	t *testing.T
}

// New makes a container at an address of a network. Of its image only the
// version is set, and the programs that it can find.
func New(t *testing.T, n *vnet.Network, address, version string, programs map[string]proc.Program) *Pod {
	t.Helper()
	host, err := n.AddHost(netip.MustParseAddr(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	return &Pod{t: t, Container: &proc.Container{
		Files: files.New(), Net: host, Hostname: "web-0", Table: proc.NewTable(), Usage: proc.NewUsage(nil),
		Image: proc.Image{Ref: "example.com/test:" + version, Version: version, LookUp: func(name string) (proc.Program, bool) {
			p, ok := programs[name]
			return p, ok
		}},
	}}
}

// Running is a program that was started.
type Running struct {
	*proc.Process
	Out, Err *Output
	t        *testing.T
	code     chan int
	kill     context.CancelFunc
}

// Start runs a program until it ends or the test does.
func (p *Pod) Start(program proc.Program, env map[string]string, args ...string) *Running {
	p.t.Helper()
	if env == nil {
		env = map[string]string{}
	}
	ctx, kill := context.WithCancel(context.Background())
	r := &Running{Process: p.NewProcess(args, env, "/"), Out: &Output{}, Err: &Output{}, t: p.t, code: make(chan int, 1), kill: kill}
	r.Stdout, r.Stderr = r.Out, r.Err
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.code <- r.Run(ctx, program)
	}()
	p.t.Cleanup(func() {
		kill()
		<-done
	})
	return r
}

// Kill ends the program as SIGKILL does: it is not asked.
func (r *Running) Kill() { r.kill() }

// limit is how long a test waits for what must happen.
const limit = 20 * time.Second

// Wait returns the exit code.
func (r *Running) Wait() int {
	r.t.Helper()
	select {
	case code := <-r.code:
		r.code <- code
		return code
	case <-time.After(limit):
		r.t.Fatalf("%v did not end within %s; it said:\n%s%s", r.Args, limit, r.Out, r.Err)
		return 0
	}
}

// Until waits for a text in what the program prints.
func (r *Running) Until(text string) {
	r.t.Helper()
	for deadline := time.Now().Add(limit); ; {
		changedOut, changedErr := r.Out.changed(), r.Err.changed()
		if strings.Contains(r.Out.String(), text) || strings.Contains(r.Err.String(), text) {
			return
		}
		select {
		case <-changedOut:
		case <-changedErr:
		case <-time.After(time.Until(deadline)):
			r.t.Fatalf("%v did not print %q; it said:\n%s%s", r.Args, text, r.Out, r.Err)
		}
	}
}

// Client is an HTTP client at this Pod's address.
func (p *Pod) Client() *http.Client {
	c := &http.Client{
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return p.Net.DialContext(ctx, network, address)
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       limit,
	}
	p.t.Cleanup(c.CloseIdleConnections)
	return c
}

// Output collects what a program prints.
type Output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
	wake   chan struct{}
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wake != nil {
		close(o.wake)
		o.wake = nil
	}
	return o.buffer.Write(p)
}

// String is everything so far.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

func (o *Output) changed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wake == nil {
		o.wake = make(chan struct{})
	}
	return o.wake
}

// Get asks for a page and returns the answer, its body already read and closed,
// and the body.
func Get(t *testing.T, c *http.Client, url string) (*http.Response, string) {
	t.Helper()
	answer, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}
