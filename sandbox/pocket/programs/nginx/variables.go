package nginx

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// expand puts values in the place of variables.
func (x *exchange) expand(text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	return os.Expand(text, func(name string) string {
		host, _, err := net.SplitHostPort(x.r.Host)
		if err != nil {
			host = x.r.Host
		}
		remote, remotePort, _ := net.SplitHostPort(x.r.RemoteAddr)
		switch name {
		case "host":
			return host
		case "http_host":
			return x.r.Host
		case "hostname":
			return x.l.m.p.Hostname
		case "uri", "document_uri":
			return x.uri
		case "request_uri":
			return x.r.RequestURI
		case "args", "query_string":
			return x.r.URL.RawQuery
		case "is_args":
			if x.r.URL.RawQuery != "" {
				return "?"
			}
			return ""
		case "scheme":
			if x.r.TLS != nil {
				return "https"
			}
			return "http"
		case "request_method":
			return x.r.Method
		case "remote_addr":
			return remote
		case "remote_port":
			return remotePort
		case "server_addr":
			return x.l.m.p.Net.Addr().String()
		case "server_port":
			return x.port
		case "server_name":
			if len(x.server.names) > 0 {
				return x.server.names[0]
			}
			return ""
		case "server_protocol":
			return x.r.Proto
		case "nginx_version":
			return x.l.m.p.Image.Version
		case "time_iso8601":
			return x.began.UTC().Format(time.RFC3339)
		case "time_local":
			return x.began.UTC().Format("02/Jan/2006:15:04:05 -0700")
		case "msec":
			return fmt.Sprintf("%.3f", float64(x.began.UnixMilli())/1000)
		case "proxy_add_x_forwarded_for":
			if before := x.r.Header.Get("X-Forwarded-For"); before != "" {
				return before + ", " + remote
			}
			return remote
		case "proxy_host":
			if x.location != nil && x.location.proxy != nil {
				return x.location.proxy.Host
			}
			return ""
		case "request":
			return x.r.Method + " " + x.r.RequestURI + " " + x.r.Proto
		case "status":
			return strconv.Itoa(x.status)
		case "body_bytes_sent", "bytes_sent":
			return strconv.FormatInt(x.sent, 10)
		case "request_time":
			return fmt.Sprintf("%.3f", time.Since(x.began).Seconds())
		}
		if key, ok := strings.CutPrefix(name, "arg_"); ok {
			return x.r.URL.Query().Get(key)
		}
		if key, ok := strings.CutPrefix(name, "http_"); ok {
			return x.r.Header.Get(strings.ReplaceAll(key, "_", "-"))
		}
		return ""
	})
}
