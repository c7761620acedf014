package cluster_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/clustertest"
	"github.com/k8stutor/k8stutor/lessons"
)

// adminConfig is the kubeconfig of the sandbox itself. The one that the tests
// write names the workspace of whichever test wrote it last.
func adminConfig(c *cluster.Cluster) string {
	return filepath.Join(filepath.Dir(c.Info().Kubeconfig), "sandbox", "kubeconfig")
}

// client does what learners do with kubectl.
func client(t testing.TB, c *cluster.Cluster) dynamic.Interface {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", adminConfig(c))
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	d, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func kind(t testing.TB, name string) lessons.Kind {
	t.Helper()
	k, ok := lessons.KindNamed(name)
	if !ok {
		t.Fatalf("no kind %s", name)
	}
	return k
}

func kinds(t testing.TB, names ...string) []lessons.Kind {
	t.Helper()
	var all []lessons.Kind
	for _, n := range names {
		all = append(all, kind(t, n))
	}
	return all
}

func resource(k lessons.Kind) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: k.Group, Version: k.Version, Resource: k.Resource}
}

func configMap(name string, data map[string]any) lessons.Object {
	return lessons.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": name}, "data": data}
}

func deployment(name, app string) lessons.Object {
	labels := map[string]any{"app": app}
	return lessons.Object{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": name},
		"spec": map[string]any{
			"replicas": int64(1),
			"selector": map[string]any{"matchLabels": labels},
			"template": map[string]any{
				"metadata": map[string]any{"labels": labels},
				"spec":     map[string]any{"containers": []any{map[string]any{"name": "nginx", "image": "nginx:1.27"}}},
			},
		},
	}
}

func create(t testing.TB, d dynamic.Interface, namespace string, object lessons.Object) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{Object: object}
	made, err := d.Resource(resource(kind(t, u.GetKind()))).Namespace(namespace).Create(t.Context(), u, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// names lists the objects of a kind as namespace/name.
func names(s lessons.Snapshot, k lessons.Kind) []string {
	var all []string
	for _, o := range s.Kinds[k].Objects {
		u := unstructured.Unstructured{Object: o}
		all = append(all, u.GetNamespace()+"/"+u.GetName())
	}
	return all
}

// await reads snapshots until one is as wanted.
func await(t testing.TB, snapshots <-chan lessons.Snapshot, within time.Duration, what string, is func(lessons.Snapshot) bool) lessons.Snapshot {
	t.Helper()
	timeout := time.After(within)
	var last lessons.Snapshot
	for {
		select {
		case s, ok := <-snapshots:
			if !ok {
				t.Fatalf("the channel was closed while waiting until %s", what)
			}
			if s.Seq <= last.Seq {
				t.Errorf("snapshot %d after %d", s.Seq, last.Seq)
			}
			if last = s; is(s) {
				return s
			}
		case <-timeout:
			t.Fatalf("after %v not %s; last snapshot: away %v, kinds %v", within, what, last.Away, last.Kinds)
		}
	}
}

func trouble(t testing.TB, err error) lessons.Trouble {
	t.Helper()
	e, ok := errors.AsType[*lessons.ClusterError](err)
	if !ok {
		t.Fatalf("error %v (%T) is no ClusterError", err, err)
	}
	return e.Trouble
}

func TestAWorkspaceIsReadyForPodsAndFoundAgain(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws := clustertest.Workspace(t, c, "prepare")
	if ws.Namespace != "k8stutor-prepare" || ws.UID == "" || ws.ClusterUID == "" || ws.Cluster != "sandbox" {
		t.Errorf("workspace %+v", ws)
	}
	d := client(t, c)
	pod := lessons.Object{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "p"},
		"spec": map[string]any{"containers": []any{map[string]any{"name": "c", "image": "nginx"}}}}
	create(t, d, ws.Namespace, pod) // refused where the ServiceAccount is missing
	again, err := c.Prepare(t.Context(), "prepare")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ws, again); diff != "" {
		t.Error(diff)
	}
	ns, err := d.Resource(resource(kind(t, "Namespace"))).Get(t.Context(), ws.Namespace, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	labels := ns.GetLabels()
	if labels["app.kubernetes.io/managed-by"] != "k8stutor" || labels["k8stutor.dev/lesson"] != "prepare" {
		t.Errorf("labels %v", labels)
	}
}

