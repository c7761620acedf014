// Package metrics is metrics-server: it asks the kubelets what their Pods use
// and answers metrics.k8s.io, which kubectl top and HorizontalPodAutoscalers
// read.
//
// It is written anew rather than imported, because sigs.k8s.io/metrics-server
// needs Prometheus' libraries and other releases of ten modules that Kubernetes
// pins. It promises the same API and the same figures, and a first figure for a
// container within a scrape of its start. It must not import k8s.io/kubernetes.
package metrics

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	corev1 "k8s.io/client-go/listers/core/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// Config is what the program must be given: in life it finds these itself.
type Config struct {
	Nodes corev1.NodeLister
	Pods  corev1.PodLister

	// Fetch gets /metrics/resource of a node's kubelet.
	Fetch func(ctx context.Context, node string) ([]byte, error)

	// FrontProxy gets the authority that signs the API server's certificate as a
	// client, in PEM, and the names it may have there. The API server has
	// authenticated and authorized whoever it asks for; nobody else is answered.
	FrontProxy func(ctx context.Context) (authority []byte, names []string, err error)
}

const (
	defaultPort       = 10250
	defaultResolution = 15 * time.Second
	fetchTimeout      = 10 * time.Second

	// scrapeCost is the CPU time that the real program takes for a node.
	scrapeCost = 15 * time.Millisecond
	// requestCost is the CPU time that it takes for a request.
	requestCost = time.Millisecond

	killedCode = 128 + int(proc.SIGKILL)
)

// Program is /metrics-server.
func Program(c Config) proc.Program {
	return func(ctx context.Context, p *proc.Process) int {
		port, resolution := defaultPort, defaultResolution
		for _, arg := range p.Args[1:] {
			name, value, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
			var err error
			switch name {
			case "secure-port":
				port, err = strconv.Atoi(value)
			case "metric-resolution":
				resolution, err = time.ParseDuration(value)
				if err == nil && resolution < time.Second {
					err = errors.New("metric-resolution should be a time duration at least 1s")
				}
			case "version":
				fmt.Fprintf(p.Stdout, "v%s\n", strings.TrimPrefix(p.Image.Version, "v"))
				return 0
			}
			if err != nil {
				fmt.Fprintf(p.Stderr, "Error: invalid argument %q for \"--%s\" flag: %v\n", value, name, err)
				return 1
			}
		}
		s := &server{Config: c, p: p, store: &store{}}
		return s.run(ctx, port, resolution)
	}
}

type server struct {
	Config
	p     *proc.Process
	store *store
}

func (s *server) logf(level byte, source, format string, args ...any) {
	fmt.Fprintf(s.p.Stderr, "%c%s %7d %s] %s\n", level, time.Now().UTC().Format("0102 15:04:05.000000"), s.p.PID, source, fmt.Sprintf(format, args...))
}

// run serves until it is told to end.
func (s *server) run(ctx context.Context, port int, resolution time.Duration) int {
	signals := s.p.Notify(proc.SIGTERM, proc.SIGINT)
	certificate, err := selfSigned("localhost", x509.ExtKeyUsageServerAuth)
	if err != nil {
		s.logf('E', "run.go:72", "\"command failed\" err=%q", err)
		return 1
	}
	s.logf('I', "serving.go:380", "Generated self-signed cert (/tmp/apiserver.crt, /tmp/apiserver.key)")
	authorities, names, err := s.frontProxy(ctx)
	if err != nil {
		s.logf('E', "run.go:72", "\"command failed\" err=%q", err)
		return 1
	}
	handler, err := newAPI(s.Config, s.store, names)
	if err != nil {
		s.logf('E', "run.go:72", "\"command failed\" err=%q", err)
		return 1
	}
	l, err := s.p.Listen(ctx, "tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		s.logf('E', "run.go:72", "\"command failed\" err=%q", "failed to create listener: failed to listen on 0.0.0.0:"+strconv.Itoa(port)+": "+err.Error())
		return 1
	}
	web := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if s.p.Usage.Spend(r.Context(), requestCost) == nil {
				handler.ServeHTTP(w, r)
			}
		}),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"},
			ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: authorities,
		},
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: 32 * time.Second,
		IdleTimeout:       90 * time.Second,
	}
	ctx, cancel := context.WithCancel(ctx)
	var tasks sync.WaitGroup
	defer tasks.Wait()
	defer cancel()
	tasks.Go(func() { _ = web.ServeTLS(l, "", "") })
	defer web.Close()
	tasks.Go(func() { s.scrape(ctx, resolution) })
	s.logf('I', "secure_serving.go:211", "Serving securely on [::]:%d", port)
	select {
	case <-signals:
		s.logf('I', "secure_serving.go:255", "Stopped listening on [::]:%d", port)
		return 0
	case <-ctx.Done():
		return killedCode
	}
}

func (s *server) frontProxy(ctx context.Context) (*x509.CertPool, []string, error) {
	pem, names, err := s.FrontProxy(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("unable to load configmap based request-header-client-ca-file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, nil, errors.New("unable to load configmap based request-header-client-ca-file: no certificate in it")
	}
	return pool, names, nil
}

// scrape asks all kubelets again and again. The second time comes soon, so that
// there are figures soon.
func (s *server) scrape(ctx context.Context, resolution time.Duration) {
	for wait := min(resolution, 2*time.Second); ; wait = resolution {
		s.scrapeOnce(ctx)
		if !proc.Sleep(ctx, wait) {
			return
		}
	}
}

func (s *server) scrapeOnce(ctx context.Context) {
	nodes, err := s.Nodes.List(labels.Everything())
	if err != nil {
		return
	}
	known := map[string]bool{}
	var all sync.WaitGroup
	for _, n := range nodes {
		known[n.Name] = true
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
			defer cancel()
			_ = s.p.Usage.Spend(ctx, scrapeCost)
			text, err := s.Fetch(ctx, n.Name)
			var r reading
			if err == nil {
				r, err = parse(text)
			}
			if err != nil {
				if ctx.Err() == nil {
					s.logf('E', "scraper.go:149", "\"Failed to scrape node\" err=%q node=%q", err, n.Name)
				}
				return
			}
			s.store.put(n.Name, r)
		})
	}
	all.Wait()
	s.store.keep(known)
}

// selfSigned makes a certificate that is its own authority.
func selfSigned(name string, usage x509.ExtKeyUsage) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
