package vnet

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"
)

// Listen is net.Listen on this host. The network is "tcp" or "tcp4"; the
// address names an address of the host, or none for all of them. When ctx ends
// the listener is closed and so is every stream it has accepted: a process that
// is gone holds no connections.
func (h *Host) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	bind, err := h.bindAddress(network, address)
	if err == nil {
		var l *listener
		if l, err = h.listen(bind); err == nil {
			l.watch(ctx)
			return l, nil
		}
	}
	return nil, &net.OpError{Op: "listen", Net: network, Addr: net.TCPAddrFromAddrPort(bind.addrPort()), Err: err}
}

func (h *Host) listen(bind socket) (*listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	bind, err := h.claim(bind, func(s socket) bool { _, taken := h.listeners[s]; return taken })
	if err != nil {
		return nil, err
	}
	l := &listener{host: h, bound: bind, accepted: map[*stream]struct{}{}, room: make(chan struct{})}
	l.changed.L = &l.mu
	h.listeners[bind] = l
	return l, nil
}

// backlog is how many streams wait to be accepted: net.core.somaxconn.
const backlog = 4096

// listener is a net.Listener of a host.
type listener struct {
	host  *Host
	bound socket

	mu       sync.Mutex
	changed  sync.Cond
	queue    []*stream
	room     chan struct{} // closed and replaced when a place in the queue gets free
	closed   bool
	accepted map[*stream]struct{}
	unwatch  func() bool
}

// watch ends the listener and its streams with ctx.
func (l *listener) watch(ctx context.Context) {
	stop := context.AfterFunc(ctx, l.abort)
	l.mu.Lock()
	l.unwatch = stop
	l.mu.Unlock()
}

// offer puts a stream into the queue. While that is full the client tries again
// as it does when nothing answers.
func (l *listener) offer(ctx context.Context, s *stream) error {
	limit := time.NewTimer(2 * lastRetry)
	defer limit.Stop()
	for {
		l.mu.Lock()
		if l.closed {
			l.mu.Unlock()
			return syscall.ECONNREFUSED
		}
		if len(l.queue) < backlog {
			l.queue = append(l.queue, s)
			l.changed.Signal()
			l.mu.Unlock()
			return nil
		}
		room := l.room
		l.mu.Unlock()
		select {
		case <-room:
		case <-limit.C:
			return syscall.ETIMEDOUT
		case <-ctx.Done():
			return ended(ctx.Err())
		}
	}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	for len(l.queue) == 0 && !l.closed {
		l.changed.Wait()
	}
	if l.closed {
		l.mu.Unlock()
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
	s := l.queue[0]
	l.queue[0] = nil
	if l.queue = l.queue[1:]; len(l.queue) == 0 {
		l.queue = nil
	}
	l.accepted[s] = struct{}{}
	l.freed()
	l.mu.Unlock()
	l.host.track(s)
	s.onEnd(func() { l.release(s) })
	return s, nil
}

// freed wakes who waits for a place in the queue. l.mu is held.
func (l *listener) freed() {
	close(l.room)
	l.room = make(chan struct{})
}

// release forgets a stream that has ended. With the last one of a closed
// listener there is nothing left that the context's end would change.
func (l *listener) release(s *stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.accepted, s)
	l.forget()
}

func (l *listener) forget() {
	if l.closed && len(l.accepted) == 0 && l.unwatch != nil {
		l.unwatch()
		l.unwatch = nil
	}
}

// abort closes the listener and what it has accepted.
func (l *listener) abort() {
	l.close()
	l.mu.Lock()
	all := make([]*stream, 0, len(l.accepted))
	for s := range l.accepted {
		all = append(all, s)
	}
	l.mu.Unlock()
	for _, s := range all {
		_ = s.Close()
	}
}

// Close implements net.Listener. Streams that nobody has accepted break.
func (l *listener) Close() error {
	if !l.close() {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
	return nil
}

func (l *listener) close() (first bool) {
	l.mu.Lock()
	first = !l.closed
	l.closed = true
	waiting := l.queue
	l.queue = nil
	if first {
		l.freed()
		l.changed.Broadcast()
		l.forget()
	}
	l.mu.Unlock()
	if !first {
		return false
	}
	l.host.mu.Lock()
	if l.host.listeners[l.bound] == l {
		delete(l.host.listeners, l.bound)
	}
	l.host.mu.Unlock()
	for _, s := range waiting {
		s.reset()
	}
	return true
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.bound.addrPort()) }
