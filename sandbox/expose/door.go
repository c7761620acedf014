package expose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"

	v1 "k8s.io/api/core/v1"

	"github.com/k8stutor/k8stutor/sandbox/relay"
)

// door is a port of this machine that leads to a Service.
type door struct {
	host  netip.AddrPort
	fault error // why there is no such port; the rest is empty then

	listener io.Closer
	end      context.CancelFunc // of its connections
	ended    chan struct{}
}

// firstFree is the lowest port that an ordinary user may listen on.
const firstFree = 1024

// shift is added to a load balancer's port that is below firstFree: 80 becomes
// 20080.
const shift = 20000

// candidates are the ports to try on this machine, in order; 0 is any.
func candidates(w want) []uint16 {
	port := w.to.Port()
	switch {
	case w.kind == NodePort:
		return []uint16{port} // a node port is known by its number
	case port < firstFree:
		return []uint16{shift + port, 0}
	}
	return []uint16{port, 0}
}

// openDoor opens a door, or says in it why it cannot.
func (e *Exposer) openDoor(ctx context.Context, w want) *door {
	var faults []error
	for _, port := range candidates(w) {
		d, err := e.listen(ctx, w, port)
		if err == nil {
			return d
		}
		faults = append(faults, err)
	}
	return &door{fault: faults[0]}
}

func (e *Exposer) listen(ctx context.Context, w want, port uint16) (*door, error) {
	ctx, cancel := context.WithCancel(ctx)
	d := &door{end: cancel, ended: make(chan struct{})}
	address := net.JoinHostPort("127.0.0.1", portText(port))
	protocol := strings.ToLower(string(w.protocol))
	dial := func(ctx context.Context) (net.Conn, error) {
		return e.cfg.From.DialContext(ctx, protocol, w.to.String())
	}
	var serve func()
	var at net.Addr
	var err error
	switch w.protocol {
	case v1.ProtocolUDP:
		var socket net.PacketConn
		if socket, err = net.ListenPacket("udp4", address); err == nil {
			d.listener, at, serve = socket, socket.LocalAddr(), func() { relay.ServePackets(ctx, socket, dial) }
		}
	default:
		var l net.Listener
		if l, err = net.Listen("tcp4", address); err == nil {
			d.listener, at, serve = l, l.Addr(), func() { relay.Serve(ctx, l, dial) }
		}
	}
	if err != nil {
		cancel()
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("another program on this machine listens on %s/%s", address, protocol)
		}
		return nil, fmt.Errorf("listen on this machine: %w", err)
	}
	if d.host, err = netip.ParseAddrPort(at.String()); err != nil {
		cancel()
		return nil, errors.Join(err, d.listener.Close())
	}
	go func() {
		defer close(d.ended)
		serve()
	}()
	return d, nil
}

// close closes the port and ends its connections.
func (d *door) close() {
	if d.listener == nil {
		return
	}
	_ = d.listener.Close()
	d.end()
	<-d.ended
}
