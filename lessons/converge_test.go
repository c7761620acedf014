package lessons

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var midday = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// starting is a Deployment of three Pods of which so many are ready; the Pods
// are of the ReplicaSet r1.
func starting(ready int) map[string][]string {
	have := map[string][]string{
		"Deployment": {deployment(strings.Replace(webTemplate, `"replicas":2`, `"replicas":3`, 1),
			`,"replicas":3,"updatedReplicas":3,"readyReplicas":`+show(int64(ready))+`,"availableReplicas":`+show(int64(ready)))},
		"ReplicaSet": {`{"kind":"ReplicaSet","metadata":{"name":"web-1","namespace":"w","uid":"r1","ownerReferences":[{"uid":"d1","controller":true}]},"spec":{"replicas":3}}`},
	}
	for i, name := range []string{"a", "b", "c"} {
		status := readyNow
		if i >= ready {
			status = strings.Replace(creating, `"PodReadyToStartContainers","status":"False"`, `"PodReadyToStartContainers","status":"True"`, 1)
		}
		have["Pod"] = append(have["Pod"], ownedPod(name, "r1", onNode, status))
	}
	return have
}

// listedSnapshot is a snapshot in which every kind of causeStep is listed.
func listedSnapshot(t *testing.T, have map[string][]string) Snapshot {
	t.Helper()
	snap := snapshot(t, have)
	for _, q := range causeStep(Check{}).Queries {
		if _, ok := snap.Kinds[q.Kind]; !ok {
			snap.Kinds[q.Kind] = Listing{Synced: true}
		}
	}
	return snap
}

func TestWhatIsWaitedForIsSaid(t *testing.T) {
	t.Parallel()
	withStatus := func(have map[string][]string, kind, old, new string) map[string][]string {
		have[kind][0] = strings.Replace(have[kind][0], old, new, 1)
		return have
	}
	slices := `{"kind":"EndpointSlice","metadata":{"name":"web-x","namespace":"w","labels":{"kubernetes.io/service-name":"web"}},"endpoints":[]}`
	behind := func(pods ...string) map[string][]string {
		return map[string][]string{"Service": {service(`"selector":{"app":"web"}`)}, "EndpointSlice": {slices}, "Pod": pods}
	}
	converging := func(c Check) Check { c.Converge = true; return c }
	for _, tc := range []struct {
		name   string
		check  Check
		have   map[string][]string
		en, zh string // empty: nothing is waited for
	}{
		{"Pods that are on their way", allReady, starting(2), "2 of 3 Pods are ready; `c` pulls its image.", "3 个 Pod 中有 2 个就绪；`c` 在拉取镜像。"},
		{"a change that nobody has seen", allReady, withStatus(starting(2), "Deployment", `"generation":1`, `"generation":2`),
			"The controller has not seen the newest change yet.", "控制器还没有处理最新的改动。"},
		{"old Pods that are replaced", allReady, withStatus(starting(3), "Deployment", `"updatedReplicas":3`, `"updatedReplicas":1`), "1 of 3 Pods are replaced by new ones.", ""},
		{"a Pod too many", allReady, withStatus(starting(3), "Deployment", `"replicas":3,"updatedReplicas"`, `"replicas":4,"updatedReplicas"`),
			"All 3 Pods are ready; 1 more are still to end.", ""},
		{"one Pod", podReady, map[string][]string{"Pod": {pod("web", `"containers":[{"name":"c"}]`, `"phase":"Pending"`)}}, "`web` waits for a node.", "`web` 在等待调度到节点。"},
		{"an init container", podReady, map[string][]string{"Pod": {pod("web", `"nodeName":"n","initContainers":[{"name":"i"}],"containers":[{"name":"c"}]`,
			`"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{"startedAt":"2026-01-01T11:59:59Z"}}}]`)}}, "`web` runs its init container `i`.", ""},
		{"the Pods behind a Service", endpointsUp, behind(pod("a", onNode, readyNow), pod("b", onNode, creating)), "1 of 2 Pods are ready; `b` is being set up on its node.", ""},
		{"the endpoints themselves", endpointsUp, behind(pod("a", onNode, readyNow)),
			"The Pods behind Service `web` are ready; their addresses are being written into the EndpointSlice.", ""},
		{"a Job", Check{About: "job", Expr: Expr{Source: "job.status.succeeded == 2"}}, map[string][]string{"Job": {`{"kind":"Job","metadata":{"name":"work","namespace":"w","uid":"j1"},"spec":{"completions":2},"status":{"succeeded":1}}`}},
			"1 of 2 Pods of Job `work` have succeeded.", "Job `work` 的 2 个 Pod 中有 1 个成功结束。"},
		{"a claim", claimBound, map[string][]string{"PersistentVolumeClaim": {`{"kind":"PersistentVolumeClaim","metadata":{"name":"data","namespace":"w"},"status":{"phase":"Pending"}}`}},
			"The PersistentVolumeClaim `data` waits for its volume.", ""},
		{"nothing: all that was asked for is there", Check{About: "web", Expr: Expr{Source: "web.status.availableReplicas == 5"}}, starting(3), "", ""},
		{"nothing: the spec is the learner's", Check{About: "web", Expr: Expr{Source: "web.spec.replicas == 5"}}, starting(2), "", ""},
		{"nothing: there is no object", allReady, map[string][]string{}, "", ""},
		{"what only the author knows of", converging(Check{About: "config", Expr: Expr{Source: "config.data.done == 'yes'"}}),
			map[string][]string{"ConfigMap": {bare("ConfigMap", "settings", "w", "")}}, "The cluster is working on `ConfigMap/settings`.", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := NewGrader()
			res := g.Grade(t.Context(), causeStep(tc.check), listedSnapshot(t, tc.have), testWorkspace, nil, midday)
			c := res.Checks[0]
			if res.Verdict != NotYet || c.Cause != nil {
				t.Fatalf("verdict %s, cause %+v", res.Verdict, c.Cause)
			}
			if got := c.Waiting.In(English); got != tc.en {
				t.Errorf("waiting %q, want %q", got, tc.en)
			}
			if tc.zh != "" && c.Waiting[Chinese] != tc.zh {
				t.Errorf("waiting %q, want %q", c.Waiting[Chinese], tc.zh)
			}
			if wake := g.takeWake(); (wake > 0) != (tc.en != "") {
				t.Errorf("judged again after %s", wake)
			}
		})
	}
}

