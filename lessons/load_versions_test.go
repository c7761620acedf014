package lessons

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// withMarked puts a passage for versions at the end of page why of the example
// course, in each language.
func withMarked(t *testing.T, en, zh string) fstest.MapFS {
	t.Helper()
	files := exampleCourse(t)
	for name, passage := range map[string]string{"course/services/en.md": en, "course/services/zh.md": zh} {
		data := string(files[name].Data)
		before, after, found := strings.Cut(data, "\n## ")
		page, rest, more := strings.Cut(after, "\n## ")
		if !found || !more {
			t.Fatalf("%s has not two headings", name)
		}
		files[name] = &fstest.MapFile{Data: []byte(before + "\n## " + page + "\n" + passage + "\n\n## " + rest)}
	}
	return files
}

func TestWhatALessonSaysGoesByTheClustersVersion(t *testing.T) {
	t.Parallel()
	const passage = `<!-- kubernetes since 1.36 -->
New %[1]s.
<!-- kubernetes 1.34 to 1.35 -->
Between %[1]s.
<!-- kubernetes before 1.34 -->
Old %[1]s.
<!-- kubernetes end -->
All %[1]s.`
	c, err := Load(withMarked(t, fmt.Sprintf(passage, "en"), fmt.Sprintf(passage, "zh")), "course")
	if err != nil {
		t.Fatal(err)
	}
	l := c.Lessons()[0]
	for version, want := range map[string]string{
		"": "New", "v1.37.2": "New", "v1.36.0-rc.1": "New", "1.35": "Between", "v1.34.9": "Between", "v1.33.4-gke.1157000": "Old", "v1.9.0": "Old",
		"v1.99.0": "New", "v2.0.0": "New", "strange": "New", "v1.340.0": "New",
	} {
		for _, lang := range Languages() {
			body := l.For(version).Pages[0].Body.In(lang)
			for _, word := range []string{"New", "Between", "Old", "All"} {
				has := strings.Contains(body, word+" "+string(lang)+".")
				if wanted := word == want || word == "All"; has != wanted {
					t.Errorf("on %q, %s: %q is there: %t, want %t", version, lang, word, has, wanted)
				}
			}
			if strings.Contains(body, "kubernetes") {
				t.Errorf("on %q, %s: a mark is left: %s", version, lang, body)
			}
		}
	}
	if l.For("v1.38.0") != l || l.For("v1.35.1") != l.For("v1.34.0") || l.For("v1.35.1") == l {
		t.Error("versions for which a lesson says the same have not the same lesson, or others have")
	}
	if old := l.For("v1.30.0"); old.ID != l.ID || len(old.Steps) != len(l.Steps) || len(old.Questions) != len(l.Questions) {
		t.Error("the older lesson is not the same but for what it says")
	}
}

func TestALessonOfAnothersCourseKeepsItsNameOnOlderClusters(t *testing.T) {
	t.Parallel()
	const passage = "<!-- kubernetes before 1.37 -->\nOld.\n<!-- kubernetes end -->"
	dir := t.TempDir()
	if err := os.CopyFS(dir, withMarked(t, passage, passage)); err != nil {
		t.Fatal(err)
	}
	c, err := LoadDir(dir + "/course")
	if err != nil {
		t.Fatal(err)
	}
	l := c.Lessons()[0]
	if old := l.For("v1.36.1"); old == l || old.ID != l.ID || old.Course != l.Course || !strings.Contains(old.Pages[0].Body.In(English), "Old.") {
		t.Errorf("on 1.36 the lesson is %q of %q, want %q of %q with its own text", old.ID, old.Course, l.ID, l.Course)
	}
}

func TestMarksInCodeAreCode(t *testing.T) {
	t.Parallel()
	const passage = "```md\n<!-- kubernetes before 1.37 -->\n```"
	c, err := Load(withMarked(t, passage, passage), "course")
	if err != nil {
		t.Fatal(err)
	}
	l := c.Lessons()[0]
	if body := l.Pages[0].Body.In(English); !strings.Contains(body, "<!-- kubernetes before 1.37 -->") || l.For("v1.36.0") != l {
		t.Errorf("a mark in a code block was taken for one: %s", body)
	}
}

