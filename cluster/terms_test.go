package cluster_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// asContext writes the kubeconfig of the sandbox as a learner's own, under other
// names, so that it is a context like any other; change may alter it. It returns
// how to open it.
func asContext(t testing.TB, c *cluster.Cluster, name string, change func(*api.Config)) cluster.Options {
	t.Helper()
	config, err := clientcmd.LoadFromFile(adminConfig(c))
	if err != nil {
		t.Fatal(err)
	}
	from := config.Contexts[config.CurrentContext]
	own := api.NewConfig()
	own.Clusters[name], own.AuthInfos[name] = config.Clusters[from.Cluster], config.AuthInfos[from.AuthInfo]
	own.Contexts[name] = &api.Context{Cluster: name, AuthInfo: name}
	own.CurrentContext = name
	if change != nil {
		change(own)
	}
	path := filepath.Join(t.TempDir(), "config")
	if err := clientcmd.WriteToFile(*own, path); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"KUBECONFIG": path, "PATH": os.Getenv("PATH")}
	return cluster.Options{Choice: name, StateDir: t.TempDir(), Env: func(n string) string { return env[n] }}
}

func open(t testing.TB, o cluster.Options) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Open(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// lessonOf is a lesson that plants a Service and asks for a Deployment.
func lessonOf(t testing.TB, id string) *lessons.Lesson {
	return &lessons.Lesson{ID: id, Steps: []*lessons.Step{{
		ID: "one",
		Setup: []lessons.Object{{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "shop"},
			"spec": map[string]any{"ports": []any{map[string]any{"port": int64(80)}}}}},
		Queries: []lessons.Query{{Name: "web", Kind: kind(t, "Deployment"), Object: "web"}},
	}}}
}

// termsOf asks for the terms of a lesson.
func termsOf(t testing.TB, c *cluster.Cluster, l *lessons.Lesson) lessons.Terms {
	t.Helper()
	terms, err := c.Terms(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return terms
}

func TestNothingIsMadeOnAForeignClusterBeforeTheLearnersYes(t *testing.T) {
	t.Parallel()
	admin := sandbox.Open(t)
	o := asContext(t, admin, "work", nil)
	c := open(t, o)
	namespaces := client(t, admin).Resource(resource(kind(t, "Namespace")))
	lesson := lessonOf(t, "terms")
	if !c.Unapproved() {
		t.Fatal("a context on loopback without the mark of a tool counts as the learner's own")
	}
	if _, err := c.Prepare(t.Context(), "terms"); trouble(t, err) != lessons.Unapproved {
		t.Errorf("prepared before the yes: %v", err)
	}
	terms := termsOf(t, c, lesson)
	if terms.Context != "work" || terms.Server != c.Info().Server || terms.User == "" || len(terms.Lacks) != 0 || terms.Refused != nil {
		t.Errorf("terms %+v", terms)
	}
	for _, lang := range lessons.Languages() {
		var said strings.Builder
		for _, what := range terms.Makes {
			said.WriteString(what.In(lang))
		}
		for _, want := range []string{terms.Namespace, "ResourceQuota", "Service/shop", "baseline"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("%s: %q is not in what would be made: %s", lang, want, &said)
			}
		}
	}
	if _, err := namespaces.Get(t.Context(), terms.Namespace, metav1.GetOptions{}); err == nil {
		t.Fatal("the namespace was made")
	}
	if err := c.Plant(t.Context(), lessons.Workspace{Lesson: "terms", Namespace: terms.Namespace}, nil); trouble(t, err) != lessons.Guarded {
		t.Errorf("planted without a workspace: %v", err)
	}

	if err := c.Approve(); err != nil {
		t.Fatal(err)
	}
	ws, err := c.Prepare(t.Context(), "terms")
	if err != nil {
		t.Fatal(err)
	}
	defer discard(t, ws)
	if ws.Namespace != terms.Namespace {
		t.Errorf("made %s, agreed was to %s", ws.Namespace, terms.Namespace)
	}
	if again := open(t, o); again.Unapproved() {
		t.Error("the yes was not remembered")
	}
	if gone, err := cluster.Forget(o, "work"); err != nil || len(gone) != 1 || gone[0].Server != c.Info().Server {
		t.Errorf("forgot %v, %v", gone, err)
	}
	again := open(t, o)
	if _, err := again.Prepare(t.Context(), "terms"); trouble(t, err) != lessons.Unapproved {
		t.Errorf("prepared after the yes was taken back: %v", err)
	}
	if err := again.Plant(t.Context(), ws, []lessons.Object{configMap("x", nil)}); trouble(t, err) != lessons.Unapproved {
		t.Errorf("planted after the yes was taken back: %v", err)
	}
	if err := again.Clear(t.Context(), lessons.Workspace{Lesson: "terms", Namespace: "k8stutor-nothing"}); err != nil {
		t.Errorf("what is ours may be deleted without a yes: %v", err)
	}
}

