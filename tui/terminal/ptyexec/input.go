// Package ptyexec runs a command on a pseudo-terminal, without knowing what is
// shown on it.
//
// It promises that writing to the command never blocks the caller, that
// [Process.Close] ends the command with all that runs in its foreground, and
// that no goroutine and no file is left after it. On Windows the pseudo-terminal
// is a ConPTY, which is experimental here: it compiles, and has not been tried. On
// systems that have neither, [Start] fails with [ErrUnsupported].
//
// It must not import the emulator or the user interface.
package ptyexec

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// MaxInput is how many bytes of input may wait for a command that does not read.
const MaxInput = 4 << 20

// ErrUnsupported says that this system has no pseudo-terminals that we can use.
var ErrUnsupported = errors.New("no shell can be shown here on this system: use your own terminal, and `k8stutor check` in it")

// ErrInputFull says that a command has not read its input for too long.
var ErrInputFull = fmt.Errorf("the program in the terminal does not read its input: %d MiB are waiting", MaxInput>>20)

// Input is a queue of bytes on their way to a program. Writing never blocks,
// reading waits for something to come.
type Input struct {
	mu     sync.Mutex
	ready  *sync.Cond
	bytes  []byte
	closed bool
}

// NewInput returns an empty queue.
func NewInput() *Input {
	in := &Input{}
	in.ready = sync.NewCond(&in.mu)
	return in
}

// Write adds p to the queue. It fails with [ErrInputFull], having added
// nothing, and with [io.ErrClosedPipe] after Close.
func (in *Input) Write(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.closed:
		return 0, io.ErrClosedPipe
	case len(in.bytes)+len(p) > MaxInput:
		return 0, ErrInputFull
	}
	in.bytes = append(in.bytes, p...)
	in.ready.Signal()
	return len(p), nil
}

// Read takes bytes from the queue, waiting while there are none. After Close
// it returns [io.EOF].
func (in *Input) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.bytes) == 0 && !in.closed {
		in.ready.Wait()
	}
	if in.closed {
		return 0, io.EOF
	}
	n := copy(p, in.bytes)
	in.bytes = in.bytes[n:]
	if len(in.bytes) == 0 {
		in.bytes = nil
	}
	return n, nil
}

// Close drops what is still waiting and ends reading.
func (in *Input) Close() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	in.bytes = nil
	in.ready.Broadcast()
	return nil
}
