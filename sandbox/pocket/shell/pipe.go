package shell

import (
	"context"
	"io"
	"sync"
	"syscall"
)

// pipeCapacity is how many bytes a pipe holds, as on Linux.
const pipeCapacity = 64 << 10

// pipe is pipe(7) between two processes of a container.
type pipe struct {
	mu      sync.Mutex
	changed chan struct{} // closed and replaced at every change
	data    []byte
	readers int
	writers int
}

// newPipe makes a pipe; both ends must be closed.
func newPipe() (*pipeReader, *pipeWriter) {
	p := &pipe{changed: make(chan struct{}), readers: 1, writers: 1}
	return &pipeReader{p}, &pipeWriter{pipe: p}
}

// notify wakes everybody who waits. p.mu is held.
func (p *pipe) notify() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// pipeReader is the end of a pipe to read from.
type pipeReader struct{ pipe *pipe }

// Read implements io.Reader.
func (r *pipeReader) Read(b []byte) (int, error) { return r.ReadContext(context.Background(), b) }

// ReadContext is Read that ends with ctx; proc binds it to the process that reads.
func (r *pipeReader) ReadContext(ctx context.Context, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	p := r.pipe
	for {
		p.mu.Lock()
		if len(p.data) > 0 {
			n := copy(b, p.data)
			if p.data = p.data[n:]; len(p.data) == 0 {
				p.data = nil
			}
			p.notify()
			p.mu.Unlock()
			return n, nil
		}
		if p.writers == 0 {
			p.mu.Unlock()
			return 0, io.EOF
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// Close says that nobody will read any more.
func (r *pipeReader) Close() error {
	r.pipe.mu.Lock()
	defer r.pipe.mu.Unlock()
	r.pipe.readers = 0
	r.pipe.data = nil
	r.pipe.notify()
	return nil
}

// pipeWriter is the end of a pipe to write to, as one process has it.
type pipeWriter struct {
	pipe   *pipe
	done   <-chan struct{} // ends writes; nil is never
	broken func()          // what a write without a reader does to the process: SIGPIPE
}

// bindWriter makes writes to a pipe end with a process: when ctx ends, and by
// SIGPIPE when nobody reads.
func bindWriter(ctx context.Context, w io.Writer, broken func()) io.Writer {
	if pw, ok := w.(*pipeWriter); ok {
		return &pipeWriter{pipe: pw.pipe, done: ctx.Done(), broken: broken}
	}
	return w
}

// Write implements io.Writer.
func (w *pipeWriter) Write(b []byte) (written int, err error) {
	p := w.pipe
	for {
		p.mu.Lock()
		if p.readers == 0 {
			p.mu.Unlock()
			if w.broken != nil {
				w.broken()
			}
			return written, syscall.EPIPE
		}
		if room := pipeCapacity - len(p.data); room > 0 {
			n := min(room, len(b))
			p.data = append(p.data, b[:n]...)
			b, written = b[n:], written+n
			p.notify()
		}
		changed := p.changed
		p.mu.Unlock()
		if len(b) == 0 {
			return written, nil
		}
		select {
		case <-changed:
		case <-w.done:
			return written, syscall.EINTR
		}
	}
}

// Close says that nothing more will be written.
func (w *pipeWriter) Close() error {
	w.pipe.mu.Lock()
	defer w.pipe.mu.Unlock()
	w.pipe.writers = 0
	w.pipe.notify()
	return nil
}
