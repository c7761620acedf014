package programs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/httpclient"
	"github.com/k8stutor/k8stutor/sandbox/vnet/resolve"
)

// once makes one request.
func (c *curl) once(ctx context.Context, start time.Time, u *url.URL, method string, body []byte) (*httpclient.Response, *curlError) {
	conn, failed := c.connect(ctx, start, u)
	if failed != nil {
		return nil, failed
	}
	request := httpclient.Request{Method: method, Target: httpclient.Target(u), Header: c.requestHeader(u, body), Body: body}
	c.seen.sent = int64(len(body))
	if c.verbose {
		if u.Scheme == "https" {
			fmt.Fprintln(c.p.Stderr, "* using HTTP/1.x")
		}
		fmt.Fprintf(c.p.Stderr, "> %s %s HTTP/1.1\n", method, request.Target)
		for _, line := range request.Header {
			fmt.Fprintf(c.p.Stderr, "> %s\n", line)
		}
		fmt.Fprintln(c.p.Stderr, ">")
		if len(body) > 0 {
			fmt.Fprintf(c.p.Stderr, "} [%d bytes data]\n* upload completely sent off: %[1]d bytes\n", len(body))
		} else {
			fmt.Fprintln(c.p.Stderr, "* Request completely sent off")
		}
	}
	resp, err := httpclient.Exchange(ctx, conn, request)
	switch {
	case err == nil:
		c.seen.first = time.Since(start)
		return resp, nil
	case errors.Is(err, context.DeadlineExceeded):
		return nil, curlFailed(28, "Operation timed out after %d milliseconds with 0 bytes received", milliseconds(start))
	case errors.Is(err, httpclient.ErrEmpty), errors.Is(err, syscall.EPIPE):
		return nil, curlFailed(52, "Empty reply from server")
	case errors.Is(err, httpclient.ErrNotHTTP):
		return nil, curlFailed(1, "Received HTTP/0.9 when not allowed")
	}
	return nil, curlFailed(56, "Recv failure: Connection reset by peer")
}

