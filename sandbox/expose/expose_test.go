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
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/record"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

const (
	nodeAddress = "192.168.49.2"
	lbAddress   = "192.168.49.100"
)

// bench is an Exposer that runs, and a network in which the node and a load
// balancer answer on every port a test asks for.
type bench struct {
	*Exposer
	t        *testing.T
	client   *fake.Clientset
	hosts    map[string]*vnet.Host
	recorder *record.FakeRecorder
	stop     func()
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, client: fake.NewClientset(), hosts: map[string]*vnet.Host{}, recorder: record.NewFakeRecorder(100)}
	network := vnet.New()
	for _, addr := range []string{"192.168.49.1", nodeAddress, lbAddress} {
		h, err := network.AddHost(netip.MustParseAddr(addr))
		if err != nil {
			t.Fatal(err)
		}
		b.hosts[addr] = h
	}
	shared := informers.NewSharedInformerFactory(b.client, 0)
	var err error
	if b.Exposer, err = New(Config{Node: netip.MustParseAddr(nodeAddress), From: b.hosts["192.168.49.1"], Informers: shared, Recorder: b.recorder}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	shared.Start(ctx.Done())
	ended := make(chan struct{})
	go func() { b.Run(ctx); close(ended) }()
	b.stop = func() { cancel(); <-ended }
	t.Cleanup(b.stop)
	return b
}

// serve answers every line with itself and who asked.
func (b *bench) serve(addr string, port int) {
	b.t.Helper()
	l, err := b.hosts[addr].Listen(b.t.Context(), "tcp", fmt.Sprint(":", port))
	if err != nil {
		b.t.Fatal(err)
	}
	p, err := b.hosts[addr].ListenPacket(b.t.Context(), "udp", fmt.Sprint(":", port))
	if err != nil {
		b.t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				text, _ := io.ReadAll(c)
				from, _, _ := net.SplitHostPort(c.RemoteAddr().String())
				_, _ = fmt.Fprintf(c, "%s from %s", text, from)
				_ = c.Close()
			}()
		}
	}()
	go func() {
		text := make([]byte, 100)
		for {
			n, from, err := p.ReadFrom(text)
			if err != nil {
				return
			}
			_, _ = p.WriteTo(text[:n], from)
		}
	}()
}

