package shell

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path"
	"slices"
	"strings"

	"net/http"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet/resolve"
)

func runHostname(ctx context.Context, p *proc.Process) int {
	set, operands := flags(p, "F")
	has := func(o rune) bool { _, ok := set[o]; return ok }
	if len(operands) > 0 {
		return p.Fail(1, "sethostname: Operation not permitted")
	}
	switch {
	case has('i'), has('I'):
		fmt.Fprintln(p.Stdout, strings.TrimSpace(p.Net.Addr().String()))
	case has('s'):
		name, _, _ := strings.Cut(p.Hostname, ".")
		fmt.Fprintln(p.Stdout, name)
	case has('d'):
		_, domain, _ := strings.Cut(fullName(p), ".")
		fmt.Fprintln(p.Stdout, domain)
	case has('f'):
		fmt.Fprintln(p.Stdout, fullName(p))
	default:
		fmt.Fprintln(p.Stdout, p.Hostname)
	}
	return 0
}

// fullName is the host's name as /etc/hosts has it in full.
func fullName(p *proc.Process) string {
	text, _ := p.Files.ReadFile("/etc/hosts")
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) > 1 && f[0] == p.Net.Addr().String() {
			return f[1]
		}
	}
	return p.Hostname
}

// device is a network interface as a container sees it.
type device struct {
	name, flags, mac string
	address          netip.Prefix
	index, mtu       int
}

