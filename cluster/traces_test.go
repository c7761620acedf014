package cluster_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// learner opens the sandbox as a context of one more learner, who has agreed.
func learner(t *testing.T, name string, change func(*api.Config)) *cluster.Cluster {
	t.Helper()
	c := open(t, asContext(t, sandbox.Open(t), name, change))
	if err := c.Approve(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTwoLearnersOnOneClusterDoNotMeet(t *testing.T) {
	t.Parallel()
	for _, context := range []string{"shared", "kind-shared"} {
		t.Run(context, func(t *testing.T) {
			t.Parallel()
			anna, ben := learner(t, context, nil), learner(t, context, nil)
			lesson := "meet-" + context
			type prepared struct {
				ws  lessons.Workspace
				err error
			}
			answers := make(chan prepared, 2)
			for _, c := range []*cluster.Cluster{anna, ben} {
				go func() {
					ws, err := c.Prepare(t.Context(), lesson)
					answers <- prepared{ws, err}
				}()
			}
			one, two := <-answers, <-answers
			if one.err != nil || two.err != nil {
				t.Fatal(one.err, two.err)
			}
			defer discard(t, one.ws)
			defer discard(t, two.ws)
			if one.ws.Namespace == two.ws.Namespace || one.ws.UID == two.ws.UID {
				t.Fatalf("both are in %+v", one.ws)
			}
			for _, c := range []*cluster.Cluster{anna, ben} {
				again, err := c.Prepare(t.Context(), lesson)
				if err != nil || again.UID != one.ws.UID && again.UID != two.ws.UID {
					t.Errorf("again %+v, %v", again, err)
				}
				mine, err := c.Workspaces(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				for _, ws := range mine {
					if ws.Lesson == lesson {
						n++
					}
				}
				if n != 1 {
					t.Errorf("one learner sees %d workspaces of the lesson: %v", n, mine)
				}
				traces, err := c.Traces(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				var owned []bool
				for _, tr := range traces {
					if tr.Lesson == lesson {
						owned = append(owned, tr.Mine)
					}
				}
				if len(owned) != 2 || owned[0] == owned[1] {
					t.Errorf("whose is what: %v", owned)
				}
			}
		})
	}
}

func TestAWorkspaceOfBeforeThereWereOwnersStaysUsable(t *testing.T) {
	t.Parallel()
	admin := sandbox.Open(t)
	for _, context := range []string{"shared", "kind-old"} {
		t.Run(context, func(t *testing.T) {
			t.Parallel()
			lesson := "old-" + context
			namespaces := client(t, admin).Resource(resource(kind(t, "Namespace")))
			create(t, client(t, admin), "", lessons.Object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "k8stutor-" + lesson,
				"labels": map[string]any{"app.kubernetes.io/managed-by": "k8stutor", "k8stutor.dev/lesson": lesson}}})
			anna, ben := learner(t, context, nil), learner(t, context, nil)
			ws, err := anna.Prepare(t.Context(), lesson)
			if err != nil {
				t.Fatal(err)
			}
			defer discard(t, ws)
			if ws.Namespace != "k8stutor-"+lesson {
				t.Errorf("the old workspace was left for %s", ws.Namespace)
			}
			live, err := namespaces.Get(t.Context(), ws.Namespace, metav1.GetOptions{})
			if err != nil || live.GetLabels()["k8stutor.dev/owner"] == "" {
				t.Errorf("it has no owner now: %v, %v", live.GetLabels(), err)
			}
			theirs, err := ben.Prepare(t.Context(), lesson)
			if err != nil || theirs.Namespace == ws.Namespace {
				t.Errorf("the second learner is in it too: %+v, %v", theirs, err)
			}
			discard(t, theirs)
		})
	}
}

func TestTheLearnersIdIsMadeOnceAndMendedWhenDamaged(t *testing.T) {
	t.Parallel()
	o := asContext(t, sandbox.Open(t), "shared", nil)
	path := filepath.Join(o.StateDir, "owner")
	read := func() string {
		t.Helper()
		open(t, o)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	first := read()
	if len(first) != 17 || first != read() {
		t.Errorf("%q, then %q", first, read())
	}
	if err := os.WriteFile(path, []byte("../../etc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if mended := read(); len(mended) != 17 || mended == first {
		t.Errorf("from a damaged file %q", mended)
	}
}

func TestALimitedWorkspaceTakesWhatLessonsDoAndRefusesASlip(t *testing.T) {
	t.Parallel()
	c := learner(t, "limited", nil)
	admin := sandbox.Open(t)
	d := client(t, admin)
	ws, err := c.Prepare(t.Context(), "limited")
	if err != nil {
		t.Fatal(err)
	}
	defer discard(t, ws)
	// What is made right after Prepare is not refused for a quota nobody has counted.
	web := deployment("web", "web")
	template := lessons.MapAt(web, "spec", "template", "spec")
	template["nodeSelector"] = map[string]any{"nowhere": "yes"} // a thousand slips need not run
	create(t, d, ws.Namespace, web)
	snapshots := c.Follow(t.Context(), ws, kinds(t, "Pod", "ResourceQuota", "Deployment"))
	pods := kind(t, "Pod")
	here := func(s lessons.Snapshot, k lessons.Kind) []lessons.Object { // without what other tests have in default
		return slices.DeleteFunc(slices.Clone(s.Kinds[k].Objects), func(o lessons.Object) bool { return lessons.TextAt(o, "metadata", "namespace") != ws.Namespace })
	}
	s := await(t, snapshots, patient, "the Pod is there", func(s lessons.Snapshot) bool { return len(here(s, pods)) == 1 })
	pod := here(s, pods)[0]
	if class := lessons.TextAt(pod, "status", "qosClass"); class != "BestEffort" {
		t.Errorf("a Pod without requests is %s", class)
	}
	for _, c := range lessons.ListAt(pod, "spec", "containers") {
		if resources := lessons.MapAt(c, "resources"); len(resources) != 0 {
			t.Errorf("its container was given %v", resources)
		}
	}
	if quotas := s.Kinds[kind(t, "ResourceQuota")].Objects; len(quotas) != 0 {
		t.Errorf("a lesson about quotas sees ours: %v", quotas)
	}
	if _, err := d.Resource(resource(kind(t, "Deployment"))).Namespace(ws.Namespace).Patch(t.Context(), "web", types.MergePatchType,
		[]byte(`{"spec":{"replicas":1000}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	await(t, snapshots, patient, "50 Pods are there and it is said why there are no more", func(s lessons.Snapshot) bool {
		all := here(s, kind(t, "Deployment"))
		return len(here(s, pods)) == 50 && len(all) == 1 && slices.ContainsFunc(lessons.ListAt(all[0], "status", "conditions"), func(c any) bool {
			return lessons.TextAt(c, "type") == "ReplicaFailure" && lessons.TextAt(c, "reason") == "FailedCreate"
		})
	})
	claim := lessons.Object{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": map[string]any{"name": "huge"},
		"spec": map[string]any{"accessModes": []any{"ReadWriteOnce"}, "resources": map[string]any{"requests": map[string]any{"storage": "1Ti"}}}}
	if err := c.Plant(t.Context(), ws, []lessons.Object{claim}); err == nil {
		t.Error("a claim of a terabyte was taken")
	}
	privileged := lessons.Object{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "p"}, "spec": map[string]any{
		"hostNetwork": true, "containers": []any{map[string]any{"name": "c", "image": "nginx:1.27"}}}}
	if err := c.Plant(t.Context(), ws, []lessons.Object{privileged}); err == nil {
		t.Error("a Pod in the node's network was taken")
	}
}

func TestSweepRemovesProvesAndSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	admin := sandbox.Open(t)
	d := client(t, admin)
	anna := learner(t, "sweep", nil)
	ws, err := anna.Prepare(t.Context(), "sweep")
	if err != nil {
		t.Fatal(err)
	}
	create(t, d, ws.Namespace, configMap("work", nil))
	orphan := storageClass("sweep-orphan")
	orphan["metadata"].(map[string]any)["labels"] = map[string]any{"app.kubernetes.io/managed-by": "k8stutor", "k8stutor.dev/workspace": "k8stutor-sweep-gone"}
	create(t, d, "", orphan)
	stuck, err := anna.Prepare(t.Context(), "sweep-stuck")
	if err != nil {
		t.Fatal(err)
	}
	create(t, d, stuck.Namespace, held("theirs", "example.com/hold"))
	defer func() {
		_, _ = d.Resource(resource(kind(t, "ConfigMap"))).Namespace(stuck.Namespace).Patch(t.Context(), "theirs",
			types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{})
	}()
	all, err := anna.Traces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]cluster.Count{ws.Namespace: {{Kind: "ConfigMap", N: 1}}, stuck.Namespace: {{Kind: "ConfigMap", N: 1}}, "sweep-orphan": nil}
	got := map[string][]cluster.Count{}
	var going []cluster.Trace
	for _, tr := range all {
		if _, ok := want[tr.Ref.Name]; ok {
			if !tr.Mine {
				t.Errorf("%s is somebody else's", tr.Ref)
			}
			going, got[tr.Ref.Name] = append(going, tr), tr.Holds
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	left, err := anna.Sweep(t.Context(), going)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 || left[0].Ref.Name != stuck.Namespace || trouble(t, left[0].Why) != lessons.Refused {
		t.Errorf("left %+v", left)
	}
	all, err = anna.Traces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range all {
		if tr.Ref.Name == ws.Namespace || tr.Ref.Name == "sweep-orphan" {
			t.Errorf("%s is still there", tr.Ref)
		}
	}
}
