package dns

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// Program is /coredns, over what the process knows of the cluster.
func Program(cluster *Cluster) proc.Program {
	return func(ctx context.Context, p *proc.Process) int {
		var mu sync.Mutex
		log := &logger{write: func(line string) {
			mu.Lock()
			defer mu.Unlock()
			_, _ = io.WriteString(p.Stdout, line)
		}}
		c := &coreDNS{process: p, cluster: cluster, log: log, file: "Corefile", metrics: newMetrics()}
		for i := 1; i < len(p.Args); i++ {
			switch flag := strings.TrimPrefix(strings.TrimPrefix(p.Args[i], "-"), "-"); {
			case flag == "conf" && i+1 < len(p.Args):
				i++
				c.file = p.Args[i]
			case strings.HasPrefix(flag, "conf="):
				c.file = strings.TrimPrefix(flag, "conf=")
			case flag == "version":
				fmt.Fprint(p.Stdout, c.version())
				return 0
			case flag == "quiet":
				c.quiet = true
			default:
				fmt.Fprintf(p.Stderr, "flag provided but not defined: -%s\n", flag)
				return 2
			}
		}
		return c.run(ctx)
	}
}

// coreDNS is one running server.
type coreDNS struct {
	process *proc.Process
	cluster *Cluster
	log     *logger
	file    string
	quiet   bool
	metrics *metrics

	down    atomic.Bool   // it is about to end
	queries chan struct{} // one for each query that is being answered
}

// maxQueries is how many queries are answered at a time; more wait.
const maxQueries = 256

func (c *coreDNS) version() string {
	number := imageVersion(c.process.Image)
	revision := sha512.Sum512([]byte(number))
	return fmt.Sprintf("CoreDNS-%s\nlinux/%s, go1.26.1, %.7s\n", number, runtime.GOARCH, hex.EncodeToString(revision[:]))
}

// imageVersion is the number in the tag: v1.14.6 is 1.14.6.
func imageVersion(i proc.Image) string {
	ref, _, _ := strings.Cut(i.Ref, "@")
	if at := strings.LastIndex(ref, ":v"); at > 0 {
		return ref[at+2:]
	}
	return i.Version
}

func (c *coreDNS) run(ctx context.Context) int {
	sigs := c.process.Notify(proc.SIGTERM, proc.SIGINT, proc.SIGUSR1)
	c.queries = make(chan struct{}, maxQueries)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fmt.Fprintf(c.process.Stdout, "maxprocs: Leaving GOMAXPROCS=%d: CPU quota undefined\n", 4)
	text, set, err := c.load()
	if err != nil {
		fmt.Fprintln(c.process.Stderr, err)
		return 1
	}
	c.start(ctx, set, text, true)
	end, err := c.apply(ctx, set)
	defer func() { end() }()
	if err != nil {
		fmt.Fprintln(c.process.Stderr, err)
		return 1
	}
	if !c.quiet {
		c.log.write(c.version())
	}
	failed := text // a Corefile that could not be used is not tried again
	for {
		var look <-chan time.Time
		var timer *time.Timer
		if set.reload > 0 {
			timer = time.NewTimer(set.reload)
			look = timer.C
		}
		select {
		case <-ctx.Done():
			return 0
		case sig := <-sigs:
			switch sig {
			case proc.SIGTERM:
				c.log.line("INFO", "SIGTERM: Shutting down servers then terminating")
				return c.shutDown(ctx, set)
			case proc.SIGINT:
				c.log.line("INFO", "SIGINT: Shutting down")
				return c.shutDown(ctx, set)
			}
			c.log.line("INFO", "SIGUSR1: Reloading")
		case <-look:
		}
		if timer != nil {
			timer.Stop()
		}
		now, next, err := c.load()
		if now == failed || now == "" {
			continue
		}
		failed = now
		c.log.line("INFO", "Reloading")
		if err == nil {
			end()
			if c.start(ctx, next, now, false); ctx.Err() != nil {
				return 0
			}
			if end, err = c.apply(ctx, next); err == nil {
				set = next
			} else { // what ran before takes its place again
				end()
				end, _ = c.apply(ctx, set)
			}
		}
		if err != nil {
			c.log.line("ERROR", "Restart failed: %v", err)
			c.log.plugin("reload", "ERROR", "Corefile changed but reload failed: %v", err)
			continue
		}
		c.log.line("INFO", "Reloading complete")
	}
}

// load reads and builds the Corefile.
func (c *coreDNS) load() (text string, _ *setting, _ error) {
	data, err := c.process.Files.ReadFile(c.process.Path(c.file))
	if err != nil {
		return "", nil, fmt.Errorf("loading Caddyfile via flag: %w", err)
	}
	text = string(data)
	blocks, err := parseCorefile(c.file, text)
	if err != nil {
		return text, nil, err
	}
	set, err := build(c.process, c.cluster, c.log, c.file, blocks)
	return text, set, err
}

// start does what comes before listening: it waits for the cluster, and says
// what it is going to serve.
func (c *coreDNS) start(ctx context.Context, set *setting, text string, first bool) {
	if set.kubernetes {
		c.awaitCluster(ctx)
	}
	if set.reload > 0 {
		defer c.log.plugin("reload", "INFO", "Running configuration SHA512 = %x", sha512.Sum512([]byte(text)))
	}
	if first && !c.quiet {
		for _, port := range set.ports {
			zones := slices.Sorted(slices.Values(set.zones[port]))
			for _, zone := range zones {
				c.log.write(zone + ":" + port + "\n")
			}
		}
	}
}

