package shell

import (
	"context"
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// runSysctl is `sysctl [-n] [-a] NAME...`: it shows the kernel's settings that
// /proc/sys has, and may change none.
func runSysctl(_ context.Context, p *proc.Process) int {
	valueOnly, names := false, []string{}
	for _, arg := range p.Args[1:] {
		switch arg {
		case "-n":
			valueOnly = true
		case "-e", "-q":
		case "-w":
			return p.Fail(1, "error setting key: Read-only file system")
		default:
			names = append(names, arg)
		}
	}
	code := 0
	for _, name := range names {
		name, _, set := strings.Cut(name, "=")
		name = strings.ReplaceAll(name, "/", ".") // either separates
		file := strings.ReplaceAll(name, ".", "/")
		if set {
			code = p.Fail(1, "error setting key '%s': Read-only file system", name)
			continue
		}
		value, err := p.Files.ReadFile("/proc/sys/" + file)
		switch {
		case err != nil:
			code = p.Fail(1, "error: '%s' is an unknown key", name)
		case valueOnly:
			fmt.Fprint(p.Stdout, string(value))
		default:
			fmt.Fprintf(p.Stdout, "%s = %s", name, value)
		}
	}
	return code
}
