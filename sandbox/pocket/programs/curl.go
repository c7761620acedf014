package programs

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/httpclient"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// curl is a run of curl.
type curl struct {
	p *proc.Process

	urls, headers, resolves []string
	method, agent, user     string
	data                    []string
	writeOut, dump          string
	caFile, referer, cookie string
	outputs                 []string
	remoteName, include     bool
	head, verbose, silent   bool
	showError, insecure     bool
	location, fail, get     bool
	failWithBody, json      bool
	connectTimeout, maxTime time.Duration
	retries, maxRedirects   int
	retryDelay              time.Duration
	retryRefused            bool
	upload                  string

	seen transferInfo
}

// transferInfo is what -w can print about a request.
type transferInfo struct {
	code, redirects   int
	size, sent        int64
	effective, remote string
	local, ctype      string
	lookup, connect   time.Duration
	secure, first     time.Duration
	total             time.Duration
	method            string
	redirectURL       string
	headerSize        int
	exit              int
	message           string
}

// curlError is an exit code of curl with its message.
type curlError struct {
	code int
	text string
}

func (e *curlError) Error() string { return e.text }

func curlFailed(code int, format string, args ...any) *curlError {
	return &curlError{code, fmt.Sprintf(format, args...)}
}

// Curl is curl(1) for HTTP and HTTPS.
func Curl(ctx context.Context, p *proc.Process) int {
	c := &curl{p: p, maxRedirects: 50, agent: "curl/" + curlVersion(p)}
	if done, code := c.parse(p.Args[1:]); done {
		return code
	}
	if len(c.urls) == 0 {
		fmt.Fprintln(p.Stderr, "curl: (2) no URL specified")
		fmt.Fprintln(p.Stderr, "curl: try 'curl --help' or 'curl --manual' for more information")
		return 2
	}
	code := 0
	for i, address := range c.urls {
		code = c.retried(ctx, address, i)
	}
	if ctx.Err() != nil {
		return killedCode
	}
	return code
}

func curlVersion(p *proc.Process) string {
	if strings.HasSuffix(p.Image.Repository, "curlimages/curl") {
		return p.Image.Version
	}
	return "8.14.1"
}

// CurlEntrypoint is the entrypoint of the image curlimages/curl: what begins
// with a dash is for curl.
func CurlEntrypoint(ctx context.Context, p *proc.Process) int {
	args := p.Args[1:]
	if len(args) == 0 {
		args = []string{"curl"}
	}
	if program, ok := p.Image.LookUp(args[0]); ok && !strings.HasPrefix(args[0], "-") {
		return p.Exec(ctx, program, args...)
	}
	return p.Exec(ctx, Curl, append([]string{"curl"}, args...)...)
}

// long are the long names of the short options.
func curlShort(name string) string {
	for short, long := range map[string]string{
		"s": "silent", "S": "show-error", "o": "output", "O": "remote-name", "w": "write-out", "I": "head", "i": "include", "v": "verbose",
		"H": "header", "d": "data", "X": "request", "m": "max-time", "k": "insecure", "L": "location", "f": "fail", "u": "user", "G": "get",
		"A": "user-agent", "e": "referer", "b": "cookie", "D": "dump-header", "T": "upload-file", "h": "help", "V": "version", "N": "no-buffer",
		"g": "globoff", "4": "ipv4", "6": "ipv6", "c": "cookie-jar", "x": "proxy", "#": "progress-bar", "0": "http1.0", "E": "cert", "Z": "parallel",
		"j": "junk-session-cookies", "q": "disable", "n": "netrc", "F": "form",
	} {
		if short == name {
			return long
		}
	}
	return ""
}

func curlTakesValue(long string) bool {
	switch long {
	case "output", "write-out", "header", "data", "data-raw", "data-binary", "data-ascii", "data-urlencode", "json", "request", "max-time", "connect-timeout", "user",
		"user-agent", "referer", "cookie", "dump-header", "upload-file", "cookie-jar", "proxy", "cert", "key", "cacert", "capath", "resolve", "retry", "retry-delay",
		"retry-max-time", "max-redirs", "url", "interface", "noproxy", "stderr", "form", "connect-to", "limit-rate", "keepalive-time", "tls-max", "ciphers", "range", "oauth2-bearer", "unix-socket":
		return true
	}
	return false
}

