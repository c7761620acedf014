package cluster_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/clustertest"
	"github.com/k8stutor/k8stutor/lessons"
)

const patient = 20 * time.Second // for a loaded machine; everything takes milliseconds

func TestFollowShowsWhatIsThereAndWhatChanges(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws := clustertest.Workspace(t, c, "follow")
	d := client(t, c)
	maps, services := kind(t, "ConfigMap"), kind(t, "Service")
	create(t, d, ws.Namespace, configMap("b", nil))
	create(t, d, ws.Namespace, configMap("a", nil))
	create(t, d, "default", configMap("follow-elsewhere", nil))
	t.Cleanup(func() {
		_ = d.Resource(resource(maps)).Namespace("default").Delete(context.Background(), "follow-elsewhere", metav1.DeleteOptions{})
	})
	ctx, cancel := context.WithCancel(t.Context())
	snapshots := c.Follow(ctx, ws, []lessons.Kind{maps, services, maps})

	first := <-snapshots
	if first.Away != nil || len(first.Kinds) != 2 || !first.Kinds[maps].Synced || !first.Kinds[services].Synced {
		t.Fatalf("first snapshot %+v", first)
	}
	mine := slices.DeleteFunc(names(first, maps), func(n string) bool { return n == ws.Namespace+"/kube-root-ca.crt" || n == "default/kube-root-ca.crt" })
	if diff := cmp.Diff([]string{"default/follow-elsewhere", ws.Namespace + "/a", ws.Namespace + "/b"}, mine); diff != "" {
		t.Error(diff)
	}
	for _, o := range first.Kinds[maps].Objects {
		metadata := o["metadata"].(map[string]any)
		if _, ok := metadata["managedFields"]; ok || o["kind"] != "ConfigMap" || o["apiVersion"] != "v1" {
			t.Errorf("object %v", o)
		}
	}

	service := lessons.Object{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "web"},
		"spec": map[string]any{"selector": map[string]any{"app": "web"}, "ports": []any{map[string]any{"port": int64(80)}}}}
	create(t, d, ws.Namespace, service)
	has := func(k lessons.Kind, name string) func(lessons.Snapshot) bool {
		return func(s lessons.Snapshot) bool { return slices.Contains(names(s, k), ws.Namespace+"/"+name) }
	}
	made := await(t, snapshots, patient, "the Service is shown", has(services, "web"))
	if before := names(first, services); slices.Contains(before, ws.Namespace+"/web") {
		t.Error("an old snapshot was changed")
	}
	if made.Time.Before(first.Time) {
		t.Errorf("time %v after %v", made.Time, first.Time)
	}
	if err := d.Resource(resource(services)).Namespace(ws.Namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, snapshots, patient, "the Service is gone", func(s lessons.Snapshot) bool { return !has(services, "web")(s) })

	cancel()
	for range snapshots { // it is closed
	}
}

func TestASlowReaderGetsTheNewestSnapshot(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws := clustertest.Workspace(t, c, "slow")
	d := client(t, c)
	maps := kind(t, "ConfigMap")
	slow := c.Follow(t.Context(), ws, []lessons.Kind{maps})
	quick := c.Follow(t.Context(), ws, []lessons.Kind{maps})
	<-slow
	const many = 20
	for i := range many {
		create(t, d, ws.Namespace, configMap(fmt.Sprintf("m%d", i), nil))
	}
	all := func(s lessons.Snapshot) bool { return len(names(s, maps)) >= many+1 }
	await(t, quick, patient, "all are shown", all)
	// Whatever the slow one was sent meanwhile, at most one is old.
	await(t, slow, patient, "all are shown", all)
}

