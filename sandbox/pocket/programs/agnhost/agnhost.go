// Package agnhost is the program of the image registry.k8s.io/e2e-test-images/agnhost
// as of version 2.66: the servers and probes that Kubernetes' own tests, and many
// examples of its documentation, run in Pods. Each subcommand has the flags, the
// HTTP interface, the output and the exit codes of the real one; the program itself
// is new and touches the world only through its proc.Process.
package agnhost

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// Main is the program /agnhost.
func Main(ctx context.Context, p *proc.Process) int {
	a := begin(ctx, p)
	code := a.execute()
	return a.finish(code)
}

// app is one running agnhost.
type app struct {
	*proc.Process
	// ctx ends when the program exits, wherever it does so.
	ctx    context.Context
	cancel context.CancelCauseFunc
	wait   sync.WaitGroup // of the goroutines that only ctx ends

	log logger

	mu      sync.Mutex
	servers []*http.Server
}

// exitStatus is why ctx ends when a part of the program exits.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func begin(ctx context.Context, p *proc.Process) *app {
	a := &app{Process: p}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	a.log.app = a
	signals := p.Notify(proc.SIGHUP, proc.SIGINT, proc.SIGTERM)
	a.start(func() {
		select {
		case sig := <-signals:
			a.exit(a.dieFromSignal(sig))
		case <-a.ctx.Done():
		}
	})
	return a
}

// dieFromSignal is the status of a Go program that a signal ends. As the first
// process of a container it cannot die from the signal itself, and Go's runtime
// then exits with 2.
func (a *app) dieFromSignal(sig proc.Signal) int {
	if a.PID == 1 {
		return 2
	}
	return 128 + int(sig)
}

// exit ends the program, as os.Exit does, but returns to its caller, who must do
// nothing more. The first status counts.
func (a *app) exit(code int) {
	a.mu.Lock()
	servers := a.servers
	a.servers = nil
	a.mu.Unlock()
	for _, s := range servers {
		_ = s.Close() // connections end as the kernel ends them: with a FIN, not with a reset
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cancel(exitStatus(code))
}

// start runs f until the program's end, which waits for it. A program that has
// ended starts nothing.
func (a *app) start(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ctx.Err() == nil {
		a.wait.Go(f)
	}
}

// abort ends the program from within an HTTP handler: nobody gets an answer.
func (a *app) abort(code int) {
	a.exit(code)
	panic(http.ErrAbortHandler)
}

// finish ends what is left and returns the status.
func (a *app) finish(code int) int {
	a.exit(code)
	a.wait.Wait()
	if status, ok := context.Cause(a.ctx).(exitStatus); ok {
		return int(status)
	}
	return code
}

// forever waits for the end of the program.
func (a *app) forever() int {
	<-a.ctx.Done()
	return 0
}

// sleep waits and reports whether the program still runs.
func (a *app) sleep(seconds int) bool {
	return proc.Sleep(a.ctx, secondsOf(seconds))
}

// execute parses the command line and runs the subcommand.
func (a *app) execute() int {
	code := 0
	root := a.root(&code)
	root.SetArgs(a.Args[min(1, len(a.Args)):])
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	if err := root.ExecuteContext(a.ctx); err != nil {
		if failed := (runError{}); asRunError(err, &failed) {
			a.log.write('E', "run.go:72", fmt.Sprintf("%q err=%q", "command failed", failed.error))
			return 1
		}
		fmt.Fprintf(a.Stderr, "Error: %v\n", err)
		return 1
	}
	return code
}

// subcommand describes one of the program's commands.
type subcommand struct {
	use, short string
	maxArgs    int // -1 for any number
	minArgs    int
	flags      func(*pflag.FlagSet)
	run        func(args []string) int
	runE       func() error // instead of run
}

func (a *app) root(code *int) *cobra.Command {
	root := &cobra.Command{Use: "app", Version: a.Image.Version, SilenceErrors: true, SilenceUsage: true}
	// As component-base/cli does: underscores are hyphens, a wrong flag gets the
	// usage before the error, and klog's flags are accepted everywhere.
	root.SetGlobalNormalizationFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		return pflag.NormalizedName(strings.ReplaceAll(name, "_", "-"))
	})
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		c.SilenceUsage = false
		fmt.Fprintln(a.Stderr, c.UsageString())
		return err
	})
	a.log.addFlags(root.PersistentFlags())
	for _, s := range a.subcommands() {
		root.AddCommand(s.command(code))
	}
	return root
}

func (s subcommand) command(code *int) *cobra.Command {
	c := &cobra.Command{Use: s.use, Short: s.short, Args: cobra.RangeArgs(s.minArgs, max(s.minArgs, s.maxArgs)), SilenceUsage: true}
	switch {
	case s.maxArgs < 0:
		c.Args = cobra.ArbitraryArgs
	case s.minArgs == s.maxArgs && s.minArgs > 0:
		c.Args = cobra.ExactArgs(s.minArgs)
	case s.minArgs == 0:
		c.Args = cobra.MaximumNArgs(s.maxArgs)
	}
	if s.flags != nil {
		s.flags(c.Flags())
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		if s.runE != nil {
			if err := s.runE(); err != nil {
				return runError{err}
			}
			return nil
		}
		*code = s.run(args)
		return nil
	}
	return c
}

// runError is an error of a command that ran, in contrast to one that was called
// wrongly.
type runError struct{ error }

func asRunError(err error, target *runError) bool {
	e, ok := err.(runError)
	if ok {
		*target = e
	}
	return ok
}

func (a *app) subcommands() []subcommand {
	return []subcommand{
		a.pause(),
		a.entrypointTester(),
		a.noNewPrivs(),
		a.dnsSuffix(),
		a.dnsServerList(),
		a.etcHosts(),
		a.mounttest(),
		a.logsGenerator(),
		a.testWebserver(),
		a.liveness(),
		a.netexec(),
		a.connect(),
		a.serveHostname(),
		a.tcpReset(),
		a.webhook(),
		a.conversionWebhook(),
		a.porter(),
		a.portForwardTester(),
		a.guestbook(),
		a.nettest(),
		a.noSNAT(),
		a.noSNATProxy(),
		a.grpcHealthChecking(),
		a.inClusterClient(),
		a.issuerDiscovery(),
		a.mtlsClient(),
		a.mtlsServer(),
		a.h2cServer(),
		a.net(),
		a.stress(),
		a.fakeGitServer(),
	}
}

// pauseFor waits for milliseconds and reports whether the program still runs.
func (a *app) pauseFor(milliseconds int) bool {
	return proc.Sleep(a.ctx, time.Duration(milliseconds)*time.Millisecond)
}