// parse reads the command line. done means that nothing is to be fetched.
func (c *curl) parse(args []string) (done bool, code int) {
	usage := func(format string, a ...any) (bool, int) {
		fmt.Fprintf(c.p.Stderr, "curl: "+format+"\ncurl: try 'curl --help' or 'curl --manual' for more information\n", a...)
		return true, 2
	}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if len(arg) < 2 || arg[0] != '-' {
			c.urls = append(c.urls, arg)
			continue
		}
		var names []string
		value := ""
		if long, ok := strings.CutPrefix(arg, "--"); ok {
			names = []string{long}
		} else {
			for i := 1; i < len(arg); i++ {
				long := curlShort(arg[i : i+1])
				if long == "" {
					return usage("option %s: is unknown", arg)
				}
				names = append(names, long)
				if curlTakesValue(long) {
					value = arg[i+1:]
					break
				}
			}
		}
		for _, long := range names {
			if curlTakesValue(long) && value == "" {
				if len(args) == 0 {
					return usage("option %s: requires parameter", arg)
				}
				value, args = args[0], args[1:]
			}
			if long == "version" {
				fmt.Fprintf(c.p.Stdout, "curl %s (x86_64-pc-linux-musl) libcurl/%[1]s OpenSSL/3.5.4\nProtocols: http https\nFeatures: IPv6 SSL\n", curlVersion(c.p))
				return true, 0
			}
			if long == "help" {
				fmt.Fprintln(c.p.Stdout, "Usage: curl [options...] <url>")
				return true, 0
			}
			if err := c.option(long, value); err != nil {
				if err.code == 2 {
					return usage("%s", err.text)
				}
				fmt.Fprintf(c.p.Stderr, "curl: (%d) %s\n", err.code, err.text)
				return true, err.code
			}
		}
	}
	return false, 0
}

func (c *curl) option(long, value string) *curlError {
	seconds := func(to *time.Duration) *curlError {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || n < 0 {
			return curlFailed(2, "option --%s: expected a proper numerical parameter", long)
		}
		*to = time.Duration(n * float64(time.Second))
		return nil
	}
	number := func(to *int) *curlError {
		n, err := strconv.Atoi(value)
		if err != nil {
			return curlFailed(2, "option --%s: expected a proper numerical parameter", long)
		}
		*to = n
		return nil
	}
	flag := map[string]*bool{
		"silent": &c.silent, "show-error": &c.showError, "remote-name": &c.remoteName, "head": &c.head, "include": &c.include, "show-headers": &c.include, "verbose": &c.verbose,
		"insecure": &c.insecure, "location": &c.location, "fail": &c.fail, "get": &c.get, "fail-with-body": &c.failWithBody, "retry-connrefused": &c.retryRefused, "retry-all-errors": &c.retryRefused,
	}[long]
	switch {
	case flag != nil:
		*flag = true
		return nil
	case strings.HasPrefix(long, "no-"):
		return nil
	}
	switch long {
	case "output":
		c.outputs = append(c.outputs, value)
	case "write-out":
		text, err := c.argument(value)
		if err != nil {
			return err
		}
		c.writeOut = string(text)
	case "header":
		c.headers = append(c.headers, value)
	case "data", "data-ascii", "data-binary", "json":
		text, err := c.argument(value)
		if err != nil {
			return err
		}
		if long == "data" || long == "data-ascii" {
			if strings.HasPrefix(value, "@") {
				text = []byte(strings.NewReplacer("\r", "", "\n", "").Replace(string(text)))
			}
		}
		c.json = c.json || long == "json"
		c.data = append(c.data, string(text))
	case "data-raw":
		c.data = append(c.data, value)
	case "data-urlencode":
		name, text, named := strings.Cut(value, "=")
		if !named {
			name, text = "", value
		}
		encoded := strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
		if name != "" {
			encoded = name + "=" + encoded
		}
		c.data = append(c.data, encoded)
	case "request":
		c.method = value
	case "max-time":
		return seconds(&c.maxTime)
	case "connect-timeout":
		return seconds(&c.connectTimeout)
	case "retry-delay":
		return seconds(&c.retryDelay)
	case "retry":
		return number(&c.retries)
	case "max-redirs":
		return number(&c.maxRedirects)
	case "user":
		c.user = value
	case "user-agent":
		c.agent = value
	case "referer":
		c.referer = value
	case "cookie":
		c.cookie = value
	case "dump-header":
		c.dump = value
	case "upload-file":
		c.upload = value
	case "cacert":
		c.caFile = value
	case "resolve":
		c.resolves = append(c.resolves, value)
	case "url":
		c.urls = append(c.urls, value)
	case "oauth2-bearer":
		c.headers = append(c.headers, "Authorization: Bearer "+value)
	case "form", "unix-socket":
		return curlFailed(4, "A requested feature, protocol or option was not found built-in in this libcurl due to a build-time decision.")
	case "globoff", "ipv4", "ipv6", "progress-bar", "http1.0", "http1.1", "http2", "compressed", "parallel", "junk-session-cookies", "disable", "netrc", "tcp-nodelay",
		"path-as-is", "tlsv1.2", "tlsv1.3", "cookie-jar", "proxy", "cert", "key", "capath", "retry-max-time", "interface", "noproxy", "stderr", "connect-to", "limit-rate",
		"keepalive-time", "tls-max", "ciphers", "range", "create-dirs", "http2-prior-knowledge", "location-trusted", "basic":
	default:
		return curlFailed(2, "option --%s: is unknown", long)
	}
	return nil
}

