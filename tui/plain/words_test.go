package plain

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

var verb = regexp.MustCompile(`%[a-z]`)

// TestBothLanguagesSayTheSame compares the words field by field: none is
// missing, and both take the same values.
func TestBothLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	en, zh := wordsEN(), wordsZH()
	compare := func(what string, a, b reflect.Value) {
		for i := range a.NumField() {
			if a.Field(i).Kind() != reflect.String {
				continue
			}
			name, x, y := what+a.Type().Field(i).Name, a.Field(i).String(), b.Field(i).String()
			if x == "" || y == "" {
				t.Errorf("%s is missing: %q, %q", name, x, y)
			}
			if diff := cmp.Diff(verb.FindAllString(x, -1), verb.FindAllString(y, -1)); diff != "" {
				t.Errorf("%s takes other values in Chinese (-en +zh):\n%s", name, diff)
			}
		}
	}
	compare("", reflect.ValueOf(*en), reflect.ValueOf(*zh))
	compare("Speech.", reflect.ValueOf(en.Speech), reflect.ValueOf(zh.Speech))
	if len(en.Welcome) != 3 || len(zh.Welcome) != 3 {
		t.Errorf("the welcome has %d and %d paragraphs, want 3", len(en.Welcome), len(zh.Welcome))
	}
	for id, c := range en.Commands {
		if zh.Commands[id].names == "" || zh.Commands[id].does == "" || c.names == "" || c.does == "" {
			t.Errorf("command %s has no words: %q, %q", id, c, zh.Commands[id])
		}
	}
	if len(en.Commands) != len(zh.Commands) {
		t.Errorf("%d commands in English, %d in Chinese", len(en.Commands), len(zh.Commands))
	}
}

// TestNoNameMeansTwoThings looks in each place for names that two commands have,
// and for commands without words.
func TestNoNameMeansTwoThings(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English)
	b.o.In = strings.NewReader("")
	tk, err := newTalk(b.o)
	if err != nil {
		t.Fatal(err)
	}
	defer tk.close()
	tk.course = b.o.Course
	l := tk.course.Lessons()[0]
	marked, over := newQuiz(l), newQuiz(l)
	marked.marked, over.over = true, true
	places := map[string]place{"home": &home{}, "reading": newReading(l, ""), "quiz": newQuiz(l), "marked": marked, "over": over, "cluster": &clusterPlace{},
		"found": &found{}}
	for _, s := range l.Steps {
		places["exercise "+s.ID] = newExercise(l, s.ID)
	}
	for name, p := range places {
		owner := map[string]string{}
		here := p.commands(tk)
		for _, c := range slices.Concat(here, tk.everywhere()) {
			names := tk.names(c.id)
			if len(names) < 2 {
				t.Errorf("%s: command %s has no names", name, c.id)
			}
			for _, n := range names {
				if n != fold(n) {
					t.Errorf("%s: name %q of %s can never be typed", name, n, c.id)
				}
				if other := owner[n]; other != "" && other != c.id {
					t.Errorf("%s: %q is %s and %s", name, n, other, c.id)
				}
				owner[n] = c.id
			}
		}
	}
}
