package linter

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
)

func command(words ...string) lint.Command {
	return lint.Command{At: "here:1", Argv: append([]string{"kubectl"}, words...)}
}

func TestCommandsThatKubectlTakes(t *testing.T) {
	t.Parallel()
	k := newKubectl()
	for _, line := range []string{
		"get pods", "get pods -A -o wide", "-n demo get pods", "get --raw /healthz", "get -f web.yaml", "get deploy/web pod/x",
		"create deployment web --image=nginx:1.27 --replicas=3", "create service clusterip web --tcp=80:80",
		"create job once --image=busybox -- sh -c date", "create -f x.yaml", "create secret generic key --from-literal=a=b",
		"run web --image=nginx", "run -it --rm sh --image=busybox --restart=Never -- wget -qO- http://web",
		"apply -f -", "apply -k .", "expose deployment web --port=80", "scale deployment web --replicas=5", "scale deployment -l app=web --replicas=2",
		"set image deployment/web nginx=nginx:1.28", "set selector service web app=web", "rollout status deployment/web", "rollout undo deployment web",
		"logs -f web", "logs -l app=web --tail=5", "exec -it web -- sh", "port-forward service/web 8080:80", "delete pods -l app=web", "delete pod web --now",
		"explain pods.spec", "api-resources", "version", "config current-context", "top pods", "auth can-i get pods", "wait --for=condition=Ready pod/web --timeout=30s",
		"help rollout", "rollout --help", "patch service web -p " + lint.Unknown, lint.Unknown + " pods", "rollout " + lint.Unknown, "scale deployment web --replicas=" + lint.Unknown,
		"delete " + lint.Unknown, "label pods --all tier=x", "plugin list", "",
	} {
		if got := k.lint(command(strings.Fields(line)...)); got != nil {
			t.Errorf("kubectl %s: %+v", line, got)
		}
	}
}

func TestCommandsThatKubectlRefuses(t *testing.T) {
	t.Parallel()
	k := newKubectl()
	for _, tc := range []struct{ line, rule, said, expected string }{
		{"gett pods", lint.RuleCommand, `kubectl has no command "gett"`, "get, perhaps"},
		{"-n demo gett pods", lint.RuleCommand, `no command "gett"`, "get, perhaps"},
		{"rollout statsu deployment/web", lint.RuleCommand, "`kubectl rollout` has no command \"statsu\"", "status, perhaps"},
		{"create deploymnet web --image=nginx", lint.RuleCommand, "`kubectl create` has no command \"deploymnet\"", "deployment, perhaps"},
		{"get pods --selecter=app=web", lint.RuleFlag, "unknown flag: --selecter", "--selector, perhaps"},
		{"get pods -Q", lint.RuleFlag, "unknown shorthand flag: 'Q'", "see its --help"},
		{"scale deployment web --replicas=three", lint.RuleFlag, `does not take "three" for --replicas`, "a value of type int"},
		{"get pods -o", lint.RuleFlag, "flag needs an argument", ""},
		{"create deployment web", lint.RuleArgs, "is given no --image", ""},
		{"create deployment --image=nginx", lint.RuleArgs, "has 0 arguments", "one name"},
		{"create deployment web extra --image=nginx", lint.RuleArgs, "has 2 arguments", "one name"},
		{"get", lint.RuleArgs, "has 0 arguments", "TYPE"},
		{"expose deployment --port=80", lint.RuleArgs, "has 1 arguments", "TYPE NAME"},
		{"apply", lint.RuleArgs, "", "-f FILE"},
		{"exec web", lint.RuleArgs, "", "a command behind --"},
		{"port-forward web", lint.RuleArgs, "", "a port"},
		{"run --image=nginx", lint.RuleArgs, "", "a name"},
		{"delete pods", lint.RuleArgs, "", "TYPE NAME"},
	} {
		got := k.lint(command(strings.Fields(tc.line)...))
		if len(got) != 1 || got[0].Rule != tc.rule || !strings.Contains(got[0].Said["en"], tc.said) || !strings.Contains(got[0].Expected["en"], tc.expected) ||
			got[0].Said["zh"] == "" || got[0].Expected["zh"] == "" || got[0].At != "here:1" {
			t.Errorf("kubectl %s: %+v, want one %s with %q", tc.line, got, tc.rule, tc.said)
		}
	}
}

func TestACommandSpokenOfNeedNotBeWhole(t *testing.T) {
	t.Parallel()
	k := newKubectl()
	for line, wrong := range map[string]bool{
		"expose": false, "create deployment": false, "rollout": false, "logs --previous": false,
		"rolout": true, "expose --prot=80": true,
	} {
		c := command(strings.Fields(line)...)
		c.Named = true
		if got := k.lint(c); (got != nil) != wrong {
			t.Errorf("kubectl %s: %+v", line, got)
		}
	}
}

