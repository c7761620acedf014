package coursecheck_test

import (
	"testing"
	"testing/fstest"

	"github.com/k8stutor/k8stutor/lessons/coursecheck"
	"github.com/k8stutor/k8stutor/lessons/scaffold"
)

// FuzzCheck: whatever stands in a course, a check ends, and tells of places in
// its files.
func FuzzCheck(f *testing.F) {
	_, texts, err := scaffold.Course("my-course")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(texts["hello/lesson.yaml"], texts["hello/en.md"], "terms: []")
	f.Add("pages: [a]\nsteps: [{solution: [kubectl get $(x <<E\n]}]", "# A {#a}\n\n```sh\nkubectl get <<E\nx\nE\n```\n[x](#a)![](\n", "terms:\n- {en: a, zh: b}")
	f.Add("minutes: -1\nsteps: [[]]", "```console\n$ kubectl get \\\n> 'x\n$ \n", "- [x")
	f.Fuzz(func(t *testing.T, lesson, prose, glossary string) {
		fsys := fstest.MapFS{"glossary.yaml": file(glossary), "hello/lesson.yaml": file(lesson), "hello/en.md": file(prose), "hello/zh.md": file(prose)}
		for _, name := range []string{"course.yaml", "en.md", "zh.md", "hello/setup/greeter.yaml"} {
			fsys[name] = file(texts[name])
		}
		told(t, coursecheck.Check(t.Context(), fsys, ".", coursecheck.Options{Lint: nothing}))
	})
}
