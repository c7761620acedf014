package lessons

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func glossaryOf(text string) fstest.MapFS {
	return fstest.MapFS{"c/glossary.yaml": &fstest.MapFile{Data: []byte(text)}}
}

func TestAGlossaryIsRead(t *testing.T) {
	t.Parallel()
	terms, err := Glossary(glossaryOf(`terms:
- {en: reconcile, zh: 调谐}
- en: EndpointSlice
  zh: 端点切片
  also: [slice]
  ordinary: true
  page: services/endpoints
  means:
    en: A list.
    zh: 名单。
`), "c")
	if err != nil {
		t.Fatal(err)
	}
	want := []Term{
		{Name: Text{English: "reconcile", Chinese: "调谐"}, Pos: Position{"c/glossary.yaml", 2}},
		{Name: Text{English: "EndpointSlice", Chinese: "端点切片"}, Also: []string{"slice"}, Means: Text{English: "A list.", Chinese: "名单。"},
			Ordinary: true, Lesson: "services", Page: "endpoints", Pos: Position{"c/glossary.yaml", 3}},
	}
	if diff := cmp.Diff(want, terms); diff != "" {
		t.Error(diff)
	}
	if terms, err := Glossary(fstest.MapFS{}, "c"); terms != nil || err != nil {
		t.Errorf("no glossary gives %v, %v", terms, err)
	}
}

func TestFaultsOfAGlossaryHaveTheirLine(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"nothing":              {"", "c/glossary.yaml: the file is empty"},
		"another key":          {"terms:\n- {en: a, zh: 甲, mean: x}\n", `c/glossary.yaml:2: unknown key "mean"; a term has en, zh, also, means, ordinary, page; did you mean means?`},
		"no English":           {"terms:\n- {en: a, zh: 甲}\n- {zh: 乙}\n", `c/glossary.yaml:3: a term needs "en"`},
		"a word twice":         {"terms:\n- {en: a, zh: 甲}\n- {en: b, zh: 乙, also: [A]}\n", `c/glossary.yaml:3: the word "A" stands in line 2 already`},
		"no page":              {"terms:\n- {en: a, zh: 甲, page: services}\n", `c/glossary.yaml:2: "services", where a page was expected: LESSON/PAGE`},
		"half an explanation":  {"terms:\n- en: a\n  zh: 甲\n  means: {en: x}\n", `c/glossary.yaml:4: means needs "zh"`},
		"a long explanation":   {"terms:\n- en: a\n  zh: 甲\n  means: {zh: x, en: " + strings.Repeat("y", maxMeaning+1) + "}\n", "c/glossary.yaml:4: this explanation has 1201 bytes; there can be 1200 at most"},
		"an escape in a word":  {"terms:\n- {en: \"a\\e[2J\", zh: 甲}\n", "c/glossary.yaml:2: control character U+001B in a quoted word; course files hold only what can be seen, line ends and tabs"},
		"more than one number": {"terms: 7\n", `c/glossary.yaml:1: "7", where a list was expected: terms: [...]`},
	} {
		_, err := Glossary(glossaryOf(tc.text), "c")
		problems, _ := errors.AsType[Problems](err)
		if len(problems) != 1 || problems[0].Pos.String()+": "+problems[0].Message != tc.want {
			t.Errorf("%s: %v\nwant %s", name, err, tc.want)
		}
	}
}

func testTerms() []Term {
	return []Term{
		{Name: Text{English: "Pod", Chinese: "Pod"}},
		{Name: Text{English: "Service", Chinese: "服务"}},
		{Name: Text{English: "probe", Chinese: "探针"}},
		{Name: Text{English: "readiness probe", Chinese: "就绪探针"}},
		{Name: Text{English: "label", Chinese: "标签"}, Also: []string{"labelled"}},
	}
}

func TestTermsAreFoundWhereTheyAreFirstUsed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"A Pod, two Pods.":              "2:Pod",
		"Podman and iPod and a pod":     "", // words of their own; a capital is meant
		"Label it; labels.":             "0:Label",
		"kube-probe, then a probe":      "19:probe",
		"A readiness probe is a probe.": "2:readiness probe 23:probe",
		"就绪探针不是探针本身":                    "0:就绪探针 18:探针",
		"给Pod一个服务":                      "3:Pod 12:服务",
		"The services, the Service":     "18:Service",
		"Pods":                          "0:Pods",
		"":                              "",
		"labelled things":               "0:labelled",
		"mislabelled relabel label_ label-x label.": "35:label",
		"A Service's Pod, Services":                 "2:Service 12:Pod",
		"PROBE Probe":                               "0:PROBE",
		"İstanbul probe":                            "10:probe", // lower case may be longer than upper
	} {
		var got []string
		for _, at := range FindTerms(text, testTerms()) {
			got = append(got, fmt.Sprintf("%d:%s", at.Start, text[at.Start:at.End]))
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// TestTermsFoundAreThere looks for terms in random texts made of them: what is
// found is a word of its term, nothing overlaps, and nothing is found twice.
func TestTermsFoundAreThere(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"Pod", "s", " ", "服务", "就绪", "探针", "probe", "readiness ", "label", "-", "。", "Service", "é", "\x00", "标签"}
	terms := testTerms()
	for range 3000 {
		var b strings.Builder
		for range random.IntN(12) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		text, end := b.String(), 0
		seen := map[*Term]bool{}
		for _, at := range FindTerms(text, terms) {
			if at.Start < end || seen[at.Term] {
				t.Fatalf("%q: overlap or twice at %d", text, at.Start)
			}
			end, seen[at.Term] = at.End, true
			word := text[at.Start:at.End]
			ok := false
			for _, w := range at.Term.words() {
				ok = ok || strings.EqualFold(w, word) || strings.EqualFold(w+"s", word)
			}
			if !ok {
				t.Fatalf("%q: %q is no word of %v", text, word, at.Term.Name)
			}
		}
	}
}

func TestALessonHasItsOwnTermsAndOurs(t *testing.T) {
	t.Parallel()
	means := Text{English: "x", Chinese: "x"}
	c := &Course{Glossary: []Term{
		{Name: Text{English: "Pod", Chinese: "Pod"}, Means: means},
		{Name: Text{English: "label", Chinese: "标签"}, Means: means},
		{Name: Text{English: "bare", Chinese: "裸"}}, // only a translation
		{Course: "acme", Name: Text{English: "Pod", Chinese: "豆荚"}, Means: means},
		{Course: "other", Name: Text{English: "widget", Chinese: "部件"}, Means: means},
	}}
	names := func(course string) (out string) {
		for _, t := range c.Terms(course) {
			out += t.Name[Chinese] + " "
		}
		return out
	}
	if got := names(""); got != "Pod 标签 " {
		t.Errorf("our lessons have %q", got)
	}
	if got := names("acme"); got != "豆荚 标签 " {
		t.Errorf("acme's lessons have %q", got)
	}
	if term, ok := c.Term(" LABEL "); !ok || term.Name[Chinese] != "标签" {
		t.Errorf("Term finds %v", term)
	}
	if _, ok := c.Term("lab"); ok {
		t.Error("Term finds half a word")
	}
}
