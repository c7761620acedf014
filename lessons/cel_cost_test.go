package lessons

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// manyPods are Pods of one ReplicaSet as a cluster has them, with some weight.
func manyPods(n int) []any {
	var pods []any
	for i := range n {
		pods = append(pods, map[string]any{"kind": "Pod",
			"metadata": map[string]any{"name": fmt.Sprintf("web-%d", i), "namespace": "w", "uid": fmt.Sprintf("p%d", i),
				"labels":          map[string]any{"app": "web"},
				"ownerReferences": []any{map[string]any{"kind": "ReplicaSet", "uid": "r1"}}},
			"spec": map[string]any{"containers": []any{map[string]any{"name": "web", "image": "nginx:1.27",
				"env": []any{map[string]any{"name": "A", "value": strings.Repeat("x", 200)}}}}},
			"status": map[string]any{"conditions": []any{map[string]any{"type": "Ready", "status": "True"}}}})
	}
	return pods
}

// TestNoExpressionHangsTheGrader has expressions that an untrusted course could
// hold look at 5,000 Pods in nested loops: they end in time, and nothing is
// concluded from them.
func TestNoExpressionHangsTheGrader(t *testing.T) {
	t.Parallel()
	const allowed = 2 * evalTimeout // of processor time, on a machine that is doing other things too
	listing := Listing{Synced: true}
	for _, p := range manyPods(5000) {
		listing.Objects = append(listing.Objects, p.(map[string]any))
	}
	snap := Snapshot{Kinds: map[Kind]Listing{kind("Pod"): listing}}
	exprs := []string{"pods.all(p, pods.all(q, pods.all(r, p.metadata.name != '' || q == r)))"}
	for _, call := range []string{
		"show(pods) != ''", "show(p) != ''", "same(pods, pods)", "selected({'app': 'web'}, pods).size() > 0", "selects(p, q) || true",
		"owned(pods, pods).size() == 0", "ownedBy(p, q, pods) || true", "named(pods, 'x') == {}", "readyAddresses(pods) == 0",
		"endpoints(p, pods) == []", "env(p, 'B', pods, pods) == ''", "environment(q, pods).size() == 1",
		"hasImage(q, 'nginx', '1.27') && isReady(q) && containers(q).size() == 1 && mountedFrom(q, '/x') == '' && targetPorts(p, q) == []",
	} {
		exprs = append(exprs, "pods.all(p, pods.all(q, "+call+"))")
	}
	for _, expr := range exprs {
		t.Run(expr, func(t *testing.T) {
			step := webStep(expr, func(c *Check) { c.About = "pods" })
			began := time.Now()
			res := NewGrader().Grade(t.Context(), step, snap, testWorkspace, nil, began)
			if took := time.Since(began); took > allowed {
				t.Errorf("took %s", took)
			}
			if res.Verdict != CannotTell {
				t.Errorf("verdict %s, want %s", res.Verdict, CannotTell)
			}
		})
	}
}

// TestOrdinaryLoopsStayBelowTheLimit is the other direction: what a lesson may
// well ask of 200 Pods is answered.
func TestOrdinaryLoopsStayBelowTheLimit(t *testing.T) {
	t.Parallel()
	vars := fixture(t)
	vars["pods"] = manyPods(200)
	evaluate := evaluator(t, vars)
	for _, expr := range []string{
		"pods.all(p, pods.all(q, selects({'app': 'web'}, q)))",
		"pods.all(p, pods.exists(q, q.metadata.uid == p.metadata.uid))",
		"pods.all(p, ownedBy(p, before.sets))",
		"pods.all(p, ownedBy(p, web, sets))",
		"owned(pods, web, sets).size() == 200",
		"pods.all(p, env(p, 'A', configmaps, secrets) != '')",
		"pods.all(p, hasImage(p, 'nginx', '1.27') && isReady(p))",
		"pods.all(p, selected({'app': 'web'}, pods).size() == 200)",
	} {
		if got, err := evaluate(expr); err != nil || got != true {
			t.Errorf("%s = %v, %v", expr, got, err)
		}
	}
}

func BenchmarkJudgeStepOf200Pods(b *testing.B) {
	vars := fixture(b)
	vars["pods"] = manyPods(200)
	c, err := newCompiler(celStep(b))
	if err != nil {
		b.Fatal(err)
	}
	for _, expr := range []string{
		"owned(pods, web, sets).size() == 200",
		"pods.all(p, ownedBy(p, web, sets) && isReady(p))",
		"pods.all(p, hasImage(p, 'nginx', '1.27'))",
		"selected({'app': 'web'}, pods).size() == 200",
	} {
		b.Run(expr, func(b *testing.B) {
			p, err := c.compile(Expr{Source: expr})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if got, err := p.eval(b.Context(), vars); err != nil || got != true {
					b.Fatal(got, err)
				}
			}
		})
	}
}
