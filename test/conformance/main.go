// Command conformance runs Kubernetes' own end-to-end suite against the sandbox
// or any other cluster, and tells how many specs passed in each SIG.
//
//	go run . [-kubeconfig FILE] [-focus RE] [-skip RE] [-procs N] [-quick]
//
// Without a kubeconfig it starts a sandbox of its own with two nodes. The suite
// is built from the module k8s.io/kubernetes, which takes minutes the first
// time. Specs that are known to fail stand in failing.txt with the reason; the
// command fails when another one does.
//
// It is a module of its own: only the suite needs what it requires.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

type options struct {
	kubeconfig string
	focus      string
	skip       string
	procs      int
	nodes      int
	timeout    time.Duration
	quick      bool
	cache      string
	sandbox    string
	logs       string
}

func main() {
	o := options{}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "cluster to test; none starts a sandbox")
	flag.StringVar(&o.focus, "focus", `\[Conformance\]`, "regular expression for the specs to run")
	flag.StringVar(&o.skip, "skip", "", "regular expression for the specs to leave out")
	flag.IntVar(&o.procs, "procs", 6, "how many specs run at once")
	flag.IntVar(&o.nodes, "nodes", 2, "nodes of a sandbox that is started")
	flag.DurationVar(&o.timeout, "timeout", 90*time.Minute, "limit for all specs together")
	flag.BoolVar(&o.quick, "quick", false, "run only the specs in quick.txt")
	flag.StringVar(&o.cache, "cache", filepath.Join(cache, "k8stutor-conformance"), "folder for the suite's programs")
	flag.StringVar(&o.sandbox, "sandbox", os.Getenv("K8STUTOR_SANDBOX"), "the program k8stutor-sandbox")
	flag.StringVar(&o.logs, "logs", "", "folder for the suite's log and report; none is a new one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err = run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	known, err := readKnown("failing.txt")
	if err != nil {
		return err
	}
	if o.quick {
		if o.focus, err = readQuick("quick.txt"); err != nil {
			return err
		}
	}
	if o.logs == "" {
		if o.logs, err = os.MkdirTemp("", "conformance-"); err != nil {
			return err
		}
	} else if err = os.MkdirAll(o.logs, 0o755); err != nil {
		return err
	}
	programs, err := build(ctx, o.cache, out)
	if err != nil {
		return err
	}
	if o.kubeconfig == "" {
		cluster, err := startSandbox(ctx, o.sandbox, o.nodes)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, cluster.stop()) }()
		o.kubeconfig = cluster.kubeconfig
	}
	began := time.Now()
	specs, err := runSuite(ctx, programs, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nlog and report: %s; %s on %d processes\n\n", o.logs, time.Since(began).Round(time.Second), o.procs)
	return summarize(out, specs, known)
}

// programs are what runs the suite.
type programs struct{ ginkgo, suite string }

// build compiles the suite and its runner once for each version of Kubernetes.
func build(ctx context.Context, cache string, out io.Writer) (programs, error) {
	version, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes").Output()
	if err != nil {
		return programs{}, fmt.Errorf("find the version of Kubernetes in go.mod: %w", err)
	}
	kubernetes := strings.TrimSpace(string(version))
	dir := filepath.Join(cache, kubernetes)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return programs{}, err
	}
	p := programs{ginkgo: filepath.Join(dir, "ginkgo"), suite: filepath.Join(dir, "e2e.test")}
	for _, step := range [][]string{
		{p.ginkgo, "build", "-o", p.ginkgo, "github.com/onsi/ginkgo/v2/ginkgo"},
		{p.suite, "test", "-c", "-ldflags", versionFlags(kubernetes), "-o", p.suite, "k8s.io/kubernetes/test/e2e"},
	} {
		if _, err := os.Stat(step[0]); err == nil {
			continue
		}
		fmt.Fprintf(out, "building %s ...\n", step[0])
		cmd := exec.CommandContext(ctx, "go", step[1:]...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			return p, fmt.Errorf("go %s: %w\n%s", strings.Join(step[1:], " "), err, text)
		}
	}
	return p, nil
}

// versionFlags tell the suite its version, which is not in a module's source:
// some specs ask for it.
func versionFlags(kubernetes string) string {
	numbers := strings.Split(strings.TrimPrefix(kubernetes, "v"), ".")
	var flags []string
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		flags = append(flags, "-X "+pkg+".gitVersion="+kubernetes, "-X "+pkg+".gitMajor="+numbers[0], "-X "+pkg+".gitMinor="+numbers[1])
	}
	return strings.Join(flags, " ")
}

// runSuite runs the specs and reads the report. That specs fail is no error.
func runSuite(ctx context.Context, p programs, o options) ([]spec, error) {
	log, err := os.Create(filepath.Join(o.logs, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	report := filepath.Join(o.logs, "report.json")
	args := []string{
		"--procs=" + strconv.Itoa(o.procs), "--no-color", "--silence-skips", "--keep-going", "--timeout=" + o.timeout.String(),
		"--focus=" + o.focus, "--output-dir=" + o.logs, "--json-report=report.json",
	}
	if o.skip != "" {
		args = append(args, "--skip="+o.skip)
	}
	// The suite calls kubectl: the one that the learner has, too.
	kubectl := filepath.Join(o.logs, "kubectl")
	if o.sandbox != "" {
		if err := os.Symlink(o.sandbox, kubectl); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, err
		}
	} else {
		kubectl = "kubectl"
	}
	args = append(args, p.suite, "--", "--kubectl-path="+kubectl, "--provider=local", "--kubeconfig="+o.kubeconfig, "--report-dir="+o.logs,
		"--node-os-distro=custom", "--allowed-not-ready-nodes=-1")
	cmd := exec.CommandContext(ctx, p.ginkgo, args...)
	cmd.Stdout, cmd.Stderr = log, log
	runErr := cmd.Run()
	specs, err := readReport(report)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the suite did not run; see %s", log.Name()), runErr, err)
	}
	return specs, nil
}

// readQuick makes a regular expression that matches the specs in a file.
func readQuick(name string) (string, error) {
	lines, err := readLines(name)
	if err != nil {
		return "", err
	}
	for i, l := range lines {
		lines[i] = regexp.QuoteMeta(l)
	}
	return strings.Join(lines, "|"), nil
}

func readLines(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, nil
}