func TestWaitingEndsInStuck(t *testing.T) {
	t.Parallel()
	check := allReady
	check.Converge, check.Within = true, 30*time.Second
	step, g := causeStep(check), NewGrader()
	at := func(have map[string][]string, after time.Duration) CheckResult {
		t.Helper()
		res := g.Grade(t.Context(), step, listedSnapshot(t, have), testWorkspace, nil, midday.Add(after))
		if res.Verdict != NotYet {
			t.Fatalf("after %s: %s", after, res.Verdict)
		}
		return res.Checks[0]
	}
	waits := func(c CheckResult, when string) {
		t.Helper()
		if c.Waiting == nil || c.Cause != nil {
			t.Errorf("%s: waiting %v, cause %v", when, c.Waiting, c.Cause)
		}
	}
	waits(at(starting(1), 0), "at first")
	waits(at(starting(1), 29*time.Second), "before its time")
	waits(at(starting(2), 40*time.Second), "after progress")
	waits(at(starting(2), 69*time.Second), "before its time after progress")
	c := at(starting(2), 70*time.Second)
	if c.Waiting != nil || c.Cause == nil || !c.Cause.Stuck || c.Cause.ID != causeNoProgress || !strings.Contains(c.Cause.Text.In(English), "2 of 3 Pods") {
		t.Errorf("without progress for its time: waiting %v, cause %+v", c.Waiting, c.Cause)
	}
	broken := starting(2)
	broken["Pod"][2] = ownedPod("c", "r1", onNode, waitingFor("ImagePullBackOff", "not found"))
	if c = at(broken, 71*time.Second); c.Waiting != nil || c.Cause == nil || !c.Cause.Stuck || c.Cause.ID != causeImagePull {
		t.Errorf("with a cause that waiting does not mend: waiting %v, cause %+v", c.Waiting, c.Cause)
	}
	waits(at(starting(2), 72*time.Second), "when it is mended")
}

