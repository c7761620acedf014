package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

// kubectlRequest is one kubectl command to run. Its answer carries its ID;
// answers come in the order in which the commands end.
type kubectlRequest struct {
	ID         uint64   `json:"id"`
	Args       []string `json:"args"`       // without "kubectl"
	Kubeconfig string   `json:"kubeconfig"` // path
	Stdin      []byte   `json:"stdin,omitempty"`
}

type kubectlAnswer struct {
	ID     uint64 `json:"id"`
	Stdout []byte `json:"stdout,omitempty"`
	Stderr []byte `json:"stderr,omitempty"`
	Code   int    `json:"code"`
}

// serveKubectl runs kubectl commands, any number beside each other, for a
// program that needs hundreds of them: a process of this size takes 150 ms of
// processor time to start. Requests and answers are lines of JSON; it ends with
// its input. Commands see neither a terminal nor each other's input; plugins
// are not run. HOME holds kubectl's cache, as always.
func serveKubectl(in io.Reader, out, errs io.Writer) int {
	// What would end the process ends the goroutine's command.
	util.BehaviorOnFatal(func(message string, code int) { panic(kubectlExit{message, code}) })
	defer util.DefaultBehaviorOnFatal()
	var (
		running sync.WaitGroup
		writing sync.Mutex
		answers = json.NewEncoder(out)
	)
	defer waitAtMost(&running, kubectlGrace)
	for requests := json.NewDecoder(in); ; {
		var r kubectlRequest
		if err := requests.Decode(&r); errors.Is(err, io.EOF) {
			return 0
		} else if err != nil {
			fmt.Fprintln(errs, "k8stutor-sandbox kubectl-server: read a request:", err)
			return 1
		}
		running.Go(func() {
			answer := r.run()
			writing.Lock()
			defer writing.Unlock()
			// Who does not listen any more has closed the input too.
			_ = answers.Encode(answer)
		})
	}
}

// kubectlGrace is how long commands may still run when nobody asks any more: one
// that watches would go on for ever.
const kubectlGrace = 5 * time.Second

func waitAtMost(running *sync.WaitGroup, most time.Duration) {
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C: // the process ends, and with it what is left
	}
}

// kubectlExit is what kubectl wants to end with.
type kubectlExit struct {
	message string
	code    int
}

func (r kubectlRequest) run() (answer kubectlAnswer) {
	var stdout, stderr output
	defer func() {
		switch end := recover().(type) {
		case nil:
		case kubectlExit:
			answer.Code = end.code
			if end.message != "" {
				fmt.Fprintln(&stderr, strings.TrimSuffix(end.message, "\n"))
			}
		default: // a fault of one command is not one of the others
			answer.Code = 2
			fmt.Fprintln(&stderr, "kubectl panicked:", end)
		}
		answer.ID, answer.Stdout, answer.Stderr = r.ID, stdout.taken(), stderr.taken()
	}()
	args, end, err := r.argsWithInput()
	if err != nil {
		panic(kubectlExit{err.Error(), 1})
	}
	defer end()
	flags := genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag().WithDiscoveryBurst(300).WithDiscoveryQPS(50.0)
	flags.KubeConfig = &r.Kubeconfig
	streams := genericiooptions.IOStreams{In: bytes.NewReader(r.Stdin), Out: &stdout, ErrOut: &stderr}
	root := cmd.NewKubectlCommand(cmd.KubectlOptions{
		Arguments:   append([]string{"kubectl"}, args...),
		ConfigFlags: flags.WithWarningPrinter(streams),
		IOStreams:   streams,
	})
	root.SetGlobalNormalizationFunc(cliflag.WordSepNormalizeFunc)
	root.SilenceErrors = true
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	util.CheckErr(root.Execute())
	return answer
}

// argsWithInput returns the arguments with a file in the place of "-", which
// kubectl reads from the process's own standard input whatever its streams are.
// End removes the file.
func (r kubectlRequest) argsWithInput() (args []string, end func(), err error) {
	args, end = slices.Clone(r.Args), func() {}
	for i, a := range args {
		before, flag := "", ""
		switch {
		case a == "-" && i > 0 && (args[i-1] == "-f" || args[i-1] == "--filename" || args[i-1] == "--patch-file"):
		case a == "-f-", a == "-f=-":
			before = "-f"
		case strings.HasPrefix(a, "--") && strings.HasSuffix(a, "=-"):
			flag = strings.TrimSuffix(a, "-")
		default:
			continue
		}
		file, err := os.CreateTemp("", "kubectl-stdin-*.yaml")
		if err != nil {
			return nil, end, err
		}
		previous := end
		end = func() { os.Remove(file.Name()); previous() }
		_, err = file.Write(r.Stdin)
		if err = errors.Join(err, file.Close()); err != nil {
			return nil, end, err
		}
		args[i] = before + flag + file.Name()
	}
	return args, end, nil
}

// output is a buffer that a command's stray goroutines, and the warnings of
// its neighbours, may write to at the same time.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) taken() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.b.Bytes())
}

// kubectlServer is serveKubectl on the process's own streams. Nothing but
// answers may come out of it and nothing but requests go into it, whatever code
// goes past its streams.
func kubectlServer() int {
	requests, answers := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = nil, os.Stderr
	return serveKubectl(requests, answers, os.Stderr)
}
