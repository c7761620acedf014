package cluster

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/cluster/minikube"
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

// Candidate is a cluster that could be used.
type Candidate struct {
	Name     string // what --cluster takes
	Provider Provider
	Engine   string // of another cluster on this machine: "kind"; "" for none
	Context  string // of the learner's kubeconfig; "" for the sandbox
	Server   string // "" while unknown
	User     string // entry of the kubeconfig; "" for the sandbox
	// Running is known for the sandbox, for minikube, and for clusters on this
	// machine; no other is asked anything before it is chosen.
	Running bool
	Chosen  bool         // by the options' choice
	Why     lessons.Text // why it was chosen; nil otherwise
	// Problem is why it cannot be used; nil when nothing speaks against it.
	Problem *lessons.ClusterError
	// Minikube is what the program minikube tells of a profile; nil for other
	// clusters, and where it was not asked or did not say.
	Minikube *minikube.Profile
	// Note is what a learner should know of it in one sentence, as the state of a
	// minikube; nil when there is nothing to say.
	Note lessons.Text
	// Startable says that StartMinikube brings it up.
	Startable bool
}

// choice is a cluster that was chosen.
type choice struct {
	provider Provider
	name     string
	context  string
	why      lessons.Text
}

// choose decides which cluster to use. Minikubes are asked only when that matters.
func choose(ctx context.Context, o Options, minikubes func(*api.Config) []reply) (choice, error) {
	sandbox := choice{provider: ProviderSandbox, name: ChoiceSandbox}
	if o.Choice == ChoiceSandbox {
		sandbox.why = say("you chose it", "这是你的选择")
		return sandbox, nil
	}
	auto := o.Choice == ChoiceAuto || o.Choice == ""
	config, trouble := loadUser(o.userFiles())
	switch {
	case trouble != nil && auto:
		sandbox.why = whySandbox(nil)
		return sandbox, nil
	case trouble != nil && !errors.Is(trouble, fs.ErrNotExist):
		return choice{}, trouble
	case trouble != nil:
		config = api.NewConfig() // a minikube that was never started has made none
	}
	_, known := config.Contexts[o.Choice]
	if auto || o.Choice == ChoiceMinikube && !known {
		replies := minikubes(config)
		if name, ok := readyOf(replies); ok {
			return choice{ProviderMinikube, name, name, say("minikube is running", "minikube 正在运行")}, nil
		}
		if auto {
			sandbox.why = whySandbox(replies)
			return sandbox, nil
		}
	}
	if known {
		return choice{providerOf(config, o.Choice), o.Choice, o.Choice, say("you chose it", "这是你的选择")}, nil
	}
	if stopped := o.stoppedMinikube(ctx, o.Choice); stopped != nil {
		return choice{}, stopped
	}
	if trouble != nil {
		return choice{}, trouble
	}
	return choice{}, &lessons.ClusterError{
		Trouble: lessons.BadConfig,
		Op:      fmt.Sprintf("use context %q", o.Choice),
		Server:  strings.Join(o.userFiles(), ":"),
		Err:     errors.New("there is no such context"),
		Hint:    nearestContexts(config, o.Choice),
	}
}

// stoppedMinikube says what keeps a profile from being used that the kubeconfig
// does not have; nil when minikube knows none of that name. For the choice
// minikube there is always something to say.
func (o Options) stoppedMinikube(ctx context.Context, name string) *lessons.ClusterError {
	program, err := o.minikube()
	if err == nil {
		var condition minikube.Condition
		condition, err = program.Status(ctx, name)
		err = minikubeTrouble("ask minikube how it is", err)
		if err == nil {
			switch {
			case condition.State == minikube.Absent && name != ChoiceMinikube:
				return nil
			case condition.State == minikube.Running:
				condition = minikube.Misconfigured(name)
			}
			return notRunning(name, condition, nil)
		}
	}
	trouble, ok := errors.AsType[*lessons.ClusterError](err)
	if !ok || name != ChoiceMinikube {
		return nil
	}
	return trouble
}

// Found lists the clusters that could be used, the sandbox first.
func Found(ctx context.Context, o Options) []Candidate {
	o = o.withDefaults()
	var (
		profiles []minikube.Profile
		replies  []reply
		hung     error
		asking   sync.WaitGroup
	)
	found := make([]Candidate, 1)
	config, trouble := loadUser(o.userFiles())
	asking.Go(func() { found[0] = o.sandboxCandidate(ctx) })
	asking.Go(func() { profiles, hung = Minikubes(ctx, o) })
	if trouble == nil {
		asking.Go(func() { replies = askMinikubes(ctx, config, slog.New(slog.DiscardHandler), true) })
	}
	asking.Wait()
	switch {
	case trouble != nil && !errors.Is(trouble, fs.ErrNotExist):
		found = append(found, Candidate{Name: "kubeconfig", Provider: ProviderExisting, Server: trouble.Server, Problem: trouble})
	case trouble == nil:
		found = append(found, contextCandidates(config, strings.Join(o.userFiles(), ":"))...)
	}
	found = withMinikubes(found, profiles, replies, hung)
	// A choice that fails marks none; Open says why.
	chosen, _ := choose(ctx, o, func(*api.Config) []reply { return replies })
	if explainedTrouble(hung) == lessons.TimedOut && chosen.provider == ProviderSandbox && o.Choice != ChoiceSandbox {
		chosen.why = say("minikube hangs: it did not answer within a second; the sandbox needs nothing",
			"minikube 没有响应：一秒内没有回应，而沙箱不需要任何其他软件")
	}
	for i := range found {
		c := &found[i]
		if c.Name == chosen.name && c.Provider == chosen.provider {
			c.Chosen, c.Why = true, chosen.why
		}
		if c.Provider == ProviderExisting {
			asking.Go(func() { c.Running = listensHere(ctx, c.Server) })
		}
	}
	asking.Wait()
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
		c := Candidate{Name: name, Provider: providerOf(config, name), Context: name, User: config.Contexts[name].AuthInfo}
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
