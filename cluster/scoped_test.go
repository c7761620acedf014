package cluster_test

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/k8stutor/k8stutor/lessons"
)

func storageClass(name string) lessons.Object {
	return lessons.Object{"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": map[string]any{"name": name},
		"provisioner": "kubernetes.io/no-provisioner"}
}

func TestWhatIsPlantedOutsideOfNamespacesGoesWithTheWorkspace(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	classes := client(t, c).Resource(resource(kind(t, "StorageClass")))
	theirs := storageClass("scoped-theirs")
	create(t, client(t, c), "", theirs)
	t.Cleanup(func() { _ = classes.Delete(t.Context(), "scoped-theirs", metav1.DeleteOptions{}) })
	for name, end := range map[string]func(lessons.Workspace) error{
		"clear": func(ws lessons.Workspace) error { return c.Clear(t.Context(), ws) },
		"remove": func(ws lessons.Workspace) error {
			return c.Remove(t.Context(), ws, []lessons.Ref{{Kind: kind(t, "StorageClass"), Name: "scoped-ours"}})
		},
	} {
		ws, err := c.Prepare(t.Context(), "scoped")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // again is fine
			if err := c.Plant(t.Context(), ws, []lessons.Object{storageClass("scoped-ours")}); err != nil {
				t.Fatal(err)
			}
		}
		made, err := classes.Get(t.Context(), "scoped-ours", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if made.GetLabels()["k8stutor.dev/workspace"] != ws.Namespace || made.GetNamespace() != "" {
			t.Errorf("labels %v, namespace %q", made.GetLabels(), made.GetNamespace())
		}
		if err := c.Plant(t.Context(), ws, []lessons.Object{storageClass("scoped-theirs")}); trouble(t, err) != lessons.Guarded {
			t.Errorf("somebody else's StorageClass was replaced: %v", err)
		}
		if err := end(ws); err != nil {
			t.Fatal(err)
		}
		if _, err := classes.Get(t.Context(), "scoped-ours", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("after %s the StorageClass is still there: %v", name, err)
		}
		if _, err := classes.Get(t.Context(), "scoped-theirs", metav1.GetOptions{}); err != nil {
			t.Errorf("after %s somebody else's StorageClass is gone: %v", name, err)
		}
		if err := c.Clear(t.Context(), ws); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheWorkspaceOfAnotherPersonsCourseHasANameOfItsOwnAndTakesNoPrivilegedPods(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws, err := c.Prepare(t.Context(), "acme/foreign")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Clear(t.Context(), ws)
	if ws.Namespace != "k8stutor-acme--foreign" || ws.Lesson != "acme/foreign" {
		t.Errorf("workspace %+v", ws)
	}
	pod := func(privileged bool) lessons.Object {
		return lessons.Object{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "p"},
			"spec": map[string]any{"containers": []any{map[string]any{"name": "c", "image": "nginx:1.27",
				"securityContext": map[string]any{"privileged": privileged}}}}}
	}
	if err := c.Plant(t.Context(), ws, []lessons.Object{pod(true)}); err == nil || !strings.Contains(err.Error(), "PodSecurity") {
		t.Errorf("a privileged Pod in it: %v; want that PodSecurity refuses it", err)
	}
	if err := c.Plant(t.Context(), ws, []lessons.Object{pod(false)}); err != nil {
		t.Errorf("a plain Pod in it: %v", err)
	}
	all, err := c.Workspaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, w := range all {
		found = found || w.Lesson == "acme/foreign" && w.Namespace == ws.Namespace
	}
	if !found {
		t.Errorf("Workspaces does not list it: %+v", all)
	}
}
