package ingress

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// doors are what the controller listens on.
type doors struct {
	plain, secure netip.AddrPort // on this machine
	cancel        context.CancelFunc
	undo          []func()
	servers       []*http.Server
	serving       sync.WaitGroup
}

// headerLimit is how long a client may take to say what it wants.
const headerLimit = 60 * time.Second

// Addresses are where on this machine Ingresses are served with HTTP and HTTPS;
// invalid while there is no Ingress.
func (c *Controller) Addresses() (plain, secure netip.AddrPort) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.doors == nil {
		return
	}
	return c.doors.plain, c.doors.secure
}

// openDoors listens, unless it does already.
func (c *Controller) openDoors(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.doors != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	d := &doors{cancel: cancel}
	for _, way := range []struct {
		in    scheme
		port  uint16
		tries []uint16
		at    *netip.AddrPort
	}{
		{scheme{"http", "80"}, 80, c.cfg.HTTP, &d.plain},
		{scheme{"https", "443"}, 443, c.cfg.HTTPS, &d.secure},
	} {
		inside, err := c.cfg.Host.Listen(ctx, "tcp", net.JoinHostPort("", portText(way.port)))
		if err == nil {
			d.undo = append(d.undo, c.cfg.Node.Redirect(vnet.TCP, netip.Addr{}, way.port, netip.AddrPortFrom(c.cfg.Host.Addr(), way.port)))
			d.serve(c, inside, way.in)
			var outside net.Listener
			if outside, err = listenOnMachine(ctx, way.tries); err == nil {
				*way.at, err = netip.ParseAddrPort(outside.Addr().String())
				d.serve(c, outside, way.in)
			}
		}
		if err != nil {
			d.close()
			return err
		}
	}
	c.doors = d
	return nil
}

// listenOnMachine listens on the first port that it can, or on any.
func listenOnMachine(ctx context.Context, ports []uint16) (net.Listener, error) {
	var config net.ListenConfig
	for _, port := range ports {
		if l, err := config.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", portText(port))); err == nil {
			return l, nil
		}
	}
	l, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoDoor, err)
	}
	return l, nil
}

func (d *doors) serve(c *Controller, l net.Listener, in scheme) {
	server := &http.Server{Handler: c.handler(in), ReadHeaderTimeout: headerLimit, IdleTimeout: 75 * time.Second, ErrorLog: quiet(c.cfg.Logger)}
	d.servers = append(d.servers, server)
	d.serving.Go(func() {
		if in.name == "https" {
			server.TLSConfig = &tls.Config{GetCertificate: c.certificate}
			_ = server.ServeTLS(l, "", "")
			return
		}
		_ = server.Serve(l)
	})
}

func (c *Controller) closeDoors() {
	c.mu.Lock()
	d := c.doors
	c.doors = nil
	c.mu.Unlock()
	if d != nil {
		d.close()
	}
}

func (d *doors) close() {
	for _, undo := range d.undo {
		undo()
	}
	for _, s := range d.servers {
		_ = s.Close()
	}
	d.cancel()
	d.serving.Wait()
}

func portText(port uint16) string { return strconv.Itoa(int(port)) }
