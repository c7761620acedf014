package lessons

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// object reads JSON the way the API server's answers arrive: whole numbers are
// int64.
func object(t testing.TB, source string) Object {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(source))
	dec.UseNumber()
	var o map[string]any
	if err := dec.Decode(&o); err != nil {
		t.Fatalf("test object: %v\n%s", err, source)
	}
	return integers(o).(map[string]any)
}

func integers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = integers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case json.Number:
		n, _ := v.Int64()
		return n
	}
	return v
}

const webDeployment = `{"kind":"Deployment","metadata":{"name":"web","namespace":"w","uid":"u1","generation":2},
 "spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"side","image":"busybox"},{"name":"web","image":"docker.io/library/nginx:1.27"}]}}},
 "status":{"observedGeneration":2,"replicas":3,"updatedReplicas":3,"availableReplicas":2}}`

func kind(name string) Kind { k, _ := KindNamed(name); return k }

func snapshot(t *testing.T, byKind map[string][]string) Snapshot {
	t.Helper()
	s := Snapshot{Kinds: map[Kind]Listing{}}
	for name, sources := range byKind {
		l := Listing{Synced: true}
		for _, src := range sources {
			l.Objects = append(l.Objects, object(t, src))
		}
		s.Kinds[kind(name)] = l
	}
	return s
}

var testWorkspace = Workspace{Lesson: "l", Namespace: "w", UID: "wu", ClusterUID: "cu"}

func webStep(expr string, opts ...func(*Check)) *Step {
	c := &Check{ID: "c", Title: Same("title"), Why: Same("found {{found}}"), About: "web", Expr: Expr{Source: expr}}
	for _, o := range opts {
		o(c)
	}
	return &Step{ID: "s", Kind: Do, Checks: []*Check{c},
		Queries: []Query{{Name: "web", Kind: kind("Deployment"), Object: "web"}, {Name: "pods", Kind: kind("Pod")}}}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		about, found, want string
	}{
		"an object":                    {"web", "web.?spec.?replicas.orValue(0)", none},
		"the size of an empty list":    {"pods", "pods.size()", "0"},
		"the members of an empty list": {"pods", "pods.map(p, p.metadata.name)", none},
		"an empty list, nothing found": {"pods", "", none},
	} {
		step := webStep("false", func(c *Check) { c.About, c.Found = tc.about, Expr{Source: tc.found} })
		snap := snapshot(t, map[string][]string{"Deployment": {}, "Pod": {}})
		got := NewGrader().Grade(t.Context(), step, snap, testWorkspace, nil, time.Time{}).Checks[0].Found
		if got != tc.want {
			t.Errorf("%s: found %q, want %q", name, got, tc.want)
		}
	}
}

