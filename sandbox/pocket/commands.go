package pocket

import (
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// command is a program that was found, with its arguments.
type command struct {
	program program
	argv    []string
}

// standInCommand is what an image outside the catalogue runs by default; it
// cannot be typed as a command.
const standInCommand = "\x00stand-in"

// binDirs are where an image keeps its programs.
var binDirs = []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"}

// lookUpCommand finds what a container runs, or fails as runc does.
func lookUpCommand(img *image, cfg *runtimeapi.ContainerConfig) (command, error) {
	if img == nil {
		return command{}, startError("the image was removed")
	}
	argv := img.commandLine(cfg)
	if len(argv) == 0 {
		return command{}, fmt.Errorf("failed to generate container spec: no command specified")
	}
	if p, ok := img.program(argv[0]); ok {
		return command{program: p, argv: argv}, nil
	}
	if img.product.standIn {
		return command{program: runStandIn, argv: argv}, nil
	}
	if path.Base(argv[0]) != argv[0] {
		return command{}, startError(fmt.Sprintf("exec: %q: stat %s: no such file or directory", argv[0], argv[0]))
	}
	return command{}, startError(fmt.Sprintf("exec: %q: executable file not found in $PATH", argv[0]))
}

func startError(cause string) error {
	return fmt.Errorf("failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "+
		"unable to start container process: error during container init: %s", cause)
}

// program finds one of the image's programs by name or path.
func (i *image) program(name string) (program, bool) {
	if name == standInCommand {
		return runStandIn, true
	}
	base, dir := path.Base(name), path.Dir(name)
	if base != name && !slices.Contains(binDirs, path.Clean(dir)) {
		if dir != "/" || !slices.Contains(i.product.commands, base) {
			return nil, false
		}
	}
	if slices.Contains(i.product.commands, base) {
		p, ok := servers()[base]
		return p, ok
	}
	if !i.product.shell {
		return nil, false
	}
	p, ok := applets()[base]
	return p, ok
}

// sleep waits for d and reports whether it did: false when the process was killed.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