func TestFaultsOfMarksAreReportedWhereTheyAre(t *testing.T) {
	t.Parallel()
	const good = "<!-- kubernetes since 1.37 -->\nNew.\n<!-- kubernetes before 1.37 -->\nOld.\n<!-- kubernetes end -->"
	for name, tc := range map[string]struct{ en, zh, file, line, want string }{
		"none": {en: good, zh: good},
		"no range": {en: strings.Replace(good, "since 1.37", "after 1.37", 1), zh: good,
			file: "en.md", line: "<!-- kubernetes after", want: "is no range of Kubernetes versions"},
		"another major":   {en: strings.Replace(good, "since 1.37", "since 2.0", 1), zh: good, file: "en.md", line: "since 2.0", want: "is no range"},
		"an empty range":  {en: strings.Replace(good, "before 1.37", "1.36 to 1.35", 1), zh: good, file: "en.md", line: "1.36 to 1.35", want: "is empty"},
		"ranges overlap":  {en: strings.Replace(good, "before 1.37", "before 1.38", 1), zh: good, file: "en.md", line: "before 1.38", want: "since 1.37 and before 1.38 overlap"},
		"no end":          {en: strings.Replace(good, "<!-- kubernetes end -->", "", 1), zh: good, file: "en.md", line: "since 1.37", want: "has no end"},
		"an end too many": {en: good + "\n<!-- kubernetes end -->", zh: good, file: "en.md", want: "ends nothing"},
		"not closed":      {en: strings.Replace(good, "since 1.37 -->", "since 1.37", 1), zh: good, file: "en.md", line: "since 1.37", want: "ends with -->"},
		"a heading within": {en: strings.Replace(good, "Old.", "## More {#more}", 1), zh: good,
			file: "en.md", line: "{#more}", want: "the heading {#more} stands in a text for some versions"},
		"another range in the other language": {en: good, zh: strings.ReplaceAll(good, "1.37", "1.36"), file: "zh.md", line: "since 1.36", want: "en.md has other versions"},
		"missing in one language":             {en: good, zh: "旧。", file: "en.md", line: "since 1.37", want: "zh.md has other versions"},
		"missing in the other":                {en: "New.", zh: good, file: "zh.md", line: "since 1.37", want: "en.md has other versions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := withMarked(t, tc.en, tc.zh)
			_, err := Load(files, "course")
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			problems, _ := err.(Problems)
			for _, p := range problems {
				if !strings.HasSuffix(p.Pos.File, tc.file) || !strings.Contains(p.Message, tc.want) {
					continue
				}
				if line := lineOf(files[p.Pos.File].Data, p.Pos.Line); !strings.Contains(line, tc.line) {
					t.Errorf("%s points at %q, want at %q", p, line, tc.line)
				}
				return
			}
			t.Errorf("no fault of %s says %q: %v", tc.file, tc.want, err)
		})
	}
}

func lineOf(data []byte, n int) string {
	lines := bytes.Split(data, []byte("\n"))
	if n < 1 || n > len(lines) {
		return ""
	}
	return string(lines[n-1])
}

// A fault in a text that the newest clusters do not get is a fault as well.
func TestTextsForOlderClustersAreReadToo(t *testing.T) {
	t.Parallel()
	const old = "<!-- kubernetes before 1.30 -->\nOld {{nothing}}.\n<!-- kubernetes end -->"
	files := exampleCourse(t)
	for _, lang := range Languages() {
		name := "course/services/" + string(lang) + ".md"
		const heading = "{#create.check-replicas}\n"
		before, after, found := strings.Cut(string(files[name].Data), heading)
		if !found {
			t.Fatalf("%s has no %s", name, heading)
		}
		files[name] = &fstest.MapFile{Data: []byte(before + heading + "\n" + old + "\n" + after)}
	}
	_, err := Load(files, "course")
	if err == nil || strings.Count(err.Error(), "{{nothing}}") != 2 {
		t.Errorf("the placeholder without a value in an old text is not reported once for each language: %v", err)
	}
}

func TestVersionsOutsideOfTheRangeAreSpokenOf(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"v1.37.2": "", "v1.36.0": "", "v1.35.1": "", "v1.38.0-alpha.1": "",
		"v1.34.9": "older than", "v1.21.0+k3s1": "older than", "v1.39.0": "newer than", "v2.0.0": "calls its version", "": "calls its version",
		"\x1b[2J": "calls its version",
	} {
		got := VersionWarning(version)
		if (got == nil) != (want == "") || !strings.Contains(got.In(English), want) || strings.Contains(got.In(English), "\x1b") {
			t.Errorf("of %q is said %q, want it to say %q", version, got.In(English), want)
		}
		if got != nil && got.In(Chinese) == got.In(English) {
			t.Errorf("of %q nothing is said in Chinese", version)
		}
	}
}

// The range goes by the client library that is linked.
func TestTheNewestMinorIsThatOfTheClientLibrary(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("k8s.io/client-go v0.%d.", NewestMinor)
	if !bytes.Contains(data, []byte(want)) {
		t.Errorf("go.mod does not require %s…: NewestMinor has to follow it", want)
	}
}
