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
	f.Add([]byte("format: 1\nid: demo\nmodules: [{id: m, lessons: [services]}]"),
		[]byte("format: 1\nid: services\nminutes: 1\nafter: [services, x]\nclusterScoped: [PersistentVolume, Node]\npages: [a]\n"+
			"steps:\n- {id: s, kind: manifest, draft: setup/shop.yaml, setup: [setup/shop.yaml, ../x], solution: [a], fine: [{mutation: m, because: b}],\n"+
			"  objects: {o: {kind: Pod, selector: {a: b}, single: true}}, checks: [{id: c, about: o, expr: 'o.x + 1 == \"\"', converge: true, within: 1s}]}\n"+
			"- {id: t, kind: predict, answer: {expect: '1'}, solution: [a], mistakes: [{id: m, when: answer == '1', tryAnswer: '2'}]}\n"),
		[]byte("# a&#27;[2J {#services}\n\nx\n\n## `a` {#a}\n\nb\n"), []byte("# a\u202e {#services}\n"),
		[]byte("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: PersistentVolume, metadata: {name: a, finalizers: [x]}, spec: {hostPath: {path: /}, replicas: 1e9}}\n- []\n"))
	f.Add([]byte("format: 1\nid: demo\nmodules: [{id: m, lessons: [services]}]"),
		[]byte("format: 1\nid: services\nminutes: 5\nneeds: []\npages: [why, what]\nsteps:\n- id: one # x\n  kind: do\nquestions:\n- {id: q, kind: single}\n"),
		[]byte("# S {#services}\n\ns\n\n## w {#why}\n```\n## no {#no}\n```\n## w {#what}\n## o {#one}\n## q {#q}\n"), []byte("# S {#services}\n\ns\n"), []byte("\xff"))
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
		foreign := func(fsys fs.FS, dir string) (*Course, error) {
			return load(&loader{fsys: fsys, compiles: true, foreign: true}, dir)
		}
		for name, read := range map[string]func(fs.FS, string) (*Course, error){"Load": foreign, "Outline": Outline} {
			c, err := read(fsys, "c")
			if (c == nil) == (err == nil) {
				t.Errorf("%s = %v, %v; want one of the two", name, c, err)
			}
			if c == nil {
				continue
			}
			for _, l := range c.Lessons() {
				for _, text := range []Text{l.Title, l.Summary} {
					if r, found := firstDeceptive(text.In(English) + text.In(Chinese)); found && name == "Load" {
						t.Errorf("%s lets %U through", name, r)
					}
				}
			}
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
