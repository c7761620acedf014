package vnet

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

// bed is a network with two hosts.
type bed struct {
	network *Network
	a, b    *Host
}

func newBed(t testing.TB) bed {
	t.Helper()
	n := New()
	return bed{n, addHost(t, n, "10.244.0.2"), addHost(t, n, "10.244.0.3")}
}

func addHost(t testing.TB, n *Network, addr string) *Host {
	t.Helper()
	h, err := n.AddHost(netip.MustParseAddr(addr))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func listen(t testing.TB, ctx context.Context, h *Host, address string) net.Listener {
	t.Helper()
	l, err := h.Listen(ctx, "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// pair opens a stream from a to b, port 80.
func (b bed) pair(t testing.TB, ctx context.Context) (client, server net.Conn) {
	t.Helper()
	l := listen(t, ctx, b.b, ":80")
	client, err := b.a.DialContext(t.Context(), "tcp", "10.244.0.3:80")
	if err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return client, server
}

func TestStreamsBehaveAsNetConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		b := newBed(t)
		c1, c2 = b.pair(t, t.Context())
		return c1, c2, func() { b.a.Close(); b.b.Close() }, nil
	})
}

func TestDialFailsAsPackageNetDoes(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for name, test := range map[string]struct {
		address string
		want    string
		is      error
	}{
		"nobody listens":        {"10.244.0.3:81", "dial tcp 10.244.0.3:81: connect: connection refused", syscall.ECONNREFUSED},
		"nobody at home":        {"localhost:81", "dial tcp 127.0.0.1:81: connect: connection refused", syscall.ECONNREFUSED},
		"nobody has it":         {"10.244.0.9:80", "dial tcp 10.244.0.9:80: connect: no route to host", syscall.EHOSTUNREACH},
		"a name":                {"web:80", "dial tcp: lookup web: no such host", nil},
		"a port that is no one": {"10.244.0.3:x", "dial tcp: address x: invalid port", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := b.a.DialContext(t.Context(), "tcp", test.address)
			if err == nil || err.Error() != test.want {
				t.Errorf("%v, want %s", err, test.want)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
		})
	}
}

func TestADroppedDialTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		b.network.SetAllow(func(Flow) bool { return false })
		began := time.Now()
		_, err := b.a.DialContext(t.Context(), "tcp", "10.244.0.3:80")
		if !errors.Is(err, syscall.ETIMEDOUT) || time.Since(began) != 127*time.Second {
			t.Errorf("%v after %s, want ETIMEDOUT after 127s", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err = b.a.DialContext(ctx, "tcp", "10.244.0.3:80")
		if e := net.Error(nil); !errors.As(err, &e) || !e.Timeout() || !strings.HasSuffix(err.Error(), ": i/o timeout") {
			t.Errorf("with a deadline: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if _, err = b.a.DialContext(ctx, "tcp", "10.244.0.3:80"); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

func TestAClientGetsThroughWhenThePolicyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		listen(t, t.Context(), b.b, ":80")
		b.network.SetAllow(func(Flow) bool { return false })
		time.AfterFunc(10*time.Second, func() { b.network.SetAllow(func(Flow) bool { return true }) })
		began := time.Now()
		c, err := b.a.DialContext(t.Context(), "tcp", "10.244.0.3:80")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if took := time.Since(began); took != 15*time.Second { // 1 + 2 + 4 + 8
			t.Errorf("it got through after %s, want 15s", took)
		}
	})
}

func TestClose(t *testing.T) {
	t.Parallel()
	read := func(c net.Conn) (string, error) {
		text, err := io.ReadAll(c)
		return string(text), err
	}
	for name, test := range map[string]func(t *testing.T, b bed, client, server net.Conn, end context.CancelFunc){
		"the other side reads the rest and then EOF": func(t *testing.T, _ bed, client, server net.Conn, _ context.CancelFunc) {
			_, _ = server.Write([]byte("bye"))
			_ = server.Close()
			if text, err := read(client); text != "bye" || err != nil {
				t.Errorf("%q, %v", text, err)
			}
			if _, err := client.Write([]byte("more")); !errors.Is(err, syscall.EPIPE) {
				t.Errorf("write: %v", err)
			}
		},
		"unread data resets, after what was sent": func(t *testing.T, _ bed, client, server net.Conn, _ context.CancelFunc) {
			_, _ = client.Write([]byte("unread"))
			_, _ = server.Write([]byte("bye"))
			_ = server.Close()
			text, err := read(client)
			if text != "bye" || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%q, %v", text, err)
			}
			if want := "read tcp " + client.LocalAddr().String() + "->10.244.0.3:80: read: connection reset by peer"; err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		},
		"half of it lets the answer through": func(t *testing.T, _ bed, client, server net.Conn, _ context.CancelFunc) {
			_, _ = client.Write([]byte("request"))
			if err := client.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if text, err := read(server); text != "request" || err != nil {
				t.Errorf("the server read %q, %v", text, err)
			}
			if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
				t.Errorf("write after half a close: %v", err)
			}
			_, _ = server.Write([]byte("answer"))
			_ = server.Close()
			if text, err := read(client); text != "answer" || err != nil {
				t.Errorf("the client read %q, %v", text, err)
			}
		},
		"twice is an error": func(t *testing.T, _ bed, client, _ net.Conn, _ context.CancelFunc) {
			if err := client.Close(); err != nil {
				t.Error(err)
			}
			if err := client.Close(); !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
			if err := client.SetDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		},
		"of the host resets the peer": func(t *testing.T, b bed, client, server net.Conn, _ context.CancelFunc) {
			b.b.Close()
			if _, err := read(client); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("read: %v", err)
			}
			if _, err := client.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("write: %v", err)
			}
			if err := client.Close(); err != nil {
				t.Errorf("its owner closes what is broken: %v", err)
			}
			if _, err := read(server); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the server's own side: %v", err)
			}
			if _, err := b.b.DialContext(t.Context(), "tcp", "10.244.0.2:80"); !errors.Is(err, syscall.ENETDOWN) {
				t.Errorf("dial from a closed host: %v", err)
			}
			if _, err := b.b.Listen(t.Context(), "tcp", ":80"); !errors.Is(err, syscall.ENETDOWN) {
				t.Errorf("listen on a closed host: %v", err)
			}
		},
		"of the process ends its connections": func(t *testing.T, b bed, client, server net.Conn, end context.CancelFunc) {
			end()
			if text, err := read(client); text != "" || err != nil {
				t.Errorf("%q, %v, want EOF", text, err)
			}
			if _, err := read(server); !errors.Is(err, net.ErrClosed) {
				t.Errorf("the process itself: %v", err)
			}
			if _, err := b.a.DialContext(t.Context(), "tcp", "10.244.0.3:80"); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("dial: %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			ctx, end := context.WithCancel(t.Context())
			defer end()
			client, server := b.pair(t, ctx)
			test(t, b, client, server, end)
		})
	}
}

func TestADialledConnectionEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"tcp", "udp"} {
		b := newBed(t)
		listen(t, t.Context(), b.b, ":80")
		life, end := context.WithCancel(t.Context())
		c, err := b.a.DialContext(t.Context(), network, "10.244.0.3:80")
		if err != nil {
			t.Fatal(err)
		}
		End(life, c)
		end()
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: read: %v", network, err)
		}
	}
}

func TestNothingIsKeptOfWhatHasEnded(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	l := listen(t, t.Context(), b.b, ":80")
	for range 100 {
		client, err := b.a.DialContext(t.Context(), "tcp", "10.244.0.3:80")
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		_ = client.Close()
		_ = server.Close()
	}
	if got := append(b.a.Sockets(), b.b.Sockets()...); len(got) != 1 || got[0].State != Listening {
		t.Errorf("open: %+v", got)
	}
	if n := len(l.(*listener).accepted); n != 0 {
		t.Errorf("the listener remembers %d streams", n)
	}
}

