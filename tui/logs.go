package tui

import (
	"bufio"
	"context"
	"errors"
	"io"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// EventReader is a Session that lists the events of an object.
type EventReader interface {
	EventsOf(ctx context.Context, namespace, uid string) ([]lessons.Object, error)
}

// LogReader is a Session that reads what containers print. What it returns ends with
// ctx and is closed by the caller.
type LogReader interface {
	ReadLogs(ctx context.Context, r lessons.LogRequest) (io.ReadCloser, error)
}

// The log that is kept: the newest lines, none longer than a piece.
const (
	logLines = 5000
	logPiece = 16 << 10 // bytes
)

// logStream is a log being read. Its lines wait until the screen takes them; of more
// than logLines that nobody has taken, the oldest are dropped.
type logStream struct {
	ctx     context.Context
	cancel  context.CancelFunc
	request lessons.LogRequest
	news    chan struct{} // holds one when there is something to take

	mu      sync.Mutex
	waiting []string
	dropped int
	ended   bool
	err     error
}

func newLogStream(ctx context.Context, r lessons.LogRequest) *logStream {
	ctx, cancel := context.WithCancel(ctx)
	return &logStream{ctx: ctx, cancel: cancel, request: r, news: make(chan struct{}, 1)}
}

func (l *logStream) change(fn func()) {
	l.mu.Lock()
	fn()
	l.mu.Unlock()
	select {
	case l.news <- struct{}{}:
	default:
	}
}

// take returns what has come since it was last called.
func (l *logStream) take() (lines []string, dropped int, ended bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines, dropped = l.waiting, l.dropped
	l.waiting, l.dropped = nil, 0
	return lines, dropped, l.ended, l.err
}

// read reads until the log or ctx ends.
func (l *logStream) read(from LogReader) {
	err := l.copy(from)
	if l.ctx.Err() != nil {
		return
	}
	l.change(func() { l.ended, l.err = true, err })
}

func (l *logStream) copy(from LogReader) error {
	body, err := from.ReadLogs(l.ctx, l.request)
	if err != nil {
		return err
	}
	defer context.AfterFunc(l.ctx, func() { body.Close() })()
	defer body.Close()
	r, within := bufio.NewReaderSize(body, logPiece), false
	for {
		line, more, err := r.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if within && len(line) == 0 && !more {
			within = false // the end of a line that was exactly as long as the pieces of it
			continue
		}
		within = more
		text := string(line)
		l.change(func() {
			if l.waiting = append(l.waiting, text); len(l.waiting) > logLines {
				// A quarter at once: moving all for each line would take its time.
				n := logLines / 4
				l.waiting, l.dropped = append([]string(nil), l.waiting[n:]...), l.dropped+n
			}
		})
	}
}

// logMsg: a log has grown or ended. From watchLog; handled by viewerScreen.
type logMsg struct{ stream *logStream }

// eventsMsg: the events of an object. From readEvents; handled by viewerScreen.
type eventsMsg struct {
	viewer *viewerScreen
	events []lessons.Object
	err    error
}

func runLog(c *crew, l *logStream, from LogReader) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		l.read(from)
		return nil
	})
}

func watchLog(c *crew, l *logStream) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		select {
		case <-l.news:
			return logMsg{l}
		case <-l.ctx.Done():
			return nil
		}
	})
}

func readEvents(c *crew, v *viewerScreen, from EventReader, namespace, uid string) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, findTimeout)
		defer cancel()
		events, err := from.EventsOf(ctx, namespace, uid)
		return eventsMsg{v, events, err}
	})
}
