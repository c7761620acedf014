package cluster_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// held is a ConfigMap that a finalizer keeps.
func held(name string, finalizers ...any) lessons.Object {
	o := configMap(name, nil)
	o["metadata"].(map[string]any)["finalizers"] = finalizers
	return o
}

func TestANamespaceThatDoesNotEndIsExplained(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	d := client(t, c)
	maps := d.Resource(resource(kind(t, "ConfigMap")))
	ws, err := c.Prepare(t.Context(), "stuck")
	if err != nil {
		t.Fatal(err)
	}
	create(t, d, ws.Namespace, held("theirs", "example.com/hold"))
	create(t, d, ws.Namespace, held("copied", "k8stutor.dev/hold")) // not planted by k8stutor
	release := func() {
		for _, name := range []string{"theirs", "copied"} {
			_, _ = maps.Namespace(ws.Namespace).Patch(t.Context(), name, types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
		}
	}
	defer release()
	began := time.Now()
	var clearing, preparing error
	var both sync.WaitGroup
	both.Go(func() { clearing = c.Clear(t.Context(), ws) })
	both.Go(func() {
		// It starts once the namespace is being deleted.
		for {
			all, err := c.Traces(t.Context())
			if err != nil {
				preparing = err
				return
			}
			i := slices.IndexFunc(all, func(tr cluster.Trace) bool { return tr.Ref.Name == ws.Namespace })
			if i < 0 || all[i].Ending {
				break
			}
		}
		_, preparing = c.Prepare(t.Context(), "stuck")
	})
	both.Wait()
	t.Logf("explained after %v", time.Since(began))
	if took := time.Since(began); took > 2*time.Minute {
		t.Errorf("it took %v to say so", took)
	}
	for what, err := range map[string]error{"clear": clearing, "prepare": preparing} {
		explained, ok := errors.AsType[*lessons.ClusterError](err)
		if !ok {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if !strings.Contains(err.Error(), "Terminating since") || !strings.Contains(err.Error(), "example.com/hold in 1 resource instances") {
			t.Errorf("%s: %v", what, err)
		}
		for _, lang := range lessons.Languages() {
			for _, want := range []string{"`theirs`", "`example.com/hold`", "`copied`", "kubectl patch configmaps theirs -n " + ws.Namespace} {
				if !strings.Contains(explained.Hint.In(lang), want) {
					t.Errorf("%s, %s: no %q in %s", what, lang, want, explained.Hint.In(lang))
				}
			}
		}
	}
	for _, name := range []string{"theirs", "copied"} {
		live, err := maps.Namespace(ws.Namespace).Get(t.Context(), name, metav1.GetOptions{})
		if err != nil || len(live.GetFinalizers()) != 1 {
			t.Errorf("the finalizer of %s, which k8stutor did not plant, was forced: %v, %v", name, live, err)
		}
	}
	release()
	if err := c.Clear(t.Context(), ws); err != nil {
		t.Errorf("cleared after the finalizers were taken off: %v", err)
	}
}

func TestWhatWasPlantedWithItsOwnFinalizerGoes(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	d := client(t, c)
	ws, err := c.Prepare(t.Context(), "released")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Plant(t.Context(), ws, []lessons.Object{held("one", "k8stutor.dev/hold"), held("two", "k8stutor.dev/hold"), held("both", "k8stutor.dev/hold", "example.com/hold")}); err != nil {
		t.Fatal(err)
	}
	maps := kind(t, "ConfigMap")
	if err := c.Remove(t.Context(), ws, []lessons.Ref{{Kind: maps, Name: "one"}}); err != nil {
		t.Errorf("a single one: %v", err)
	}
	both := d.Resource(resource(maps)).Namespace(ws.Namespace)
	if _, err := both.Patch(t.Context(), "both", types.JSONPatchType, []byte(`[{"op":"remove","path":"/metadata/finalizers/1"}]`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := c.Clear(t.Context(), ws); err != nil {
		t.Errorf("with the namespace: %v", err)
	}
}
