package fabric

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/net/nettest"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

var (
	near = netip.MustParseAddr("10.244.0.5")
	far  = netip.MustParseAddr("10.244.1.7")
)

// pair is two nodes, each with one Pod, that reach each other.
type pair struct {
	near, far *vnet.Host
	server    *Server // of the far node
}

func newPair(t *testing.T) *pair {
	t.Helper()
	dir := t.TempDir()
	one, two := vnet.New(), vnet.New()
	join := func(from, to *vnet.Network, prefix, name string) *Server {
		path := filepath.Join(dir, name)
		server, err := Listen(path, to)
		if err != nil {
			t.Fatal(err)
		}
		peer := NewPeer(path)
		from.SetRoutes([]vnet.Route{{Prefix: netip.MustParsePrefix(prefix), Via: peer}})
		t.Cleanup(func() { peer.Close(); server.Close() })
		return server
	}
	join(two, one, "10.244.0.0/24", "1")
	p := &pair{server: join(one, two, "10.244.1.0/24", "2")}
	var err error
	if p.near, err = one.AddHost(near); err != nil {
		t.Fatal(err)
	}
	if p.far, err = two.AddHost(far); err != nil {
		t.Fatal(err)
	}
	return p
}

// stream opens a connection from the near Pod to the far one.
func (p *pair) stream(t testing.TB) (client, server net.Conn) {
	t.Helper()
	l, err := p.far.Listen(t.Context(), "tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			accepted <- c
		}
	}()
	client, err = p.near.DialContext(t.Context(), "tcp", "10.244.1.7:80")
	if err != nil {
		t.Fatal(err)
	}
	return client, <-accepted
}

func TestAStreamBetweenNodesIsANetConn(t *testing.T) {
	t.Parallel()
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		client, server := newPair(t).stream(t)
		return client, server, func() { client.Close(); server.Close() }, nil
	})
}

func TestAStreamKnowsBothItsEnds(t *testing.T) {
	t.Parallel()
	client, server := newPair(t).stream(t)
	if got := client.RemoteAddr().String(); got != "10.244.1.7:80" {
		t.Errorf("the client talks to %s", got)
	}
	if client.LocalAddr().String() != server.RemoteAddr().String() {
		t.Errorf("the client is %s and the server sees %s", client.LocalAddr(), server.RemoteAddr())
	}
}

func TestOneDirectionCanEndAlone(t *testing.T) {
	t.Parallel()
	client, server := newPair(t).stream(t)
	question := bytes.Repeat([]byte("ask "), 100_000)
	go func() {
		_, _ = client.Write(question)
		_ = client.(interface{ CloseWrite() error }).CloseWrite()
	}()
	if got, err := io.ReadAll(server); err != nil || !bytes.Equal(got, question) {
		t.Fatalf("the server read %d bytes of %d, %v", len(got), len(question), err)
	}
	if _, err := server.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if got, err := io.ReadAll(client); err != nil || string(got) != "answer" {
		t.Errorf("the client read %q, %v", got, err)
	}
}

func TestANodeThatGoesOffBreaksItsStreams(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	client, _ := p.stream(t)
	p.server.Close()
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reading on: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.near.DialContext(ctx, "tcp", "10.244.1.7:80"); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("dialling with little patience: %v", err)
	}
	if _, err := p.near.DialContext(t.Context(), "tcp", "10.244.1.7:80"); !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Errorf("dialling with patience: %v", err)
	}
}

