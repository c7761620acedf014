package vnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func listenUDP(t testing.TB, h *Host, address string) net.PacketConn {
	t.Helper()
	p, err := h.ListenPacket(t.Context(), "udp", address)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return p
}

func dialUDP(t testing.TB, h *Host, address string) net.Conn {
	t.Helper()
	c, err := h.DialContext(t.Context(), "udp", address)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// echo answers one datagram and returns who sent it.
func echo(t testing.TB, p net.PacketConn) net.Addr {
	t.Helper()
	b := make([]byte, 100)
	n, from, err := p.ReadFrom(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.WriteTo(b[:n], from); err != nil {
		t.Fatal(err)
	}
	return from
}

func ask(t testing.TB, c net.Conn) {
	t.Helper()
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
}

func answered(t testing.TB, c net.Conn) {
	t.Helper()
	b := make([]byte, 100)
	if n, err := c.Read(b); err != nil || string(b[:n]) != "hello" {
		t.Errorf("the answer is %q, %v", b[:n], err)
	}
}

func TestDatagramsThroughAService(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	other := addHost(t, b.network, "10.244.0.4")
	targets := []netip.AddrPort{netip.MustParseAddrPort("10.244.0.3:5353"), netip.MustParseAddrPort("10.244.0.4:5353")}
	asked, current := 0, 0
	b.network.SetTranslate(func(f Flow) (Flow, error) {
		if f.To.String() == "10.96.0.10:53" {
			asked++
			f.To = targets[current]
		}
		return f, nil
	})
	b.network.SetHolds(func(before, after Flow) bool { return after.To == targets[current] })
	b.network.SetAllow(func(f Flow) bool { return f.From.Addr() == b.a.Addr() }) // answers are not asked about
	first, second := listenUDP(t, b.b, ":5353"), listenUDP(t, other, ":5353")
	c := dialUDP(t, b.a, "10.96.0.10:53")
	for range 3 {
		ask(t, c)
		if from := echo(t, first); from.String() != c.LocalAddr().String() {
			t.Errorf("the server sees %s, the client is %s", from, c.LocalAddr())
		}
		answered(t, c)
	}
	if asked != 1 {
		t.Errorf("one flow was translated %d times", asked)
	}
	current = 1 // the first endpoint is gone
	ask(t, c)
	echo(t, second)
	answered(t, c)
}

func TestDatagramsToNobody(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	c := dialUDP(t, b.a, "10.244.0.3:53")
	ask(t, c)
	_, err := c.Read(make([]byte, 10))
	if want := "read udp " + c.LocalAddr().String() + "->10.244.0.3:53: read: connection refused"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	ask(t, c)
	if _, err := c.Write([]byte("x")); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the next write: %v", err)
	}
	p := listenUDP(t, b.a, ":0") // not connected: it learns nothing
	if _, err := p.WriteTo([]byte("x"), net.UDPAddrFromAddrPort(netip.MustParseAddrPort("10.244.0.3:53"))); err != nil {
		t.Error(err)
	}
	if _, err := p.WriteTo(make([]byte, maxDatagram+1), c.RemoteAddr()); !errors.Is(err, syscall.EMSGSIZE) {
		t.Errorf("too long: %v", err)
	}
}

func TestDatagramsFromStrangersAreNotForAConnectedSocket(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	c, stranger := dialUDP(t, b.a, "10.244.0.3:53"), listenUDP(t, b.b, ":99")
	server := listenUDP(t, b.b, ":53")
	ask(t, c)
	if _, err := stranger.WriteTo([]byte("lies"), c.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	echo(t, server)
	answered(t, c)
}

func TestDatagramsToANodeOfAnotherProcess(t *testing.T) {
	t.Parallel()
	one, two := New(), New()
	client, server := addHost(t, one, "10.244.0.2"), addHost(t, two, "10.244.1.2")
	node := addHost(t, two, "192.168.49.3")
	one.SetRoutes([]Route{{netip.MustParsePrefix("192.168.49.3/32"), two}, {netip.MustParsePrefix("10.244.1.0/24"), two}})
	two.SetRoutes([]Route{{netip.MustParsePrefix("10.244.0.0/24"), one}})
	node.Redirect(UDP, netip.Addr{}, 5353, netip.MustParseAddrPort("10.244.1.2:53"))
	p, c := listenUDP(t, server, ":53"), dialUDP(t, client, "192.168.49.3:5353")
	ask(t, c)
	echo(t, p)
	answered(t, c)
}

func TestADatagramSocketEndsWithItsProcess(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	ctx, end := context.WithCancel(t.Context())
	p, err := b.b.ListenPacket(ctx, "udp", ":53")
	if err != nil {
		t.Fatal(err)
	}
	end()
	if _, _, err := p.ReadFrom(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read: %v", err)
	}
	listenUDP(t, b.b, ":53").Close()
	b.b.Close()
	if got := b.b.Sockets(); len(got) != 0 {
		t.Errorf("left over: %+v", got)
	}
}

func TestDatagramDeadlinesAndLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t)
		p, err := b.b.ListenPacket(t.Context(), "udp", ":53")
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := p.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.ReadFrom(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read: %v", err)
		}
		c := dialUDP(t, b.a, "10.244.0.3:53")
		defer c.Close()
		for range 100 {
			if _, err := c.Write(make([]byte, 10000)); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.(*packetConn).queued; got > maxQueued {
			t.Errorf("%d bytes wait, more than %d", got, maxQueued)
		}
		<-time.After(flowLife + cleanEvery)
		ask(t, c)
		if n := len(p.(*packetConn).table.heard); n != 1 {
			t.Errorf("%d flows are remembered", n)
		}
	})
}
