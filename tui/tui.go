// Package tui is what the learner sees and presses: a Bubble Tea program of
// screens (home, lesson, exercise, quiz, cluster) with help over all of them.
//
// The way through the code: app.go holds the one tea.Model and sends each
// message where it belongs. A screen is a struct in a file of its own; it
// returns an action (actions.go) and the App acts on it; screens do not know
// each other. messages.go lists every message, commands.go every command,
// keys.go every key, words.go every word. layout.go and prose.go draw.
//
// The package promises that Update and View never read or write anything
// outside the program: files, cluster and shell are reached by commands only;
// that a frame is exactly as large as the terminal; and that Run leaves no
// goroutine, child process or cluster session behind.
//
// It must not import client-go or package cluster: a cluster reaches it through
// the Session interface.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/paint"
)

// Deps is all that the program needs from outside.
type Deps struct {
	// Course is what is taught. When it is nil, Load is called after the first
	// frame. When the course is an outline only, LoadAll is called for the rest.
	Course        *lessons.Course
	Load, LoadAll func(context.Context) (*lessons.Course, error)
	Store         Store // nil: what is done is not remembered
	// Notice is said at the start ("progress cannot be saved: disk full").
	Notice lessons.Text
	Lang   lessons.Lang
	// Open opens the cluster called choice ("" is the one asked for on the
	// command line) and reports the stages of its start. The errors it returns
	// are *lessons.ClusterError.
	Open func(ctx context.Context, choice string, progress StageFunc) (Session, error)
	// Candidates lists the clusters there are to choose from; nil: no choice.
	Candidates func(context.Context) []Candidate
	// StartCluster brings up the cluster of a Candidate that is Startable. It may
	// take minutes; when ctx ends, so does what it has started. Its errors are
	// *lessons.ClusterError. Nil: nothing can be started.
	StartCluster func(ctx context.Context, choice string, progress StageFunc) error
	// StageTitle says what a stage of a start is; nil, or no words: its name.
	StageTitle func(stage string) lessons.Text
	// Exercise returns the engine of a lesson's exercise on a cluster.
	Exercise func(*lessons.Lesson, lessons.Cluster) Exercise
	// Shell starts the learner's shell in a pane of w x h cells; nil means the
	// shell of package terminal.
	Shell func(env []string, w, h int) (Shell, error)

	// Files is where the learner edits the files of manifest steps; Editor tells
	// the command line of the learner's editor, nil words for none. Nil means
	// the built-in one.
	Files  lessons.Files
	Editor func() ([]string, error)

	// OpenURL shows an address of the web in a browser; nil means the system's way.
	OpenURL func(ctx context.Context, address string) error
	// Notes are read instead of a course; the program has no other screen then.
	Notes *Notes

	Now      func() time.Time
	NoColor  bool
	Plain    bool  // ASCII only
	Dark     bool  // until the terminal tells
	Theme    Theme // "" is ThemeAuto
	NoMotion bool  // nothing on the screen moves by itself
	Welcome  bool  // the learner is here for the first time
	// NoNotify keeps what happens from being told outside of the screen: by a
	// notification, or as progress in the terminal's tab. Term is the terminal's
	// name, $TERM.
	NoNotify bool
	Term     string
	Start    string
	Version  string
}

// StageFunc is told how far the start of a cluster is: a stage's name, its state
// ("waiting", "running", "done", "failed") and what there is to say of it.
type StageFunc func(stage, state, detail string)

// Session is an open cluster.
type Session interface {
	lessons.Cluster
	lessons.Applier
	Info() Info
	// ShellEnv writes the kubeconfig of the workspace and returns the
	// environment variables with which a shell talks to it, as "NAME=value".
	// The first folder of a PATH among them stays the first in the shell.
	ShellEnv(lessons.Workspace) []string
	// Restart brings the cluster back after it went away.
	Restart(context.Context, StageFunc) error
	Close()
}

// Exercise judges a lesson's steps; *lessons.Exercise is one.
type Exercise interface {
	Run(ctx context.Context, report func(lessons.Report)) error
	Answer(ctx context.Context, step, answer string) (lessons.Report, error)
	Reset(ctx context.Context, step string) error
}

// Store keeps a learner's progress; *lessons.Store is one.
type Store interface {
	Progress() lessons.Progress
	Update(func(*lessons.Progress)) error
}

// Run shows the program on in and out until the learner quits or ctx ends. When
// it returns, the terminal is as it was and everything it started has ended.
func Run(ctx context.Context, deps Deps, in io.Reader, out io.Writer) error {
	return runWith(ctx, deps, in, out)
}

// runWith is Run with further options for the program.
func runWith(ctx context.Context, deps Deps, in io.Reader, out io.Writer, more ...tea.ProgramOption) (err error) {
	// A lost terminal ends the program as ctx does: with what it has started, and
	// with progress saved.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	crew := newCrew(ctx)
	app := newApp(deps, crew)
	// Also after a panic in this goroutine the sessions are closed, so that no
	// sandbox and no shell outlives the program.
	defer func() {
		crew.end()
		if unsaved := app.keeper.flush(); err == nil && unsaved != nil {
			err = fmt.Errorf("save your progress: %w", unsaved)
		}
	}()

	app.tty = out
	painter := paint.New(out)
	defer keepTitle(out)() // after the painter has written its last
	defer painter.Close()
	defer repaintResumed(painter)()

	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(painter.Output()), tea.WithFPS(beatsPerSecond)}
	if deps.NoColor {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	_, err = tea.NewProgram(painted{App: app, painter: painter}, append(options, more...)...).Run()
	switch {
	case errors.Is(err, tea.ErrInterrupted):
		return nil
	case errors.Is(err, tea.ErrProgramPanic):
		return fmt.Errorf("the tutor's screen failed, your progress is kept: %w", err)
	case errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("run the tutor's screen: %w", err)
	}
	return nil
}
