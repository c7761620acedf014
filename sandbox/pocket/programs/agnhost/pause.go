package agnhost

import (
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// pause waits for a signal and says which it was.
func (a *app) pause() subcommand {
	return subcommand{use: "pause", short: "Pauses the execution", run: func([]string) int {
		fmt.Fprintln(a.Stdout, "Paused")
		signals := a.Notify(proc.SIGINT, proc.SIGTERM)
		fmt.Fprintln(a.Stdout, "Signals registered")
		var sig proc.Signal
		select {
		case sig = <-signals:
		case <-a.ctx.Done():
			return 0
		}
		name, code := "terminated", 2
		if sig == proc.SIGINT {
			name, code = "interrupt", 1
		}
		message := fmt.Sprintf("exiting because of signal %q\n", name)
		target := a.Env["TERMINATION_MESSAGE_PATH"]
		if target == "" {
			target = "/dev/termination-log"
		}
		_ = a.writeFile(target, []byte(message), 0o644) // the message is in the log in any case
		fmt.Fprint(a.Stdout, message)
		return code
	}}
}

// entrypointTester prints the command line it was started with.
func (a *app) entrypointTester() subcommand {
	return subcommand{use: "entrypoint-tester", short: "Prints the args it's passed and exits", maxArgs: -1, run: func([]string) int {
		fmt.Fprintf(a.Stdout, "%v\n", a.Args)
		return 0
	}}
}

// noNewPrivs prints who the process is.
func (a *app) noNewPrivs() subcommand {
	return subcommand{use: "nonewprivs", short: "Prints the UID of the running process", run: func([]string) int {
		fmt.Fprintf(a.Stdout, "Effective uid: %d\n", a.User.UID)
		return 0
	}}
}

func (a *app) dnsSuffix() subcommand {
	return subcommand{use: "dns-suffix", short: "Prints the host's DNS suffix list", run: func([]string) int {
		return a.printResolver("search")
	}}
}

func (a *app) dnsServerList() subcommand {
	return subcommand{use: "dns-server-list", short: "Prints the host's DNS Server list", run: func([]string) int {
		return a.printResolver("nameserver")
	}}
}

// printResolver prints what follows a keyword of /etc/resolv.conf, with commas.
func (a *app) printResolver(keyword string) int {
	text, err := a.readFile("/etc/resolv.conf")
	if err != nil {
		return a.panicked("%v", err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, keyword) {
			fmt.Fprintln(a.Stdout, strings.Join(strings.Split(strings.TrimSuffix(line, "\n"), " ")[1:], ","))
			return 0
		}
	}
	return a.panicked("Could not find DNS search list!")
}

func (a *app) etcHosts() subcommand {
	return subcommand{use: "etc-hosts", short: "Prints the host's /etc/hosts file", run: func([]string) int {
		text, err := a.readFile("/etc/hosts")
		if err != nil {
			return a.panicked("%v", err)
		}
		fmt.Fprintln(a.Stdout, string(text))
		return 0
	}}
}

// panicked ends the program as an uncaught panic of Go does, less the stack.
func (a *app) panicked(format string, args ...any) int {
	fmt.Fprintf(a.Stderr, "panic: "+format+"\n\ngoroutine 1 [running]:\n", args...)
	return 2
}
