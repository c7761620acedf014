package shell

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/httpclient"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet/resolve"
)

// wget is a run of BusyBox' wget.
type wget struct {
	p                          *proc.Process
	quiet, showHeaders, spider bool
	output, dir, method, agent string
	headers                    []string
	body                       []byte
	timeout                    time.Duration
}

// errTimedOut is what ends a download that took too long.
var errTimedOut = errors.New("download timed out")

func runWget(ctx context.Context, p *proc.Process) int {
	w := &wget{p: p, agent: "Wget", method: "GET", timeout: 900 * time.Second}
	var urls []string
	args := p.Args[1:]
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if len(arg) < 2 || arg[0] != '-' {
			urls = append(urls, arg)
			continue
		}
		name, value, has := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		if !strings.HasPrefix(arg, "--") {
			name, value, has = "", "", false
		}
		letters := ""
		if name == "" {
			letters = arg[1:]
		}
		next := func() string {
			switch {
			case has:
			case len(args) > 0:
				value, args = args[0], args[1:]
			default:
				value = ""
			}
			return value
		}
		switch name {
		case "spider":
			w.spider = true
		case "quiet":
			w.quiet = true
		case "server-response":
			w.showHeaders = true
		case "header":
			w.headers = append(w.headers, next())
		case "post-data":
			w.method, w.body = "POST", []byte(next())
		case "post-file":
			file := next()
			body, err := p.Files.ReadFile(p.Path(file))
			if err != nil {
				return p.Fail(1, "can't open '%s': %s", file, reason(err))
			}
			w.method, w.body = "POST", body
		case "output-document":
			w.output = next()
		case "timeout":
			letters, args = "T", append([]string{next()}, args...)
		case "user-agent":
			w.agent = next()
		case "tries", "proxy":
			next()
		case "no-check-certificate", "continue", "passive-ftp", "no-verbose", "no-clobber", "":
		default:
			return p.Fail(1, "unrecognized option: %s", name)
		}
		for letters != "" {
			c := letters[0]
			letters = letters[1:]
			if strings.IndexByte("OTPUtYo", c) >= 0 {
				if value = letters; value == "" {
					if len(args) == 0 {
						return p.Fail(1, "option requires an argument -- '%c'", c)
					}
					value, args = args[0], args[1:]
				}
				letters = ""
			}
			switch c {
			case 'q':
				w.quiet = true
			case 'S':
				w.showHeaders = true
			case 'O':
				w.output = value
			case 'P':
				w.dir = value
			case 'U':
				w.agent = value
			case 'T':
				seconds, err := strconv.ParseFloat(value, 64)
				if err != nil {
					return p.Fail(1, "invalid number '%s'", value)
				}
				w.timeout = time.Duration(seconds * float64(time.Second))
			case 'c', 'n', 'v', 't', 'Y', 'o', 'L':
			default:
				return invalidOption(p, rune(c))
			}
		}
	}
	if len(urls) == 0 {
		return p.Fail(1, "missing URL")
	}
	for _, u := range urls {
		if code := w.fetch(ctx, u); code != 0 {
			return code
		}
	}
	return 0
}

func (w *wget) fetch(ctx context.Context, address string) int {
	u, err := httpclient.ParseURL(address)
	if err != nil {
		return w.p.Fail(1, "bad address '%s'", address)
	}
	for range 20 {
		if u.Scheme != "http" && u.Scheme != "https" {
			return w.p.Fail(1, "not an http or ftp url: %s", u)
		}
		attempt, cancel := context.WithTimeoutCause(ctx, w.timeout, errTimedOut)
		code, next := w.try(attempt, u)
		cancel()
		if next == nil {
			return code
		}
		u = next
	}
	return w.p.Fail(1, "too many redirections")
}

// try makes one request; next is where it is redirected to.
func (w *wget) try(ctx context.Context, u *url.URL) (code int, next *url.URL) {
	p := w.p
	conn, to, code := w.connect(ctx, u)
	if conn == nil {
		return code, nil
	}
	request := httpclient.Request{Method: w.method, Target: httpclient.Target(u), Body: w.body}
	if w.spider {
		request.Method = "HEAD"
	}
	given := func(name string) bool {
		for _, h := range w.headers {
			if k, _, _ := strings.Cut(h, ":"); strings.EqualFold(k, name) {
				return true
			}
		}
		return false
	}
	if !given("Host") {
		request.Header = append(request.Header, "Host: "+u.Host)
	}
	if !given("User-Agent") {
		request.Header = append(request.Header, "User-Agent: "+w.agent)
	}
	request.Header = append(append(request.Header, "Connection: close"), w.headers...)
	if w.method == "POST" {
		if !given("Content-Type") {
			request.Header = append(request.Header, "Content-Type: application/x-www-form-urlencoded")
		}
		request.Header = append(request.Header, fmt.Sprintf("Content-Length: %d", len(w.body)))
	}
	resp, err := httpclient.Exchange(ctx, conn, request)
	if err != nil {
		return w.failed(ctx, to, err, "error getting response"), nil
	}
	defer resp.Body.Close()
	if w.showHeaders {
		fmt.Fprintf(p.Stderr, "  %s\n", resp.Status)
		for _, line := range resp.Lines {
			fmt.Fprintf(p.Stderr, "  %s\n", line)
		}
	}
	switch {
	case resp.Code >= 300 && resp.Code < 400 && resp.Header.Get("Location") != "":
		target, err := u.Parse(resp.Header.Get("Location"))
		if err != nil {
			return p.Fail(1, "bad redirection: %s", resp.Header.Get("Location")), nil
		}
		return 0, target
	case resp.Code < 200 || resp.Code >= 300:
		return p.Fail(1, "server returned error: %s", resp.Status), nil
	case w.spider:
		if !w.quiet {
			fmt.Fprintln(p.Stderr, "remote file exists")
		}
		return 0, nil
	}
	return w.save(ctx, u, resp), nil
}

