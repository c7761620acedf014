package proving

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// proxy passes connections on to an API server until it is cut, and again
// once it is mended. To who stands before it the API server is away: open
// connections end, new ones are refused.
type proxy struct {
	to     string // host:port
	addr   string // where it listens, cut or not
	ctx    context.Context
	stop   context.CancelFunc
	served sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while cut
	open     map[net.Conn]bool
}

func newProxy(ctx context.Context, to string) (*proxy, error) {
	p := &proxy{to: to, open: map[net.Conn]bool{}}
	p.ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("listen for a tutor: %w", err)
	}
	p.addr = l.Addr().String()
	p.serve(l)
	return p, nil
}

func (p *proxy) serve(l net.Listener) {
	p.mu.Lock()
	p.listener = l
	p.mu.Unlock()
	p.served.Go(func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return // it was closed
			}
			p.served.Go(func() { p.pass(from) })
		}
	})
}

// pass carries one connection until one of its ends, or the proxy, closes it.
func (p *proxy) pass(from net.Conn) {
	defer from.Close()
	var dialer net.Dialer
	to, err := dialer.DialContext(p.ctx, "tcp", p.to)
	if err != nil {
		return
	}
	defer to.Close()
	if !p.keep(from, to) {
		return
	}
	defer p.drop(from, to)
	var both sync.WaitGroup
	carry := func(to, from net.Conn) {
		// Whatever ends one direction ends the connection: an API server's
		// clients close neither half alone.
		_, _ = io.Copy(to, from)
		from.Close()
		to.Close()
	}
	both.Go(func() { carry(to, from) })
	both.Go(func() { carry(from, to) })
	both.Wait()
}

// keep remembers connections that a cut must end; not while there is one.
func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		return false
	}
	for _, c := range conns {
		p.open[c] = true
	}
	return true
}

func (p *proxy) drop(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		delete(p.open, c)
	}
}

// cut takes the API server away.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
	for c := range p.open {
		c.Close()
	}
}

// mend brings the API server back to the same address.
func (p *proxy) mend() error {
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		return fmt.Errorf("bring the API server back: %w", err)
	}
	p.serve(l)
	return nil
}

func (p *proxy) close() {
	p.stop()
	p.cut()
	p.served.Wait()
}

// errNoServer is what a kubeconfig lacks that nothing can stand before.
var errNoServer = errors.New("the kubeconfig names no API server")
