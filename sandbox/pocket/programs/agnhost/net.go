package agnhost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// net runs one of two programs about connections that are closed on one side,
// at once or when asked over HTTP.
func (a *app) net() subcommand {
	var serve, runner, options string
	var delay int
	return subcommand{
		use: "net", short: "Creates webserver or runner for various networking tests",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&serve, "serve", "", "Address and port to bind to (e.g. 127.0.0.1:8080). Setting this will run the network tester in server mode runner are triggered through HTTP requests.")
			f.StringVar(&runner, "runner", "", "Runner to execute (available: nat-closewait-client nat-closewait-server)")
			f.StringVar(&options, "options", "", "JSON options to the Runner")
			f.IntVar(&delay, "delay-shutdown", 0, "Number of seconds to delay shutdown when receiving SIGTERM.")
		},
		run: func([]string) int {
			if runner == "" && serve == "" {
				return a.fatalf("Must set either --runner or --serve, see --help")
			}
			if delay > 0 {
				term := a.Notify(proc.SIGTERM)
				a.start(func() {
					select {
					case <-term:
						a.log.printf("Sleeping %d seconds before terminating...", delay)
						a.sleep(delay)
						a.exit(0)
					case <-a.ctx.Done():
					}
				})
			}
			if serve == "" {
				output, err := a.runNet(runner, []byte(options))
				if err != nil {
					a.log.printf("Error: %v", err)
				}
				fmt.Fprint(a.Stdout, "output:\n\n"+output)
				if err != nil {
					return 1
				}
				return 0
			}
			mux := http.NewServeMux()
			mux.HandleFunc("/run/", a.serveNet)
			a.log.printf("Running server on %v", serve)
			return a.listenAndServe(serve, mux)
		},
	}
}

func (a *app) serveNet(w http.ResponseWriter, r *http.Request) {
	a.log.printf("handleRunRequest %s %s", r.Method, r.URL)
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) != 3 {
		http.Error(w, fmt.Sprintf("invalid request to run: %v", parts), http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	switch {
	case err != nil:
		http.Error(w, fmt.Sprintf("error reading body: %v", err), http.StatusBadRequest)
		return
	case len(body) == 0:
		http.Error(w, "Missing request body", http.StatusBadRequest)
		return
	}
	output, err := a.runNet(parts[2], body)
	if err != nil {
		http.Error(w, fmt.Sprintf("Error from runner: %v\noutput:\n\n%s", err, output), http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, "ok\noutput:\n\n"+output)
}

// closeWait is what both sides are told.
type closeWait struct {
	LocalAddr, RemoteAddr string
	TimeoutSeconds        int
	PostFinTimeoutSeconds int
	LeakConnection        bool
}

func (a *app) runNet(runner string, raw []byte) (string, error) {
	var run func(closeWait, func(string, ...any)) error
	switch runner {
	case "nat-closewait-client":
		run = a.closeWaitClient
	case "nat-closewait-server":
		run = a.closeWaitServer
	default:
		return "", complaint("Invalid runner: '<nil>', see --help")
	}
	var options closeWait
	if err := json.Unmarshal(raw, &options); err != nil {
		return "", complaint("Invalid options JSON: %v", err)
	}
	a.log.printf("Options: %+v", options)
	var output strings.Builder
	err := run(options, func(format string, args ...any) { fmt.Fprintf(&output, "# closewait.go: "+format+"\n", args...) })
	return output.String(), err
}

// closeWaitServer ends its side of a connection and keeps the other.
func (a *app) closeWaitServer(o closeWait, logf func(string, ...any)) error {
	logf("Run %v", o)
	l, err := a.Listen(a.ctx, "tcp", o.LocalAddr)
	if err != nil {
		return err
	}
	defer l.Close()
	logf("Server listening on %v", l.Addr())
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	logf("Client connected")
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		if err := c.CloseWrite(); err != nil {
			return err
		}
	}
	logf("Server sent FIN, waiting %v seconds", o.PostFinTimeoutSeconds)
	a.sleep(o.PostFinTimeoutSeconds)
	logf("Done")
	return nil
}

// closeWaitClient waits for the server to end its side.
func (a *app) closeWaitClient(o closeWait, logf func(string, ...any)) error {
	logf("Run %v", o)
	conn, err := a.Dial(a.ctx, "tcp", o.RemoteAddr)
	if err != nil {
		return err
	}
	if o.LeakConnection {
		a.start(func() { // it stays open for as long as the program runs
			<-a.ctx.Done()
			_ = conn.Close()
		})
	} else {
		defer conn.Close()
	}
	logf("Connected to server")
	if o.TimeoutSeconds > 0 {
		if err := conn.SetReadDeadline(time.Now().Add(secondsOf(o.TimeoutSeconds))); err != nil {
			return err
		}
	}
	switch n, err := conn.Read(make([]byte, 1)); {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case n != 0:
		return complaint("Got data but expected EOF")
	}
	logf("Server has half-closed the connection, waiting %v seconds", o.PostFinTimeoutSeconds)
	a.sleep(o.PostFinTimeoutSeconds)
	logf("Done")
	return nil
}

// complaintError is an error in the words of the real program.
type complaintError string

func (e complaintError) Error() string { return string(e) }

func complaint(format string, args ...any) error { return complaintError(fmt.Sprintf(format, args...)) }
