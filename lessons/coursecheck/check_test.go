package coursecheck_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursecheck"
	"github.com/k8stutor/k8stutor/lessons/coursecheck/lint"
	"github.com/k8stutor/k8stutor/lessons/scaffold"
)

// course is the scaffold, which has no faults, as files in memory.
func course(t *testing.T) fstest.MapFS {
	t.Helper()
	_, texts, err := scaffold.Course("my-course")
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for name, text := range texts {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// nothing is a companion that finds nothing.
func nothing(context.Context, lint.Request) (lint.Response, error) {
	return lint.Response{Kubernetes: "v1.0.0"}, nil
}

func check(t *testing.T, fsys fstest.MapFS) []string {
	t.Helper()
	return told(t, coursecheck.Check(t.Context(), fsys, ".", coursecheck.Options{Lint: nothing}))
}

// told is "file:line severity rule" of each finding, which must be told in both
// languages.
func told(t *testing.T, rep coursecheck.Report) []string {
	t.Helper()
	got := []string{}
	for _, f := range rep.Findings {
		got = append(got, fmt.Sprintf("%s %s %s", f.Pos, f.Severity, f.Rule))
		for _, lang := range lessons.Languages() {
			if f.Said[lang] == "" || strings.Contains(f.Said[lang]+f.Expected[lang], "%!") {
				t.Errorf("%s: said in %s: %q, expected %q", f.Pos, lang, f.Said[lang], f.Expected[lang])
			}
		}
		if f.Pos.Line < 1 || f.Pos.File == "" {
			t.Errorf("a finding without a place: %+v", f)
		}
	}
	return got
}

// lineOf is the line on which a text begins.
func lineOf(t *testing.T, fsys fstest.MapFS, file, text string) int {
	t.Helper()
	before, _, found := strings.Cut(string(fsys[file].Data), text)
	if !found {
		t.Fatalf("%s does not hold %q", file, text)
	}
	return strings.Count(before, "\n") + 1
}

// below is the text that edits put where the page of the scaffold ends.
const below = "## Create the Deployment {#create}"

func TestARightCourseHasNoFindings(t *testing.T) {
	t.Parallel()
	rep := coursecheck.Check(t.Context(), course(t), ".", coursecheck.Options{Lint: nothing})
	if got := told(t, rep); len(got) > 0 {
		t.Errorf("found %q", got)
	}
	if rep.Lessons != 1 || rep.Files != 7 || rep.Commands < 20 || rep.Manifests != 2 || rep.Kubernetes != "v1.0.0" {
		t.Errorf("looked at %+v", rep)
	}
}

func TestFaultsOfProse(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("One more of many words that nobody reads to their end.\n", 100)
	for name, tc := range map[string]struct {
		en   string // stands on the English page; also on the Chinese one unless zh is set
		zh   string
		want []string // "file severity rule", the file being en or zh
	}{
		"a link to a heading":                  {"[there](#mend)", "", nil},
		"a link to no heading":                 {"[there](#nowhere)", "", []string{"en error link", "zh error link"}},
		"a link to a file":                     {"[there](lesson.yaml) and [there](../en.md#basics)", "", nil},
		"a link to no file":                    {"[there](gone.md)", "", []string{"en error link", "zh error link"}},
		"a link to no heading of a file":       {"[there](../en.md#nowhere)", "", []string{"en error link", "zh error link"}},
		"a link out of the course":             {"[there](../../etc/passwd)", "", []string{"en error link", "zh error link"}},
		"an absolute link":                     {"[there](/etc/passwd)", "", []string{"en error link", "zh error link"}},
		"links to the world":                   {"[a](https://kubernetes.io/docs/) <https://cel.dev> [m](mailto:a@b.cc)", "", nil},
		"a link to no host":                    {"[a](https:///docs)", "", []string{"en error link", "zh error link"}},
		"a link to a program":                  {"[a](javascript:alert)", "", []string{"en error link", "zh error link"}},
		"a link that is no address":            {"[a](http://[::1)", "", []string{"en error link", "zh error link"}},
		"an empty link":                        {"[a]()", "", []string{"en error link", "zh error link"}},
		"a picture that is missing":            {"![what](pod.png)", "", []string{"en error image", "zh error image"}},
		"a picture without a caption":          {"![](lesson.yaml)", "", []string{"en warning image-caption", "zh warning image-caption"}},
		"a page that is too long":              {long + long, strings.Repeat("一句没有人会读完的很长很长很长的话。\n", 110), []string{"en warning reading-time", "zh warning reading-time"}},
		"one language says much more":          {long[:len(long)/3], "一句话。", []string{"zh warning languages-length"}},
		"a code block in one language":         {"```text\na\n```", "没有。", []string{"zh warning languages-code"}},
		"another command":                      {"```console\n$ kubectl get pods\n```", "```console\n$ kubectl get nodes\n```", []string{"zh error languages-commands", "zh error languages-commands"}},
		"the same command, another comment":    {"```sh\n# look\nkubectl get pods\n```", "```sh\n# 看\nkubectl get pods\n```", nil},
		"a term without its English":           {"A taint.", "污点。", []string{"zh warning glossary"}},
		"a term with its English":              {"A taint.", "污点（taint）。再说一次污点。", nil},
		"a longer term is not the shorter one": {"A claim.", "持久卷申领（PersistentVolumeClaim）。", nil},
		"a term in code":                       {"`x`", "`污点`", nil},
		"a value outside of code":              {"The {{found}}.", "`{{found}}`", []string{"en error placeholder"}},
		"a command no shell can read":          {"```sh\nkubectl get pods |\n```", "", []string{"en error shell", "zh error shell"}},
	} {
		fsys := course(t)
		zh := tc.zh
		if zh == "" {
			zh = tc.en
		}
		insert(t, fsys, "hello/en.md", below, tc.en)
		insert(t, fsys, "hello/zh.md", "## 创建 Deployment {#create}", zh)
		want := []string{}
		for _, w := range tc.want {
			lang, rest, _ := strings.Cut(w, " ")
			want = append(want, "hello/"+lang+".md "+rest)
		}
		var got []string
		for _, f := range check(t, fsys) {
			if strings.HasSuffix(f, " minutes") { // of the very long page
				continue
			}
			at, rest, _ := strings.Cut(f, " ")
			file, _, _ := strings.Cut(at, ":")
			got = append(got, file+" "+rest)
		}
		if diff := cmp.Diff(want, append([]string{}, got...)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// insert puts a text before a heading.
func insert(t *testing.T, fsys fstest.MapFS, file, heading, text string) {
	t.Helper()
	lineOf(t, fsys, file, heading)
	fsys[file] = &fstest.MapFile{Data: []byte(strings.Replace(string(fsys[file].Data), heading, text+"\n\n"+heading, 1))}
}

func TestPlacesAreExact(t *testing.T) {
	t.Parallel()
	fsys := course(t)
	insert(t, fsys, "hello/en.md", below, "Some words and\nthen {{this}} and [that](#gone),\n\n> - and ![x](y.png)\n\n```console\n$ kubectl get pods\nNAME\n$ kubectl get \\\n  'pods\n```")
	insert(t, fsys, "hello/zh.md", "## 创建 Deployment {#create}", "```console\n$ kubectl get pods\n```")
	want := []string{
		at(t, fsys, "hello/en.md", "then {{this}}") + " error link",
		at(t, fsys, "hello/en.md", "then {{this}}") + " error placeholder",
		at(t, fsys, "hello/en.md", "> - and") + " error image",
		at(t, fsys, "hello/en.md", "$ kubectl get \\") + " error shell",
	}
	if diff := cmp.Diff(want, check(t, fsys)); diff != "" {
		t.Error(diff)
	}
}

func at(t *testing.T, fsys fstest.MapFS, file, text string) string {
	return fmt.Sprintf("%s:%d", file, lineOf(t, fsys, file, text))
}

func TestFaultsOfFolders(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		edit func(fstest.MapFS)
		want []string
	}{
		"no course":                  {func(f fstest.MapFS) { delete(f, "course.yaml") }, []string{"course.yaml:1 error format"}},
		"a missing translation":      {func(f fstest.MapFS) { delete(f, "hello/zh.md") }, []string{"hello/zh.md:1 error format"}},
		"a file that nothing uses":   {func(f fstest.MapFS) { f["hello/old.md"] = file("x") }, []string{"hello/old.md:1 warning orphan-file"}},
		"a folder that nothing uses": {func(f fstest.MapFS) { f["other/a.md"], f["other/b.md"] = file("x"), file("x") }, []string{"other/a.md:1 warning orphan-file"}},
		"files of a repository": {func(f fstest.MapFS) {
			f["README.md"], f["LICENSE"], f[".git/x"], f[".gitignore"] = file("x"), file("x"), file("x"), file("x")
		}, nil},
		"not UTF-8":                  {func(f fstest.MapFS) { f["hello/en.md"] = file("# Hello {#hello}\n\nnot \xff\n") }, []string{"hello/en.md:3 error format"}},
		"a newer format":             {func(f fstest.MapFS) { f["course.yaml"] = file("format: 99\nid: x\nnews: y\n") }, []string{"course.yaml:1 error format"}},
		"a glossary":                 {func(f fstest.MapFS) { f["glossary.yaml"] = file("terms:\n- {en: reconcile, zh: 调谐}\n") }, nil},
		"a glossary that is none":    {func(f fstest.MapFS) { f["glossary.yaml"] = file("a, b\n") }, []string{"glossary.yaml:1 error format"}},
		"a term without English":     {func(f fstest.MapFS) { f["glossary.yaml"] = file("terms:\n- {en: x, zh: 谁}\n- {zh: 调谐}\n") }, []string{"glossary.yaml:3 error format", "hello/zh.md:{## 谁来补上} warning glossary"}},
		"a course's own word":        {func(f fstest.MapFS) { f["glossary.yaml"] = file("terms:\n- {en: machine, zh: 节点}\n") }, []string{"hello/zh.md:{API server 存下} warning glossary"}},
		"a lesson longer than it is": {func(f fstest.MapFS) { replace(f, "hello/lesson.yaml", "minutes: 10", "minutes: 1") }, []string{"hello/lesson.yaml:{minutes:} warning minutes"}},
		"a command no shell can read": {func(f fstest.MapFS) {
			replace(f, "hello/lesson.yaml", `["kubectl delete deployment greeter"]`, `["kubectl delete 'x"]`)
		}, []string{"hello/lesson.yaml:{[\"kubectl delete 'x} error shell"}},
		"an image by its spelling": {func(f fstest.MapFS) {
			replace(f, "hello/lesson.yaml", "expr: hasImage(hello, 'nginx', '1.27')", "expr: hello.spec.template.spec.containers[0].image == 'nginx:1.27'")
		}, []string{"hello/lesson.yaml:{image == 'nginx:1.27'} warning image-name"}},
		"wrong on purpose": {func(f fstest.MapFS) {
			replace(f, "hello/lesson.yaml", `["kubectl delete deployment greeter"]`, "[\"kubectl delete 'x\"] # wrong on purpose")
		}, nil},
	} {
		fsys := course(t)
		tc.edit(fsys)
		want := []string{}
		for _, w := range tc.want {
			if before, rest, ok := strings.Cut(w, ":{"); ok { // the line of a text
				text, after, _ := strings.Cut(rest, "} ")
				w = at(t, fsys, before, text) + " " + after
			}
			want = append(want, w)
		}
		if diff := cmp.Diff(want, check(t, fsys)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func replace(fsys fstest.MapFS, name, old, new string) {
	fsys[name] = file(strings.Replace(string(fsys[name].Data), old, new, 1))
}

func TestAHundredFaultsAreAHundredLines(t *testing.T) {
	t.Parallel()
	fsys := course(t)
	var links strings.Builder
	for i := range 100 {
		fmt.Fprintf(&links, "[there](#nowhere-%d)\n\n", i)
	}
	insert(t, fsys, "hello/en.md", below, links.String())
	got := check(t, fsys)
	lines := map[string]bool{}
	for _, f := range got {
		if strings.HasSuffix(f, "error link") {
			lines[f] = true
		}
	}
	if len(lines) != 100 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestWhatTheCompanionIsAsked(t *testing.T) {
	t.Parallel()
	fsys := course(t)
	insert(t, fsys, "hello/en.md", below, strings.Join([]string{
		"Say `kubectl get NAME {{x}}`, `kubectl rollout …` or `$ kubectl no`.",
		"```bash\nns=demo kubectl get pods -n \"$ns\" | grep x && watch -n 1 k get \"a b\" # kubectl no\necho kubectl no\n```",
		"```console\n$ kubectl apply -f - <<EOF\napiVersion: v1\nkind: Pod\nEOF\npod/x created\n$ kubectl get \\\n>   pods\n```",
		"```yaml\napiVersion: v1\nkind: ConfigMap\n```",
		"```yaml\nspec: {}\n```",
		"```yaml wrong on purpose\napiVersion: v1\nkind: No\n```",
		"```console wrong on purpose\n$ kubectl nono\n```",
		"```sh\nkubectl delete $(kubectl get pods -o name | head -1)\n```",
		"```text\n$ kubectl no\n```",
	}, "\n\n"))
	var asked lint.Request
	ask := func(_ context.Context, req lint.Request) (lint.Response, error) {
		asked = req
		return lint.Response{Findings: []lint.Finding{{At: "hello/en.md:7", Line: 3, Rule: lint.RuleField, Said: map[string]string{"en": "a", "zh": "b"}}}}, nil
	}
	rep := coursecheck.Check(t.Context(), fsys, ".", coursecheck.Options{Lint: ask})
	if !slices.ContainsFunc(rep.Findings, func(f coursecheck.Finding) bool {
		return f.Pos == lessons.Position{File: "hello/en.md", Line: 9} && f.Severity == coursecheck.Error && f.Rule == lint.RuleField
	}) {
		t.Errorf("what the companion found is not told with its line: %+v", rep.Findings)
	}
	first := lineOf(t, fsys, "hello/en.md", "Say `kubectl")
	var got []string
	for _, c := range asked.Commands {
		name, line, _ := strings.Cut(c.At, ":")
		var n int
		if _, err := fmt.Sscan(line, &n); err != nil {
			t.Fatal(err)
		}
		if name == "hello/en.md" && n >= first && n < lineOf(t, fsys, "hello/en.md", below) {
			got = append(got, fmt.Sprintf("+%d %v %s", n-first, c.Named, strings.ReplaceAll(strings.Join(c.Argv, "|"), lint.Unknown, "?")))
		}
	}
	slices.Sort(got)
	want := []string{
		"+0 true kubectl|get|NAME|?",
		"+0 true kubectl|rollout|?",
		"+13 false kubectl|get|pods",
		"+3 false kubectl|get|a b",
		"+3 false kubectl|get|pods|-n|?",
		"+36 false kubectl|delete|?",
		"+36 false kubectl|get|pods|-o|name",
		"+8 false kubectl|apply|-f|-",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var manifests []string
	for _, m := range asked.Manifests {
		manifests = append(manifests, m.At)
	}
	slices.Sort(manifests)
	wantManifests := []string{at(t, fsys, "hello/en.md", "apiVersion: v1\nkind: ConfigMap"), at(t, fsys, "hello/en.md", "apiVersion: v1\nkind: Pod"), at(t, fsys, "hello/lesson.yaml", "apiVersion: apps/v1"), "hello/setup/greeter.yaml:1"}
	slices.Sort(wantManifests)
	if diff := cmp.Diff(wantManifests, manifests); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutACompanionAWarningSaysSo(t *testing.T) {
	t.Parallel()
	failing := func(context.Context, lint.Request) (lint.Response, error) {
		return lint.Response{}, errors.New("exit status 2")
	}
	for name, o := range map[string]coursecheck.Options{"none": {}, "one that fails": {Lint: failing}} {
		rep := coursecheck.Check(t.Context(), course(t), ".", o)
		if diff := cmp.Diff([]string{"course.yaml:1 warning not-checked"}, told(t, rep)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestNothingReachesTheTerminalThatItWouldObey(t *testing.T) {
	t.Parallel()
	fsys := course(t)
	fsys["hello/\x1b[2Jevil\u202e.md"] = file("x")
	for _, f := range coursecheck.Check(t.Context(), fsys, ".", coursecheck.Options{Lint: nothing}).Findings {
		if strings.ContainsAny(f.Pos.String()+f.Said[lessons.English], "\x1b\u202e") {
			t.Errorf("%q", f.Pos)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	_, texts, err := scaffold.Course("my-course")
	if err != nil {
		b.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for name, text := range texts {
		fsys[name] = file(text)
	}
	for b.Loop() {
		coursecheck.Check(b.Context(), fsys, ".", coursecheck.Options{Lint: nothing})
	}
}