// What one command line sets must not be there for the next one.
func TestCommandsDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	k := newKubectl()
	if got := k.lint(command("exec", "web", "--", "sh")); got != nil {
		t.Fatal(got)
	}
	if got := k.lint(command("exec", "web")); len(got) != 1 {
		t.Errorf("after a -- on the line before: %+v, want one finding", got)
	}
	if got := k.lint(command("create", "deployment", "web", "--image=nginx")); got != nil {
		t.Fatal(got)
	}
	if got := k.lint(command("create", "deployment", "web")); len(got) != 1 {
		t.Errorf("after --image on the line before: %+v, want one finding", got)
	}
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
`

func TestManifests(t *testing.T) {
	t.Parallel()
	schema := newSchema()
	for name, tc := range map[string]struct {
		yaml string
		want []string // "line rule part of what is said -> part of what is expected"
	}{
		"a right one":              {deployment, nil},
		"two, and an empty one":    {deployment + "---\n---\n" + deployment, nil},
		"a list":                   {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: x}}\n", nil},
		"a Pod without a spec":     {"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", nil},
		"a custom resource":        {"apiVersion: example.com/v1\nkind: Widget\nspec: {}\n", nil},
		"a kubeconfig":             {"apiVersion: v1\nkind: Config\nclusters: []\n", nil},
		"a kind of its own":        {"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\nspec: {group: example.com, scope: Namespaced, names: {plural: widgets, kind: Widget}, versions: [{name: v1, served: true, storage: true}]}\n", nil},
		"an unknown field":         {strings.Replace(deployment, "replicas", "replica", 1), []string{`6 manifest-field unknown field "spec.replica" -> replicas, perhaps`}},
		"deep in a list":           {strings.Replace(deployment, "image:", "imagee:", 1), []string{`15 manifest-field unknown field "spec.template.spec.containers[0].imagee" -> image, perhaps`}},
		"of the second document":   {deployment + "---\n" + strings.Replace(deployment, "replicas", "replica", 1), []string{`22 manifest-field unknown field`}},
		"a key that stands twice":  {strings.Replace(deployment, "  replicas: 3\n", "  replicas: 3\n  replicas: 4\n", 1), []string{`7 manifest-field replicas`}},
		"a field like no other":    {strings.Replace(deployment, "replicas", "flavour", 1), []string{`6 manifest-field unknown field -> the fields of Deployment, apps/v1`}},
		"a field of metadata":      {strings.Replace(deployment, "  name: web", "  nam: web", 1), []string{`4 manifest-field metadata.nam -> name, perhaps`}},
		"a word that is not taken": {strings.Replace(deployment, "    spec:\n", "    spec:\n      restartPolicy: Allways\n", 1), []string{`13 manifest-field spec.template.spec.restartPolicy is "Allways" -> Always, perhaps`}},
		"no selector":              {strings.Replace(deployment, "  selector:\n    matchLabels: {app: web}\n", "", 1), []string{`6 manifest-required spec.selector is missing`}},
		"a container without name": {strings.Replace(deployment, "- name: nginx\n        image", "- image", 1), []string{`14 manifest-required spec.template.spec.containers[0].name is missing`}},
		"a word for a number":      {strings.Replace(deployment, "replicas: 3", "replicas: three", 1), []string{`6 manifest-field cannot unmarshal string`}},
		"another group":            {strings.Replace(deployment, "apps/v1", "app/v1", 1), []string{`2 manifest-kind no kind Deployment in app/v1 -> apiVersion: apps/v1`}},
		"a kind misspelt":          {strings.Replace(deployment, "Deployment", "Deploiment", 1), []string{`2 manifest-kind no kind Deploiment -> Deployment, perhaps`}},
		"a version long gone":      {strings.Replace(deployment, "apps/v1", "extensions/v1beta1", 1), []string{`1 manifest-kind not served any more, since Kubernetes 1.16 -> apiVersion: apps/v1`}},
		"no kind":                  {"apiVersion: v1\nmetadata: {}\n", []string{"1 manifest-kind without apiVersion or kind"}},
		"no YAML":                  {"kind: [\n", []string{"manifest-yaml not YAML"}},
		"a word where a map is":    {"just a word\n", []string{"1 manifest-kind without apiVersion"}},
		"two faults in one object": {strings.Replace(strings.Replace(deployment, "replicas", "replica", 1), "image:", "imagee:", 1), []string{"6 manifest-field spec.replica", "15 manifest-field imagee"}},
	} {
		got := schema.lint(lint.Manifest{At: "web.yaml:1", YAML: tc.yaml, Whole: true})
		if len(got) != len(tc.want) {
			t.Errorf("%s: %+v, want %q", name, got, tc.want)
			continue
		}
		for i, want := range tc.want {
			said, expected, _ := strings.Cut(want, " -> ")
			text := f(got[i])
			for _, part := range append(strings.SplitN(said, " ", 3), expected) {
				if !strings.Contains(text, part) {
					t.Errorf("%s: %q does not say %q", name, text, part)
				}
			}
		}
	}
}

func TestWhatProseLeavesOutIsNotMissed(t *testing.T) {
	t.Parallel()
	schema := newSchema()
	part := "apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 3\n"
	if got := schema.lint(lint.Manifest{At: "a:1", YAML: part}); got != nil {
		t.Errorf("in prose: %+v", got)
	}
	if got := schema.lint(lint.Manifest{At: "a:1", YAML: part, Whole: true}); len(got) != 2 {
		t.Errorf("as a file: %+v, want selector and template missed", got)
	}
}

func f(x lint.Finding) string {
	b, _ := json.Marshal(x) // maps of strings always marshal
	return strings.ReplaceAll(string(b), `\"`, `"`)
}

func TestRunReadsAndWritesJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	in := `{"commands": [{"at": "a:1", "argv": ["kubectl", "gett"]}], "manifests": [{"at": "b:1", "yaml": "kind: [\n"}]}`
	if err := Run(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	var resp lint.Response
	if err := json.Unmarshal(out.Bytes(), &resp); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range resp.Findings {
		got = append(got, f.At+" "+f.Rule)
	}
	if diff := cmp.Diff([]string{"a:1 kubectl-command", "b:1 manifest-yaml"}, got); diff != "" {
		t.Error(diff)
	}
	if err := Run(strings.NewReader("no JSON"), &out); err == nil {
		t.Error("a request that is no JSON was answered")
	}
}

func BenchmarkCommand(b *testing.B) {
	k := newKubectl()
	for b.Loop() {
		k.lint(command("create", "deployment", "web", "--image=nginx"))
	}
}
