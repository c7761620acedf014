package commandline_test

import (
	"slices"
	"testing"

	"github.com/k8stutor/k8stutor/content"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/commandline"
)

// TestNoLineOfOurCoursesIsAMistake asks about each command line of the courses
// that come with the program: whatever it ended with, it was what was meant.
func TestNoLineOfOurCoursesIsAMistake(t *testing.T) {
	t.Parallel()
	course, err := lessons.Load(content.Courses, "kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, l := range course.Lessons() {
		var lines []string
		for _, s := range l.Steps {
			lines = append(lines, s.Solution...)
			lines = append(lines, slices.Concat(s.Variants...)...)
			for _, m := range s.Mistakes {
				lines = append(lines, m.Try...)
			}
		}
		for _, q := range l.Questions {
			if q.Kind == lessons.Command {
				lines = append(lines, q.Accept...)
			}
		}
		for _, line := range lines {
			asked++
			for _, exit := range []int{0, 1} {
				if said, ok := commandline.Mistake(line, exit, ""); ok {
					t.Errorf("%s: Mistake(%q, %d) = %q", l.ID, line, exit, said.English)
				}
			}
			if _, diff, ok := commandline.Compare(line, []string{line}); !ok || diff != nil {
				t.Errorf("%s: %q differs from itself: %v", l.ID, line, diff)
			}
		}
	}
	if asked < 50 {
		t.Errorf("only %d lines were asked about", asked)
	}
}
