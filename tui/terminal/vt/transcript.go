package vt

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const (
	maxHead       = 8 << 10 // bytes kept of the start of a command's output
	maxTail       = 8 << 10 // and of its end
	maxOutputLine = 4 << 10
)

// transcript takes down what a command prints, as text. It takes a bounded
// space however much that is, and costs next to nothing while nothing is taken
// down.
type transcript struct {
	on         bool
	line       []byte // the line being printed
	returned   bool   // the carriage has returned: the next character begins the line anew
	head, tail []byte
	dropped    bool
}

func (tr *transcript) start() { *tr = transcript{on: true} }

// stop ends taking down and returns the text, without trailing line ends.
func (tr *transcript) stop() string {
	tr.newline()
	head, tail := tr.head, tr.tail
	if len(tail) > maxTail {
		tail, tr.dropped = tail[len(tail)-maxTail:], true
	}
	if tr.dropped {
		if i := bytes.IndexByte(tail, '\n'); i >= 0 {
			tail = tail[i+1:] // the first line is not whole
		}
		head = append(head, "…\n"...)
	}
	text := string(head) + string(tail)
	*tr = transcript{}
	return strings.TrimRight(text, "\n")
}

// ascii takes down printed characters 0x20 to 0x7e.
func (tr *transcript) ascii(b []byte) {
	tr.begin()
	if room := maxOutputLine - len(tr.line); room > 0 {
		tr.line = append(tr.line, b[:min(room, len(b))]...)
	}
}

// character takes down any printed character.
func (tr *transcript) character(r rune) {
	tr.begin()
	if len(tr.line) < maxOutputLine && !reorders(r) {
		tr.line = utf8.AppendRune(tr.line, r)
	}
}

func (tr *transcript) begin() {
	if tr.returned {
		tr.returned, tr.line = false, tr.line[:0]
	}
}

func (tr *transcript) carriageReturn() { tr.returned = true }

func (tr *transcript) newline() {
	line := bytes.TrimRight(tr.line, " ")
	if len(tr.head)+len(line) < maxHead && len(tr.tail) == 0 {
		tr.head = append(append(tr.head, line...), '\n')
	} else {
		tr.tail = append(append(tr.tail, line...), '\n')
		if len(tr.tail) > 4*maxTail {
			tr.tail, tr.dropped = append(tr.tail[:0], tr.tail[len(tr.tail)-maxTail:]...), true
		}
	}
	tr.line, tr.returned = tr.line[:0], false
}
