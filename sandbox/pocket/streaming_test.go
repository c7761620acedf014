package pocket

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	utilexec "k8s.io/client-go/util/exec"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// client is what kubectl is to the stream server, without the API server and
// the kubelet in between.
type client struct {
	stdin          io.Reader
	stdout, stderr lockedBuffer
	sizes          chan remotecommand.TerminalSize // set: with a terminal
}

// lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// Next implements remotecommand.TerminalSizeQueue.
func (c *client) Next() *remotecommand.TerminalSize {
	size, ok := <-c.sizes
	if !ok {
		return nil
	}
	return &size
}

// stream connects to an address of the stream server until the other side ends.
func (c *client) stream(t *testing.T, address string, webSocket bool) error {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if u.Hostname() != "127.0.0.1" || len(u.Path) < 30 {
		t.Errorf("the address %s is not on loopback, or can be guessed", u)
	}
	cfg := &rest.Config{Host: u.Host}
	var executor remotecommand.Executor
	if webSocket {
		executor, err = remotecommand.NewWebSocketExecutorForProtocols(cfg, http.MethodGet, u.String(), "v4.channel.k8s.io")
	} else {
		executor, err = remotecommand.NewSPDYExecutor(cfg, http.MethodPost, u)
	}
	if err != nil {
		t.Fatal(err)
	}
	options := remotecommand.StreamOptions{Stdin: c.stdin, Stdout: &c.stdout}
	if c.sizes != nil {
		options.Tty, options.TerminalSizeQueue = true, c
	} else {
		options.Stderr = &c.stderr
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return executor.StreamWithContext(ctx, options)
}

func (b *bench) execIn(id string, c *client, webSocket bool, argv ...string) error {
	b.t.Helper()
	answer, err := b.Exec(b.t.Context(), &runtimeapi.ExecRequest{ContainerId: id, Cmd: argv, Stdin: c.stdin != nil, Stdout: true, Stderr: c.sizes == nil, Tty: c.sizes != nil})
	if err != nil {
		b.t.Fatal(err)
	}
	return c.stream(b.t, answer.GetUrl(), webSocket)
}

func TestExecCarriesStreamsAndExitCodes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.start("c", "busybox", "sleep", "3600")
	for _, webSocket := range []bool{false, true} {
		c, read := &client{stdin: strings.NewReader("typed\n")}, "cat"
		if webSocket { // its protocol cannot say that the input ends
			read = "read line; echo $line"
		}
		err := b.execIn(id, c, webSocket, "sh", "-c", read+"; echo bad >&2; exit 7")
		var exit utilexec.CodeExitError
		if !errors.As(err, &exit) || exit.Code != 7 {
			t.Errorf("websocket %t: it ended with %v", webSocket, err)
		}
		if c.stdout.String() != "typed\n" || c.stderr.String() != "bad\n" {
			t.Errorf("websocket %t: it printed %q and %q", webSocket, c.stdout.String(), c.stderr.String())
		}
		if err := b.execIn(id, &client{}, webSocket, "true"); err != nil {
			t.Errorf("websocket %t: true ended with %v", webSocket, err)
		}
	}
}

func TestMuchOutputArrivesWhole(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.start("c", "busybox", "sleep", "3600")
	text := strings.Repeat("0123456789abcde\n", 64<<10)
	c := &client{stdin: strings.NewReader(text)}
	if err := b.execIn(id, c, false, "cat"); err != nil || c.stdout.String() != text {
		t.Errorf("%d of %d bytes came back: %v", len(c.stdout.String()), len(text), err)
	}
}

func TestExecRefusesAsContainerdDoes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.start("c", "busybox", "sh", "-c", "echo hi >/tmp/plain; sleep 3600")
	waitFor(t, func() bool { _, err := b.containers[id].files.Stat("/tmp/plain"); return err == nil })
	for command, want := range map[string]string{
		"nope":       `exec: "nope": executable file not found in $PATH: unknown`,
		"/opt/nope":  `exec: "/opt/nope": stat /opt/nope: no such file or directory: unknown`,
		"/tmp/plain": `exec: "/tmp/plain": permission denied: unknown`,
		"/tmp":       `exec: "/tmp": is a directory: unknown`,
	} {
		err := b.execIn(id, &client{}, false, command)
		const begin = `error executing command in container: failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: `
		if err == nil || !regexp.MustCompile(begin+regexp.QuoteMeta(want)+"$").MatchString(err.Error()) {
			t.Errorf("%s: %v", command, err)
		}
	}
	if err := b.StopContainer(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Exec(t.Context(), &runtimeapi.ExecRequest{ContainerId: id, Cmd: []string{"true"}, Stdout: true}); err == nil || !strings.Contains(err.Error(), "container is in CONTAINER_EXITED state") {
		t.Errorf("exec into a container that has ended: %v", err)
	}
}

