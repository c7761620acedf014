package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet/resolve"
)

// runNC is nc: a client, or with -l a server.
func runNC(ctx context.Context, p *proc.Process) int {
	set, operands := flags(p, "pwisoqe")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	if has('e') {
		return p.Fail(1, "invalid option -- 'e'")
	}
	network := "tcp"
	if has('u') {
		network = "udp"
	}
	wait := time.Duration(0)
	if text, ok := set['w']; ok {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 0 {
			return p.Fail(1, "invalid number '%s'", text)
		}
		wait = time.Duration(seconds) * time.Second
	}
	if has('l') {
		port := set['p']
		if port == "" && len(operands) > 0 {
			port = operands[len(operands)-1]
		}
		if network == "udp" {
			return listenPackets(ctx, p, port, has('v'))
		}
		return listenStreams(ctx, p, port, wait, has('k'), has('v'))
	}
	if len(operands) < 2 {
		return p.Fail(1, "missing host or port")
	}
	host := operands[0]
	addrs, err := resolve.Addresses(ctx, p.Net, p.Files, host)
	if err != nil || len(addrs) == 0 {
		return p.Fail(1, "bad address '%s'", host)
	}
	first, last, ok := portRange(operands[1])
	if !ok {
		return p.Fail(1, "bad port spec '%s'", operands[1])
	}
	code := 1
	for port := first; port <= last; port++ {
		to := netip.AddrPortFrom(addrs[0], port)
		dialling, cancel := ctx, context.CancelFunc(func() {})
		if wait > 0 {
			dialling, cancel = context.WithTimeout(ctx, wait)
		}
		conn, err := p.Dial(dialling, network, to.String())
		cancel()
		if ctx.Err() != nil {
			return killedCode
		}
		if err != nil {
			if has('v') || !has('z') {
				p.Fail(1, "%s (%s): %s", host, to, dialReason(err))
			}
			if port == 65535 {
				break
			}
			continue
		}
		if has('v') {
			fmt.Fprintf(p.Stderr, "%s (%s) open\n", host, to)
		}
		code = 0
		if has('z') {
			_ = conn.Close()
			if port == 65535 {
				break
			}
			continue
		}
		return relay(ctx, p, conn, wait)
	}
	return code
}

func portRange(text string) (first, last uint16, ok bool) {
	from, to, ranged := strings.Cut(text, "-")
	a, err := strconv.ParseUint(from, 10, 16)
	b := a
	if ranged && err == nil {
		b, err = strconv.ParseUint(to, 10, 16)
	}
	return uint16(a), uint16(b), err == nil && a > 0 && a <= b
}

// dialReason is the cause of a failed connection in the words of strerror(3).
func dialReason(err error) string {
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case errors.As(err, &errno):
		return reason(errno)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "Connection timed out"
	}
	return reason(err)
}

// relay carries standard input to a connection and what comes back to standard
// output, until the peer is done or nothing happened for wait.
func relay(ctx context.Context, p *proc.Process, conn net.Conn, wait time.Duration) int {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	var once sync.Once
	end := func() { once.Do(func() { _ = conn.Close() }) }
	defer end()
	sent := make(chan struct{})
	go func() { // ends with the input, the connection or the process
		defer close(sent)
		_, err := io.Copy(conn, p.Stdin)
		if half, ok := conn.(interface{ CloseWrite() error }); ok && err == nil {
			_ = half.CloseWrite()
		}
	}()
	buf := make([]byte, 32<<10)
	for {
		if wait > 0 {
			_ = conn.SetReadDeadline(time.Now().Add(wait))
		}
		n, err := conn.Read(buf)
		if n > 0 {
			if _, werr := p.Stdout.Write(buf[:n]); werr != nil {
				return 1
			}
		}
		if err != nil {
			if ctx.Err() != nil {
				return killedCode
			}
			// BusyBox polls its input first: what is ready to be sent is sent,
			// even to a peer that is done with talking.
			select {
			case <-sent:
			case <-time.After(readyInput):
			}
			return 0
		}
	}
}

// readyInput is how long input may take that is there already.
const readyInput = 50 * time.Millisecond

func listenStreams(ctx context.Context, p *proc.Process, port string, wait time.Duration, again, verbose bool) int {
	l, err := p.Listen(ctx, "tcp", ":"+port)
	if err != nil {
		return p.Fail(1, "bind: %s", dialReason(err))
	}
	defer l.Close()
	if verbose {
		_, bound, _ := net.SplitHostPort(l.Addr().String())
		fmt.Fprintf(p.Stderr, "listening on 0.0.0.0:%s ...\n", bound)
	}
	if wait > 0 && !again {
		limit := time.AfterFunc(wait, func() { _ = l.Close() })
		defer limit.Stop()
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return killedCode
			}
			return p.Fail(1, "timeout")
		}
		if verbose {
			fmt.Fprintf(p.Stderr, "connect to %s from %s\n", conn.LocalAddr(), conn.RemoteAddr())
		}
		if code := relay(ctx, p, conn, 0); !again || ctx.Err() != nil {
			return code
		}
	}
}

