package cluster_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// plugin makes the user of a context one whose credentials a program gives.
func plugin(t *testing.T, script string) func(*api.Config) {
	return func(config *api.Config) {
		user := config.AuthInfos["work"]
		status, err := json.Marshal(map[string]any{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
			"status": map[string]any{"clientCertificateData": string(user.ClientCertificateData), "clientKeyData": string(user.ClientKeyData)}})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		answer, program := filepath.Join(dir, "answer"), filepath.Join(dir, "login")
		for path, text := range map[string]string{answer: string(status), program: "#!/bin/sh\n" + strings.ReplaceAll(script, "ANSWER", answer) + "\n"} {
			if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		config.AuthInfos["work"] = &api.AuthInfo{Exec: &api.ExecConfig{Command: program, APIVersion: "client.authentication.k8s.io/v1",
			InteractiveMode: api.IfAvailableExecInteractiveMode}}
	}
}

// tunnel is a proxy that leads every CONNECT to target, and counts them.
func tunnel(t *testing.T, target string, count *atomic.Int64) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "CONNECT only", http.StatusMethodNotAllowed)
			return
		}
		count.Add(1)
		far, err := net.Dial("tcp", target)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		near, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			far.Close()
			return
		}
		fmt.Fprint(near, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { defer near.Close(); _, _ = io.Copy(near, far) }() // ends when either side does
		go func() { defer far.Close(); _, _ = io.Copy(far, near) }()
	}))
	t.Cleanup(server.Close)
	return server
}

// token asks the API server for a ServiceAccount's token.
func token(t *testing.T, admin *cluster.Cluster) string {
	t.Helper()
	d := client(t, admin)
	request := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": map[string]any{}}}
	made, err := d.Resource(resource(kind(t, "ServiceAccount"))).Namespace("default").Create(t.Context(), request, metav1.CreateOptions{}, "default", "token")
	if err != nil {
		// The subresource is of a named object; the dynamic client wants the name in it.
		request.SetName("default")
		if made, err = d.Resource(resource(kind(t, "ServiceAccount"))).Namespace("default").Create(t.Context(), request, metav1.CreateOptions{}, "token"); err != nil {
			t.Fatal(err)
		}
	}
	text, _, _ := unstructured.NestedString(made.Object, "status", "token")
	return text
}

