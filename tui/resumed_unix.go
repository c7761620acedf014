//go:build unix

package tui

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/k8stutor/k8stutor/tui/paint"
)

// repaintResumed paints the screen anew whenever the process goes on after it was
// stopped from outside: the terminal was somebody else's meanwhile. The function
// returned ends that, and waits for its end.
func repaintResumed(p *paint.Painter) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGCONT)
	go func() {
		defer close(done)
		for range signals {
			p.Repaint()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}
