package cluster

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/lessons"
)

// Provider says who supplies a cluster.
type Provider string

// The providers.
const (
	ProviderSandbox  Provider = "sandbox"
	ProviderMinikube Provider = "minikube"
	ProviderExisting Provider = "existing" // any other context of the kubeconfig
)

// The choices that are not the name of a context.
const (
	ChoiceAuto     = "auto"
	ChoiceSandbox  = "sandbox"
	ChoiceMinikube = "minikube"
)

func choices() []string { return []string{ChoiceAuto, ChoiceSandbox, ChoiceMinikube} }

// minikubeTimeout bounds the question which minikubes run: auto asks it at
// every start, and the sandbox is a good answer too.
const minikubeTimeout = time.Second

// Candidate is a cluster that could be used.
type Candidate struct {
	Name     string // what --cluster takes
	Provider Provider
	Engine   string // of another cluster on this machine: "kind"; "" for none
	Context  string // of the learner's kubeconfig; "" for the sandbox
	Server   string // "" while unknown
	// Running is known for the sandbox, for minikube, and for clusters on this
	// machine; no other is asked anything before it is chosen.
	Running bool
	Chosen  bool         // by the options' choice
	Why     lessons.Text // why it was chosen; nil otherwise
	// Problem is why it cannot be used; nil when nothing speaks against it.
	Problem *lessons.ClusterError
}

// choice is a cluster that was chosen.
type choice struct {
	provider Provider
	name     string
	context  string
	why      lessons.Text
}

// choose decides which cluster to use. It asks for the running minikubes only
// when that matters.
func choose(o Options, minikubes func() []string) (choice, error) {
	sandbox := choice{provider: ProviderSandbox, name: ChoiceSandbox}
	switch o.Choice {
	case ChoiceSandbox:
		sandbox.why = say("you chose it", "这是你的选择")
		return sandbox, nil
	case ChoiceAuto, "":
		profile, found := o.minikubeFor(minikubes())
		if !found {
			sandbox.why = say("no minikube is running, and the sandbox needs nothing", "没有正在运行的 minikube，而沙箱不需要任何其他软件")
			return sandbox, nil
		}
		return choice{ProviderMinikube, profile, profile, say("minikube is running", "minikube 正在运行")}, nil
	}
	config, trouble := loadUser(o.userFiles())
	if trouble != nil {
		return choice{}, trouble
	}
	if _, ok := config.Contexts[o.Choice]; !ok {
		trouble := &lessons.ClusterError{
			Trouble: lessons.BadConfig,
			Op:      fmt.Sprintf("use context %q", o.Choice),
			Server:  strings.Join(o.userFiles(), ":"),
			Err:     errors.New("there is no such context"),
			Hint:    nearestContexts(config, o.Choice),
		}
		if o.Choice == ChoiceMinikube {
			trouble.Hint = say("Start it with `minikube start`, or use the sandbox: `k8stutor --cluster sandbox`.",
				"用 `minikube start` 启动它，或者使用沙箱：`k8stutor --cluster sandbox`。")
		}
		return choice{}, trouble
	}
	return choice{providerOf(config, o.Choice), o.Choice, o.Choice, say("you chose it", "这是你的选择")}, nil
}

// Found lists the clusters that could be used, the sandbox first.
func Found(ctx context.Context, o Options) []Candidate {
	o = o.withDefaults()
	minikubes := sync.OnceValue(func() []string { return runningMinikubes(ctx, o) })
	chosen, _ := choose(o, minikubes) // a choice that fails marks none; Open says why
	found := []Candidate{o.sandboxCandidate(ctx)}
	config, trouble := loadUser(o.userFiles())
	switch {
	case trouble != nil && !errors.Is(trouble, fs.ErrNotExist):
		found = append(found, Candidate{Name: "kubeconfig", Provider: ProviderExisting, Server: trouble.Server, Problem: trouble})
	case trouble == nil:
		found = append(found, contextCandidates(config, strings.Join(o.userFiles(), ":"))...)
	}
	var asked sync.WaitGroup
	for i := range found {
		c := &found[i]
		if c.Name == chosen.name && c.Provider == chosen.provider {
			c.Chosen, c.Why = true, chosen.why
		}
		switch c.Provider {
		case ProviderMinikube:
			c.Running = slices.Contains(minikubes(), c.Name)
		case ProviderExisting:
			asked.Go(func() { c.Running = listensHere(ctx, c.Server) })
		}
	}
	asked.Wait()
	return found
}