func TestEveryWayToACluster(t *testing.T) {
	t.Parallel()
	admin := sandbox.Open(t)
	address := strings.TrimPrefix(admin.Info().Server, "https://")
	var through atomic.Int64
	proxy := tunnel(t, address, &through)
	saToken := token(t, admin)
	cluster1 := func(change func(*api.Cluster)) func(*api.Config) {
		return func(config *api.Config) { change(config.Clusters["work"]) }
	}
	user := func(change func(*api.AuthInfo)) func(*api.Config) {
		return func(config *api.Config) {
			config.AuthInfos["work"] = &api.AuthInfo{}
			change(config.AuthInfos["work"])
		}
	}
	for _, test := range []struct {
		name    string
		change  func(*api.Config)
		trouble lessons.Trouble // "" when it leads there
		hint    string
	}{
		{"certificates, no namespace", nil, "", ""},
		{"a namespace of its own", func(config *api.Config) { config.Contexts["work"].Namespace = "kube-system" }, "", ""},
		{"a program that gives credentials", plugin(t, "cat ANSWER"), "", ""},
		{"one that talks on stderr", plugin(t, "echo 'please log in' >&2; cat ANSWER"), "", ""},
		{"one that fails", plugin(t, "echo 'session expired' >&2; exit 1"), lessons.Unauthorized, "kubectl --context work"},
		{"one that says something else", plugin(t, "echo hello"), lessons.Unauthorized, "kubectl --context work"},
		{"one that is not there", func(config *api.Config) {
			config.AuthInfos["work"] = &api.AuthInfo{Exec: &api.ExecConfig{Command: "/nowhere/login", APIVersion: "client.authentication.k8s.io/v1", InteractiveMode: api.NeverExecInteractiveMode}}
		}, lessons.Unauthorized, "kubectl --context work"},
		{"a proxy", cluster1(func(c *api.Cluster) { c.ProxyURL = proxy.URL }), "", ""},
		{"a proxy to a name that only it knows", cluster1(func(c *api.Cluster) {
			c.Server, c.ProxyURL, c.TLSServerName = "https://api.example.test:6443", proxy.URL, "localhost"
		}), "", ""},
		{"a proxy that is away", cluster1(func(c *api.Cluster) { c.ProxyURL = "http://127.0.0.1:1" }), lessons.Unreachable, "work"},
		{"a proxy that is none", cluster1(func(c *api.Cluster) { c.ProxyURL = "nonsense://x" }), lessons.BadConfig, ""},
		{"the name in the certificate", cluster1(func(c *api.Cluster) { c.TLSServerName = "localhost" }), "", ""},
		{"a name that is not in it", cluster1(func(c *api.Cluster) { c.TLSServerName = "example.test" }), lessons.BadConfig, "work"},
		{"a certificate that nobody checks", cluster1(func(c *api.Cluster) {
			c.CertificateAuthorityData, c.InsecureSkipTLSVerify = nil, true
		}), "", ""},
		{"an authority that nobody knows", cluster1(func(c *api.Cluster) { c.CertificateAuthorityData = nil }), lessons.BadConfig, "work"},
		{"an authority that is garbage", cluster1(func(c *api.Cluster) { c.CertificateAuthorityData = []byte("garbage") }), lessons.BadConfig, ""},
		{"plain HTTP", cluster1(func(c *api.Cluster) { c.Server = "http://" + address }), lessons.BadConfig, ""},
		{"a token", user(func(u *api.AuthInfo) { u.Token = saToken }), "", ""},
		{"a token in a file", user(func(u *api.AuthInfo) {
			u.TokenFile = filepath.Join(t.TempDir(), "token")
			if err := os.WriteFile(u.TokenFile, []byte(saToken+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}), "", ""},
		{"a token file that is missing", user(func(u *api.AuthInfo) { u.TokenFile = "/nowhere/token" }), lessons.BadConfig, ""},
		{"a token that has expired", user(func(u *api.AuthInfo) { u.Token = expired(t, saToken) }), lessons.Unauthorized, "work"},
		{"no user", func(config *api.Config) { config.Contexts["work"].AuthInfo = "" }, lessons.BadConfig, ""},
		{"a user that is missing", func(config *api.Config) { delete(config.AuthInfos, "work") }, lessons.BadConfig, ""},
		{"no cluster", func(config *api.Config) { config.Contexts["work"].Cluster = "" }, lessons.BadConfig, ""},
		{"a cluster that is missing", func(config *api.Config) { delete(config.Clusters, "work") }, lessons.BadConfig, ""},
		{"an address that is none", cluster1(func(c *api.Cluster) { c.Server = "https://[::1" }), lessons.BadConfig, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := cluster.Open(t.Context(), asContext(t, admin, "work", test.change), nil)
			if err == nil {
				t.Cleanup(c.Close)
			}
			if test.trouble == "" {
				if err != nil {
					t.Fatal(err)
				}
				if c.Info().Version != admin.Info().Version {
					t.Errorf("info %+v", c.Info())
				}
				return
			}
			if err == nil {
				t.Fatalf("it leads to %+v, want %s", c.Info(), test.trouble)
			}
			if got := trouble(t, err); got != test.trouble {
				t.Errorf("%s: %v; want %s", got, err, test.trouble)
			}
			told, _ := errors.AsType[*lessons.ClusterError](err)
			for _, lang := range lessons.Languages() {
				if hint := told.Hint.In(lang); hint == "" || !strings.Contains(hint, test.hint) {
					t.Errorf("hint in %s: %q", lang, hint)
				}
			}
		})
	}
	t.Cleanup(func() {
		if through.Load() == 0 {
			t.Error("nothing went through the proxy")
		}
	})
}

// expired is a token like another, whose time is over and which nobody signed.
func expired(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("token with %d parts", len(parts))
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(data, &claims); err != nil {
		t.Fatal(err)
	}
	claims["exp"] = time.Now().Add(-time.Hour).Unix()
	if data, err = json.Marshal(claims); err != nil {
		t.Fatal(err)
	}
	parts[1] = base64.RawURLEncoding.EncodeToString(data)
	return strings.Join(parts, ".")
}

func TestAProgramForCredentialsThatHangsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	asked := t.TempDir() // goes with the test: the program must not outlive it, for it has the test's output
	o := asContext(t, sandbox.Open(t), "work", plugin(t, "while [ -d "+asked+" ]; do sleep 0.1; done"))
	began := time.Now()
	_, err := cluster.Open(t.Context(), o, nil)
	if trouble(t, err) != lessons.TimedOut {
		t.Errorf("opened with a program that hangs: %v", err)
	}
	if took := time.Since(began); took > 40*time.Second {
		t.Errorf("it took %v to say so", took)
	}
}
