package lessons

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzLoad promises that no course file can bring the program down.
func FuzzLoad(f *testing.F) {
	files := exampleCourse(f)
	data := func(name string) []byte { return files["course/"+name].Data }
	f.Add(data("course.yaml"), data(lessonYAML), data(en), data(zh), data("services/setup/shop.yaml"))
	f.Add([]byte("{}"), []byte("format: 99"), []byte("#\n##\n- [x]\n1.\n"), []byte("a\n---\n"), []byte("- - -\n"))
	f.Add([]byte("format: 1\nid: demo\nmodules: [{id: m, lessons: [services]}]"),
		[]byte("format: 1\nid: services\nquestions: [{id: q, kind: single}]\nsteps: [~, {id: s}, [], {checks: ~}]"),
		[]byte("## {#q}\n- [x]\n-\n\n  ```\n"), []byte("## a {#q}\n>- [ ] x\n\n1) [x]\n"), []byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, course, lesson, en, zh, setup []byte) {
		fsys := fstest.MapFS{
			"c/course.yaml":              {Data: course},
			"c/en.md":                    {Data: en},
			"c/zh.md":                    {Data: zh},
			"c/services/lesson.yaml":     {Data: lesson},
			"c/services/en.md":           {Data: en},
			"c/services/zh.md":           {Data: zh},
			"c/services/setup/shop.yaml": {Data: setup},
		}
		if c, err := Load(fsys, "c"); (c == nil) == (err == nil) {
			t.Errorf("Load = %v, %v; want one of the two", c, err)
		}
	})
}

// threeLessons writes a course of three copies of the example lesson.
func threeLessons(b *testing.B) fs.FS {
	files := exampleCourse(b)
	for _, id := range []string{"two", "three"} {
		for name, f := range exampleCourse(b) {
			if rest, ok := strings.CutPrefix(name, "course/services/"); ok {
				text := strings.ReplaceAll(string(f.Data), "{#services}", fmt.Sprintf("{#%s}", id))
				files[path.Join("course", id, rest)] = &fstest.MapFile{Data: []byte(strings.Replace(text, "id: services", "id: "+id, 1))}
			}
		}
	}
	edit{"course.yaml", "[services]", "[services, two, three]"}.apply(b, files)
	return files
}

func BenchmarkLoad(b *testing.B) {
	fsys := threeLessons(b)
	for name, load := range map[string]func(fs.FS, string) (*Course, error){"all": Load, "proven": LoadProven} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := load(fsys, "course"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
