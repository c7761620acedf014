package minikube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// maxLine is how much of a line of minikube's output is read, in bytes. The
// longest events are errors with the last lines of kubelet's log in them.
const maxLine = 256 << 10

// event is one line of `minikube start -o json`: a CloudEvent. All values of its
// data are strings.
type event struct {
	kind string // "step", "info", "warning", "error", "download", "download.progress"
	data map[string]string
}

const eventPrefix = "io.k8s.sigs.minikube."

// parseEvent reads a line; false for one that is no event.
func parseEvent(line []byte) (event, bool) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] != '{' {
		return event{}, false
	}
	var e struct {
		Type string            `json:"type"`
		Data map[string]string `json:"data"`
	}
	if json.Unmarshal(line, &e) != nil {
		return event{}, false
	}
	kind, ours := strings.CutPrefix(e.Type, eventPrefix)
	return event{kind, e.Data}, ours
}

// fatal is an error event with which minikube ends. One without an exit code is
// only something that it wrote to its standard error.
type fatal struct {
	name, message, advice, url string
	code                       int
}

func (e event) fatal() (fatal, bool) {
	code, err := strconv.Atoi(e.data["exitcode"])
	if e.kind != "error" || err != nil || code == 0 {
		return fatal{}, false
	}
	return fatal{e.data["name"], e.data["message"], e.data["advice"], e.data["url"], code}, true
}

// fatalIn finds the last fatal event in an output.
func fatalIn(output []byte) (fatal, bool) {
	var found fatal
	ok := false
	for line := range bytes.Lines(output) {
		if e, is := parseEvent(line); is {
			if f, is := e.fatal(); is {
				found, ok = f, true
			}
		}
	}
	return found, ok
}

// error is what the learner is told: minikube's words, and what to do.
func (f fatal) error(args []string, step string, code int) *Error {
	message := f.message
	if message == "" {
		message = fmt.Sprintf("exit code %d", f.code)
	}
	e := &Error{Command: command(args), Kind: Failed, Reason: f.name, Step: step, Code: code, Err: fmt.Errorf("%s", message), URL: f.url}
	e.Hint = hintFor(f)
	return e
}

// lines cuts what is written to it into lines. The end of a line that is too
// long is dropped, and a last line without an end is told by close.
type lines struct {
	tell func([]byte)
	part []byte
}

func (l *lines) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		piece := p
		if i >= 0 {
			piece = p[:i]
		}
		l.part = append(l.part, piece[:min(len(piece), maxLine-len(l.part))]...)
		if i < 0 {
			break
		}
		l.close()
		p = p[i+1:]
	}
	return n, nil
}

func (l *lines) close() {
	if len(l.part) > 0 {
		l.tell(l.part)
	}
	l.part = l.part[:0]
}