func (b *bench) service(name string, nodePort, port int32, protocol v1.Protocol, change func(*v1.Service)) *v1.Service {
	b.t.Helper()
	s := &v1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       v1.ServiceSpec{Type: v1.ServiceTypeNodePort, Ports: []v1.ServicePort{{Port: port, NodePort: nodePort, Protocol: protocol}}},
	}
	if change != nil {
		change(s)
	}
	s, err := b.client.CoreV1().Services("default").Create(b.t.Context(), s, metav1.CreateOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// until waits for what Addresses says.
func (b *bench) until(goal string, ok func([]Address) bool) []Address {
	b.t.Helper()
	deadline, tick := time.After(20*time.Second), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for {
		now := b.Addresses()
		if ok(now) {
			return now
		}
		select {
		case <-tick.C:
		case <-deadline:
			b.t.Fatalf("not %s: %+v", goal, now)
		}
	}
}

func (b *bench) event() string {
	b.t.Helper()
	select {
	case e := <-b.recorder.Events:
		return e
	case <-time.After(10 * time.Second):
		b.t.Fatal("no event")
		return ""
	}
}

func open(list []Address) bool { return len(list) == 1 && list[0].Host != "" }

func ask(t *testing.T, address string) string {
	t.Helper()
	c, err := net.Dial("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "hello"); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// free is a port of this machine that nobody uses.
func free(t *testing.T) (net.Listener, int32) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, int32(l.Addr().(*net.TCPAddr).Port)
}

func TestANodePortIsOnThisMachineWhileTheServiceIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l, port := free(t)
	l.Close()
	b.serve(nodeAddress, int(port))
	b.service("web", port, 80, v1.ProtocolTCP, nil)
	at := b.until("open", open)[0].Host
	if want := fmt.Sprint("127.0.0.1:", port); at != want {
		t.Errorf("it is at %s, want %s", at, want)
	}
	if got := ask(t, at); got != "hello from 192.168.49.1" {
		t.Errorf("the answer is %q", got)
	}
	if err := b.client.CoreV1().Services("default").Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	b.until("closed", func(list []Address) bool { return len(list) == 0 })
	if c, err := net.Dial("tcp4", at); err == nil {
		c.Close()
		t.Error("it still listens")
	}
}

func TestAConnectionNobodyTakesIsReset(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l, port := free(t)
	l.Close()
	b.service("web", port, 80, v1.ProtocolTCP, nil)
	// the reset may come before the dialler has looked at its new connection
	c, err := net.Dial("tcp4", b.until("open", open)[0].Host)
	if err == nil {
		defer c.Close()
		_, err = c.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v", err)
	}
}

func TestDatagramsOfANodePort(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := int32(socket.LocalAddr().(*net.UDPAddr).Port)
	socket.Close()
	b.serve(nodeAddress, int(port))
	b.service("dns", port, 53, v1.ProtocolUDP, nil)
	c, err := net.Dial("udp4", b.until("open", open)[0].Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"one", "two"} {
		answer := make([]byte, 10)
		if _, err := io.WriteString(c, word); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Read(answer); err != nil || string(answer[:n]) != word {
			t.Errorf("%q, %v", answer[:n], err)
		}
	}
}

func TestATakenNodePortSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l, port := free(t)
	defer l.Close()
	b.service("web", port, 80, v1.ProtocolTCP, nil)
	fault := b.until("refused", func(list []Address) bool { return len(list) == 1 && list[0].Fault != "" })[0].Fault
	want := fmt.Sprintf("another program on this machine listens on 127.0.0.1:%d/tcp", port)
	if fault != want {
		t.Errorf("%q, want %q", fault, want)
	}
	if got := b.event(); got != "Warning PortNotOnThisMachine "+want+"; inside the cluster the Service works" {
		t.Errorf("the event is %q", got)
	}
}

func TestLoadBalancers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	taken, port := free(t)
	defer taken.Close()
	b.serve(lbAddress, int(port))
	s := b.service("web", 0, port, v1.ProtocolTCP, func(s *v1.Service) { s.Spec.Type = v1.ServiceTypeLoadBalancer })
	s.Status.LoadBalancer.Ingress = []v1.LoadBalancerIngress{{IP: lbAddress}}
	if _, err := b.client.CoreV1().Services("default").UpdateStatus(t.Context(), s, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	at := b.until("open", open)[0]
	if at.Kind != LoadBalancer || at.Host == taken.Addr().String() {
		t.Errorf("%+v", at)
	}
	if got := ask(t, at.Host); got != "hello from 192.168.49.1" {
		t.Errorf("the answer is %q", got)
	}
	if got := b.event(); !strings.HasPrefix(got, fmt.Sprintf("Normal OnThisMachine port %d is reachable on this machine at ", port)) || !strings.HasSuffix(got, at.Host) {
		t.Errorf("the event is %q", got)
	}
	b.stop()
	if c, err := net.Dial("tcp4", at.Host); err == nil {
		c.Close()
		t.Error("it listens after the end")
	}
}

func TestWhichPortsAreTried(t *testing.T) {
	t.Parallel()
	to := func(kind string, port uint16) string {
		return fmt.Sprint(candidates(want{kind: kind, to: netip.AddrPortFrom(netip.MustParseAddr(lbAddress), port)}))
	}
	for got, want := range map[string]string{
		to(NodePort, 30080):     "[30080]",
		to(LoadBalancer, 80):    "[20080 0]",
		to(LoadBalancer, 8080):  "[8080 0]",
		to(LoadBalancer, 65535): "[65535 0]",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
