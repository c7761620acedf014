package pocket

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"
)

// servers are the programs that images of the catalogue bring beside a shell.
func servers() map[string]program {
	return map[string]program{
		"docker-entrypoint.sh": runEntrypoint,
		"nginx":                runNginx,
		"httpd":                runHTTPD,
		"httpd-foreground":     runHTTPD,
		"redis-server":         runRedis,
		"pause":                untilTerminated(0),
	}
}

// untilTerminated is a program that waits for SIGTERM.
func untilTerminated(code int) program {
	return func(ctx context.Context, t *task) int {
		select {
		case <-t.term.sent:
			return code
		case <-ctx.Done():
			return killedCode
		}
	}
}

// runStandIn stays up in place of a program the sandbox does not have, and
// says so.
func runStandIn(ctx context.Context, t *task) int {
	fmt.Fprintf(t.stdout, "k8stutor sandbox: this is a stand-in for the image %s.\n", t.image.ref)
	if t.argv[0] != standInCommand {
		fmt.Fprintf(t.stdout, "k8stutor sandbox: the command %q was not run.\n", strings.Join(t.argv, " "))
	}
	fmt.Fprintln(t.stdout, "k8stutor sandbox: the sandbox runs no real images; the container only stays up until it is stopped.")
	return untilTerminated(0)(ctx, t)
}

// runEntrypoint is the entrypoint script of the nginx and redis images: it
// prepares the server and then runs the command it was given.
func runEntrypoint(ctx context.Context, t *task) int {
	args := t.argv[1:]
	if strings.HasSuffix(t.image.product.repository, "/redis") && (len(args) == 0 || strings.HasPrefix(args[0], "-") || strings.HasSuffix(args[0], ".conf")) {
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
			fmt.Fprintln(t.stdout, line)
		}
	}
	p, ok := t.image.program(args[0])
	if !ok {
		// The script ends in `exec "$@"`; this is its shell speaking.
		fmt.Fprintf(t.stderr, "/docker-entrypoint.sh: exec: line 47: %s: not found\n", args[0])
		return 127
	}
	child := *t
	child.argv = args
	return p(ctx, &child)
}

// runNginx listens on port 80 and logs what nginx logs at its start.
func runNginx(ctx context.Context, t *task) int {
	version := t.image.version("1.29.3")
	if len(t.argv) == 2 && (t.argv[1] == "-v" || t.argv[1] == "-V") {
		fmt.Fprintf(t.stderr, "nginx version: nginx/%s\n", version)
		return 0
	}
	if len(t.argv) == 2 && t.argv[1] == "-t" {
		fmt.Fprintln(t.stderr, "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok")
		fmt.Fprintln(t.stderr, "nginx: configuration file /etc/nginx/nginx.conf test is successful")
		return 0
	}
	logf := func(level, format string, args ...any) {
		fmt.Fprintf(t.stderr, "%s [%s] 1#1: %s\n", time.Now().UTC().Format("2006/01/02 15:04:05"), level, fmt.Sprintf(format, args...))
	}
	if !t.ports.listen(80, t, serveFiles("nginx/"+version)) {
		// Two servers in one Pod share its address: the second one loses.
		for range 5 {
			logf("emerg", "bind() to 0.0.0.0:80 failed (98: Address already in use)")
			fmt.Fprintln(t.stderr, "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)")
			if !sleep(ctx, 500*time.Millisecond) {
				return killedCode
			}
		}
		logf("emerg", "still could not bind()")
		fmt.Fprintln(t.stderr, "nginx: [emerg] still could not bind()")
		return 1
	}
	logf("notice", "using the \"epoll\" event method")
	logf("notice", "nginx/%s", version)
	logf("notice", "built by gcc 14.2.0 (Debian 14.2.0-19)")
	logf("notice", "OS: k8stutor sandbox")
	logf("notice", "getrlimit(RLIMIT_NOFILE): 1048576:1048576")
	logf("notice", "start worker processes")
	for i := range 2 {
		logf("notice", "start worker process %d", 29+i)
	}
	code := untilTerminated(0)(ctx, t)
	if code == 0 {
		logf("notice", "signal 15 (SIGTERM) received, exiting")
		logf("notice", "exit")
	}
	return code
}

// runHTTPD listens on port 80 like the Apache server.
func runHTTPD(ctx context.Context, t *task) int {
	version := t.image.version("2.4.65")
	warning := "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using " + t.hostname + ". Set the 'ServerName' directive globally to suppress this message\n"
	fmt.Fprint(t.stderr, warning)
	if !t.ports.listen(80, t, serveFiles("Apache/"+version+" (Unix)")) {
		fmt.Fprintln(t.stderr, "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80")
		fmt.Fprintln(t.stderr, "no listening sockets available, shutting down")
		fmt.Fprintln(t.stderr, "AH00015: Unable to open logs")
		return 1
	}
	logf := func(module, format string, args ...any) {
		fmt.Fprintf(t.stderr, "[%s] [%s] [pid 1:tid 1] %s\n", time.Now().UTC().Format("Mon Jan 02 15:04:05.000000 2006"), module, fmt.Sprintf(format, args...))
	}
	logf("mpm_event:notice", "AH00489: Apache/%s (Unix) configured -- resuming normal operations", version)
	logf("core:notice", "AH00094: Command line: 'httpd -D FOREGROUND'")
	code := untilTerminated(0)(ctx, t)
	if code == 0 {
		logf("mpm_event:notice", "AH00491: caught SIGTERM, shutting down")
	}
	return code
}

// runRedis listens on port 6379 like a Redis server.
func runRedis(ctx context.Context, t *task) int {
	version := t.image.version("8.2.2")
	logf := func(role, format string, args ...any) {
		fmt.Fprintf(t.stdout, "1:%s %s %s\n", role, time.Now().UTC().Format("02 Jan 2006 15:04:05.000"), fmt.Sprintf(format, args...))
	}
	logf("C", "* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
	logf("C", "* Redis version=%s, bits=64, commit=00000000, modified=0, pid=1, just started", version)
	if len(t.argv) == 1 {
		logf("C", "# Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf")
	}
	logf("M", "* monotonic clock: POSIX clock_gettime")
	if !t.ports.listen(6379, t, nil) {
		logf("M", "# Warning: Could not create server TCP listening socket *:6379: bind: Address already in use")
		logf("M", "# Failed listening on port 6379 (tcp), aborting.")
		return 1
	}
	logf("M", "* Running mode=standalone, port=6379.")
	logf("M", "* Server initialized")
	logf("M", "* Ready to accept connections tcp")
	code := untilTerminated(0)(ctx, t)
	if code == 0 {
		logf("M", "* Received SIGTERM scheduling shutdown...")
		logf("M", "* User requested shutdown...")
		logf("M", "# Redis is now ready to exit, bye bye...")
	}
	return code
}
