package load

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// pageCost is the CPU time that index.php of the example takes: a million
// square roots.
const pageCost = 100 * time.Millisecond

// PHPApache is the server of registry.k8s.io/hpa-example: Apache with a page in
// PHP that computes a while and says OK.
func PHPApache(ctx context.Context, p *proc.Process) int {
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
	notice := func(module, text string) {
		fmt.Fprintf(p.Stderr, "[%s] [%s:notice] [pid %d] %s\n", time.Now().UTC().Format("Mon Jan 02 15:04:05.000000 2006"), module, p.PID, text)
	}
	s := &http.Server{Handler: page{p}, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(l)
	}()
	notice("mpm_prefork", "AH00163: Apache/2.4.10 (Debian) PHP/5.6.14 configured -- resuming normal operations")
	notice("core", "AH00094: Command line: 'apache2 -D FOREGROUND'")
	code := killedCode
	select {
	case sig := <-signals:
		if code = 0; sig == proc.SIGWINCH {
			notice("mpm_prefork", "AH00170: caught SIGWINCH, shutting down gracefully")
			_ = s.Shutdown(ctx)
		} else {
			notice("mpm_prefork", "AH00169: caught SIGTERM, shutting down")
		}
	case <-ctx.Done():
	}
	_ = s.Close()
	<-served
	return code
}

// page is index.php and nothing else.
type page struct{ p *proc.Process }

// ServeHTTP implements http.Handler.
func (g page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "Apache/2.4.10 (Debian)")
	status, body := http.StatusOK, "OK!"
	if r.URL.Path == "/" || r.URL.Path == "/index.php" {
		if g.p.Usage.Burn(r.Context(), pageCost) != nil {
			return
		}
		w.Header().Set("X-Powered-By", "PHP/5.6.14")
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	} else {
		status = http.StatusNotFound
		body = fmt.Sprintf("<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n"+
			"<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n<hr>\n<address>Apache/2.4.10 (Debian) Server at %s Port 80</address>\n</body></html>\n", r.Host)
		w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	client, _, _ := net.SplitHostPort(r.RemoteAddr)
	fmt.Fprintf(g.p.Stdout, "%s - - [%s] %q %d %d %q %q\n", client, time.Now().UTC().Format("02/Jan/2006:15:04:05 -0700"),
		r.Method+" "+r.URL.RequestURI()+" "+r.Proto, status, len(body), orDash(r.Referer()), orDash(r.UserAgent()))
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
