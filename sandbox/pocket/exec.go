package pocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// execution is a further command in a running container. Streams may be nil.
type execution struct {
	id          string
	argv        []string
	in          io.Reader
	out, errOut io.Writer
	tty         bool
	resize      <-chan remotecommand.TerminalSize // only with tty
}

// exec runs a command in a container until it has ended and its output is
// delivered. Its error is a utilexec.CodeExitError when it ended with another
// code than 0. The process is killed when life ends or the container does.
func (r *Runtime) exec(life context.Context, e execution) error {
	if len(e.argv) == 0 {
		return errors.New("no command to execute")
	}
	r.mu.Lock()
	c, ok := r.containers[e.id]
	if !ok {
		r.mu.Unlock()
		return errNoContainer(e.id)
	}
	if c.process == nil || c.process.ended {
		r.mu.Unlock()
		return fmt.Errorf("failed to exec in container: container is in %s state", c.state)
	}
	first := c.process
	p := r.newProcess(c, e.argv)
	first.others.Add(1)
	r.mu.Unlock()

	program, args, err := p.Find(e.argv)
	if err != nil {
		first.others.Done()
		return fmt.Errorf("failed to exec in container: failed to start exec %q: OCI runtime exec failed: exec failed: "+
			"unable to start container process: %v: unknown", newID(), err)
	}
	p.Args = args
	ctx, end := context.WithCancel(first.ctx)
	defer end()
	defer context.AfterFunc(life, end)()
	finish := connect(ctx, p, e)
	var code int
	func() {
		defer first.others.Done()
		code = p.Run(ctx, program)
	}()
	finish()
	return exitError(e.argv, code)
}

// exitError is how the kubelet learns an exit code.
func exitError(argv []string, code int) error {
	if code == 0 {
		return nil
	}
	return utilexec.CodeExitError{Err: fmt.Errorf("command '%s' exited with %d", strings.Join(argv, " "), code), Code: code}
}

// connect gives a process the streams of a client. What the function it
// returns waits for is that all output is with the client.
func connect(ctx context.Context, p *proc.Process, e execution) (finish func()) {
	var copies sync.WaitGroup
	var outputs []*proc.Pipe
	// A client may be slow, and a process must end at once when it is killed:
	// a pipe is between the two.
	output := func(w io.Writer, failed func()) io.Writer {
		if w == nil {
			return io.Discard
		}
		pipe := proc.NewPipe()
		outputs = append(outputs, pipe)
		copies.Go(func() {
			if _, err := io.Copy(w, pipe); err != nil {
				failed()
			}
			pipe.Close()
		})
		return pipe
	}
	if e.tty {
		var tty *proc.TTY
		tty = proc.NewTTY(output(e.out, func() { tty.Hangup() }), p.Table)
		p.TTY, p.Stdin, p.Stdout, p.Stderr = tty, tty, tty, tty
		p.Env["TERM"] = "xterm"
		window, closeWindow := context.WithCancel(ctx)
		copies.Go(func() { followSize(window, tty, e.resize) })
		if e.in != nil {
			go func() { // ends with the client's connection, which its server closes after this
				typed(tty, e.in)
				tty.EndInput()
			}()
		}
		return func() {
			closeWindow()
			closeAll(outputs)
			copies.Wait()
		}
	}
	p.Stdout, p.Stderr = output(e.out, func() {}), output(e.errOut, func() {})
	var input *proc.Pipe
	if e.in != nil {
		input = proc.NewPipe()
		p.Stdin = input
		go func() { // ends with the client's connection, which its server closes after this
			_, _ = io.Copy(input, e.in)
			input.Close()
		}()
	}
	return func() {
		if input != nil {
			input.Close()
		}
		closeAll(outputs)
		copies.Wait()
	}
}

func closeAll(pipes []*proc.Pipe) {
	for _, p := range pipes {
		p.Close()
	}
}

// typed hands a client's input to a terminal until it ends.
func typed(tty *proc.TTY, in io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := in.Read(buf)
		tty.Input(buf[:n])
		if err != nil {
			return
		}
	}
}

// followSize passes the sizes of a client's window on until ctx ends.
func followSize(ctx context.Context, tty *proc.TTY, sizes <-chan remotecommand.TerminalSize) {
	for {
		select {
		case size, ok := <-sizes:
			if !ok {
				return
			}
			if size.Width > 0 && size.Height > 0 {
				tty.Resize(int(size.Width), int(size.Height))
			}
		case <-ctx.Done():
			return
		}
	}
}

// maxSyncOutput is how much of each output ExecSync keeps, in bytes: as much as
// the kubelet and containerd accept.
const maxSyncOutput = 16 << 20

// bounded keeps the beginning of what is written.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), maxSyncOutput-b.Len())])
	return len(p), nil
}

// ExecSync implements the CRI service, for exec probes and lifecycle hooks. A
// command that takes longer than the timeout is killed; 0 is no timeout.
func (r *Runtime) ExecSync(ctx context.Context, id string, argv []string, timeout time.Duration) (stdout, stderr []byte, err error) {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	var out, errOut bounded
	err = r.exec(ctx, execution{id: id, argv: argv, out: &out, errOut: &errOut})
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = status.Errorf(codes.DeadlineExceeded, "failed to exec in container: timeout %s exceeded: context deadline exceeded", timeout)
	}
	var exit utilexec.CodeExitError
	switch {
	case errors.As(err, &exit):
		err = utilexec.CodeExitError{Err: fmt.Errorf("%w: %s", exit.Err, errOut.Bytes()), Code: exit.Code}
	case err != nil:
		err = status.Convert(err).Err() // as it comes from a runtime of its own
	}
	return out.Bytes(), errOut.Bytes(), err
}
