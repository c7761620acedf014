package coursetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

// TestSupposedChangesOneObject puts an object in the place of another, takes it
// away, and adds one elsewhere, in thought only.
func TestSupposedChangesOneObject(t *testing.T) {
	t.Parallel()
	service := func(name, namespace, ip string) lessons.Object {
		return object(t, `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "`+name+`", "namespace": "`+namespace+`"}, "spec": {"clusterIP": "`+ip+`"}}`)
	}
	k, pods := kindOf(t, "Service"), kindOf(t, "Pod")
	snap := lessons.Snapshot{Kinds: map[lessons.Kind]lessons.Listing{
		k:    {Synced: true, Objects: []lessons.Object{service("a", "default", "1"), service("a", "w", "2"), service("b", "w", "3")}},
		pods: {Synced: true},
	}}
	ips := func(snap lessons.Snapshot) (all []string) {
		for _, o := range snap.Kinds[k].Objects {
			all = append(all, text(o, "spec", "clusterIP"))
		}
		return all
	}
	for name, tc := range map[string]struct {
		change supposed
		want   []string
	}{
		"changed":                    {supposed{service("a", "w", "9"), "service/a", "w"}, []string{"1", "9", "3"}},
		"gone":                       {supposed{nil, "service/a", "w"}, []string{"1", "3"}},
		"gone where it never was":    {supposed{nil, "service/b", "default"}, []string{"1", "2", "3"}},
		"made in another namespace":  {supposed{service("b", "default", "9"), "service/b", "default"}, []string{"1", "2", "3", "9"}},
		"made under another name":    {supposed{service("aa", "w", "9"), "service/aa", "w"}, []string{"1", "2", "9", "3"}},
		"of a kind of no importance": {supposed{nil, "deployment.apps/a", "w"}, []string{"1", "2", "3"}},
	} {
		got := ips(tc.change.in(snap))
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
		if len(tc.change.in(snap).Kinds[pods].Objects) != 0 {
			t.Errorf("%s: among the Pods", name)
		}
	}
	if diff := cmp.Diff([]string{"1", "2", "3"}, ips(snap)); diff != "" {
		t.Errorf("the snapshot itself was changed:\n%s", diff)
	}
}
