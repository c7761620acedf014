package nginx

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// proxy sends the request on.
func (x *exchange) proxy() {
	target := x.location.proxy
	if target == nil {
		u, err := url.Parse(x.expand(last(x.location.block, "proxy_pass")[0]))
		if err != nil || u.Host == "" {
			x.fail(http.StatusInternalServerError)
			return
		}
		target = u
	}
	address := withPort(target)
	if servers := x.config.upstreams[target.Host]; len(servers) > 0 {
		address = servers[int(x.l.counts.requests.Load())%len(servers)]
	}
	p := x.l.m.p
	reverse := &httputil.ReverseProxy{
		Transport: &http.Transport{
			DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return p.Dial(ctx, "tcp", address) },
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // nginx does not verify unless it is told to
			DisableKeepAlives: true,
		},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			if target.Path != "" {
				r.Out.URL.Path = target.Path + strings.TrimPrefix(x.uri, x.location.path)
			} else {
				r.Out.URL.Path = x.uri
			}
			r.Out.URL.RawPath = ""
			r.Out.Host = target.Host
			for _, d := range append(find(x.config.http, "proxy_set_header"), append(find(x.server.block, "proxy_set_header"), find(x.location.block, "proxy_set_header")...)...) {
				if strings.EqualFold(d.arg(0), "host") {
					r.Out.Host = x.expand(d.arg(1))
				} else {
					r.Out.Header.Set(d.arg(0), x.expand(d.arg(1)))
				}
			}
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Del("Server") // nginx puts its own
			x.headers()
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			x.l.m.logf("error", "*1 connect() failed (%s) while connecting to upstream, %s", upstreamCause(err), x.client())
			x.fail(http.StatusBadGateway)
		},
	}
	reverse.ServeHTTP(&counter{ResponseWriter: x.w, x: x}, x.r)
}

func upstreamCause(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "refused"):
		return "111: Connection refused"
	case strings.Contains(text, "unreachable"), strings.Contains(text, "no route"):
		return "113: No route to host"
	case strings.Contains(text, "no such host"):
		return "host not found"
	}
	return text
}
