package cluster

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

// stubAPI serves objects by their paths and records what is changed.
type stubAPI struct {
	mu      sync.Mutex
	objects map[string]map[string]any
	changes []string // "DELETE /path uid"
}

func (s *stubAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	object, ok := s.objects[r.URL.Path]
	body, _ := io.ReadAll(r.Body)
	if r.Method != http.MethodGet {
		var options struct {
			Preconditions struct{ UID string }
		}
		_ = json.Unmarshal(body, &options) // of other methods it is not there
		s.changes = append(s.changes, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+options.Preconditions.UID))
	}
	switch {
	case r.Method == http.MethodPost:
		object = map[string]any{}
		_ = json.Unmarshal(body, &object) // the client made it
	case !ok:
		status(404, "NotFound", "not found", map[string]any{"name": "x"}).ServeHTTP(w, r)
		return
	case r.Method == http.MethodDelete:
		delete(s.objects, r.URL.Path)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(object)
}

func stubObject(kind, apiVersion, name, uid string, labels map[string]any) map[string]any {
	return map[string]any{"kind": kind, "apiVersion": apiVersion, "metadata": map[string]any{"name": name, "uid": uid, "labels": labels}}
}

func ourLabels() map[string]any {
	return map[string]any{"app.kubernetes.io/managed-by": "k8stutor", "k8stutor.dev/lesson": "services"}
}

// guarded is a cluster with a workspace, a namespace that only looks like
// one, and other people's namespaces.
func guarded(t *testing.T) (*Cluster, *stubAPI) {
	t.Helper()
	api := &stubAPI{objects: map[string]map[string]any{
		"/api/v1/namespaces/kube-system":                                     stubObject("Namespace", "v1", "kube-system", "cluster-1", nil),
		"/api/v1/namespaces/k8stutor-services":                               stubObject("Namespace", "v1", "k8stutor-services", "ns-1", ourLabels()),
		"/api/v1/namespaces/k8stutor-services/services/shop":                 stubObject("Service", "v1", "shop", "svc-1", nil),
		"/api/v1/namespaces/k8stutor-pods":                                   stubObject("Namespace", "v1", "k8stutor-pods", "ns-2", map[string]any{"app.kubernetes.io/managed-by": "Helm", "k8stutor.dev/lesson": "pods"}),
		"/api/v1/namespaces/k8stutor-pods/services/shop":                     stubObject("Service", "v1", "shop", "svc-2", nil),
		"/api/v1/namespaces/default":                                         stubObject("Namespace", "v1", "default", "ns-3", nil),
		"/api/v1/namespaces/default/services/shop":                           stubObject("Service", "v1", "shop", "svc-3", ourLabels()),
		"/api/v1/nodes/minikube":                                             stubObject("Node", "v1", "minikube", "node-1", ourLabels()),
		"/api/v1/persistentvolumes/planted":                                  stubObject("PersistentVolume", "v1", "planted", "pv-1", volumeLabels("k8stutor-services")),
		"/api/v1/persistentvolumes/theirs":                                   stubObject("PersistentVolume", "v1", "theirs", "pv-2", nil),
		"/api/v1/persistentvolumes/of-pods":                                  stubObject("PersistentVolume", "v1", "of-pods", "pv-3", volumeLabels("k8stutor-pods")),
		"/apis/apps/v1/namespaces/k8stutor-services/deployments/unlike-pods": stubObject("Deployment", "apps/v1", "unlike-pods", "dep-1", nil),
	}}
	conn := dialTest(t, configFor(quietServer(t, api, nil)))
	nobody := Options{StateDir: t.TempDir(), Env: func(string) string { return "" }}
	return &Cluster{conn: conn, chosen: choice{name: "test"}, permit: conn.permit, options: nobody, uid: "cluster-1",
		log: slog.New(slog.DiscardHandler)}, api
}

