package nginx

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// listening is the server with its open ports.
type listening struct {
	m       *master
	current atomic.Pointer[configuration]
	counts  counts

	mu      sync.Mutex
	sockets map[string]*http.Server // by address
}

// counts are what stub_status shows.
type counts struct {
	active   atomic.Int64
	accepted atomic.Int64
	requests atomic.Int64
}

func (m *master) listen(ctx context.Context, c *configuration) (*listening, error) {
	l := &listening{m: m, sockets: map[string]*http.Server{}}
	if err := l.reload(ctx, c); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// bindTries is how often nginx tries to bind, half a second apart.
const bindTries = 5

// reload opens the ports of a configuration that are not open yet, makes it the
// current one, and closes the ports that it does not have.
func (l *listening) reload(ctx context.Context, c *configuration) error {
	wanted := map[string]bool{} // address -> TLS
	for _, s := range c.servers {
		for _, one := range s.listens {
			wanted[one.address] = wanted[one.address] || one.tls
		}
	}
	opened := map[string]net.Listener{}
	for _, address := range slices.Sorted(maps.Keys(wanted)) {
		if l.sockets[address] != nil {
			continue
		}
		listener, err := l.bind(ctx, address)
		if err != nil {
			for _, o := range opened {
				_ = o.Close()
			}
			return err
		}
		opened[address] = listener
	}
	l.current.Store(c)
	l.mu.Lock()
	defer l.mu.Unlock()
	for address, s := range l.sockets {
		if _, ok := wanted[address]; !ok {
			_ = s.Close()
			delete(l.sockets, address)
		}
	}
	for address, listener := range opened {
		l.serve(address, listener, wanted[address])
	}
	return nil
}

func (l *listening) bind(ctx context.Context, address string) (net.Listener, error) {
	var err error
	for range bindTries {
		var listener net.Listener
		if listener, err = l.m.p.Listen(ctx, "tcp", address); err == nil {
			return listener, nil
		}
		shown := address
		if strings.HasPrefix(shown, ":") {
			shown = "0.0.0.0" + shown
		}
		l.m.logf("emerg", "bind() to %s failed (98: Address already in use)", shown)
		if !sleep(ctx, 500*time.Millisecond) {
			return nil, ctx.Err()
		}
	}
	return nil, err
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// serve answers on one port until the process ends or the port is closed.
// l.mu is held.
func (l *listening) serve(address string, listener net.Listener, secure bool) {
	_, port, _ := net.SplitHostPort(address)
	s := &http.Server{
		ErrorLog: log.New(io.Discard, "", 0),
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				l.counts.active.Add(1)
				l.counts.accepted.Add(1)
			case http.StateClosed, http.StateHijacked:
				l.counts.active.Add(-1)
			}
		},
		ReadHeaderTimeout: time.Minute,
		IdleTimeout:       65 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			l.counts.requests.Add(1)
			c := l.current.Load()
			x := &exchange{l: l, config: c, r: r, w: w, port: port, began: time.Now()}
			x.server = c.choose(port, r.Host)
			x.answer()
		}),
	}
	l.sockets[address] = s
	if secure {
		listener = tls.NewListener(listener, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return l.current.Load().choose(port, hello.ServerName).cert, nil
		}})
	}
	go func() { _ = s.Serve(listener) }() // the listener ends with the process
}

func (l *listening) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.sockets {
		_ = s.Close()
	}
}

// drain lets the requests under way end.
func (l *listening) drain(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.sockets {
		_ = s.Shutdown(ctx)
	}
}

// choose finds the server block for a port and a host name: by name, then the
// default one, then the first.
func (c *configuration) choose(port, host string) *server {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(host)
	var fallback, first, wildcard *server
	for _, s := range c.servers {
		for _, one := range s.listens {
			if !strings.HasSuffix(one.address, ":"+port) {
				continue
			}
			first = cmp.Or(first, s)
			if one.primary {
				fallback = cmp.Or(fallback, s)
			}
			for _, name := range s.names {
				if strings.EqualFold(name, host) {
					return s
				}
				if rest, ok := strings.CutPrefix(name, "*"); ok && strings.HasSuffix(host, rest) {
					wildcard = cmp.Or(wildcard, s)
				}
			}
		}
	}
	return cmp.Or(wildcard, fallback, first)
}

// find chooses the location of a path, in nginx's order: exact, the longest
// prefix if it forbids expressions, the first expression, the longest prefix.
func (s *server) find(path string) *location {
	var longest *location
	for _, l := range s.locations {
		switch {
		case l.named, l.pattern != nil:
		case l.modifier == "=":
			if l.path == path {
				return l
			}
		case strings.HasPrefix(path, l.path) && (longest == nil || len(l.path) > len(longest.path)):
			longest = l
		}
	}
	if longest != nil && longest.modifier == "^~" {
		return longest
	}
	for _, l := range s.locations {
		if l.pattern != nil && l.pattern.MatchString(path) {
			return l
		}
	}
	return longest
}