func TestWhatHasHungBeforeAnybodyLookedIsStuckAtOnce(t *testing.T) {
	t.Parallel()
	hung := map[string][]string{"Pod": {strings.Replace(pod("web", onNode, creating), `"uid"`, `"creationTimestamp":"2026-01-01T11:00:00Z","uid"`, 1)}}
	res := NewGrader().Grade(t.Context(), causeStep(podReady), listedSnapshot(t, hung), testWorkspace, nil, midday)
	if c := res.Checks[0]; c.Cause == nil || !c.Cause.Stuck {
		t.Errorf("waiting %v, cause %v", c.Waiting, c.Cause)
	}
}

// A pass must not be believed from a status that speaks of an older spec.
func TestAStatusBehindItsSpecIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		generation string
		want       Verdict
	}{"seen": {"1", Pass}, "not seen": {"2", NotYet}} {
		have := map[string][]string{"Deployment": {strings.Replace(starting(3)["Deployment"][0], `"generation":1`, `"generation":`+tc.generation, 1)}}
		check := Check{About: "web", Expr: Expr{Source: "web.status.availableReplicas == 3"}}
		step := causeStep(check)
		step.Mistakes = []*Mistake{{ID: "m", When: Expr{Source: "web.status.availableReplicas == 3"}, Text: Same("never")}}
		res := NewGrader().Grade(t.Context(), step, listedSnapshot(t, have), testWorkspace, nil, midday)
		if res.Verdict != tc.want || res.Mistake != "" || (res.Checks[0].Waiting != nil) != (tc.want == NotYet) {
			t.Errorf("%s: %s, mistake %q, waiting %v", name, res.Verdict, res.Mistake, res.Checks[0].Waiting)
		}
	}
}

func TestOneObjectIsMeant(t *testing.T) {
	t.Parallel()
	step := causeStep(Check{About: "only", Expr: Expr{Source: "isReady(only)"}})
	step.Queries = append(step.Queries, Query{Name: "only", Kind: kind("Pod"), Selector: map[string]string{"app": "web"}, Single: true})
	byAbout := *step.Checks[0]
	absent := Check{ID: "c", About: "only", Absent: true, Expr: Expr{Source: "!has(only.metadata)"}}
	beside := Check{ID: "c", About: "web", Expr: Expr{Source: "isReady(only)"}}
	one, two := pod("a", onNode, readyNow), pod("b", onNode, readyNow)
	other := strings.Replace(pod("z", onNode, readyNow), `"app":"web"`, `"app":"shop"`, 1)
	for _, tc := range []struct {
		name  string
		check Check
		pods  []string
		want  Verdict
		names string
	}{
		{"one is that one", byAbout, []string{one, other}, Pass, ""},
		{"none is missing", byAbout, []string{other}, NotYet, none},
		{"several are named", byAbout, []string{one, two, other}, NotYet, "a, b"},
		{"several are not gone", absent, []string{one, two}, NotYet, "a, b"},
		{"none is gone", absent, []string{other}, Pass, ""},
		{"a check that merely uses it", beside, []string{one, two}, NotYet, "a, b"},
		{"one that is being deleted does not count", byAbout, []string{one, strings.Replace(two, `"uid"`, `"deletionTimestamp":"2026-01-01T00:00:00Z","uid"`, 1)}, Pass, ""},
	} {
		step := *step
		check := tc.check
		step.Checks = []*Check{&check}
		have := starting(3)
		have["Pod"] = tc.pods
		res := NewGrader().Grade(t.Context(), &step, listedSnapshot(t, have), testWorkspace, nil, midday)
		c := res.Checks[0]
		if res.Verdict != tc.want || tc.want == NotYet && c.Found != tc.names {
			t.Errorf("%s: %s, found %q; want %s, %q", tc.name, res.Verdict, c.Found, tc.want, tc.names)
		}
		if strings.Contains(tc.names, ",") && !strings.Contains(c.Why.In(Chinese), "`a, b`") {
			t.Errorf("%s: why %q", tc.name, c.Why.In(Chinese))
		}
	}
}

