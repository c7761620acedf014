package lessons

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// exampleCourse returns the files of the course in testdata, for changing.
func exampleCourse(t testing.TB) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	root := os.DirFS("testdata")
	err := fs.WalkDir(root, "course", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func mustLoad(t testing.TB) *Lesson {
	t.Helper()
	c, err := Load(exampleCourse(t), "course")
	if err != nil {
		t.Fatal(err)
	}
	return c.Modules[0].Lessons[0]
}

func TestACourseIsReadWithItsTextsInBothLanguages(t *testing.T) {
	t.Parallel()
	c, err := Load(exampleCourse(t), "course")
	if err != nil {
		t.Fatal(err)
	}
	l := c.Modules[0].Lessons[0]
	for _, tc := range []struct {
		what      string
		got, want any
	}{
		{"course", c.Title, Text{English: "A small course", Chinese: "一门小课程"}},
		{"summary", c.Summary.In(English), "One lesson, for the tests of the loader."},
		{"module", c.Modules[0].Title, Text{English: "Networking", Chinese: "网络"}},
		{"a title without Markdown's marks", l.Pages[0].Title, Text{English: "Why a Service?", Chinese: "为什么需要 Service？"}},
		{"sub-headings and code stay in the page", l.Pages[0].Body.In(English),
			"Pods have addresses. They do not keep them.\n\n### What stays\n\n- the name\n- the address\n\n```yaml\n# not a heading {#nothing}\nkind: Service\n```"},
		{"hints", len(l.Steps[0].Hints), 2},
		{"check", l.Steps[0].Checks[0].Title.In(English), "3 replicas"},
		{"folded expression", l.Steps[0].Checks[1].Expr, Expr{"rolledOut(web) && web.status.availableReplicas == 3", Position{"course/services/lesson.yaml", 28}}},
		{"plain number as an expression", l.Steps[0].Checks[1].Expected.Source, "3"},
		{"hold", l.Steps[0].Checks[1].Hold.String(), "2s"},
		{"a kind of one's own", l.Steps[0].Queries[3].Kind, Kind{"example.com", "v1", "Widget", "widgets", true}},
		{"setup objects in order", field(l.Steps[2].Setup[1], "spec", "ports"), []any{map[string]any{"port": int64(80)}}},
		{"YAML 1.1's booleans stay words", field(l.Steps[2].Setup[0], "metadata", "annotations"), map[string]any{"on": "yes", "y": "1"}},
		{"prompt with a list of its own", l.Questions[0].Prompt.In(English), "Think of this Service:\n\n- one selector\n- one port\n\nThen choose."},
		{"option", l.Questions[0].Options[0], Option{
			Text:   Text{English: "Pods that match and are ready", Chinese: "Pods that match and are ready"},
			Reason: Text{English: "Both are needed.\n\n    kubectl get pods", Chinese: "两个条件缺一不可。\n\n    kubectl get pods"},
			Right:  true,
		}},
		{"order", l.Questions[3].Options[2].Text.In(English), "The Pod answers"},
		{"why of a choice is optional", l.Questions[0].Why, Text(nil)},
		{"why", l.Questions[4].Why.In(English), "The label carries the Service's name."},
	} {
		if diff := cmp.Diff(tc.want, tc.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.what, diff)
		}
	}
	var kinds []string
	for _, k := range l.Kinds() {
		kinds = append(kinds, k.Kind)
	}
	if diff := cmp.Diff([]string{"Deployment", "EndpointSlice", "Pod", "Service", "Widget"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

// An edit replaces old by new once in a file of the example course; old "" puts
// new at the end, and new "" with it removes the file.
type edit struct{ file, old, new string }

func (e edit) apply(t testing.TB, files fstest.MapFS) {
	t.Helper()
	name := "course/" + e.file
	switch {
	case e.old != "":
		s := string(files[name].Data)
		if !strings.Contains(s, e.old) {
			t.Fatalf("%s does not contain %q", name, e.old)
		}
		files[name].Data = []byte(strings.Replace(s, e.old, e.new, 1))
	case e.new == "":
		delete(files, name)
	default:
		files[name].Data = append(files[name].Data, e.new...)
	}
}

const (
	lessonYAML = "services/lesson.yaml"
	en         = "services/en.md"
	zh         = "services/zh.md"
)

func TestEveryFaultIsReportedWithItsPlace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		edits []edit
		want  []string // without "course/"
	}{
		{"unknown key", []edit{{lessonYAML, "minutes: 20", "minutes: 20\nminuts: 3"}},
			[]string{`services/lesson.yaml:4: unknown key "minuts"; lesson.yaml has format, id, minutes, needs, after, clusterScoped, pages, steps, questions; did you mean minutes?`}},
		{"a key twice", []edit{{lessonYAML, "minutes: 20", "minutes: 20\nminutes: 20"}},
			[]string{`services/lesson.yaml:4: the key "minutes" stands in line 3 already`}},
		{"the words on and y are unknown keys, not booleans", []edit{{lessonYAML, "minutes: 20", "minutes: 20\non: 1\ny: 2"}},
			[]string{`services/lesson.yaml:4: unknown key "on"; lesson.yaml has format, id, minutes, needs, after, clusterScoped, pages, steps, questions`,
				`services/lesson.yaml:5: unknown key "y"; lesson.yaml has format, id, minutes, needs, after, clusterScoped, pages, steps, questions`}},
		{"not YAML", []edit{{lessonYAML, "pages: [why, anatomy]", "pages: [why, anatomy"}},
			[]string{`services/lesson.yaml:5: this is not YAML: did not find expected ',' or ']'`}},
		{"a newer format", []edit{{lessonYAML, "format: 1", "format: 2\nnews: true"}},
			[]string{`services/lesson.yaml:1: the course is written in format 2, this program reads up to 1: a newer k8stutor is needed`}},
		{"no format", []edit{{lessonYAML, "format: 1\n", ""}}, []string{`services/lesson.yaml:1: lesson.yaml needs "format"`}},
		{"an alias", []edit{{lessonYAML, "needs: []", "needs: &n []"}, {lessonYAML, "pages: [why, anatomy]", "pages: *n"}},
			[]string{`services/lesson.yaml:5: an alias (*n), where a list was expected: pages: [...]`,
				`services/lesson.yaml:5: the lesson has no pages; it needs one at least`,
				`services/en.md:5: nothing uses the heading {#why}`, `services/en.md:19: nothing uses the heading {#anatomy}`,
				`services/zh.md:5: nothing uses the heading {#why}`, `services/zh.md:19: nothing uses the heading {#anatomy}`}},
		{"id and folder differ", []edit{{lessonYAML, "id: services", "id: service"}},
			[]string{`services/lesson.yaml:2: the lesson's id is "service" and its folder "services"; both are the same`}},
		{"a bad id", []edit{{lessonYAML, "- id: is-it", "- id: Is_It"}},
			[]string{`services/lesson.yaml:66: "Is_It" is not an id; ids are lower case letters, digits and -, at most 63 of them`,
				`services/en.md: the heading {#Is_It} is missing`, `services/en.md:114: nothing uses the heading {#is-it}; did you mean Is_It?`,
				`services/zh.md: the heading {#Is_It} is missing`, `services/zh.md:114: nothing uses the heading {#is-it}; did you mean Is_It?`}},
		{"minutes 0", []edit{{lessonYAML, "minutes: 20", "minutes: 0"}},
			[]string{`services/lesson.yaml:3: minutes is 0; it is how long a learner needs, more than 0`}},
		{"an unknown need", []edit{{lessonYAML, "needs: []", "needs: [nodes>=3, metric]"}},
			[]string{`services/lesson.yaml:4: unknown need "metric"; a lesson may need traffic, metrics, ingress, loadbalancer, storage, nodes>=2; did you mean metrics?`}},
		{"a page and a step of one id", []edit{{lessonYAML, "pages: [why, anatomy]", "pages: [why, anatomy, create]"}},
			[]string{`services/lesson.yaml:7: the id "create" is used twice; the lesson and each page, step and question have their own`}},
		{"until names an earlier step", []edit{{lessonYAML, "kind: repair", "kind: repair\n  until: create"}},
			[]string{`services/lesson.yaml:49: until of step "rescue" is "create", which is no later step of this lesson`}},
		{"an unknown kind of step", []edit{{lessonYAML, "kind: do", "kind: doo"}},
			[]string{`services/lesson.yaml:8: unknown kind "doo"; it is one of do, ask, repair, predict, manifest; did you mean do?`}},
		{"an unknown kind of object", []edit{{lessonYAML, "kind: Deployment", "kind: Deploymnet"}},
			[]string{`services/lesson.yaml:11: unknown kind "Deploymnet"; did you mean Deployment?; for a kind of your own give apiVersion and resource too`}},
		{"a name that CEL reserves", []edit{{lessonYAML, "widgets: {kind", "namespace: {kind"}},
			[]string{`services/lesson.yaml:14: "namespace" cannot be a name in expressions; a name is letters, digits and _, and no word of CEL's own`}},
		{"an expression that does not compile", []edit{{lessonYAML, "expr: web.spec.replicas == 3", "expr: wbe.spec.replicas == 3"}},
			[]string{`services/lesson.yaml:21: expression "wbe.spec.replicas == 3": column 1: undeclared reference to 'wbe' (in container '')`}},
		{"an expression of the wrong type", []edit{{lessonYAML, "expr: web.spec.replicas == 3", "expr: \"has(web.spec) && 'a' + 1 == 'a1'\""}},
			[]string{`services/lesson.yaml:21: expression "has(web.spec) && 'a' + 1 == 'a1'": column 22: found no matching overload for '_+_' applied to '(string, int)'`}},
		{"a fault in the second line of an expression", []edit{{lessonYAML, "    expr: >-\n", "    expr: |-\n"}, {lessonYAML, "web.status.availableReplicas == 3\n", "wbe.status.availableReplicas == 3\n"}},
			[]string{`services/lesson.yaml:28: expression "rolledOut(web) &&\nwbe.status.availableReplicas == 3": line 2, column 1: undeclared reference to 'wbe' (in container '')`}},
		{"an endless expression", []edit{{lessonYAML, "expr: web.spec.replicas == 3", "expr: \"true" + strings.Repeat(" && true", 600) + "\""}},
			[]string{`services/lesson.yaml:21: this expression has 4804 bytes; there can be 4000 at most`}},
		{"a control character that YAML hides", []edit{{lessonYAML, "expected: \"3\"", `expected: "3\e[2J"`}},
			[]string{`services/lesson.yaml:22: control character U+001B in a quoted word; course files hold only what can be seen, line ends and tabs`}},
		{"a control character that HTML hides", []edit{{en, "## Create a Deployment", "## Create&#27;]52;c;eA== a Deployment"}},
			[]string{`services/en.md:23: control character U+001B in the heading; course files hold only what can be seen, line ends and tabs`}},
		{"C1 in a setup file", []edit{{"services/setup/shop.yaml", "kind: Deployment", "kind: Deployment # \u009b2J"}},
			[]string{`services/setup/shop.yaml:2: control character U+009B; course files hold only what can be seen, line ends and tabs`}},
		{"a text turned around", []edit{{zh, "- [ ] 绿", "- [ ] \u202e绿"}},
			[]string{`services/zh.md:104: U+202E, which turns the direction of writing; course files hold only what can be seen, line ends and tabs`}},
		{"a command with something unseen in it", []edit{{lessonYAML, "kubectl set selector service shop app=shop", "kubectl set selector service shop app=sh\u200bop"}},
			[]string{`services/lesson.yaml:60: U+200B, which cannot be seen; course files hold only what can be seen, line ends and tabs`}},
		{"nesting without end", []edit{{lessonYAML, "needs: []", "needs: " + strings.Repeat("[", 60) + strings.Repeat("]", 60)}},
			[]string{`services/lesson.yaml:4: this is nested deeper than 50 levels`}},
		{"nesting beyond the parser", []edit{{lessonYAML, "needs: []", "needs:" + strings.Repeat("\n"+strings.Repeat(" [", 200), 100)}},
			[]string{`services/lesson.yaml:55: this is not YAML: exceeded max depth of 10000`}},
		{"after itself", []edit{{lessonYAML, "needs: []", "after: [services]"}},
			[]string{`services/lesson.yaml:4: the lessons build on each other in a circle: services -> services`}},
		{"after nothing", []edit{{lessonYAML, "needs: []", "after: [service]"}},
			[]string{`services/lesson.yaml:4: lesson "services" comes after "service", which is no lesson of this course; did you mean services?`}},
		{"a kind outside of namespaces that is not declared", []edit{{"services/setup/shop.yaml", "", "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: pv}\n"}},
			[]string{`services/setup/shop.yaml:22: PersistentVolume/pv does not live in a namespace; the lesson must declare that it makes such objects: clusterScoped: [PersistentVolume]`}},
		{"a kind outside of namespaces that may not be declared", []edit{{lessonYAML, "needs: []", "clusterScoped: [Node]"}},
			[]string{`services/lesson.yaml:4: "Node" is no kind outside of namespaces that a lesson can make; there are PersistentVolume, PriorityClass, StorageClass`}},
		{"an id with two dashes", []edit{{"course.yaml", "id: demo", "id: de--mo"}, {"en.md", "{#demo}", "{#de--mo}"}, {"zh.md", "{#demo}", "{#de--mo}"}},
			[]string{`course.yaml:2: the id "de--mo" has two - in a row, which part the course from the lesson in names of namespaces`}},
		{"a course of a newer format", []edit{{"course.yaml", "format: 1", "format: 7"}},
			[]string{`course.yaml:1: the course is written in format 7, this program reads up to 1: a newer k8stutor is needed`}},
		{"a check about nothing", []edit{{lessonYAML, "about: shop", "about: shp"}},
			[]string{`services/lesson.yaml:58: the check is about "shp", which is none of the step's objects; did you mean shop?`}},
		{"a mistake of no check", []edit{{lessonYAML, "check: replicas", "check: replica"}},
			[]string{`services/lesson.yaml:35: mistake "bare-pod" explains check "replica", which the step does not have; did you mean replicas?`,
				`services/en.md:45: {{found}} has no value here; there is selector`, `services/zh.md:45: {{found}} has no value here; there is selector`}},
		{"no solution", []edit{{lessonYAML, "  solution: [\"kubectl set selector service shop app=shop\"]\n", ""}},
			[]string{`services/lesson.yaml:49: a step needs "solution"`}},
		{"answer in a do step", []edit{{lessonYAML, "  until: rescue", "  until: rescue\n  answer: {expect: \"1\"}"}},
			[]string{`services/lesson.yaml:10: a do step is judged by its checks; an answer is for ask and predict`}},
		{"a setup file that leads out", []edit{{lessonYAML, "setup/shop.yaml", "../shop.yaml"}},
			[]string{`services/lesson.yaml:51: "../shop.yaml" leads out of the lesson's folder; setup files are named from there, as setup/shop.yaml`}},
		{"a setup file that is missing", []edit{{lessonYAML, "setup/shop.yaml", "setup/shp.yaml"}},
			[]string{`services/lesson.yaml:51: setup file setup/shp.yaml: this file is missing`}},
		{"a setup file that is not YAML", []edit{{"services/setup/shop.yaml", "kind: Deployment", "kind: [Deployment"}},
			[]string{`services/setup/shop.yaml:2: this is not YAML: did not find expected ',' or ']'`}},
		{"a setup object without a name", []edit{{"services/setup/shop.yaml", "metadata: {name: shop}", "metadata: {nam: shop}"}},
			[]string{`services/setup/shop.yaml:15: an object without name; it needs apiVersion, kind and metadata.name`}},
		{"a setup object of an old version", []edit{{"services/setup/shop.yaml", "apps/v1", "apps/v1beta1"}},
			[]string{`services/setup/shop.yaml:1: Deployment/shop has apiVersion apps/v1beta1; that of a Deployment is apps/v1`}},
		{"a language is missing", []edit{{zh, "", ""}}, []string{`services/zh.md: this file is missing`}},
		{"a heading is missing in one language", []edit{{zh, "### What happened {#create.done}\n", "### What happened\n"}},
			[]string{`services/zh.md:23: the heading {#create.done} is missing`}},
		{"a heading is missing in both", []edit{{zh, "{#create.hint-1}", ""}, {zh, "{#create.hint-2}", ""}, {en, "{#create.hint-1}", ""}, {en, "{#create.hint-2}", ""}},
			[]string{`services/en.md:23: the heading {#create.hint-1} is missing`, `services/zh.md:23: the heading {#create.hint-1} is missing`}},
		{"a heading twice", []edit{{en, "", "\n## Again {#why}\n\ntext\n"}}, []string{`services/en.md:141: the id {#why} is used twice; it stands in line 5 already`}},
		{"a heading that nothing uses", []edit{{en, "", "\n### Hint {#rescue.hnt-1}\n\ntext\n"}},
			[]string{`services/en.md:141: nothing uses the heading {#rescue.hnt-1}`}},
		{"headings in another order", []edit{{zh, "## Anatomy {#anatomy}", "## Anatomy {#tmp}"}, {zh, "## 为什么需要 `Service`？ {#why}", "## 解剖 {#anatomy}"}, {zh, "{#tmp}", "{#why}"}},
			[]string{`services/zh.md:5: {#anatomy} stands here where the YAML file has {#why}; both have the same order`,
				`services/zh.md:5: {#anatomy} stands here where en.md has {#why}; both have the same order`}},
		{"a hint under another step", []edit{{zh, "### Compare {#rescue.hint-1}", "### Compare {#create.hint-3}"}, {en, "### Compare {#rescue.hint-1}", "### Compare {#create.hint-3}"}},
			[]string{`services/en.md:67: the heading {#rescue.hint-1} is missing`, `services/en.md:71: {#create.hint-3} stands under {#rescue}; its place is under {#create}`,
				`services/zh.md:67: the heading {#rescue.hint-1} is missing`, `services/zh.md:71: {#create.hint-3} stands under {#rescue}; its place is under {#create}`}},
		{"an empty page", []edit{{en, "A Helm template may say {{name}}; this is a page.\n", ""}},
			[]string{`services/en.md:19: there is no text under {#anatomy}`}},
		{"a heading without an id", []edit{{en, "", "\n## Lost\n"}}, []string{`services/en.md:141: this heading has no id; write one behind it, as in ## Title {#id}`}},
		{"a line that makes a heading", []edit{{en, "You read what kube-proxy reads.", "You read what kube-proxy reads.\n---"}},
			[]string{`services/en.md:65: the line below this text makes it a heading; write headings with #, and an empty line before a rule`}},
		{"text before the first heading", []edit{{en, "# Services {#services}", "Hello.\n\n# Services {#services}"}},
			[]string{`services/en.md:1: text before the first heading is shown nowhere; the file begins with # Title {#id}`}},
		{"[x] differs", []edit{{zh, "- [ ] 绿", "- [x] 绿"}},
			[]string{`services/zh.md:104: option 2 has [x] in one language only (see course/services/en.md:104); the same options are right in both`}},
		{"an option less", []edit{{zh, "- [ ] 绿\n  No.\n", ""}},
			[]string{`services/zh.md:100: question {#which-two} has 2 options here and 3 in course/services/en.md`}},
		{"two right ones in a single question", []edit{{zh, "- [ ] All", "- [x] All"}, {en, "- [ ] All", "- [x] All"}},
			[]string{`services/en.md:83: question {#ready-only} has 2 options with [x]; exactly one is right`,
				`services/zh.md:83: question {#ready-only} has 2 options with [x]; exactly one is right`}},
		{"no reason under an option", []edit{{en, "  It is not.\n", ""}},
			[]string{`services/en.md:116: this option gives no reason; write why it is right or wrong, indented under it`}},
		{"text after the options", []edit{{en, "  It is rules.\n", "  It is rules.\n\nSo it is.\n"}},
			[]string{`services/en.md:121: text after the options; indent it under its option, or give it the heading ### Why {#is-it.why}`}},
		{"no options", []edit{{lessonYAML, "kind: truefalse", "kind: order"}},
			[]string{`services/en.md:114: question {#is-it} has no lines to order; write them as 1. items in the right order`,
				`services/en.md:114: the heading {#is-it.why} is missing`, `services/zh.md:114: question {#is-it} has no lines to order; write them as 1. items in the right order`,
				`services/zh.md:114: the heading {#is-it.why} is missing`}},
		{"no accepted command", []edit{{lessonYAML, "  accept: [\"kubectl get endpointslices -l kubernetes.io/service-name=nginx\"]\n", ""}},
			[]string{`services/lesson.yaml:70: question "list-slices" accepts no command; write accept: [...] with a right one at least`}},
		{"an accepted command with an open quote", []edit{{lessonYAML, "service-name=nginx\"]", "service-name='nginx\"]"}},
			[]string{`services/lesson.yaml:72: "kubectl get endpointslices -l kubernetes.io/service-name='nginx" cannot be read as a command: the quote ' is not closed`}},
		{"a placeholder without a value", []edit{{en, "selected by `{{selector}}`", "selected by `{{selectr}}`"}},
			[]string{`services/en.md:45: {{selectr}} has no value here; there is selector, expected, found; did you mean selector?`}},
		{"a placeholder where none is filled in", []edit{{en, "Make a Deployment `web` with 3 replicas.", "Make `{{selector}}`."}},
			[]string{`services/en.md:25: {{selector}} is not filled in here; only the texts of checks and mistakes are`}},
		{"not UTF-8", []edit{{en, "They do not keep them.", "\xff"}}, []string{`services/en.md:7: this is not UTF-8: byte 0xff; course files are UTF-8 text`}},
		{"a control character", []edit{{en, "They do not keep them.", "\x1b[2J"}},
			[]string{`services/en.md:7: control character U+001B; course files hold only what can be seen, line ends and tabs`}},
		{"an endless line", []edit{{en, "They do not keep them.", strings.Repeat(">", maxLine)}}, []string{`services/en.md:7: this line is longer than 10000 bytes; break it`}},
		{"too large", []edit{{en, "", strings.Repeat("a", maxFileSize)}}, []string{`services/en.md: the file has 1050951 bytes; a course file has 1048576 at most (1 MB)`}},
		{"a lesson in two modules", []edit{{"course.yaml", "[services]", "[services, services]"}},
			[]string{`course.yaml:5: lesson "services" is already listed in line 5; a lesson stands in one module`}},
		{"a module without words", []edit{{"zh.md", "## 网络 {#networking}\n", ""}}, []string{`zh.md: the heading {#networking} is missing`}},
		{"no course at all", []edit{{"course.yaml", "", ""}}, []string{`course.yaml: this file is missing`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			files := exampleCourse(t)
			for _, e := range tc.edits {
				e.apply(t, files)
			}
			course, err := Load(files, "course")
			var problems Problems
			if !errors.As(err, &problems) || course != nil {
				t.Fatalf("Load = %v, %v; want Problems", course, err)
			}
			var got []string
			for _, p := range problems {
				got = append(got, strings.TrimPrefix(p.String(), "course/"))
			}
			slices.Sort(got)
			if diff := cmp.Diff(slices.Sorted(slices.Values(tc.want)), got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsOfSeveralFilesComeAtOnce(t *testing.T) {
	t.Parallel()
	files := exampleCourse(t)
	for _, e := range []edit{{lessonYAML, "minutes: 20", "minutes: -1"}, {en, "[x] Red", "[ ] Red"}, {zh, "{#in-order.why}", ""}, {"course.yaml", "id: demo", "id: demo\nx: 1"}} {
		e.apply(t, files)
	}
	_, err := Load(files, "course")
	var places []string
	for _, p := range err.(Problems) {
		places = append(places, p.Pos.String())
	}
	want := []string{"course/course.yaml:3", "course/services/lesson.yaml:3", "course/services/zh.md:102", "course/services/zh.md:121", "course/services/zh.md:129"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("places (-want +got):\n%s\n%v", diff, err)
	}
}

func TestLoadProvenLeavesExpressionsAlone(t *testing.T) {
	t.Parallel()
	files := exampleCourse(t)
	edit{lessonYAML, "expr: web.spec.replicas == 3", "expr: wbe.spec.replicas == 3"}.apply(t, files)
	if _, err := Load(files, "course"); err == nil {
		t.Error("Load accepts an expression that does not compile")
	}
	if _, err := LoadProven(files, "course"); err != nil {
		t.Errorf("LoadProven: %v", err)
	}
	edit{en, "{#why}", ""}.apply(t, files)
	if _, err := LoadProven(files, "course"); err == nil {
		t.Error("LoadProven accepts a missing heading")
	}
}

func TestParseObjects(t *testing.T) {
	t.Parallel()
	got, err := ParseObjects([]byte(`
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {no: null, off: off, when: 2026-11-23, n: 010, f: 1.5, b: true}}
---
# only a comment
---
{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "b"}}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Object{
		{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"},
			"data": map[string]any{"off": "off", "when": "2026-11-23", "n": int64(8), "f": 1.5, "b": true}},
		{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "b"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	for text, want := range map[string]string{
		"a: [1\nb: 2":        "line 2: this is not YAML: did not find expected ',' or ']'",
		"- 1":                "line 1: a list, where an object with apiVersion, kind and metadata was expected",
		"kind: Pod":          "line 1: an object without apiVersion; it needs apiVersion, kind and metadata.name",
		"a: &x 1\nb: *x":     "line 2: an alias (*x); write the value out",
		"a: {<<: {b: 1}}":    `line 1: a merge (<<) as a key, where a word was expected`,
		"a: 1\na: 2":         `line 2: the key "a" stands there twice`,
		"a: .inf":            `line 1: ".inf" is not a number`,
		"a: 9999999999999.0": "line 1: an object without apiVersion; it needs apiVersion, kind and metadata.name",
	} {
		if _, err := ParseObjects([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("ParseObjects(%q) = %v; want %s", text, err, want)
		}
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	got := Fill(Text{English: "`{{found}}` of {{ expected }}, {{unknown}}, {{.status}}", Chinese: "{{found}}"},
		map[string]string{"found": "a\x1b[31m\nb\u202e\x7fc\u0085", "expected": "{{found}}"})
	want := Text{English: "`a[31m bc` of {{found}}, {{unknown}}, {{.status}}", Chinese: "a[31m bc"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Fill (-want +got):\n%s", diff)
	}
	if Fill(nil, nil) != nil {
		t.Error("Fill makes a text of none")
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"pods", "deployments", "services", "endpoints", "Create", "expose"}
	for word, want := range map[string][]string{
		"pod": {"pods"}, "servcies": {"services"}, "service": {"services"}, "dep": {"deployments"}, "create": {"Create"},
		"EXPSOE": {"expose"}, "points": {"endpoints"}, "zzz": nil, "": nil, "  ": nil, "podss": {"pods"},
	} {
		if diff := cmp.Diff(want, Nearest(word, names)); diff != "" {
			t.Errorf("Nearest(%q) (-want +got):\n%s", word, diff)
		}
	}
	if got := Nearest("a", []string{"a1", "a2", "a3", "a4"}); len(got) != 3 {
		t.Errorf("Nearest offers %d names", len(got))
	}
}
