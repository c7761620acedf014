package pocket

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-streaming/pkg/streaming"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// streamServer is where the kubelet sends the connections of kubectl exec,
// attach and port-forward. It listens on loopback only, and every address it
// gives out is good for one connection and cannot be guessed: the kubelet has
// already asked the API server whether the caller may do this. It starts when
// the first address is asked for.
type streamServer struct {
	mu     sync.Mutex
	server streaming.Server // nil until it runs
	http   *http.Server
	ended  sync.WaitGroup
}

// streamServer returns the running server.
func (r *Runtime) streamServer() (streaming.Server, error) {
	s := &r.streams
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		return s.server, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, status.Errorf(codes.Unavailable, "listen for exec, attach and port-forward: %v", err)
	}
	cfg := streaming.DefaultConfig
	cfg.Addr = listener.Addr().String()
	cfg.BaseURL = &url.URL{Scheme: "http", Host: cfg.Addr, Path: "/" + rand.Text() + "/"}
	server, err := streaming.NewServer(cfg, streams{r})
	if err != nil {
		listener.Close()
		return nil, status.Errorf(codes.Internal, "serve exec, attach and port-forward: %v", err)
	}
	s.server, s.http = server, &http.Server{Handler: server, ReadHeaderTimeout: cfg.StreamCreationTimeout}
	s.ended.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			r.store.log.Error("serve exec, attach and port-forward", "err", err)
		}
	})
	return server, nil
}

// close ends the server. Connections end with the containers they lead to.
func (s *streamServer) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		_ = s.http.Close()
		s.ended.Wait()
	}
}

// Exec implements the CRI service: it gives the address to connect to.
func (r *Runtime) Exec(_ context.Context, request *runtimeapi.ExecRequest) (*runtimeapi.ExecResponse, error) {
	if _, err := r.running(request.GetContainerId()); err != nil {
		return nil, err
	}
	server, err := r.streamServer()
	if err != nil {
		return nil, err
	}
	return server.GetExec(request)
}

// Attach implements the CRI service: it gives the address to connect to.
func (r *Runtime) Attach(_ context.Context, request *runtimeapi.AttachRequest) (*runtimeapi.AttachResponse, error) {
	if _, err := r.running(request.GetContainerId()); err != nil {
		return nil, err
	}
	server, err := r.streamServer()
	if err != nil {
		return nil, err
	}
	return server.GetAttach(request)
}

// PortForward implements the CRI service: it gives the address to connect to.
func (r *Runtime) PortForward(_ context.Context, request *runtimeapi.PortForwardRequest) (*runtimeapi.PortForwardResponse, error) {
	if _, err := r.readySandbox(request.GetPodSandboxId()); err != nil {
		return nil, err
	}
	server, err := r.streamServer()
	if err != nil {
		return nil, err
	}
	return server.GetPortForward(request)
}

// streams does what the connections to the stream server ask for.
type streams struct{ *Runtime }

// Exec runs a command in a container for kubectl exec. A process whose client
// goes away loses its input; it stays, unless it had a terminal.
func (s streams) Exec(_ context.Context, id string, argv []string, in io.Reader, out, errOut io.WriteCloser, tty bool, resize <-chan remotecommand.TerminalSize) error {
	return s.exec(context.Background(), execution{id: id, argv: argv, in: in, out: writer(out), errOut: writer(errOut), tty: tty, resize: resize})
}

// Attach connects a client to the first process of a container.
func (s streams) Attach(ctx context.Context, id string, in io.Reader, out, errOut io.WriteCloser, _ bool, resize <-chan remotecommand.TerminalSize) error {
	p, err := s.running(id)
	if err != nil {
		return err
	}
	return p.attach(ctx, attachment{in: in, out: writer(out), errOut: writer(errOut), resize: resize})
}

// writer keeps a stream that the client does not want from looking like one.
func writer(w io.WriteCloser) io.Writer {
	if w == nil {
		return nil
	}
	return w
}

// running finds the first process of a container, or says as containerd does
// why there is none.
func (r *Runtime) running(id string) (*process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.containers[id]
	if !ok {
		return nil, errNoContainer(id)
	}
	if c.process == nil || c.process.ended {
		return nil, status.Errorf(codes.Unknown, "container is in %s state", c.state)
	}
	return c.process, nil
}

func (r *Runtime) readySandbox(id string) (*sandbox, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.sandboxes[id]
	if !ok {
		return nil, errNoSandbox(id)
	}
	if !s.ready || s.host == nil {
		return nil, status.Errorf(codes.Unknown, "sandbox container %q is not running", id)
	}
	return s, nil
}
