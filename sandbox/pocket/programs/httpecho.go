package programs

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"strconv"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// HTTPEcho is hashicorp/http-echo: it answers every request with one text.
func HTTPEcho(ctx context.Context, p *proc.Process) int {
	flags := flag.NewFlagSet("http-echo", flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	address := flags.String("listen", ":5678", "address and port to listen")
	status := flags.Int("status-code", http.StatusOK, "http response code, e.g.: 200")
	text := flags.String("text", p.Env["ECHO_TEXT"], "text to put on the webpage")
	version := flags.Bool("version", false, "display version information")
	if err := flags.Parse(p.Args[1:]); err != nil {
		return 2
	}
	switch {
	case *version:
		fmt.Fprintf(p.Stderr, "http-echo v%s\n", p.Image.Version)
		return 0
	case *text == "":
		fmt.Fprintln(p.Stderr, "Missing -text option or ECHO_TEXT env var!")
		return 127
	case flags.NArg() > 0:
		fmt.Fprintln(p.Stderr, "Too many arguments!")
		return 127
	}
	signals := p.Notify(proc.SIGTERM, proc.SIGINT)
	l, err := p.Listen(ctx, "tcp", *address)
	if err != nil {
		fmt.Fprintf(p.Stderr, "[ERR] Error starting server: %v\n", err)
		return 1
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		_ = p.Usage.Spend(r.Context(), requestCost)
		w.Header().Set("X-App-Name", "http-echo")
		w.Header().Set("X-App-Version", p.Image.Version)
		w.WriteHeader(*status)
		fmt.Fprintln(w, *text)
		fmt.Fprintf(p.Stdout, "%s %s %s %q %d %d %q %s\n", began.UTC().Format("2006/01/02 15:04:05"), r.Host, r.RemoteAddr,
			r.Method+" "+r.URL.Path+" "+r.Proto, *status, len(*text)+1, r.UserAgent(), strconv.FormatFloat(float64(time.Since(began).Microseconds()), 'f', 3, 64)+"µs")
	})
	s := &http.Server{Handler: mux, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }() // the listener ends with the process
	fmt.Fprintf(p.Stdout, "%s [INFO] server is listening on %s\n", time.Now().UTC().Format("2006/01/02 15:04:05"), *address)
	select {
	case <-signals:
		fmt.Fprintf(p.Stdout, "%s [INFO] server shutdown complete\n", time.Now().UTC().Format("2006/01/02 15:04:05"))
		return 0
	case <-ctx.Done():
		return killedCode
	}
}