func TestAWorkspaceThatIsBeingDeletedIsMadeAnew(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	old := clustertest.Workspace(t, c, "anew")
	d := client(t, c)
	// A finalizer keeps the namespace Terminating until it is taken away.
	held := configMap("held", nil)
	held["metadata"].(map[string]any)["finalizers"] = []any{"example.com/hold"}
	create(t, d, old.Namespace, held)
	namespaces := d.Resource(resource(kind(t, "Namespace")))
	if err := namespaces.Delete(t.Context(), old.Namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	prepared := make(chan lessons.Workspace, 1)
	go func() {
		ws, err := c.Prepare(t.Context(), "anew")
		if err != nil {
			t.Error(err)
		}
		prepared <- ws
	}()
	err := c.Plant(t.Context(), old, []lessons.Object{configMap("x", nil)})
	if trouble(t, err) != lessons.Guarded {
		t.Errorf("planted in a namespace that is being deleted: %v", err)
	}
	select {
	case <-prepared:
		t.Fatal("a workspace was given out while the old one was there")
	default:
	}
	release := []byte(`{"metadata":{"finalizers":null}}`)
	maps := d.Resource(resource(kind(t, "ConfigMap"))).Namespace(old.Namespace)
	if _, err := maps.Patch(t.Context(), "held", "application/merge-patch+json", release, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	fresh := <-prepared
	if fresh.UID == old.UID || fresh.UID == "" {
		t.Errorf("uid %q after %q", fresh.UID, old.UID)
	}
	if err := c.Plant(t.Context(), old, nil); trouble(t, err) != lessons.Guarded {
		t.Errorf("the old workspace is still good for planting: %v", err)
	}
}

func TestPlantedObjectsAreAsTheLessonSaysWhateverWasThere(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws := clustertest.Workspace(t, c, "plant")
	d := client(t, c)
	get := func(k, name string) *unstructured.Unstructured {
		t.Helper()
		u, err := d.Resource(resource(kind(t, k))).Namespace(ws.Namespace).Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	plant := func(objects ...lessons.Object) {
		t.Helper()
		if err := c.Plant(t.Context(), ws, objects); err != nil {
			t.Fatal(err)
		}
	}
	create(t, d, ws.Namespace, configMap("settings", map[string]any{"mine": "x", "color": "red"}))
	before := get("ConfigMap", "settings")
	plant(configMap("settings", map[string]any{"color": "blue"}), deployment("web", "web"))
	settings := get("ConfigMap", "settings")
	if diff := cmp.Diff(map[string]any{"color": "blue"}, settings.Object["data"]); diff != "" {
		t.Error(diff)
	}
	if settings.GetUID() != before.GetUID() {
		t.Error("what could be changed in place was deleted")
	}
	web := get("Deployment", "web")
	if web.GetLabels()["app.kubernetes.io/managed-by"] != "k8stutor" {
		t.Errorf("labels %v", web.GetLabels())
	}
	template, _, _ := unstructured.NestedStringMap(web.Object, "spec", "template", "metadata", "labels")
	if diff := cmp.Diff(map[string]string{"app": "web"}, template); diff != "" {
		t.Errorf("the template was changed: %s", diff)
	}
	plant(deployment("web", "shop")) // a selector is immutable
	if shop := get("Deployment", "web"); shop.GetUID() == web.GetUID() {
		t.Error("a Deployment with another selector has the same uid")
	}
	wrong := configMap("wrong", nil)
	wrong["dat"] = map[string]any{}
	err := c.Plant(t.Context(), ws, []lessons.Object{wrong})
	if trouble(t, err) != lessons.Refused || !strings.Contains(err.Error(), "dat") {
		t.Errorf("a misspelt field: %v", err)
	}
	if err := c.Remove(t.Context(), ws, []lessons.Ref{{Kind: kind(t, "ConfigMap"), Name: "settings"}, {Kind: kind(t, "ConfigMap"), Name: "nothing"}}); err != nil {
		t.Error(err)
	}
	list, err := d.Resource(resource(kind(t, "ConfigMap"))).Namespace(ws.Namespace).List(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name=settings"})
	if err != nil || len(list.Items) != 0 {
		t.Errorf("after Remove: %v, %v", list, err)
	}
}

func TestTheShellOfAWorkspaceIsPinnedToIt(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws := clustertest.Workspace(t, c, "shell")
	env := map[string]string{}
	for _, v := range c.ShellEnv(ws) {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	if env["K8STUTOR_LESSON"] != "shell" || env["KUBECONFIG"] != c.Info().Kubeconfig {
		t.Errorf("environment %v", env)
	}
	bin := filepath.SplitList(env["PATH"])[0]
	command := exec.CommandContext(t.Context(), filepath.Join(bin, "kubectl"), "create", "configmap", "made", "-o", "json")
	command.Env = append(os.Environ(), c.ShellEnv(ws)...)
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	var made struct{ Metadata metav1.ObjectMeta }
	if err := json.Unmarshal(output, &made); err != nil || made.Metadata.Namespace != ws.Namespace {
		t.Errorf("made in %q, %v", made.Metadata.Namespace, err)
	}
}

func TestOpenSaysWhichClusterItIs(t *testing.T) {
	t.Parallel()
	info := sandbox.Open(t).Info()
	if info.Name != "sandbox" || info.Provider != cluster.ProviderSandbox || !strings.HasPrefix(info.Server, "https://127.0.0.1:") || !strings.HasPrefix(info.Version, "v") {
		t.Errorf("info %+v", info)
	}
	found := cluster.Found(context.Background(), sandbox.Options(t))
	if i := slices.IndexFunc(found, func(c cluster.Candidate) bool { return c.Chosen }); i < 0 || !found[i].Running || found[i].Server != info.Server {
		t.Errorf("found %s", fmt.Sprintf("%+v", found))
	}
}
