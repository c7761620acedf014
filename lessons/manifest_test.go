package lessons

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const webYAML = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
spec:
  replicas: "three"
  template:
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports:
        - containerPort: 80
      - name: side
        imagee: busybox
        ports:
        - containerPort: "80"
---
# the second
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports:
  - port: 80
    name: http
  - port: 70000
`

// saying is an Applier that says what a test has it say.
type saying struct {
	refusals []Refusal
	fields   map[string][]string
	err      error
	sent     []string
}

func (s *saying) DryRun(_ context.Context, _ Workspace, docs []Document) ([]Refusal, error) {
	for _, d := range docs {
		s.sent = append(s.sent, d.Kind+"/"+d.Name)
	}
	return s.refusals, s.err
}
func (s *saying) Apply(ctx context.Context, ws Workspace, docs []Document) ([]Refusal, error) {
	return s.DryRun(ctx, ws, docs)
}
func (s *saying) Fields(_ context.Context, _ Document, within []string) map[string][]string {
	return s.fields
}

func TestWhatTheAPIServerSaysIsShownWithItsLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		r    Refusal
		want []string // line:column path
	}{
		{"an unknown field", Refusal{Said: `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[1].imagee"`},
			[]string{"17:9 spec.template.spec.containers[1].imagee"}},
		{"several at once", Refusal{Said: `strict decoding error: unknown field "spec.template.spec.containers[1].imagee", unknown field "metadata.labels"`},
			[]string{"17:9 spec.template.spec.containers[1].imagee", "5:3 metadata.labels"}},
		{"a key twice", Refusal{Said: "strict decoding error: yaml: unmarshal errors:\n  line 12: key \"name\" already set in map"}, []string{"12:0 "}},
		{"a value of the wrong type", Refusal{Said: `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`}, []string{"8:3 spec.replicas"}},
		{"one in a list, whose number is not said", Refusal{Said: `json: cannot unmarshal string into Go struct field ContainerPort.spec.template.spec.containers.ports.containerPort of type int32`},
			[]string{"19:11 spec.template.spec.containers.ports.containerPort"}},
		{"an invalid value", Refusal{Document: 1, Path: "spec.ports[1].port", Said: "spec.ports[1].port: Invalid value: 70000: must be between 1 and 65535, inclusive"}, []string{"29:5 spec.ports[1].port"}},
		{"a value that is missing, at what it is missing from", Refusal{Document: 1, Path: "spec.ports[1].name", Said: "spec.ports[1].name: Required value"}, []string{"29:5 spec.ports[1].name"}},
		{"a key with dots", Refusal{Path: "metadata.labels[app.kubernetes.io/name]"}, []string{"6:5 metadata.labels[app.kubernetes.io/name]"}},
		{"a key with dots and no brackets", Refusal{Path: "metadata.labels.app.kubernetes.io/name"}, []string{"6:5 metadata.labels.app.kubernetes.io/name"}},
		{"server-side apply", Refusal{Said: `failed to create typed patch object (w/web; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="side"].imagee: field not declared in schema`},
			[]string{`17:9 spec.template.spec.containers[name="side"].imagee`}},
		{"nothing that has a place", Refusal{Said: "exceeded quota: small"}, []string{"1:1 "}},
		{"a field that is nowhere", Refusal{Path: "status.conditions[3].type"}, []string{"1:1 status.conditions[3].type"}},
		{"a document that there is not", Refusal{Document: 7}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m := ReadManifest("web.yaml", []byte(webYAML))
			faults, err := m.Review(t.Context(), &saying{refusals: []Refusal{tc.r}}, testWorkspace)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range faults {
				got = append(got, fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Path))
				if !strings.Contains(f.Said+"\n", tc.r.Said) && len(tc.want) == 1 && !strings.Contains(tc.r.Said, "\n") {
					t.Errorf("the words were changed: %q", f.Said)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMisspeltFieldIsOfferedTheNearestName(t *testing.T) {
	t.Parallel()
	m := ReadManifest("web.yaml", []byte(webYAML))
	a := &saying{fields: map[string][]string{"spec.template.spec.containers[1]": {"args", "image", "name"}},
		refusals: []Refusal{{Said: `strict decoding error: unknown field "spec.template.spec.containers[1].imagee", unknown field "spec.zzz"`}}}
	faults, err := m.Review(t.Context(), a, testWorkspace)
	if err != nil || len(faults) != 2 {
		t.Fatalf("%+v, %v", faults, err)
	}
	if got := faults[0].Advice.In(English); !strings.Contains(got, "did you mean `image`?") {
		t.Error(got)
	}
	if got := faults[1].Advice.In(English); strings.Contains(got, "mean") || !strings.Contains(got, "indented") {
		t.Error(got)
	}
}

func TestTheDocumentsOfAManifestAreSentAsTheyStand(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"as it is":            webYAML,
		"with a mark":         "\ufeff" + webYAML,
		"with line ends":      strings.ReplaceAll(webYAML, "\n", "\r\n"),
		"with empty ones":     "---\n" + webYAML + "---\n# nothing\n---\n",
		"with a document end": strings.Replace(webYAML, "---\n", "...\n---\n", 1),
	} {
		m := ReadManifest("web.yaml", []byte(text))
		a := &saying{}
		faults, err := m.Review(t.Context(), a, testWorkspace)
		if len(faults) != 0 || err != nil {
			t.Errorf("%s: %+v, %v", name, faults, err)
		}
		if want := []string{"Deployment/web", "Service/web"}; !slices.Equal(a.sent, want) {
			t.Errorf("%s: sent %q", name, a.sent)
		}
		if len(m.Docs) != 2 {
			continue
		}
		// Line numbers that the API server counts are those of the file.
		lines := strings.Split(string(m.Docs[1].YAML), "\n")
		if got := lines[m.Docs[1].Line-1]; got != "apiVersion: v1" {
			t.Errorf("%s: line %d of the second is %q", name, m.Docs[1].Line, got)
		}
	}
}

func TestWhatCanBeSeenInTheFileIsNotSent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text, place, advice string
	}{
		{"nothing", "", "0:0", "is empty"},
		{"comments only", "# a\n---\n# b\n", "0:0", "is empty"},
		{"a picture", "a: b\n\x89PNG\r\n", "2:0", "not text in UTF-8"},
		{"a zero byte", "a: b\x00", "1:0", "not text in UTF-8"},
		{"too large", strings.Repeat("# 1234567\n", 110_000), "0:0", "larger than 1 MB"},
		{"too many", strings.Repeat("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\n", 51), "201:1", "More than 50"},
		{"a tab", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: web\n", "4:1", "a tab"},
		{"a full-width space", "apiVersion: v1\nkind: Pod\nmetadata:\n\u3000\u3000name: web\n", "4:1", "full-width space"},
		{"a full-width colon", "apiVersion: v1\nkind: Pod\nmetadata:\n  name：web\n", "4:7", "full-width `：`"},
		{"a full-width colon on the first line", "apiVersion：v1\nkind: Pod\n", "1:11", "U+FF1A"},
		{"a key in typographic quotes", "apiVersion: v1\n“kind”: Pod\n", "2:1", "U+201C"},
		{"brackets of the other width", "apiVersion: v1\nkind: Pod\nmetadata: {name: web｝\n", "3:21", "U+FF5D"},
		{"a quote that is not closed", "apiVersion: v1\nkind: \"Pod\nmetadata:\n", "2:0", "not closed"},
		{"a colon in a value", "apiVersion: v1\nkind: Pod: web\n", "2:0", "no key can be"},
		{"a wrong indentation", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n   labels: {}\n", "5:0", "no key can be"},
		{"a list", "- a\n- b\n", "1:1", "An object begins here"},
		{"no apiVersion", "kind: Service\nmetadata: {name: web}\n", "1:1", "`apiVersion: v1`"},
		{"no kind", "apiVersion: v1\nmetadata: {name: web}\n", "1:1", "no `kind`"},
		{"no name", "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n", "3:1", "no `metadata.name`"},
		{"no metadata", "apiVersion: v1\nkind: Pod\n", "1:1", "no `metadata.name`"},
		{"a List", "apiVersion: v1\nkind: List\nitems: []\n", "1:1", "not as a List"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := &saying{}
			faults, err := ReadManifest("web.yaml", []byte(tc.text)).Review(t.Context(), a, testWorkspace)
			if err != nil || len(a.sent) > 0 {
				t.Errorf("sent %q, %v", a.sent, err)
			}
			if len(faults) == 0 {
				t.Fatal("no fault was found")
			}
			f := faults[0]
			if got := fmt.Sprintf("%d:%d", f.Line, f.Column); got != tc.place || !strings.Contains(f.Advice.In(English), tc.advice) {
				t.Errorf("%s %q %q; want %s, %q", got, f.Said, f.Advice.In(English), tc.place, tc.advice)
			}
			if f.Advice[Chinese] == "" || f.Advice[Chinese] == f.Advice[English] {
				t.Errorf("in Chinese: %q", f.Advice[Chinese])
			}
		})
	}
}

