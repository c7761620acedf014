package relay

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

const (
	// idle is how long a client's way is kept after its last datagram.
	idle = 60 * time.Second
	// maxClients is how many clients a relay of datagrams serves at a time;
	// what others send is lost.
	maxClients = 1000
	// maxPacket is the largest datagram, in bytes.
	maxPacket = 65507
)

// ServePackets passes the datagrams that come to a socket on, through a
// connection for each client that dial makes, and the answers back. It returns
// when the socket is closed; ctx ends what it has dialled.
func ServePackets(ctx context.Context, socket net.PacketConn, dial Dial) {
	ctx, cancel := context.WithCancel(ctx)
	r := &packets{socket: socket, ways: map[string]net.Conn{}}
	defer r.open.Wait()
	defer cancel()
	buffer := make([]byte, maxPacket)
	for {
		n, from, err := socket.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			if !pause(ctx, acceptAgain) {
				return
			}
			continue
		}
		if way := r.way(ctx, from, dial); way != nil {
			_ = way.SetReadDeadline(time.Now().Add(idle))
			_, _ = way.Write(buffer[:n]) // what nobody takes is lost, as in life
		}
	}
}

type packets struct {
	socket net.PacketConn
	open   sync.WaitGroup

	mu   sync.Mutex
	ways map[string]net.Conn // by client
}

// way returns a client's connection, or nil when none can be made.
func (r *packets) way(ctx context.Context, from net.Addr, dial Dial) net.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := from.String()
	if c := r.ways[key]; c != nil {
		return c
	}
	if len(r.ways) >= maxClients {
		return nil
	}
	c, err := dial(ctx)
	if err != nil {
		return nil
	}
	r.ways[key] = c
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	r.open.Go(func() {
		defer stop()
		r.answer(c, from)
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.ways, key)
	})
	return c
}

// answer passes answers back until the client has been silent for long.
func (r *packets) answer(c net.Conn, to net.Addr) {
	defer c.Close()
	buffer := make([]byte, maxPacket)
	for {
		n, err := c.Read(buffer)
		var timeout net.Error
		switch {
		case err == nil:
			_, _ = r.socket.WriteTo(buffer[:n], to)
		case errors.Is(err, net.ErrClosed), errors.As(err, &timeout) && timeout.Timeout():
			return
		}
		// Anything else is an ICMP error about one datagram.
	}
}
