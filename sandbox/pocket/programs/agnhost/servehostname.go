package agnhost

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/pflag"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// afterTerm is how long serve-hostname goes on serving after SIGTERM, so that
// whoever still has its address gets an answer.
const afterTerm = 60 * time.Second

// serveHostname tells its host name to whoever connects.
func (a *app) serveHostname() subcommand {
	var tcp, udp, web, closing bool
	var listen int
	return subcommand{
		use: "serve-hostname", short: "Serves the hostname",
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&tcp, "tcp", false, "Serve raw over TCP.")
			f.BoolVar(&udp, "udp", false, "Serve raw over UDP.")
			f.BoolVar(&web, "http", true, "Serve HTTP.")
			f.BoolVar(&closing, "close", false, "Close connection per each HTTP request.")
			f.IntVar(&listen, "port", 9376, "Port number.")
		},
		run: func([]string) int {
			if web && (tcp || udp) {
				return a.fatalf("Can't server TCP/UDP mode and HTTP mode at the same time")
			}
			term := a.Notify(proc.SIGTERM)
			if tcp {
				l, err := a.Listen(a.ctx, "tcp", port(listen))
				if err != nil {
					return a.fatalf("Error from net.Listen(): %s", err)
				}
				a.start(func() {
					a.acceptEach(l, func(c net.Conn) {
						a.log.printf("TCP request from %s", c.RemoteAddr())
						fmt.Fprint(c, a.Hostname)
					})
				})
			}
			if udp {
				conn, err := a.ListenPacket(a.ctx, "udp", port(listen))
				if err != nil {
					return a.fatalf("Error from ListenUDP(): %s", err)
				}
				a.start(func() {
					a.answerEach(conn, func(client net.Addr) []byte {
						a.log.printf("UDP request from %s", client)
						return []byte(a.Hostname)
					})
				})
			}
			if web {
				a.start(func() {
					a.listenAndServe(port(listen), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						a.log.printf("HTTP request from %s", r.RemoteAddr)
						if closing {
							w.Header().Add("Connection", "close")
						}
						fmt.Fprint(w, a.Hostname)
					}))
				})
			}
			a.log.printf("Serving on port %d.\n", listen)
			if a.untilTerm(term) {
				proc.Sleep(a.ctx, afterTerm)
			}
			return 0
		},
	}
}

// untilTerm waits for SIGTERM; false is that the program ended otherwise.
func (a *app) untilTerm(term <-chan proc.Signal) bool {
	select {
	case <-term:
	case <-a.ctx.Done():
		return false
	}
	a.log.printf("Shutting down after receiving signal: terminated.\n")
	a.log.printf("Awaiting pod deletion.\n")
	return true
}

// acceptEach serves the connections of a listener one after the other and closes
// each.
func (a *app) acceptEach(l net.Listener, do func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			if a.ctx.Err() == nil {
				a.fatalf("Error from Accept(): %s", err)
			}
			return
		}
		do(conn)
		_ = conn.Close()
	}
}

// answerEach answers every datagram.
func (a *app) answerEach(conn net.PacketConn, answer func(client net.Addr) []byte) {
	buf := make([]byte, 16)
	for {
		_, client, err := conn.ReadFrom(buf)
		if err != nil {
			if a.ctx.Err() == nil {
				a.fatalf("Error from ReadFrom(): %s", err)
			}
			return
		}
		_, _ = conn.WriteTo(answer(client), client) // a lost answer is UDP's way
	}
}

// tcpReset breaks every connection.
func (a *app) tcpReset() subcommand {
	var listen int
	return subcommand{
		use: "tcp-reset", short: "Serves on a tcp port and RST the connections received",
		flags: func(f *pflag.FlagSet) { f.IntVar(&listen, "port", 8080, "Port number.") },
		run: func([]string) int {
			term := a.Notify(proc.SIGTERM)
			l, err := a.Listen(a.ctx, "tcp", port(listen))
			if err != nil {
				return a.fatalf("Error from net.Listen(): %s", err)
			}
			a.start(func() {
				a.acceptEach(l, func(c net.Conn) {
					// Closing with data unread resets a connection.
					_, _ = c.Read(make([]byte, 1))
					if r, ok := c.(interface{ SetLinger(int) error }); ok {
						_ = r.SetLinger(0)
					}
					a.log.printf("TCP request from %s", c.RemoteAddr())
				})
			})
			a.log.printf("Serving on port %d.\n", listen)
			a.untilTerm(term)
			return 0
		},
	}
}
