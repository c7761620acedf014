// Package relay joins connections of two networks: those that come to a
// listener with those that it dials. It knows nothing of what they carry.
package relay

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Dial makes the connection that an accepted one is joined with.
type Dial func(context.Context) (net.Conn, error)

// acceptAgain is how long to wait when a connection could not be accepted,
// because too many files are open most likely.
const acceptAgain = 100 * time.Millisecond

// Serve joins each connection that the listener accepts with one that dial
// makes. It returns when the listener is closed and every connection has ended;
// those that are open end with ctx. Where dial fails the client meets a reset.
func Serve(ctx context.Context, l net.Listener, dial Dial) {
	var open sync.WaitGroup
	defer open.Wait()
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			if !pause(ctx, acceptAgain) {
				return
			}
			continue
		}
		open.Go(func() { serve(ctx, c, dial) })
	}
}

func serve(ctx context.Context, c net.Conn, dial Dial) {
	to, err := dial(ctx)
	if err != nil {
		reset(c)
		return
	}
	stop := context.AfterFunc(ctx, func() {
		_ = c.Close()
		_ = to.Close()
	})
	defer stop()
	Join(c, to)
}

func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// reset makes the other side see a reset, where there is a way to.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// Join copies both ways until both have ended or one has broken, and closes
// both. The end of one direction is passed on while the other goes on; a broken
// connection breaks the other.
func Join(a, b net.Conn) {
	var both sync.WaitGroup
	pass := func(to, from net.Conn) {
		if _, err := io.Copy(to, from); err != nil {
			reset(to)
			reset(from)
			return
		}
		if half, ok := to.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}
	both.Go(func() { pass(a, b) })
	both.Go(func() { pass(b, a) })
	both.Wait()
	_ = a.Close()
	_ = b.Close()
}
