// Package programs holds the programs of images beside the shell: web servers,
// databases, test tools. Each behaves as the real one where a user of
// Kubernetes can tell: what it listens on, answers, logs and exits with.
package programs

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// untilTerminated is a program that waits for SIGTERM.
func untilTerminated(code int) proc.Program {
	return func(ctx context.Context, t *proc.Process) int {
		select {
		case <-t.Notify(proc.SIGTERM):
			return code
		case <-ctx.Done():
			return killedCode
		}
	}
}

// killedCode is what a program returns that was killed; nobody sees it.
const killedCode = 128 + int(proc.SIGKILL)

// Pause is the program of a Pod's sandbox container.
func Pause(ctx context.Context, t *proc.Process) int { return untilTerminated(0)(ctx, t) }

// StandInCommand is the command of StandIn; it cannot be typed.
const StandInCommand = "\x00stand-in"

// StandIn stays up in place of a program the sandbox does not have, and
// says so.
func StandIn(ctx context.Context, t *proc.Process) int {
	fmt.Fprintf(t.Stdout, "k8stutor sandbox: this is a stand-in for the image %s.\n", t.Image.Ref)
	if t.Args[0] != StandInCommand {
		fmt.Fprintf(t.Stdout, "k8stutor sandbox: the command %q was not run.\n", strings.Join(t.Args, " "))
	}
	fmt.Fprintln(t.Stdout, "k8stutor sandbox: the sandbox runs no real images; the container only stays up until it is stopped.")
	return untilTerminated(0)(ctx, t)
}

// Entrypoint is the entrypoint script of the nginx and redis images: it
// prepares the server and then runs the command it was given.
func Entrypoint(ctx context.Context, t *proc.Process) int {
	args := t.Args[1:]
	if strings.HasSuffix(t.Image.Repository, "/redis") && (len(args) == 0 || strings.HasPrefix(args[0], "-") || strings.HasSuffix(args[0], ".conf")) {
		args = append([]string{"redis-server"}, args...)
	}
	if len(args) == 0 {
		return 0
	}
	if path.Base(args[0]) == "nginx" {
		for _, line := range []string{
			"/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
			"/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/",
			"/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh",
			"10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf",
			"10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf",
			"/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh",
			"/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh",
			"/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh",
			"/docker-entrypoint.sh: Configuration complete; ready for start up",
		} {
			fmt.Fprintln(t.Stdout, line)
		}
	}
	p, ok := t.Image.LookUp(args[0])
	if !ok {
		// The script ends in `exec "$@"`; this is its shell speaking.
		fmt.Fprintf(t.Stderr, "/docker-entrypoint.sh: exec: line 47: %s: not found\n", args[0])
		return 127
	}
	return t.Exec(ctx, p, args...)
}
