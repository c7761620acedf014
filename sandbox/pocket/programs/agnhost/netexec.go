package agnhost

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// netexec is a server with an HTTP interface for whatever a test of a network
// needs: who am I, who are you, dial somebody else, run a command.
func (a *app) netexec() subcommand {
	n := &netexec{app: a}
	return subcommand{
		use: "netexec", short: "Creates HTTP(S), UDP, and (optionally) SCTP servers with various endpoints",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&n.httpPort, "http-port", 8080, "HTTP Listen Port")
			f.StringVar(&n.certFile, "tls-cert-file", "", "File containing an x509 certificate for HTTPS. (CA cert, if any, concatenated after server cert)")
			f.StringVar(&n.keyFile, "tls-private-key-file", "", "File containing an x509 private key matching --tls-cert-file")
			f.IntVar(&n.udpPort, "udp-port", 8081, "UDP Listen Port")
			f.IntVar(&n.sctpPort, "sctp-port", -1, "SCTP Listen Port")
			f.StringVar(&n.override, "http-override", "", "Override the HTTP handler to always respond as if it were a GET with this path & params")
			f.StringVar(&n.udpAddresses, "udp-listen-addresses", "", "A comma separated list of ip addresses the udp servers listen from")
			f.IntVar(&n.delay, "delay-shutdown", 0, "Number of seconds to delay shutdown when receiving SIGTERM.")
		},
		run: func([]string) int { return n.run() },
	}
}

type netexec struct {
	*app
	httpPort, udpPort, sctpPort int
	certFile, keyFile           string
	override, udpAddresses      string
	delay                       int // seconds

	ready       atomic.Bool // the UDP server has begun
	terminating atomic.Bool // SIGTERM has arrived
	server      *http.Server
}

func (n *netexec) run() int {
	terminated := n.Notify(proc.SIGTERM)
	n.start(func() {
		select {
		case <-terminated:
		case <-n.ctx.Done():
			return
		}
		n.terminating.Store(true)
		if n.delay > 0 {
			n.log.printf("Sleeping %d seconds before terminating...", n.delay)
			n.sleep(n.delay)
		}
		n.exit(0)
	})
	if n.udpPort != -1 {
		addresses, err := listenAddresses(n.udpAddresses)
		if err != nil {
			return n.fatalf("%v", err)
		}
		for _, address := range addresses {
			n.start(func() { n.serveUDP(address) })
		}
	}
	if n.sctpPort != -1 {
		// As on a node whose kernel has no SCTP: the sandbox's network has none.
		return n.fatalf("Error occurred: failed to create listener for SCTP address :%d:protocol not supported", n.sctpPort)
	}
	n.server = n.app.server(n.handler())
	n.log.printf("Started HTTP server on port %d", n.httpPort)
	var err error
	if n.certFile != "" {
		err = n.serveTLS(n.server, port(n.httpPort), n.certFile, n.keyFile)
	} else {
		err = n.serve(n.server, port(n.httpPort))
	}
	if err == http.ErrServerClosed || n.ctx.Err() != nil {
		return n.forever() // whoever closed it ends the program
	}
	return n.fatalf("%v", err)
}

func (n *netexec) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", n.root)
	mux.HandleFunc("/clientip", n.clientIP)
	mux.HandleFunc("/serverport", n.serverPort)
	mux.HandleFunc("/header", n.header)
	mux.HandleFunc("/dial", n.dial)
	mux.HandleFunc("/echo", n.echo)
	mux.HandleFunc("/exit", n.serveExit)
	mux.HandleFunc("/healthz", n.healthz)
	mux.HandleFunc("/readyz", n.readyz)
	mux.HandleFunc("/hostname", n.hostname("/hostname"))
	mux.HandleFunc("/hostName", n.hostname("/hostName"))
	mux.HandleFunc("/envvar", n.envvar)
	mux.HandleFunc("/redirect", n.redirect)
	mux.HandleFunc("/shell", n.shell)
	mux.HandleFunc("/upload", n.upload)
	mux.HandleFunc("/shutdown", func(http.ResponseWriter, *http.Request) {
		n.log.printf("GET /shutdown")
		n.abort(0)
	})
	if n.override == "" {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o, err := http.NewRequestWithContext(r.Context(), http.MethodGet, n.override, nil)
		if err != nil {
			http.Error(w, fmt.Sprintf("override request failed: %v", err), http.StatusInternalServerError)
			return
		}
		mux.ServeHTTP(w, o)
	})
}

