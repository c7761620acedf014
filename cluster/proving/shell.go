package proving

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// shell carries out one command line of a lesson as a learner's shell would,
// in dir, with kubectl as the companion has it. A line that fails is no error:
// the API server may refuse what a mistake tries. What it printed is returned.
func (k *kubectl) shell(ctx context.Context, dir, path, kubeconfig, line string) (string, error) {
	file, err := syntax.NewParser().Parse(strings.NewReader(line), "")
	if err != nil {
		return "", fmt.Errorf("the command cannot be parsed: %w", err)
	}
	var printed output
	runner, err := interp.New(
		interp.Dir(dir),
		interp.Env(expand.ListEnviron("HOME="+dir, "PATH="+path, "KUBECONFIG="+kubeconfig)),
		interp.StdIO(nil, &printed, &printed),
		interp.ExecHandlers(func(next interp.ExecHandlerFunc) interp.ExecHandlerFunc {
			return func(ctx context.Context, args []string) error {
				if args[0] == "kubectl" {
					return k.exec(ctx, kubeconfig, args[1:])
				}
				if !slices.Contains(programs(), args[0]) {
					return fmt.Errorf("a lesson's commands may run kubectl and %s, and not %s", strings.Join(programs(), ", "), args[0])
				}
				return next(ctx, args)
			}
		}),
		interp.OpenHandler(func(ctx context.Context, path string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
			if path != os.DevNull && !filepath.IsLocal(path) {
				return nil, fmt.Errorf("a lesson's commands may not open %s", path)
			}
			return interp.DefaultOpenHandler()(ctx, path, flag, perm)
		}),
	)
	if err != nil {
		return "", err
	}
	err = runner.Run(ctx, file)
	if _, failed := errors.AsType[interp.ExitStatus](err); failed {
		err = nil
	}
	return printed.String(), err
}

// programs are what may be run besides kubectl and what a shell has built in:
// filters for what kubectl prints.
func programs() []string {
	return []string{"cat", "cut", "grep", "head", "sed", "seq", "sleep", "sort", "tail", "tr", "uniq", "wc"}
}

// exec is kubectl as a command of the interpreter.
func (k *kubectl) exec(ctx context.Context, kubeconfig string, args []string) error {
	streams := interp.HandlerCtx(ctx)
	var stdin []byte
	if streams.Stdin != nil && readsInput(args) {
		var err error
		if stdin, err = io.ReadAll(streams.Stdin); err != nil {
			return err
		}
	}
	s, err := k.run(ctx, kubeconfig, args, stdin)
	if err != nil {
		return err
	}
	_, _ = streams.Stdout.Write(s.Stdout) // a reader that left is a pipeline's own affair
	_, _ = streams.Stderr.Write(s.Stderr)
	if s.Code != 0 {
		return interp.ExitStatus(s.Code)
	}
	return nil
}

// readsInput reports whether kubectl takes objects from its standard input.
func readsInput(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		return a == "-" || a == "-f-" || strings.HasPrefix(a, "--") && strings.HasSuffix(a, "=-")
	})
}

// output takes what the commands of a pipeline print at the same time.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
