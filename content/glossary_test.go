package content_test

import (
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/content"
	"github.com/k8stutor/k8stutor/lessons"
)

// TestEveryTermIsExplained wants each word of our glossary explained in both
// languages in a box's length, and met somewhere in the lessons' pages.
func TestEveryTermIsExplained(t *testing.T) {
	t.Parallel()
	course, err := lessons.Load(content.Courses, "kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(course.Glossary); n < 40 {
		t.Errorf("the glossary has %d terms, want 40 and more", n)
	}
	met := map[string]bool{}
	for _, l := range course.Lessons() {
		for _, page := range l.Pages {
			for _, lang := range lessons.Languages() {
				for _, at := range lessons.FindTerms(page.Body[lang], course.Glossary) {
					met[at.Term.Name[lessons.English]] = true
				}
			}
		}
	}
	// Words that learners meet in kubectl's output and elsewhere.
	elsewhere := []string{"etcd", "tag", "container runtime"}
	for _, term := range course.Glossary {
		name := term.Name[lessons.English]
		for lang, end := range map[lessons.Lang]string{lessons.English: ".", lessons.Chinese: "。"} {
			means := term.Means[lang]
			if !strings.HasSuffix(means, end) || len([]rune(means)) < 15 || len([]rune(means)) > 240 {
				t.Errorf("%s: %q is no sentence or two", name, means)
			}
		}
		if !met[name] && !strings.Contains(strings.Join(elsewhere, " "), name) {
			t.Errorf("%s is met on no page", name)
		}
	}
}
