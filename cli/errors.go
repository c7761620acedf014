package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// The exit codes of every command.
const (
	ExitDone       = 0 // done, passed
	ExitNotYet     = 1 // judged, and not passed
	ExitUsage      = 2 // the command line is wrong
	ExitCannotTell = 3 // the cluster could not be asked
	ExitInternal   = 4 // everything else
)

// errNotYet is the outcome of a command whose answer was "not yet"; it has been
// printed already.
var errNotYet = errors.New("not yet")

// errCannotTell is the outcome of a judgement that could not be made and was
// printed already.
var errCannotTell = errors.New("cannot tell")

// usageError is a command line that cannot be carried out.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// exitStatus is the exit code of a program that was run in our place.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// ExitCode maps what Run returned to the exit code of the program.
func ExitCode(err error) int {
	var (
		status  exitStatus
		usage   *usageError
		cluster *lessons.ClusterError
	)
	switch {
	case err == nil:
		return ExitDone
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, errNotYet):
		return ExitNotYet
	case errors.Is(err, errCannotTell), errors.As(err, &cluster):
		return ExitCannotTell
	case errors.As(err, &usage):
		return ExitUsage
	case errors.Is(err, context.Canceled):
		return 130 // as a shell reports an interrupted program
	}
	return ExitInternal
}

// Explain writes what a person needs to know of an error that Run returned:
// what failed, what it said, what to do. Outcomes that were printed already
// are not repeated.
func (p *Program) Explain(w io.Writer, err error) {
	var (
		status  exitStatus
		usage   *usageError
		cluster *lessons.ClusterError
	)
	switch {
	case err == nil, errors.As(err, &status), errors.Is(err, errNotYet), errors.Is(err, errCannotTell):
	case errors.As(err, &cluster):
		if p.json() {
			_ = p.printJSON(map[string]any{"error": p.errorJSON(cluster)})
		}
		fmt.Fprintf(w, "%s%v\n", tame([]any{p.t("k8stutor: ", "k8stutor："), cluster})...)
		if hint := cluster.Hint.In(p.lang); hint != "" {
			fmt.Fprintln(w, lessons.PrintableLines(hint))
		}
	case errors.As(err, &usage):
		fmt.Fprintf(w, "%s%v\n", tame([]any{p.t("k8stutor: ", "k8stutor："), usage})...)
		if usage.hint != "" {
			fmt.Fprintln(w, lessons.PrintableLines(usage.hint))
		}
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w, p.t("k8stutor: interrupted", "k8stutor：已中断"))
	default:
		fmt.Fprintf(w, "%s%v\n", tame([]any{p.t("k8stutor: ", "k8stutor："), err})...)
	}
}

// isCobraUsage reports whether cobra refused the command line. Cobra has no
// type for that; its messages are fixed.
func isCobraUsage(err error) bool {
	for _, prefix := range []string{"unknown command", "unknown flag", "unknown shorthand", "flag needs an argument",
		"invalid argument", "accepts ", "requires ", "bad flag syntax", "no such flag"} {
		if strings.HasPrefix(err.Error(), prefix) {
			return true
		}
	}
	return false
}
