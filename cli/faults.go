package cli

import (
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// printFaults prints what is wrong with a file: place, the API server's own
// words, the line, and what they mean.
func (e *editing) printFaults(faults []lessons.Fault) {
	for _, f := range faults {
		place := e.step.Draft.Name
		if f.Line > 0 {
			place += fmt.Sprintf(":%d", f.Line)
		}
		if f.Object != "" {
			place += ": " + f.Object
		}
		if f.Said == "" {
			e.printf("%s\n", place)
		} else {
			e.printf("%s: %s\n", place, strings.ReplaceAll(f.Said, "\n", " "))
		}
		if f.Source != "" {
			number := fmt.Sprintf("%5d", f.Line)
			e.printf("%s | %s\n", number, f.Source)
			if caret := f.Caret(); caret != "" {
				e.printf("%s | %s\n", strings.Repeat(" ", len(number)), caret)
			}
		}
		if advice := f.Advice.In(e.lang); advice != "" {
			e.printf("%s", e.indented(advice, 2))
		}
	}
}

type faultJSON struct {
	Line   int    `json:"line"`
	Column int    `json:"column,omitempty"`
	Source string `json:"source,omitempty"`
	Object string `json:"object,omitempty"`
	Path   string `json:"path,omitempty"`
	Said   string `json:"said,omitempty"`
	Advice string `json:"advice,omitempty"`
}

func (e *editing) faultsJSON(faults []lessons.Fault, applied bool) any {
	out := []faultJSON{}
	for _, f := range faults {
		out = append(out, faultJSON{f.Line, f.Column, f.Source, f.Object, f.Path, f.Said, f.Advice.In(e.lang)})
	}
	return map[string]any{"lesson": e.lesson.ID, "step": e.step.ID, "file": e.files.Path(e.lesson.ID, e.step),
		"accepted": len(faults) == 0, "applied": applied, "faults": out}
}
