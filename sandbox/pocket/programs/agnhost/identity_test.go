package agnhost_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t, cert, key}
}

func (a *authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}))
}

// issue makes a key and a certificate, in one file.
func (a *authority) issue(template *x509.Certificate) string {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, template.NotAfter = big.NewInt(2), time.Now().Add(time.Hour)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})) + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// issuer is an API server that signs tokens and publishes its key.
type issuer struct {
	t   *testing.T
	key *rsa.PrivateKey
	ca  *authority
}

const issuerURL = "https://10.96.0.1:443"

func newIssuer(t *testing.T, n *vnet.Network) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t, key, newAuthority(t)}
	bundle := i.ca.issue(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(10, 96, 0, 1)}})
	cert, err := tls.X509KeyPair([]byte(bundle), []byte(bundle))
	if err != nil {
		t.Fatal(err)
	}
	host, err := n.AddHost(netip.MustParseAddr("10.96.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := host.Listen(t.Context(), "tcp", ":443")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, issuerURL, issuerURL+"/openid/v1/jwks")
	})
	mux.HandleFunc("/openid/v1/jwks", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[{"kty":"RSA","kid":"one","alg":"RS256","n":%q,"e":"AQAB"}]}`, base64.RawURLEncoding.EncodeToString(key.N.Bytes()))
	})
	server := &http.Server{Handler: mux, ErrorLog: log.New(io.Discard, "", 0), TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}}
	go func() { _ = server.ServeTLS(l, "", "") }() // until the listener ends with the test
	return i
}

func (i *issuer) token(claims map[string]any) string {
	i.t.Helper()
	part := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			i.t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	signed := part(map[string]string{"alg": "RS256", "kid": "one"}) + "." + part(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		i.t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// identified gives a Pod the files of a service account.
func (i *issuer) identified(p *pod, token string) {
	p.Files.Put("/var/run/secrets/kubernetes.io/serviceaccount/token", token)
	p.Files.Put("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", i.ca.pem())
}

var inCluster = []string{"KUBERNETES_SERVICE_HOST=10.96.0.1", "KUBERNETES_SERVICE_PORT=443"}

func TestIssuerDiscoveryBelievesOnlyItsIssuer(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	i := newIssuer(t, n)
	later, before := time.Now().Add(time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
	good := map[string]any{"iss": issuerURL, "aud": []string{"oidc-discovery-test"}, "exp": later, "nbf": before}
	forged := i.token(good)
	forged = forged[:strings.LastIndex(forged, ".")+1] + base64.RawURLEncoding.EncodeToString(make([]byte, 256))
	for index, tc := range []struct {
		name, token string
		code        int
		says        string
	}{
		{"a good one", i.token(good), 0, "OK: Validated signature on JWT"},
		{"a forged one", forged, 1, "failed to verify signature: failed to verify id token signature"},
		{"for others", i.token(map[string]any{"iss": issuerURL, "aud": "others", "exp": later}), 1, `oidc: expected audience "oidc-discovery-test" got ["others"]`},
		{"an old one", i.token(map[string]any{"iss": issuerURL, "aud": "oidc-discovery-test", "exp": before}), 1, "oidc: token is expired"},
		{"no token", "x", 1, "three parts"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := newPod(t, n, fmt.Sprintf("10.244.0.%d", 10+index), "pod")
			i.identified(p, tc.token)
			p.Files.Put("/token", tc.token)
			r := p.start(inCluster, "test-service-account-issuer-discovery", "--token-path=/token", "--audience=oidc-discovery-test")
			if code := r.wait(t); code != tc.code || !strings.Contains(r.err.String(), tc.says) {
				t.Errorf("exit code %d: %s", code, r.err)
			}
		})
	}
}

func TestInClusterClientAsksWithItsToken(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	i := newIssuer(t, n)
	p := newPod(t, n, "10.244.0.2", "pod")
	i.identified(p, "secret")
	r := p.start(inCluster, "inclusterclient", "--poll-interval=1")
	until(t, "two requests", func() bool { return strings.Count(r.err.String(), "calling /healthz\n") >= 2 })
	if !strings.Contains(r.err.String(), "] authz_header=") || strings.Contains(r.err.String(), "status=failed") {
		t.Errorf("it logged %s", r.err)
	}
	other := newPod(t, n, "10.244.0.3", "other")
	got := other.run("inclusterclient")
	if got.Code != 1 || !strings.Contains(got.Err, "unable to load in-cluster configuration") {
		t.Errorf("outside a cluster: %+v", got)
	}
}

func TestMutualTLSSaysWhoTheClientIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testMutualTLS) // the client begins after ten seconds
}

func testMutualTLS(t *testing.T) {
	n := vnet.New()
	ca := newAuthority(t)
	server := newPod(t, n, "10.244.0.3", "server")
	server.Files.Put("/creds", ca.issue(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(10, 244, 0, 3)}}))
	server.Files.Put("/trust", ca.pem())
	server.start(nil, "mtlsserver", "--listen=0.0.0.0:443", "--server-creds=/creds", "--spiffe-trust-bundle=/trust")
	anybody := newPod(t, n, "10.244.0.4", "client")
	anybody.Files.Put("/trust", ca.pem())
	anybody.Files.Put("/creds", ca.issue(&x509.Certificate{URIs: []*url.URL{{Scheme: "spiffe", Host: "cluster.local", Path: "/ns/a/sa/b"}}}))
	until(t, "the server listens", func() bool { return anybody.run("connect", "10.244.0.3:443").Code == 0 })
	r := anybody.start(nil, "mtlsclient", "--fetch-url=https://10.244.0.3:443/spiffe-echo", "--server-trust-bundle=/trust", "--client-cred-bundle=/creds")
	until(t, "an answer", func() bool {
		return strings.Contains(r.err.String(), "Got response body: Client Identity: spiffe://cluster.local/ns/a/sa/b")
	})
	if got := anybody.run("mtlsclient"); got.Code != 1 || !strings.Contains(got.Err, `"command failed" err="missing required flags"`) {
		t.Errorf("without flags: %+v", got)
	}
}

func TestH2CServerSpeaksHTTP2WithoutTLS(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	p := newPod(t, n, "10.244.0.3", "server")
	p.start(nil, "h2c-server", "--port=8080")
	other := newPod(t, n, "10.244.0.4", "client")
	until(t, "it listens", func() bool { return other.run("connect", "10.244.0.3:8080").Code == 0 })
	transport := &http.Transport{DialContext: other.Net.DialContext, Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	r, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Get("http://10.244.0.3:8080/")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.ProtoMajor != 2 || r.StatusCode != http.StatusOK {
		t.Errorf("%s %s", r.Proto, r.Status)
	}
}

func TestNetRunnersHalfCloseAConnection(t *testing.T) {
	t.Parallel()
	n := vnet.New()
	server, client := newPod(t, n, "10.244.0.3", "server"), newPod(t, n, "10.244.0.4", "client")
	r := server.start(nil, "net", "--runner", "nat-closewait-server", "--options", `{"LocalAddr":"0.0.0.0:11302","PostFinTimeoutSeconds":0}`)
	var got result
	until(t, "the server listens", func() bool {
		got = client.run("net", "--runner", "nat-closewait-client", "--options", `{"RemoteAddr":"10.244.0.3:11302","TimeoutSeconds":5,"PostFinTimeoutSeconds":0}`)
		return got.Code == 0
	})
	if !strings.HasSuffix(got.Out, "# closewait.go: Done\n") {
		t.Errorf("client: %+v", got)
	}
	if code := r.wait(t); code != 0 || !strings.Contains(r.out.String(), "Server sent FIN") {
		t.Errorf("server: exit code %d, %s", code, r.out)
	}
	if got := client.run("net"); got.Code != 1 {
		t.Errorf("without flags: %+v", got)
	}
}