// discard deletes a workspace without waiting for its end.
func discard(t testing.TB, ws lessons.Workspace) {
	t.Helper()
	d := client(t, sandbox.Open(t)).Resource(resource(kind(t, "Namespace")))
	_ = d.Delete(t.Context(), ws.Namespace, metav1.DeleteOptions{}) // the sandbox goes anyway
}

func TestAClusterOfAToolOnThisMachineNeedsNoYes(t *testing.T) {
	t.Parallel()
	o := asContext(t, sandbox.Open(t), "kind-dev", nil)
	c := open(t, o)
	if c.Unapproved() || c.Info().Engine != "kind" {
		t.Errorf("info %+v", c.Info())
	}
	for _, found := range cluster.Found(t.Context(), o) {
		if found.Name == "kind-dev" && found.Engine != "kind" {
			t.Errorf("found %+v", found)
		}
	}
}

func TestWhatALearnerMayNotDoIsSaidBeforehand(t *testing.T) {
	t.Parallel()
	admin := sandbox.Open(t)
	o := asContext(t, admin, "shared", func(config *api.Config) {
		config.AuthInfos["shared"].Impersonate = "anna"
	})
	d := client(t, admin)
	rules := func(kind, name string, body map[string]any) {
		t.Helper()
		body["apiVersion"], body["kind"], body["metadata"] = "rbac.authorization.k8s.io/v1", kind, map[string]any{"name": name}
		createScoped(t, d, strings.ToLower(kind)+"s", body)
	}
	rules("ClusterRole", "terms-anna", map[string]any{"rules": []any{
		map[string]any{"apiGroups": []any{""}, "resources": []any{"namespaces"}, "verbs": []any{"get", "delete"}},
		map[string]any{"apiGroups": []any{""}, "resources": []any{"pods", "services", "resourcequotas"}, "verbs": []any{"*"}},
		map[string]any{"apiGroups": []any{"apps", "discovery.k8s.io"}, "resources": []any{"*"}, "verbs": []any{"list", "watch"}},
	}})
	rules("ClusterRoleBinding", "terms-anna", map[string]any{
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "terms-anna"},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "anna"}}})
	c := open(t, o)
	terms := termsOf(t, c, lessonOf(t, "anna"))
	ns := terms.Namespace
	want := []string{"create namespaces", "create deployments.apps in " + ns, "delete deployments.apps in " + ns,
		"get pods/log in " + ns, "create pods/exec in " + ns}
	if diff := cmp.Diff(want, terms.Lacks); diff != "" {
		t.Error(diff)
	}
	if terms.User != "anna" || !strings.Contains(terms.Refused.In(lessons.English), "may not make namespaces") {
		t.Errorf("user %q, refused %v", terms.User, terms.Refused)
	}
	if err := c.Approve(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Prepare(t.Context(), "anna"); trouble(t, err) != lessons.Forbidden {
		t.Errorf("prepared without permission: %v", err)
	}
}

