package plain

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/muesli/cancelreader"
)

// errLeave ends the conversation as the learner wants it: they said so, or
// there is no more input.
var errLeave = errors.New("leave")

// errStopped is what waiting returns after Ctrl-C.
var errStopped = errors.New("stopped")

// maxLine is the longest line that is kept, in bytes; the rest of it is dropped.
const maxLine = 1 << 16

// typedLine is one line of the learner's.
type typedLine struct {
	text string
	err  error
}

// input reads lines, each only when it is wanted: a command that the learner
// runs must find what is typed after it.
type input struct {
	reader  cancelreader.CancelReader
	want    chan struct{}
	lines   chan typedLine
	done    chan struct{}
	pending bool // a line is wanted and has not come
}

func newInput(in io.Reader) (*input, error) {
	r, err := cancelreader.NewReader(in)
	if err != nil { // a file, whose reading never blocks and cannot be watched
		r, err = cancelreader.NewReader(struct{ io.Reader }{in})
	}
	if err != nil {
		return nil, fmt.Errorf("read what is typed: %w", err)
	}
	i := &input{reader: r, want: make(chan struct{}, 1), lines: make(chan typedLine, 1), done: make(chan struct{})}
	go i.read()
	return i, nil
}

func (i *input) read() {
	defer close(i.done)
	buffered := bufio.NewReaderSize(i.reader, 4096)
	for range i.want {
		text, err := readLine(buffered)
		i.lines <- typedLine{text, err}
		if err != nil {
			return
		}
	}
}

// readLine reads to the end of a line. A last line without an end is a line.
func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part[:min(len(part), maxLine-len(line))]...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && len(line) > 0 && errors.Is(err, io.EOF):
			err = nil
		}
		return strings.TrimRight(string(line), "\r\n"), err
	}
}

// next asks for a line, unless one is under way.
func (i *input) next() <-chan typedLine {
	if !i.pending {
		i.pending = true
		select {
		case i.want <- struct{}{}:
		case <-i.done:
		}
	}
	return i.lines
}

// close ends the reading where that is possible; a read of a terminal of another
// program's making ends with this program.
func (i *input) close() {
	close(i.want)
	if i.reader.Cancel() {
		<-i.done
	}
	i.reader.Close()
}

// read writes a prompt and returns the line that is typed after it. Meanwhile it
// tells what happens. The error is errLeave at the end of the input.
func (t *talk) read(ctx context.Context, prompt string) (string, error) {
	if len(t.pushed) > 0 {
		line := t.pushed[0]
		t.pushed = t.pushed[1:]
		return line, nil
	}
	t.catchUp()
	t.out.prompt(prompt)
	lines := t.in.next()
	for {
		if t.out.err != nil {
			return "", t.out.err
		}
		select {
		case <-ctx.Done():
			t.out.fresh()
			return "", ctx.Err()
		case l := <-lines:
			t.in.pending = false
			if l.err != nil {
				// Also a terminal that went away ends the conversation like the end of
				// a file: there is nobody left to tell.
				t.out.fresh()
				return "", errLeave
			}
			t.out.typed()
			if !t.o.InTerminal {
				t.out.write("\n") // nobody has pressed enter
			}
			t.stops = 0
			return l.text, nil
		case <-t.o.Interrupts:
			t.out.fresh()
			if t.stops++; t.stops > 1 || !t.o.InTerminal {
				return "", errLeave
			}
			t.say(t.words.PressedStop)
			t.out.prompt(prompt)
		case r := <-t.reports():
			if t.tell(t.take(r)...) {
				t.out.prompt(prompt)
			}
		case err := <-t.engineEnd():
			if t.tell(t.engineEnded(err)...) {
				t.out.prompt(prompt)
			}
		case <-t.later():
			if t.tell(t.settled()...) {
				t.out.prompt(prompt)
			}
		}
	}
}

// confirm asks a question that is answered with yes or no; anything but a yes is
// a no.
func (t *talk) confirm(ctx context.Context, question string) (bool, error) {
	line, err := t.read(ctx, question+" "+t.words.YesNo)
	if err != nil {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(normal(line))) {
	case "y", "yes", "是", "好", "确定":
		return true, nil
	}
	return false, nil
}
