package cluster_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/k8stutor/k8stutor/cluster/clustertest"
	"github.com/k8stutor/k8stutor/lessons"
)

func TestOthersWorkInDefaultIsNotKeptAndTheLearnersIs(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	d := client(t, c)
	secrets := kind(t, "Secret")
	secret := func(name string) lessons.Object {
		return lessons.Object{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": name}}
	}
	const others = 150
	var making sync.WaitGroup
	for half := range 2 {
		making.Go(func() {
			for i := half; i < others; i += 2 {
				create(t, d, "default", secret(fmt.Sprintf("others-%03d", i)))
			}
		})
	}
	making.Wait()
	list, err := d.Resource(resource(secrets)).Namespace("default").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) < others {
		t.Fatalf("%d Secrets in default, %v", len(list.Items), err)
	}
	newest := list.Items[0].GetCreationTimestamp().Time
	for _, item := range list.Items {
		if at := item.GetCreationTimestamp().Time; at.After(newest) {
			newest = at
		}
	}
	// Times have whole seconds: the workspace is made in a later one than the Secrets.
	clock := clustertest.Workspace(t, c, "aside-clock").Namespace
	for i := 0; ; i++ {
		if create(t, d, clock, secret(fmt.Sprintf("tick-%d", i))).GetCreationTimestamp().After(newest) {
			break
		}
	}
	ws := clustertest.Workspace(t, c, "aside")
	snapshots := c.Follow(t.Context(), ws, []lessons.Kind{secrets})
	old := func(s lessons.Snapshot) int {
		n := 0
		for _, name := range names(s, secrets) {
			if strings.HasPrefix(name, "default/others-") {
				n++
			}
		}
		return n
	}
	first := await(t, snapshots, patient, "Secrets are listed", func(s lessons.Snapshot) bool { return s.Kinds[secrets].Synced })
	if n := old(first); n == 0 || n > 100 {
		t.Errorf("of %d older objects %d are kept", others, n)
	}
	create(t, d, "default", secret("aside-mine"))
	has := func(s lessons.Snapshot) bool { return slices.Contains(names(s, secrets), "default/aside-mine") }
	await(t, snapshots, patient, "the learner's work in default is seen", has)
	client := d.Resource(resource(secrets)).Namespace("default")
	if err := client.Delete(t.Context(), "aside-mine", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, snapshots, patient, "and that it is gone", func(s lessons.Snapshot) bool { return !has(s) })
}