// argument is a value that may be @FILE.
func (c *curl) argument(value string) ([]byte, *curlError) {
	name, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		return []byte(value), nil
	}
	var text []byte
	var err error
	if name == "-" {
		text, err = io.ReadAll(io.LimitReader(c.p.Stdin, 16<<20))
	} else {
		text, err = c.p.Files.ReadFile(c.p.Path(name))
	}
	if err != nil {
		return nil, curlFailed(26, "Failed to open %s", name)
	}
	return text, nil
}

// retried makes a transfer, again as often as --retry says.
func (c *curl) retried(ctx context.Context, address string, index int) int {
	for attempt := 0; ; attempt++ {
		err := c.transfer(ctx, address, index)
		transient := err != nil && (err.code == 28 || err.code == 6 || c.retryRefused && err.code == 7) ||
			c.seen.code == 408 || c.seen.code == 429 || c.seen.code >= 500 && c.seen.code <= 504
		if transient && attempt < c.retries && ctx.Err() == nil {
			delay := c.retryDelay
			if delay == 0 {
				delay = time.Second << min(attempt, 9)
			}
			if !c.silent {
				fmt.Fprintf(c.p.Stderr, "Warning: Problem : timeout. Will retry in %d second%s. %d retr%s left.\n", int(delay.Seconds()), plural(int(delay.Seconds()), "", "s"), c.retries-attempt, plural(c.retries-attempt, "y", "ies"))
			}
			if proc.Sleep(ctx, delay) {
				continue
			}
		}
		if err != nil {
			c.seen.exit, c.seen.message = err.code, err.text
		}
		if c.writeOut != "" {
			io.WriteString(c.p.Stdout, c.formatted())
		}
		if err == nil {
			return 0
		}
		if !c.silent || c.showError {
			fmt.Fprintf(c.p.Stderr, "curl: (%d) %s\n", err.code, err.text)
		}
		return err.code
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func milliseconds(since time.Time) int64 { return time.Since(since).Milliseconds() }

// transfer makes a request and follows redirections.
func (c *curl) transfer(ctx context.Context, address string, index int) *curlError {
	start := time.Now()
	c.seen = transferInfo{effective: address}
	defer func() { c.seen.total = time.Since(start) }()
	u, err := httpclient.ParseURL(address)
	if err != nil {
		return curlFailed(3, "URL rejected: Malformed input to a URL function")
	}
	c.seen.effective = u.String()
	if u.Path == "" {
		c.seen.effective += "/"
	}
	if c.maxTime > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.maxTime)
		defer cancel()
	}
	output := ""
	if index < len(c.outputs) {
		output = c.outputs[index]
	} else if c.remoteName {
		if output = u.Path[strings.LastIndex(u.Path, "/")+1:]; output == "" {
			return curlFailed(23, "Failed to extract a filename from the URL to use for storage (--remote-name)")
		}
	}
	out := &curlOutput{c: c, name: output}
	defer out.close()
	var body []byte
	method := c.method
	data := strings.Join(c.data, "&")
	switch {
	case c.upload != "":
		text, err := c.argument("@" + c.upload)
		if err != nil {
			return err
		}
		body = text
		method = orElse(method, "PUT")
	case c.data != nil && c.get:
		u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+data, "&")
	case c.data != nil:
		body = []byte(data)
		method = orElse(method, "POST")
	case c.head:
		method = orElse(method, "HEAD")
	}
	method = orElse(method, "GET")
	for redirects := 0; ; redirects++ {
		if u.Scheme != "http" && u.Scheme != "https" {
			return curlFailed(1, "Protocol \"%s\" not supported or disabled in libcurl", u.Scheme)
		}
		c.seen.redirects, c.seen.method = redirects, method
		resp, failed := c.once(ctx, start, u, method, body)
		if failed != nil {
			return failed
		}
		next, failed := c.receive(ctx, start, u, resp, out)
		resp.Body.Close()
		if failed != nil || next == nil {
			return failed
		}
		if redirects >= c.maxRedirects {
			return curlFailed(47, "Maximum (%d) redirects followed", c.maxRedirects)
		}
		if resp.Code == 303 || (resp.Code == 301 || resp.Code == 302) && method == "POST" && c.method == "" {
			method, body = "GET", nil
		}
		if c.verbose {
			fmt.Fprintf(c.p.Stderr, "* Issue another request to this URL: '%s'\n", next)
		}
		u = next
		c.seen.effective = u.String()
	}
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// curlOutput is where bodies go: opened when there is something to write.
type curlOutput struct {
	c    *curl
	name string
	file io.WriteCloser
}

func (o *curlOutput) Write(b []byte) (int, error) {
	if o.name == "" || o.name == "-" {
		return o.c.p.Stdout.Write(b)
	}
	if o.file == nil {
		file, err := o.c.p.Files.Open(o.c.p.Path(o.name), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o666)
		if err != nil {
			return 0, err
		}
		o.file = file
	}
	return o.file.Write(b)
}

func (o *curlOutput) close() {
	if o.file != nil {
		_ = o.file.Close()
	}
}