func volume(name string) lessons.Object {
	return lessons.Object{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": map[string]any{"name": name}}
}

func volumeLabels(workspace string) map[string]any {
	return map[string]any{"app.kubernetes.io/managed-by": "k8stutor", "k8stutor.dev/workspace": workspace}
}

func workspaceNamed(namespace, uid string) lessons.Workspace {
	return lessons.Workspace{Lesson: strings.TrimPrefix(namespace, "k8stutor-"), Namespace: namespace, UID: uid}
}

func refTo(kind, namespace, name string) lessons.Ref {
	k, _ := lessons.KindNamed(kind)
	return lessons.Ref{Kind: k, Namespace: namespace, Name: name}
}

func TestOnlyWhatIsInOurWorkspaceIsChanged(t *testing.T) {
	t.Parallel()
	ours, foreign := workspaceNamed("k8stutor-services", "ns-1"), workspaceNamed("k8stutor-pods", "ns-2")
	shop := lessons.Object{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "shop"}}
	inDefault := lessons.Object{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "shop", "namespace": "default"}}
	namespace := lessons.Object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "another"}}
	for _, test := range []struct {
		name string
		do   func(t *testing.T, c *Cluster) error
		says string   // of the refusal; empty when it is allowed
		want []string // changes that reached the API server
	}{
		{"an object of the workspace goes", func(t *testing.T, c *Cluster) error {
			return c.Remove(t.Context(), ours, []lessons.Ref{refTo("Service", "", "shop")})
		}, "", []string{"DELETE /api/v1/namespaces/k8stutor-services/services/shop svc-1"}},
		{"one that does not exist is fine", func(t *testing.T, c *Cluster) error {
			return c.Remove(t.Context(), ours, []lessons.Ref{refTo("Service", "k8stutor-services", "nothing")})
		}, "", nil},
		{"the workspace goes", func(t *testing.T, c *Cluster) error {
			return c.Clear(t.Context(), ours)
		}, "", []string{"DELETE /api/v1/namespaces/k8stutor-services ns-1"}},
		{"a workspace that is gone is fine", func(t *testing.T, c *Cluster) error {
			return c.Clear(t.Context(), workspaceNamed("k8stutor-gone", "ns-9"))
		}, "", nil},
		{"an object of another namespace stays, also with our label", func(t *testing.T, c *Cluster) error {
			return c.Remove(t.Context(), ours, []lessons.Ref{refTo("Service", "default", "shop")})
		}, "not in the workspace", nil},
		{"a node stays", func(t *testing.T, c *Cluster) error {
			return c.Remove(t.Context(), ours, []lessons.Ref{refTo("Node", "", "minikube")})
		}, "not in the workspace", nil},
		{"another namespace stays", func(t *testing.T, c *Cluster) error {
			return c.Remove(t.Context(), ours, []lessons.Ref{refTo("Namespace", "", "default")})
		}, "not in the workspace", nil},
		{"a namespace of our name without our label stays", func(t *testing.T, c *Cluster) error {
			return c.Clear(t.Context(), foreign)
		}, "not made by k8stutor", nil},
		{"an object in it too", func(t *testing.T, c *Cluster) error {
			return c.Remove(t.Context(), foreign, []lessons.Ref{refTo("Service", "", "shop")})
		}, "not made by k8stutor", nil},
		{"the namespace default stays, whatever a workspace says", func(t *testing.T, c *Cluster) error {
			return c.Clear(t.Context(), workspaceNamed("default", "ns-3"))
		}, "not made by k8stutor", nil},
		{"a workspace that was made again by someone stays", func(t *testing.T, c *Cluster) error {
			return c.Clear(t.Context(), workspaceNamed("k8stutor-services", "ns-0"))
		}, "deleted and made again", nil},
		{"nothing is planted in a namespace that is not ours", func(t *testing.T, c *Cluster) error {
			return c.Plant(t.Context(), foreign, []lessons.Object{shop})
		}, "not made by k8stutor", nil},
		{"nothing is planted in a namespace that is gone", func(t *testing.T, c *Cluster) error {
			return c.Plant(t.Context(), workspaceNamed("k8stutor-gone", "ns-9"), []lessons.Object{shop})
		}, "does not exist any more", nil},
		{"an object meant for another namespace is not planted", func(t *testing.T, c *Cluster) error {
			return c.Plant(t.Context(), ours, []lessons.Object{inDefault})
		}, "meant for namespace default", nil},
		{"nothing without a namespace is planted", func(t *testing.T, c *Cluster) error {
			return c.Plant(t.Context(), ours, []lessons.Object{namespace})
		}, "outside of namespaces", nil},
		{"a volume is not planted on a cluster that others use", func(t *testing.T, c *Cluster) error {
			return c.Plant(t.Context(), ours, []lessons.Object{volume("archive")})
		}, "on the sandbox or minikube only", nil},
		{"a volume is planted on the sandbox", func(t *testing.T, c *Cluster) error {
			c.conn.at.provider = ProviderSandbox
			return c.Plant(t.Context(), ours, []lessons.Object{volume("archive")})
		}, "", []string{"POST /api/v1/persistentvolumes"}},
		{"a volume replaces the one that was planted", func(t *testing.T, c *Cluster) error {
			c.conn.at.provider = ProviderMinikube
			return c.Plant(t.Context(), ours, []lessons.Object{volume("planted")})
		}, "", []string{"PUT /api/v1/persistentvolumes/planted"}},
		{"and none that was not", func(t *testing.T, c *Cluster) error {
			c.conn.at.provider = ProviderSandbox
			return c.Plant(t.Context(), ours, []lessons.Object{volume("theirs")})
		}, "PersistentVolume/theirs exists and was not made for k8stutor-services", nil},
		{"nor one of another lesson", func(t *testing.T, c *Cluster) error {
			c.conn.at.provider = ProviderSandbox
			return c.Plant(t.Context(), ours, []lessons.Object{volume("of-pods")})
		}, "PersistentVolume/of-pods exists and was not made for k8stutor-services", nil},
		{"a planted volume goes", func(t *testing.T, c *Cluster) error {
			return c.Remove(t.Context(), ours, []lessons.Ref{refTo("PersistentVolume", "", "planted")})
		}, "", []string{"DELETE /api/v1/persistentvolumes/planted pv-1"}},
		{"somebody else's stays", func(t *testing.T, c *Cluster) error {
			return c.Remove(t.Context(), ours, []lessons.Ref{refTo("PersistentVolume", "", "theirs")})
		}, "was not made for k8stutor-services", nil},
		{"a namespace of our name without our label is not taken over", func(t *testing.T, c *Cluster) error {
			_, err := c.Prepare(t.Context(), "pods")
			return err
		}, "not made by k8stutor", nil},
		{"a lesson's id cannot lead elsewhere", func(t *testing.T, c *Cluster) error {
			_, err := c.Prepare(t.Context(), "../default")
			return err
		}, "not a valid name", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, api := guarded(t)
			err := test.do(t, c)
			switch {
			case test.says == "" && err != nil:
				t.Error(err)
			case strings.HasPrefix(test.says, "not a valid"):
				wantTrouble(t, err, lessons.Refused, test.says)
			case test.says != "":
				wantTrouble(t, err, lessons.Guarded, test.says)
			}
			api.mu.Lock()
			defer api.mu.Unlock()
			if diff := cmp.Diff(test.want, api.changes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOnlyTheGuardDeletes(t *testing.T) {
	t.Parallel()
	var deletes int
	inspectSources(t, func(name string, at token.Position, n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || method.Sel.Name != "Delete" && method.Sel.Name != "DeleteCollection" {
			return
		}
		if deletes++; name != "guard.go" {
			t.Errorf("%s calls %s", at, method.Sel.Name)
		}
	})
	if deletes != 2 {
		t.Errorf("found %d calls that delete, want the guard's two", deletes)
	}
}
