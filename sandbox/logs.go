package sandbox

import (
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-logr/logr"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"gopkg.in/natefinch/lumberjack.v2"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"
)

// The components that have a log file of their own in DIR/logs.
const (
	logEtcd       = "etcd"
	logAPIServer  = "kube-apiserver"
	logController = "kube-controller-manager"
	logScheduler  = "kube-scheduler"
	logKubelet    = "kubelet"
	logRuntime    = "runtime"
	logSandbox    = "sandbox"
)

// maxLogMegabytes bounds one log file; one older file is kept beside it.
const maxLogMegabytes = 10

// logs are the log files of the sandbox. Kubernetes logs through one logger
// for the whole process; the lines are told apart by the component's name
// where its logger carries one, else by the package that wrote them. Client
// library lines that belong to nobody in particular are in sandbox.log.
type logs struct {
	files   map[string]*lumberjack.Logger
	sandbox *slog.Logger
	runtime *slog.Logger
	klog    logr.Logger
	crash   []byte // what the process before this one died of, if of itself
}

// sandboxLogs are the components of the sandbox's own process.
func sandboxLogs() []string {
	return []string{logEtcd, logAPIServer, logController, logScheduler, logKubelet, logRuntime, logSandbox}
}

// nodeLogs are the components of a further node's process.
func nodeLogs() []string { return []string{logKubelet, logRuntime, logSandbox} }

func openLogs(dir string, components []string) (*logs, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of logs: %w", err)
	}
	crash, err := keepCrash(dir)
	if err != nil {
		return nil, fmt.Errorf("keep what a crash says: %w", err)
	}
	l := &logs{files: map[string]*lumberjack.Logger{}, crash: crash}
	for _, name := range components {
		file := filepath.Join(dir, name+".log")
		// lumberjack makes new files with the mode of the one it finds.
		f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open a log: %w", err)
		}
		f.Close()
		l.files[name] = &lumberjack.Logger{Filename: file, MaxSize: maxLogMegabytes, MaxBackups: 1}
	}
	l.sandbox = slog.New(slog.NewTextHandler(l.files[logSandbox], nil))
	l.runtime = slog.New(slog.NewTextHandler(l.files[logRuntime], nil))
	l.klog = logr.New(newRouter(l.files))
	klog.SetLoggerWithOptions(l.klog, klog.ContextualLogger(true))
	// What libraries print through the standard logger, such as failed TLS
	// handshakes, belongs to nobody's terminal.
	stdlog.SetOutput(l.files[logSandbox])
	return l, nil
}

func (l *logs) close() {
	klog.Flush()
	stdlog.SetOutput(io.Discard)
	for _, f := range l.files {
		_ = f.Close()
	}
}

// component is the logger of one Kubernetes component.
func (l *logs) component(name string) logr.Logger { return l.klog.WithName(name) }

// etcd is the logger of etcd. Where etcd would end the process, it panics
// instead, so that startEtcd can see that its data is damaged.
func (l *logs) etcd() *zap.Logger {
	encoder := zap.NewProductionEncoderConfig()
	encoder.EncodeTime = zapcore.ISO8601TimeEncoder
	core := zapcore.NewCore(zapcore.NewConsoleEncoder(encoder), zapcore.AddSync(l.files[logEtcd]), zap.InfoLevel)
	return zap.New(core, zap.WithFatalHook(zapcore.WriteThenPanic))
}

// router is a logr.LogSink that gives each line to the component it is from.
type router struct {
	sinks map[string]logr.LogSink
	name  string // of the component, when the logger has one
	depth int
}

func newRouter(files map[string]*lumberjack.Logger) *router {
	r := &router{sinks: map[string]logr.LogSink{}}
	for name, f := range files {
		// One frame is this router's.
		sink := textlogger.NewLogger(textlogger.NewConfig(textlogger.Output(f), textlogger.Verbosity(1))).GetSink()
		r.sinks[name] = sink.(logr.CallDepthLogSink).WithCallDepth(1)
	}
	return r
}

func (r *router) Init(info logr.RuntimeInfo) {
	r.depth = info.CallDepth
	for name, s := range r.sinks {
		s.Init(info)
		r.sinks[name] = s.(logr.CallDepthLogSink).WithCallDepth(1)
	}
}

func (r *router) Enabled(level int) bool { return level <= 1 }

func (r *router) Info(level int, msg string, kv ...any) { r.sink().Info(level, msg, kv...) }

func (r *router) Error(err error, msg string, kv ...any) { r.sink().Error(err, msg, kv...) }

// sink finds whose line it is. It is called by Info and Error directly, which
// the count of frames relies on.
func (r *router) sink() logr.LogSink {
	if r.name != "" {
		return r.sinks[r.name]
	}
	var callers [12]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(r.depth+3, callers[:])])
	for {
		frame, more := frames.Next()
		if name := componentOf(frame.Function); name != "" {
			if sink := r.sinks[name]; sink != nil {
				return sink
			}
			return r.sinks[logSandbox] // a part of a component that runs elsewhere
		}
		if !more {
			return r.sinks[logSandbox]
		}
	}
}

// componentOf tells a component by a function of it.
func componentOf(function string) string {
	for _, c := range []struct{ prefix, name string }{
		{"k8s.io/kubernetes/pkg/kubelet", logKubelet},
		{"k8s.io/kubernetes/cmd/kubelet", logKubelet},
		{"k8s.io/kubernetes/pkg/volume", logKubelet},
		{"k8s.io/kubernetes/pkg/scheduler", logScheduler},
		{"k8s.io/kubernetes/cmd/kube-scheduler", logScheduler},
		{"k8s.io/kubernetes/pkg/controller", logController},
		{"k8s.io/kubernetes/cmd/kube-controller-manager", logController},
		{"k8s.io/cloud-provider", logController},
		{"k8s.io/kubernetes/cmd/kube-apiserver", logAPIServer},
		{"k8s.io/kubernetes/pkg/registry", logAPIServer},
		{"k8s.io/kubernetes/pkg/controlplane", logAPIServer},
		{"k8s.io/kubernetes/plugin", logAPIServer},
		{"k8s.io/apiserver", logAPIServer},
		{"k8s.io/apiextensions-apiserver", logAPIServer},
		{"k8s.io/kube-aggregator", logAPIServer},
		{"go.etcd.io", logEtcd},
	} {
		if strings.HasPrefix(function, c.prefix) {
			return c.name
		}
	}
	return ""
}

// each applies a change to every sink that a copy of the router can still use:
// all of them, or the one of its component.
func (r *router) each(change func(logr.LogSink) logr.LogSink) *router {
	c := &router{sinks: make(map[string]logr.LogSink, len(r.sinks)), name: r.name, depth: r.depth}
	if r.name != "" {
		c.sinks[r.name] = change(r.sinks[r.name])
		return c
	}
	for name, s := range r.sinks {
		c.sinks[name] = change(s)
	}
	return c
}

func (r *router) WithValues(kv ...any) logr.LogSink {
	return r.each(func(s logr.LogSink) logr.LogSink { return s.WithValues(kv...) })
}

func (r *router) WithName(name string) logr.LogSink {
	if _, ok := r.sinks[name]; ok && r.name == "" {
		c := r.each(func(s logr.LogSink) logr.LogSink { return s })
		c.name = name
		return c
	}
	return r.each(func(s logr.LogSink) logr.LogSink { return s.WithName(name) })
}

func (r *router) WithCallDepth(depth int) logr.LogSink {
	c := r.each(func(s logr.LogSink) logr.LogSink { return s.(logr.CallDepthLogSink).WithCallDepth(depth) })
	c.depth += depth
	return c
}
