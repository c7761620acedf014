package agnhost

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// grpcHealthChecking answers gRPC health checks; over HTTP it can be told what to
// answer.
func (a *app) grpcHealthChecking() subcommand {
	h := &health{app: a}
	var listen, httpPort int
	var certFile, keyFile string
	return subcommand{
		use: "grpc-health-checking", short: "Starts a simple grpc health checking endpoint",
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&listen, "port", 5000, "Port number.")
			f.IntVar(&httpPort, "http-port", 8080, "Port number for the /make-serving and /make-not-serving.")
			f.IntVar(&h.delay, "delay-unhealthy-sec", -1, "Number of seconds to delay before start reporting NOT_SERVING, negative value indicates never.")
			f.StringVar(&h.service, "service", "", "Service name to register the health check for.")
			f.StringVar(&certFile, "tls-cert-file", "", "File containing an x509 certificate for gRPC TLS. (CA cert, if any, concatenated after server cert).")
			f.StringVar(&keyFile, "tls-private-key-file", "", "File containing an x509 private key matching --tls-cert-file.")
		},
		run: func([]string) int {
			h.started = time.Now()
			if (certFile == "") != (keyFile == "") {
				return a.fatalf("Both --tls-cert-file and --tls-private-key-file must be set")
			}
			mux := http.NewServeMux()
			mux.HandleFunc("/make-not-serving", h.force(false, "Mark as unhealthy"))
			mux.HandleFunc("/make-serving", h.force(true, "Mark as healthy"))
			a.start(func() {
				a.log.printf("Http server starting to listen on :%d", httpPort)
				a.listenAndServe(port(httpPort), mux)
			})
			l, err := a.Listen(a.ctx, "tcp", port(listen))
			if err != nil {
				return a.fatalf("Error while starting the listening service %v", err)
			}
			var options []grpc.ServerOption
			if certFile != "" {
				cert, err := a.keyPair(certFile, keyFile)
				if err != nil {
					return a.fatalf("Failed to generate credentials %v", err)
				}
				options = append(options, grpc.Creds(credentials.NewServerTLSFromCert(&cert)))
			}
			server := grpc.NewServer(options...)
			grpc_health_v1.RegisterHealthServer(server, h)
			stop := context.AfterFunc(a.ctx, server.Stop)
			defer stop()
			a.log.printf("gRPC server starting to listen on :%d", listen)
			if err := server.Serve(l); err != nil && a.ctx.Err() == nil {
				return a.fatalf("Error while starting the gRPC server on the %s listen address %v", l.Addr(), err)
			}
			return a.forever()
		},
	}
}

type health struct {
	grpc_health_v1.UnimplementedHealthServer
	*app
	service string
	delay   int // seconds until it is unwell; negative is never
	started time.Time
	forced  atomic.Pointer[bool] // what HTTP requests made it
}

// Check implements the health service.
func (h *health) Check(_ context.Context, request *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	h.log.printf("Serving the Check request for health check, started at %v", h.started.UTC())
	if request.GetService() != h.service {
		return nil, status.Error(codes.NotFound, "unknown service")
	}
	forced := h.forced.Load()
	if forced != nil && !*forced || h.delay >= 0 && time.Since(h.started) >= secondsOf(h.delay) {
		return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_NOT_SERVING}, nil
	}
	return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
}

func (h *health) force(serving bool, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		h.log.printf("%s", message)
		h.forced.Store(&serving)
		fmt.Fprint(w, time.Since(h.started))
	}
}
