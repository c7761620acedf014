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

// allowed is after how long an evaluation counts as hanging. Each ends within
// evalTimeout on a machine of its own; the tests share theirs.
const allowed = 10 * evalTimeout

// TestNoExpressionHangsTheGrader has expressions that an untrusted course could
// hold look at 5,000 Pods in nested loops: they end in time, and nothing is
// concluded from them.
func TestNoExpressionHangsTheGrader(t *testing.T) {
	t.Parallel()
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

// TestValuesCannotGrowForNothing has expressions double their values again and
// again, which costs CEL nothing: each is refused or ends in an error, in time.
func TestValuesCannotGrowForNothing(t *testing.T) {
	t.Parallel()
	evaluate := evaluator(t, fixture(t))
	for _, tc := range []struct {
		name, begin, double, end string
		times                    int
	}{
		{"a list of itself, compared", "[[1, 1]]", ".map(a, [a, a])", ".map(a, a == a)", 26},
		{"a list of itself, shown", "[[1, 1]]", ".map(a, [a, a])", ".map(a, show(a))", 26},
		{"a list of itself, made flat", "[[1, 1]]", ".map(a, [a, a])", ".map(a, a.flatten(40))", 26},
		{"a map of itself", "[{'k': 1}]", ".map(a, {'x': a, 'y': a})", ".map(a, a == a)", 26},
		{"a list to itself", "[[1, 1]]", ".map(a, a + a)", ".map(a, 3 in a)", 26},
		{"a text to itself", "['aa']", ".map(a, a + a)", "", 26},
		{"a text in itself", "['aaaaaaaaaaaaaaaaaaaa']", ".map(a, a.replace('a', a))", "", 26},
		{"a text in itself, some times", "['aaaaaaaaaaaaaaaaaaaa']", ".map(a, a.replace('a', a, 1000000))", "", 26},
		{"a text from lists of itself", "['aa']", ".map(a, [a, a].join(''))", "", 26},
		{"a text formatted into itself", "['aa']", ".map(a, '%s%s'.format([a, a]))", "", 26},
		{"by optMap", "optional.of([1, 1])", ".optMap(a, [a, a])", ".optMap(a, a == a)", 26},
		{"by optFlatMap", "optional.of([1, 1])", ".optFlatMap(a, optional.of([a, a]))", ".optMap(a, a == a)", 26},
		{"by loops", "[[1, 1]]", ".map(a, lists.range(1000).map(i, a))", ".map(a, a == a)", 26},
	} {
		t.Run(tc.name, func(t *testing.T) {
			began := time.Now()
			if got, err := evaluate(tc.begin + strings.Repeat(tc.double, tc.times) + tc.end); err == nil {
				t.Errorf("ends well, with %.100s", show(got))
			}
			if took := time.Since(began); took > allowed {
				t.Errorf("took %s", took)
			}
		})
	}
	if _, err := evaluate("pods.all(p, pods.all(q, " + strings.Repeat("(", 70) + "true" + strings.Repeat(")", 72)); err == nil {
		t.Error("an expression of 70 nested parentheses compiles")
	}
	if _, err := evaluate("'" + strings.Repeat("x", longestExpr) + "' != ''"); err == nil {
		t.Error("an overlong expression compiles")
	}
}

// TestBoundsLeaveRoom is the other direction: what lessons do is allowed.
func TestBoundsLeaveRoom(t *testing.T) {
	t.Parallel()
	evaluate := evaluator(t, fixture(t))
	for expr, want := range map[string]any{
		"'aXbX'.replace('X', '-')":                                    "a-b-",
		"'aXbX'.replace('X', '-', 1)":                                 "a-bX",
		"'abc'.replace('', '_')":                                      "_a_b_c_",
		"'%s %d'.format(['a', 1])":                                    "a 1",
		"['a', 'b'].join('-')":                                        "a-b",
		"optional.of(1).optMap(a, a + 1).optMap(a, a + 1).orValue(0)": int64(3),
		"pods.sortBy(p, p.metadata.name)[0].metadata.name":            "lonely",
		"pods == pods":                                                true,
		"pods[0] in pods":                                             true,
		"web.spec.selector == {'matchLabels': {'app': 'web'}}":        true,
		"(pods + sets).size()":                                        int64(4),
		"[pods[0], pods[1], sets[0]].map(o, o.metadata.uid)":          []any{"p1", "p2", "r1"},
	} {
		got, err := evaluate(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
		} else if show(got) != show(want) {
			t.Errorf("%s = %v, want %v", expr, got, want)
		}
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
