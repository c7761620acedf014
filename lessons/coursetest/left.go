package coursetest

import (
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// keptOut is why proofs are left out on a cluster whose namespace default holds
// what is somebody's.
const keptOut = "it acts in namespace default, where something is already"

// hasCause reports whether a failing check has that cause.
func hasCause(res lessons.StepResult, id string) bool {
	return slices.ContainsFunc(res.Checks, func(c lessons.CheckResult) bool { return c.Cause != nil && c.Cause.ID == id })
}

// lacks returns the last image that the commands name and that the cluster cannot
// pull: an earlier one may be wrong on purpose.
func (r *run) lacks(commands []string) (image string) {
	for _, line := range commands {
		for _, i := range r.o.Lacks {
			if strings.Contains(line+" ", i+" ") || strings.Contains(line, i+"'") || strings.Contains(line, i+`"`) {
				image = i
			}
		}
	}
	return image
}
