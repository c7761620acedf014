package nginx

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet/resolve"
)

// configuration is what a parsed configuration means.
type configuration struct {
	http      []directive
	types     map[string]string // by extension
	servers   []*server
	upstreams map[string][]string // host:port by name
}

// server is one server block.
type server struct {
	listens   []listen
	names     []string
	block     []directive
	locations []*location
	cert      *tls.Certificate
}

// listen is one listen directive.
type listen struct {
	address string // host:port
	tls     bool
	primary bool // default_server
}

// location is one location block; of a server without a matching one, the
// server's own directives hold.
type location struct {
	modifier string // "", "=", "^~", "~", "~*"
	path     string
	pattern  *regexp.Regexp
	block    []directive
	named    bool
	proxy    *url.URL // where proxy_pass leads, nil when it holds variables
}

func configure(ctx context.Context, p *proc.Process, main []directive) (*configuration, error) {
	c := &configuration{types: map[string]string{}, upstreams: map[string][]string{}}
	if len(find(main, "events")) == 0 {
		return nil, fmt.Errorf("no \"events\" section in configuration")
	}
	for _, d := range main {
		switch d.name {
		case "server", "location", "listen", "root", "upstream", "proxy_pass", "return":
			return nil, d.misplaced()
		case "http":
			c.http = append(c.http, d.block...)
		}
	}
	for _, d := range c.http {
		switch d.name {
		case "http", "events", "location", "listen", "server_name", "proxy_pass", "return", "rewrite", "alias", "try_files":
			return nil, d.misplaced()
		}
	}
	for _, t := range find(c.http, "types") {
		for _, d := range t.block {
			for _, ext := range d.args {
				c.types[ext] = d.name
			}
		}
	}
	for _, u := range find(c.http, "upstream") {
		for _, s := range find(u.block, "server") {
			address := s.arg(0)
			if !strings.Contains(address, ":") {
				address += ":80"
			}
			if err := resolves(ctx, p, s, address, "upstream"); err != nil {
				return nil, err
			}
			c.upstreams[u.arg(0)] = append(c.upstreams[u.arg(0)], address)
		}
		if len(c.upstreams[u.arg(0)]) == 0 {
			return nil, u.errorf("no servers are inside upstream")
		}
	}
	for _, d := range find(c.http, "server") {
		s, err := c.server(ctx, p, d)
		if err != nil {
			return nil, err
		}
		c.servers = append(c.servers, s)
	}
	return c, nil
}

func (c *configuration) server(ctx context.Context, p *proc.Process, d directive) (*server, error) {
	s := &server{block: d.block}
	for _, inner := range d.block {
		switch inner.name {
		case "http", "events", "server", "upstream", "proxy_pass", "alias":
			return nil, inner.misplaced()
		}
	}
	for _, l := range find(d.block, "listen") {
		address, err := listenAddress(l)
		if err != nil {
			return nil, err
		}
		if address == "" {
			continue // IPv6: the network has none
		}
		one := listen{address: address}
		for _, word := range l.args[1:] {
			one.tls = one.tls || word == "ssl"
			one.primary = one.primary || word == "default_server" || word == "default"
		}
		s.listens = append(s.listens, one)
	}
	if len(find(d.block, "listen")) == 0 {
		s.listens = []listen{{address: ":80"}}
	}
	for _, n := range find(d.block, "server_name") {
		s.names = append(s.names, n.args...)
	}
	for _, l := range s.listens {
		if l.tls && s.cert == nil {
			var err error
			if s.cert, err = certificate(p, d, c.http); err != nil {
				return nil, err
			}
		}
	}
	var err error
	s.locations, err = c.locations(ctx, p, d.block)
	return s, err
}

