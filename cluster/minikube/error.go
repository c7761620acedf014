package minikube

import (
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// Kind says in a word why minikube gave no good answer.
type Kind string

// The kinds of Error.
const (
	CannotRun  Kind = "cannot-run" // it is there and is no program, or did not begin
	Hung       Kind = "hung"       // it did not end in time and was ended
	Unreadable Kind = "unreadable" // it printed something that is not its format
	Failed     Kind = "failed"     // it said that it failed, or ended with an exit code that is no answer
	Canceled   Kind = "canceled"   // the learner wanted no more of it
)

// Error is a minikube that did not do what it was asked for.
type Error struct {
	Command string // as one would type it
	Kind    Kind
	Reason  string // minikube's own name for it: "RSRC_INSUFFICIENT_STORAGE"; "" when it gave none
	Step    string // of a start: the one it got to, "Booting control plane"
	Code    int    // exit code; -1 when a signal ended it
	Err     error  // what it said
	URL     string // that it gave for more
	Hint    lessons.Text
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %v", e.Command, e.Err)
	if e.Reason != "" {
		fmt.Fprintf(&b, " [%s]", e.Reason)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// command writes a command as one would type it.
func command(args []string) string {
	words := []string{"minikube"}
	for _, a := range args {
		if a == "" || strings.ContainsAny(a, " \t\n'\"\\$&;|<>*?`()") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}
