package agnhost_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// echoShell stands in for the container's shell: it prints the script, and fails
// for `false`.
func echoShell(_ context.Context, p *proc.Process) int {
	fmt.Fprintln(p.Stdout, p.Args[2])
	if p.Args[2] == "false" {
		return 1
	}
	return 0
}

func TestNetexecAnswers(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	server := newPod(t, n, "10.244.0.3", "server")
	server.Image.LookUp = func(string) (proc.Program, bool) { return echoShell, true }
	r := server.start([]string{"NODE_NAME=k8stutor"}, "netexec")
	other := newPod(t, n, "10.244.0.4", "other")
	other.start(nil, "netexec", "--http-port=8080", "--udp-port=8081")
	page(t, n, "http://10.244.0.3:8080/")
	page(t, n, "http://10.244.0.4:8080/")
	until(t, "the UDP server", func() bool { return strings.Contains(r.err.String(), "Started UDP server on port  8081") })
	until(t, "the other Pod answers over UDP", func() bool {
		_, body := page(t, n, "http://10.244.0.3:8080/dial?host=10.244.0.4&port=8081&request=hostname&protocol=udp")
		return strings.Contains(body, "responses")
	})
	for path, want := range map[string]string{
		"hostname":                            "200 server",
		"hostName":                            "200 server",
		"echo?msg=hi":                         "200 hi",
		"echo?msg=no&code=404":                "404 no",
		"echo?code=x":                         "200 argument 'code' must be an integer or empty, got \"x\"\n",
		"clientip":                            "200 192.168.49.2:40000",
		"serverport":                          "200 8080",
		"healthz":                             "200 ",
		"readyz":                              "200 ok",
		"envvar?var=NODE_NAME":                "200 k8stutor",
		"envvar?var=NO":                       "500 env var \"NO\" is not set\n",
		"envvar":                              "400 'var' query parameter is required\n",
		"redirect?location=/echo%3Fmsg=there": "200 there",
		"header?key=User-Agent":               "200 Go-http-client/1.1",
		"shell?cmd=ls":                        `200 {"output":"ls\n"}`,
		"shell?shellCommand=false":            `200 {"error":"exit status 1","output":"false\n"}`,
		"exit?code=x":                         "200 argument 'code' must be an integer [0-127] or empty, got \"x\"\n",
		"dial?host=10.244.0.4&port=8080&request=hostname&protocol=http&tries=2": `200 {"responses":["other","other"]}`,
		"dial?host=10.244.0.4&port=8081&request=hostname&protocol=udp":          `200 {"responses":["other"]}`,
		"dial?host=10.244.0.4&port=8081&request=echo%20Foo&protocol=udp":        `200 {"responses":["foo"]}`,
		"dial?host=10.244.0.4&port=8081&request=serverport&protocol=udp":        `200 {"responses":["8081"]}`,
		"dial?host=10.244.0.4&port=8080&request=clientip&protocol=http":         `200 {"responses":["10.244.0.3:`,
		"dial?host=10.244.0.4&port=81&request=hostname":                         `200 {"errors":["Get \"http://10.244.0.4:81/hostname\": dial tcp 10.244.0.4:81: connect: connection refused"]}`,
		"dial?host=nowhere&port=80&request=hostname":                            "400 host and/or port param are invalid. lookup nowhere",
		"dial?host=10.244.0.4&port=80":                                          "400 request parameter not specified. <nil>\n",
		"dial?host=10.244.0.4&port=80&request=x&protocol=icmp":                  "400 unsupported protocol. icmp\n",
		"dial?host=10.244.0.4&port=80&request=x&tries=many":                     "400 tries parameter is invalid. strconv.Atoi: parsing \"many\": invalid syntax\n",
	} {
		status, body := page(t, n, "http://10.244.0.3:8080/"+path)
		got := fmt.Sprintf("%d %s", status, body)
		if (strings.HasSuffix(want, ":") || strings.HasSuffix(want, "nowhere")) && strings.HasPrefix(got, want) {
			continue // a port follows, or what the resolver says
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("/%s: %s", path, diff)
		}
	}
	if !strings.Contains(r.err.String(), "log.go:245] GET /echo?msg=hi&code=\n") {
		t.Errorf("the log has no line for /echo: %s", r.err)
	}
}

func TestNetexecEndsAsItIsTold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, path string
		want       int
	}{
		{"at once", "exit?code=3", 3},
		{"gracefully", "exit?code=4&timeout=5s", 4},
		{"shutdown", "shutdown", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			n := vnet.New()
			p := newPod(t, n, "10.244.0.3", "server")
			r := p.start(nil, "netexec", "--udp-port=-1")
			page(t, n, "http://10.244.0.3:8080/")
			if response, err := client(n).Get("http://10.244.0.3:8080/" + tc.path); err == nil {
				response.Body.Close()
			}
			if got := r.wait(t); got != tc.want {
				t.Errorf("exit code %d, want %d", got, tc.want)
			}
		})
	}
}

func TestNetexecKeepsServingForTheDelayAfterSIGTERM(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.3", "server")
	r := p.start(nil, "netexec", "--delay-shutdown=1")
	page(t, n, "http://10.244.0.3:8080/")
	r.Signal(proc.SIGTERM)
	until(t, "it says that it sleeps", func() bool { return strings.Contains(r.err.String(), "Sleeping 1 seconds before terminating...") })
	if status, body := page(t, n, "http://10.244.0.3:8080/readyz"); status != http.StatusServiceUnavailable || body != "shutting down" {
		t.Errorf("readyz: %d %q", status, body)
	}
	if code := r.wait(t); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestNetexecStoresUploads(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.3", "server")
	if err := p.Files.Mkdir("/uploads", false); err != nil {
		t.Fatal(err)
	}
	p.start(nil, "netexec")
	page(t, n, "http://10.244.0.3:8080/")
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "test")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(part, "content")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	response, err := client(n).Post("http://10.244.0.3:8080/upload", w.FormDataContentType(), &form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Output, Error string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusCreated {
		t.Fatalf("status %d, %v", response.StatusCode, err)
	}
	data, err := p.Files.ReadFile(answer.Output)
	if err != nil || string(data) != "content" {
		t.Errorf("%+v: %q, %v", answer, data, err)
	}
}

func TestServeHostname(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.3", "server")
	p.start(nil, "serve-hostname", "--port=9376")
	if status, body := page(t, n, "http://10.244.0.3:9376/"); status != http.StatusOK || body != "server" {
		t.Errorf("%d %q", status, body)
	}
	both := newPod(t, n, "10.244.0.4", "both")
	got := both.run("serve-hostname", "--tcp")
	if got.Code != 1 || !strings.Contains(got.Err, "Can't server TCP/UDP mode and HTTP mode at the same time") {
		t.Errorf("%+v", got)
	}
	raw := newPod(t, n, "10.244.0.5", "raw")
	r := raw.start(nil, "serve-hostname", "--tcp", "--udp", "--http=false", "--port=9000")
	until(t, "it serves", func() bool { return strings.Contains(r.err.String(), "Serving on port 9000.") })
	if got := p.run("connect", "10.244.0.5:9000", "--protocol=udp"); got.Code != 0 {
		t.Errorf("UDP: %+v", got)
	}
	if got := p.run("connect", "10.244.0.5:9000"); got.Code != 0 {
		t.Errorf("TCP: %+v", got)
	}
}
