package agnhost

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// serviceAccountDir is where the kubelet mounts a Pod's credentials.
const serviceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount/"

// apiServer is what client-go calls the in-cluster configuration.
type apiServer struct {
	*app
	base   string // https://10.96.0.1:443
	client *http.Client
}

// inCluster reads the Pod's credentials and where the API server is.
func (a *app) inCluster() (*apiServer, error) {
	host, port := a.Env["KUBERNETES_SERVICE_HOST"], a.Env["KUBERNETES_SERVICE_PORT"]
	if host == "" || port == "" {
		return nil, fmt.Errorf("unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined")
	}
	if _, err := a.readFile(serviceAccountDir + "token"); err != nil {
		return nil, err
	}
	tlsConfig := &tls.Config{}
	if ca, err := a.readFile(serviceAccountDir + "ca.crt"); err == nil {
		tlsConfig.RootCAs = x509.NewCertPool()
		tlsConfig.RootCAs.AppendCertsFromPEM(ca)
	} else {
		a.log.write('E', "config.go:562", fmt.Sprintf("Expected to load root CA config from %sca.crt, but got err: %v", serviceAccountDir, err))
	}
	return &apiServer{a, "https://" + net.JoinHostPort(host, port), a.client(30*time.Second, tlsConfig)}, nil
}

// get asks the API server with the token of the moment: the kubelet replaces it
// before it expires.
func (s *apiServer) get(url string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(s.ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	token, err := s.readFile(serviceAccountDir + "token")
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	hash := sha256.Sum256([]byte("salt|" + request.Header.Get("Authorization")))
	s.log.verbose(0, "main.go:97", "authz_header=%s", base64.RawURLEncoding.EncodeToString(hash[:]))
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxBody))
	return response.StatusCode, body, err
}

// inClusterClient asks the API server for its health again and again, and logs a
// hash of the token that it used.
func (a *app) inClusterClient() subcommand {
	var interval int
	return subcommand{
		use: "inclusterclient", short: `Periodically poll the Kubernetes "/healthz" endpoint`,
		flags: func(f *pflag.FlagSet) {
			f.IntVar(&interval, "poll-interval", 30, "poll interval of call to /healthz in seconds")
		},
		run: func([]string) int {
			a.log.write('I', "main.go:57", "started")
			server, err := a.inCluster()
			if err != nil {
				return a.fatalf("err: %v", err)
			}
			for a.sleep(max(1, interval)) {
				a.log.write('I', "main.go:75", "calling /healthz")
				status, body, err := server.get(server.base + "/healthz")
				if err == nil && status != http.StatusOK {
					err = fmt.Errorf("the server answered %s", http.StatusText(status))
				}
				if err != nil && a.ctx.Err() == nil {
					a.log.write('E', "main.go:78", "status=failed")
					a.log.write('E', "main.go:79", fmt.Sprintf("error checking /healthz: %v\n%s\n", err, body))
				}
			}
			return 0
		},
	}
}