func TestChinesePunctuationInTextsIsNoFault(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"in a block":    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.txt: |\n    name：你好\n    “quoted”: 是\n\n    \tindented\n  b: \"他说：“好”\"\n",
		"in a comment":  "# 说明：“配置”\napiVersion: v1\nkind: Pod # 类型：Pod\nmetadata: {name: a}\n",
		"in a list":     "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - args: [echo]\n    command:\n    - note：hello\n",
		"in annotation": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    owner: “李雷”：后端\n",
	} {
		if m := ReadManifest("web.yaml", []byte(text)); len(m.Faults) > 0 || len(m.Docs) != 1 {
			t.Errorf("%s: %+v", name, m.Faults)
		}
	}
}

func TestQuotesOfTheWrongKindAreNamedWhereTheAPIServerRefusesTheLine(t *testing.T) {
	t.Parallel()
	text := "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: “web”\n    image: nginx\n"
	m := ReadManifest("web.yaml", []byte(text))
	faults, err := m.Review(t.Context(), &saying{refusals: []Refusal{{Path: "spec.containers[0].name", Said: "spec.containers[0].name: Invalid value"}}}, testWorkspace)
	if err != nil || len(faults) != 1 || faults[0].Line != 6 || faults[0].Column != 11 || !strings.Contains(faults[0].Advice.In(Chinese), "半角") {
		t.Errorf("%+v, %v", faults, err)
	}
	if got, want := faults[0].Caret(), "          ^"; got != want {
		t.Errorf("caret %q, want %q", got, want)
	}
}

