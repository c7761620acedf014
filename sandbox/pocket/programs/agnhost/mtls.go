package agnhost

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/pflag"
)

var errFlags = errors.New("missing required flags")

// mtlsClient fetches a page every ten seconds and shows its certificate.
func (a *app) mtlsClient() subcommand {
	var fetchURL, trust, creds string
	return subcommand{
		use: "mtlsclient", short: "Client is configured to build mTLS with server",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&fetchURL, "fetch-url", "", "server URL to poll")
			f.StringVar(&trust, "server-trust-bundle", "", "File with trust anchors to verify the server certificate")
			f.StringVar(&creds, "client-cred-bundle", "", "File with client key and certificate chain")
		},
		runE: func() error {
			if fetchURL == "" || trust == "" || creds == "" {
				return errFlags
			}
			if _, err := url.ParseRequestURI(fetchURL); err != nil {
				return fmt.Errorf("invalid --fetch-url: %w", err)
			}
			for a.sleep(10) {
				if err := a.fetchMutually(fetchURL, trust, creds); err != nil && a.ctx.Err() == nil {
					a.log.write('E', "client.go:72", fmt.Sprintf("while sending requests to the server: %v", err))
				}
			}
			return nil
		},
	}
}

func (a *app) fetchMutually(fetchURL, trust, creds string) error {
	anchors, err := a.readFile(trust)
	if err != nil {
		return fmt.Errorf("while reading service trust bundle: %w", err)
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(anchors)
	cert, err := a.bundle(creds)
	if err != nil {
		return err
	}
	config.Certificates = []tls.Certificate{cert}
	request, err := http.NewRequestWithContext(a.ctx, http.MethodGet, fetchURL, nil)
	if err != nil {
		return err
	}
	response, err := a.client(30*time.Second, config).Do(request)
	if err != nil {
		return fmt.Errorf("while getting URL: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode >= 300 {
		return fmt.Errorf("non-2xx status %d %q", response.StatusCode, response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return fmt.Errorf("while reading body: %w", err)
	}
	a.log.printf("Got response body: %s", body)
	return nil
}

// bundle reads a key and its certificates from one file.
func (a *app) bundle(name string) (cert tls.Certificate, err error) {
	rest, err := a.readFile(name)
	if err != nil {
		return cert, fmt.Errorf("while reading client credential bundle: %w", err)
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		switch block.Type {
		case "PRIVATE KEY":
			if cert.PrivateKey, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
				return cert, fmt.Errorf("while parsing private key from credential bundle: %w", err)
			}
		case "CERTIFICATE":
			cert.Certificate = append(cert.Certificate, block.Bytes)
		}
	}
	if cert.PrivateKey == nil {
		return cert, errors.New("client credential bundle had no private key")
	}
	if len(cert.Certificate) == 0 {
		return cert, errors.New("client credential bundle had no certificates")
	}
	return cert, nil
}

// mtlsServer says to a client who it is by its certificate.
func (a *app) mtlsServer() subcommand {
	var listen, creds, trust string
	return subcommand{
		use: "mtlsserver", short: "Server is configured to build mTLS with client and echo client's spiffe identity",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&listen, "listen", "", "<address>:<port> to listen on")
			f.StringVar(&creds, "server-creds", "", "Credential bundle with the server key and certificate chain")
			f.StringVar(&trust, "spiffe-trust-bundle", "", "Trust bundle for verifying client certificates")
		},
		runE: func() error {
			if listen == "" || creds == "" || trust == "" {
				return errFlags
			}
			anchors, err := a.readFile(trust)
			if err != nil {
				return fmt.Errorf("error while serving: while reading SPIFFE trust anchors: %w", err)
			}
			if !x509.NewCertPool().AppendCertsFromPEM(anchors) {
				return errors.New("error while serving: failed to append client certs from PEM")
			}
			mux := http.NewServeMux()
			mux.HandleFunc("GET /spiffe-echo", a.spiffeEcho(trust))
			server := a.server(mux)
			server.TLSConfig = &tls.Config{ClientAuth: tls.RequestClientCert}
			server.ReadTimeout, server.WriteTimeout = 30*time.Second, 30*time.Second
			if err := a.serveTLS(server, listen, creds, creds); err != nil && a.ctx.Err() == nil {
				return fmt.Errorf("error while serving: while listening: %w", err)
			}
			return nil
		},
	}
}

func (a *app) spiffeEcho(trust string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		const required = "SPIFFE client certificate authentication required"
		if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
			http.Error(w, required, http.StatusUnauthorized)
			return
		}
		anchors, err := a.readFile(trust)
		if err != nil {
			a.log.printf("Error while reading SPIFFE trust anchors: %v", err)
			http.Error(w, "Internal Error", http.StatusInternalServerError)
			return
		}
		options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool()}
		options.Roots.AppendCertsFromPEM(anchors)
		leaf := r.TLS.PeerCertificates[0]
		for _, c := range r.TLS.PeerCertificates[1:] {
			options.Intermediates.AddCert(c)
		}
		if _, err := leaf.Verify(options); err != nil {
			a.log.printf("Error while verifying SPIFFE client certificate: %v", err)
			http.Error(w, required, http.StatusUnauthorized)
			return
		}
		if len(leaf.URIs) != 1 {
			a.log.printf("SPIFFE client certificate did not have 1 URI SAN, count: %d", len(leaf.URIs))
			http.Error(w, "Malformed SPIFFE certificate", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "Client Identity: %s", leaf.URIs[0])
	}
}
