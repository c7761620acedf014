package pocket

import (
	"context"
	"io"
	"sync"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// attachment is a client's connection to the first process of a container.
// Streams may be nil.
type attachment struct {
	in          io.Reader
	out, errOut io.Writer
	resize      <-chan remotecommand.TerminalSize
}

// attach connects a client until the container has ended, or until the
// client's input has, if that does not end the input of the container too.
func (p *process) attach(ctx context.Context, a attachment) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var copies sync.WaitGroup
	detach := []func(){p.stdout.join(a.out, &copies), p.stderr.join(a.errOut, &copies)}
	left := make(chan struct{})
	switch {
	case p.tty != nil:
		copies.Go(func() { followSize(ctx, p.tty, a.resize) })
		if a.in != nil {
			go func() { // ends with the client's connection, which its server closes after this
				typed(p.tty, a.in)
				close(left)
			}()
		}
	case a.in != nil:
		go func() { // as above
			if p.stdin != nil {
				_, _ = io.Copy(p.stdin, a.in)
			} else {
				_, _ = io.Copy(io.Discard, a.in)
			}
			if p.stdin != nil && p.stdinOnce {
				p.stdin.Close()
				return
			}
			close(left)
		}()
	}
	select {
	case <-p.done:
	case <-left:
	case <-ctx.Done():
	}
	for _, end := range detach {
		end()
	}
	cancel()
	copies.Wait()
	return nil
}

// output is one of the outputs of a container's first process: it goes to the
// log and to the clients that are attached.
type output struct {
	log *stream

	mu      sync.Mutex
	clients map[*proc.Pipe]struct{}
}

func newOutput(log *stream) *output { return &output{log: log, clients: map[*proc.Pipe]struct{}{}} }

// Write implements io.Writer. A client that does not keep up holds the process
// up, as an attached terminal does.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	clients := make([]*proc.Pipe, 0, len(o.clients))
	for c := range o.clients {
		clients = append(clients, c)
	}
	o.mu.Unlock()
	n, err := o.log.Write(b)
	for _, c := range clients {
		if _, err := c.Write(b); err != nil {
			o.leave(c)
		}
	}
	return n, err
}

func (o *output) leave(c *proc.Pipe) {
	o.mu.Lock()
	delete(o.clients, c)
	o.mu.Unlock()
	c.Close()
}

// join sends what is written from now on to a client also, until the function
// it returns is called; copies then waits until all of it is delivered.
func (o *output) join(client io.Writer, copies *sync.WaitGroup) (leave func()) {
	if client == nil || o == nil {
		return func() {}
	}
	pipe := proc.NewPipe()
	o.mu.Lock()
	o.clients[pipe] = struct{}{}
	o.mu.Unlock()
	copies.Go(func() {
		_, _ = io.Copy(client, pipe)
		o.leave(pipe)
	})
	return func() { o.leave(pipe) }
}

// abandon lets all clients go; the process was killed and must not wait for one.
func (o *output) abandon() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for c := range o.clients {
		c.Close()
	}
}
