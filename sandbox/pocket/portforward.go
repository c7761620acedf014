package pocket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// PortForward connects a client's stream to a port of the Pod, from inside the
// Pod: what listens on its loopback is reached too.
func (s streams) PortForward(ctx context.Context, sandboxID string, port int32, client io.ReadWriteCloser) error {
	box, err := s.readySandbox(sandboxID)
	if err != nil {
		return fmt.Errorf("failed to find sandbox %q: %w", sandboxID, err)
	}
	conn, err := box.host.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
	if err != nil {
		if op := (*net.OpError)(nil); errors.As(err, &op) {
			op.Net = "tcp4" // as it was asked for
		}
		return fmt.Errorf("failed to execute portforward in network namespace %q: failed to connect to localhost:%d inside namespace %q, "+
			"IPv4: %v IPv6 dial tcp6 [::1]:%d: connect: connection refused ", "/var/run/netns/cni-"+box.id[:8], port, sandboxID, err, port)
	}
	defer conn.Close()
	ends := make(chan error, 2)
	go func() {
		_, err := io.Copy(client, conn)
		ends <- err
	}()
	go func() { // ends with the client's stream, which its server closes after this
		_, err := io.Copy(conn, client)
		if half, ok := conn.(interface{ CloseWrite() error }); ok && err == nil {
			err = half.CloseWrite()
		}
		ends <- err
	}()
	select {
	case err = <-ends:
	case <-ctx.Done():
		return ctx.Err()
	}
	// The other direction may have something left, for as long as containerd waits.
	rest := time.NewTimer(time.Second)
	defer rest.Stop()
	select {
	case e := <-ends:
		if err == nil {
			err = e
		}
	case <-rest.C:
	}
	if err != nil {
		return fmt.Errorf("failed to execute portforward in network namespace %q: %w", "/var/run/netns/cni-"+box.id[:8], err)
	}
	return nil
}
