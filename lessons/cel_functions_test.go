package lessons

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// fixture reads the objects that the examples of the documentation speak of.
func fixture(t testing.TB) map[string]any {
	t.Helper()
	source, err := os.ReadFile("testdata/functions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var vars map[string]any
	if err := yaml.Unmarshal(source, &vars); err != nil {
		t.Fatal(err)
	}
	return wholeNumbers(vars).(map[string]any)
}

// wholeNumbers makes the numbers what they are in objects from a cluster.
func wholeNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = wholeNumbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = wholeNumbers(v[i])
		}
	case int:
		return int64(v)
	}
	return v
}

// celStep is a step whose queries have the names of the fixture's objects.
func celStep(t testing.TB) *Step {
	t.Helper()
	step := &Step{ID: "s", Kind: Do}
	for name, v := range fixture(t) {
		if name == "before" {
			continue
		}
		q := Query{Name: name, Kind: kind("Pod"), Object: "x"}
		if _, many := v.([]any); many {
			q.Object = ""
		}
		step.Queries = append(step.Queries, q)
	}
	return step
}

// evaluator evaluates expressions that speak of the fixture's names.
func evaluator(t testing.TB, vars map[string]any) func(expr string) (any, error) {
	t.Helper()
	c, err := newCompiler(celStep(t))
	if err != nil {
		t.Fatal(err)
	}
	return func(expr string) (any, error) {
		p, err := c.compile(Expr{Source: expr})
		if err != nil {
			return nil, err
		}
		return p.eval(t.Context(), vars)
	}
}

// row is a line of the table of functions: | `f(a)` | … | `f(1)` = `2` |.
var row = regexp.MustCompile("^\\| `([^`]+)` \\| .* \\| `([^`]+)` = `([^`]+)` \\|$")

// TestTheDocumentedExamplesAreTrue evaluates every example of docs/COURSES.md,
// and has every function stand there.
func TestTheDocumentedExamplesAreTrue(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../docs/COURSES.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(source), "\n## Expressions\n")
	section, _, _ = strings.Cut(section, "\n## ")
	evaluate, documented := evaluator(t, fixture(t)), map[string]bool{}
	for _, line := range strings.Split(section, "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		m := row.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("no example in %s", line)
			continue
		}
		name, params, _ := strings.Cut(strings.TrimSuffix(m[1], ")"), "(")
		documented[fmt.Sprintf("%s/%d", name, 1+strings.Count(params, ","))] = true
		if !strings.Contains(m[2], name[strings.LastIndex(name, ".")+1:]+"(") {
			t.Errorf("the example of %s is none: %s", m[1], m[2])
		}
		got, err := evaluate(m[2])
		if err != nil {
			t.Errorf("%s: %v", m[2], err)
			continue
		}
		want, err := evaluate(m[3])
		if err != nil {
			t.Errorf("%s: %v", m[3], err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-documented +got):\n%s", m[2], diff)
		}
	}
	for _, f := range ownFunctions() {
		if !documented[fmt.Sprintf("%s/%d", f.name, len(f.args))] {
			t.Errorf("%s with %d arguments is not in docs/COURSES.md", f.name, len(f.args))
		}
	}
	if len(documented) < len(ownFunctions()) {
		t.Errorf("%d functions of %d are documented", len(documented), len(ownFunctions()))
	}
}

func TestAbsentIsTheNaturalZero(t *testing.T) {
	t.Parallel()
	vars := fixture(t)
	vars["web"] = map[string]any{} // as a query has an object that does not exist
	vars["pods"] = []any{}
	evaluate := evaluator(t, vars)
	for expr, want := range map[string]any{
		"hasImage(web, 'nginx')":         false,
		"images(web)":                    []any{},
		"container(web, 'x')":            map[string]any{},
		"has(container(web, 'x').image)": false,
		"containers(web)":                []any{},
		"podLabels(web)":                 map[string]any{},
		"label(web, 'x')":                "",
		"named(pods, 'x')":               map[string]any{},
		"request(container(web, 'x'), 'cpu') == quantity(0)": true,
		"restarts(web)":                               int64(0),
		"condition(web, 'Available')":                 "",
		"conditionReason(web, 'Available')":           "",
		"isReady(web)":                                false,
		"rolledOut(web)":                              false,
		"waitingReason(web)":                          "",
		"selects(web, pods)":                          false,
		"selects(service.?spec.?nothing, {'a': 'b'})": false,
		"selected(service, pods)":                     []any{},
		"targetPort(service, 1, web)":                 int64(0),
		"targetPort(service, 'http', web)":            int64(0),
		"targetPorts(service, web)":                   []any{int64(9113)},
		"portNumber(web, 'http')":                     int64(0),
		"endpoints(web, slices)":                      []any{},
		"endpoints(service, slices, 81)":              []any{},
		"ownedBy(sets[0], web)":                       false,
		"ownedBy(web, web)":                           false,
		"ownedBy(sets[0], '')":                        false,
		"owned(pods, web, sets)":                      []any{},
		"owners(web)":                                 []any{},
		"env(web, 'X', configmaps)":                   "",
		"environment(web)":                            map[string]any{},
		"mountedFrom(web, '/x')":                      "",
		"same(web.?a, web.?b)":                        false,
		"sameQuantity(web.?a, 0)":                     false,
	} {
		got, err := evaluate(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expr, diff)
		}
	}
}

func TestFunctionsOfExpressions(t *testing.T) {
	t.Parallel()
	evaluate := evaluator(t, fixture(t))
	for expr, want := range map[string]any{
		// values
		"same(1, '1')":                          true,
		"same(1.0, 1)":                          true,
		"same('25%', '25%')":                    true,
		"same('0', '0%')":                       false,
		"same('http', 80)":                      false,
		"same([80, 'http'], ['80', 'http'])":    true,
		"same([80], ['80', 'http'])":            false,
		"same({'a': 1}, {'a': '1'})":            true,
		"same({'a': 1}, {'b': '1'})":            false,
		"sameQuantity('0.5m', '1m')":            true,
		"sameQuantity(1, '1000m')":              true,
		"sameQuantity(0.1, '100m')":             true,
		"sameQuantity('64M', '64Mi')":           false,
		"sameQuantity('1024Mi', '1Gi')":         true,
		"sameQuantity('much', 'much')":          false,
		"quantity('1') < quantity(2)":           true,
		"quantity('1') >= quantity('1001m')":    false,
		"quantity('0.1') == quantity('100m')":   true,
		"isQuantity('1e999999999')":             false,
		"isQuantity('1e3')":                     true,
		"isQuantity('1E')":                      true,
		"[].sum()":                              int64(0),
		"show([])":                              none,
		"show({'b': '2', 'a': '1', 'a-b': ''})": `a-b="",a=1,b=2`,
		"show('')":                              `""`,
		// images
		"image('nginx', 'nginx', 'latest')":                        true,
		"image('nginx:1.27', 'nginx', 'latest')":                   false,
		"image('nginx:1.27', 'nginx', '1.27')":                     true,
		"image('nginx:1.27.5', 'nginx', '1.27')":                   true,
		"image('nginx:1.27-alpine', 'nginx', '1.27')":              true,
		"image('nginx:1.270', 'nginx', '1.27')":                    false,
		"image('nginx:1.2', 'nginx', '1.27')":                      false,
		"image('nginx:1.27', 'nginx', '1.27.5')":                   false,
		"image('nginx:v1.27', 'nginx', '1.27')":                    false,
		"image('nginx:1.27.5-alpine3.20', 'nginx', '1.27-alpine')": true,
		"image('nginx:1.27', 'nginx', '1.27-alpine')":              false,
		"image('nginx:1.27-alpinex', 'nginx', '1.27-alpine')":      false,
		"image('nginx:stable-alpine', 'nginx', 'stable')":          false,
		"image('nginx:1.27@sha256:ab', 'nginx', '1.27')":           true,
		"image('nginx@sha256:ab', 'nginx', '1.27')":                false,
		"image('nginx@sha256:ab', 'nginx')":                        true,
		"image('mirror.gcr.io/library/nginx:1.27', 'nginx')":       true,
		"image('m.daocloud.io/docker.io/nginx', 'nginx')":          true,
		"image('m.daocloud.io/docker.io/library/nginx', 'nginx')":  true,
		"image('localhost:5000/library/nginx', 'nginx')":           true,
		"image('reg.example/bitnami/nginx', 'bitnami/nginx')":      true,
		"image('reg.example/bitnami/nginx', 'nginx')":              false,
		"image('bitnami/nginx', 'nginx')":                          false,
		"image('quay.io/nginx', 'nginx')":                          false,
		"image('someone/library/nginx', 'nginx')":                  false,
		"image('quay.io/a/b:1', 'quay.io/a/b', '1')":               true,
		"image('a/b:1', 'quay.io/a/b', '1')":                       false,
		"image('ngnix', 'nginx')":                                  false,
		"image('', '')":                                            false,
		"image(containers(web)[0], 'nginx', '1.27')":               true,
		"imageRepo('localhost:5000/a/b')":                          "localhost:5000/a/b",
		"imageTag('localhost:5000/a/b')":                           "latest",
		"imageTag('nginx@sha256:ab')":                              "sha256:ab",
		"hasImage(web, 'nginx', '1.27')":                           true,
		"hasImage(web, 'busybox', '1.36')":                         false, // an init container
		// Pods
		"containers({'spec': {'jobTemplate': {'spec': {'template': {'spec': {'containers': [{'name': 'a'}]}}}}}})[0].name": "a",
		"containers(web.spec.template).size()":                   int64(2),
		"containers(web.spec.template.spec).size()":              int64(2),
		"containers(pods[0])[0].name":                            "server",
		"podLabels(pods[0]).app":                                 "web",
		"container(web, 'fetch').image":                          "busybox:1.36",
		"sameQuantity(limit(containers(web)[0], 'cpu'), '200m')": true,
		"limit(containers(web)[0], 'cpu') == quantity('200m')":   true,
		// status
		"rolledOut({'spec': {'replicas': 0}})": false,
		"rolledOut({'metadata': {'generation': 2}, 'spec': {'replicas': 1}, 'status': {'observedGeneration': 1, 'replicas': 1, 'updatedReplicas': 1, 'availableReplicas': 1}})":                                                                      false,
		"rolledOut({'metadata': {'generation': 2}, 'spec': {'replicas': 1}, 'status': {'observedGeneration': 2, 'replicas': 1, 'updatedReplicas': 1, 'availableReplicas': 1}})":                                                                      true,
		"rolledOut({'metadata': {'generation': 2}, 'spec': {'replicas': 1}, 'status': {'observedGeneration': 2, 'replicas': 2, 'updatedReplicas': 1, 'availableReplicas': 1}})":                                                                      false,
		"rolledOut({'kind': 'DaemonSet', 'status': {'desiredNumberScheduled': 2, 'updatedNumberScheduled': 2, 'numberAvailable': 2}})":                                                                                                               true,
		"rolledOut({'kind': 'DaemonSet', 'status': {'desiredNumberScheduled': 2, 'updatedNumberScheduled': 1, 'numberAvailable': 2}})":                                                                                                               false,
		"rolledOut({'kind': 'DaemonSet', 'status': {'desiredNumberScheduled': 0}})":                                                                                                                                                                  false,
		"rolledOut({'kind': 'StatefulSet', 'spec': {'replicas': 2}, 'status': {'replicas': 2, 'availableReplicas': 2, 'updateRevision': 'b', 'currentRevision': 'b'}})":                                                                              true,
		"rolledOut({'kind': 'StatefulSet', 'spec': {'replicas': 2}, 'status': {'replicas': 2, 'availableReplicas': 2, 'updateRevision': 'b', 'currentRevision': 'a'}})":                                                                              false,
		"rolledOut({'kind': 'StatefulSet', 'spec': {'replicas': 3, 'updateStrategy': {'rollingUpdate': {'partition': 2}}}, 'status': {'replicas': 3, 'availableReplicas': 3, 'updatedReplicas': 1, 'updateRevision': 'b', 'currentRevision': 'a'}})": true,
		"isReady({'metadata': {'deletionTimestamp': 'x'}, 'status': {'conditions': [{'type': 'Ready', 'status': 'True'}]}})":                                                                                                                         false,
		"condition({'metadata': {'generation': 2}, 'status': {'conditions': [{'type': 'Accepted', 'status': 'True', 'observedGeneration': 1}]}}, 'Accepted')":                                                                                        "Unknown",
		"waitingReason({'status': {'containerStatuses': [{'state': {'waiting': {'reason': 'ContainerCreating'}}}]}})":                                                                                                                                "",
		"waitingReason({'status': {'initContainerStatuses': [{'state': {'waiting': {'reason': 'CrashLoopBackOff'}}}]}})":                                                                                                                             "CrashLoopBackOff",
		// selectors
		"selects({'a': '1'}, {'a': '1', 'b': '2'})":                        true,
		"selects({'a': '1'}, {'a': '2'})":                                  false,
		"selects({}, {'a': '1'})":                                          false,
		"selects({'a': 1}, {'a': 1})":                                      false,
		"selects({'matchLabels': {'a': '1'}}, {'a': '1'})":                 true,
		"selects({'matchLabels': {}, 'matchExpressions': []}, {'a': '1'})": false,
		"selects({'matchLabels': {'a': '1'}, 'matchExpressions': [{'key': 'b', 'operator': 'Exists'}]}, {'a': '1'})": false,
		"selects({'matchExpressions': [{'key': 'b', 'operator': 'NotIn', 'values': ['x']}]}, {'a': '1'})":            true,
		"selects({'matchExpressions': [{'key': 'b', 'operator': 'NotIn', 'values': ['x']}]}, {'b': 'x'})":            false,
		"selects({'matchExpressions': [{'key': 'b', 'operator': 'In', 'values': ['x']}]}, {'a': '1'})":               false,
		"selects({'matchExpressions': [{'key': 'b', 'operator': 'Near', 'values': ['x']}]}, {'b': 'x'})":             false,
		"selects(policy, pods[2])": true,
		"selects({'kind': 'PodDisruptionBudget', 'spec': {'selector': {}}}, pods[2])": true,
		"selects({'kind': 'PodDisruptionBudget', 'spec': {}}, pods[2])":               false,
		"selects({'kind': 'Service', 'spec': {'selector': {}}}, pods[2])":             false,
		"selected(service, pods).size()":                                              int64(2),
		// Services
		"targetPort(service, '8080', web)":                                                                 int64(80), // by number
		"targetPort(service, 'metrics', web)":                                                              int64(9113),
		"targetPort({'spec': {'ports': [{'port': 53, 'targetPort': 'dns'}]}}, 53, web)":                    int64(0), // UDP
		"targetPort({'spec': {'ports': [{'port': 53, 'targetPort': 'dns', 'protocol': 'UDP'}]}}, 53, web)": int64(53),
		"targetPort({'spec': {'ports': [{'port': 80}]}}, 80, web)":                                         int64(80),
		"targetPorts({'spec': {'ports': [{'port': 1, 'targetPort': 'logs'}]}}, web)":                       []any{int64(24224)}, // a sidecar's
		"portNumber(web, 8080)":                 int64(8080),
		"endpoints(service, slices, 'metrics')": []any{},
		"endpoints(service, slices)[0]":         map[string]any{"ip": "10.0.0.1", "pod": "web-7d9-a", "node": "n1", "ports": []any{int64(80)}},
		// owners
		"ownedBy(pods[0], web)":                                           false,
		"ownedBy(pods[2], web, sets)":                                     false,
		"ownedBy(pods[0], before.sets)":                                   true,
		"ownedBy(sets[0], {'metadata': {'name': 'web', 'uid': 'other'}})": false,
		"owned(pods, before.uid, sets).size()":                            int64(2),
		// configuration
		"env(web, 'URL')":                      "http://shop:$(PORT)/$(HOST)",
		"env(web, 'PASSWORD', configmaps)":     "",
		"env(web, 'LOG_LEVEL', configmaps[0])": "debug",
		"environment({'env': [{'name': 'A', 'value': '1'}, {'name': 'A', 'value': '$(A)2'}]}).A":                            "12",
		"environment({'env': [{'name': 'A', 'value': '$(A'}, {'name': 'B', 'value': '$'}, {'name': 'C', 'value': 'a$b'}]})": map[string]any{"A": "$(A", "B": "$", "C": "a$b"},
		"environment({'envFrom': [{'secretRef': {'name': 'x'}}]}, [], {'metadata': {'name': 'x'}, 'data': {'k': '%'}})":     map[string]any{},
		"mountedFrom(web, '/data')":              "PersistentVolumeClaim/data",
		"mountedFrom(web, '/tmp/')":              "emptyDir",
		"mountedFrom(web, '/etc/app', 'nobody')": "",
	} {
		got, err := evaluate(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expr, diff)
		}
	}
}

func TestFunctionsAreFoundByName(t *testing.T) {
	t.Parallel()
	for _, f := range ownFunctions() {
		if got := ownFunction(f.name); got.name != f.name || got.readsStatus != f.readsStatus || got.yields != f.yields {
			t.Errorf("%s: found %q, or its overloads differ in what they read", f.name, got.name)
		}
	}
	if ownFunction("nothing").name != "" {
		t.Error("found a function that does not exist")
	}
	if names := statusFunctions(); !slices.Contains(names, "condition") || slices.Contains(names, "images") {
		t.Errorf("the functions that read a status: %v", names)
	}
}

func statusFunctions() []string {
	var names []string
	for _, f := range ownFunctions() {
		if f.readsStatus {
			names = append(names, f.name)
		}
	}
	return names
}
