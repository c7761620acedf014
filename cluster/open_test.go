package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/k8stutor/k8stutor/lessons"
)

// openStub opens a stub of an API server as a context of the learner's.
func openStub(t *testing.T, stateDir string) *Cluster {
	t.Helper()
	api := &stubAPI{objects: map[string]map[string]any{
		"/version":                       {"gitVersion": "v1.37.2"},
		"/api/v1/namespaces/kube-system": stubObject("Namespace", "v1", "kube-system", "uid-1", nil),
	}}
	path := filepath.Join(t.TempDir(), "config")
	if err := clientcmd.WriteToFile(*configFor(quietServer(t, api, nil)), path); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"KUBECONFIG": path, "PATH": "/usr/bin"}
	c, err := Open(t.Context(), Options{Choice: "test", StateDir: stateDir, Env: func(n string) string { return env[n] }}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestAStateFolderThatCannotBeWrittenIsNoObstacle(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := openStub(t, filepath.Join(file, "k8stutor"))
	path, err := c.WriteKubeconfig(workspaceNamed("k8stutor-services", "ns-1"))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", path, info, err)
	}
	if got := c.Info().Kubeconfig; got != path {
		t.Errorf("info says %s, written was %s", got, path)
	}
	c.Close()
	if exists(filepath.Dir(path)) {
		t.Error("the spare folder is there after Close")
	}
}

func TestTheShellIsPinnedAlsoWithoutTheBuiltInKubectl(t *testing.T) {
	t.Parallel()
	stateDir := t.TempDir()
	c := openStub(t, stateDir)
	env := c.ShellEnv(workspaceNamed("k8stutor-services", "ns-1"))
	want := []string{"KUBECONFIG=" + filepath.Join(stateDir, "kubeconfig"), "K8STUTOR_LESSON=services"}
	if diff := cmp.Diff(want, env); diff != "" {
		t.Error(diff)
	}
}

func TestInfoOfAChosenContext(t *testing.T) {
	t.Parallel()
	info := openStub(t, t.TempDir()).Info()
	if info.Name != "test" || info.Provider != ProviderExisting || info.Version != "v1.37.2" || !strings.HasPrefix(info.Server, "https://127.0.0.1:") {
		t.Errorf("info %+v", info)
	}
}

func TestAClosedClusterFollowsNothing(t *testing.T) {
	t.Parallel()
	c := openStub(t, t.TempDir())
	c.Close()
	pods, _ := lessons.KindNamed("Pod")
	if s, ok := <-c.Follow(t.Context(), workspaceNamed("k8stutor-services", ""), []lessons.Kind{pods}); ok {
		t.Errorf("snapshot %+v", s)
	}
}

func TestNullsArePrunedAtEveryDepth(t *testing.T) {
	t.Parallel()
	object := map[string]any{
		"endpoints": nil,
		"metadata":  map[string]any{"name": "x", "creationTimestamp": nil},
		"ports":     []any{map[string]any{"port": int64(80), "appProtocol": nil}, nil, "text"},
	}
	prune(object)
	want := map[string]any{
		"metadata": map[string]any{"name": "x"},
		"ports":    []any{map[string]any{"port": int64(80)}, nil, "text"},
	}
	if diff := cmp.Diff(want, object); diff != "" {
		t.Error(diff)
	}
}
