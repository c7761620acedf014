package agnhost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// dialLimit is how long the server waits for whom it dials.
const dialLimit = 5 * time.Second

// maxTries bounds the requests of one call of /dial.
const maxTries = 10_000

// dial asks another server, perhaps many times, and tells what it said.
func (n *netexec) dial(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	host, service, request, protocol, triesText := q.Get("host"), q.Get("port"), q.Get("request"), q.Get("protocol"), q.Get("tries")
	n.log.printf("GET /dial?host=%s&protocol=%s&port=%s&request=%s&tries=%s", host, protocol, service, request, triesText)
	tries := 1
	if triesText != "" {
		var err error
		if tries, err = strconv.Atoi(triesText); err != nil {
			http.Error(w, fmt.Sprintf("tries parameter is invalid. %v", err), http.StatusBadRequest)
			return
		}
	}
	if request == "" {
		http.Error(w, "request parameter not specified. <nil>", http.StatusBadRequest)
		return
	}
	var do func(request, address string) (string, error)
	network := "tcp"
	switch strings.ToLower(protocol) {
	case "", "http":
		do = n.dialHTTP
	case "udp":
		do, network = n.dialUDP, "udp"
	case "sctp":
		do = func(string, string) (string, error) {
			return "", fmt.Errorf("sctp dial failed. err:%v", "protocol not supported")
		}
	default:
		http.Error(w, fmt.Sprintf("unsupported protocol. %s", protocol), http.StatusBadRequest)
		return
	}
	address, err := n.resolve(r.Context(), network, net.JoinHostPort(host, service))
	if err != nil {
		http.Error(w, fmt.Sprintf("host and/or port param are invalid. %v", err), http.StatusBadRequest)
		return
	}
	var responses, failures []string
	last := ""
	for range min(tries, maxTries) {
		if r.Context().Err() != nil {
			return
		}
		if last, err = do(request, address); err != nil {
			failures = append(failures, err.Error())
			continue
		}
		responses = append(responses, last)
	}
	output := map[string][]string{}
	if last != "" { // as the real one: an empty last answer hides all of them
		output["responses"] = responses
	}
	if len(failures) > 0 {
		output["errors"] = failures
	}
	answer(w, output)
}

// answer writes JSON as json.Marshal makes it.
func answer(w http.ResponseWriter, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		http.Error(w, fmt.Sprintf("response could not be serialized. %v", err), http.StatusExpectationFailed)
		return
	}
	_, _ = w.Write(data)
}

func (n *netexec) dialHTTP(request, address string) (string, error) {
	_, body, err := n.get(dialLimit, "http://"+address+"/"+request)
	return body, err
}

func (n *netexec) dialUDP(request, address string) (string, error) {
	conn, err := n.Dial(n.ctx, "udp", address)
	if err != nil {
		return "", fmt.Errorf("udp dial failed. err:%v", err)
	}
	defer conn.Close()
	if _, err = conn.Write([]byte(request)); err != nil {
		return "", fmt.Errorf("udp connection write failed. err:%v", err)
	}
	buf := make([]byte, 2048)
	_ = conn.SetReadDeadline(time.Now().Add(dialLimit))
	count, err := conn.Read(buf)
	if err != nil || count == 0 {
		return "", fmt.Errorf("reading from udp connection failed. err:'%v'", err)
	}
	return string(buf[:count]), nil
}

// shell runs a command with the container's shell.
func (n *netexec) shell(w http.ResponseWriter, r *http.Request) {
	command := r.FormValue("shellCommand")
	if command == "" {
		command = r.FormValue("cmd")
	}
	n.log.printf("GET /shell?cmd=%s", command)
	text, err := n.combinedOutput("/bin/sh", "-c", command)
	output := map[string]string{}
	if text != "" {
		output["output"] = text
	}
	if err != nil {
		output["error"] = err.Error()
	}
	n.log.printf("Output: %s", output)
	answer(w, output)
}

// combinedOutput is exec.Command(...).CombinedOutput in the container.
func (a *app) combinedOutput(args ...string) (string, error) {
	program, args, err := a.Find(args)
	if err != nil {
		return "", err
	}
	child := a.Child(args...)
	out := &boundedBuffer{}
	child.Stdin, child.Stdout, child.Stderr = strings.NewReader(""), out, out
	code := child.Run(a.ctx, program)
	if code == 0 {
		return out.String(), nil
	}
	if sig := child.KilledBy(); sig != 0 {
		return out.String(), fmt.Errorf("signal: %s", signalText(sig))
	}
	return out.String(), fmt.Errorf("exit status %d", code)
}

// signalText is what Go calls the signals that end a process.
func signalText(sig proc.Signal) string {
	switch sig {
	case proc.SIGKILL:
		return "killed"
	case proc.SIGTERM:
		return "terminated"
	case proc.SIGINT:
		return "interrupt"
	}
	return strings.ToLower(sig.String())
}

// maxOutput bounds what a command may print before the rest is dropped, in bytes.
const maxOutput = 8 << 20

// boundedBuffer keeps what a command prints; output and errors come on
// goroutines of their own.
type boundedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Write(p[:min(len(p), maxOutput-b.buf.Len())])
	return len(p), nil
}

func (b *boundedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// upload stores a file of a form in /uploads.
func (n *netexec) upload(w http.ResponseWriter, r *http.Request) {
	n.log.printf("GET /upload")
	file, _, err := r.FormFile("file")
	if err != nil {
		answer(w, map[string]string{"error": "Unable to upload file."})
		n.log.printf("Unable to upload file: %s", err)
		return
	}
	defer file.Close()
	name := fmt.Sprintf("/uploads/upload%d", rand.Uint32())
	target, err := n.Files.Open(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		answer(w, map[string]string{"error": "Unable to open file for write"})
		n.log.printf("Unable to open file for write: %s", err)
		return
	}
	_, err = io.Copy(target, file)
	if closed := target.Close(); err == nil {
		err = closed
	}
	if err != nil {
		answer(w, map[string]string{"error": "Unable to write file."})
		n.log.printf("Unable to write file: %s", err)
		return
	}
	n.log.printf("Wrote upload to %s", name)
	w.WriteHeader(http.StatusCreated)
	answer(w, map[string]string{"output": name})
}