func TestAPodThatIsRemovedBreaksItsStreams(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	client, _ := p.stream(t)
	p.far.Close()
	if n, err := client.Read(make([]byte, 1)); err == nil || n > 0 {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

func TestTheFarNodeAnswersForWhatIsNotThere(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	for address, want := range map[string]error{
		"10.244.1.7:81": syscall.ECONNREFUSED,
		"10.244.1.9:80": syscall.EHOSTUNREACH,
		"10.244.9.9:80": syscall.EHOSTUNREACH,
	} {
		if _, err := p.near.DialContext(t.Context(), "tcp", address); !errors.Is(err, want) {
			t.Errorf("dial %s: %v, want %v", address, err, want)
		}
	}
	if err := p.near.Ping(far); err != nil {
		t.Errorf("ping: %v", err)
	}
	if err := p.near.Ping(netip.MustParseAddr("10.244.1.9")); !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Errorf("ping nobody: %v", err)
	}
}

func TestDatagramsGoBothWays(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	server, err := p.far.ListenPacket(t.Context(), "udp", ":53")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		b := make([]byte, 1<<16)
		for {
			n, from, err := server.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(bytes.ToUpper(b[:n]), from)
		}
	}()
	client, err := p.near.DialContext(t.Context(), "udp", "10.244.1.7:53")
	if err != nil {
		t.Fatal(err)
	}
	_ = client.SetDeadline(time.Now().Add(10 * time.Second))
	for _, text := range []string{"one", "", string(bytes.Repeat([]byte("x"), 60_000))} {
		if _, err := client.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 1<<16)
		n, err := client.Read(b)
		if err != nil || string(b[:n]) != string(bytes.ToUpper([]byte(text))) {
			t.Errorf("%d bytes came back as %d, %v", len(text), n, err)
		}
	}
	server.Close()
	_, _ = client.Write([]byte("anybody?"))
	if _, err := client.Read(make([]byte, 8)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a closed port answers %v", err)
	}
}

func TestThePeerFindsANodeThatCameBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "node")
	n := vnet.New()
	if _, err := n.AddHost(far); err != nil {
		t.Fatal(err)
	}
	peer := NewPeer(path)
	defer peer.Close()
	for range 3 {
		server, err := Listen(path, n)
		if err != nil {
			t.Fatal(err)
		}
		if err := peer.Ping(far); err != nil {
			t.Errorf("while it is there: %v", err)
		}
		server.Close()
		if err := peer.Ping(far); !errors.Is(err, vnet.ErrDropped) {
			t.Errorf("while it is away: %v", err)
		}
	}
}

func TestTheSocketIsItsOwnersOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "node")
	if err := os.WriteFile(path, []byte("left by a killed process"), 0o644); err != nil {
		t.Fatal(err)
	}
	server, err := Listen(path, vnet.New())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestNonsenseEndsAConnectionOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "node")
	n := vnet.New()
	if _, err := n.AddHost(far); err != nil {
		t.Fatal(err)
	}
	server, err := Listen(path, n)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, nonsense := range []string{"X", "S", "D1234", "P\x0a", "GET / HTTP/1.1\r\n\r\n"} {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = c.Write([]byte(nonsense))
		_ = c.(*net.UnixConn).CloseWrite()
		if got, err := io.ReadAll(iotest.OneByteReader(c)); len(got) > 1 || err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%q is answered with %q, %v", nonsense, got, err)
		}
		c.Close()
	}
	peer := NewPeer(path)
	defer peer.Close()
	if err := peer.Ping(far); err != nil {
		t.Error(err)
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	dir := b.TempDir()
	n := vnet.New()
	h, err := n.AddHost(far)
	if err != nil {
		b.Fatal(err)
	}
	server, err := Listen(filepath.Join(dir, "node"), n)
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	l, err := h.Listen(b.Context(), "tcp", ":80")
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, _ = io.Copy(c, plainReader{c})
		}
	}()
	peer := NewPeer(filepath.Join(dir, "node"))
	c, err := peer.Connect(b.Context(), vnet.Flow{Protocol: vnet.TCP, From: netip.AddrPortFrom(near, 40000), To: netip.AddrPortFrom(far, 80)})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	text := make([]byte, 200)
	for b.Loop() {
		if _, err := c.Write(text); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, text); err != nil {
			b.Fatal(err)
		}
	}
}
