package lessons

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestAFieldIsJudgedByWhatYAMLReads(t *testing.T) {
	t.Parallel()
	field := func(manifest string, as Likeness, accept ...string) *Question {
		return &Question{ID: "f", Kind: Field, Manifest: manifest, As: as, Accept: accept}
	}
	replicas := field("spec:\n  replicas: ____\n  paused: false", AsValue, "3")
	image := field("spec:\n  containers:\n  - image: nginx:____\n    name: web", AsValue, "1.27", "1.27-alpine")
	port := field("env:\n- name: PORT\n  value: ____", AsValue, `"80"`)
	memory := field("limits:\n  memory: ____", AsQuantity, "256Mi")
	cpu := field("limits:\n  cpu: ____", AsQuantity, "500m")
	header := field("httpHeaders:\n- name: ____\n  value: x", AsAnyCase, "X-Probe")
	key := field("spec:\n  ____: web", AsValue, "serviceName")
	paused := field("paused: ____", AsValue, "true")
	modes := field("accessModes: ____", AsValue, "[ReadWriteOnce]")
	percent := field("maxSurge: ____", AsValue, "25%")
	for _, tc := range []struct {
		q     *Question
		typed string
		right bool
		note  string
	}{
		{replicas, "3", true, ""},
		{replicas, " 3 # three", true, ""},
		{replicas, "0x3", true, ""},
		{replicas, `"3"`, false, "In quotes it is a string, and that is not what is asked for."},
		{replicas, "4", false, ""},
		{replicas, "3\n  evil: 1", false, ""},
		{replicas, "[", false, "With `[` in its place"},
		{replicas, "", false, ""},
		{replicas, "&a 3", true, ""},
		{replicas, "*a", false, "With `*a` in its place"},
		{image, "1.27", true, ""},
		{image, "1.27-alpine", true, ""},
		{image, "1.28", false, ""},
		{port, `"80"`, true, ""},
		{port, `'80'`, true, ""},
		{port, "80", false, "Without quotes YAML does not read it as a string, and a string is asked for."},
		{memory, "256Mi", true, ""},
		{memory, "268435456", true, ""},
		{memory, `"0.25Gi"`, true, ""},
		{memory, "256M", false, "`256M` is 256000000 in plain numbers; another amount is asked for."},
		{memory, "much", false, "`much` is no amount."},
		{memory, "1e999999999", false, "is no amount."},
		{cpu, "0.5", true, ""},
		{cpu, "500m", true, ""},
		{cpu, "0.05", false, ""},
		{header, "x-probe", true, ""},
		{header, "probe", false, ""},
		{key, "serviceName", true, ""},
		{key, `"serviceName"`, true, ""},
		{key, "servicename", false, "Capital and small letters are not the same here."},
		{paused, "True", true, ""},
		{paused, "yes", true, ""},
		{paused, `"true"`, false, "In quotes it is a string, and that is not what is asked for."},
		{modes, "[ ReadWriteOnce ]", true, ""},
		{modes, `["ReadWriteOnce"]`, true, ""},
		{modes, "ReadWriteOnce", false, ""},
		{percent, `"25%"`, true, ""},
		{percent, "25", false, ""},
	} {
		m := tc.q.Mark(Response{Text: tc.typed})
		if m.Right != tc.right {
			t.Errorf("%q in %q: right is %v, want %v (%v)", tc.typed, tc.q.Manifest, m.Right, tc.right, m.Note)
		}
		if got := m.Note.In(English); got != tc.note && (tc.note == "" || !strings.Contains(got, tc.note)) {
			t.Errorf("%q in %q is told %q, want %q", tc.typed, tc.q.Manifest, got, tc.note)
		}
		if (m.Note.In(English) == "") != (m.Note.In(Chinese) == "") {
			t.Errorf("%q is told something in one language only: %v", tc.typed, m.Note)
		}
	}
}

