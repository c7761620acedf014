package lessons

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestSupposeJudgesWhatIsNotSo changes a passed exercise in thought only.
func TestSupposeJudgesWhatIsNotSo(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), newMemoryCluster()
	store, _, err := OpenStore(filepath.Join(t.TempDir(), "progress.json"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	e := NewExercise(threeSteps(t), c, store, time.Now)
	c.put(configMap(t, "a", "1", "ua"))
	if _, err := e.Answer(ctx, "say", "1"); err != nil {
		t.Fatal(err)
	}
	c.put(configMap(t, "b", "whole", "planted"))
	before, err := e.Check(ctx)
	if err != nil || before.Verdict != NotYet && before.Verdict != Pass {
		t.Fatalf("%s, %v", verdicts(before), err)
	}
	suppose := func(change func([]Object) []Object) Report {
		t.Helper()
		rep, err := e.Suppose(ctx, func(snap Snapshot) Snapshot {
			k := kind("ConfigMap")
			listing := snap.Kinds[k]
			listing.Objects = change(slices.Clone(listing.Objects))
			snap.Kinds = map[Kind]Listing{k: listing}
			return snap
		})
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	first := func(r Report) Verdict { return r.Steps[0].Verdict }
	if r := suppose(func(o []Object) []Object { return o }); first(r) != Pass {
		t.Errorf("nothing changed: %s", verdicts(r))
	}
	other := configMap(t, "a", "2", "ua")
	if r := suppose(func([]Object) []Object { return []Object{other} }); first(r) != NotYet {
		t.Errorf("another value: %s", verdicts(r))
	}
	if r := suppose(func([]Object) []Object { return nil }); first(r) != NotYet || r.Steps[1].Verdict != Pass {
		t.Errorf("gone, where the answer stays given: %s", verdicts(r))
	}
	after, err := e.Check(ctx)
	if err != nil || verdicts(after) != verdicts(before) {
		t.Errorf("afterwards %s, %v; want %s, as before", verdicts(after), err, verdicts(before))
	}
	c.setAway(&ClusterError{Trouble: Unreachable, Op: "look"})
	if _, err := e.Suppose(ctx, func(s Snapshot) Snapshot { return s }); err == nil {
		t.Error("supposed something of a cluster that is away")
	}
}
