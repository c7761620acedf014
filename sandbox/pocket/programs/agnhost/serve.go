package agnhost

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// requestCost is the CPU time that serving a request is counted with. A real
// agnhost needs about as much on a small machine.
const requestCost = 150 * time.Microsecond

// server makes an HTTP server that ends with the program.
func (a *app) server(h http.Handler) *http.Server {
	s := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if a.Usage.Spend(r.Context(), requestCost) != nil {
				panic(http.ErrAbortHandler) // the client went away, or the program ends
			}
			h.ServeHTTP(w, r)
		}),
		ErrorLog:    a.log.standard(),
		BaseContext: func(net.Listener) context.Context { return a.ctx },
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.servers = append(a.servers, s)
	return s
}

// serve is http.Server.ListenAndServe: it returns when listening fails or the
// server is closed.
func (a *app) serve(s *http.Server, address string) error {
	l, err := a.Listen(a.ctx, "tcp", address)
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// serveTLS is http.Server.ListenAndServeTLS with files of the container.
func (a *app) serveTLS(s *http.Server, address, certFile, keyFile string) error {
	cert, err := a.keyPair(certFile, keyFile)
	if err != nil {
		return err
	}
	l, err := a.Listen(a.ctx, "tcp", address)
	if err != nil {
		return err
	}
	if s.TLSConfig == nil {
		s.TLSConfig = &tls.Config{}
	}
	s.TLSConfig.Certificates = []tls.Certificate{cert}
	return s.ServeTLS(l, "", "")
}

// keyPair is tls.LoadX509KeyPair.
func (a *app) keyPair(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := a.readFile(certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := a.readFile(keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// listenAndServe is log.Fatal(http.ListenAndServe(...)).
func (a *app) listenAndServe(address string, h http.Handler) int {
	err := a.serve(a.server(h), address)
	if a.ctx.Err() != nil || errors.Is(err, http.ErrServerClosed) {
		return a.forever()
	}
	return a.fatalf("%v", err)
}

// client makes an HTTP client of the Pod's network, without connections that
// stay open.
func (a *app) client(timeout time.Duration, tlsConfig *tls.Config) *http.Client {
	return &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{DialContext: a.Dial, DisableKeepAlives: true, TLSClientConfig: tlsConfig},
	}
}

// get fetches a page, whatever its status.
func (a *app) get(timeout time.Duration, url string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(a.ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	response, err := a.client(timeout, nil).Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	return response.StatusCode, string(text), err
}

// maxBody bounds what is read into memory from another Pod, in bytes.
const maxBody = 8 << 20

func port(n int) string { return ":" + strconv.Itoa(n) }