func (c *curl) requestHeader(u *url.URL, body []byte) []string {
	given := map[string]bool{}
	var own []string
	for _, h := range c.headers {
		name, value, colon := strings.Cut(h, ":")
		if !colon {
			if n, ok := strings.CutSuffix(h, ";"); ok {
				own = append(own, n+":")
				given[strings.ToLower(n)] = true
			}
			continue
		}
		given[strings.ToLower(strings.TrimSpace(name))] = true
		if strings.TrimSpace(value) != "" {
			own = append(own, name+": "+strings.TrimSpace(value))
		}
	}
	var lines []string
	add := func(name, value string) {
		if value != "" && !given[strings.ToLower(name)] {
			lines = append(lines, name+": "+value)
		}
	}
	add("Host", u.Host)
	if c.user != "" {
		add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.user)))
	} else if u.User != nil {
		password, _ := u.User.Password()
		add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password)))
	}
	add("User-Agent", c.agent)
	if c.json {
		add("Content-Type", "application/json")
		add("Accept", "application/json")
	} else {
		add("Accept", "*/*")
	}
	add("Referer", c.referer)
	add("Cookie", c.cookie)
	lines = append(lines, own...)
	if body != nil {
		add("Content-Length", strconv.Itoa(len(body)))
		if c.upload == "" && !c.json {
			add("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	// One connection serves one request here: the server need not wait for another.
	return lines
}

// connect reaches the server of a URL.
func (c *curl) connect(ctx context.Context, start time.Time, u *url.URL) (net.Conn, *curlError) {
	host, port := u.Hostname(), httpclient.Port(u)
	if c.connectTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.connectTimeout)
		defer cancel()
	}
	timedOut := func() *curlError {
		return curlFailed(28, "Connection timed out after %d milliseconds", milliseconds(start))
	}
	addresses, err := c.lookUp(ctx, host, port)
	c.seen.lookup = time.Since(start)
	if err != nil || len(addresses) == 0 {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, curlFailed(28, "Resolving timed out after %d milliseconds", milliseconds(start))
		}
		if c.verbose {
			fmt.Fprintf(c.p.Stderr, "* Could not resolve host: %s\n* shutting down connection #0\n", host)
		}
		return nil, curlFailed(6, "Could not resolve host: %s", host)
	}
	if c.verbose && host != addresses[0] {
		fmt.Fprintf(c.p.Stderr, "* Host %s:%s was resolved.\n* IPv6: (none)\n* IPv4: %s\n", host, port, strings.Join(addresses, ", "))
	}
	var conn net.Conn
	for _, address := range addresses {
		if c.verbose {
			fmt.Fprintf(c.p.Stderr, "*   Trying %s...\n", net.JoinHostPort(address, port))
		}
		if conn, err = c.p.Dial(ctx, "tcp", net.JoinHostPort(address, port)); err == nil {
			break
		}
		if c.verbose {
			fmt.Fprintf(c.p.Stderr, "* connect to %s port %s from %s port 0 failed: %s\n", address, port, c.p.Net.Addr(), connectReason(err))
		}
	}
	var errno syscall.Errno
	switch {
	case err == nil:
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, timedOut()
	case errors.As(err, &errno) && errno == syscall.ETIMEDOUT:
		return nil, curlFailed(28, "Failed to connect to %s port %s after %d ms: Could not connect to server", host, port, milliseconds(start))
	default:
		return nil, curlFailed(7, "Failed to connect to %s port %s after %d ms: Could not connect to server", host, port, milliseconds(start))
	}
	c.seen.connect, c.seen.remote, c.seen.local = time.Since(start), conn.RemoteAddr().String(), conn.LocalAddr().String()
	if u.Scheme == "https" {
		var failed *curlError
		if conn, failed = c.secure(ctx, conn, host); failed != nil {
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil, curlFailed(28, "SSL connection timeout")
			}
			return nil, failed
		}
		c.seen.secure = time.Since(start)
	}
	if c.verbose {
		address, remotePort, _ := net.SplitHostPort(c.seen.remote)
		localAddress, localPort, _ := net.SplitHostPort(c.seen.local)
		fmt.Fprintf(c.p.Stderr, "* Established connection to %s (%s port %s) from %s port %s \n", host, address, remotePort, localAddress, localPort)
	}
	return conn, nil
}

func connectReason(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		text := errno.Error()
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return err.Error()
}

// lookUp finds a host's addresses; --resolve comes before everything else.
func (c *curl) lookUp(ctx context.Context, host, port string) ([]string, error) {
	for _, r := range c.resolves {
		parts := strings.SplitN(strings.TrimPrefix(r, "+"), ":", 3)
		if len(parts) == 3 && (parts[0] == host || parts[0] == "*") && parts[1] == port {
			return strings.Split(strings.Trim(parts[2], "[]"), ","), nil
		}
	}
	found, err := resolve.Addresses(ctx, c.p.Net, c.p.Files, host)
	var list []string
	for _, a := range found {
		list = append(list, a.String())
	}
	return list, err
}

// systemCAs is where an image keeps the certificates it trusts.
const systemCAs = "/etc/ssl/certs/ca-certificates.crt"

func (c *curl) secure(ctx context.Context, conn net.Conn, host string) (net.Conn, *curlError) {
	pool := x509.NewCertPool()
	file := orElse(c.caFile, systemCAs)
	pem, err := c.p.Files.ReadFile(c.p.Path(file))
	if c.caFile != "" && (err != nil || !pool.AppendCertsFromPEM(pem)) {
		_ = conn.Close()
		return nil, curlFailed(77, "error adding trust anchors from file: %s", c.caFile)
	} else if err == nil {
		pool.AppendCertsFromPEM(pem)
	}
	secure, err := httpclient.TLS(ctx, conn, &tls.Config{ServerName: host, RootCAs: pool, InsecureSkipVerify: c.insecure, NextProtos: []string{"http/1.1"}})
	if err == nil {
		if c.verbose {
			state := secure.ConnectionState()
			fmt.Fprintf(c.p.Stderr, "* SSL connection using %s / %s\n* ALPN: server accepted %s\n* Server certificate:\n", tlsName(state.Version), tls.CipherSuiteName(state.CipherSuite), orElse(state.NegotiatedProtocol, "nothing"))
			if certs := state.PeerCertificates; len(certs) > 0 {
				fmt.Fprintf(c.p.Stderr, "*   subject: %s\n*   start date: %s\n*   expire date: %s\n*   issuer: %s\n", certs[0].Subject, certs[0].NotBefore.UTC().Format("Jan _2 15:04:05 2006 GMT"), certs[0].NotAfter.UTC().Format("Jan _2 15:04:05 2006 GMT"), certs[0].Issuer)
			}
			if c.insecure {
				fmt.Fprintln(c.p.Stderr, "*   SSL certificate verification failed, continuing anyway!")
			} else {
				fmt.Fprintln(c.p.Stderr, "*   SSL certificate verified via OpenSSL.")
			}
		}
		return secure, nil
	}
	var unknown x509.UnknownAuthorityError
	var wrongName x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	const more = "\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the webpage mentioned above."
	switch {
	case errors.As(err, &unknown):
		text := "unable to get local issuer certificate"
		if cert := unknown.Cert; cert != nil && cert.Issuer.String() == cert.Subject.String() {
			text = "self-signed certificate"
		}
		return nil, curlFailed(60, "SSL certificate problem: %s%s", text, more)
	case errors.As(err, &wrongName):
		return nil, curlFailed(60, "SSL: no alternative certificate subject name matches target host name '%s'%s", host, more)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return nil, curlFailed(60, "SSL certificate problem: certificate has expired%s", more)
	case errors.As(err, &record):
		return nil, curlFailed(35, "TLS connect error: error:0A00010B:SSL routines::wrong version number")
	case errors.As(err, &invalid):
		return nil, curlFailed(60, "SSL certificate problem: %s%s", invalid.Error(), more)
	}
	return nil, curlFailed(35, "TLS connect error: %s", err)
}

func tlsName(version uint16) string {
	return strings.ReplaceAll(tls.VersionName(version), "TLS ", "TLSv")
}

// receive takes the answer; next is where it redirects to with -L.
func (c *curl) receive(ctx context.Context, start time.Time, u *url.URL, resp *httpclient.Response, out io.Writer) (next *url.URL, failed *curlError) {
	c.seen.code, c.seen.ctype = resp.Code, resp.Header.Get("Content-Type")
	lines := append([]string{resp.Status}, resp.Lines...)
	head := strings.Join(lines, "\r\n") + "\r\n\r\n"
	c.seen.headerSize += len(head)
	if c.verbose {
		for _, line := range lines {
			fmt.Fprintf(c.p.Stderr, "< %s\n", line)
		}
		fmt.Fprintln(c.p.Stderr, "<")
	}
	if c.dump != "" {
		dump := &curlOutput{c: c, name: c.dump}
		_, _ = io.WriteString(dump, head)
		dump.close()
	}
	if location := resp.Header.Get("Location"); location != "" && resp.Code >= 300 && resp.Code < 400 {
		if target, err := u.Parse(location); err == nil {
			c.seen.redirectURL = target.String()
			if c.location {
				next = target
			}
		}
	}
	failing := resp.Code >= http.StatusBadRequest && (c.fail || c.failWithBody)
	if failing && c.fail && !c.failWithBody {
		return nil, curlFailed(22, "The requested URL returned error: %d", resp.Code)
	}
	if c.include || c.head {
		if _, err := io.WriteString(out, head); err != nil {
			return nil, curlFailed(23, "Failure writing output to destination, passed %d returned 0", len(head))
		}
	}
	if next != nil { // the body of a redirection is not shown
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
		return next, nil
	}
	n, err := io.Copy(out, resp.Body)
	c.seen.size = n
	switch {
	case err == nil:
	case errors.Is(err, context.DeadlineExceeded):
		if resp.Length >= 0 {
			return nil, curlFailed(28, "Operation timed out after %d milliseconds with %d out of %d bytes received", milliseconds(start), n, resp.Length)
		}
		return nil, curlFailed(28, "Operation timed out after %d milliseconds with %d bytes received", milliseconds(start), n)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, curlFailed(18, "end of response with %d bytes missing", max(resp.Length-n, 0))
	case errors.Is(err, syscall.ECONNRESET):
		return nil, curlFailed(56, "Recv failure: Connection reset by peer")
	default:
		return nil, curlFailed(23, "client returned ERROR on write, %d bytes wanted to write", n)
	}
	if c.verbose {
		fmt.Fprintf(c.p.Stderr, "* Connection #0 to host %s:%s left intact\n", u.Hostname(), httpclient.Port(u))
	}
	if failing {
		return nil, curlFailed(22, "The requested URL returned error: %d", resp.Code)
	}
	return nil, nil
}

