package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
)

func metaGet() metav1.GetOptions { return metav1.GetOptions{} }

const userConfig = `apiVersion: v1
kind: Config
current-context: production
contexts:
- {name: production, context: {cluster: production, user: me, namespace: shop}}
- {name: mk, context: {cluster: mk, user: me}}
clusters:
- {name: production, cluster: {server: 'https://10.1.2.3:6443'}}
- name: mk
  cluster:
    server: https://192.168.49.2:8443
    extensions:
    - {name: cluster_info, extension: {provider: minikube.sigs.k8s.io}}
users:
- {name: me, user: {token: t}}
`

// learner is the environment of a learner with a kubeconfig and perhaps a
// minikube that prints something.
func learner(t testing.TB, config, minikube string) Options {
	t.Helper()
	dir := t.TempDir()
	if config != "" {
		if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if minikube != "" {
		if err := os.WriteFile(filepath.Join(dir, "minikube"), []byte("#!/bin/sh\n"+minikube+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"KUBECONFIG": filepath.Join(dir, "config"), "PATH": dir + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME": dir}
	return Options{StateDir: filepath.Join(dir, "state"), Env: func(n string) string { return env[n] }}.withDefaults()
}

func TestFoundShowsAKubeconfigThatCannotBeRead(t *testing.T) {
	t.Parallel()
	found := Found(t.Context(), learner(t, "contexts: [", ""))
	if len(found) != 2 || found[1].Problem == nil || !found[0].Chosen {
		t.Errorf("found %+v", found)
	}
}

func TestTheLearnersFilesAreThoseKubectlReads(t *testing.T) {
	t.Parallel()
	list := func(files ...string) string { return strings.Join(files, string(filepath.ListSeparator)) }
	for _, test := range []struct {
		name string
		env  map[string]string
		want []string
	}{
		{"the default", map[string]string{"HOME": "/home/anna"}, []string{"/home/anna/.kube/config"}},
		{"the variable", map[string]string{"HOME": "/home/anna", "KUBECONFIG": list("/a", "", "/b")}, []string{"/a", "/b"}},
		{"in the tutor's own shell", map[string]string{"HOME": "/home/anna", "KUBECONFIG": "/state/kubeconfig"}, []string{"/home/anna/.kube/config"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := userFiles(func(n string) string { return test.env[n] }, "/state/kubeconfig")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOurKubeconfigStandsAloneAndNamesTheWorkspace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "user")
	text := strings.Replace(userConfig, "server: 'https://10.1.2.3:6443'", "server: 'https://10.1.2.3:6443', certificate-authority: ca.crt", 1)
	for name, content := range map[string]string{"user": text, "ca.crt": "CA"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, trouble := loadUser([]string{path})
	if trouble != nil {
		t.Fatal(trouble)
	}
	one, trouble := pick(config, "production", path)
	if trouble != nil {
		t.Fatal(trouble)
	}
	own := filepath.Join(dir, "state", "kubeconfig")
	if err := writeKubeconfig(own, renamed(one, "k8stutor-services")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(own)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	got, err := clientcmd.LoadFromFile(own)
	if err != nil {
		t.Fatal(err)
	}
	context := got.Contexts[got.CurrentContext]
	if got.CurrentContext != "k8stutor" || context.Namespace != "k8stutor-services" || len(got.Contexts) != 1 || len(got.Clusters) != 1 {
		t.Errorf("kubeconfig %+v", got)
	}
	if ca := string(got.Clusters[context.Cluster].CertificateAuthorityData); ca != "CA" {
		t.Errorf("certificate %q was not put in", ca)
	}
	if token := got.AuthInfos[context.AuthInfo].Token; token != "t" {
		t.Errorf("token %q", token)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != text {
		t.Errorf("the learner's file was changed: %v", err)
	}
}
