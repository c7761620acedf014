package shell

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// runNetstat is netstat with -t, -u, -l, -a, -n, -p and -r.
func runNetstat(ctx context.Context, p *proc.Process) int {
	set, _ := flags(p, "")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	for o := range set {
		if !strings.ContainsRune("tuwxlanprWe", o) {
			return invalidOption(p, o)
		}
	}
	if has('r') {
		return runRoute(ctx, p)
	}
	which := "w/o servers"
	switch {
	case has('a'):
		which = "servers and established"
	case has('l'):
		which = "only servers"
	}
	program := ""
	if has('p') {
		program = "PID/Program name    "
	}
	fmt.Fprintf(p.Stdout, "Active Internet connections (%s)\nProto Recv-Q Send-Q %-23s %-23s State       %s\n", which, "Local Address", "Foreign Address", program)
	protocols := has('t') || has('u') || has('w') || has('x')
	for _, s := range p.Net.Sockets() {
		server := s.State == vnet.Listening || s.Protocol == vnet.UDP && !s.Remote.IsValid()
		if server && !has('l') && !has('a') || !server && has('l') && !has('a') {
			continue
		}
		name := "tcp"
		if s.Protocol == vnet.UDP {
			name = "udp"
		}
		if protocols && !has(rune(name[0])) {
			continue
		}
		owner := ""
		if has('p') {
			owner = "-"
		}
		fmt.Fprintf(p.Stdout, "%s   %6d %6d %-23s %-23s %-12s%s\n", name, 0, 0, socketName(s.Local, !has('n')), socketName(s.Remote, !has('n')), s.State, owner)
	}
	return 0
}

// socketName is an end of a socket as netstat shows it.
func socketName(a netip.AddrPort, names bool) string {
	host, port := a.Addr().String(), fmt.Sprint(a.Port())
	if !a.IsValid() || a.Addr().IsUnspecified() {
		host = "0.0.0.0"
	}
	if !a.IsValid() || a.Port() == 0 {
		port = "*"
	}
	if names && a.IsValid() && a.Addr().IsLoopback() {
		host = "localhost"
	}
	return host + ":" + port
}