// formatted is what -w asks for.
func (c *curl) formatted() string {
	remote, remotePort, _ := net.SplitHostPort(c.seen.remote)
	local, localPort, _ := net.SplitHostPort(c.seen.local)
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
	scheme, _, _ := strings.Cut(c.seen.effective, ":")
	values := map[string]string{
		"http_code": fmt.Sprintf("%03d", c.seen.code), "response_code": fmt.Sprintf("%03d", c.seen.code), "size_download": strconv.FormatInt(c.seen.size, 10),
		"size_upload": strconv.FormatInt(c.seen.sent, 10), "size_header": strconv.Itoa(c.seen.headerSize), "url_effective": c.seen.effective, "url": c.seen.effective,
		"remote_ip": remote, "remote_port": remotePort, "local_ip": local, "local_port": localPort, "content_type": c.seen.ctype,
		"time_namelookup": seconds(c.seen.lookup), "time_connect": seconds(c.seen.connect), "time_appconnect": seconds(c.seen.secure), "time_pretransfer": seconds(max(c.seen.connect, c.seen.secure)),
		"time_starttransfer": seconds(c.seen.first), "time_redirect": seconds(0), "time_total": seconds(c.seen.total), "num_redirects": strconv.Itoa(c.seen.redirects),
		"num_connects": strconv.Itoa(c.seen.redirects + 1), "method": c.seen.method, "redirect_url": c.seen.redirectURL, "http_version": "1.1", "scheme": scheme,
		"exitcode": strconv.Itoa(c.seen.exit), "errormsg": c.seen.message, "ssl_verify_result": "0", "speed_download": strconv.FormatInt(int64(float64(c.seen.size)/max(c.seen.total.Seconds(), 1e-6)), 10),
		"filename_effective": strings.Join(c.outputs, ""), "stdout": "", "stderr": "", "urlnum": "0",
	}
	var b strings.Builder
	text := c.writeOut
	for text != "" {
		switch {
		case strings.HasPrefix(text, "%%"):
			b.WriteByte('%')
			text = text[2:]
		case strings.HasPrefix(text, "%{"):
			name, rest, ok := strings.Cut(text[2:], "}")
			if value, known := values[name]; ok && known {
				b.WriteString(value)
			} else if !known {
				fmt.Fprintf(c.p.Stderr, "curl: unknown --write-out variable: '%s'\n", name)
			}
			text = rest
		case len(text) > 1 && text[0] == '\\' && strings.IndexByte("nrt\\", text[1]) >= 0:
			b.WriteString(map[byte]string{'n': "\n", 'r': "\r", 't': "\t", '\\': "\\"}[text[1]])
			text = text[2:]
		default:
			b.WriteByte(text[0])
			text = text[1:]
		}
	}
	return b.String()
}
