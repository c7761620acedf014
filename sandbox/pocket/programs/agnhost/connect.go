package agnhost

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/k8stutor/k8stutor/sandbox/vnet/resolve"
)

// connect tries to reach an address and says how it failed in words that a
// script can tell apart.
func (a *app) connect() subcommand {
	var timeout time.Duration
	var protocol, udpData, sctpData string
	return subcommand{
		use: "connect [host:port]", short: "Attempts a TCP, UDP or SCTP connection and returns useful errors", minArgs: 1, maxArgs: 1,
		flags: func(f *pflag.FlagSet) {
			f.DurationVar(&timeout, "timeout", 0, "Maximum time before returning an error")
			f.StringVar(&protocol, "protocol", "tcp", "The protocol to use to perform the connection, can be tcp, udp or sctp")
			f.StringVar(&udpData, "udp-data", "hostname", "The UDP payload send to the server")
			f.StringVar(&sctpData, "sctp-data", "hostname", "The SCTP payload send to the server")
		},
		run: func(args []string) int {
			switch protocol {
			case "", "tcp":
				return a.connectTCP(args[0], timeout)
			case "udp":
				return a.connectUDP(args[0], timeout, udpData)
			case "sctp":
				// A node without the kernel's SCTP module says this.
				return a.complain("OTHER: protocol not supported")
			}
			fmt.Fprint(a.Stderr, "Unsupported protocol\n", protocol)
			return 1
		},
	}
}

func (a *app) complain(format string, args ...any) int {
	fmt.Fprintf(a.Stderr, format+"\n", args...)
	return 1
}

func (a *app) connectTCP(dest string, timeout time.Duration) int {
	if _, _, err := net.SplitHostPort(dest); err != nil {
		return a.complain("UNKNOWN: %v", err)
	}
	address, err := a.resolve(a.ctx, "tcp", dest)
	if err != nil {
		return a.complain("DNS: %v", err)
	}
	ctx, cancel := a.within(timeout)
	defer cancel()
	conn, err := a.Dial(ctx, "tcp", address)
	if err == nil {
		_ = conn.Close()
		return 0
	}
	var ne net.Error
	switch {
	case errors.As(err, &ne) && ne.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return a.complain("TIMEOUT")
	case errors.Is(err, syscall.ECONNREFUSED):
		return a.complain("REFUSED")
	}
	return a.complain("OTHER: %v", err)
}

func (a *app) connectUDP(dest string, timeout time.Duration, data string) int {
	address, err := a.resolve(a.ctx, "udp", dest)
	if err != nil {
		return a.complain("DNS: %v", err)
	}
	conn, err := a.Dial(a.ctx, "udp", address)
	if err != nil {
		return a.complain("OTHER: %v", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(a.ctx, func() { _ = conn.Close() })
	defer stop()
	if timeout > 0 {
		if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
			return a.complain("OTHER: %v", err)
		}
	}
	if _, err = fmt.Fprintf(conn, "%s\n", data); err != nil {
		return a.complainUDP(err)
	}
	n, err := conn.Read(make([]byte, 1024))
	if err != nil {
		return a.complainUDP(err)
	}
	if n == 0 {
		return a.complain("OTHER: No data received from the server. Cannot guarantee the server received the request.")
	}
	return 0
}

func (a *app) complainUDP(err error) int {
	var ne net.Error
	switch {
	case errors.As(err, &ne) && ne.Timeout():
		return a.complain("TIMEOUT: %v", err)
	case strings.Contains(err.Error(), "connection refused"):
		return a.complain("REFUSED: %v", err)
	}
	return a.complain("UNKNOWN: %v", err)
}

// within is the program's context with a time limit; 0 is none.
func (a *app) within(timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout <= 0 {
		return context.WithCancel(a.ctx)
	}
	return context.WithTimeout(a.ctx, timeout)
}

// resolve is net.ResolveTCPAddr and net.ResolveUDPAddr: the address with a name
// and a port as numbers.
func (a *app) resolve(ctx context.Context, network, address string) (string, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	// Package net would look a name up in the host's /etc/services.
	number, err := strconv.ParseUint(service, 10, 16)
	if err != nil && errors.Is(err, strconv.ErrRange) {
		return "", &net.AddrError{Err: "invalid port", Addr: service}
	} else if err != nil {
		return "", &net.DNSError{Err: "unknown port", Name: network + "/" + service, IsNotFound: true}
	}
	if host == "" {
		return port(int(number)), nil
	}
	found, err := resolve.Addresses(ctx, a.Net, a.Files, host)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(found[0].String(), strconv.FormatUint(number, 10)), nil
}
