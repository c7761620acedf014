// Package programs holds the programs of images beside the shell: web servers,
// databases, test tools. Each behaves as the real one where a user of
// Kubernetes can tell: what it listens on, answers, logs and exits with.
package programs

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

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

// Nginx listens on port 80 and logs what nginx logs at its start.
func Nginx(ctx context.Context, t *proc.Process) int {
	version := t.Image.Version
	if len(t.Args) == 2 && (t.Args[1] == "-v" || t.Args[1] == "-V") {
		fmt.Fprintf(t.Stderr, "nginx version: nginx/%s\n", version)
		return 0
	}
	if len(t.Args) == 2 && t.Args[1] == "-t" {
		fmt.Fprintln(t.Stderr, "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok")
		fmt.Fprintln(t.Stderr, "nginx: configuration file /etc/nginx/nginx.conf test is successful")
		return 0
	}
	logf := func(level, format string, args ...any) {
		fmt.Fprintf(t.Stderr, "%s [%s] 1#1: %s\n", time.Now().UTC().Format("2006/01/02 15:04:05"), level, fmt.Sprintf(format, args...))
	}
	if !serveHTTP(ctx, t, 80, "nginx/"+version) {
		// Two servers in one Pod share its address: the second one loses.
		for range 5 {
			logf("emerg", "bind() to 0.0.0.0:80 failed (98: Address already in use)")
			fmt.Fprintln(t.Stderr, "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)")
			if !proc.Sleep(ctx, 500*time.Millisecond) {
				return killedCode
			}
		}
		logf("emerg", "still could not bind()")
		fmt.Fprintln(t.Stderr, "nginx: [emerg] still could not bind()")
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

// HTTPD listens on port 80 like the Apache server.
func HTTPD(ctx context.Context, t *proc.Process) int {
	version := t.Image.Version
	warning := "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using " + t.Hostname + ". Set the 'ServerName' directive globally to suppress this message\n"
	fmt.Fprint(t.Stderr, warning)
	if !serveHTTP(ctx, t, 80, "Apache/"+version+" (Unix)") {
		fmt.Fprintln(t.Stderr, "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80")
		fmt.Fprintln(t.Stderr, "no listening sockets available, shutting down")
		fmt.Fprintln(t.Stderr, "AH00015: Unable to open logs")
		return 1
	}
	logf := func(module, format string, args ...any) {
		fmt.Fprintf(t.Stderr, "[%s] [%s] [pid 1:tid 1] %s\n", time.Now().UTC().Format("Mon Jan 02 15:04:05.000000 2006"), module, fmt.Sprintf(format, args...))
	}
	logf("mpm_event:notice", "AH00489: Apache/%s (Unix) configured -- resuming normal operations", version)
	logf("core:notice", "AH00094: Command line: 'httpd -D FOREGROUND'")
	code := untilTerminated(0)(ctx, t)
	if code == 0 {
		logf("mpm_event:notice", "AH00491: caught SIGTERM, shutting down")
	}
	return code
}

// Redis listens on port 6379 like a Redis server.
func Redis(ctx context.Context, t *proc.Process) int {
	version := t.Image.Version
	logf := func(role, format string, args ...any) {
		fmt.Fprintf(t.Stdout, "1:%s %s %s\n", role, time.Now().UTC().Format("02 Jan 2006 15:04:05.000"), fmt.Sprintf(format, args...))
	}
	logf("C", "* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo")
	logf("C", "* Redis version=%s, bits=64, commit=00000000, modified=0, pid=1, just started", version)
	if len(t.Args) == 1 {
		logf("C", "# Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf")
	}
	logf("M", "* monotonic clock: POSIX clock_gettime")
	if !accept(ctx, t, 6379) {
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

// serveHTTP listens and answers like a web server with only its welcome page;
// false means that the port is in use.
func serveHTTP(ctx context.Context, t *proc.Process, port int, server string) bool {
	l, err := t.Listen(ctx, "tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return false
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", server)
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/" || r.URL.Path == "/index.html" {
			fmt.Fprintf(w, "<html><head><title>Welcome to %s</title></head></html>\n", server)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintln(w, "<html><head><title>404 Not Found</title></head></html>")
	})
	go func() { _ = http.Serve(l, h) }()
	return true
}

// accept listens and closes every connection at once.
func accept(ctx context.Context, t *proc.Process, port int) bool {
	l, err := t.Listen(ctx, "tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return false
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	return true
}
