package catalogue

import (
	"path"
	"slices"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/programs"
	"github.com/k8stutor/k8stutor/sandbox/pocket/shell"
)

// standInCommand is what an image outside the catalogue runs by default; it
// cannot be typed as a command.
const standInCommand = programs.StandInCommand

// binDirs are where an image keeps its programs.
var binDirs = []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"}

// LookUp finds one of the product's programs by name or path.
func (p Product) LookUp(name string) (proc.Program, bool) {
	if name == standInCommand {
		return programs.StandIn, true
	}
	base, dir := path.Base(name), path.Dir(name)
	own, ok := p.Programs[base]
	if base != name && !slices.Contains(binDirs, path.Clean(dir)) && (dir != "/" || !ok) {
		return nil, false
	}
	if ok {
		return own, true
	}
	if !p.Shell {
		return nil, false
	}
	applet, ok := applets[base]
	return applet, ok
}

// applets is set at the start, because Applets refers to what looks here.
var applets = shell.Applets()

// CommandLine is what a container runs: the Pod's command and args over the
// image's own, by the rules of Kubernetes.
func (p Product) CommandLine(command, args []string) []string {
	switch {
	case len(command) > 0:
		return slices.Concat(command, args)
	case len(args) > 0:
		return slices.Concat(p.Entrypoint, args)
	}
	return slices.Concat(p.Entrypoint, p.Cmd)
}
