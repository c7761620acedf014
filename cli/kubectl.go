package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/k8stutor/k8stutor/cluster"
)

func (p *Program) kubectlCmd() *cobra.Command {
	return &cobra.Command{
		Use:                "kubectl ...",
		Short:              p.t("kubectl, built in, pinned to the tutor's cluster and namespace", "内置的 kubectl，固定使用本教程的集群和命名空间"),
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			args, err := p.kubectlArgs(cmd.Root().PersistentFlags())
			if err != nil {
				return err
			}
			return p.kubectl(cmd.Context(), args)
		},
	}
}

// kubectlArgs is what follows the word kubectl. What stands before it is ours:
// both programs have a --cluster, and cobra hands over the two together.
func (p *Program) kubectlArgs(ours *pflag.FlagSet) ([]string, error) {
	before := pflag.NewFlagSet("k8stutor", pflag.ContinueOnError)
	before.AddFlagSet(ours)
	before.SetInterspersed(false)
	before.SetOutput(io.Discard)
	if err := before.Parse(p.args); err != nil && !errors.Is(err, pflag.ErrHelp) {
		return nil, err
	}
	if err := p.checkFlags(); err != nil {
		return nil, err
	}
	args := before.Args()
	if len(args) > 0 {
		args = args[1:] // the word itself
	}
	if p.json() {
		args = append([]string{"--output=json"}, args...)
	}
	return args, nil
}

// kubeconfig is the tutor's own kubeconfig.
func (p *Program) kubeconfig() string { return filepath.Join(p.StateDir, "kubeconfig") }

// kubectl runs the built-in kubectl on the tutor's kubeconfig. While it runs it
// holds the cluster, so that a sandbox stays up.
func (p *Program) kubectl(ctx context.Context, args []string) error {
	companion, err := cluster.FindCompanion(p.Getenv)
	if err != nil {
		return err
	}
	kubeconfig := p.kubeconfig()
	if needsCluster(args) {
		c, err := p.openCluster(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		if kubeconfig, err = c.Pin(); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, companion, args...)
	cmd.Args[0] = "kubectl"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = p.In, p.Out, p.Err
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	// The terminal sends Ctrl-C to kubectl as well; it decides how to end.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitStatus(max(exit.ExitCode(), 1))
	}
	if err != nil {
		return fmt.Errorf("run %s as kubectl: %w", companion, err)
	}
	return nil
}

// needsCluster reports whether a kubectl command line speaks to an API server
// that was not named on it.
func needsCluster(args []string) bool {
	command := ""
	for _, a := range args {
		switch {
		case a == "--help", a == "-h", a == "--client", strings.HasPrefix(a, "--kubeconfig"):
			return false
		case command == "" && !strings.HasPrefix(a, "-"):
			command = a
		}
	}
	switch command {
	case "", "help", "completion", "config", "options", "kustomize", "plugin", "__complete", "__completeNoDesc":
		return false
	}
	return true
}
