package samples

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// requestCost is the CPU time of answering one request.
const requestCost = 100 * time.Microsecond

// killedCode is what a program returns that was killed; nobody sees it.
const killedCode = 128 + int(proc.SIGKILL)

// HelloApp is Google's hello-app: it says which version it is and on which host.
func HelloApp(ctx context.Context, p *proc.Process) int {
	logf := func(format string, args ...any) {
		fmt.Fprintf(p.Stderr, "%s %s\n", time.Now().UTC().Format("2006/01/02 15:04:05"), fmt.Sprintf(format, args...))
	}
	version := "1.0.0" // its tags are 1.0 and 2.0
	if strings.HasPrefix(p.Image.Version, "2.") {
		version = "2.0.0"
	}
	port := p.Env["PORT"]
	if port == "" {
		port = "8080"
	}
	return serve(ctx, p, port, goEnds(p), func() { logf("Server listening on port %s", port) }, func(w http.ResponseWriter, r *http.Request) {
		logf("Serving request: %s", r.URL.Path)
		fmt.Fprintf(w, "Hello, world!\nVersion: %s\nHostname: %s\n", version, p.Hostname)
	})
}

// EchoServer is kicbase/echo-server, which minikube's tutorials use: it answers
// with the request.
func EchoServer(ctx context.Context, p *proc.Process) int {
	port := p.Env["PORT"]
	if port == "" {
		port = "8080"
	}
	return serve(ctx, p, port, goEnds(p), func() { fmt.Fprintf(p.Stdout, "Echo server listening on port %s.\n", port) }, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(p.Stdout, "%s | %s %s\n", r.RemoteAddr, r.Method, r.URL)
		body, err := io.ReadAll(io.LimitReader(r.Body, maxEcho))
		if err != nil {
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "Request served by %s\n\n%s %s %s\n\nHost: %s\n", p.Hostname, r.Proto, r.Method, r.URL, r.Host)
		for _, name := range sortedNames(r.Header) {
			for _, value := range r.Header[name] {
				fmt.Fprintf(w, "%s: %s\n", name, value)
			}
		}
		fmt.Fprintf(w, "\n%s", body)
	})
}

// maxEcho bounds how much of a request's body is sent back, in bytes.
const maxEcho = 1 << 20

// EchoHeaders is registry.k8s.io/echoserver: nginx with a script that answers
// with what it knows of the request.
func EchoHeaders(ctx context.Context, p *proc.Process) int {
	return serve(ctx, p, "8080", 0, func() { fmt.Fprintln(p.Stdout, "Generating self-signed cert") }, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxEcho))
		if err != nil {
			return
		}
		text := string(body)
		if text == "" {
			text = "\t-no body in request-"
		}
		client, _, _ := net.SplitHostPort(r.RemoteAddr)
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Server", "echoserver")
		pod := "\t-no pod information available-"
		if p.Env["POD_NAME"] != "" {
			pod = fmt.Sprintf("\tnode name:\t%s\n\tpod name:\t%s\n\tpod namespace:\t%s\n\tpod IP:\t%s", p.Env["NODE_NAME"], p.Env["POD_NAME"], p.Env["POD_NAMESPACE"], p.Env["POD_IP"])
		}
		fmt.Fprintf(w, "\n\nHostname: %s\n\nPod Information:\n%s\n\nServer values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\n"+
			"Request Information:\n\tclient_address=%s\n\tmethod=%s\n\treal path=%s\n\tquery=%s\n\trequest_version=%d.%d\n\trequest_scheme=http\n\trequest_uri=http://%s%s\n\nRequest Headers:\n",
			p.Hostname, pod, client, r.Method, r.URL.RequestURI(), r.URL.RawQuery, r.ProtoMajor, r.ProtoMinor, hostAndPort(r.Host), r.URL.RequestURI())
		r.Header.Set("Host", r.Host)
		for _, name := range sortedNames(r.Header) {
			fmt.Fprintf(w, "\t%s=%s\n", strings.ToLower(name), strings.Join(r.Header[name], ", "))
		}
		fmt.Fprintf(w, "\nRequest Body:\n%s\n\n", text)
	})
}

// hostAndPort is the host of a request with the server's own port.
func hostAndPort(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return net.JoinHostPort(host, "8080")
}

func sortedNames(h http.Header) []string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// goEnds is the exit code of a program in Go that does not handle SIGTERM: the
// system spares the first process of a container, and then Go itself gives up.
func goEnds(p *proc.Process) int {
	if p.PID == 1 {
		return 2
	}
	return 128 + int(proc.SIGTERM)
}

// serve answers requests on a port until the process is asked to end; it then
// returns code.
func serve(ctx context.Context, p *proc.Process, port string, code int, started func(), answer http.HandlerFunc) int {
	signals := p.Notify(proc.SIGTERM, proc.SIGINT)
	l, err := p.Listen(ctx, "tcp", ":"+port)
	if err != nil {
		fmt.Fprintf(p.Stderr, "listen tcp :%s: bind: address already in use\n", port)
		return 1
	}
	s := &http.Server{ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.Usage.Spend(r.Context(), requestCost) == nil {
			answer(w, r)
		}
	})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(l)
	}()
	started()
	select {
	case <-signals:
	case <-ctx.Done():
		code = killedCode
	}
	_ = s.Close()
	<-served
	return code
}