func TestSeveralObjectsLeaveAQuestionOpen(t *testing.T) {
	t.Parallel()
	step := &Step{ID: "s", Kind: Ask, Answer: &Answer{Expect: Expr{Source: "only.metadata.name"}},
		Baseline: []NamedExpr{{"name", Expr{Source: "only.?metadata.?name.orValue('')"}}},
		Queries:  []Query{{Name: "only", Kind: kind("Pod"), Single: true}}}
	for n, want := range map[int]Verdict{1: Pass, 2: CannotTell} {
		pods := []string{pod("a", onNode, readyNow), pod("b", onNode, readyNow)}[:n]
		snap := snapshot(t, map[string][]string{"Pod": pods})
		if res := NewGrader().GradeAnswer(t.Context(), step, snap, testWorkspace, nil, "a"); res.Verdict != want {
			t.Errorf("%d Pods: %s, want %s", n, res.Verdict, want)
		}
		if _, ok := NewGrader().Baseline(t.Context(), step, snap, testWorkspace); ok != (n == 1) {
			t.Errorf("%d Pods: a baseline was taken: %t", n, ok)
		}
	}
}

// Each obstacle between the tutor and the cluster leaves a check open, whatever
// its expression would say of nothing at all.
func TestObstaclesAreNeverAVerdict(t *testing.T) {
	t.Parallel()
	for _, trouble := range []Trouble{Unreachable, Unauthorized, Forbidden, TimedOut, UnknownKind, Refused} {
		for _, absent := range []bool{true, false} {
			step := causeStep(Check{About: "pod", Absent: absent, Expr: Expr{Source: "!has(pod.metadata)"}})
			snap := listedSnapshot(t, nil)
			snap.Kinds[kind("Pod")] = Listing{Err: &ClusterError{Trouble: trouble, Op: "list pods", Err: errors.New("no")}}
			res := NewGrader().Grade(t.Context(), step, snap, testWorkspace, nil, midday)
			if res.Verdict != CannotTell || res.Trouble == nil || res.Trouble.Trouble != trouble || res.Diagnosis == nil || res.Checks[0].Cause != nil {
				t.Errorf("%s: %s, %v, %v", trouble, res.Verdict, res.Trouble, res.Diagnosis)
			}
		}
	}
	step := causeStep(Check{About: "pod", Absent: true, Expr: Expr{Source: "!has(pod.metadata)"}})
	snap := listedSnapshot(t, nil)
	if res := NewGrader().Grade(t.Context(), step, snap, testWorkspace, nil, midday); res.Verdict != Pass {
		t.Errorf("without an obstacle: %s", res.Verdict)
	}
	delete(snap.Kinds, kind("Pod"))
	if res := NewGrader().Grade(t.Context(), step, snap, testWorkspace, nil, midday); res.Verdict != CannotTell {
		t.Errorf("a kind that is not followed: %s", res.Verdict)
	}
}

func TestExerciseJudgesAgainWhenWaitingBecomesStuck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newMemoryCluster()
		store, _, _ := OpenStore(filepath.Join(t.TempDir(), "p"), time.Now)
		l := &Lesson{ID: "l", Steps: []*Step{{ID: "s", Kind: Do, Queries: []Query{{Name: "pod", Kind: kind("Pod"), Object: "web"}},
			Checks: []*Check{{ID: "c", About: "pod", Expr: Expr{Source: "isReady(pod)"}, Converge: true, Within: 20 * time.Second}}}}}
		c.put(object(t, pod("web", onNode, creating)))
		began := time.Now()
		rep, err := NewExercise(l, c, store, time.Now).Wait(t.Context(), func(r Report) bool {
			cause := r.Steps[0].Checks[0].Cause
			return cause != nil && cause.Stuck
		})
		if took := time.Since(began); err != nil || took != 20*time.Second {
			t.Errorf("stuck after %s, want 20s: %v, %v", took, rep.Steps, err)
		}
	})
}
