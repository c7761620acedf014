// Package phpapache plays Apache with PHP, as the images php:*-apache run it: it
// serves the files of its folder, and what scripts answer is written in Go.
package phpapache

import (
	"context"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// Root is the folder that is served.
const Root = "/var/www/html"

// fileCost is the CPU time of sending a file.
const fileCost = 100 * time.Microsecond

// killedCode is what a program returns that was killed; nobody sees it.
const killedCode = 128 + int(proc.SIGKILL)

// Script answers in place of a file in PHP. It may return an error that PHP does
// not catch; what PHP says then is shown and logged.
type Script func(ctx context.Context, p *proc.Process, w http.ResponseWriter, r *http.Request) error

// Server is Apache with some scripts.
type Server struct {
	Apache  string // version: 2.4.38
	PHP     string // version: 7.4.7
	Scripts map[string]Script
}

// Fatal is an exception that a script does not catch.
type Fatal struct {
	Exception string // the class
	Message   string
	File      string
	Line      int
}

// Error implements error.
func (f *Fatal) Error() string { return f.Exception + ": " + f.Message }

// Run is apache2-foreground.
func (s Server) Run(ctx context.Context, p *proc.Process) int {
	warning := fmt.Sprintf("AH00558: apache2: Could not reliably determine the server's fully qualified domain name, using %s. "+
		"Set the 'ServerName' directive globally to suppress this message\n", p.Net.Addr())
	fmt.Fprint(p.Stderr, warning, warning)
	signals := p.Notify(proc.SIGTERM, proc.SIGINT, proc.SIGWINCH)
	l, err := p.Listen(ctx, "tcp", ":80")
	if err != nil {
		fmt.Fprintln(p.Stderr, "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80")
		fmt.Fprintln(p.Stderr, "no listening sockets available, shutting down\nAH00015: Unable to open logs")
		return 1
	}
	h := &handler{s, p}
	server := &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	h.logf("mpm_prefork:notice", "AH00163: Apache/%s (Debian) PHP/%s configured -- resuming normal operations", s.Apache, s.PHP)
	h.logf("core:notice", "AH00094: Command line: 'apache2 -D FOREGROUND'")
	code := killedCode
	select {
	case sig := <-signals:
		if code = 0; sig == proc.SIGWINCH {
			h.logf("mpm_prefork:notice", "AH00170: caught SIGWINCH, shutting down gracefully")
			_ = server.Shutdown(ctx)
		} else {
			h.logf("mpm_prefork:notice", "AH00169: caught SIGTERM, shutting down")
		}
	case <-ctx.Done():
	}
	_ = server.Close()
	<-served
	return code
}

type handler struct {
	Server
	p *proc.Process
}

func (h *handler) logf(module, format string, args ...any) {
	fmt.Fprintf(h.p.Stderr, "[%s] [%s] [pid %d] %s\n", time.Now().UTC().Format("Mon Jan 02 15:04:05.000000 2006"), module, h.p.PID, fmt.Sprintf(format, args...))
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &answer{ResponseWriter: w}
	out.Header().Set("Server", "Apache/"+h.Apache+" (Debian)")
	h.serve(out, r)
	client, _, _ := net.SplitHostPort(r.RemoteAddr)
	fmt.Fprintf(h.p.Stdout, "%s - - [%s] %q %d %d %q %q\n", client, time.Now().UTC().Format("02/Jan/2006:15:04:05 -0700"),
		r.Method+" "+r.URL.RequestURI()+" "+r.Proto, out.status, out.sent, orDash(r.Referer()), orDash(r.UserAgent()))
}

func (h *handler) serve(w *answer, r *http.Request) {
	name := path.Clean("/" + r.URL.Path)
	if info, err := h.p.Files.Stat(path.Join(Root, name)); err == nil && info.IsDir() {
		for _, index := range []string{"index.php", "index.html"} {
			if _, err := h.p.Files.Stat(path.Join(Root, name, index)); err == nil {
				name = path.Join(name, index)
				break
			}
		}
	}
	info, err := h.p.Files.Stat(path.Join(Root, name))
	script := h.Scripts[name]
	switch {
	case err != nil:
		h.fail(w, r, http.StatusNotFound, "The requested URL was not found on this server.")
	case info.IsDir():
		h.fail(w, r, http.StatusForbidden, "You don't have permission to access this resource.")
	case script != nil:
		w.Header().Set("X-Powered-By", "PHP/"+h.PHP)
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		if err := script(r.Context(), h.p, w, r); err != nil {
			h.uncaught(w, r, err)
		}
	default:
		_ = h.p.Usage.Spend(r.Context(), fileCost)
		text, err := h.p.Files.ReadFile(path.Join(Root, name))
		if err != nil {
			h.fail(w, r, http.StatusForbidden, "You don't have permission to access this resource.")
			return
		}
		kind, _, _ := strings.Cut(mime.TypeByExtension(path.Ext(name)), ";")
		w.Header().Set("Content-Type", kind)
		http.ServeContent(w, r, "", info.ModTime(), strings.NewReader(string(text)))
	}
}

// uncaught is what PHP does with an exception that nobody catches, when it shows
// errors, as it does without a php.ini: the status stays 200.
func (h *handler) uncaught(w *answer, r *http.Request, err error) {
	f, ok := err.(*Fatal)
	if !ok {
		return // the client or the process has gone
	}
	trace := fmt.Sprintf("Uncaught %s: %s in %s:%d\nStack trace:\n#0 {main}\n  thrown", f.Exception, f.Message, f.File, f.Line)
	h.logf("php7:error", "[client %s] PHP Fatal error:  %s in %s on line %d", r.RemoteAddr, strings.ReplaceAll(trace, "\n", `\n`), f.File, f.Line)
	fmt.Fprintf(w, "<br />\n<b>Fatal error</b>:  %s in <b>%s</b> on line <b>%d</b><br />\n", trace, f.File, f.Line)
}

func (h *handler) fail(w *answer, r *http.Request, code int, text string) {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, "80"
	}
	w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
	w.WriteHeader(code)
	fmt.Fprintf(w, "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>%d %s</title>\n</head><body>\n"+
		"<h1>%[2]s</h1>\n<p>%s</p>\n<hr>\n<address>Apache/%s (Debian) Server at %s Port %s</address>\n</body></html>\n",
		code, http.StatusText(code), text, h.Apache, host, port)
}

// answer remembers what was sent.
type answer struct {
	http.ResponseWriter
	status, sent int
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(code int) {
	a.status = code
	a.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.sent += n
	return n, err
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
