package nginx

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// exchange is one request with its answer.
type exchange struct {
	l        *listening
	config   *configuration
	server   *server
	location *location
	r        *http.Request
	w        http.ResponseWriter
	port     string
	began    time.Time

	uri    string // after rewrites
	status int
	sent   int64
	jumps  int // internal redirects so far
}

// maxJumps is where nginx gives up a cycle of internal redirects.
const maxJumps = 10

// cost is the CPU time of one request.
const cost = 100 * time.Microsecond

func (x *exchange) answer() {
	_ = x.l.m.p.Usage.Spend(x.r.Context(), cost)
	x.uri = path.Clean("/" + x.r.URL.Path)
	if strings.HasSuffix(x.r.URL.Path, "/") && x.uri != "/" {
		x.uri += "/"
	}
	h := x.w.Header()
	h.Set("Server", "nginx/"+x.l.m.p.Image.Version)
	h.Set("Connection", "keep-alive")
	if x.r.Close {
		h.Set("Connection", "close")
	}
	x.process()
	x.logAccess()
}

// setting is a directive that holds here: the location's, else the server's,
// else that of http.
func (x *exchange) setting(name string) []string {
	if x.location != nil {
		if args := last(x.location.block, name); args != nil {
			return args
		}
	}
	if args := last(x.server.block, name); args != nil {
		return args
	}
	return last(x.config.http, name)
}

func (x *exchange) word(name string) string {
	if args := x.setting(name); len(args) > 0 {
		return args[0]
	}
	return ""
}

// process finds the location and does what it says.
func (x *exchange) process() {
	if x.jumps++; x.jumps > maxJumps {
		x.l.m.logf("error", "*1 rewrite or internal redirection cycle while processing %q, %s", x.uri, x.client())
		x.plainError(http.StatusInternalServerError)
		return
	}
	x.location = nil
	if x.rewritten(x.server.block) {
		return
	}
	x.location = x.server.find(x.uri)
	if x.location != nil && x.rewritten(x.location.block) {
		return
	}
	switch l := x.location; {
	case l != nil && len(find(l.block, "stub_status")) > 0:
		c := &x.l.counts
		x.write(http.StatusOK, "text/plain", fmt.Sprintf("Active connections: %d \nserver accepts handled requests\n %d %d %d \nReading: 0 Writing: 1 Waiting: %d \n",
			c.active.Load(), c.accepted.Load(), c.accepted.Load(), c.requests.Load(), max(0, c.active.Load()-1)))
	case l != nil && len(last(l.block, "proxy_pass")) > 0:
		x.proxy()
	default:
		x.file()
	}
}

// rewritten carries out return and rewrite; true means that the answer is given.
func (x *exchange) rewritten(block []directive) bool {
	for _, d := range block {
		switch d.name {
		case "return":
			code, err := strconv.Atoi(d.arg(0))
			text := d.arg(1)
			if err != nil {
				code, text = http.StatusFound, d.arg(0)
			}
			switch {
			case code >= 300 && code < 400 && text != "":
				x.redirect(code, x.expand(text))
			case text != "":
				contentType := x.word("default_type")
				if contentType == "" {
					contentType = "text/plain"
				}
				x.write(code, contentType, x.expand(text))
			case code == 444:
				panic(http.ErrAbortHandler) // net/http's way to close without an answer
			default:
				x.fail(code)
			}
			return true
		case "rewrite":
			re, err := regexp.Compile(d.arg(0))
			if err != nil || !re.MatchString(x.uri) {
				continue
			}
			match := re.FindStringSubmatchIndex(x.uri)
			target := x.expand(string(re.ExpandString(nil, regexp.MustCompile(`\$(\d)`).ReplaceAllString(d.arg(1), "$${$1}"), x.uri, match)))
			switch d.arg(2) {
			case "redirect":
				x.redirect(http.StatusFound, target)
				return true
			case "permanent":
				x.redirect(http.StatusMovedPermanently, target)
				return true
			}
			x.uri, _, _ = strings.Cut(target, "?")
			if d.arg(2) != "break" && x.location != nil {
				x.process()
				return true
			}
		}
	}
	return false
}

