package ingress

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"os"
	"strings"
	"time"
)

const (
	connectLimit = 5 * time.Second  // nginx's proxy_connect_timeout of ingress-nginx
	answerLimit  = 60 * time.Second // proxy_read_timeout
	maxTries     = 3                // proxy_next_upstream_tries
)

// scheme is how a request came in.
type scheme struct {
	name string // "http" or "https"
	port string // what X-Forwarded-Port says: 80 or 443
}

// route is where a request goes, kept in its context.
type route struct {
	location  *location
	endpoints []netip.AddrPort
}

type routeKey struct{}

// handler serves requests that came in one way.
func (c *Controller) handler(in scheme) http.Handler {
	proxy := &httputil.ReverseProxy{
		Transport:      c.upstream,
		FlushInterval:  -1,
		Rewrite:        func(r *httputil.ProxyRequest) { rewrite(r, in) },
		ModifyResponse: hideServer,
		ErrorHandler:   c.failed,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if in.name == "https" {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		server, location := c.table.Load().find(r.Host, r.URL.Path)
		if location == nil {
			page(w, http.StatusNotFound)
			return
		}
		o := location.options
		switch {
		case in.name == "http" && (o.forceRedirect || o.sslRedirect && server.tls):
			redirect(w, http.StatusPermanentRedirect, "https://"+c.secureHost(r)+r.URL.RequestURI())
		case o.permanent != "":
			redirect(w, http.StatusMovedPermanently, o.permanent)
		case o.temporal != "":
			redirect(w, http.StatusFound, o.temporal)
		case o.appRoot != "" && r.URL.Path == "/":
			redirect(w, http.StatusFound, in.name+"://"+r.Host+o.appRoot)
		case o.maxBody > 0 && r.ContentLength > o.maxBody:
			page(w, http.StatusRequestEntityTooLarge)
		case location.backend.service == "":
			page(w, http.StatusNotFound)
		default:
			endpoints := c.endpoints(location.backend)
			if len(endpoints) == 0 {
				page(w, http.StatusServiceUnavailable)
				return
			}
			if o.maxBody > 0 && r.Body != nil {
				r.Body = http.MaxBytesReader(w, r.Body, o.maxBody)
			}
			turn := int(c.turn.Add(1) % uint64(len(endpoints)))
			endpoints = append(endpoints[turn:], endpoints[:turn]...)
			proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), routeKey{}, route{location, endpoints})))
		}
	})
}

// secureHost is the host that a redirect to https names. nginx names no port;
// one is needed where this machine's port is not the usual one.
func (c *Controller) secureHost(r *http.Request) string {
	host := r.Host
	name, _, err := net.SplitHostPort(host)
	if err == nil {
		host = name
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if _, secure := c.Addresses(); local != nil && secure.IsValid() && secure.Port() != 443 && strings.HasPrefix(local.String(), "127.") {
		return net.JoinHostPort(host, portText(secure.Port()))
	}
	return host
}

// rewrite makes the request to the backend, with the headers of ingress-nginx.
func rewrite(r *httputil.ProxyRequest, in scheme) {
	to, _ := r.In.Context().Value(routeKey{}).(route)
	client, _, err := net.SplitHostPort(r.In.RemoteAddr)
	if err != nil {
		client = r.In.RemoteAddr
	}
	out := r.Out
	out.URL.Scheme = "http"
	if to.location.options.https {
		out.URL.Scheme = "https"
	}
	out.URL.Host = to.endpoints[0].String()
	if path := to.location.target(r.In.URL.Path); path != r.In.URL.Path {
		out.URL.Path, out.URL.RawPath = path, ""
	}
	out.Host = r.In.Host
	if v := to.location.options.vhost; v != "" {
		out.Host = v
	}
	id := r.In.Header.Get("X-Request-Id")
	if id == "" {
		id = newRequestID()
	}
	if before := r.In.Header.Get("X-Forwarded-For"); before != "" {
		out.Header.Set("X-Original-Forwarded-For", before)
	}
	for name, value := range map[string]string{
		"X-Request-Id": id, "X-Real-Ip": client, "X-Forwarded-For": client, "X-Forwarded-Host": r.In.Host,
		"X-Forwarded-Port": in.port, "X-Forwarded-Proto": in.name, "X-Forwarded-Scheme": in.name, "X-Scheme": in.name,
	} {
		out.Header.Set(name, value)
	}
}

func newRequestID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// hideServer: nginx does not show its backends' Server header.
func hideServer(r *http.Response) error {
	r.Header.Del("Server")
	r.Header.Del("X-Powered-By")
	return nil
}

// failed answers for a backend that did not.
func (c *Controller) failed(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	var timeout net.Error
	switch {
	case errors.As(err, &tooLarge):
		page(w, http.StatusRequestEntityTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		page(w, http.StatusGatewayTimeout)
	default:
		page(w, http.StatusBadGateway)
	}
	c.cfg.Logger.Info("no answer from upstream", "host", r.Host, "path", r.URL.Path, "err", err)
}

// upstream sends a request to the endpoints of its route: to the next one while
// none can be connected to.
type upstream struct{ transport *http.Transport }

// RoundTrip implements http.RoundTripper.
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	to, _ := r.Context().Value(routeKey{}).(route)
	var failure error
	for i, endpoint := range to.endpoints {
		if i == maxTries {
			break
		}
		try := r.Clone(r.Context())
		try.URL.Host = endpoint.String()
		if r.Body != nil {
			try.Body = unclosed{r.Body}
		}
		response, err := u.transport.RoundTrip(try)
		var dial *net.OpError
		if err == nil || !errors.As(err, &dial) || dial.Op != "dial" {
			return response, err
		}
		failure = err
	}
	return nil, failure
}

// unclosed is a body that a failed try does not close.
type unclosed struct{ io.Reader }

func (unclosed) Close() error { return nil }
