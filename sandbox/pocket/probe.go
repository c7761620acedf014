package pocket

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	utilexec "k8s.io/utils/exec"
)

// ProbeCommand is the first word of a command that ExecSync does not run but
// answers itself: `ProbeCommand http URL`, `ProbeCommand tcp HOST:PORT` and
// `ProbeCommand grpc HOST:PORT`; `ProbeCommand broken REASON` fails. The node
// turns the network probes of its Pods into it, because Pod addresses exist
// only inside this process. PodHost stands for the Pod's own address.
const (
	ProbeCommand = "\x00probe"
	PodHost      = "pod.invalid"
)

// ExecSync implements the CRI service, for exec probes and lifecycle hooks.
func (r *Runtime) ExecSync(ctx context.Context, id string, argv []string, timeout time.Duration) (stdout, stderr []byte, err error) {
	if len(argv) == 0 {
		return nil, nil, status.Error(codes.InvalidArgument, "no command to execute")
	}
	r.mu.Lock()
	c, ok := r.containers[id]
	if !ok {
		r.mu.Unlock()
		return nil, nil, errNoContainer(id)
	}
	s := r.sandboxes[c.sandboxID]
	img, _ := r.images.byID(c.imageID)
	if argv[0] == ProbeCommand && s != nil {
		r.mu.Unlock()
		out, code := probe(ctx, s, argv[1:])
		return exitStatus([]byte(out), nil, argv, code)
	}
	if c.process == nil || s == nil || img == nil {
		state := c.state
		r.mu.Unlock()
		return nil, nil, status.Errorf(codes.Unknown, "failed to exec in container: container is in %s state", state)
	}
	t := r.newProcess(c, argv)
	r.mu.Unlock()

	p, ok := img.product.LookUp(argv[0])
	if !ok {
		return nil, nil, status.Errorf(codes.Unknown, "failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: "+
			"unable to start container process: exec: %q: executable file not found in $PATH", argv[0])
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	var out, errOut bytes.Buffer
	t.Stdout, t.Stderr = &out, &errOut
	code := t.Run(ctx, p)
	if ctx.Err() != nil {
		return out.Bytes(), errOut.Bytes(), status.Errorf(codes.DeadlineExceeded, "failed to exec in container: timeout %s exceeded: context deadline exceeded", timeout)
	}
	return exitStatus(out.Bytes(), errOut.Bytes(), argv, code)
}

func exitStatus(stdout, stderr []byte, argv []string, code int) ([]byte, []byte, error) {
	if code == 0 {
		return stdout, stderr, nil
	}
	return stdout, stderr, utilexec.CodeExitError{
		Err:  fmt.Errorf("command '%s' exited with %d: %s", strings.Join(argv, " "), code, stderr),
		Code: code,
	}
}

// probe looks at the Pod's own ports. Its output is what the kubelet's network
// probes print.
func probe(ctx context.Context, s *sandbox, args []string) (output string, code int) {
	if len(args) != 2 {
		return "the probe is malformed", 1
	}
	kind, target := args[0], strings.Replace(args[1], PodHost, s.address.String(), 1)
	switch kind {
	case "http":
		return probeHTTP(ctx, s, target)
	case "tcp":
		conn, err := s.host.DialContext(ctx, "tcp", target)
		if err != nil {
			return err.Error(), 1
		}
		conn.Close()
		return "", 0
	case "grpc":
		conn, err := s.host.DialContext(ctx, "tcp", target)
		if err != nil {
			return fmt.Sprintf("timeout: failed to connect service %q within 1s: context deadline exceeded", target), 1
		}
		conn.Close()
		return "error: this server does not implement the grpc health protocol (grpc.health.v1.Health)", 1
	}
	return target, 1 // a probe that cannot work says why
}

func probeHTTP(ctx context.Context, s *sandbox, target string) (output string, code int) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err.Error(), 1
	}
	transport := &http.Transport{DialContext: s.host.DialContext, DisableKeepAlives: true}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Sprintf("Get %q: %v", target, err), 1
	}
	answer.Body.Close()
	if code := answer.StatusCode; code < 200 || code >= 400 {
		return fmt.Sprintf("HTTP probe failed with statuscode: %d", code), 1
	}
	return "", 0
}
