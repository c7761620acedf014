package lessons

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var statusStep = &Step{ID: "s", Kind: Do, Queries: []Query{
	{Name: "web", Kind: kind("Deployment"), Object: "web"},
	{Name: "sets", Kind: kind("ReplicaSet")},
	{Name: "pods", Kind: kind("Pod")},
}}

func TestReadersOfAStatusAreFound(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string][]string{
		"web.status.availableReplicas == 3":                           {"web"},
		"web.?status.?availableReplicas.orValue(0) == 3":              {"web"},
		"web['status'].availableReplicas == 3":                        {"web"},
		"web[?'status'].hasValue()":                                   {"web"},
		"has(web.status.availableReplicas)":                           {"web"},
		"['spec', 'status'].exists(k, web[k].size() > 0)":             {"web"},
		"(has(web.status) ? web : pods[0]).status.phase == 'x'":       {"pods", "web"},
		"sets[0].status.replicas == 1":                                {"sets"},
		"sets[?0].?status.?replicas.orValue(0) == 1":                  {"sets"},
		"sets.exists(s, s.status.replicas == 1)":                      {"sets"},
		"sets.filter(s, s.spec.replicas > 0).all(s, has(s.status))":   {"sets"},
		"sets.filter(s, true)[0].status.replicas == 1":                {"sets"},
		"sets.map(s, s)[0].status.replicas == 1":                      {"sets"},
		"(sets + pods).exists(o, o.?status.?phase.orValue('') == '')": {"pods", "sets"},
		"[web, sets[0]].all(o, o.status.replicas == 1)":               {"sets", "web"},
		"sets.all(i, s, s.status.replicas == i)":                      {"sets"},
		"sets.first().optMap(s, s.status.replicas).orValue(0) == 1":   {"sets"},
		"sets.sortBy(s, s.metadata.name)[0].status.replicas == 1":     {"sets"},
		"pods.exists(p, sets.exists(s, s.status.x == p.spec.x))":      {"sets"},
		"pods.exists(p, isReady(p))":                                  {"pods"},
		"owned(pods, web, sets).exists(p, isReady(p))":                {"pods"},
		"selected(web, pods)[0].status.phase == 'x'":                  {"pods"},
		"named(sets, 'x').status.replicas == 1":                       {"sets"},
		"condition(sets[0], 'x') == ''":                               {"sets"},
		"hasImage(web, 'nginx')":                                      nil,
		"rolledOut(web)":                                              {"web"},
		"web.spec.replicas == 3":                                      nil,
		"web.spec.status == 3":                                        nil,
		"web.metadata.labels['status'] == 'x'":                        nil,
		"sets.exists(s, s.spec.replicas == web.spec.replicas)":        nil,
		"before.status == 3":                                          nil,
		"pods.map(p, p.metadata.name).exists(web, web.status == '')":  nil,
	} {
		c, err := newCompiler(statusStep)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.compile(Expr{Source: expr})
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if diff := cmp.Diff(want, p.statusOf); diff != "" {
			t.Errorf("%s reads the status of (-want +got):\n%s", expr, diff)
		}
	}
}

func TestAStatusBehindItsSpecIsStale(t *testing.T) {
	t.Parallel()
	fresh := object(t, `{"kind":"ReplicaSet","metadata":{"generation":2},"status":{"observedGeneration":2}}`)
	old := object(t, `{"kind":"ReplicaSet","metadata":{"generation":3},"status":{"observedGeneration":2}}`)
	for name, tc := range map[string]struct {
		web  string
		sets []any
		expr string
		want string
	}{
		"an observed spec":             {`{"kind":"Deployment","metadata":{"generation":2},"status":{"observedGeneration":2}}`, nil, "rolledOut(web)", ""},
		"a newer spec":                 {`{"kind":"Deployment","metadata":{"generation":3},"status":{"observedGeneration":2}}`, nil, "rolledOut(web)", "web"},
		"a spec that is not read of":   {`{"kind":"Deployment","metadata":{"generation":3},"status":{"observedGeneration":2}}`, nil, "web.spec.replicas == 1", ""},
		"a Deployment nobody saw":      {`{"kind":"Deployment","metadata":{"generation":1},"status":{}}`, nil, "rolledOut(web)", "web"},
		"a kind that says nothing":     {`{"kind":"Job","metadata":{"generation":1},"status":{}}`, nil, "has(web.status)", ""},
		"a kind without generations":   {`{"kind":"Service","metadata":{},"status":{}}`, nil, "has(web.status)", ""},
		"an object that is being lost": {`{"metadata":{"generation":3,"deletionTimestamp":"x"},"status":{"observedGeneration":2}}`, nil, "has(web.status)", ""},
		"no object":                    {`{}`, nil, "has(web.status)", ""},
		"an odd object":                {`{"metadata":[],"status":"x"}`, nil, "has(web.status)", ""},
		"a list with one behind":       {`{}`, []any{map[string]any(fresh), map[string]any(old)}, "sets.all(s, s.status.replicas == 1)", "sets"},
		"a list up to date":            {`{}`, []any{map[string]any(fresh)}, "sets.all(s, s.status.replicas == 1)", ""},
	} {
		c, err := newCompiler(statusStep)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.compile(Expr{Source: tc.expr})
		if err != nil {
			t.Fatal(err)
		}
		got, ok := p.stale(map[string]any{"web": map[string]any(object(t, tc.web)), "sets": tc.sets})
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s: stale = %q, %v; want %q", name, got, ok, tc.want)
		}
	}
	if _, ok := (*program)(nil).stale(nil); ok {
		t.Error("no program at all reads a stale status")
	}
}