func (n *netexec) root(w http.ResponseWriter, _ *http.Request) {
	n.log.printf("GET /")
	fmt.Fprintf(w, "NOW: %v", time.Now().UTC())
}

func (n *netexec) clientIP(w http.ResponseWriter, r *http.Request) {
	n.log.printf("GET /clientip")
	fmt.Fprint(w, r.RemoteAddr)
}

func (n *netexec) serverPort(w http.ResponseWriter, _ *http.Request) {
	n.log.printf("GET /serverport")
	fmt.Fprint(w, n.httpPort)
}

func (n *netexec) hostname(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		n.log.printf("GET %s", path)
		fmt.Fprint(w, n.Hostname)
	}
}

func (n *netexec) header(w http.ResponseWriter, r *http.Request) {
	if key := r.FormValue("key"); key != "" {
		n.log.printf("GET /header?key=%s", key)
		fmt.Fprint(w, r.Header.Get(key))
		return
	}
	n.log.printf("GET /header")
	data, err := json.Marshal(r.Header)
	if err != nil {
		fmt.Fprintf(w, "error marshalling header, err: %v", err)
		return
	}
	_, _ = w.Write(data)
}

func (n *netexec) echo(w http.ResponseWriter, r *http.Request) {
	message, codeText := r.FormValue("msg"), r.FormValue("code")
	n.log.printf("GET /echo?msg=%s&code=%s", message, codeText)
	if codeText != "" {
		code, err := strconv.Atoi(codeText)
		if err != nil {
			fmt.Fprintf(w, "argument 'code' must be an integer or empty, got %q\n", codeText)
			return
		}
		w.WriteHeader(code)
	}
	fmt.Fprint(w, message)
}

func (n *netexec) redirect(w http.ResponseWriter, r *http.Request) {
	location, codeText := r.FormValue("location"), r.FormValue("code")
	n.log.printf("%s /redirect?msg=%s&code=%s", r.Method, location, codeText)
	code := http.StatusFound
	if codeText != "" {
		var err error
		if code, err = strconv.Atoi(codeText); err != nil {
			fmt.Fprintf(w, "argument 'code' must be an integer or empty, got %q\n", codeText)
			return
		}
	}
	http.Redirect(w, r, location, code)
}

func (n *netexec) envvar(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("var")
	if name == "" {
		http.Error(w, "'var' query parameter is required", http.StatusBadRequest)
		return
	}
	n.log.printf("GET /envvar?var=%s", name)
	value, ok := n.Env[name]
	if !ok {
		http.Error(w, fmt.Sprintf("env var %q is not set", name), http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, value)
}

func (n *netexec) healthz(w http.ResponseWriter, _ *http.Request) {
	n.log.printf("GET /healthz")
	if !n.ready.Load() {
		w.WriteHeader(http.StatusPreconditionFailed)
	}
}

func (n *netexec) readyz(w http.ResponseWriter, _ *http.Request) {
	n.log.printf("GET /readyz")
	switch {
	case n.terminating.Load():
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, "shutting down")
	case n.ready.Load():
		fmt.Fprint(w, "ok")
	default:
		w.WriteHeader(http.StatusPreconditionFailed)
	}
}