func TestTheCaretStandsUnderWideCharacters(t *testing.T) {
	t.Parallel()
	f := Fault{Source: "名字：x", Column: 3}
	if got := f.Caret(); got != "    ^" {
		t.Errorf("%q", got)
	}
	for _, none := range []Fault{{Source: "abc"}, {Source: "abc", Column: 9}} {
		if got := none.Caret(); got != "" {
			t.Errorf("%+v: %q", none, got)
		}
	}
}

func TestTheLearnersFileIsNeverLost(t *testing.T) {
	t.Parallel()
	f := Files{filepath.Join(t.TempDir(), "files")}
	step := &Step{ID: "write", Kind: Manifest, Draft: Draft{Name: "web.yaml", Text: []byte("# draft\n")}}
	l := &Lesson{ID: "services", Steps: []*Step{{ID: "create", Kind: Do}, step}}
	read := func(path string) string {
		t.Helper()
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	dir, err := f.LayAll(l)
	path := f.Path(l.ID, step)
	if err != nil || filepath.Dir(path) != dir || read(path) != "# draft\n" {
		t.Fatalf("%s, %v", dir, err)
	}
	if kept, err := f.Reset(l, ""); len(kept) > 0 || err != nil {
		t.Errorf("kept what nobody changed: %q, %v", kept, err)
	}
	if err := f.Write(l.ID, step, "mine"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.LayAll(l); err != nil || read(path) != "mine" {
		t.Errorf("the draft was put over the learner's file: %v", err)
	}
	if kept, err := f.Reset(l, "nothing"); len(kept) > 0 || err != nil || read(path) != "mine" {
		t.Errorf("the reset of another step took it: %q, %v", kept, err)
	}
	kept, err := f.Reset(l, "write")
	if err != nil || len(kept) != 1 || read(kept[0]) != "mine" || read(path) != "# draft\n" {
		t.Errorf("reset: %q, %v", kept, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	m, err := f.Read(l.ID, step)
	if err != nil || len(m.Faults) != 1 || read(path) != "# draft\n" {
		t.Errorf("a file that was deleted: %+v, %v", m, err)
	}
	if err := os.Truncate(path, 100<<20); err != nil {
		t.Fatal(err)
	}
	if m, err := f.Read(l.ID, step); err != nil || !strings.Contains(m.Faults[0].Advice.In(English), "larger") {
		t.Errorf("100 MB: %+v, %v", m, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(l.ID, step); err == nil {
		t.Error("a folder was read as a file")
	}
}

func FuzzLocate(f *testing.F) {
	f.Add(webYAML, "spec.template.spec.containers[1].imagee", `unknown field "spec.x"`)
	f.Add("a: &a [*a]", "a[0][0].b", "cannot unmarshal string into Go struct field X.a of type int")
	f.Add("a: &x {b: 1}\nc: [*x, *x]\n", "c[1].b", "line 2: key \"a\" already set in map")
	f.Add("“a”：b\n\t- c", "][.[", `.a[b="c",d=1].e: field`)
	f.Add("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {x: &y [*y]}", "spec.x", "yaml: line 99999999999999999999:")
	f.Fuzz(func(t *testing.T, text, path, said string) {
		m := ReadManifest("f.yaml", []byte(text))
		if (len(m.Faults) == 0) != (len(m.Docs) > 0) {
			t.Fatalf("%d documents and %d faults", len(m.Docs), len(m.Faults))
		}
		lines := strings.Count(strings.ReplaceAll(text, "\r\n", "\n"), "\n") + 1
		a := &saying{refusals: []Refusal{{Path: path, Said: said}, {Said: said}, {Document: len(m.Docs) - 1, Said: said}}}
		faults, err := m.Review(t.Context(), a, testWorkspace)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults {
			if fault.Line < 0 || fault.Line > lines && len(a.sent) == 0 {
				t.Errorf("line %d of %d: %+v", fault.Line, lines, fault)
			}
			if s := fault.Source + fault.Said + fault.Caret(); s != PrintableLines(s) {
				t.Errorf("control characters come through: %q", s)
			}
		}
	})
}
