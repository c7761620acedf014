package minikube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

const (
	// lightTime is how long minikube may take to tell what its own files say. It
	// needs no more than its own start for that, so that one that is slower hangs.
	lightTime = time.Second
	// askTime is how long it may take to look at its machines.
	askTime = 6 * time.Second
)

// State is how a profile is.
type State string

// The states of a profile.
const (
	Running State = "running"
	Stopped State = "stopped"
	Paused  State = "paused"
	Moving  State = "moving"  // it starts, stops or pauses at this moment
	Broken  State = "broken"  // half of it is there or runs
	Absent  State = "absent"  // it was never started, or was deleted
	Unknown State = "unknown" // minikube did not say
)

// Profile is one of minikube's clusters.
type Profile struct {
	Name    string
	Driver  string // "docker", "kvm2", "none", …; "" while unknown
	Runtime string // "docker", "containerd", "cri-o"
	Version string // of Kubernetes: "v1.37.2"; "" for one without Kubernetes
	Nodes   int
	Addons  []string // enabled ones, in order
	Condition
}

// Condition is how a profile is, and what mends it.
type Condition struct {
	State State
	// Trouble is what is the matter, as one sentence; nil while it runs.
	Trouble lessons.Text
	// Mend is the command that mends it, "" when there is not one.
	Mend string
	// Hint is what to do, with Mend in it; nil when nothing needs doing.
	Hint lessons.Text
	// Startable says that Program.Start or Program.Unpause brings it up.
	Startable bool
}

// Addon reports whether an addon is enabled.
func (p Profile) Addon(name string) bool { return slices.Contains(p.Addons, name) }

// listed is what `minikube profile list -o json` prints.
type listed struct {
	Valid   []listedProfile `json:"valid"`
	Invalid []listedProfile `json:"invalid"`
	Error   json.RawMessage `json:"error"`
}

type listedProfile struct {
	Name   string
	Status string
	Config *struct {
		Driver           string
		KubernetesConfig struct{ KubernetesVersion, ContainerRuntime string }
		Nodes            []struct{ ContainerRuntime string }
		Addons           map[string]bool
	}
}

// List returns the profiles, in the order of their names, and how each is. A
// minikube that hangs is given up after a second (*Error, Hung); one that can
// tell its profiles and not how they are, which is the container engine below it,
// gives them with the state Unknown.
func (p Program) List(ctx context.Context) ([]Profile, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		light, full       []Profile
		lightErr, fullErr error
		asking            sync.WaitGroup
	)
	asking.Go(func() {
		light, lightErr = p.list(ctx, lightTime, "profile", "list", "--light", "-o", "json")
		if isHung(lightErr) {
			cancel() // the other one would hang too
		}
	})
	asking.Go(func() {
		full, fullErr = p.list(ctx, askTime, "profile", "list", "-o", "json")
		if fullErr == nil {
			cancel() // it says everything that the other one says
		}
	})
	asking.Wait()
	switch {
	case fullErr == nil:
		return p.detailed(context.WithoutCancel(ctx), full), nil
	case isHung(lightErr):
		return nil, lightErr
	case lightErr == nil:
		return light, nil // with the state Unknown
	}
	return nil, fullErr
}

func isHung(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == Hung
}

func (p Program) list(ctx context.Context, limit time.Duration, args ...string) ([]Profile, error) {
	a, err := p.ask(ctx, limit, args...)
	if err != nil {
		return nil, err
	}
	profiles, err := parseList(a.stdout)
	if err != nil {
		return nil, p.unreadable(args, a, err)
	}
	return profiles, nil
}

// detailed asks for the status of the profiles that a list does not tell enough
// of: all but those that run or are stopped.
func (p Program) detailed(ctx context.Context, profiles []Profile) []Profile {
	var asking sync.WaitGroup
	for i := range profiles {
		one := &profiles[i]
		if one.State == Running || one.State == Stopped || one.Driver == "" {
			continue
		}
		asking.Go(func() {
			if c, err := p.Status(ctx, one.Name); err == nil && c.State != Unknown {
				one.Condition = c
			}
		})
	}
	asking.Wait()
	return profiles
}