func TestListenersShareNoPort(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	l := listen(t, t.Context(), b.b, "127.0.0.1:80")
	_, err := b.b.Listen(t.Context(), "tcp", ":80")
	if want := "listen tcp 0.0.0.0:80: bind: address already in use"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	_, err = b.b.Listen(t.Context(), "tcp", "10.244.0.9:80")
	if want := "listen tcp 10.244.0.9:80: bind: cannot assign requested address"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	listen(t, t.Context(), b.b, "10.244.0.3:80")
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	listen(t, t.Context(), b.b, "127.0.0.1:80")
	free := listen(t, t.Context(), b.b, ":0").Addr().(*net.TCPAddr).Port
	if free < firstEphemeral || free > lastEphemeral {
		t.Errorf("port %d for 0", free)
	}
}

func TestLoopbackStaysInTheHost(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	listen(t, t.Context(), b.b, "127.0.0.1:80")
	if _, err := b.a.DialContext(t.Context(), "tcp", "10.244.0.3:80"); !IsRefused(err) {
		t.Errorf("from another host: %v", err)
	}
	if _, err := b.a.DialContext(t.Context(), "tcp", "localhost:80"); !IsRefused(err) {
		t.Errorf("another host's loopback: %v", err)
	}
	c, err := b.b.DialContext(t.Context(), "tcp", "localhost:80")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.LocalAddr().(*net.TCPAddr).IP.String(); got != "127.0.0.1" {
		t.Errorf("it comes from %s", got)
	}
}

func TestTranslationIsNotSeenByTheClient(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	l := listen(t, t.Context(), b.b, ":8080")
	b.network.SetTranslate(func(f Flow) (Flow, error) {
		switch f.To.String() {
		case "10.96.0.5:80":
			f.To = netip.MustParseAddrPort("10.244.0.3:8080")
			f.From = netip.AddrPortFrom(netip.MustParseAddr("192.168.49.2"), f.From.Port())
		case "10.96.0.6:80":
			return f, syscall.ECONNREFUSED
		}
		return f, nil
	})
	client, err := b.a.DialContext(t.Context(), "tcp", "10.96.0.5:80")
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if got := client.RemoteAddr().String(); got != "10.96.0.5:80" {
		t.Errorf("the client talks to %s", got)
	}
	if got := client.LocalAddr().(*net.TCPAddr).IP.String(); got != "10.244.0.2" {
		t.Errorf("the client is %s", got)
	}
	if got := server.RemoteAddr().(*net.TCPAddr).IP.String(); got != "192.168.49.2" {
		t.Errorf("the server sees %s", got)
	}
	if got := server.LocalAddr().String(); got != "10.244.0.3:8080" {
		t.Errorf("the server is %s", got)
	}
	_, err = b.a.DialContext(t.Context(), "tcp", "10.96.0.6:80")
	if want := "dial tcp 10.96.0.6:80: connect: connection refused"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestHostPorts(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	node := addHost(t, b.network, "192.168.49.2")
	listen(t, t.Context(), b.b, ":80")
	undo := node.Redirect(TCP, netip.MustParseAddr("127.0.0.1"), 8080, netip.MustParseAddrPort("10.244.0.3:80"))
	if c, err := node.DialContext(t.Context(), "tcp", "127.0.0.1:8080"); err != nil {
		t.Errorf("on loopback: %v", err)
	} else if got := c.RemoteAddr().String(); got != "127.0.0.1:8080" {
		t.Errorf("the client talks to %s", got)
	}
	if _, err := b.a.DialContext(t.Context(), "tcp", "192.168.49.2:8080"); !IsRefused(err) {
		t.Errorf("a port of loopback from elsewhere: %v", err)
	}
	newer := node.Redirect(TCP, netip.Addr{}, 8080, netip.MustParseAddrPort("10.244.0.3:80"))
	for _, h := range []*Host{b.a, b.b, node} {
		if _, err := h.DialContext(t.Context(), "tcp", "192.168.49.2:8080"); err != nil {
			t.Errorf("from %s: %v", h.Addr(), err)
		}
	}
	undo()
	newer()
	if _, err := node.DialContext(t.Context(), "tcp", "127.0.0.1:8080"); !IsRefused(err) {
		t.Errorf("after it was taken back: %v", err)
	}
}

func TestOtherNodes(t *testing.T) {
	t.Parallel()
	one, two := New(), New()
	client, server := addHost(t, one, "10.244.0.2"), addHost(t, two, "10.244.1.2")
	node := addHost(t, two, "192.168.49.3")
	one.SetRoutes([]Route{{netip.MustParsePrefix("10.244.0.0/16"), New()}, {netip.MustParsePrefix("10.244.1.0/24"), two}, {netip.MustParsePrefix("192.168.49.3/32"), two}})
	l := listen(t, t.Context(), server, ":80")
	node.Redirect(TCP, netip.Addr{}, 8080, netip.MustParseAddrPort("10.244.1.2:80"))
	for _, address := range []string{"10.244.1.2:80", "192.168.49.3:8080"} {
		c, err := client.DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := c.RemoteAddr().String(); got != address {
			t.Errorf("the client talks to %s, not %s", got, address)
		}
		if got := s.RemoteAddr().(*net.TCPAddr).IP.String(); got != "10.244.0.2" {
			t.Errorf("the server sees %s", got)
		}
		client.Close()
		if _, err := s.Read(make([]byte, 1)); err == nil {
			t.Error("the stream outlived its host")
		}
		client = addHost(t, one, "10.244.0.2")
	}
	if err := client.Ping(node.Addr()); err != nil {
		t.Error(err)
	}
	if err := client.Ping(netip.MustParseAddr("10.244.1.9")); !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Error(err)
	}
}

func TestAFullBacklogMakesClientsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		l := listen(t, t.Context(), b.b, ":80")
		for range backlog {
			if _, err := b.a.DialContext(t.Context(), "tcp", "10.244.0.3:80"); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.a.DialContext(ctx, "tcp", "10.244.0.3:80"); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("one too many: %v", err)
		}
		var late sync.WaitGroup
		late.Go(func() {
			if _, err := b.a.DialContext(t.Context(), "tcp", "10.244.0.3:80"); err != nil {
				t.Errorf("one that waited: %v", err)
			}
		})
		synctest.Wait()
		if _, err := l.Accept(); err != nil {
			t.Error(err)
		}
		late.Wait()
		_ = l.Close()
	})
}

// TestManyAtOnce is for the race detector: listeners, hosts and streams that
// come and go together.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	n := New()
	client := addHost(t, n, "10.244.0.2")
	var all sync.WaitGroup
	for i := range 8 {
		addr := netip.AddrFrom4([4]byte{10, 244, 0, byte(10 + i)})
		all.Go(func() {
			for range 50 {
				h, err := n.AddHost(addr)
				if err != nil {
					t.Error(err)
					return
				}
				ctx, end := context.WithCancel(context.Background())
				l, err := h.Listen(ctx, "tcp", ":80")
				if err != nil {
					t.Error(err)
				} else {
					all.Go(func() {
						for {
							c, err := l.Accept()
							if err != nil {
								return
							}
							all.Go(func() { _, _ = io.Copy(c, c); _ = c.Close() })
						}
					})
				}
				c, err := client.DialContext(ctx, "tcp", netip.AddrPortFrom(addr, 80).String())
				if err != nil {
					t.Error(err)
				} else {
					all.Go(func() { _, _ = c.Write([]byte("x")); _, _ = c.Read(make([]byte, 1)); _ = c.Close() })
				}
				end()
				h.Close()
			}
		})
	}
	all.Wait()
	if got := client.Sockets(); len(got) != 0 {
		t.Errorf("left over: %+v", got)
	}
}
