package agnhost

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// porter listens on the ports that the environment names and serves the values.
func (a *app) porter() subcommand {
	var asJSON bool
	return subcommand{
		use: "porter", short: "Serves requested data on ports specified in ENV variables",
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&asJSON, "json-response", false, "Responds to requests with a json response that includes the default value with the http.Request Method")
		},
		run: func([]string) int {
			for _, kv := range a.Environ() {
				key, value, _ := strings.Cut(kv, "=")
				for _, kind := range []struct {
					prefix string
					serve  func(port, value string, asJSON bool)
				}{
					{"SERVE_PORT_", a.portHTTP}, {"SERVE_TCP_PORT_", a.portHTTP}, {"SERVE_UDP_PORT_", a.portUDP},
					{"SERVE_TLS_PORT_", a.portTLS}, {"SERVE_SCTP_PORT_", a.portSCTP},
				} {
					if number, ok := strings.CutPrefix(key, kind.prefix); ok {
						a.start(func() { kind.serve(number, value, asJSON) })
						break
					}
				}
			}
			return a.forever()
		},
	}
}

// value serves a port's value.
func value(text string, asJSON bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !asJSON {
			fmt.Fprint(w, text)
			return
		}
		data, err := json.Marshal(struct{ Method, Body string }{r.Method, text})
		if err != nil {
			http.Error(w, fmt.Sprintf("Internal Server Error: %v", err), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(data)
	})
}

func (a *app) portHTTP(port, text string, asJSON bool) {
	err := a.serve(a.server(value(text, asJSON)), "0.0.0.0:"+port)
	if a.ctx.Err() == nil {
		a.log.printf("server on port %q failed: %v", port, err)
	}
}

func (a *app) portTLS(port, text string, asJSON bool) {
	certFile, keyFile := a.Env["CERT_FILE"], a.Env["KEY_FILE"]
	if certFile == "" {
		certFile = "localhost.crt"
	}
	if keyFile == "" {
		keyFile = "localhost.key"
	}
	err := a.serveTLS(a.server(value(text, asJSON)), "0.0.0.0:"+port, certFile, keyFile)
	if a.ctx.Err() == nil {
		a.log.printf("tls server on port %q with certFile=%q, keyFile=%q failed: %v", port, certFile, keyFile, err)
	}
}

func (a *app) portUDP(port, text string, _ bool) {
	conn, err := a.ListenPacket(a.ctx, "udp", "0.0.0.0:"+port)
	if err != nil {
		a.fatalf("UDP: failed to listen on port %s: %v", port, err)
		return
	}
	defer conn.Close()
	a.log.printf("Started UDP server on port %s", port)
	a.answerEach(conn, func(net.Addr) []byte { return []byte(text) })
}

// portSCTP fails as on a node whose kernel has no SCTP: the sandbox's network has
// none.
func (a *app) portSCTP(string, string, bool) {
	a.fatalf("Failed to listen SCTP. error:%v", "protocol not supported")
}

// portForwardTester accepts one connection, checks what it is sent and answers in
// chunks.
func (a *app) portForwardTester() subcommand {
	return subcommand{use: "port-forward-tester", short: "Creates a TCP server that sends chunks of data", run: func([]string) int {
		bind := a.Env["BIND_ADDRESS"]
		if bind == "" {
			bind = "localhost"
		}
		l, err := a.Listen(a.ctx, "tcp", net.JoinHostPort(bind, a.Env["BIND_PORT"]))
		if err != nil {
			a.say("Error listening: %v\n", err)
			return 1
		}
		conn, err := l.Accept()
		if err != nil {
			a.say("Error accepting connection: %v\n", err)
			return 1
		}
		defer conn.Close()
		a.say("Accepted client connection\n")
		if code := a.expect(conn, a.Env["EXPECTED_CLIENT_DATA"]); code != 0 {
			return code
		}
		if code := a.sendChunks(conn); code != 0 {
			return code
		}
		a.say("Shutting down connection\n")
		if c, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = c.CloseWrite()
		}
		// The other side may still be sending: give it the time to see the end.
		if !a.pauseFor(500) {
			return 0
		}
		a.say("Done\n")
		return 0
	}}
}

// expect reads what a client must send.
func (a *app) expect(conn net.Conn, want string) int {
	if want == "" {
		return 0
	}
	buf := make([]byte, len(want))
	n, err := conn.Read(buf)
	if n != len(want) {
		a.say("Expected to read %d bytes from client, but got %d instead. err=%v\n", len(want), n, err)
		return 2
	}
	if string(buf) != want {
		a.say("Expect to read %q, but got %q. err=%v\n", want, buf, err)
		return 3
	}
	a.say("Received expected client data\n")
	return 0
}

// maxChunk bounds a chunk that a client is sent, in bytes.
const maxChunk = 16 << 20

func (a *app) sendChunks(conn net.Conn) int {
	numbers := map[string]int{}
	for _, name := range []string{"CHUNKS", "CHUNK_SIZE", "CHUNK_INTERVAL"} {
		n, err := strconv.Atoi(a.Env[name])
		if err != nil {
			a.say("Error parsing %s %q: %v\n", name, a.Env[name], err)
			return 1
		}
		numbers[name] = n
	}
	chunk := slices.Repeat([]byte("x"), min(numbers["CHUNK_SIZE"], maxChunk))
	for i := range numbers["CHUNKS"] {
		n, err := conn.Write(chunk)
		if n != len(chunk) {
			a.say("Expected to write %d bytes from client, but wrote %d instead. err=%v\n", len(chunk), n, err)
			return 4
		}
		if i+1 < numbers["CHUNKS"] && !a.pauseFor(numbers["CHUNK_INTERVAL"]) {
			return 0
		}
	}
	return 0
}
