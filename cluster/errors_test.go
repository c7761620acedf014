package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/lessons"
)

// configFor returns a picked kubeconfig for a test server.
func configFor(server *httptest.Server) *api.Config {
	config := api.NewConfig()
	config.Clusters["c"] = &api.Cluster{Server: server.URL}
	if server.TLS != nil {
		config.Clusters["c"].CertificateAuthorityData = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	}
	config.AuthInfos["u"] = &api.AuthInfo{Token: "token"}
	config.Contexts["test"] = &api.Context{Cluster: "c", AuthInfo: "u"}
	config.CurrentContext = "test"
	return config
}

func dialTest(t *testing.T, config *api.Config) *conn {
	t.Helper()
	conn, trouble := dial(config, place{provider: ProviderExisting, name: config.CurrentContext}, slog.New(slog.DiscardHandler))
	if trouble != nil {
		t.Fatal(trouble)
	}
	conn.permit = &permit{}
	t.Cleanup(conn.close)
	return conn
}

// quietServer is a TLS server whose complaints about clients are not printed.
func quietServer(t testing.TB, h http.Handler, change func(*httptest.Server)) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if change != nil {
		change(server)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// status is the answer of an API server that says no.
func status(code int, reason, message string, details map[string]any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(map[string]any{
			"kind": "Status", "apiVersion": "v1", "status": "Failure",
			"code": code, "reason": reason, "message": message, "details": details,
		})
	})
}

func TestWhatAPIServersSayIsSortedIntoTroubles(t *testing.T) {
	t.Parallel()
	text := func(code int, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, body, code) })
	}
	for _, test := range []struct {
		name    string
		answer  http.Handler
		trouble lessons.Trouble
		says    string
	}{
		{"expired token", status(401, "Unauthorized", "Unauthorized", nil), lessons.Unauthorized, "nauthorized"},
		{"not allowed", status(403, "Forbidden", `User "anna" cannot list pods`, nil), lessons.Forbidden, "anna"},
		{"namespace terminating", status(403, "Forbidden", "because it is being terminated",
			map[string]any{"causes": []any{map[string]any{"reason": "NamespaceTerminating"}}}), lessons.Refused, "terminated"},
		{"unknown kind", text(404, "404 page not found"), lessons.UnknownKind, "requested resource"},
		{"no such object", status(404, "NotFound", `pods "x" not found`, map[string]any{"name": "x", "kind": "pods"}), lessons.Refused, "not found"},
		{"invalid", status(422, "Invalid", "spec.replicas: must be at least 0", nil), lessons.Refused, "at least 0"},
		{"conflict", status(409, "Conflict", "the object has been modified", nil), lessons.Refused, "modified"},
		{"too old etcd", status(504, "Timeout", "context deadline exceeded", nil), lessons.TimedOut, "deadline"},
		{"internal error", status(500, "InternalError", "etcdserver: no leader", nil), lessons.Refused, "no leader"},
		{"proxy without a server behind it", text(502, "bad gateway"), lessons.Unreachable, ""},
		{"service unavailable", text(503, "try later"), lessons.Unreachable, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			conn := dialTest(t, configFor(quietServer(t, test.answer, nil)))
			pods, _ := lessons.KindNamed("Pod")
			_, err := conn.resource(pods, "x").Get(t.Context(), "x", metaGet())
			wantTrouble(t, conn.at.fail("get pod x", err), test.trouble, test.says)
		})
	}
}

