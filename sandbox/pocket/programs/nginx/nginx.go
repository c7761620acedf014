// Package nginx plays the web server nginx: it reads nginx's configuration,
// serves the container's files, answers, proxies, logs and reloads as nginx
// does. Directives that change nothing a client sees are accepted and ignored;
// one that nginx does not have stops it, as in life.
package nginx

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

const (
	prefix      = "/etc/nginx"
	defaultFile = prefix + "/nginx.conf"
	pidFile     = "/run/nginx.pid"
)

// workers is how many worker processes the log tells of.
const workers = 2

// Run is the program nginx.
func Run(ctx context.Context, p *proc.Process) int {
	file, extra := defaultFile, ""
	test, dump := false, false
	for args := p.Args[1:]; len(args) > 0; args = args[1:] {
		switch arg := args[0]; arg {
		case "-v":
			fmt.Fprintf(p.Stderr, "nginx version: nginx/%s\n", p.Image.Version)
			return 0
		case "-V":
			fmt.Fprintf(p.Stderr, "nginx version: nginx/%s\nbuilt by gcc 14.2.0 (Debian 14.2.0-19)\nbuilt with OpenSSL 3.5.1 1 Jul 2025\nTLS SNI support enabled\n"+
				"configure arguments: --prefix=/etc/nginx --sbin-path=/usr/sbin/nginx --conf-path=/etc/nginx/nginx.conf\n", p.Image.Version)
			return 0
		case "-h", "-?":
			fmt.Fprintf(p.Stderr, "nginx version: nginx/%s\nUsage: nginx [-?hvVtTq] [-s signal] [-p prefix]\n             [-e filename] [-c filename] [-g directives]\n", p.Image.Version)
			return 0
		case "-t":
			test = true
		case "-T":
			test, dump = true, true
		case "-q":
		case "-s", "-c", "-g", "-p", "-e":
			if len(args) < 2 {
				fmt.Fprintf(p.Stderr, "nginx: option %q requires parameter\n", arg)
				return 1
			}
			args = args[1:]
			switch arg {
			case "-s":
				return signal(p, args[0])
			case "-c":
				file = args[0]
			case "-g":
				extra = args[0]
			}
		default:
			fmt.Fprintf(p.Stderr, "nginx: invalid option: %q\n", arg)
			return 1
		}
	}
	m := &master{p: p, file: file, extra: extra}
	if test {
		return m.test(ctx, dump)
	}
	return m.run(ctx)
}

// signal is `nginx -s`: it tells the running server.
func signal(p *proc.Process, name string) int {
	sigs := map[string]proc.Signal{"stop": proc.SIGTERM, "quit": proc.SIGQUIT, "reload": proc.SIGHUP, "reopen": proc.SIGUSR1}
	sig, ok := sigs[name]
	if !ok {
		fmt.Fprintf(p.Stderr, "nginx: invalid option: \"-s %s\"\n", name)
		return 1
	}
	text, err := p.Files.ReadFile(pidFile)
	pid := 0
	if err == nil {
		_, err = fmt.Sscan(string(text), &pid)
	}
	if err != nil {
		fmt.Fprintf(p.Stderr, "%s [error] %d#%d: open() %q failed (2: No such file or directory)\n", stamp(), p.PID, p.PID, pidFile)
		fmt.Fprintf(p.Stderr, "nginx: [error] open() %q failed (2: No such file or directory)\n", pidFile)
		return 1
	}
	fmt.Fprintf(p.Stderr, "%s [notice] %d#%d: signal process started\n", stamp(), p.PID, p.PID)
	target := p.Table.Find(pid)
	if target == nil {
		fmt.Fprintf(p.Stderr, "nginx: [alert] kill(%d, %d) failed (3: No such process)\n", pid, sig)
		return 1
	}
	target.Signal(sig)
	return 0
}

// master is the process that holds the configuration.
type master struct {
	p           *proc.Process
	file, extra string
}

// logf writes a line of the error log.
func (m *master) logf(level, format string, args ...any) {
	fmt.Fprintf(m.p.Stderr, "%s [%s] %d#%d: %s\n", stamp(), level, m.p.PID, m.p.PID, fmt.Sprintf(format, args...))
}

func stamp() string { return time.Now().UTC().Format("2006/01/02 15:04:05") }

// load reads the configuration and finds everything in it that stops nginx.
func (m *master) load(ctx context.Context) (*configuration, error) {
	main, err := parseFile(tree{m.p}, m.file)
	if err != nil {
		return nil, err
	}
	if m.extra != "" {
		extra, err := parseText(m.extra)
		if err != nil {
			return nil, err
		}
		main = append(main, extra...)
	}
	return configure(ctx, m.p, main)
}

// fail reports what stopped nginx, once in the log and once to the caller.
func (m *master) fail(err error) int {
	m.logf("emerg", "%s", err)
	fmt.Fprintf(m.p.Stderr, "nginx: [emerg] %s\n", err)
	return 1
}

func (m *master) test(ctx context.Context, dump bool) int {
	if _, err := m.load(ctx); err != nil {
		fmt.Fprintf(m.p.Stderr, "nginx: [emerg] %s\nnginx: configuration file %s test failed\n", err, m.file)
		return 1
	}
	fmt.Fprintf(m.p.Stderr, "nginx: the configuration file %s syntax is ok\nnginx: configuration file %s test is successful\n", m.file, m.file)
	if dump {
		for _, name := range append([]string{m.file, prefix + "/mime.types"}, tree{m.p}.Glob(prefix+"/conf.d/*.conf")...) {
			if text, err := m.p.Files.ReadFile(name); err == nil {
				fmt.Fprintf(m.p.Stdout, "# configuration file %s:\n%s\n", name, text)
			}
		}
	}
	return 0
}

func (m *master) run(ctx context.Context) int {
	signals := m.p.Notify(proc.SIGTERM, proc.SIGINT, proc.SIGQUIT, proc.SIGHUP, proc.SIGUSR1, proc.SIGWINCH)
	config, err := m.load(ctx)
	if err != nil {
		return m.fail(err)
	}
	listening, err := m.listen(ctx, config)
	if err != nil {
		return m.fail(errors.New("still could not bind()"))
	}
	defer func() { listening.close() }()
	m.p.Files.Put(pidFile, fmt.Sprintln(m.p.PID))
	m.logf("notice", "using the \"epoll\" event method")
	m.logf("notice", "nginx/%s", m.p.Image.Version)
	m.logf("notice", "built by gcc 14.2.0 (Debian 14.2.0-19)")
	m.logf("notice", "OS: k8stutor sandbox")
	m.logf("notice", "getrlimit(RLIMIT_NOFILE): 1048576:1048576")
	m.startWorkers()
	for {
		select {
		case <-ctx.Done():
			return 0
		case sig := <-signals:
			switch sig {
			case proc.SIGHUP:
				m.logf("notice", "signal 1 (SIGHUP) received from 1, reconfiguring")
				m.logf("notice", "reconfiguring")
				next, err := m.load(ctx)
				if err != nil {
					m.logf("emerg", "%s", err)
					continue
				}
				if err := listening.reload(ctx, next); err != nil {
					continue
				}
				m.startWorkers()
			case proc.SIGUSR1:
				m.logf("notice", "signal 10 (SIGUSR1) received from 1, reopening logs")
			case proc.SIGQUIT:
				m.logf("notice", "signal 3 (SIGQUIT) received, shutting down")
				listening.drain(ctx)
				m.logf("notice", "exit")
				return 0
			case proc.SIGWINCH:
			default:
				m.logf("notice", "signal %d (SIG%s) received, exiting", int(sig), sig)
				m.logf("notice", "exit")
				return 0
			}
		}
	}
}

func (m *master) startWorkers() {
	m.logf("notice", "start worker processes")
	for i := range workers {
		m.logf("notice", "start worker process %d", m.p.PID+28+i)
	}
}

// tree reads configuration files as the process sees them.
type tree struct{ p *proc.Process }

func (t tree) ReadFile(name string) ([]byte, error) { return t.p.Files.ReadFile(name) }

// Glob finds files by a pattern in the last element of a path.
func (t tree) Glob(pattern string) []string {
	entries, err := t.p.Files.ReadDir(path.Dir(pattern))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if ok, _ := path.Match(path.Base(pattern), e.Name()); ok && !strings.HasPrefix(e.Name(), ".") && e.Type()&fs.ModeDir == 0 {
			names = append(names, path.Join(path.Dir(pattern), e.Name()))
		}
	}
	return names
}
