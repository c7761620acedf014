package lessons

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWhatBrokeAStepIsTold(t *testing.T) {
	t.Parallel()
	web := starting(3)["Deployment"][0]
	svc := service(`"selector":{"app":"web"},"ports":[{"port":80,"targetPort":80}]`)
	running := pod("web-x", onNode, readyNow)
	step := causeStep(Check{})
	now := func(kind string, objects ...string) map[string][]string {
		have := map[string][]string{"Deployment": {web}, "Service": {svc}, "Pod": {running}, "ConfigMap": {`{"kind":"ConfigMap","metadata":{"name":"settings","namespace":"w","uid":"1"},"data":{"a":"1"}}`}}
		have[kind] = objects
		return have
	}
	for _, tc := range []struct {
		name string
		have map[string][]string
		en   string
	}{
		{"nothing", now("Deployment", web), ""},
		{"scaled", now("Deployment", strings.Replace(web, `"replicas":3,"template"`, `"replicas":0,"template"`, 1)), "The Deployment `web` was scaled from 3 to 0."},
		{"deleted", now("Deployment"), "The Deployment `web` was deleted."},
		{"made again", now("Deployment", strings.Replace(web, `"uid":"d1"`, `"uid":"d2"`, 1)), "The Deployment `web` was deleted and made again."},
		{"another image", now("Deployment", strings.Replace(web, "nginx:1.27", "nginx:1.25", 1)), "`spec.template.spec.containers[].image` of the Deployment `web` has changed: `nginx:1.27` → `nginx:1.25`."},
		{"another selector", now("Service", strings.Replace(svc, `"app":"web"`, `"app":"wbe"`, 1)), "`spec.selector` of the Service `web` has changed: `app=web` → `app=wbe`."},
		{"another port", now("Service", strings.Replace(svc, `"targetPort":80`, `"targetPort":81`, 1)), "`spec.ports` of the Service `web` has changed: `80→80` → `80→81`."},
		{"another field", now("Service", strings.Replace(svc, `"selector"`, `"sessionAffinity":"ClientIP","selector"`, 1)), "The spec of the Service `web` has changed."},
		{"other data, which is not told", now("ConfigMap", `{"kind":"ConfigMap","metadata":{"name":"settings","namespace":"w","uid":"1"},"data":{"a":"secret"}}`), "The data of the ConfigMap `settings` has changed."},
		{"a Pod that went", now("Pod"), "The Pod `web-x` was deleted."},
		{"a Pod that came", now("Pod", running, pod("web-y", onNode, readyNow)), "The Pod `web-y` is new."},
		{"a Pod that broke", now("Pod", pod("web-x", onNode, waitingFor("CrashLoopBackOff", ""))), "The Pod `web-x` is no longer ready (`CrashLoopBackOff`)."},
		{"fewer available", now("Deployment", strings.Replace(web, `"availableReplicas":3`, `"availableReplicas":1`, 1)), "The Deployment `web` has 1 available Pods, and had 3."},
	} {
		then := digest(witnesses(step, snapshot(t, now("Deployment", web)), testWorkspace))
		got := whatBroke(then, digest(witnesses(step, snapshot(t, tc.have), testWorkspace)))
		if got.In(English) != tc.en || tc.en != "" && got[Chinese] == "" {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.en)
		}
	}
}

func TestExerciseTellsWhatBrokeInThisSessionAndTheNext(t *testing.T) {
	t.Parallel()
	c, path := newMemoryCluster(), filepath.Join(t.TempDir(), "p")
	open := func() *Exercise {
		store, _, err := OpenStore(path, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return NewExercise(&Lesson{ID: "l", Steps: threeSteps(t).Steps[:1]}, c, store, time.Now)
	}
	c.put(configMap(t, "a", "1", "ua"))
	if r, err := open().Check(t.Context()); err != nil || r.Verdict != Pass {
		t.Fatalf("%s, %v", r.Verdict, err)
	}
	c.put(configMap(t, "a", "2", "ua"))
	r, err := open().Check(t.Context())
	if err != nil || !r.Steps[0].Regressed || r.Steps[0].Broke.In(English) != "The data of the ConfigMap `a` has changed." {
		t.Errorf("%+v, %v", r.Steps[0], err)
	}
}

func TestALessonIsFinishedWhenAllStepsWerePassedTogether(t *testing.T) {
	t.Parallel()
	c := newMemoryCluster()
	store, _, _ := OpenStore(filepath.Join(t.TempDir(), "p"), time.Now)
	a, b := Query{Name: "a", Kind: kind("ConfigMap"), Object: "a"}, Query{Name: "b", Kind: kind("ConfigMap"), Object: "b"}
	has := func(id string, q Query) *Step {
		return &Step{ID: id, Kind: Do, Queries: []Query{q}, Checks: []*Check{{ID: "c", About: q.Name, Expr: Expr{Source: q.Name + ".data.v == '1'"}}}}
	}
	l := &Lesson{ID: "l", Steps: []*Step{has("first", a), has("second", b)}}
	ex := NewExercise(l, c, store, time.Now)
	look := func(want Verdict, finished bool) {
		t.Helper()
		r, err := ex.Check(t.Context())
		_, steps, _ := store.Progress().LessonDone(l)
		if err != nil || r.Verdict != want || store.Progress().Finished(l) != finished {
			t.Errorf("%s, finished %t, steps %v, %v; want %s, %t", r.Verdict, store.Progress().Finished(l), steps, err, want, finished)
		}
	}
	c.put(configMap(t, "a", "1", "ua"))
	look(NotYet, false)
	c.put(configMap(t, "a", "0", "ua"))
	c.put(configMap(t, "b", "1", "ub"))
	look(NotYet, false) // each was passed once, but never both
	c.put(configMap(t, "a", "1", "ua"))
	look(Pass, true)
	c.put(configMap(t, "a", "0", "ua"))
	look(NotYet, true) // what was reached is not taken away
	if err := ex.Reset(t.Context(), "second"); err != nil {
		t.Fatal(err)
	}
	look(NotYet, false)
}
