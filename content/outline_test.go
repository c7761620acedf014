package content_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/content"
	"github.com/k8stutor/k8stutor/lessons"
)

// outlineOf is what an outline has of a lesson that was read whole.
func outlineOf(l *lessons.Lesson) *lessons.Lesson {
	out := &lessons.Lesson{ID: l.ID, Title: l.Title, Summary: l.Summary, Minutes: l.Minutes, Outlined: true}
	for _, p := range l.Pages {
		out.Pages = append(out.Pages, lessons.Page{ID: p.ID, Title: p.Title})
	}
	for _, s := range l.Steps {
		out.Steps = append(out.Steps, &lessons.Step{ID: s.ID, Title: s.Title})
	}
	for _, q := range l.Questions {
		out.Questions = append(out.Questions, &lessons.Question{ID: q.ID, Title: q.Title})
	}
	return out
}

func TestTheOutlineSaysWhatTheLessonsSay(t *testing.T) {
	t.Parallel()
	whole, err := lessons.LoadProven(content.Courses, "kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	outline, err := lessons.Outline(content.Courses, "kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	want := *whole
	want.Outlined, want.Modules, want.Glossary = true, nil, nil
	for _, m := range whole.Modules {
		all := m.Lessons
		m.Lessons = nil
		for _, l := range all {
			m.Lessons = append(m.Lessons, outlineOf(l)) // each of them: none may be slow to outline
		}
		want.Modules = append(want.Modules, m)
	}
	if diff := cmp.Diff(&want, outline); diff != "" {
		t.Errorf("outline (-want +got):\n%s", diff)
	}
	for _, l := range whole.Lessons() {
		one, err := lessons.LoadLesson(content.Courses, "kubernetes", l.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(l, one); diff != "" {
			t.Errorf("LoadLesson(%s) (-want +got):\n%s", l.ID, diff)
		}
	}
}

// manyLessons is a course of n lessons of the size of ours: copies of them.
func manyLessons(b *testing.B, n int) fs.FS {
	out := fstest.MapFS{}
	ours := []string{"pods", "deployments", "services"}
	var list string
	for i := range n {
		from := ours[i%len(ours)]
		id := fmt.Sprintf("%s-%d", from, i)
		list += id + ", "
		err := fs.WalkDir(content.Courses, path.Join("kubernetes", from), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(content.Courses, name)
			data = bytes.Replace(data, []byte("\nid: "+from), []byte("\nid: "+id), 1)
			data = bytes.ReplaceAll(data, []byte("{#"+from+"}"), []byte("{#"+id+"}"))
			out[path.Join("kubernetes", id, name[len("kubernetes/"+from):])] = &fstest.MapFile{Data: data}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	out["kubernetes/course.yaml"] = &fstest.MapFile{Data: []byte("format: 1\nid: kubernetes\nmodules:\n- {id: all, lessons: [" + list + "]}\n")}
	for _, lang := range []string{"en.md", "zh.md"} {
		out["kubernetes/"+lang] = &fstest.MapFile{Data: []byte("# C {#kubernetes}\n\nx\n\n## A {#all}\n")}
	}
	return out
}

// BenchmarkLoad measures what stands before the course map (outline), before the
// first lesson can be opened (proven) and before a course of somebody else's is
// trusted (all).
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{3, 35} {
		fsys := manyLessons(b, n)
		for name, load := range map[string]func(fs.FS, string) (*lessons.Course, error){
			"outline": lessons.Outline, "proven": lessons.LoadProven, "all": lessons.Load,
		} {
			b.Run(fmt.Sprintf("%s-%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, err := load(fsys, "kubernetes"); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