// file serves a file of the container.
func (x *exchange) file() {
	if x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
		x.fail(http.StatusMethodNotAllowed)
		return
	}
	name := x.fileName(x.uri)
	if try := x.setting("try_files"); len(try) > 1 && x.location != nil {
		for i, candidate := range try {
			candidate = x.expand(candidate)
			if i == len(try)-1 {
				if code, ok := strings.CutPrefix(candidate, "="); ok {
					n, _ := strconv.Atoi(code)
					x.fail(n)
					return
				}
				if candidate != x.uri {
					x.uri, _, _ = strings.Cut(candidate, "?")
					x.process()
					return
				}
			}
			info, err := x.l.m.p.Files.Stat(strings.TrimSuffix(x.fileName(candidate), "/"))
			if err == nil && info.IsDir() == strings.HasSuffix(candidate, "/") {
				x.uri, name = candidate, x.fileName(candidate)
				break
			}
		}
	}
	info, err := x.l.m.p.Files.Stat(name)
	switch {
	case err == nil && info.IsDir() && !strings.HasSuffix(x.uri, "/"):
		x.redirect(http.StatusMovedPermanently, x.uri+"/")
	case err == nil && info.IsDir(), err != nil && strings.HasSuffix(x.uri, "/"):
		x.directory(name)
	case err != nil:
		x.missing(name, err)
	default:
		x.content(name, info)
	}
}

// fileName is the file that a URI stands for, by root or alias.
func (x *exchange) fileName(uri string) string {
	if x.location != nil {
		if alias := last(x.location.block, "alias"); len(alias) > 0 {
			return path.Join(x.expand(alias[0]), strings.TrimPrefix(uri, x.location.path))
		}
	}
	root := x.expand(x.word("root"))
	if root == "" {
		root = "html"
	}
	if !path.IsAbs(root) {
		root = path.Join(prefix, root)
	}
	return path.Join(root, uri)
}

func (x *exchange) directory(name string) {
	index := x.setting("index")
	if index == nil {
		index = []string{"index.html"}
	}
	for _, i := range index {
		file := path.Join(name, i)
		if info, err := x.l.m.p.Files.Stat(file); err == nil && !info.IsDir() {
			x.content(file, info)
			return
		}
	}
	entries, err := x.l.m.p.Files.ReadDir(name)
	switch {
	case err != nil:
		x.missing(path.Join(name, index[0]), err)
	case x.word("autoindex") == "on":
		x.list(entries)
	default:
		x.l.m.logf("error", "*1 directory index of %q is forbidden, %s", name+"/", x.client())
		x.fail(http.StatusForbidden)
	}
}

// list is the page of autoindex.
func (x *exchange) list(entries []fs.DirEntry) {
	var b strings.Builder
	fmt.Fprintf(&b, "<html>\r\n<head><title>Index of %s</title></head>\r\n<body>\r\n<h1>Index of %s</h1><hr><pre><a href=\"../\">../</a>\r\n", x.uri, x.uri)
	for _, e := range entries {
		name, size, changed := e.Name(), "-", time.Time{}
		if info, err := e.Info(); err == nil {
			changed = info.ModTime()
			if !e.IsDir() {
				size = strconv.FormatInt(info.Size(), 10)
			}
		}
		if e.IsDir() {
			name += "/"
		}
		fmt.Fprintf(&b, "<a href=\"%s\">%s</a>%s %s %19s\r\n", name, name, strings.Repeat(" ", max(1, 50-len(name))), changed.UTC().Format("02-Jan-2006 15:04"), size)
	}
	b.WriteString("</pre><hr></body>\r\n</html>\r\n")
	x.write(http.StatusOK, "text/html", b.String())
}

func (x *exchange) missing(name string, err error) {
	if os.IsPermission(err) {
		x.l.m.logf("error", "*1 open() %q failed (13: Permission denied), %s", name, x.client())
		x.fail(http.StatusForbidden)
		return
	}
	x.l.m.logf("error", "*1 open() %q failed (2: No such file or directory), %s", name, x.client())
	x.fail(http.StatusNotFound)
}

// client is the end of a line of the error log.
func (x *exchange) client() string {
	remote, _, _ := net.SplitHostPort(x.r.RemoteAddr)
	return fmt.Sprintf("client: %s, server: %s, request: %q, host: %q", remote, x.expand("$server_name"), x.expand("$request"), x.r.Host)
}

func (x *exchange) content(name string, info fs.FileInfo) {
	text, err := x.l.m.p.Files.ReadFile(name)
	if err != nil {
		x.missing(name, err)
		return
	}
	h := x.w.Header()
	kind := x.config.types[strings.TrimPrefix(path.Ext(name), ".")]
	if kind == "" {
		if kind = x.word("default_type"); kind == "" {
			kind = "text/plain"
		}
	}
	h.Set("Content-Type", kind)
	h.Set("ETag", fmt.Sprintf(`"%x-%x"`, info.ModTime().Unix(), info.Size()))
	h.Set("Accept-Ranges", "bytes")
	x.headers()
	counted := &counter{ResponseWriter: x.w, x: x}
	http.ServeContent(counted, x.r, "", info.ModTime(), strings.NewReader(string(text)))
}