func TestGradeVerdicts(t *testing.T) {
	t.Parallel()
	unreachable := &ClusterError{Trouble: Unreachable, Op: "list", Err: errors.New("connection refused")}
	forbidden := &ClusterError{Trouble: Forbidden, Op: "list pods", Err: errors.New("no")}
	full := func(t *testing.T) Snapshot {
		return snapshot(t, map[string][]string{"Deployment": {webDeployment}, "Pod": {}})
	}
	for _, tc := range []struct {
		name string
		expr string
		snap func(*testing.T) Snapshot
		opt  func(*Check)
		want Verdict
	}{
		{name: "a true expression passes", expr: "web.spec.replicas == 3", want: Pass},
		{name: "a false one is not yet", expr: "web.spec.replicas == 4", want: NotYet},
		{name: "a field the object lacks is not yet", expr: "web.spec.strategy.type == 'Recreate'", want: NotYet},
		{name: "an index beyond the list is not yet", expr: "web.spec.template.spec.containers[7].name == 'x'", want: NotYet},
		{name: "another evaluation error is cannot tell", expr: "1 / (web.spec.replicas - 3) == 1", want: CannotTell},
		{name: "not a bool is cannot tell", expr: "web.spec.replicas", want: CannotTell},
		{name: "an expression that does not compile is cannot tell", expr: "nobody.spec == 1", want: CannotTell},
		{name: "a missing object is not yet even where the expression would be true", expr: "true", want: NotYet,
			snap: func(t *testing.T) Snapshot { return snapshot(t, map[string][]string{"Deployment": {}, "Pod": {}}) }},
		{name: "a missing object passes a check for its absence", expr: "!has(web.metadata)", want: Pass, opt: func(c *Check) { c.Absent = true },
			snap: func(t *testing.T) Snapshot { return snapshot(t, map[string][]string{"Deployment": {}, "Pod": {}}) }},
		{name: "an object being deleted counts as missing", expr: "true", want: NotYet, snap: func(t *testing.T) Snapshot {
			s := full(t)
			s.Kinds[kind("Deployment")].Objects[0]["metadata"].(map[string]any)["deletionTimestamp"] = "2026-01-01T00:00:00Z"
			return s
		}},
		{name: "an object of another namespace is not the learner's", expr: "true", want: NotYet, snap: func(t *testing.T) Snapshot {
			s := full(t)
			s.Kinds[kind("Deployment")].Objects[0]["metadata"].(map[string]any)["namespace"] = "default"
			return s
		}},
		{name: "an empty list fails closed", expr: "pods.all(p, isReady(p))", want: NotYet, opt: func(c *Check) { c.About = "pods" }},
		{name: "an API server that is away is cannot tell, also for absence", expr: "!has(web.metadata)", want: CannotTell, opt: func(c *Check) { c.Absent = true },
			snap: func(t *testing.T) Snapshot { s := full(t); s.Away = unreachable; return s }},
		{name: "a kind that may not be read is cannot tell", expr: "pods.size() == 0", want: CannotTell,
			snap: func(t *testing.T) Snapshot {
				s := full(t)
				s.Kinds[kind("Pod")] = Listing{Err: forbidden}
				return s
			}},
		{name: "a forbidden kind does not matter to a check that does not ask for it", expr: "web.spec.replicas == 3", want: Pass,
			snap: func(t *testing.T) Snapshot {
				s := full(t)
				s.Kinds[kind("Pod")] = Listing{Err: forbidden}
				return s
			}},
		{name: "a list that was not received yet is cannot tell", expr: "pods.size() == 0", want: CannotTell,
			snap: func(t *testing.T) Snapshot { s := full(t); s.Kinds[kind("Pod")] = Listing{}; return s }},
		{name: "a container is found by its image, wherever it stands", expr: "web.spec.template.spec.containers.exists(c, imageRepo(c.image) == 'nginx' && imageTag(c.image) == '1.27')", want: Pass},
		{name: "a rollout with an unavailable replica is not done", expr: "rolledOut(web)", want: NotYet},
		{name: "quantities are compared by value", expr: "quantity('0.1').compareTo(quantity('100m')) == 0", want: Pass},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			snap := full(t)
			if tc.snap != nil {
				snap = tc.snap(t)
			}
			step := webStep(tc.expr)
			if tc.opt != nil {
				tc.opt(step.Checks[0])
			}
			res := NewGrader().Grade(t.Context(), step, snap, testWorkspace, nil, time.Unix(0, 0))
			if res.Verdict != tc.want {
				t.Errorf("verdict %s, want %s; diagnosis: %v checks: %+v", res.Verdict, tc.want, res.Diagnosis, res.Checks)
			}
			if res.Verdict != Pass && res.Diagnosis == nil && res.Checks[0].Why == nil {
				t.Error("a verdict that is not a pass gives no reason")
			}
		})
	}
}

