package vnet

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// window is how much one side may send before the other reads, in bytes.
	window = 64 << 10
	// keepBuffer is the largest buffer that an idle stream keeps, in bytes.
	keepBuffer = 2 << 10
)

// half is one direction of a stream.
type half struct {
	writing sync.Mutex // held by one Write at a time, so that two do not mix

	mu      sync.Mutex
	changed sync.Cond
	buffer  []byte // what was sent and not read yet is buffer[first:]
	first   int

	last     error // what reading meets after the data; nil while more may come
	writeErr error // what writing meets
	readErr  error // what reading meets, data or not

	reader, writer deadline
}

func newHalf() *half {
	h := &half{}
	h.changed.L = &h.mu
	return h
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.readErr != nil:
			return 0, h.readErr
		case len(p) == 0:
			return 0, nil
		case h.reader.over:
			return 0, os.ErrDeadlineExceeded
		case h.pending() > 0:
			n := copy(p, h.buffer[h.first:])
			if h.first += n; h.pending() == 0 {
				h.drop()
			}
			h.changed.Broadcast()
			return n, nil
		case h.last != nil:
			return 0, h.last
		}
		h.changed.Wait()
	}
}

func (h *half) pending() int { return len(h.buffer) - h.first }

// drop empties the buffer; an idle stream holds little memory.
func (h *half) drop() {
	h.first = 0
	if h.buffer = h.buffer[:0]; cap(h.buffer) > keepBuffer {
		h.buffer = nil
	}
}

func (h *half) write(p []byte) (written int, err error) {
	h.writing.Lock()
	defer h.writing.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.writeErr != nil:
			return written, h.writeErr
		case h.writer.over:
			return written, os.ErrDeadlineExceeded
		case len(p) == 0:
			return written, nil
		}
		if n := min(len(p), window-h.pending()); n > 0 {
			if h.first > 0 && len(h.buffer)+n > cap(h.buffer) {
				h.buffer = h.buffer[:copy(h.buffer, h.buffer[h.first:])]
				h.first = 0
			}
			h.buffer = append(h.buffer, p[:n]...)
			p, written = p[n:], written+n
			h.changed.Broadcast()
			continue
		}
		h.changed.Wait()
	}
}

// finish ends the direction from the writer's side: no more comes.
func (h *half) finish() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.writeErr == net.ErrClosed {
		return net.ErrClosed
	}
	if h.writeErr == nil {
		h.writeErr = syscall.EPIPE
	}
	h.endWith(io.EOF)
	return nil
}

// closeWriter ends the direction because its writer is closed; the reader meets
// last after what was sent.
func (h *half) closeWriter(last error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writeErr = net.ErrClosed
	h.writer.stop()
	h.endWith(last)
}

// closeReader ends the direction because its reader is closed, and reports
// whether something was sent that it has not read. It is not ok when the reader
// was closed before.
func (h *half) closeReader() (unread, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readErr == net.ErrClosed {
		return false, false
	}
	unread = h.pending() > 0
	h.readErr = net.ErrClosed
	h.reader.stop()
	if h.writeErr == nil {
		h.writeErr = syscall.EPIPE
	}
	h.drop()
	h.changed.Broadcast()
	return unread, true
}

// breakOff resets the direction. A reader far away still gets what was sent; a
// reader whose own side broke gets nothing more.
func (h *half) breakOff(readerFarAway bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.writeErr != net.ErrClosed {
		h.writeErr = syscall.ECONNRESET
	}
	if !readerFarAway && h.readErr == nil {
		h.readErr = syscall.ECONNRESET
		h.drop()
	}
	h.endWith(syscall.ECONNRESET)
}

// endWith sets what reading meets after the data. h.mu is held.
func (h *half) endWith(last error) {
	if h.last == nil {
		h.last = last
	}
	h.changed.Broadcast()
}

func (h *half) setReadDeadline(t time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readErr == net.ErrClosed {
		return net.ErrClosed
	}
	h.reader.set(t, &h.mu, &h.changed)
	return nil
}

func (h *half) setWriteDeadline(t time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.writeErr == net.ErrClosed {
		return net.ErrClosed
	}
	h.writer.set(t, &h.mu, &h.changed)
	return nil
}

// deadline is a time after which waiting is over. The mutex of whoever waits
// guards it.
type deadline struct {
	timer *time.Timer
	over  bool
}

// set replaces the deadline; the zero time is none. mu, which is held, and
// changed belong to whoever waits.
func (d *deadline) set(t time.Time, mu *sync.Mutex, changed *sync.Cond) {
	d.stop()
	d.over = false
	switch wait := time.Until(t); {
	case t.IsZero():
	case wait <= 0:
		d.over = true
	default:
		var timer *time.Timer
		timer = time.AfterFunc(wait, func() {
			mu.Lock()
			defer mu.Unlock()
			if d.timer == timer { // it may have been set anew meanwhile
				d.over = true
				changed.Broadcast()
			}
		})
		d.timer = timer
	}
	changed.Broadcast()
}

// stop forgets the timer.
func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