func devices(p *proc.Process) []device {
	addr := p.Net.Addr()
	b := addr.As4()
	return []device{
		{"lo", "LOOPBACK,UP,LOWER_UP", "00:00:00:00:00:00", netip.MustParsePrefix("127.0.0.1/8"), 1, 65536},
		{"eth0", "BROADCAST,MULTICAST,UP,LOWER_UP", fmt.Sprintf("0a:58:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3]), netip.PrefixFrom(addr, 24), 2, 1500},
	}
}

// runIP is ip addr, ip link and ip route.
func runIP(_ context.Context, p *proc.Process) int {
	set, operands := flags(p, "fo")
	object := "addr"
	if len(operands) > 0 {
		object = operands[0]
	}
	_ = set
	only := ""
	for _, o := range operands[min(1, len(operands)):] {
		if o == "lo" || o == "eth0" {
			only = o
		} else if o == "add" || o == "del" || o == "set" || o == "flush" || o == "replace" {
			if object == "link" && slices.Contains(p.Security.Capabilities, "CAP_NET_ADMIN") && (o == "add" && slices.Contains(operands, "dummy") || o == "del") {
				return 0 // a dummy device carries no packets, so nothing but its name would be missing
			}
			return p.Fail(2, "RTNETLINK answers: Operation not permitted")
		}
	}
	is := func(name string) bool { return strings.HasPrefix(name, object) }
	switch {
	case is("address"), is("link"):
		for _, d := range devices(p) {
			if only != "" && only != d.name {
				continue
			}
			name, queue, kind, broadcast := d.name, "noqueue", "ether", "ff:ff:ff:ff:ff:ff"
			state := "UP"
			if d.name == "lo" {
				kind, broadcast, state = "loopback", d.mac, "UNKNOWN"
			} else {
				name += "@if3"
			}
			fmt.Fprintf(p.Stdout, "%d: %s: <%s> mtu %d qdisc %s state %s qlen 1000\n    link/%s %s brd %s\n", d.index, name, d.flags, d.mtu, queue, state, kind, d.mac, broadcast)
			if is("link") && !is("address") {
				continue
			}
			if d.name == "lo" {
				fmt.Fprintf(p.Stdout, "    inet %s scope host lo\n       valid_lft forever preferred_lft forever\n", d.address)
				continue
			}
			fmt.Fprintf(p.Stdout, "    inet %s brd %s scope global %s\n       valid_lft forever preferred_lft forever\n", d.address, lastOf(d.address), d.name)
		}
	case is("route"):
		net := netip.PrefixFrom(p.Net.Addr(), 24).Masked()
		fmt.Fprintf(p.Stdout, "default via %s dev eth0 \n%s dev eth0 scope link  src %s \n", gateway(p), net, p.Net.Addr())
	case is("neigh"), is("rule"):
	default:
		return p.Fail(1, "invalid argument '%s' to 'ip'", object)
	}
	return 0
}

// lastOf is the broadcast address of a /24.
func lastOf(prefix netip.Prefix) netip.Addr {
	b := prefix.Addr().As4()
	b[3] = 255
	return netip.AddrFrom4(b)
}

func runIfconfig(_ context.Context, p *proc.Process) int {
	list := devices(p)
	for _, d := range []device{list[1], list[0]} {
		if len(p.Args) > 1 && p.Args[1] != d.name && p.Args[1] != "-a" {
			continue
		}
		if d.name == "lo" {
			fmt.Fprintf(p.Stdout, "lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n")
			continue
		}
		fmt.Fprintf(p.Stdout, "eth0      Link encap:Ethernet  HWaddr %s  \n          inet addr:%s  Bcast:%s  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:1000 \n          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)\n\n",
			strings.ToUpper(d.mac), d.address.Addr(), lastOf(d.address))
	}
	return 0
}

func runRoute(_ context.Context, p *proc.Process) int {
	fmt.Fprintf(p.Stdout, "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n")
	fmt.Fprintf(p.Stdout, "%-15s %-15s %-15s %-5s %-6d %-6d %3d %s\n", "default", gateway(p), "0.0.0.0", "UG", 0, 0, 0, "eth0")
	fmt.Fprintf(p.Stdout, "%-15s %-15s %-15s %-5s %-6d %-6d %3d %s\n", netip.PrefixFrom(p.Net.Addr(), 24).Masked().Addr(), "*", "255.255.255.0", "U", 0, 0, 0, "eth0")
	return 0
}

// runGetent is getent hosts, passwd and group.
func runGetent(ctx context.Context, p *proc.Process) int {
	if len(p.Args) < 2 {
		return p.Fail(1, "wrong number of arguments")
	}
	switch p.Args[1] {
	case "hosts", "ahosts", "ahostsv4":
		code := 0
		for _, name := range p.Args[2:] {
			found, err := resolve.Addresses(ctx, p.Net, p.Files, name)
			if err != nil || len(found) == 0 {
				code = 2
				continue
			}
			for _, a := range found {
				fmt.Fprintf(p.Stdout, "%-15s   %s  %s\n", a, name, name)
				if p.Args[1] == "hosts" {
					break
				}
			}
		}
		return code
	case "passwd", "group":
		text, err := p.Files.ReadFile("/etc/" + p.Args[1])
		if err != nil {
			return 2
		}
		code := 2
		for line := range strings.Lines(string(text)) {
			f := strings.Split(line, ":")
			if len(p.Args) == 2 || len(f) > 2 && (f[0] == p.Args[2] || f[2] == p.Args[2]) {
				fmt.Fprint(p.Stdout, line)
				code = 0
			}
		}
		return code
	}
	return p.Fail(1, "Unknown database: %s", p.Args[1])
}

// runHTTPD is BusyBox' httpd -f -p PORT -h DIR: it serves files.
func runHTTPD(ctx context.Context, p *proc.Process) int {
	set, _ := flags(p, "pchur")
	port := orElse(set['p'], "80")
	if !strings.Contains(port, ":") {
		port = ":" + port
	}
	dir := p.Path(orElse(set['h'], "."))
	verbose := strings.Contains(strings.Join(p.Args[1:], " "), "-v")
	l, err := p.Listen(ctx, "tcp", port)
	if err != nil {
		return p.Fail(1, "bind: %s", dialReason(err))
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if verbose {
			fmt.Fprintf(p.Stderr, "[%s]: url:%s\n", r.RemoteAddr, r.URL.Path)
		}
		serveFile(p, dir, w, r)
	})}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	_ = server.Serve(l)
	return killedCode
}

func serveFile(p *proc.Process, dir string, w http.ResponseWriter, r *http.Request) {
	notFound := func() {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n")
	}
	name := path.Join(dir, path.Clean("/"+r.URL.Path))
	info, err := p.Files.Stat(name)
	if err == nil && info.IsDir() {
		if !strings.HasSuffix(r.URL.Path, "/") {
			http.Redirect(w, r, r.URL.Path+"/", http.StatusFound)
			return
		}
		name = path.Join(name, "index.html")
		info, err = p.Files.Stat(name)
	}
	if err != nil || info.IsDir() {
		notFound()
		return
	}
	file, err := p.Files.Open(name, os.O_RDONLY, 0)
	if err != nil {
		notFound()
		return
	}
	defer file.Close()
	http.ServeContent(w, r, name, info.ModTime(), file)
}

// refuse is a command that has no meaning in the sandbox and says so.
func refuse(why string) proc.Program {
	return func(_ context.Context, p *proc.Process) int { return p.Fail(1, "%s", why) }
}
