// Command k8stutor-sandbox is the companion of k8stutor: a Kubernetes cluster
// in one process, and kubectl.
//
//	k8stutor-sandbox serve --dir DIR [--idle DURATION]   run the sandbox until its last user is gone
//	k8stutor-sandbox node --dir DIR --name NAME          a further node of it, started by serve
//	k8stutor-sandbox kubectl ARG…                        kubectl
//	k8stutor-sandbox kubectl-server                      kubectl commands as lines of JSON, for "course test"
//	k8stutor-sandbox lint                                look at a course's commands and manifests
//	k8stutor-sandbox version [-o json]                   the version of Kubernetes inside
//
// Called by the name kubectl it is kubectl, pinned to the file kubeconfig
// beside the folder it was found in, if there is one.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/component-base/version"

	"github.com/k8stutor/k8stutor/cmd/k8stutor-sandbox/linter"
	"github.com/k8stutor/k8stutor/sandbox"
)

func main() {
	switch name := filepath.Base(os.Args[0]); strings.TrimSuffix(name, ".exe") {
	case "kubectl":
		if err := pinKubeconfig(os.Args); err != nil {
			fmt.Fprintln(os.Stderr, "kubectl:", err)
			os.Exit(1)
		}
		os.Exit(runKubectl())
	}
	if len(os.Args) > 1 && os.Args[1] == "kubectl" {
		os.Args = append([]string{"kubectl"}, os.Args[2:]...)
		os.Exit(runKubectl())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

const usage = `usage:
  k8stutor-sandbox serve --dir DIR [--idle DURATION]
  k8stutor-sandbox kubectl ARG...
  k8stutor-sandbox lint <REQUEST.json
  k8stutor-sandbox version [-o json]
`

// run is the program without its faces as kubectl; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return 2
	}
	switch args[0] {
	case "serve":
		return serve(ctx, args[1:], stdout, stderr)
	case "node":
		return node(ctx, stdout, stderr)
	case "kubectl-server":
		return kubectlServer()
	case "lint":
		return lintCourse(args[1:], os.Stdin, stdout, stderr)
	case "version":
		return printVersion(args[1:], stdout, stderr)
	case "help", "-h", "--help":
		fmt.Fprint(stdout, usage)
		return 0
	}
	fmt.Fprintf(stderr, "k8stutor-sandbox: unknown command %q\n%s", args[0], usage)
	return 2
}

func serve(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.SetOutput(stderr)
	dir := fs.String("dir", "", "folder for the sandbox's state")
	idle := fs.Duration("idle", 2*time.Hour, "how long a sandbox that was asked to stay remains without users")
	if fs.Parse(args) != nil {
		return 2
	}
	if *dir == "" || fs.NArg() > 0 || *idle <= 0 {
		fmt.Fprint(stderr, usage)
		return 2
	}
	keepPrivate()
	err := sandbox.Run(ctx, sandbox.Options{Dir: *dir, Idle: *idle})
	var running *sandbox.RunningError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &running):
		fmt.Fprintln(stdout, running)
		return 0
	}
	fmt.Fprintln(stderr, "k8stutor-sandbox:", err)
	return 1
}

// node is a further node of a sandbox. Its flags only tell a person who lists
// the processes which one it is: its orders come through standard input.
func node(ctx context.Context, stdout, stderr io.Writer) int {
	keepPrivate()
	if err := sandbox.RunNode(ctx, os.Stdin, stdout); err != nil {
		fmt.Fprintln(stderr, "k8stutor-sandbox:", err)
		return 1
	}
	return 0
}

// lintCourse answers one request of package lint.
func lintCourse(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		fmt.Fprint(stderr, usage)
		return 2
	}
	if err := linter.Run(stdin, stdout); err != nil {
		fmt.Fprintln(stderr, "k8stutor-sandbox lint:", err)
		return 1
	}
	return 0
}

func printVersion(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("version", flag.ContinueOnError)
	fs.SetOutput(stderr)
	format := fs.String("o", "", "output format: json")
	if fs.Parse(args) != nil || fs.NArg() > 0 || *format != "" && *format != "json" {
		fmt.Fprint(stderr, usage)
		return 2
	}
	info := version.Get()
	if *format == "json" {
		if err := json.NewEncoder(stdout).Encode(info); err != nil {
			fmt.Fprintln(stderr, "k8stutor-sandbox:", err)
			return 1
		}
		return 0
	}
	fmt.Fprintf(stdout, "Kubernetes %s\n", info.GitVersion)
	return 0
}