// listenAddress reads the first argument of listen; nothing for IPv6.
func listenAddress(l directive) (string, error) {
	value := l.arg(0)
	switch {
	case value == "":
		return "", l.errorf("invalid number of arguments in \"listen\" directive")
	case strings.HasPrefix(value, "["), strings.HasPrefix(value, "unix:"):
		return "", nil
	}
	if _, err := strconv.Atoi(value); err == nil {
		value = ":" + value
	} else if !strings.Contains(value, ":") {
		value += ":80"
	}
	host, port, err := net.SplitHostPort(strings.Replace(value, "*:", ":", 1))
	n, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil || n < 1 || n > 65535 {
		return "", l.errorf("invalid port in %q of the \"listen\" directive", l.arg(0))
	}
	if _, err := netip.ParseAddr(host); host != "" && host != "localhost" && err != nil {
		return "", l.errorf("host not found in %q of the \"listen\" directive", l.arg(0))
	}
	return net.JoinHostPort(host, port), nil
}

func certificate(p *proc.Process, d directive, http []directive) (*tls.Certificate, error) {
	value := func(name string) string {
		args := last(d.block, name)
		if args == nil {
			args = last(http, name)
		}
		if len(args) == 0 {
			return ""
		}
		return args[0]
	}
	certFile, keyFile := value("ssl_certificate"), value("ssl_certificate_key")
	if certFile == "" {
		return nil, d.errorf("no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive")
	}
	if keyFile == "" {
		return nil, d.errorf("no \"ssl_certificate_key\" is defined for certificate %q", certFile)
	}
	cert, err := p.Files.ReadFile(certFile)
	if err != nil {
		return nil, fmt.Errorf("cannot load certificate %q: BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(%s, r) error:10000080:BIO routines::no such file)", certFile, certFile)
	}
	key, err := p.Files.ReadFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("cannot load certificate key %q: BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(%s, r) error:10000080:BIO routines::no such file)", keyFile, keyFile)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("cannot load certificate %q: PEM_read_bio_X509_AUX() failed (SSL: %v)", certFile, err)
	}
	return &pair, nil
}

func (c *configuration) locations(ctx context.Context, p *proc.Process, block []directive) ([]*location, error) {
	var list []*location
	for _, d := range find(block, "location") {
		l := &location{block: d.block, path: d.arg(0)}
		if len(d.args) == 2 {
			l.modifier, l.path = d.args[0], d.args[1]
		}
		switch l.modifier {
		case "", "=", "^~":
			l.named = strings.HasPrefix(l.path, "@")
		case "~", "~*":
			expr := l.path
			if l.modifier == "~*" {
				expr = "(?i)" + expr
			}
			var err error
			if l.pattern, err = regexp.Compile(expr); err != nil {
				return nil, d.errorf("pcre2_compile() failed: %v in %q", err, l.path)
			}
		default:
			return nil, d.errorf("invalid location modifier %q", l.modifier)
		}
		if pass := last(l.block, "proxy_pass"); len(pass) > 0 && !strings.Contains(pass[0], "$") {
			u, err := url.Parse(pass[0])
			if err != nil || u.Scheme != "http" && u.Scheme != "https" {
				return nil, find(l.block, "proxy_pass")[0].errorf("invalid URL prefix")
			}
			l.proxy = u
			if len(c.upstreams[u.Host]) == 0 {
				if err := resolves(ctx, p, find(l.block, "proxy_pass")[0], withPort(u), "upstream"); err != nil {
					return nil, err
				}
			}
		}
		list = append(list, l)
		inner, err := c.locations(ctx, p, l.block)
		if err != nil {
			return nil, err
		}
		list = append(list, inner...)
	}
	return list, nil
}

// resolves checks a name as nginx does at its start: one that is not known
// stops it.
func resolves(ctx context.Context, p *proc.Process, d directive, address, what string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return d.errorf("invalid host in %s %q", what, address)
	}
	if _, err := resolve.Addresses(ctx, p.Net, p.Files, host); err != nil {
		return d.errorf("host not found in %s %q", what, host)
	}
	return nil
}

func withPort(u *url.URL) string {
	if u.Port() != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}
