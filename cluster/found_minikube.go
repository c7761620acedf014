package cluster

import (
	"errors"
	"slices"

	"github.com/k8stutor/k8stutor/cluster/minikube"
	"github.com/k8stutor/k8stutor/lessons"
)

// withMinikubes adds what the program minikube and the API servers said to the
// contexts that are minikubes, and the profiles that the kubeconfig does not have.
func withMinikubes(found []Candidate, profiles []minikube.Profile, replies []reply, programErr error) []Candidate {
	for _, p := range profiles {
		i := slices.IndexFunc(found, func(c Candidate) bool { return c.Name == p.Name && c.Provider == ProviderMinikube })
		if i < 0 {
			found = append(found, Candidate{Name: p.Name, Provider: ProviderMinikube})
			i = len(found) - 1
			if slices.ContainsFunc(found[:i], func(c Candidate) bool { return c.Name == p.Name }) {
				found[i].Problem = sameName(p.Name)
				found[i].Note = found[i].Problem.Hint
				found[i].Minikube = &p
				continue
			}
		}
		found[i].Minikube = &p
	}
	isMinikube := func(c Candidate) bool { return c.Provider == ProviderMinikube }
	if !slices.ContainsFunc(found, isMinikube) && !errors.Is(programErr, minikube.ErrNotInstalled) {
		// It is installed, and that is all there is to say of it.
		one := Candidate{Name: ChoiceMinikube, Provider: ProviderMinikube}
		if programErr == nil {
			one.Minikube = &minikube.Profile{Name: one.Name, Condition: minikube.NeverStarted(one.Name)}
		}
		found = append(found, one)
	}
	for i := range found {
		c := &found[i]
		if c.Provider != ProviderMinikube || c.Problem != nil {
			continue
		}
		var answered *reply
		if r := slices.IndexFunc(replies, func(r reply) bool { return c.Context != "" && r.context == c.Context }); r >= 0 {
			answered = &replies[r]
		}
		c.judge(answered, programErr)
	}
	return found
}

// judge says how a minikube is, from what its API server said (nil: it was not
// asked) and what the program minikube says. A server that is ready is right
// whatever the program says.
func (c *Candidate) judge(r *reply, programErr error) {
	p := c.Minikube
	switch {
	case r != nil && r.ready:
		c.Running = true
		if p != nil {
			if p.State != minikube.Running {
				p.Condition = minikube.Condition{State: minikube.Running}
			}
			c.Note = p.Trouble
			if c.Note == nil {
				c.Note = skew(p.Version)
			}
		}
	case p != nil:
		if p.State == minikube.Running { // and not where the kubeconfig says
			p.Condition = minikube.Misconfigured(c.Name)
		}
		c.Note, c.Startable = p.Trouble, p.Startable
		c.Problem = notRunning(c.Name, p.Condition, nil)
	case programErr != nil && !errors.Is(programErr, minikube.ErrNotInstalled):
		c.Problem, _ = errors.AsType[*lessons.ClusterError](programErr)
		c.Note = say("minikube does not say how it is", "minikube 没有说明它的状态")
	case r != nil:
		c.Problem, _ = errors.AsType[*lessons.ClusterError](r.err)
		c.Note = say("its API server does not answer", "它的 API 服务器没有回应")
		if programErr == nil {
			c.Note = say("minikube knows no profile of this name; the context was left over", "minikube 没有这个名字的 profile，这个上下文是遗留下来的")
		}
	}
}

func sameName(name string) *lessons.ClusterError {
	return &lessons.ClusterError{Trouble: lessons.BadConfig, Op: "use minikube", Server: name,
		Err: errors.New("a context of this name belongs to another cluster"),
		Hint: say("The context %[1]q of your kubeconfig is not this minikube. Rename it (`kubectl config rename-context %[1]s NAME`), or make another profile: `minikube start -p NAME`.",
			"kubeconfig 里的上下文 %[1]q 不是这个 minikube。请把它改名（`kubectl config rename-context %[1]s NAME`），或者另建一个 profile：`minikube start -p NAME`。", name)}
}

// skew says in a few words that a version of Kubernetes is not one the lessons
// know, nil when it is; lessons.VersionWarning says what that means.
func skew(kubernetes string) lessons.Text {
	switch minor, ok := lessons.MinorOf(kubernetes); {
	case ok && minor < lessons.OldestMinorSupported:
		return say("its Kubernetes is older than the lessons know; `minikube start -p k8stutor` makes a newer one",
			"它的 Kubernetes 比课程支持的版本旧；`minikube start -p k8stutor` 可以另建一个新的")
	case ok && minor > lessons.NewestMinorSupported:
		return say("its Kubernetes is newer than the lessons know", "它的 Kubernetes 比课程支持的版本新")
	default:
		return nil
	}
}