func TestAnExecEndsWithItsContainer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.start("c", "busybox", "sleep", "3600")
	typing, keyboard := io.Pipe()
	defer keyboard.Close()
	c := &client{stdin: typing}
	ended := make(chan error)
	go func() { ended <- b.execIn(id, c, false, "sh", "-c", "echo up; cat") }()
	waitFor(t, func() bool { return c.stdout.String() == "up\n" })
	if err := b.StopContainer(t.Context(), id, 0); err != nil {
		t.Fatal(err)
	}
	var exit utilexec.CodeExitError
	if err := <-ended; !errors.As(err, &exit) || exit.Code != 137 {
		t.Errorf("it ended with %v", err)
	}
}

func TestATerminalEchoesInterruptsAndKnowsItsSize(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.start("c", "busybox", "sleep", "3600")
	typing, keyboard := io.Pipe()
	c := &client{stdin: typing, sizes: make(chan remotecommand.TerminalSize, 2)}
	ended := make(chan error)
	go func() { ended <- b.execIn(id, c, false, "cat") }()
	typed := func(keys, want string) {
		t.Helper()
		if _, err := io.WriteString(keyboard, keys); err != nil {
			t.Fatal(err)
		}
		waitFor(t, func() bool { return strings.HasSuffix(c.stdout.String(), want) })
	}
	typed("heXX\x7f\x7fllo\r", "heXX\b \b\b \bllo\r\nhello\r\n")
	c.sizes <- remotecommand.TerminalSize{Width: 132, Height: 43}
	waitFor(t, func() bool {
		for _, p := range b.containers[id].world.Table.List() {
			if p.TTY != nil {
				cols, rows := p.TTY.Size()
				return cols == 132 && rows == 43
			}
		}
		return false
	})
	typed("half\x03", "half^C")
	var exit utilexec.CodeExitError
	if err := <-ended; !errors.As(err, &exit) || exit.Code != 130 {
		t.Errorf("^C ended it with %v", err)
	}
	close(c.sizes)
}

func TestAttachReachesTheFirstProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.create("c", "busybox", func(cfg *runtimeapi.ContainerConfig) {
		cfg.Command, cfg.Stdin, cfg.StdinOnce = []string{"cat"}, true, true
	})
	if err := b.StartContainer(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	attach := func(c *client) error {
		answer, err := b.Attach(t.Context(), &runtimeapi.AttachRequest{ContainerId: id, Stdin: c.stdin != nil, Stdout: true, Stderr: true})
		if err != nil {
			return err
		}
		return c.stream(t, answer.GetUrl(), false)
	}
	watcher, watched := &client{}, make(chan error)
	go func() { watched <- attach(watcher) }()
	waitFor(t, func() bool {
		p, err := b.running(id)
		if err != nil {
			t.Fatal(err)
		}
		p.stdout.mu.Lock()
		defer p.stdout.mu.Unlock()
		return len(p.stdout.clients) == 1
	})
	c := &client{stdin: strings.NewReader("one\ntwo\n")}
	if err := attach(c); err != nil || c.stdout.String() != "one\ntwo\n" {
		t.Errorf("attached, it printed %q: %v", c.stdout.String(), err)
	}
	if err := <-watched; err != nil || watcher.stdout.String() != "one\ntwo\n" {
		t.Errorf("who watched saw %q: %v", watcher.stdout.String(), err)
	}
	if s := b.untilExit(id); s.GetExitCode() != 0 {
		t.Errorf("at the end of its input it ended with %v", s)
	}
	if text := b.log(id); !strings.Contains(text, "stdout F one\n") || !strings.Contains(text, "stdout F two\n") {
		t.Errorf("its log is %q", text)
	}
}

func TestPortForwardReachesThePodsLoopback(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.start("c", "nginx")
	waitFor(t, func() bool {
		conn, err := b.sandboxes[b.sandbox].host.DialContext(t.Context(), "tcp", "127.0.0.1:80")
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	answer, err := b.PortForward(t.Context(), &runtimeapi.PortForwardRequest{PodSandboxId: b.sandbox})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(answer.GetUrl())
	if err != nil {
		t.Fatal(err)
	}
	transport, upgrader, err := spdy.RoundTripperFor(&rest.Config{Host: u.Host})
	if err != nil {
		t.Fatal(err)
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, u)
	stop, ready := make(chan struct{}), make(chan struct{})
	forwarder, err := portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{"0:80"}, stop, ready, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- forwarder.ForwardPorts() }()
	<-ready
	ports, err := forwarder.GetPorts()
	if err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			page, err := http.Get("http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(int(ports[0].Local))))
			if err != nil {
				t.Error(err)
				return
			}
			defer page.Body.Close()
			if text, err := io.ReadAll(page.Body); err != nil || !strings.Contains(string(text), "Welcome to nginx!") {
				t.Errorf("through the forwarded port came %q: %v", text, err)
			}
		})
	}
	both.Wait()
	close(stop)
	if err := <-ended; err != nil && !errors.Is(err, portforward.ErrLostConnectionToPod) {
		t.Error(err)
	}
	err = streams{b.Runtime}.PortForward(t.Context(), b.sandbox, 81, nil)
	if err == nil || !strings.Contains(err.Error(), `failed to connect to localhost:81 inside namespace "`+b.sandbox+`", IPv4: dial tcp4 127.0.0.1:81: connect: connection refused`) {
		t.Errorf("a port that nobody listens on: %v", err)
	}
}
