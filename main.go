// Command k8stutor teaches Kubernetes in a terminal: lessons, exercises that
// are judged on a real cluster as it changes, and questions.
package main

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/adrg/xdg"
	"golang.org/x/term"

	"github.com/k8stutor/k8stutor/cli"
	"github.com/k8stutor/k8stutor/content"
)

// version is set by the linker.
var version = "dev"

func main() {
	// Collected each time that its few megabytes double, the program would take
	// a tenth longer to show the course map. See docs/PERFORMANCE.md.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run wires the program together and returns its exit code.
func run(ctx context.Context, args []string, in *os.File, out, errs *os.File) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &cli.Program{
		Streams:    streams(in, out, errs),
		Getenv:     os.Getenv,
		Now:        time.Now,
		Version:    version,
		StateDir:   cmp.Or(os.Getenv("K8STUTOR_STATE"), filepath.Join(xdg.StateHome, "k8stutor")),
		Courses:    content.Courses,
		CoursesDir: filepath.Join(xdg.DataHome, "k8stutor", "courses"),
		UTF8:       runtime.GOOS == "darwin" || runtime.GOOS == "windows",
	}
	err := p.Run(ctx, args)
	p.Explain(errs, err)
	return cli.ExitCode(err)
}

func streams(in, out, errs *os.File) cli.Streams {
	s := cli.Streams{In: in, Out: io.Writer(out), Err: errs}
	s.InTerminal, s.OutTerminal = term.IsTerminal(int(in.Fd())), term.IsTerminal(int(out.Fd()))
	if w, h, err := term.GetSize(int(out.Fd())); err == nil {
		s.Width, s.Height = w, h
	}
	return s
}
