package lessons

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// crowd is a workspace of 200 objects in which the Deployment web is on its way
// with one Pod whose image cannot be pulled.
func crowd(t testing.TB) Snapshot {
	have := map[string][]string{"Deployment": {deployment(strings.Replace(webTemplate, `"replicas":2`, `"replicas":60`, 1),
		`,"replicas":60,"updatedReplicas":60,"readyReplicas":59,"availableReplicas":59`)},
		"ReplicaSet": {`{"kind":"ReplicaSet","metadata":{"name":"web-1","namespace":"w","uid":"r1","ownerReferences":[{"uid":"d1","controller":true}]},"spec":{"replicas":60}}`},
		"Service":    {service(`"selector":{"app":"web"},"ports":[{"port":80,"targetPort":80}]`)}}
	for i := range 60 {
		status := readyNow
		if i == 59 {
			status = waitingFor("ImagePullBackOff", "not found")
		}
		have["Pod"] = append(have["Pod"], ownedPod(fmt.Sprintf("web-1-%d", i), "r1", onNode, status))
	}
	for i := range 40 {
		name := fmt.Sprintf("other-%d", i)
		have["Pod"] = append(have["Pod"], strings.Replace(pod(name, onNode, readyNow), `"app":"web"`, `"app":"other"`, 1))
		have["ConfigMap"] = append(have["ConfigMap"], bare("ConfigMap", name, "w", ""))
	}
	for i := range 28 {
		have["Service"] = append(have["Service"], strings.Replace(service(`"selector":{"app":"other"}`), `"web"`, fmt.Sprintf(`"svc-%d"`, i), 1))
		have["EndpointSlice"] = append(have["EndpointSlice"], strings.Replace(
			fmt.Sprintf(`{"kind":"EndpointSlice","metadata":{"name":"svc-%d-x","namespace":"w","labels":{"kubernetes.io/service-name":"NAME"}},"endpoints":[]}`, i),
			"NAME", fmt.Sprintf("svc-%d", i), 1))
	}
	s := Snapshot{Kinds: map[Kind]Listing{}}
	n := 0
	for name, sources := range have {
		l := Listing{Synced: true}
		for _, src := range sources {
			l.Objects = append(l.Objects, object(t, src))
		}
		n += len(sources)
		s.Kinds[kind(name)] = l
	}
	if n < 199 {
		t.Fatalf("only %d objects", n)
	}
	for _, q := range causeStep(Check{}).Queries {
		if _, ok := s.Kinds[q.Kind]; !ok {
			s.Kinds[q.Kind] = Listing{Synced: true}
		}
	}
	return s
}

// BenchmarkJudge judges one step of five checks, three of which are not passed,
// on an event in a workspace of 200 objects. It reports the median.
func BenchmarkJudge(b *testing.B) {
	snap := crowd(b)
	check := func(id string, c Check) *Check { c.ID, c.Why = id, Same("why {{n}}"); return &c }
	step := causeStep(Check{})
	step.Values = []NamedExpr{{"n", Expr{Source: "pods.size()"}}, {"ready", Expr{Source: "pods.filter(p, isReady(p)).size()"}}}
	step.Checks = []*Check{
		check("replicas", Check{About: "web", Path: "spec.replicas", Expr: Expr{Source: "web.spec.replicas == 60"}, Expected: Expr{Source: "60"}, Found: Expr{Source: "web.spec.replicas"}}),
		check("available", Check{About: "web", Path: "status", Expr: Expr{Source: "rolledOut(web)"}, Found: Expr{Source: "web.status.availableReplicas"}}),
		check("selector", Check{About: "service", Path: "spec.selector", Expr: Expr{Source: "selects(service.spec.selector, web.spec.template.metadata.labels)"}}),
		check("ready", Check{About: "pods", Expr: Expr{Source: "pods.all(p, isReady(p))"}, Found: Expr{Source: "pods.filter(p, isReady(p)).size()"}}),
		check("endpoints", Check{About: "slices", Expr: Expr{Source: "readyAddresses(slices) == 60"}, Found: Expr{Source: "readyAddresses(slices)"}}),
	}
	step.Mistakes = []*Mistake{{ID: "m", Text: Same("m"), When: Expr{Source: "pods.exists(p, p.metadata.name == 'nobody')"}}}
	g := NewGrader()
	if res := g.Grade(b.Context(), step, snap, testWorkspace, nil, midday); res.Verdict != NotYet || res.Checks[1].Cause == nil || res.Checks[1].Cause.ID != causeImagePull {
		b.Fatalf("%s, %+v", res.Verdict, res.Checks)
	}
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		g.Grade(b.Context(), step, snap, testWorkspace, nil, midday)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
}