const (
	awaitLimit = 5 * time.Second
	awaitLog   = 500 * time.Millisecond
	awaitLook  = 100 * time.Millisecond
)

func (c *coreDNS) awaitCluster(ctx context.Context) {
	look, log, limit := time.NewTicker(awaitLook), time.NewTicker(awaitLog), time.NewTimer(awaitLimit)
	defer look.Stop()
	defer log.Stop()
	defer limit.Stop()
	for !c.cluster.HasSynced() {
		select {
		case <-look.C:
		case <-log.C:
			c.log.plugin("kubernetes", "INFO", "waiting for Kubernetes API before starting server")
		case <-limit.C:
			c.log.plugin("kubernetes", "WARNING", "starting server with unsynced Kubernetes API")
			return
		case <-ctx.Done():
			return
		}
	}
}

// listenError is said as CoreDNS says it.
type listenError struct{ err error }

func (e listenError) Error() string { return "Listen: " + e.err.Error() }

func (e listenError) Unwrap() error { return e.err }

// apply listens; the function it returns ends that, also after an error.
func (c *coreDNS) apply(ctx context.Context, set *setting) (end func(), _ error) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	end = func() {
		cancel()
		group.Wait()
	}
	for _, port := range set.ports {
		all := set.listen[port]
		packets, err := c.process.ListenPacket(ctx, "udp", ":"+port)
		if err != nil {
			return end, listenError{err}
		}
		group.Go(func() { c.servePackets(ctx, packets, all) })
		streams, err := c.process.Listen(ctx, "tcp", ":"+port)
		if err != nil {
			return end, listenError{err}
		}
		group.Go(func() { c.serveStreams(ctx, streams, all) })
	}
	for _, h := range []struct {
		address string
		handler http.Handler
	}{{set.health, c.healthPage()}, {set.ready, c.readyPage(set)}, {set.metrics, c.metrics.page(imageVersion(c.process.Image))}} {
		if h.address == "" {
			continue
		}
		l, err := c.process.Listen(ctx, "tcp", h.address)
		if err != nil {
			return end, err
		}
		server := &http.Server{Handler: h.handler, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, IdleTimeout: 5 * time.Second}
		group.Go(func() { _ = server.Serve(l) })
		context.AfterFunc(ctx, func() { _ = server.Close() })
	}
	return end, nil
}

func (c *coreDNS) shutDown(ctx context.Context, set *setting) int {
	c.down.Store(true)
	if set.lameduck > 0 && set.health != "" {
		c.log.plugin("health", "INFO", "Going into lameduck mode for %s", set.lameduck)
		proc.Sleep(ctx, set.lameduck)
	}
	return 0
}

func (c *coreDNS) healthPage() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK") })
	return mux
}

func (c *coreDNS) readyPage(set *setting) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		switch {
		case c.down.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "Shutting down")
		case set.kubernetes && !c.cluster.HasSynced():
			c.log.plugin("ready", "INFO", "Plugins not ready: %q", "kubernetes")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "kubernetes")
		default:
			_, _ = io.WriteString(w, "OK")
		}
	})
	return mux
}

// queryCost is the CPU time of one query in life.
const queryCost = 60 * time.Microsecond

func (c *coreDNS) answer(ctx context.Context, all servers, req *dns.Msg, client net.Addr, udp bool) *dns.Msg {
	begin := time.Now()
	_ = c.process.Usage.Spend(ctx, queryCost)
	m := all.answer(ctx, req, client)
	fit(req, m, udp)
	c.metrics.count(req, m, udp, time.Since(begin))
	return m
}

func (c *coreDNS) servePackets(ctx context.Context, conn net.PacketConn, all servers) {
	defer conn.Close()
	var group sync.WaitGroup
	defer group.Wait()
	buffer := make([]byte, 4096)
	for {
		n, from, err := conn.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		req := new(dns.Msg)
		if req.Unpack(buffer[:n]) != nil || req.Response {
			continue // not a question: nobody gets an answer
		}
		select {
		case c.queries <- struct{}{}:
		case <-ctx.Done():
			return
		}
		group.Go(func() {
			defer func() { <-c.queries }()
			if out, err := c.answer(ctx, all, req, from, true).Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		})
	}
}

// streamIdle is how long a TCP connection may be silent.
const streamIdle = 10 * time.Second

func (c *coreDNS) serveStreams(ctx context.Context, l net.Listener, all servers) {
	defer l.Close()
	var group sync.WaitGroup
	defer group.Wait()
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		group.Go(func() {
			defer conn.Close()
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			defer stop()
			stream := &dns.Conn{Conn: conn}
			for {
				_ = conn.SetReadDeadline(time.Now().Add(streamIdle))
				req, err := stream.ReadMsg()
				if err != nil || req.Response {
					return
				}
				if stream.WriteMsg(c.answer(ctx, all, req, conn.RemoteAddr(), false)) != nil {
					return
				}
			}
		})
	}
}
