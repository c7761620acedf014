package tui

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// nasty holds one of each thing that must not reach a terminal: a control
// sequence, the clipboard, the bell, C1, a change of direction, a space without
// width, and what HTML hides.
const nasty = "a\x1b[2Jb\x1b]52;c;ZXZpbA==\x07c\u009b31md\u202ee\u200bf\rg\x7f&#27;[2J&#x9b;2J"

// poison appends nasty to every text below v that the program shows: to prose, to
// what was found, to errors and to what objects hold.
func poison(v reflect.Value, in map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() && !in[v.Pointer()] {
			in[v.Pointer()] = true
			poison(v.Elem(), in)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f, name := v.Field(i), v.Type().Field(i).Name
			switch {
			case !f.CanSet():
			case f.Type() == reflect.TypeFor[error]() && !f.IsNil():
				f.Set(reflect.ValueOf(errors.New(f.Interface().(error).Error() + nasty)))
			case f.Type() == reflect.TypeFor[string]() && !strings.HasSuffix(name, "ID") && name != "Mistake" && name != "Current" && name != "Lesson" && name != "Kind":
				f.SetString(f.String() + nasty)
			default:
				poison(f, in)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if e := v.Index(i); e.Type() == reflect.TypeFor[string]() {
				e.SetString(e.String() + nasty)
			} else {
				poison(e, in)
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			switch e := v.MapIndex(k).Interface().(type) {
			case string:
				switch k.String() {
				case "kind", "apiVersion", "uid", "creationTimestamp", "namespace", "phase":
				default:
					v.SetMapIndex(k, reflect.ValueOf(e+nasty))
				}
			case map[string]any:
				poison(reflect.ValueOf(e), in)
			case []any:
				for _, item := range e {
					poison(reflect.ValueOf(item), in)
				}
			case lessons.Listing:
				for _, o := range e.Objects {
					poison(reflect.ValueOf(map[string]any(o)), in)
				}
			}
		}
	case reflect.Interface:
		if !v.IsNil() {
			poison(v.Elem(), in)
		}
	}
}

func poisoned[T any](v T) T {
	poison(reflect.ValueOf(&v), map[uintptr]bool{})
	return v
}

// drawn are the escape sequences that frames consist of: looks and links.
var drawn = regexp.MustCompile(`\x1b\[[0-9;:]*m|\x1b\]8;[^;\x00-\x1f\x7f-\x9f]*;[!-~]*(\x1b\\|\x07)`)

func TestNothingThatATerminalObeysReachesAFrame(t *testing.T) {
	t.Parallel()
	for name, set := range scenes() {
		for _, lang := range lessons.Languages() {
			t.Run(name+"-"+string(lang), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, lang, 120, 40)
				b.nasty = true
				course := poisoned(testCourse())
				course.Broken = []lessons.BrokenCourse{{Dir: "/courses/x" + nasty, Err: errors.New(nasty)}}
				b.send(courseMsg{course: course})
				set(b)
				view := b.app.View()
				for what, text := range map[string]string{"frame": drawn.ReplaceAllString(view.Content, ""), "window title": view.WindowTitle} {
					for _, r := range text {
						if s := string(r); r != '\n' && lessons.PrintableLines(s) != s {
							t.Fatalf("%U in the %s:\n%q", r, what, text)
						}
					}
				}
				if !strings.Contains(view.Content, "ZXZpbA==") && !strings.Contains(name, "quiz-") && !strings.HasPrefix(name, "review-no") && !strings.Contains(name, "help") {
					t.Errorf("nothing of the poison is on the screen, so this proves nothing:\n%s", drawn.ReplaceAllString(view.Content, ""))
				}
			})
		}
	}
}

func TestHomeSaysWhichCourseCouldNotBeLoaded(t *testing.T) {
	t.Parallel()
	for lang, want := range map[lessons.Lang]string{lessons.English: "The course in /courses/x cannot be loaded", lessons.Chinese: "无法加载 /courses/x 里的课程"} {
		b := newBench(t, lang, 100, 30)
		if strings.Contains(b.frame(), want) {
			t.Fatalf("said while there is none:\n%s", b.frame())
		}
		course := testCourse()
		course.Broken = []lessons.BrokenCourse{{Dir: "/courses/x", Err: errors.New("course.yaml: this file is missing")}}
		b.send(courseMsg{course: course})
		b.shows(want, "Service")
		b.keys("G") // its lines cannot be chosen
		if l := b.app.top().(*homeScreen).selected(); l == nil || l.ID != "services" {
			t.Errorf("the last row is %v", l)
		}
	}
}