func TestWhatNetworksSayIsSortedIntoTroubles(t *testing.T) {
	t.Parallel()
	empty := http.NotFoundHandler()
	refused := func(t *testing.T) *api.Config {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		config := configFor(&httptest.Server{URL: "https://" + listener.Addr().String()})
		return config
	}
	for _, test := range []struct {
		name    string
		config  func(t *testing.T) *api.Config
		trouble lessons.Trouble
		says    string
	}{
		{"nothing listens", refused, lessons.Unreachable, "connection refused"},
		{"the connection is cut", func(t *testing.T) *api.Config {
			return configFor(quietServer(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), nil))
		}, lessons.Unreachable, ""},
		{"no such host", func(t *testing.T) *api.Config {
			return configFor(&httptest.Server{URL: "https://does-not-exist.invalid"})
		}, lessons.Unreachable, "does-not-exist.invalid"},
		{"certificate of another authority", func(t *testing.T) *api.Config {
			config := configFor(quietServer(t, empty, nil))
			config.Clusters["c"].CertificateAuthorityData = nil
			return config
		}, lessons.BadConfig, "certificate"},
		{"not an https server", func(t *testing.T) *api.Config {
			server := httptest.NewServer(empty)
			t.Cleanup(server.Close)
			config := configFor(server)
			config.Clusters["c"].Server = strings.Replace(server.URL, "http:", "https:", 1)
			return config
		}, lessons.BadConfig, "HTTP"},
		{"client certificate wanted", func(t *testing.T) *api.Config {
			return configFor(quietServer(t, empty, func(s *httptest.Server) {
				s.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: x509.NewCertPool()}
			}))
		}, lessons.Unauthorized, "tls"},
		{"the credential program fails", func(t *testing.T) *api.Config {
			config := configFor(quietServer(t, empty, nil))
			config.AuthInfos["u"] = &api.AuthInfo{Exec: &api.ExecConfig{
				APIVersion: "client.authentication.k8s.io/v1", Command: "false", InteractiveMode: api.NeverExecInteractiveMode}}
			return config
		}, lessons.Unauthorized, "credentials"},
		{"the credential program is missing", func(t *testing.T) *api.Config {
			config := configFor(quietServer(t, empty, nil))
			config.AuthInfos["u"] = &api.AuthInfo{Exec: &api.ExecConfig{
				APIVersion: "client.authentication.k8s.io/v1", Command: "/nowhere/login", InteractiveMode: api.NeverExecInteractiveMode}}
			return config
		}, lessons.Unauthorized, "credentials"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			conn := dialTest(t, test.config(t))
			_, err := conn.version(t.Context())
			trouble := wantTrouble(t, conn.at.fail("ask for the version", err), test.trouble, test.says)
			if strings.Contains(trouble.Err.Error(), "/version") {
				t.Errorf("the address is said twice: %v", trouble)
			}
		})
	}
}

func TestAServerThatHangsIsATimeoutAndNotAHang(t *testing.T) {
	t.Parallel()
	server := quietServer(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), nil)
	conn := dialTest(t, configFor(server))
	began := time.Now()
	_, err := conn.raw(t.Context(), "/version", 100*time.Millisecond)
	wantTrouble(t, conn.at.fail("ask for the version", err), lessons.TimedOut, "deadline")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestWhatIsNoAPIServerIsSaidSo(t *testing.T) {
	t.Parallel()
	server := quietServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello</html>") }), nil)
	_, err := dialTest(t, configFor(server)).version(t.Context())
	if err == nil || !strings.Contains(err.Error(), "not a Kubernetes API server") {
		t.Errorf("error %v", err)
	}
}

func TestExplainKeepsWhatIsKnownAlready(t *testing.T) {
	t.Parallel()
	known := &lessons.ClusterError{Trouble: lessons.Guarded, Op: "delete x"}
	if got := (place{}).explain("another op", fmt.Errorf("wrapped: %w", known)); got != known {
		t.Errorf("explained %v", got)
	}
	if err := (place{}).fail("op", nil); err != nil {
		t.Errorf("no error became %v", err)
	}
	if err := (place{}).fail("op", context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not unwrap to what was said", err)
	}
}

func TestOpenSaysWhatIsWrongWithAKubeconfig(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, text string) string {
		path := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const contexts = "apiVersion: v1\nkind: Config\ncontexts:\n- {name: staging, context: {cluster: staging, user: anna}}\n- {name: broken, context: {cluster: broken}}\n" +
		"clusters:\n- {name: staging, cluster: {server: 'https://127.0.0.1:1'}}\n- {name: broken, cluster: {server: 'https://127.0.0.1:1', certificate-authority: /nowhere/ca.crt}}\nusers:\n- {name: anna, user: {token: x}}\n"
	for _, test := range []struct {
		name, config, choice string
		trouble              lessons.Trouble
		says, hints          string
	}{
		{"missing", "", "staging", lessons.BadConfig, "not exist", "sandbox"},
		{"malformed", "contexts: [", "staging", lessons.BadConfig, "read the kubeconfig", "kubectl config view"},
		{"of another kind", "apiVersion: v1\nkind: Pod\n", "staging", lessons.BadConfig, "", "kubectl config view"},
		{"without that context", contexts, "stagin", lessons.BadConfig, "stagin", "staging"},
		{"a certificate that is not there", contexts, "broken", lessons.BadConfig, "ca.crt", "kubeconfig"},
		{"pointing nowhere", contexts, "staging", lessons.Unreachable, "refused", "staging"},
		{"no minikube", contexts, "minikube", lessons.NotRunning, "minikube", "minikube.sigs.k8s.io"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := "/nowhere/config"
			if test.config != "" {
				path = write(t, test.config)
			}
			env := map[string]string{"KUBECONFIG": path, "PATH": "/nowhere"}
			_, err := Open(t.Context(), Options{Choice: test.choice, StateDir: t.TempDir(), Env: func(n string) string { return env[n] }}, nil)
			trouble := wantTrouble(t, err, test.trouble, test.says)
			if !strings.Contains(trouble.Hint.In(lessons.English), test.hints) {
				t.Errorf("hint %q does not mention %q", trouble.Hint.In(lessons.English), test.hints)
			}
		})
	}
}
