package coursetest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

func object(t *testing.T, source string) lessons.Object {
	t.Helper()
	var o lessons.Object
	if err := json.Unmarshal([]byte(source), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func kindOf(t *testing.T, name string) lessons.Kind {
	t.Helper()
	k, ok := lessons.KindNamed(name)
	if !ok {
		t.Fatalf("no kind %s", name)
	}
	return k
}

// web is a Deployment with a ReplicaSet, a Pod, a Service and its slice.
func web(t *testing.T) []lessons.Object {
	return []lessons.Object{
		object(t, `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "uid": "d"},
			"spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
			"spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]}}}}`),
		object(t, `{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web-1", "uid": "r",
			"ownerReferences": [{"uid": "d", "kind": "Deployment", "name": "web", "controller": true}]}, "spec": {"replicas": 3}}`),
		object(t, `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1-a", "uid": "p", "labels": {"app": "web"},
			"ownerReferences": [{"uid": "r", "kind": "ReplicaSet", "name": "web-1", "controller": true}]}, "spec": {}}`),
		object(t, `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "front", "uid": "s"},
			"spec": {"type": "ClusterIP", "clusterIP": "10.0.0.1", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}}`),
		object(t, `{"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "front-1", "uid": "e",
			"labels": {"kubernetes.io/service-name": "front"},
			"ownerReferences": [{"uid": "s", "kind": "Service", "name": "front", "controller": true}]}}`),
	}
}

func step(queries []lessons.Query, about ...string) *lessons.Step {
	s := &lessons.Step{ID: "s", Kind: lessons.Do, Queries: queries}
	for _, a := range about {
		s.Checks = append(s.Checks, &lessons.Check{ID: a, About: a, Expr: lessons.Expr{Source: "true"}})
	}
	return s
}

func names(all []mutation) []string {
	var out []string
	for _, m := range all {
		out = append(out, m.name)
	}
	slices.Sort(out)
	return out
}

func TestMutationsAreOfWhatTheChecksAreAbout(t *testing.T) {
	t.Parallel()
	deployment := lessons.Query{Name: "web", Kind: kindOf(t, "Deployment"), Object: "web"}
	pods := lessons.Query{Name: "pods", Kind: kindOf(t, "Pod")}
	slices := lessons.Query{Name: "slices", Kind: kindOf(t, "EndpointSlice"), Selector: map[string]string{"kubernetes.io/service-name": "front"}}
	ofDeployment := func(query string) []string {
		var all []string
		for _, m := range []string{"image-repository", "image-tag", "labels", "name-typo", "not-ready", "ownerless", "replicas-more", "replicas-zero", "wrong-namespace"} {
			all = append(all, m+" "+query)
		}
		return all
	}
	ofService := []string{"headless slices", "name-typo slices", "port slices", "ports-swapped slices", "protocol slices", "selector slices",
		"selector-narrow slices", "selector-none slices", "target-port slices", "type-externalname slices", "type-nodeport slices", "wrong-namespace slices"}
	for name, tc := range map[string]struct {
		step *lessons.Step
		want []string
	}{
		"a named object":                      {step([]lessons.Query{deployment, pods}, "web"), ofDeployment("web")},
		"Pods lead to the Deployment":         {step([]lessons.Query{pods}, "pods"), ofDeployment("pods")},
		"which goes by the name of its query": {step([]lessons.Query{pods, deployment}, "pods"), ofDeployment("web")},
		"slices lead to the Service":          {step([]lessons.Query{slices}, "slices"), ofService},
		"nothing that no check is about":      {step([]lessons.Query{deployment, slices}), nil},
		"nothing outside of the workspace":    {step([]lessons.Query{{Name: "other", Kind: kindOf(t, "Deployment"), Object: "web", Namespace: "default"}}, "other"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, names(mutations(tc.step, web(t)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestContainersAreMutatedWhereTheStepSpeaksOfThem(t *testing.T) {
	t.Parallel()
	s := step([]lessons.Query{{Name: "web", Kind: kindOf(t, "Deployment"), Object: "web"}}, "web")
	for source, speaks := range map[string]bool{
		"web.spec.template.spec.containers.exists(c, c.name == 'main')": true,
		`image(container(web, "main")) == 'nginx'`:                      true,
		"images(web).exists(i, i == 'main')":                            false,
		"container(web, 'mains') == 1":                                  false,
	} {
		s.Checks[0].Expr.Source = source
		if all := names(mutations(s, web(t))); slices.Contains(all, "container-renamed-main web") != speaks {
			t.Errorf("%s: mutations %q", source, all)
		}
	}
}

func TestMutationsChangeOneThing(t *testing.T) {
	t.Parallel()
	s := step([]lessons.Query{{Name: "web", Kind: kindOf(t, "Deployment"), Object: "web"},
		{Name: "slices", Kind: kindOf(t, "EndpointSlice")}}, "web", "slices")
	want := map[string]string{
		"replicas-zero web":      `"replicas":0`,
		"replicas-more web":      `"replicas":4`,
		"image-tag web":          `"image":"nginx:latest"`,
		"image-repository web":   `"image":"httpd:2.4"`,
		"port slices":            `"port":81`,
		"target-port slices":     `"targetPort":8081`,
		"ports-swapped slices":   `"port":8080`,
		"name-typo web":          `"name":"webb"`,
		"wrong-namespace web":    `--namespace=default`,
		"labels web":             `"app":"web-x"`,
		"selector slices":        `"app":"web-x"`,
		"type-nodeport slices":   `"type":"NodePort"`,
		"headless slices":        `"clusterIP":"None"`,
		"ownerless web":          `--cascade=orphan`,
		"not-ready web":          `"readinessProbe"`,
		"selector-none slices":   `"selector":null`,
		"wrong-namespace slices": `--namespace=default`,
	}
	for _, m := range mutations(s, web(t)) {
		var played []string
		for _, a := range m.do {
			played = append(played, a.String())
		}
		if all := strings.Join(played, "; "); !strings.Contains(all, want[m.name]) {
			t.Errorf("%s plays %s, which lacks %s", m.name, all, want[m.name])
		}
		delete(want, m.name)
	}
	if len(want) > 0 {
		t.Errorf("no such mutations: %v", want)
	}
}

func TestKeysOfConfigurationAreTakenAway(t *testing.T) {
	t.Parallel()
	s := step([]lessons.Query{{Name: "conf", Kind: kindOf(t, "ConfigMap"), Object: "conf"}}, "conf")
	all := names(mutations(s, []lessons.Object{object(t, `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf", "uid": "c"}, "data": {"a": "1", "b": "2"}}`)}))
	want := []string{"key-missing-a conf", "key-missing-b conf", "name-typo conf", "wrong-namespace conf"}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
}

func TestObjectsAreComparedByWhatWasWritten(t *testing.T) {
	t.Parallel()
	one := `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "uid": "1", "resourceVersion": "5",
		"annotations": {"deployment.kubernetes.io/revision": "1"}}, "spec": {"replicas": 3}, "status": {"replicas": 3}}`
	for name, tc := range map[string]struct {
		other string
		same  bool
	}{
		"what the cluster says does not count": {`{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "uid": "2"}, "spec": {"replicas": 3}}`, true},
		"what somebody wrote does":             {`{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 4}}`, false},
		"so do annotations":                    {`{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "annotations": {"a": "b"}}, "spec": {"replicas": 3}}`, false},
	} {
		if same(object(t, one), object(t, tc.other)) != tc.same {
			t.Errorf("%s: same is %t", name, !tc.same)
		}
	}
}

func TestQueriesInStringsAreNotUsed(t *testing.T) {
	t.Parallel()
	for source, uses := range map[string]bool{
		"pods.exists(p, true)":             true,
		"web.spec.pods == 1":               false,
		"imageRepo(x) == 'pods'":           false,
		"size(pods) > 0":                   true,
		`web.name == "pods" && pods2 == 1`: false,
	} {
		if speaks(lessons.Expr{Source: source}, "pods") != uses {
			t.Errorf("%s: speaks of pods: %t", source, !uses)
		}
	}
}