// counter remembers what was sent.
type counter struct {
	http.ResponseWriter
	x *exchange
}

func (c *counter) WriteHeader(code int) {
	c.x.status = code
	c.ResponseWriter.WriteHeader(code)
}

func (c *counter) Write(b []byte) (int, error) {
	if c.x.status == 0 {
		c.x.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(b)
	c.x.sent += int64(n)
	return n, err
}

// Flush implements http.Flusher, for what is proxied.
func (c *counter) Flush() { _ = http.NewResponseController(c.ResponseWriter).Flush() }

// Unwrap gives http.ResponseController the writer beneath.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (x *exchange) redirect(code int, target string) {
	if strings.HasPrefix(target, "/") {
		host := x.expand("$scheme") + "://" + x.r.Host
		target = host + target
	}
	x.w.Header().Set("Location", target)
	x.plainError(code)
}

// headers adds what add_header says.
func (x *exchange) headers() {
	block := x.server.block
	if x.location != nil && len(find(x.location.block, "add_header")) > 0 {
		block = x.location.block
	}
	for _, d := range append(find(x.config.http, "add_header"), find(block, "add_header")...) {
		x.w.Header().Add(d.arg(0), x.expand(d.arg(1)))
	}
}

func (x *exchange) write(code int, kind, body string) {
	h := x.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.headers()
	counted := &counter{ResponseWriter: x.w, x: x}
	counted.WriteHeader(code)
	if x.r.Method != http.MethodHead {
		_, _ = io.WriteString(counted, body)
	}
}

// fail answers with an error: by error_page, or with nginx's own page.
func (x *exchange) fail(code int) {
	for _, block := range [][]directive{x.locationBlock(), x.server.block, x.config.http} {
		for _, d := range find(block, "error_page") {
			for _, arg := range d.args[:max(0, len(d.args)-1)] {
				if arg == strconv.Itoa(code) && x.jumps < maxJumps && x.jumps == 1 {
					x.errorPage(code, d.args[len(d.args)-1])
					return
				}
			}
		}
	}
	x.plainError(code)
}

func (x *exchange) locationBlock() []directive {
	if x.location == nil {
		return nil
	}
	return x.location.block
}

// errorPage serves the file of an error_page with the error's code.
func (x *exchange) errorPage(code int, uri string) {
	x.jumps++
	x.uri = uri
	x.location = x.server.find(uri)
	text, err := x.l.m.p.Files.ReadFile(x.fileName(uri))
	if err != nil {
		x.plainError(code)
		return
	}
	x.write(code, "text/html", string(text))
}

func (x *exchange) plainError(code int) {
	title := fmt.Sprintf("%d %s", code, reasonPhrase(code))
	if code < 300 {
		x.write(code, "text/plain", "")
		return
	}
	x.write(code, "text/html", fmt.Sprintf("<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n<hr><center>nginx/%s</center>\r\n</body>\r\n</html>\r\n",
		title, title, x.l.m.p.Image.Version))
}

// reasonPhrase is nginx's text for a code, which is not always Go's.
func reasonPhrase(code int) string {
	switch code {
	case http.StatusFound:
		return "Found"
	case http.StatusMethodNotAllowed:
		return "Not Allowed"
	case http.StatusServiceUnavailable:
		return "Service Temporarily Unavailable"
	case http.StatusGatewayTimeout:
		return "Gateway Time-out"
	}
	return http.StatusText(code)
}

// logAccess writes the access log in the format that the image configures.
func (x *exchange) logAccess() {
	if x.word("access_log") == "off" {
		return
	}
	header := func(name string) string {
		if v := x.r.Header.Get(name); v != "" {
			return v
		}
		return "-"
	}
	user, _, ok := x.r.BasicAuth()
	if !ok {
		user = "-"
	}
	fmt.Fprintf(x.l.m.p.Stdout, "%s - %s [%s] \"%s\" %d %d \"%s\" \"%s\" \"%s\"\n", x.expand("$remote_addr"), user, x.expand("$time_local"),
		x.expand("$request"), x.status, x.sent, header("Referer"), header("User-Agent"), header("X-Forwarded-For"))
}