func TestALessonOutsideOfNamespacesIsRefusedBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	admin := sandbox.Open(t)
	lesson := lessonOf(t, "volumes")
	lesson.ClusterScoped = kinds(t, "PersistentVolume", "StorageClass")
	for _, name := range []string{"work", "kind-dev"} {
		c := open(t, asContext(t, admin, name, nil))
		if refused := termsOf(t, c, lesson).Refused; !strings.Contains(refused.In(lessons.English), "PersistentVolume, StorageClass") ||
			!strings.Contains(refused.In(lessons.Chinese), "--cluster sandbox") {
			t.Errorf("%s: refused %v", name, refused)
		}
		if err := c.Admit(t.Context(), lesson); trouble(t, err) != lessons.Guarded {
			t.Errorf("%s: admitted: %v", name, err)
		}
		_ = c.Approve()
		store, _, err := lessons.OpenStore(filepath.Join(t.TempDir(), "progress.json"), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lessons.NewExercise(lesson, c, store, time.Now).Check(t.Context()); trouble(t, err) != lessons.Guarded {
			t.Errorf("%s: the exercise began: %v", name, err)
		}
		if all, err := c.Workspaces(t.Context()); err != nil || slices.ContainsFunc(all, func(ws lessons.Workspace) bool { return ws.Lesson == "volumes" }) {
			t.Errorf("%s: workspaces %v, %v", name, all, err)
		}
	}
	if err := admin.Admit(t.Context(), lesson); err != nil {
		t.Errorf("the sandbox: %v", err)
	}
}

func TestReadOnlyChangesNothingAndShowsWhatIsThere(t *testing.T) {
	t.Parallel()
	admin := sandbox.Open(t)
	o := asContext(t, admin, "work", nil)
	writing := open(t, o)
	if err := writing.Approve(); err != nil {
		t.Fatal(err)
	}
	ws, err := writing.Prepare(t.Context(), "readonly")
	if err != nil {
		t.Fatal(err)
	}
	defer discard(t, ws)
	o.ReadOnly = true
	c := open(t, o)
	if c.Unapproved() {
		t.Error("asks, though nothing can be made")
	}
	same, err := c.Prepare(t.Context(), "readonly")
	if err != nil || same.UID != ws.UID {
		t.Fatalf("the workspace that is there: %+v, %v", same, err)
	}
	document := lessons.Document{APIVersion: "v1", Kind: "ConfigMap", Name: "x", YAML: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n")}
	for what, do := range map[string]func() error{
		"prepare": func() error { _, err := c.Prepare(t.Context(), "readonly-new"); return err },
		"plant":   func() error { return c.Plant(t.Context(), ws, []lessons.Object{configMap("x", nil)}) },
		"remove": func() error {
			return c.Remove(t.Context(), ws, []lessons.Ref{{Kind: kind(t, "ConfigMap"), Name: "kube-root-ca.crt"}})
		},
		"clear": func() error { return c.Clear(t.Context(), ws) },
		"apply": func() error { _, err := c.Apply(t.Context(), ws, []lessons.Document{document}); return err },
		"sweep": func() error {
			left, err := c.Sweep(t.Context(), []cluster.Trace{{Ref: lessons.Ref{Kind: kind(t, "Namespace"), Name: ws.Namespace}, UID: ws.UID}})
			if err != nil || len(left) != 1 {
				t.Fatalf("left %v, %v", left, err)
			}
			return left[0].Why
		},
	} {
		if err := do(); trouble(t, err) != lessons.Guarded || !strings.Contains(err.Error(), "--read-only") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if refusals, err := c.DryRun(t.Context(), ws, []lessons.Document{document}); err != nil || len(refusals) != 0 {
		t.Errorf("a dry run changes nothing: %v, %v", refusals, err)
	}
	if !strings.Contains(termsOf(t, c, lessonOf(t, "readonly-new")).Refused.In(lessons.English), "--read-only") {
		t.Error("terms do not say that nothing can be made")
	}
	names := listNames(t, client(t, admin), ws.Namespace)
	if slices.Contains(names, "x") || !slices.Contains(names, "kube-root-ca.crt") {
		t.Errorf("ConfigMaps %v", names)
	}
}

func TestAnApprovalsFileThatCannotBeUnderstoodAsksAgain(t *testing.T) {
	t.Parallel()
	o := asContext(t, sandbox.Open(t), "work", nil)
	path := filepath.Join(o.StateDir, "approved.json")
	for _, text := range []string{"", "null", "[1]", "{", `{"other-uid":{"name":"work"}}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := open(t, o)
		if !c.Unapproved() {
			t.Fatalf("%q counts as a yes", text)
		}
		if err := c.Approve(); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(data, []byte(`"name": "work"`)) {
			t.Errorf("kept as %s, %v", data, err)
		}
		if strings.Contains(text, "other-uid") != bytes.Contains(data, []byte("other-uid")) {
			t.Errorf("from %s to %s", text, data)
		}
	}
}