// parseList reads a list of profiles. Entries that cannot be used are among them,
// as Broken; one that is listed twice and differs is so too.
func parseList(output []byte) ([]Profile, error) {
	var l listed
	if err := json.Unmarshal(jsonIn(output), &l); err != nil {
		return nil, err
	}
	if l.Error != nil {
		return nil, fmt.Errorf("it could not list its profiles: %s", l.Error)
	}
	if l.Valid == nil && l.Invalid == nil {
		return nil, errors.New("it printed JSON that is no list of profiles")
	}
	byName := map[string]Profile{}
	add := func(one Profile) {
		if before, twice := byName[one.Name]; twice && !reflect.DeepEqual(before, one) {
			one = Profile{Name: one.Name, Condition: twiceListed(one.Name)}
		}
		byName[one.Name] = one
	}
	for _, entry := range l.Valid {
		if entry.Name == "" {
			continue // nothing could be done with it
		}
		if entry.Config == nil {
			add(Profile{Name: entry.Name, Condition: invalid(entry.Name)})
			continue
		}
		one := Profile{Name: entry.Name, Driver: entry.Config.Driver, Nodes: len(entry.Config.Nodes),
			Version: entry.Config.KubernetesConfig.KubernetesVersion, Runtime: entry.Config.KubernetesConfig.ContainerRuntime}
		if one.Version == withoutKubernetes {
			one.Version = ""
		}
		for _, name := range slices.Sorted(maps.Keys(entry.Config.Addons)) {
			if entry.Config.Addons[name] {
				one.Addons = append(one.Addons, name)
			}
		}
		one.Condition = listedCondition(entry.Name, entry.Status)
		if one.Version == "" {
			one.Condition = noKubernetes(entry.Name)
		}
		add(one)
	}
	for _, entry := range l.Invalid {
		if entry.Name != "" {
			add(Profile{Name: entry.Name, Condition: invalid(entry.Name)})
		}
	}
	var all []Profile
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		all = append(all, byName[name])
	}
	return all, nil
}

// withoutKubernetes is the version of a profile made with --no-kubernetes.
const withoutKubernetes = "v0.0.0"

// jsonIn cuts off the notices that minikube prints before and after its JSON.
func jsonIn(output []byte) []byte {
	if i := bytes.IndexAny(output, "{["); i > 0 {
		output = output[i:]
	}
	if i := bytes.LastIndexAny(output, "}]"); i >= 0 {
		output = output[:i+1]
	}
	return output
}

// unreadable is the error of an answer that is not in minikube's format.
func (p Program) unreadable(args []string, a answer, err error) error {
	e := &Error{Command: command(args), Kind: Unreadable, Code: a.code, Err: err, Hint: hintUnreadable()}
	if fatal, ok := fatalIn(a.stdout); ok {
		return fatal.error(args, "", a.code)
	}
	if text := firstLine(a.stderr); a.code != 0 && text != "" {
		e.Kind, e.Err = Failed, fmt.Errorf("exit code %d: %s", a.code, text)
		if advice := knownTrouble(a.stderr); advice != nil {
			e.Hint = advice
		}
	} else if a.code != 0 {
		e.Err = fmt.Errorf("exit code %d: %w", a.code, err)
	} else if text := firstLine(string(a.stdout)); text != "" {
		e.Err = fmt.Errorf("it printed something else than JSON: %q", text)
	}
	return e
}

func hintUnreadable() lessons.Text {
	return say("Is this minikube whole, and not too old or too new? `minikube version` and `minikube profile list` show what it says. The sandbox needs no minikube: `k8stutor --cluster sandbox`.",
		"这个 minikube 完好吗？版本会不会太旧或太新？请看看 `minikube version` 和 `minikube profile list` 的输出。沙箱不需要 minikube：`k8stutor --cluster sandbox`。")
}

// Known returns the profiles as minikube's own files tell them, with the state
// Unknown: it looks at no machine, and takes as long as minikube's own start.
func (p Program) Known(ctx context.Context) ([]Profile, error) {
	return p.list(ctx, lightTime, "profile", "list", "--light", "-o", "json")
}
