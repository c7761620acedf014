package agnhost

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/pflag"
)

// testWebserver serves the container's files.
func (a *app) testWebserver() subcommand {
	var listen int
	return subcommand{
		use: "test-webserver", short: "Starts a simple HTTP fileserver",
		flags: func(f *pflag.FlagSet) { f.IntVar(&listen, "port", 80, "Port number.") },
		run: func([]string) int {
			files := http.StripPrefix("/", http.FileServer(container{a}))
			return a.listenAndServe(port(listen), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h := w.Header()
				h.Set("Cache-Control", "private")
				h.Set("Access-Control-Allow-Origin", "*")
				h.Set("Access-Control-Allow-Credentials", "true")
				h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
				h.Set("Access-Control-Allow-Headers", "DNT,X-Mx-ReqToken,Keep-Alive,User-Agent,X-Requested-With,Cache-Control,Content-Type")
				r.Header.Del("If-Modified-Since")
				files.ServeHTTP(w, r)
			}))
		},
	}
}

// healthyFor is how long the liveness server is well.
const healthyFor = 10 * time.Second

// liveness is well for ten seconds, and then no more.
func (a *app) liveness() subcommand {
	return subcommand{use: "liveness", short: "Starts a server that is alive for 10 seconds", run: func([]string) int {
		started := time.Now()
		mux := http.NewServeMux()
		mux.HandleFunc("/started", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, time.Since(started)) })
		mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
			if age := time.Since(started); age > healthyFor {
				w.WriteHeader(http.StatusInternalServerError)
				fmt.Fprintf(w, "error: %v", age.Seconds())
				return
			}
			fmt.Fprint(w, "ok")
		})
		mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
			loc, err := url.QueryUnescape(r.URL.Query().Get("loc"))
			if err != nil {
				http.Error(w, fmt.Sprintf("invalid redirect: %q", r.URL.Query().Get("loc")), http.StatusBadRequest)
				return
			}
			http.Redirect(w, r, loc, http.StatusFound)
		})
		return a.listenAndServe(port(8080), mux)
	}}
}

// h2cServer speaks HTTP/2 without TLS, and nothing else.
func (a *app) h2cServer() subcommand {
	var listen int
	return subcommand{
		use: "h2c-server", short: "Starts a simple HTTP/2 cleartext (h2c) server",
		flags: func(f *pflag.FlagSet) { f.IntVar(&listen, "port", 80, "Port number.") },
		run: func([]string) int {
			server := a.server(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				fmt.Fprint(w, "ok")
			}))
			server.Protocols = new(http.Protocols)
			server.Protocols.SetUnencryptedHTTP2(true)
			a.log.printf("Serving h2c on port %d.\n", listen)
			if err := a.serve(server, port(listen)); a.ctx.Err() == nil {
				return a.fatalf("Error from net.Listen(): %s", err)
			}
			return a.forever()
		},
	}
}

// fakeGitServer says that it is one.
func (a *app) fakeGitServer() subcommand {
	return subcommand{use: "fake-gitserver", short: "Fakes a git server", run: func([]string) int {
		return a.listenAndServe(port(8000), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "I am a fake git server")
		}))
	}}
}
