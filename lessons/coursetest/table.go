package coursetest

import (
	"fmt"
	"strings"
)

// Table writes tallies as a Markdown table, with a line for all of them. It
// says nothing that differs from run to run of the same course.
func Table(tallies []Tally) string {
	var b strings.Builder
	b.WriteString("| lesson | steps | before | mistakes | variants | solutions | mutations | of these fine | API server away | forbidden | verdicts | as they must be |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	all := Tally{Lesson: "**all**", Proofs: map[Sort]int{}}
	row := func(t Tally) {
		fmt.Fprintf(&b, "| %s | %d |", t.Lesson, t.Steps)
		for _, sort := range Sorts() {
			fmt.Fprintf(&b, " %d |", t.Proofs[sort])
			if sort == Mutation {
				fmt.Fprintf(&b, " %d |", t.Fine)
			}
		}
		fmt.Fprintf(&b, " %d | %d |\n", t.All(), t.All()-t.Wrong)
	}
	for _, t := range tallies {
		row(t)
		all.Steps += t.Steps
		all.Fine += t.Fine
		all.Wrong += t.Wrong
		for sort, n := range t.Proofs {
			all.Proofs[sort] += n
		}
	}
	row(all)
	return b.String()
}
