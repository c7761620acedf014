package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

// runKubectl is the main function of kubectl on os.Args.
func runKubectl() int {
	// The verbosity has to be known before flags are parsed, as in kubectl.
	_, _ = logs.GlogSetter(cmd.GetLogVerbosity(os.Args))
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err) // prints and ends with kubectl's own exit code
	}
	return 0
}

// pinKubeconfig points KUBECONFIG at the file kubeconfig beside the folder the
// program was found in, unless a flag names another. Symbolic links are not
// followed: the link's place is what counts.
func pinKubeconfig(args []string) error {
	for _, a := range args[1:] {
		if a == "--" {
			break
		}
		if a == "--kubeconfig" || strings.HasPrefix(a, "--kubeconfig=") {
			return nil
		}
	}
	found := args[0]
	if !strings.ContainsRune(found, filepath.Separator) {
		var err error
		if found, err = exec.LookPath(found); err != nil {
			return nil // started in a way that tells nothing of where it lies
		}
	}
	found, err := filepath.Abs(found)
	if err != nil {
		return err
	}
	kubeconfig := filepath.Join(filepath.Dir(filepath.Dir(found)), "kubeconfig")
	if _, err := os.Stat(kubeconfig); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return os.Setenv("KUBECONFIG", kubeconfig)
}
