package coursetest

import (
	"errors"
	"strings"
	"testing"
)

func TestTheTableCountsEveryResult(t *testing.T) {
	t.Parallel()
	tallies := Tallies([]Result{
		{Lesson: "pods", Step: "run", Sort: Before},
		{Lesson: "pods", Step: "run", Sort: Mutation, Fine: true},
		{Lesson: "pods", Step: "run", Sort: Mutation, Problem: errors.New("it still passes")},
		{Lesson: "pods", Step: "image", Sort: Before},
		{Lesson: "services", Step: "create", Sort: Forbidden},
	})
	for _, line := range []string{
		"| pods | 2 | 2 | 0 | 0 | 0 | 2 | 1 | 0 | 0 | 4 | 3 |",
		"| services | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 1 | 1 | 1 |",
		"| **all** | 3 | 2 | 0 | 0 | 0 | 2 | 1 | 0 | 1 | 5 | 4 |",
	} {
		if table := Table(tallies); !strings.Contains(table, line+"\n") {
			t.Errorf("the table lacks %s:\n%s", line, table)
		}
	}
}