func TestGradeSaysExpectedFoundAndWhy(t *testing.T) {
	t.Parallel()
	step := webStep("web.status.availableReplicas == 3", func(c *Check) {
		c.Path, c.Expected, c.Found = "status.availableReplicas", Expr{Source: "3"}, Expr{Source: "web.status.availableReplicas"}
	})
	step.Values = []NamedExpr{{"gen", Expr{Source: "web.metadata.generation"}}}
	step.Mistakes = []*Mistake{
		{ID: "other", When: Expr{Source: "web.spec.replicas == 1"}, Text: Same("never")},
		{ID: "slow", Check: "c", When: Expr{Source: "web.status.availableReplicas < web.spec.replicas"}, Text: Same("only {{found}} of {{expected}} in generation {{gen}}")},
	}
	res := NewGrader().Grade(t.Context(), step, snapshot(t, map[string][]string{"Deployment": {webDeployment}, "Pod": {}}), testWorkspace, nil, time.Unix(0, 0))
	c := res.Checks[0]
	got := []string{string(res.Verdict), res.Mistake, res.Diagnosis.In(English), c.Expected, c.Found, c.Why.In(Chinese), c.Object.String(), c.Object.Namespace, c.Path}
	want := []string{"not-yet", "slow", "only 2 of 3 in generation 2", "3", "2", "only 2 of 3 in generation 2", "Deployment/web", "w", "status.availableReplicas"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHoldMustStayTrueForItsTime(t *testing.T) {
	t.Parallel()
	step := webStep("web.spec.replicas == 3", func(c *Check) { c.Hold = 5 * time.Second })
	good := snapshot(t, map[string][]string{"Deployment": {webDeployment}, "Pod": {}})
	bad := snapshot(t, map[string][]string{"Deployment": {strings.Replace(webDeployment, `"replicas":3,"template"`, `"replicas":1,"template"`, 1)}, "Pod": {}})
	g := NewGrader()
	at := func(snap Snapshot, second int64) StepResult {
		return g.Grade(t.Context(), step, snap, testWorkspace, nil, time.Unix(second, 0))
	}
	if r := at(good, 0); r.Verdict != NotYet || r.Checks[0].HoldLeft != 5*time.Second {
		t.Errorf("at once: %s, %s left", r.Verdict, r.Checks[0].HoldLeft)
	}
	if r := at(good, 3); r.Verdict != NotYet || r.Checks[0].HoldLeft != 2*time.Second {
		t.Errorf("after 3 s: %s, %s left", r.Verdict, r.Checks[0].HoldLeft)
	}
	at(bad, 4)
	if r := at(good, 6); r.Verdict != NotYet {
		t.Errorf("a break in between does not start the time anew: %s", r.Verdict)
	}
	if r := at(good, 11); r.Verdict != Pass {
		t.Errorf("after its time: %s", r.Verdict)
	}
}

func TestAnswersAreComparedWithTheLiveCluster(t *testing.T) {
	t.Parallel()
	step := &Step{ID: "s", Kind: Ask, Answer: &Answer{Expect: Expr{Source: "web.status.availableReplicas"}},
		Queries:  []Query{{Name: "web", Kind: kind("Deployment"), Object: "web"}},
		Mistakes: []*Mistake{{ID: "desired", When: Expr{Source: "answer == string(web.spec.replicas)"}, Text: Same("{{found}} is what was asked for")}}}
	snap := snapshot(t, map[string][]string{"Deployment": {webDeployment}})
	away := snap
	away.Away = &ClusterError{Trouble: Unreachable, Op: "list", Err: errors.New("refused")}
	for _, tc := range []struct {
		name, answer string
		snap         Snapshot
		want         Verdict
		why          string
	}{
		{"the truth passes", " 2 ", snap, Pass, ""},
		{"a foreseen mistake gets its diagnosis", "3", snap, NotYet, "3 is what was asked for"},
		{"another wrong answer is not yet", "seven", snap, NotYet, sayWrongAnswer().In(English)},
		{"without a cluster nobody can tell", "2", away, CannotTell, ""},
		{"a truth that is not there yet is no wrong answer", "2", snapshot(t, map[string][]string{"Deployment": {}}), CannotTell, sayNoTruth().In(English)},
	} {
		res := NewGrader().GradeAnswer(t.Context(), step, tc.snap, testWorkspace, nil, tc.answer)
		if res.Verdict != tc.want || tc.why != "" && res.Diagnosis.In(English) != tc.why {
			t.Errorf("%s: %s, %q", tc.name, res.Verdict, res.Diagnosis.In(English))
		}
	}
}