func TestTheLineWithTheMistakeIsJudged(t *testing.T) {
	t.Parallel()
	why := func(s string) Text { return Text{English: s, Chinese: s} }
	q := &Question{ID: "s", Kind: Spot, Manifest: "kind: Pod\n\n# note\nspec: {}\nx: 1\ny: 1\nx: 1", Other: why("fine"),
		Spots: []SpotLine{{5, true, why("wrong")}, {4, false, why("right")}}}
	for _, tc := range []struct {
		answer string
		right  bool
		want   []LineMark
	}{
		{"5", true, []LineMark{{4, false, false, why("right")}, {5, true, true, why("wrong")}}},
		{" spec: {} ", false, []LineMark{{4, true, false, why("right")}, {5, false, true, why("wrong")}}},
		{"1", false, []LineMark{{1, true, false, why("fine")}, {4, false, false, why("right")}, {5, false, true, why("wrong")}}},
	} {
		r, err := ParseResponse(q, tc.answer)
		if err != nil {
			t.Errorf("%q: %v", tc.answer, err)
			continue
		}
		m := q.Mark(r)
		if diff := cmp.Diff(tc.want, m.Lines); diff != "" || m.Right != tc.right || m.Want != "5" {
			t.Errorf("%q: right %v, want line %s (-want +got):\n%s", tc.answer, m.Right, m.Want, diff)
		}
	}
	for _, answer := range []string{"", "0", "2", "3", "8", "-1", "x: 1", "nothing", "99999999999999999999"} {
		if r, err := ParseResponse(q, answer); err == nil {
			t.Errorf("%q is read as line %d", answer, r.Line)
		}
	}
	if m := q.Mark(Response{}); m.Right || len(m.Lines) != 2 {
		t.Errorf("without an answer: %+v", m)
	}
	if got := q.Figure(); !strings.Contains(got, "4  spec: {}") || !strings.HasPrefix(got, "```text\n1  kind: Pod\n2\n") {
		t.Errorf("the figure is %q", got)
	}
}

// manifestCourse is a course with one lesson that asks what the texts say.
func manifestCourse(yaml, en, zh string) fstest.MapFS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"c/course.yaml":   file("format: 1\nid: c\nmodules:\n- id: m\n  lessons: [l]\n"),
		"c/en.md":         file("# C {#c}\n\nC.\n\n## M {#m}\n"),
		"c/zh.md":         file("# C {#c}\n\nC。\n\n## M {#m}\n"),
		"c/l/lesson.yaml": file("format: 1\nid: l\nminutes: 1\npages: [p]\nquestions:\n" + yaml),
		"c/l/en.md":       file("# L {#l}\n\nL.\n\n## P {#p}\n\nP.\n\n" + en),
		"c/l/zh.md":       file("# L {#l}\n\nL。\n\n## P {#p}\n\nP。\n\n" + zh),
	}
}

