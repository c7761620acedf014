package cli

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
	"github.com/k8stutor/k8stutor/tui/plain"
)

// converse is the tutor as a conversation of lines.
func (p *Program) converse(ctx context.Context, deps tui.Deps) error {
	// A press of Ctrl-C ends what is being done and not the tutor; a terminal
	// that is gone ends it.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	signal.Reset(os.Interrupt)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	return plain.Run(ctx, plain.Options{
		Deps: deps, In: p.In, Out: p.Out, InTerminal: p.InTerminal && p.OutTerminal,
		Width: p.Width, Height: p.Height, Page: p.flags.page,
		Interrupts: interrupts,
		Doctor:     p.doctorText,
		Getenv:     p.Getenv,
	})
}

// doctorText is what `doctor` prints, in a language.
func (p *Program) doctorText(ctx context.Context, lang lessons.Lang) string {
	var out bytes.Buffer
	other := *p
	other.lang, other.Out, other.OutTerminal = lang, &out, false
	other.flags.plain, other.flags.output = true, ""
	if err := other.doctor(ctx); err != nil && out.Len() == 0 {
		return err.Error()
	}
	return out.String()
}
