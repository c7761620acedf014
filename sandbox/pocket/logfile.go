package pocket

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A container may log this many bytes a second on average; a faster one waits,
// so that a loop in a lesson cannot fill the learner's disk.
const (
	logRate  = 1 << 20
	logBurst = 1 << 20
)

// maxLogLine is where a line is cut into parts, as containerd does, in bytes.
const maxLogLine = 16 << 10

// logFile writes a container's output in the CRI log format, the one that the
// kubelet reads for kubectl logs.
type logFile struct {
	path    string // empty: discard
	limiter *rate.Limiter

	mu   sync.Mutex
	file *os.File
}

func openLog(path string) (*logFile, error) {
	l := &logFile{path: path, limiter: rate.NewLimiter(logRate, logBurst)}
	if path == "" {
		return l, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("failed to create container log: %w", err)
	}
	return l, l.reopen()
}

// reopen starts a new file at the same path after the old one was moved.
func (l *logFile) reopen() error {
	if l.path == "" {
		return nil
	}
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("failed to open container log: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close()
	}
	l.file = file
	return nil
}

func (l *logFile) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
}

// line writes one record. A log that cannot be written (disk full) is lost
// without stopping the program, as in a real node.
func (l *logFile) line(ctx context.Context, stream, tag string, text []byte) {
	if l.limiter.WaitN(ctx, min(len(text)+64, logBurst)) != nil {
		return // killed while waiting
	}
	const format = "2006-01-02T15:04:05.000000000Z07:00"
	record := make([]byte, 0, len(text)+64)
	record = time.Now().AppendFormat(record, format)
	record = append(record, ' ')
	record = append(record, stream...)
	record = append(record, ' ')
	record = append(record, tag...)
	record = append(record, ' ')
	record = append(record, text...)
	record = append(record, '\n')
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_, _ = l.file.Write(record)
	}
}

// stream is the writer of one of a program's two outputs.
type stream struct {
	ctx  context.Context
	log  *logFile
	name string // "stdout" or "stderr"

	mu      sync.Mutex
	pending []byte
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return 0, s.ctx.Err()
	}
	s.pending = append(s.pending, p...)
	for {
		if i := bytes.IndexByte(s.pending, '\n'); i >= 0 && i <= maxLogLine {
			s.log.line(s.ctx, s.name, "F", s.pending[:i])
			s.pending = s.pending[i+1:]
			continue
		}
		if len(s.pending) < maxLogLine {
			return len(p), nil
		}
		s.log.line(s.ctx, s.name, "P", s.pending[:maxLogLine])
		s.pending = s.pending[maxLogLine:]
	}
}

// flush writes a last line that had no end.
func (s *stream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) > 0 {
		s.log.line(context.WithoutCancel(s.ctx), s.name, "P", s.pending)
		s.pending = nil
	}
}
