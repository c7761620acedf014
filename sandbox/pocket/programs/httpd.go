package programs

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log"
	"mime"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// HTTPDFiles are what the image of the Apache server brings.
func HTTPDFiles() map[string]string {
	return map[string]string{
		"/usr/local/apache2/htdocs/index.html": "<html><body><h1>It works!</h1></body></html>\n",
		"/usr/local/apache2/conf/httpd.conf":   "ServerRoot \"/usr/local/apache2\"\nListen 80\nDocumentRoot \"/usr/local/apache2/htdocs\"\n",
	}
}

const (
	apacheConfig = "/usr/local/apache2/conf/httpd.conf"
	apachePID    = "/usr/local/apache2/logs/httpd.pid"
)

// apache is the Apache server with the few settings that it reads.
type apache struct {
	p      *proc.Process
	port   string
	root   string
	server string // of the header
}

// HTTPD is the Apache server: it listens on the port and serves the folder that
// httpd.conf names.
func HTTPD(ctx context.Context, p *proc.Process) int {
	for i, arg := range p.Args[1:] {
		switch arg {
		case "-v":
			fmt.Fprintf(p.Stdout, "Server version: Apache/%s (Unix)\nServer built:   Jul 23 2025 20:01:11\n", p.Image.Version)
			return 0
		case "-t":
			fmt.Fprintln(p.Stderr, "Syntax OK")
			return 0
		case "-k":
			if i+2 < len(p.Args) {
				return apacheControl(p, p.Args[i+2])
			}
		}
	}
	a := &apache{p: p, port: "80", root: "/usr/local/apache2/htdocs", server: "Apache/" + p.Image.Version + " (Unix)"}
	a.read()
	fmt.Fprintf(p.Stderr, "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using %s. "+
		"Set the 'ServerName' directive globally to suppress this message\n", p.Net.Addr())
	signals := p.Notify(proc.SIGTERM, proc.SIGHUP, proc.SIGUSR1, proc.SIGWINCH, proc.SIGINT)
	l, err := p.Listen(ctx, "tcp", ":"+a.port)
	if err != nil {
		fmt.Fprintf(p.Stderr, "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:%s\n", a.port)
		fmt.Fprintln(p.Stderr, "no listening sockets available, shutting down\nAH00015: Unable to open logs")
		return 1
	}
	s := &http.Server{Handler: a, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }() // the listener ends with the process
	p.Files.Put(apachePID, fmt.Sprintln(p.PID))
	a.started()
	for {
		select {
		case <-ctx.Done():
			return killedCode
		case sig := <-signals:
			switch sig {
			case proc.SIGHUP:
				a.logf("mpm_event:notice", "AH00494: SIGHUP received.  Attempting to restart")
				a.started()
			case proc.SIGUSR1:
				a.logf("mpm_event:notice", "AH00493: SIGUSR1 received.  Doing graceful restart")
				a.started()
			case proc.SIGWINCH:
				a.logf("mpm_event:notice", "AH00492: caught SIGWINCH, shutting down gracefully")
				_ = s.Shutdown(ctx)
				return 0
			default:
				a.logf("mpm_event:notice", "AH00491: caught SIGTERM, shutting down")
				return 0
			}
		}
	}
}

// apacheControl is `httpd -k`: it tells the running server.
func apacheControl(p *proc.Process, what string) int {
	sig, ok := map[string]proc.Signal{"stop": proc.SIGTERM, "graceful": proc.SIGUSR1, "restart": proc.SIGHUP, "graceful-stop": proc.SIGWINCH}[what]
	text, err := p.Files.ReadFile(apachePID)
	pid := 0
	if err == nil {
		_, err = fmt.Sscan(string(text), &pid)
	}
	if target := p.Table.Find(pid); ok && err == nil && target != nil {
		target.Signal(sig)
		return 0
	}
	fmt.Fprintln(p.Stderr, "httpd not running")
	return 1
}

// read takes the port and the folder from httpd.conf.
func (a *apache) read() {
	text, err := a.p.Files.ReadFile(apacheConfig)
	if err != nil {
		return
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "Listen":
			if _, port, err := net.SplitHostPort(words[1]); err == nil {
				a.port = port
			} else {
				a.port = words[1]
			}
		case "DocumentRoot":
			a.root = strings.Trim(words[1], `"`)
		}
	}
}

