// Package plain is the tutor as a conversation: lines of text and prompts, for
// people who use a screen reader, for terminals that cannot draw, for Emacs'
// shell, pipes and expect scripts. Whatever can be done on the screens of
// package tui can be done here; parity_test.go keeps it so.
//
// The way through the code: talk.go holds the conversation and its loop,
// input.go reads lines and tells meanwhile what happens on the cluster, voice.go
// speaks. A place (place_*.go) is where a learner can be: it says what there is
// and which commands work there. commands.go finds a command by its word in
// either language, words_*.go hold every word.
//
// The package promises that nothing is drawn: its output holds no escape
// sequence, no box and no bell, a line is never written over, and a line is at
// most 79 columns wide. It leaves no process, goroutine or session behind.
//
// It runs no Bubble Tea program, and does not import package cluster.
package plain

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// Options are what a conversation needs from outside.
type Options struct {
	tui.Deps
	In  io.Reader
	Out io.Writer
	// InTerminal says that a person types: commands of theirs get the terminal,
	// and long texts pause.
	InTerminal bool
	Width      int // columns of the output; 0 when it is not known
	Height     int // lines of it; 0 when it is not known
	// Page is after how many lines a text pauses; 0 never, negative as fits the
	// terminal. Without a terminal there are no pauses.
	Page int
	// Interrupts delivers presses of Ctrl-C; nil when there are none.
	Interrupts <-chan os.Signal
	// Doctor looks for what could keep the tutor from working, and says it.
	Doctor func(context.Context, lessons.Lang) string
	Getenv func(string) string
}

// Run talks with the learner until they leave, the input ends, or ctx does. When
// it returns, everything it started has ended.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t, err := newTalk(o)
	if err != nil {
		return err
	}
	defer t.close()
	err = t.converse(ctx)
	if errors.Is(err, errLeave) {
		return nil
	}
	return err
}