func (n *netexec) serveExit(w http.ResponseWriter, r *http.Request) {
	waitText, timeoutText, codeText := r.FormValue("wait"), r.FormValue("timeout"), r.FormValue("code")
	n.log.printf("GET /exit?code=%s&timeout=%s&wait=%s", codeText, timeoutText, waitText)
	timeout, err := time.ParseDuration(timeoutText)
	if err != nil && timeoutText != "" {
		fmt.Fprintf(w, "argument 'timeout' must be a valid golang duration or empty, got %q\n", timeoutText)
		return
	}
	wait, err := time.ParseDuration(waitText)
	if err != nil && waitText != "" {
		fmt.Fprintf(w, "argument 'wait' must be a valid golang duration or empty, got %q\n", waitText)
		return
	}
	code, err := strconv.Atoi(codeText)
	if err != nil && codeText != "" {
		fmt.Fprintf(w, "argument 'code' must be an integer [0-127] or empty, got %q\n", codeText)
		return
	}
	n.log.printf("Will begin shutdown in %s, allowing %s for connections to close, then will exit with %d", wait, timeout, code)
	proc.Sleep(n.ctx, wait)
	if timeout == 0 {
		n.abort(code)
	}
	n.start(func() {
		ctx, cancel := context.WithTimeout(n.ctx, timeout)
		defer cancel()
		n.log.printf("Graceful shutdown completed with: %v", n.server.Shutdown(ctx))
		n.exit(code)
	})
}

// listenAddresses parses addresses with commas between them; "" is any address.
func listenAddresses(list string) ([]string, error) {
	if list == "" {
		return []string{""}, nil
	}
	all := strings.Split(list, ",")
	for _, address := range all {
		if _, err := netip.ParseAddr(address); err != nil {
			return nil, fmt.Errorf("parseAddress: invalid address %s", address)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// serveUDP answers commands in datagrams.
func (n *netexec) serveUDP(address string) {
	where := net.JoinHostPort(address, strconv.Itoa(n.udpPort))
	conn, err := n.ListenPacket(n.ctx, "udp", where)
	if err != nil {
		n.fatalf("Error occurred: failed to create listener for UDP address %v:%v", where, err)
		return
	}
	defer conn.Close()
	n.log.printf("Started UDP server on port %s %d", address, n.udpPort)
	n.ready.Store(true)
	buf := make([]byte, 2048)
	for {
		count, client, err := conn.ReadFrom(buf)
		if err != nil {
			if n.ctx.Err() == nil {
				n.fatalf("Error occurred: failed accepting UDP connections:%v", err)
			}
			return
		}
		if answer, ok := n.answer(strings.TrimSpace(string(buf[:count])), client.String()); ok {
			if _, err := conn.WriteTo([]byte(answer), client); err != nil && n.ctx.Err() == nil {
				n.fatalf("Error occurred: failed to write to UDP client %s:%v", client, err)
				return
			}
		}
	}
}

// answer is what the UDP server says to a command; false is nothing.
func (n *netexec) answer(raw, client string) (string, bool) {
	text := strings.ToLower(raw)
	word, rest, hasRest := strings.Cut(text, " ")
	switch {
	case text == "hostname":
		n.log.printf("Sending udp hostName response")
		return n.Hostname, true
	case word == "envvar" && hasRest:
		name := strings.TrimSpace(raw[len("envvar "):])
		n.log.printf("Sending UDP envvar response for %s", name)
		return n.Env[name], true
	case word == "echo" && hasRest:
		n.log.printf("Echoing %v to UDP client %s\n", rest, client)
		return rest, true
	case text == "clientip":
		n.log.printf("Sending clientip back to UDP client %s\n", client)
		return client, true
	case text == "serverport":
		n.log.printf("Sending server port to UDP client %d\n", n.udpPort)
		return strconv.Itoa(n.udpPort), true
	case text != "":
		n.log.printf("Unknown UDP command received from %s: %v\n", client, text)
	}
	return "", false
}
