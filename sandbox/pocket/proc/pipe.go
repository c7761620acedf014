package proc

import (
	"context"
	"io"
	"os"
	"sync"
	"time"
)

// pipeSize is how much a pipe holds before its writer waits: Linux' own.
const pipeSize = 64 << 10

// Pipe carries bytes from outside a container to the standard input of its
// processes. Unlike io.Pipe it has a buffer, and a read can be given up without
// losing anything: a process that is killed while it reads takes nothing along.
type Pipe struct {
	mu      sync.Mutex
	data    []byte
	closed  bool
	changed chan struct{} // closed at every change
}

// NewPipe makes an empty pipe.
func NewPipe() *Pipe { return &Pipe{changed: make(chan struct{})} }

// change wakes everybody who waits. p.mu is held.
func (p *Pipe) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// Read implements io.Reader.
func (p *Pipe) Read(b []byte) (int, error) { return p.ReadContext(context.Background(), b) }

// ReadContext is Read that ends with ctx.
func (p *Pipe) ReadContext(ctx context.Context, b []byte) (int, error) {
	for {
		p.mu.Lock()
		switch {
		case ctx.Err() != nil:
			p.mu.Unlock()
			return 0, ctx.Err()
		case len(p.data) > 0 || len(b) == 0:
			n := copy(b, p.data)
			if p.data = p.data[n:]; len(p.data) == 0 {
				p.data = nil
			}
			p.change()
			p.mu.Unlock()
			return n, nil
		case p.closed:
			p.mu.Unlock()
			return 0, io.EOF
		}
		changed := p.changed
		p.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Write implements io.Writer. It waits while the pipe is full.
func (p *Pipe) Write(b []byte) (int, error) {
	written := 0
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return written, io.ErrClosedPipe
		}
		if n := min(pipeSize-len(p.data), len(b)-written); n > 0 {
			p.data = append(p.data, b[written:written+n]...)
			written += n
			p.change()
		}
		changed := p.changed
		p.mu.Unlock()
		if written == len(b) {
			return written, nil
		}
		<-changed
	}
}

// Close ends the pipe: what it holds can still be read, then comes the end.
func (p *Pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.closed = true
		p.change()
	}
	return nil
}

// contextReader is an input whose reads can be given up.
type contextReader interface {
	io.Reader
	ReadContext(ctx context.Context, b []byte) (int, error)
}

// boundReader is an input as one process reads it: a read ends with the process.
type boundReader struct {
	ctx context.Context
	in  io.Reader // a contextReader or an *os.File
}

// bind makes the reads of an input end with ctx, where that is possible.
func bind(ctx context.Context, in io.Reader) io.Reader {
	switch in := Unbound(in).(type) {
	case contextReader, *os.File:
		return &boundReader{ctx, in}
	}
	return in
}

// Unbound is the input behind the view that one process has of it. A parent
// that gives its input to a child gives this one.
func Unbound(in io.Reader) io.Reader {
	if b, ok := in.(*boundReader); ok {
		return b.in
	}
	return in
}

func (r *boundReader) Read(b []byte) (int, error) {
	switch in := r.in.(type) {
	case contextReader:
		return in.ReadContext(r.ctx, b)
	case *os.File: // the shell's pipes
		stop := context.AfterFunc(r.ctx, func() { _ = in.SetReadDeadline(time.Now()) })
		n, err := in.Read(b)
		if !stop() && r.ctx.Err() != nil {
			_ = in.SetReadDeadline(time.Time{})
			if err != nil {
				err = r.ctx.Err()
			}
		}
		return n, err
	}
	return r.in.Read(b)
}

// boundWriter is an output as one process writes it: a process that was killed
// prints nothing more.
type boundWriter struct {
	ctx context.Context
	out io.Writer
}

// bindOutput makes the writes to a terminal or to a client end with ctx.
func bindOutput(ctx context.Context, out io.Writer) io.Writer {
	if b, ok := out.(*boundWriter); ok {
		out = b.out
	}
	switch out.(type) {
	case *TTY, *Pipe:
		return &boundWriter{ctx, out}
	}
	return out
}

func (w *boundWriter) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.out.Write(b)
}