// connect finds and reaches the server of a URL.
func (w *wget) connect(ctx context.Context, u *url.URL) (conn net.Conn, to netip.AddrPort, code int) {
	p := w.p
	addrs, err := resolve.Addresses(ctx, p.Net, p.Files, u.Hostname())
	if err != nil || len(addrs) == 0 {
		if ctx.Err() != nil {
			return nil, to, w.failed(ctx, to, ctx.Err(), "")
		}
		return nil, to, p.Fail(1, "bad address '%s'", u.Host)
	}
	port, err := strconv.ParseUint(httpclient.Port(u), 10, 16)
	if err != nil {
		return nil, to, p.Fail(1, "bad address '%s'", u.Host)
	}
	to = netip.AddrPortFrom(addrs[0], uint16(port))
	if !w.quiet {
		fmt.Fprintf(p.Stderr, "Connecting to %s (%s)\n", u.Host, to)
	}
	if conn, err = p.Dial(ctx, "tcp", to.String()); err != nil {
		return nil, to, w.failed(ctx, to, err, "")
	}
	if u.Scheme == "https" {
		if !w.quiet {
			fmt.Fprintln(p.Stderr, "wget: note: TLS certificate validation not implemented")
		}
		// BusyBox does not check certificates either.
		if conn, err = httpclient.TLS(ctx, conn, &tls.Config{ServerName: u.Hostname(), InsecureSkipVerify: true}); err != nil {
			return nil, to, w.failed(ctx, to, err, "TLS error from peer")
		}
	}
	return conn, to, 0
}

// failed says why a request came to nothing.
func (w *wget) failed(ctx context.Context, to netip.AddrPort, err error, otherwise string) int {
	var errno syscall.Errno
	switch {
	case errors.Is(context.Cause(ctx), errTimedOut):
		return w.p.Fail(1, "download timed out")
	case ctx.Err() != nil:
		return killedCode
	case otherwise != "":
		return w.p.Fail(1, "%s", otherwise)
	case errors.As(err, &errno):
		return w.p.Fail(1, "can't connect to remote host (%s): %s", to.Addr(), reason(errno))
	}
	return w.p.Fail(1, "can't connect to remote host (%s): %s", to.Addr(), reason(err))
}

func (w *wget) save(ctx context.Context, u *url.URL, resp *httpclient.Response) int {
	p := w.p
	name := w.output
	if name == "" {
		if name = path.Base(u.Path); strings.HasSuffix(u.Path, "/") || name == "." || name == "/" {
			name = "index.html"
		}
		if w.dir != "" {
			name = path.Join(w.dir, name)
		}
		if _, err := p.Files.Stat(p.Path(name)); err == nil {
			return p.Fail(1, "can't open '%s': File exists", name)
		}
	}
	var out io.Writer = p.Stdout
	if name != "-" {
		file, err := p.Files.Open(p.Path(name), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o666)
		if err != nil {
			return p.Fail(1, "can't open '%s': %s", name, reason(err))
		}
		defer file.Close()
		out = file
	}
	if !w.quiet {
		if name == "-" {
			fmt.Fprintln(p.Stderr, "writing to stdout")
		} else {
			fmt.Fprintf(p.Stderr, "saving to '%s'\n", name)
		}
	}
	n, err := io.Copy(out, resp.Body)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, io.ErrUnexpectedEOF) && name != "-" {
			return p.Fail(1, "write error: %s", reason(err))
		}
		return w.failed(ctx, netip.AddrPort{}, err, "connection closed prematurely")
	}
	if !w.quiet {
		size := strconv.FormatInt(n, 10)
		if n >= 100_000 {
			size = fmt.Sprintf("%.1fk", float64(n)/1024)
			if n >= 10<<20 {
				size = fmt.Sprintf("%.1fM", float64(n)/(1<<20))
			}
		}
		fmt.Fprintf(p.Stderr, "\r%-20.20s 100%% |%s| %5s  0:00:00 ETA\n", path.Base(name), strings.Repeat("*", 32), size)
		if name == "-" {
			fmt.Fprintln(p.Stderr, "written to stdout")
		} else {
			fmt.Fprintf(p.Stderr, "'%s' saved\n", name)
		}
	}
	return 0
}
