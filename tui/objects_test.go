package tui

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

// recorded is a snapshot of a workspace on a real API server, with Pods that
// run, crash and cannot be pulled.
func recorded(t *testing.T) lessons.Snapshot {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "objects.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Items []lessons.Object }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	snap := lessons.Snapshot{Seq: 1, Kinds: map[lessons.Kind]lessons.Listing{}}
	for _, o := range list.Items {
		kind := lessons.Kind{Kind: lessons.TextAt(o, "kind"), Namespaced: true}
		l := snap.Kinds[kind]
		l.Synced, l.Objects = true, append(l.Objects, o)
		snap.Kinds[kind] = l
	}
	return snap
}

func TestAStuckRolloutDoesNotLookHealthy(t *testing.T) {
	t.Parallel()
	deployment := func(updated float64) lessons.Object {
		return lessons.Object{"kind": "Deployment", "spec": map[string]any{"replicas": 3.0},
			"status": map[string]any{"readyReplicas": 3.0, "updatedReplicas": updated}}
	}
	for updated, want := range map[float64]health{1: progressing, 3: healthy} {
		if got, _ := factsOf(deployment(updated), wordsIn(lessons.English)); got != want {
			t.Errorf("3 Pods ready and %v updated: health %v, want %v", updated, got, want)
		}
	}
}

func TestObjectsAreListedAsALearnerLooksAtThem(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, r := range objectRows(recorded(t), "k8stutor-services", wordsIn(lessons.English)) {
		state := map[health]string{healthy: "healthy", progressing: "progressing", broken: "broken", inert: "-"}[r.health]
		fmt.Fprintf(&got, "%s%s | %s | %s\n", strings.Repeat("  ", r.depth), r.name, state, strings.Join(r.facts, ", "))
		if r.made.IsZero() {
			t.Errorf("%s has no age", r.name)
		}
	}
	path := filepath.Join("testdata", "objects.golden")
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestObjectsOfOtherNamespacesAreNotListed(t *testing.T) {
	t.Parallel()
	if rows := objectRows(recorded(t), "default", wordsIn(lessons.English)); len(rows) != 0 {
		t.Errorf("%d objects are listed, the first is %s", len(rows), rows[0].name)
	}
}

func TestPodFacts(t *testing.T) {
	t.Parallel()
	status := func(s string) lessons.Object {
		o := lessons.Object{"kind": "Pod", "spec": map[string]any{"containers": []any{map[string]any{"name": "c"}}}}
		var v any
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			t.Fatal(err)
		}
		o["status"] = v
		return o
	}
	for name, tc := range map[string]struct {
		pod   lessons.Object
		state health
		facts string
	}{
		"no node yet":         {status(`{"phase":"Pending"}`), progressing, "Pending"},
		"creating":            {status(`{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}`), progressing, "Pending"},
		"cannot be pulled":    {status(`{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ErrImagePull"}}}]}`), broken, "ErrImagePull"},
		"running, not ready":  {status(`{"phase":"Running","podIP":"10.0.0.1","containerStatuses":[{"ready":false}]}`), progressing, "Running, 0/1, 10.0.0.1"},
		"ready":               {status(`{"phase":"Running","podIP":"10.0.0.1","containerStatuses":[{"ready":true}]}`), healthy, "Running, 10.0.0.1"},
		"ended with an error": {status(`{"phase":"Running","containerStatuses":[{"restartCount":2,"state":{"terminated":{"exitCode":1,"reason":"Error"}}}]}`), broken, "Error, ↻2"},
		"done":                {status(`{"phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}`), inert, "Completed"},
		"evicted":             {status(`{"phase":"Failed","reason":"Evicted"}`), broken, "Evicted"},
		"init fails":          {status(`{"phase":"Pending","initContainerStatuses":[{"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}`), broken, "CrashLoopBackOff"},
		"nothing known":       {lessons.Object{"kind": "Pod"}, progressing, ""},
	} {
		state, facts := podFacts(tc.pod)
		if state != tc.state || strings.Join(facts, ", ") != tc.facts {
			t.Errorf("%s: %d %q, want %d %q", name, state, facts, tc.state, tc.facts)
		}
	}
}

func TestChangedObjectsAreMarkedForAMoment(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	now := fixedTime()
	b.app.deps.Now = func() time.Time { return now }
	b.inExercise()
	b.report(testReport())
	b.hides("◆")
	changed := testReport()
	changed.Seq = 2
	changed.Snapshot.Kinds = map[lessons.Kind]lessons.Listing{podKind: {Synced: true, Objects: []lessons.Object{pod("web-new", "Pending", "")}}}
	b.report(changed)
	b.shows("◆ ◐ Pod/web-new", "✗   Pod/web-7d4b9c6f5-k2x8p", "deleted")
	now = now.Add(time.Second)
	b.send(tickMsg{tick: b.app.ticks})
	b.shows("◆ ◐ Pod/web-new")
	now = now.Add(time.Second)
	b.send(tickMsg{tick: b.app.ticks})
	b.hides("◆", "Pod/web-7d4b9c6f5-k2x8p")
	b.shows("Pod/web-new")
}
