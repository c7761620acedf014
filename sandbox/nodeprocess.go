package sandbox

import (
	"bufio"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// The states of a further node's process.
const (
	nodeStopped  = "stopped"
	nodeStarting = "starting"
	nodeRunning  = "running"
	nodeFailed   = "failed" // it ended by itself, and is started again in a while
)

const (
	// nodeStartLimit is how long a node may take to be ready.
	nodeStartLimit = time.Minute
	// A node whose process ends by itself is started again, sooner at first.
	firstRestart = time.Second
	lastRestart  = 30 * time.Second
)

// nodeProcess is a further node and the process that plays it.
type nodeProcess struct {
	nodes *nodes
	name  string
	index int

	mu      sync.Mutex
	kept    nodeRecord
	peers   []nodeRoute
	now     string // its state
	fault   error  // why it failed last
	report  nodeReport
	pid     int
	orders  io.WriteCloser // of the process, nil without one
	end     context.CancelFunc
	ended   chan struct{} // closed when nothing runs for it any more
	changed chan struct{} // closed and replaced when the state changes
}

func newNodeProcess(n *nodes, r nodeRecord) *nodeProcess {
	return &nodeProcess{nodes: n, name: r.Name, index: r.Index, kept: r, now: nodeStopped, changed: make(chan struct{})}
}

func (p *nodeProcess) record() nodeRecord {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept
}

// remember notes whether the node is to run, for the sandbox's next start too.
func (p *nodeProcess) remember(stopped bool) error {
	p.mu.Lock()
	r := p.kept
	p.mu.Unlock()
	r.Stopped = stopped
	if err := p.nodes.write(r); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = r
	return nil
}

// set changes the state and tells of it.
func (p *nodeProcess) set(change func()) {
	p.mu.Lock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
	p.nodes.changed()
}

// start begins to run the node; a node that runs already goes on.
func (p *nodeProcess) start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end != nil {
		return
	}
	var ctx context.Context
	ctx, p.end = context.WithCancel(context.Background())
	p.ended = make(chan struct{})
	p.now, p.fault, p.report = nodeStarting, nil, nodeReport{}
	go p.supervise(ctx, p.ended)
}

// stop kills the process and returns when it is gone.
func (p *nodeProcess) stop() {
	p.mu.Lock()
	end, ended := p.end, p.ended
	p.mu.Unlock()
	if end == nil {
		return
	}
	end()
	<-ended
	p.set(func() { p.end, p.now, p.fault = nil, nodeStopped, nil })
}

// supervise runs the process, again when it ends by itself, until ctx ends.
func (p *nodeProcess) supervise(ctx context.Context, ended chan<- struct{}) {
	defer close(ended)
	p.nodes.changed()
	wait := firstRestart
	for {
		began := time.Now()
		err := p.run(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > lastRestart {
			wait = firstRestart
		}
		p.nodes.log.Error("a node ended by itself", "node", p.name, "err", err, "again in", wait)
		p.set(func() { p.now, p.fault = nodeFailed, err })
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		wait = min(2*wait, lastRestart)
		p.set(func() { p.now, p.report = nodeStarting, nodeReport{} })
	}
}

// run runs the process once, until it or ctx ends.
func (p *nodeProcess) run(ctx context.Context) error {
	orders, err := p.prepare(ctx)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, "node", "--dir", orders.Dir, "--name", p.name) // killed when ctx ends
	cmd.Dir = orders.Dir
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	said := &lastWords{}
	cmd.Stderr = said
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the process of the node %s: %w", p.name, err)
	}
	p.mu.Lock()
	p.pid, p.orders = cmd.Process.Pid, in
	orders.Peers = p.peers // they may have changed meanwhile
	err = json.NewEncoder(in).Encode(orders)
	p.mu.Unlock()
	if err == nil {
		p.follow(out)
	}
	p.mu.Lock()
	p.pid, p.orders = 0, nil
	p.mu.Unlock()
	p.nodes.setKubelet(p.record().address(), 0)
	_ = in.Close()
	if failed := cmd.Wait(); failed != nil {
		err = failed
	}
	if text := said.String(); text != "" {
		err = errors.Join(err, errors.New(text))
	}
	return err
}

// follow reads what the process reports until it is gone.
func (p *nodeProcess) follow(out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var report nodeReport
		if json.Unmarshal(lines.Bytes(), &report) == nil && report.BootID != "" {
			p.nodes.setKubelet(p.record().address(), report.Port)
			p.set(func() { p.now, p.fault, p.report = nodeRunning, nil, report })
		}
	}
}

// setPeers tells the process of the ways to other nodes.
func (p *nodeProcess) setPeers(peers []nodeRoute) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.peers = peers
	if p.orders != nil {
		// A process that is just ending does not read it any more.
		_ = json.NewEncoder(p.orders).Encode(nodeOrders{Peers: peers})
	}
}

// prepare makes what the process needs before it starts.
func (p *nodeProcess) prepare(ctx context.Context) (nodeOrders, error) {
	n := p.nodes
	r := p.record()
	spec := nodeSpec{Name: r.Name, Address: r.address(), PodCIDR: r.podCIDR(), Dir: filepath.Join(n.dir, r.Name)}
	dir := filepath.Join(spec.Dir, "pki")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nodeOrders{}, fmt.Errorf("make the folder of a node's certificates: %w", err)
	}
	user := pkix.Name{CommonName: "system:node:" + r.Name, Organization: []string{"system:nodes"}}
	client, err := loadLeaf(dir, "node", n.certs.ca, &x509.Certificate{
		Subject: user, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nodeOrders{}, err
	}
	serve, err := loadLeaf(dir, "kubelet", n.certs.ca, &x509.Certificate{
		Subject: user, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{r.Name}, IPAddresses: []net.IP{r.address().AsSlice()},
	})
	if err != nil {
		return nodeOrders{}, err
	}
	if err := register(ctx, n.client, spec); err != nil {
		return nodeOrders{}, err
	}
	return nodeOrders{
		Name: spec.Name, Address: spec.Address, PodCIDR: spec.PodCIDR, Dir: spec.Dir,
		Server: n.server, CA: n.certs.ca.certFile, Client: client.files(), Serve: serve.files(), Agent: n.certs.admin.files(),
		Socket: n.socket(r.Index),
	}, nil
}

// waitReady returns when the node's kubelet of this run has reported it ready.
func (p *nodeProcess) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, nodeStartLimit,
		fmt.Errorf("the node %s was not ready within %s; see the logs in %s", p.name, nodeStartLimit, filepath.Join(p.nodes.dir, p.name, "logs")))
	defer cancel()
	for {
		p.mu.Lock()
		state, fault, report, changed := p.now, p.fault, p.report, p.changed
		p.mu.Unlock()
		switch state {
		case nodeRunning:
			err := waitNodeReady(ctx, p.nodes.client, p.name, report.BootID)
			if err != nil && ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return err
		case nodeFailed:
			return fmt.Errorf("the node %s does not start: %w", p.name, fault)
		case nodeStopped:
			return fmt.Errorf("the node %s was stopped", p.name)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// lastWords keeps the end of what a process printed.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

// maxLastWords is how much of it is kept, in bytes.
const maxLastWords = 2 << 10

// Write implements io.Writer.
func (l *lastWords) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	l.text = l.text[max(0, len(l.text)-maxLastWords):]
	return len(p), nil
}

func (l *lastWords) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
