package pocket

import (
	"sync"
)

// ports records which port of a Pod which program listens on. The containers
// of a Pod share its address, so they share this too.
type ports struct {
	mu        sync.Mutex
	listeners map[int]listener
}

type listener struct {
	owner *task
	serve httpFunc // nil when the program does not speak HTTP
}

// httpFunc answers a request for path with a status code and a body.
type httpFunc func(path string) (code int, body string)

func newPorts() *ports { return &ports{listeners: map[int]listener{}} }

// listen claims a port; false means that it is in use.
func (p *ports) listen(port int, owner *task, serve httpFunc) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, taken := p.listeners[port]; taken {
		return false
	}
	p.listeners[port] = listener{owner: owner, serve: serve}
	return true
}

// release gives back what a container's programs claimed: they share the
// container's termination, which tells them from those of other containers.
func (p *ports) release(owner *task) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for port, l := range p.listeners {
		if l.owner.term == owner.term {
			delete(p.listeners, port)
		}
	}
}

func (p *ports) find(port int) (listener, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.listeners[port]
	return l, ok
}

// serveFiles answers like a web server with only its welcome page.
func serveFiles(server string) httpFunc {
	return func(path string) (int, string) {
		switch path {
		case "", "/", "/index.html":
			return 200, "<html><head><title>Welcome to " + server + "</title></head></html>\n"
		case "/50x.html":
			return 200, "<html><head><title>Error</title></head></html>\n"
		}
		return 404, "<html><head><title>404 Not Found</title></head></html>\n"
	}
}