// listenPackets answers the first peer that sends something.
func listenPackets(ctx context.Context, p *proc.Process, port string, verbose bool) int {
	conn, err := p.ListenPacket(ctx, "udp", ":"+port)
	if err != nil {
		return p.Fail(1, "bind: %s", dialReason(err))
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if verbose {
		fmt.Fprintf(p.Stderr, "listening on 0.0.0.0:%s ...\n", port)
	}
	buf := make([]byte, 64<<10)
	var peer net.Addr
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return killedCode
		}
		if peer == nil {
			peer = from
			go func() { // ends with the input, or when the socket is closed
				_, _ = io.Copy(packetWriter{conn, peer}, p.Stdin)
			}()
		}
		if _, err := p.Stdout.Write(buf[:n]); err != nil {
			return 1
		}
	}
}

type packetWriter struct {
	conn net.PacketConn
	to   net.Addr
}

func (w packetWriter) Write(b []byte) (int, error) { return w.conn.WriteTo(b, w.to) }

// runPing sends echo requests, which is to ask the network whether the address
// has a host.
func runPing(ctx context.Context, p *proc.Process) int {
	set, operands := flags(p, "cWwiIstp")
	if len(operands) == 0 {
		return p.Fail(1, "missing host")
	}
	count, err := strconv.Atoi(set['c'])
	if err != nil {
		count = 0
	}
	interval, ok := parseSleep(set['i'])
	if !ok {
		interval = time.Second
	}
	deadline, hasDeadline := parseSleep(set['w'])
	lingering, ok := parseSleep(set['W'])
	if !ok {
		lingering = 10 * time.Second
	}
	_, quiet := set['q']
	addrs, err := resolve.Addresses(ctx, p.Net, p.Files, operands[0])
	if err != nil || len(addrs) == 0 {
		if ctx.Err() != nil {
			return killedCode
		}
		return p.Fail(1, "bad address '%s'", operands[0])
	}
	fmt.Fprintf(p.Stdout, "PING %s (%s): 56 data bytes\n", operands[0], addrs[0])
	interrupted := p.Notify(proc.SIGINT)
	began := time.Now()
	sent, received := 0, 0
	var least, most, sum time.Duration
	for {
		start := time.Now()
		sent++
		if p.Net.Ping(addrs[0]) == nil {
			took := max(time.Since(start), 20*time.Microsecond)
			if !quiet {
				fmt.Fprintf(p.Stdout, "64 bytes from %s: seq=%d ttl=64 time=%.3f ms\n", addrs[0], sent-1, took.Seconds()*1000)
			}
			if received++; received == 1 || took < least {
				least = took
			}
			most, sum = max(most, took), sum+took
		}
		pause := interval
		if count > 0 && sent >= count {
			if received == sent {
				break
			}
			pause = lingering
		}
		if hasDeadline {
			if left := deadline - time.Since(began); left < pause {
				pause = max(left, 0)
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-interrupted:
			count = sent
		case <-ctx.Done():
			timer.Stop()
			return killedCode
		}
		timer.Stop()
		if count > 0 && sent >= count || hasDeadline && time.Since(began) >= deadline {
			break
		}
	}
	fmt.Fprintf(p.Stdout, "\n--- %s ping statistics ---\n%d packets transmitted, %d packets received, %d%% packet loss\n", operands[0], sent, received, (sent-received)*100/sent)
	if received == 0 {
		return 1
	}
	ms := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	fmt.Fprintf(p.Stdout, "round-trip min/avg/max = %.3f/%.3f/%.3f ms\n", ms(least), ms(sum/time.Duration(received)), ms(most))
	return 0
}

// runTelnet connects and relays, without any protocol: what a lesson uses it for.
func runTelnet(ctx context.Context, p *proc.Process) int {
	_, operands := flags(p, "l")
	if len(operands) == 0 {
		return p.Fail(1, "missing host")
	}
	port := "23"
	if len(operands) > 1 {
		port = operands[1]
	}
	addrs, err := resolve.Addresses(ctx, p.Net, p.Files, operands[0])
	if err != nil || len(addrs) == 0 {
		return p.Fail(1, "bad address '%s'", operands[0])
	}
	conn, err := p.Dial(ctx, "tcp", net.JoinHostPort(addrs[0].String(), port))
	if err != nil {
		if ctx.Err() != nil {
			return killedCode
		}
		return p.Fail(1, "can't connect to remote host (%s): %s", addrs[0], dialReason(err))
	}
	fmt.Fprintf(p.Stdout, "Connected to %s\n", operands[0])
	code := relay(ctx, p, conn, 0)
	if code == 0 {
		fmt.Fprintln(p.Stdout, "Connection closed by foreign host")
		return 1
	}
	return code
}