func TestQuestionsWithAManifestAreLoaded(t *testing.T) {
	t.Parallel()
	const spotYAML = "- id: q\n  kind: spot\n  manifest: |\n    kind: Pod\n    a: 1\n    b: 2\n    a: 1\n"
	const why = "\n### Why {#q.why}\n\nW.\n"
	const other = "\n### Other {#q.other}\n\nO.\n"
	for _, tc := range []struct{ name, yaml, en, zh, want string }{
		{"a right field", "- id: q\n  kind: field\n  manifest: |\n    a: ____\n  accept: [b]\n", "## Q {#q}\n\nFill.\n" + why, "## Q {#q}\n\n填。\n" + why, ""},
		{"a right spot", spotYAML, "## Q {#q}\n\n- [x] `b: 2`\n  R.\n- [ ] 4 `a: 1`\n  R.\n" + other, "## Q {#q}\n\n- [x] `b: 2`\n  R。\n- [ ] 4 `a: 1`\n  R。\n" + other, ""},
		{"no blank", "- id: q\n  kind: field\n  manifest: |\n    a: b\n  accept: [b]\n", "## Q {#q}\n\nFill.\n" + why, "## Q {#q}\n\n填。\n" + why, "c/l/lesson.yaml:9: the manifest has 0 blanks"},
		{"no value", "- id: q\n  kind: field\n  manifest: |\n    a: ____\n", "## Q {#q}\n\nFill.\n" + why, "## Q {#q}\n\n填。\n" + why, `c/l/lesson.yaml:6: question "q" accepts no value`},
		{"no manifest", "- id: q\n  kind: field\n  accept: [b]\n", "## Q {#q}\n\nFill.\n" + why, "## Q {#q}\n\n填。\n" + why, `c/l/lesson.yaml:6: question "q" shows no manifest`},
		{"a value that is no YAML", "- id: q\n  kind: field\n  manifest: |\n    a: ____\n  accept: [b, '[']\n", "## Q {#q}\n\nFill.\n" + why, "## Q {#q}\n\n填。\n" + why, `c/l/lesson.yaml:10: with "[" in its place the manifest is no YAML`},
		{"no amount", "- id: q\n  kind: field\n  as: quantity\n  manifest: |\n    a: ____\n  accept: [much]\n", "## Q {#q}\n\nFill.\n" + why, "## Q {#q}\n\n填。\n" + why, `c/l/lesson.yaml:11: "much" is no amount`},
		{"an unknown likeness", "- id: q\n  kind: field\n  as: quantities\n  manifest: |\n    a: ____\n  accept: ['1']\n", "## Q {#q}\n\nFill.\n" + why, "## Q {#q}\n\n填。\n" + why, `c/l/lesson.yaml:8: unknown as "quantities"; it is one of value, quantity, anycase; did you mean quantity?`},
		{"no why", "- id: q\n  kind: field\n  manifest: |\n    a: ____\n  accept: [b]\n", "## Q {#q}\n\nFill.\n", "## Q {#q}\n\n填。\n", "the heading {#q.why} is missing"},
		{"a manifest elsewhere", "- id: q\n  kind: command\n  manifest: |\n    a: 1\n  accept: [ls]\n", "## Q {#q}\n\nType.\n" + why, "## Q {#q}\n\n写。\n" + why, "c/l/lesson.yaml:8: manifest is for questions of kind field and spot"},
		{"a tab", "- id: q\n  kind: field\n  manifest: |\n    a: ____\n    b:\t1\n  accept: [b]\n", "## Q {#q}\n\nFill.\n" + why, "## Q {#q}\n\n填。\n" + why, "c/l/lesson.yaml:10: a tab"},
		{"no such line", spotYAML, "## Q {#q}\n\n- [x] `b: 3`\n  R.\n" + other, "## Q {#q}\n\n- [x] `b: 2`\n  R。\n" + other, "c/l/en.md:11: the manifest has no line \"b: 3\"; did you mean"},
		{"which of two", spotYAML, "## Q {#q}\n\n- [x] `a: 1`\n  R.\n" + other, "## Q {#q}\n\n- [x] 2 `a: 1`\n  R。\n" + other, `c/l/en.md:11: "a: 1" stands in several lines of the manifest: [2 4]`},
		{"the wrong number", spotYAML, "## Q {#q}\n\n- [x] 3 `a: 1`\n  R.\n" + other, "## Q {#q}\n\n- [x] 2 `a: 1`\n  R。\n" + other, `"a: 1" stands in line [2 4] of the manifest, not in 3`},
		{"no mistake", spotYAML, "## Q {#q}\n\n- [ ] `b: 2`\n  R.\n" + other, "## Q {#q}\n\n- [ ] `b: 2`\n  R。\n" + other, "has no line with [x]"},
		{"no reason", spotYAML, "## Q {#q}\n\n- [x] `b: 2`\n" + other, "## Q {#q}\n\n- [x] `b: 2`\n  R。\n" + other, "c/l/en.md:11: this line has no reason"},
		{"no word of the others", spotYAML, "## Q {#q}\n\n- [x] `b: 2`\n  R.\n", "## Q {#q}\n\n- [x] `b: 2`\n  R。\n", "the heading {#q.other} is missing"},
		{"other lines in Chinese", spotYAML, "## Q {#q}\n\n- [x] `b: 2`\n  R.\n" + other, "## Q {#q}\n\n- [x] 2 `a: 1`\n  R。\n" + other, "c/l/zh.md:11: line 2 is spoken of here, and line 3 in c/l/en.md"},
		{"no code span", spotYAML, "## Q {#q}\n\n- [x] b: 2\n  R.\n" + other, "## Q {#q}\n\n- [x] `b: 2`\n  R。\n" + other, "c/l/en.md:11: a line of the manifest stands here in a code span"},
	} {
		c, err := Load(manifestCourse(tc.yaml, tc.en, tc.zh), "c")
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%s: %v", tc.name, err)
		case tc.want != "" && err == nil:
			t.Errorf("%s is loaded", tc.name)
		case tc.want != "" && !strings.Contains(err.Error(), tc.want):
			t.Errorf("%s: %v\nwant %s", tc.name, err, tc.want)
		case tc.name == "a right spot":
			q, _ := c.Lessons()[0].Question("q")
			want := []SpotLine{{3, true, Text{English: "R.", Chinese: "R。"}}, {4, false, Text{English: "R.", Chinese: "R。"}}}
			if diff := cmp.Diff(want, q.Spots); diff != "" || q.Other.In(Chinese) != "O." {
				t.Errorf("%s (-want +got):\n%s", tc.name, diff)
			}
		}
	}
}

// FuzzMarkField promises that nothing typed into a blank brings the program down,
// and that a value is right when it is the right one.
func FuzzMarkField(f *testing.F) {
	for _, s := range []string{"3", `"3"`, "a: b", "[1, 2", "&a [*a]", "!!binary x", "{a: 1, a: 2}", "- x", "1e99999", "? x", "<<: 1", "|", "%TAG", "---", "'", "____"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		for _, as := range likenesses() {
			for _, manifest := range []string{"a:\n  b: ____\nc: 1", "- ____: x\n  y: z", "x: p____q"} {
				q := &Question{ID: "f", Kind: Field, Manifest: manifest, As: Likeness(as), Accept: []string{"3"}}
				if m := q.Mark(Response{Text: typed}); m.Right && m.Note != nil {
					t.Errorf("%q is right and told %v", typed, m.Note)
				}
				if m := q.Mark(Response{Text: "3"}); !m.Right {
					t.Errorf("the right value is wrong in %q", manifest)
				}
			}
		}
	})
}