func TestFollowNoticesThatTheWorkspaceIsGone(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws := clustertest.Workspace(t, c, "gone")
	snapshots := c.Follow(t.Context(), ws, kinds(t, "ConfigMap"))
	if first := <-snapshots; first.Away != nil {
		t.Fatal(first.Away)
	}
	d := client(t, c)
	if err := d.Resource(resource(kind(t, "Namespace"))).Delete(t.Context(), ws.Namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	s := await(t, snapshots, patient, "it is said", func(s lessons.Snapshot) bool { return s.Away != nil })
	if s.Away.Trouble != lessons.Guarded {
		t.Errorf("trouble %q: %v", s.Away.Trouble, s.Away)
	}
}

func TestAKindThatCannotBeReadDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	admin := sandbox.Open(t)
	ws := clustertest.Workspace(t, admin, "limited")
	o := limited(t, admin, ws)
	c, err := cluster.Open(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if info := c.Info(); info.Provider != cluster.ProviderExisting || info.Name != "limited" {
		t.Errorf("info %+v", info)
	}
	if err := c.Approve(); err != nil {
		t.Fatal(err)
	}
	ws.ClusterUID = "" // who may not look at kube-system knows the cluster by another id
	maps, secrets := kind(t, "ConfigMap"), kind(t, "Secret")
	widgets := lessons.Kind{Group: "example.com", Version: "v1", Kind: "Widget", Resource: "widgets", Namespaced: true}
	snapshots := c.Follow(t.Context(), ws, []lessons.Kind{maps, secrets, widgets})
	s := <-snapshots
	if s.Away != nil || s.Kinds[maps].Err != nil || !s.Kinds[maps].Synced || len(s.Kinds[maps].Objects) == 0 {
		t.Errorf("ConfigMaps: %+v, away %v", s.Kinds[maps], s.Away)
	}
	for k, want := range map[lessons.Kind]lessons.Trouble{secrets: lessons.Forbidden} {
		if l := s.Kinds[k]; l.Err == nil || l.Err.Trouble != want || l.Synced || len(l.Objects) > 0 {
			t.Errorf("%s: %+v", k.Kind, l)
		}
	}
	// RBAC denies what it does not know before anyone looks whether it exists;
	// to the administrator it is unknown.
	asAdmin := <-admin.Follow(t.Context(), ws, []lessons.Kind{widgets, maps})
	if l := asAdmin.Kinds[widgets]; l.Err == nil || l.Err.Trouble != lessons.UnknownKind || !asAdmin.Kinds[maps].Synced {
		t.Errorf("Widgets: %+v", l)
	}
	if _, err := c.Prepare(t.Context(), "another"); trouble(t, err) != lessons.Forbidden {
		t.Errorf("a namespace without the right to make one: %v", err)
	}
	if err := c.Plant(t.Context(), ws, []lessons.Object{configMap("x", nil)}); trouble(t, err) != lessons.Forbidden {
		t.Errorf("planted without the right to: %v", err)
	}
}

// limited makes a user who may only read ConfigMaps in the workspace, and
// returns how to open the cluster as that user.
func limited(t *testing.T, admin *cluster.Cluster, ws lessons.Workspace) cluster.Options {
	t.Helper()
	d := client(t, admin)
	create(t, d, ws.Namespace, lessons.Object{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": map[string]any{"name": "anna"}})
	create(t, d, ws.Namespace, lessons.Object{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": map[string]any{"name": "reader"},
		"rules": []any{map[string]any{"apiGroups": []any{""}, "resources": []any{"configmaps"}, "verbs": []any{"get", "list", "watch"}}}})
	create(t, d, ws.Namespace, lessons.Object{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": map[string]any{"name": "anna"},
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
		"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": "anna", "namespace": ws.Namespace}}})
	request := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
		"metadata": map[string]any{"name": "anna"}, "spec": map[string]any{}}}
	answer, err := d.Resource(resource(kind(t, "ServiceAccount"))).Namespace(ws.Namespace).Create(t.Context(), request, metav1.CreateOptions{}, "token")
	if err != nil {
		t.Fatal(err)
	}
	token, _, _ := unstructured.NestedString(answer.Object, "status", "token")
	own, err := clientcmd.LoadFromFile(adminConfig(admin))
	if err != nil {
		t.Fatal(err)
	}
	trusted := own.Clusters[own.Contexts[own.CurrentContext].Cluster]
	authority := "certificate-authority-data: " + base64.StdEncoding.EncodeToString(trusted.CertificateAuthorityData)
	if trusted.InsecureSkipTLSVerify {
		authority = "insecure-skip-tls-verify: true"
	}
	path := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf("apiVersion: v1\nkind: Config\ncontexts:\n- {name: limited, context: {cluster: c, user: anna}}\nclusters:\n- {name: c, cluster: {server: %q, %s}}\nusers:\n- {name: anna, user: {token: %q}}\n",
		trusted.Server, authority, token)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"KUBECONFIG": path, "PATH": "/nowhere"}
	return cluster.Options{Choice: "limited", StateDir: t.TempDir(), Env: func(n string) string { return env[n] }}
}

// BenchmarkFollow measures the time from the API server's answer to a change
// until the snapshot that shows it is there to read.
func BenchmarkFollow(b *testing.B) {
	c := sandbox.Open(b)
	ws := clustertest.Workspace(b, c, "bench")
	d := client(b, c)
	maps := kind(b, "ConfigMap")
	snapshots := c.Follow(b.Context(), ws, kinds(b, "ConfigMap", "Pod", "Deployment", "ReplicaSet", "Service", "EndpointSlice"))
	<-snapshots
	var took []time.Duration
	for b.Loop() {
		name := fmt.Sprintf("m%d", len(took))
		create(b, d, ws.Namespace, configMap(name, nil))
		began := time.Now()
		await(b, snapshots, patient, "it is shown", func(s lessons.Snapshot) bool {
			return slices.Contains(names(s, maps), ws.Namespace+"/"+name)
		})
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