func (o Options) sandboxCandidate(ctx context.Context) Candidate {
	c := Candidate{Name: ChoiceSandbox, Provider: ProviderSandbox}
	status, err := o.sandbox().Status(ctx)
	if err == nil && status.Stage != StageStopped && status.Stage != StageFailed {
		c.Running, c.Server = true, status.Server
		return c
	}
	if err == nil {
		_, err = FindCompanion(o.Env)
	}
	if trouble, ok := errors.AsType[*lessons.ClusterError](err); ok {
		c.Problem = trouble
	}
	return c
}

func contextCandidates(config *api.Config, where string) []Candidate {
	var found []Candidate
	for _, name := range slices.Sorted(maps.Keys(config.Contexts)) {
		c := Candidate{Name: name, Provider: providerOf(config, name), Context: name}
		if cluster, ok := config.Clusters[config.Contexts[name].Cluster]; ok {
			c.Server = cluster.Server
		}
		one, problem := pick(config, name, where)
		if c.Problem = problem; problem == nil && c.Provider == ProviderExisting {
			c.Engine = engineOf(one)
		}
		found = append(found, c)
	}
	return found
}

// providerOf tells a minikube's context by the mark that minikube leaves in
// the kubeconfig.
func providerOf(config *api.Config, name string) Provider {
	context := config.Contexts[name]
	extensions := slices.Collect(maps.Values(context.Extensions))
	if cluster, ok := config.Clusters[context.Cluster]; ok {
		extensions = slices.AppendSeq(extensions, maps.Values(cluster.Extensions))
	}
	for _, e := range extensions {
		if unknown, ok := e.(*runtime.Unknown); ok && bytes.Contains(unknown.Raw, []byte("minikube.sigs.k8s.io")) {
			return ProviderMinikube
		}
	}
	return ProviderExisting
}

// listensHere reports whether something listens at an address of this machine.
func listensHere(ctx context.Context, server string) bool {
	address, err := url.Parse(server)
	if err != nil {
		return false
	}
	host := address.Hostname()
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, cmp.Or(address.Port(), "443")))
	if err != nil {
		return false
	}
	connection.Close()
	return true
}

// minikubeFor returns the minikube to use when the choice is left to
// k8stutor: one that runs and whose context the learner's kubeconfig has.
func (o Options) minikubeFor(running []string) (string, bool) {
	if len(running) == 0 {
		return "", false
	}
	config, trouble := loadUser(o.userFiles())
	if trouble != nil {
		return "", false
	}
	if _, ok := config.Contexts[config.CurrentContext]; ok && slices.Contains(running, config.CurrentContext) {
		return config.CurrentContext, true
	}
	for _, profile := range running {
		if _, ok := config.Contexts[profile]; ok {
			return profile, true
		}
	}
	return "", false
}

// runningMinikubes asks minikube for its running profiles. One that is not
// installed, fails or does not answer in time has none.
func runningMinikubes(ctx context.Context, o Options) []string {
	program, ok := lookPath(o.Env, "minikube")
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, minikubeTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, program, "profile", "list", "-o", "json")
	command.WaitDelay = 100 * time.Millisecond // for children that hold its output open
	output, err := command.Output()
	running, parseErr := parseProfiles(output)
	if parseErr != nil {
		fmt.Fprintf(o.Log, "minikube profile list: %v\n", errors.Join(err, parseErr))
	}
	return running
}

// parseProfiles reads what `minikube profile list -o json` prints. The state
// is called Running by older versions and OK by newer ones.
func parseProfiles(output []byte) ([]string, error) {
	var listed struct {
		Valid []struct {
			Name   string
			Status string
		} `json:"valid"`
	}
	if i := bytes.IndexByte(output, '{'); i > 0 {
		output = output[i:] // minikube puts notices before its JSON
	}
	if err := json.Unmarshal(output, &listed); err != nil {
		return nil, err
	}
	var running []string
	for _, p := range listed.Valid {
		if p.Status == "Running" || p.Status == "OK" {
			running = append(running, p.Name)
		}
	}
	return running, nil
}
