package cluster_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/clustertest"
	"github.com/k8stutor/k8stutor/lessons"
)

const goodManifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports:
        - containerPort: 80
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
  - port: 80
    targetPort: 80
`

// TestFaultsOfAManifestAreFoundWithTheirLines asks a real API server: its words
// and their form are what the finding of lines depends on.
func TestFaultsOfAManifestAreFoundWithTheirLines(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	fresh, there := clustertest.Workspace(t, c, "dryrun"), clustertest.Workspace(t, c, "dryrun-there")
	if faults, err := lessons.ReadManifest("web.yaml", []byte(goodManifest)).Apply(t.Context(), c, there); err != nil || len(faults) > 0 {
		t.Fatalf("apply: %+v, %v", faults, err)
	}
	type edits []string // old, new, …
	for _, tc := range []struct {
		name   string
		edits  edits
		want   string // line of the first fault
		said   string
		advice string
	}{
		{"a misspelt field", edits{"containers:", "contaners:"}, "14", `unknown field "spec.template.spec.contaners"`, "did you mean `containers`?"},
		{"a misspelt field of a container", edits{"image: nginx", "imagee: nginx"}, "16", `unknown field "spec.template.spec.containers[0].imagee"`, "did you mean `image`?"},
		{"a misspelt field of the object", edits{"\nspec:\n  replicas", "\nspce:\n  replicas"}, "6", `unknown field "spce"`, "did you mean `spec`?"},
		{"a field of the second document", edits{"targetPort", "targetport"}, "28", `unknown field "spec.ports[0].targetport"`, "did you mean `targetPort`?"},
		{"a key twice", edits{"  replicas: 2\n", "  replicas: 2\n  replicas: 3\n"}, "8", `line 8: key "replicas" already set in map`, ""},
		{"a word for a number", edits{"replicas: 2", "replicas: two"}, "7", "cannot unmarshal string into Go struct field", ""},
		{"a quoted number in a list", edits{"containerPort: 80", `containerPort: "80"`}, "18", "cannot unmarshal string into Go struct field", ""},
		{"a number for a word", edits{"labels: {app: web}", "labels: {app: 1}"}, "5", "cannot unmarshal number into Go struct field", ""},
		{"an object for a list", edits{"      - name: nginx\n        image", "        name: nginx\n        image"}, "14", "cannot unmarshal object into Go struct field", ""},
		{"a text for an object", edits{"selector: {app: web}", "selector: app=web"}, "25", "cannot unmarshal string", ""},
		{"a port out of range", edits{"- port: 80\n", "- port: 80000\n"}, "27", "spec.ports[0].port: Invalid value", ""},
		{"a negative number", edits{"replicas: 2", "replicas: -1"}, "7", "spec.replicas: Invalid value", ""},
		{"a required field that is missing", edits{"        image: nginx:1.27\n", ""}, "15", "spec.template.spec.containers[0].image: Required value", ""},
		{"a selector that does not match", edits{"      labels: {app: web}", "      labels: {app: shop}"}, "12", "`selector` does not match template `labels`", ""},
		{"an apiVersion of another kind", edits{"apps/v1", "v1"}, "1", `no matches for kind "Deployment" in version "v1"`, "`apps/v1`"},
		{"an apiVersion that is not served", edits{"apps/v1", "extensions/v1beta1"}, "1", "no matches for kind", "`apps/v1`"},
		{"a misspelt apiVersion", edits{"apps/v1", "../../x"}, "1", "no matches for kind", "`apps/v1`"},
		{"a misspelt kind", edits{"Deployment", "Deploymnet"}, "2", "no matches for kind", "`Deployment`"},
		{"a kind in small letters", edits{"Service", "service"}, "21", "no matches for kind", "`Service`"},
		{"another namespace", edits{"  name: web\n  labels", "  name: web\n  namespace: default\n  labels"}, "5", "", "another namespace"},
		{"what stands outside of namespaces", edits{"Deployment", "Namespace", "apps/v1", "v1"}, "2", "", "outside of namespaces"},
		{"the same of a kind that no lesson names", edits{"Deployment", "ClusterRole", "apps/v1", "rbac.authorization.k8s.io/v1"}, "2", "", "outside of namespaces"},
		{"a name that leads elsewhere", edits{"  name: web\n  labels", "  name: ../../default/deployments/x\n  labels"}, "4", "may not contain '/'", "lower case"},
		{"a name that is a place", edits{"  name: web\n  labels", "  name: '..'\n  labels"}, "4", "may not be '..'", ""},
		{"a bad name", edits{"  name: web\n  labels", "  name: Web_1\n  labels"}, "4", "Invalid value", ""},
	} {
		for _, ws := range []lessons.Workspace{fresh, there} {
			t.Run(tc.name+" in "+ws.Lesson, func(t *testing.T) {
				t.Parallel()
				text := goodManifest
				for i := 0; i < len(tc.edits); i += 2 {
					if !strings.Contains(text, tc.edits[i]) {
						t.Fatalf("no %q", tc.edits[i])
					}
					text = strings.Replace(text, tc.edits[i], tc.edits[i+1], 1)
				}
				faults, err := lessons.ReadManifest("web.yaml", []byte(text)).Review(t.Context(), c, ws)
				if err != nil {
					t.Fatal(err)
				}
				if len(faults) == 0 {
					t.Fatal("accepted")
				}
				f := faults[0]
				if fmt.Sprint(f.Line) != tc.want || !strings.Contains(f.Said, tc.said) || !strings.Contains(f.Advice.In(lessons.English), tc.advice) {
					t.Errorf("line %d (%s), path %q, said %q, advice %q; want line %s, %q, %q", f.Line, f.Source, f.Path, f.Said, f.Advice.In(lessons.English), tc.want, tc.said, tc.advice)
				}
			})
		}
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws := clustertest.Workspace(t, c, "dryrun-nothing")
	m := lessons.ReadManifest("web.yaml", []byte(goodManifest))
	if faults, err := m.Review(t.Context(), c, ws); err != nil || len(faults) > 0 {
		t.Fatalf("%+v, %v", faults, err)
	}
	for _, k := range []string{"Deployment", "Service", "Pod"} {
		list, err := client(t, c).Resource(resource(kind(t, k))).Namespace(ws.Namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil || len(list.Items) > 0 {
			t.Errorf("%s: %d were made, %v", k, len(list.Items), err)
		}
	}
}

func TestAppliedAgainAManifestChangesWhatIsThere(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws := clustertest.Workspace(t, c, "apply")
	apply := func(text string) {
		t.Helper()
		m := lessons.ReadManifest("web.yaml", []byte(text))
		for _, send := range []func() ([]lessons.Fault, error){
			func() ([]lessons.Fault, error) { return m.Review(t.Context(), c, ws) },
			func() ([]lessons.Fault, error) { return m.Apply(t.Context(), c, ws) },
		} {
			if faults, err := send(); err != nil || len(faults) > 0 {
				t.Fatalf("%+v, %v", faults, err)
			}
		}
	}
	const pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  labels: {a: b, c: d}\nspec:\n  containers:\n  - {name: c, image: 'nginx:1.27'}\n"
	d := client(t, c)
	// What was made in another way is taken over.
	create(t, d, ws.Namespace, lessons.Object{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "p", "labels": map[string]any{"mine": "x"}},
		"spec": map[string]any{"containers": []any{map[string]any{"name": "c", "image": "nginx:1.28"}}}})
	apply(pod)
	apply(pod)
	apply(strings.Replace(pod, ", c: d", "", 1))
	p, err := d.Resource(resource(kind(t, "Pod"))).Namespace(ws.Namespace).Get(t.Context(), "p", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(p.GetLabels()); got != "map[a:b mine:x]" {
		t.Errorf("labels %s: a field taken out of the manifest stays, or what others wrote is lost", got)
	}
	apply(goodManifest)
	apply(strings.Replace(goodManifest, "replicas: 2", "replicas: 1", 1))
	apply("apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  type: NodePort\n  selector: {app: web}\n  ports:\n  - {port: 80, nodePort: 31234}\n")
	apply("apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  type: NodePort\n  selector: {app: web}\n  ports:\n  - {port: 81, nodePort: 31234}\n")

	immutable := strings.Replace(goodManifest, "image: nginx:1.27", "image: nginx:1.28", 1)
	immutable = strings.ReplaceAll(immutable, "{app: web}", "{app: shop}")
	faults, err := lessons.ReadManifest("web.yaml", []byte(immutable)).Review(t.Context(), c, ws)
	if err != nil || len(faults) == 0 || faults[0].Line != 8 || !strings.Contains(faults[0].Said, "field is immutable") {
		t.Errorf("a selector that cannot be changed: %+v, %v", faults, err)
	}
	podChange := strings.Replace(pod, "spec:\n", "spec:\n  nodeName: elsewhere\n", 1)
	faults, err = lessons.ReadManifest("p.yaml", []byte(podChange)).Review(t.Context(), c, ws)
	if err != nil || len(faults) == 0 || !strings.Contains(faults[0].Said, "may not change fields") {
		t.Errorf("another node for a Pod: %+v, %v", faults, err)
	}
}

func TestWithoutAWorkspaceNothingIsToldOfAManifest(t *testing.T) {
	t.Parallel()
	c := sandbox.Open(t)
	ws := lessons.Workspace{Lesson: "none", Namespace: "default"}
	m := lessons.ReadManifest("web.yaml", []byte(goodManifest))
	if faults, err := m.Review(t.Context(), c, ws); len(faults) > 0 || trouble(t, err) != lessons.Guarded {
		t.Errorf("in a namespace that is none of ours: %+v, %v", faults, err)
	}
	ws.Namespace = "k8stutor-never-made"
	if faults, err := m.Apply(t.Context(), c, ws); len(faults) > 0 || trouble(t, err) != lessons.Guarded {
		t.Errorf("in a namespace that is not there: %+v, %v", faults, err)
	}
}

func TestAClusterThatIsAwayTellsNothingOfAManifest(t *testing.T) {
	t.Parallel()
	o := sandbox.Alone(t)
	c, err := cluster.Open(t.Context(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ws, err := c.Prepare(t.Context(), "dryrun-away")
	if err != nil {
		t.Fatal(err)
	}
	m := lessons.ReadManifest("web.yaml", []byte(goodManifest))
	if err := cluster.NewSandbox(o).Down(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	faults, err := m.Review(t.Context(), c, ws)
	if len(faults) > 0 || !slices.Contains([]lessons.Trouble{lessons.Unreachable, lessons.TimedOut}, trouble(t, err)) {
		t.Errorf("%+v, %v", faults, err)
	}
}
