package ingress

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"
)

// page answers with a page of nginx, which does not say its version.
func page(w http.ResponseWriter, code int) {
	text := http.StatusText(code)
	switch code {
	case http.StatusServiceUnavailable:
		text = "Service Temporarily Unavailable"
	case http.StatusGatewayTimeout:
		text = "Gateway Time-out"
	case http.StatusFound:
		text = "Found"
	}
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(code)
	fmt.Fprintf(w, "<html>\r\n<head><title>%[1]d %[2]s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[2]s</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", code, text)
}

func redirect(w http.ResponseWriter, code int, to string) {
	w.Header().Set("Location", to)
	page(w, code)
}

// quiet is where an http.Server writes what goes wrong with its clients.
func quiet(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }
