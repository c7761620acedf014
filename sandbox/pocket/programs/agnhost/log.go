package agnhost

import (
	"fmt"
	"log"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
)

// logger writes to standard error in klog's format. The real program sends what
// it logs with package log through klog too.
type logger struct {
	app       *app
	mu        sync.Mutex
	verbosity int
}

// throughLog is where klog believes that a line of package log comes from.
const throughLog = "log.go:245"

// addFlags adds klog's flags. Only -v has an effect here: the others choose where
// a process writes files, and a container's log is its standard error.
func (l *logger) addFlags(flags *pflag.FlagSet) {
	flags.IntVarP(&l.verbosity, "v", "v", 0, "number for the log level verbosity")
	flags.Duration("log-flush-frequency", 5*time.Second, "Maximum number of seconds between log flushes")
	flags.String("vmodule", "", "comma-separated list of pattern=N settings for file-filtered logging (only works for text log format)")
	for _, name := range []string{"alsologtostderr", "logtostderr", "add-dir-header", "one-output", "skip-headers", "skip-log-headers"} {
		flags.Bool(name, name == "logtostderr", "see klog")
	}
	for _, name := range []string{"log-backtrace-at", "log-dir", "log-file", "stderrthreshold"} {
		flags.String(name, "", "see klog")
	}
	flags.Uint64("log-file-max-size", 1800, "see klog")
}

func (l *logger) write(severity byte, from, text string) {
	line := fmt.Sprintf("%c%s %7d %s] %s\n", severity, time.Now().UTC().Format("0102 15:04:05.000000"), l.app.PID, from, strings.TrimSuffix(text, "\n"))
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.app.Stderr.Write([]byte(line))
}

// printf is log.Printf.
func (l *logger) printf(format string, args ...any) {
	l.write('I', throughLog, fmt.Sprintf(format, args...))
}

// verbose is klog.V(level).Info at a line of the real source.
func (l *logger) verbose(level int, from, format string, args ...any) {
	if l.verbosity >= level {
		l.write('I', from, fmt.Sprintf(format, args...))
	}
}

// standard is a logger for packages that take one.
func (l *logger) standard() *log.Logger { return log.New(logWriter{l}, "", 0) }

type logWriter struct{ *logger }

func (w logWriter) Write(p []byte) (int, error) {
	w.write('I', throughLog, string(p))
	return len(p), nil
}

// fatalf is log.Fatalf: it ends the program with status 1.
func (a *app) fatalf(format string, args ...any) int {
	a.log.printf(format, args...)
	a.exit(1)
	return 1
}

func secondsOf(n int) time.Duration { return time.Duration(n) * time.Second }
