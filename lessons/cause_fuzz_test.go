package lessons

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"
)

// FuzzDiagnose promises that objects of any shape are judged and explained
// without a panic, that what is said is fit for a terminal and of bounded
// length, and that the same objects always give the same words.
func FuzzDiagnose(f *testing.F) {
	checks := []Check{podReady, allReady, endpointsUp, jobDone, claimBound, portRight, selectRight, exists("config"), exists("web"),
		{About: "pods", Expr: Expr{Source: "pods.all(p, isReady(p))"}, Converge: true},
		{About: "ingress", Expr: Expr{Source: "ingress.status.x == 1"}, Converge: true},
		{About: "cron", Expr: Expr{Source: "has(cron.status.lastScheduleTime)"}},
		{About: "only", Expr: Expr{Source: "isReady(only)"}}}
	for i, tc := range causeCases() {
		var all []json.RawMessage
		for _, objects := range tc.have {
			for _, o := range objects {
				all = append(all, json.RawMessage(o))
			}
		}
		data, err := json.Marshal(all)
		if err != nil {
			f.Fatalf("%s: %v", tc.name, err)
		}
		f.Add(data, uint8(i))
	}
	f.Add([]byte(`[{"kind":"Service","metadata":{"name":"web","namespace":"w"},"spec":{"selector":{"app":{"a":[1]}},"ports":[1,"x",{"targetPort":{}}]}},
		{"kind":"Pod","metadata":{"name":"web","namespace":"w","labels":{"app":{"a":[1]}},"ownerReferences":"x"},"spec":[],"status":{"conditions":{"a":1},"containerStatuses":[1,{"state":3}]}}]`), uint8(2))
	before := map[string]any{}
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		snap, ok := fuzzedSnapshot(data)
		if !ok {
			return
		}
		check := checks[int(which)%len(checks)]
		step := causeStep(check)
		step.Queries = append(step.Queries, Query{Name: "only", Kind: kind("Pod"), Single: true})
		now := time.Date(2026, 1, 1, 1, 0, 0, 0, time.UTC)
		g := NewGrader()
		res := g.Grade(t.Context(), step, snap, testWorkspace, before, now)
		again := NewGrader().Grade(t.Context(), step, snap, testWorkspace, before, now)
		for _, c := range res.Checks {
			fit(t, c.Waiting)
			if c.Cause != nil {
				fit(t, c.Cause.Text)
				fit(t, Same(c.Cause.Expected+c.Cause.Found))
			}
		}
		if a, b := explained(res), explained(again); a != b {
			t.Errorf("judged twice: %q, then %q", a, b)
		}
		// Later, when what is waited for is called stuck.
		for _, c := range g.Grade(t.Context(), step, snap, testWorkspace, before, now.Add(time.Hour)).Checks {
			if c.Waiting != nil {
				t.Errorf("after an hour it still waits: %v", c.Waiting)
			}
			if c.Cause != nil {
				fit(t, c.Cause.Text)
			}
		}
		fit(t, whatBroke(digest(witnesses(step, snap, testWorkspace)), map[string]Seen{}))
	})
}

func explained(r StepResult) string {
	c := r.Checks[0]
	id := ""
	if c.Cause != nil {
		id = c.Cause.ID + c.Cause.Text.In(Chinese)
	}
	return string(c.Verdict) + id + c.Waiting.In(English)
}

// fit proves that a text may go to a terminal.
func fit(t *testing.T, text Text) {
	t.Helper()
	const most = 8000
	for l, s := range text {
		if len(s) > most || strings.Contains(s, "%!") && !strings.Contains(s, "`") {
			t.Errorf("%s: %d bytes: %q", l, len(s), s[:min(len(s), 300)])
		}
		if i := strings.IndexFunc(s, unicode.IsControl); i >= 0 {
			t.Errorf("%s: a control character at %d: %q", l, i, s)
		}
	}
}

// fuzzedSnapshot reads a list of objects as a snapshot of all kinds.
func fuzzedSnapshot(data []byte) (Snapshot, bool) {
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var all []any
	if dec.Decode(&all) != nil || len(all) > 50 {
		return Snapshot{}, false
	}
	snap := Snapshot{Kinds: map[Kind]Listing{}}
	for _, k := range builtinKinds() {
		snap.Kinds[k] = Listing{Synced: true}
	}
	for _, v := range all {
		o, ok := integers(v).(map[string]any)
		if !ok {
			continue
		}
		k, ok := KindNamed(text(o, "kind"))
		if !ok {
			k = kind("Pod")
		}
		l := snap.Kinds[k]
		l.Objects = append(l.Objects, o)
		snap.Kinds[k] = l
	}
	return snap, true
}
