package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
)

func TestCredentialsAreKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pki")
	read := func() map[string]string {
		files := map[string]string{}
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			info, err := e.Info()
			if err == nil && info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %v", path, info.Mode())
			}
			text, err := os.ReadFile(path)
			files[filepath.Base(path)] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	if _, err := loadPKI(dir); err != nil {
		t.Fatal(err)
	}
	first := read()
	if err := os.Remove(filepath.Join(dir, "admin.key")); err != nil {
		t.Fatal(err)
	}
	p, err := loadPKI(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range read() {
		if kept := text == first[name]; kept == strings.HasPrefix(name, "admin.") {
			t.Errorf("%s was kept: %t", name, kept)
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.ca.cert)
	for _, host := range []string{"127.0.0.1", "kubernetes.default.svc", apiServiceIP} {
		if _, err := p.apiServer.cert.Verify(x509.VerifyOptions{DNSName: host, Roots: roots}); err != nil {
			t.Errorf("the API server's certificate for %s: %v", host, err)
		}
	}
	if _, err := p.admin.cert.Verify(x509.VerifyOptions{Roots: roots}); err == nil {
		t.Error("the administrator's certificate is good for a server")
	}
	if p.etcdClient.cert.CheckSignatureFrom(p.ca.cert) == nil {
		t.Error("a certificate of Kubernetes opens etcd")
	}
	if _, err := tls.LoadX509KeyPair(p.kubelet.certFile, p.kubelet.keyFile); err != nil {
		t.Error(err)
	}
}

func TestADamagedAuthorityIsNotReplacedInSilence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := loadPKI(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.crt"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadPKI(dir); err == nil || !strings.Contains(err.Error(), "--purge") {
		t.Errorf("got %v", err)
	}
}

func TestTheServerComesBackToItsPort(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p, err := loadPKI(filepath.Join(dir, "pki"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "kubeconfig")
	first, err := listenAgain(file)
	if err != nil {
		t.Fatal(err)
	}
	address := first.Addr().String()
	if err := writeKubeconfig(file, "https://"+address, p.ca, p.admin); err != nil {
		t.Fatal(err)
	}
	taken, err := listenAgain(file)
	if err != nil || taken.Addr().String() == address {
		t.Fatalf("while its port is taken it listens on %v, %v", taken.Addr(), err)
	}
	first.Close()
	again, err := listenAgain(file)
	if err != nil || again.Addr().String() != address {
		t.Errorf("it came back to %v, %v; want %s", again.Addr(), err, address)
	}
	for _, l := range []net.Listener{taken, again} {
		l.Close()
	}

	cfg, err := clientcmd.LoadFromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if c := cfg.Contexts[ContextName]; cfg.CurrentContext != ContextName || c == nil || c.Cluster != ContextName || c.AuthInfo != ContextName {
		t.Errorf("the kubeconfig's context is %+v", c)
	}
	if err := os.WriteFile(file, []byte("not: [a, kubeconfig"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := listenAgain(file)
	if err != nil {
		t.Fatalf("with a damaged kubeconfig: %v", err)
	}
	l.Close()
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Error("the damaged kubeconfig was left for kubectl to find")
	}
}