func (a *apache) started() {
	a.logf("mpm_event:notice", "AH00489: %s configured -- resuming normal operations", a.server)
	a.logf("core:notice", "AH00094: Command line: 'httpd -D FOREGROUND'")
}

func (a *apache) logf(module, format string, args ...any) {
	fmt.Fprintf(a.p.Stderr, "[%s] [%s] [pid %d:tid %d] %s\n", time.Now().UTC().Format("Mon Jan 02 15:04:05.000000 2006"), module, a.p.PID, a.p.PID, fmt.Sprintf(format, args...))
}

// ServeHTTP answers with a file of the container.
func (a *apache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = a.p.Usage.Spend(r.Context(), requestCost)
	out := &answered{ResponseWriter: w}
	out.Header().Set("Server", a.server)
	a.serve(out, r)
	remote, _, _ := net.SplitHostPort(r.RemoteAddr)
	size := "-"
	if out.sent > 0 {
		size = strconv.FormatInt(out.sent, 10)
	}
	fmt.Fprintf(a.p.Stdout, "%s - - [%s] \"%s %s %s\" %d %s\n", remote, time.Now().UTC().Format("02/Jan/2006:15:04:05 -0700"), r.Method, r.RequestURI, r.Proto, out.status, size)
}

func (a *apache) serve(w *answered, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost && r.Method != http.MethodOptions {
		a.fail(w, http.StatusMethodNotAllowed, "The requested method "+r.Method+" is not allowed for this URL.")
		return
	}
	uri := path.Clean("/" + r.URL.Path)
	name := path.Join(a.root, uri)
	info, err := a.p.Files.Stat(name)
	switch {
	case err != nil:
		a.fail(w, http.StatusNotFound, "The requested URL was not found on this server.")
		return
	case info.IsDir() && !strings.HasSuffix(r.URL.Path, "/"):
		w.Header().Set("Location", "http://"+r.Host+uri+"/")
		a.fail(w, http.StatusMovedPermanently, "The document has moved <a href=\"http://"+r.Host+uri+"/\">here</a>.")
		return
	case info.IsDir():
		index, err := a.p.Files.Stat(path.Join(name, "index.html"))
		if err != nil {
			a.list(w, name, uri)
			return
		}
		name, info = path.Join(name, "index.html"), index
	}
	text, err := a.p.Files.ReadFile(name)
	if err != nil {
		a.fail(w, http.StatusForbidden, "You don't have permission to access this resource.")
		return
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "text/html; charset=utf-8" {
		kind = "text/html"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, info.Size(), info.ModTime().UnixMicro()))
	http.ServeContent(w, r, "", info.ModTime(), strings.NewReader(string(text)))
}

func (a *apache) list(w *answered, name, uri string) {
	entries, err := a.p.Files.ReadDir(name)
	if err != nil {
		a.fail(w, http.StatusForbidden, "You don't have permission to access this resource.")
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\">\n<html>\n <head>\n  <title>Index of %s</title>\n </head>\n <body>\n<h1>Index of %s</h1>\n<ul>", uri, uri)
	for _, e := range entries {
		entry := e.Name()
		if e.Type()&fs.ModeDir != 0 {
			entry += "/"
		}
		fmt.Fprintf(&b, "<li><a href=\"%s\"> %s</a></li>\n", entry, entry)
	}
	b.WriteString("</ul>\n</body></html>\n")
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	_, _ = io.WriteString(w, b.String())
}

func (a *apache) fail(w *answered, code int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
	w.WriteHeader(code)
	title := fmt.Sprintf("%d %s", code, http.StatusText(code))
	fmt.Fprintf(w, "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>%s</title>\n</head><body>\n<h1>%s</h1>\n<p>%s</p>\n</body></html>\n", title, http.StatusText(code), text)
}

// answered remembers what a handler sent.
type answered struct {
	http.ResponseWriter
	status int
	sent   int64
}

// WriteHeader implements http.ResponseWriter.
func (a *answered) WriteHeader(code int) {
	a.status = code
	a.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (a *answered) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.sent += int64(n)
	return n, err
}

// requestCost is the CPU time of answering one request.
const requestCost = 100 * time.Microsecond
