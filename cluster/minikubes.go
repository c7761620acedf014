package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/cluster/minikube"
	"github.com/k8stutor/k8stutor/lessons"
)

const (
	// promptTime is how long auto waits for the minikube that it would rather
	// have when another one has answered already.
	promptTime = 250 * time.Millisecond
	// hangTime is after how long a minikube that says nothing is taken to hang.
	hangTime = 900 * time.Millisecond
)

// reply is what the API server of a minikube in the kubeconfig said.
type reply struct {
	context string
	ready   bool
	hung    bool  // it was silent
	err     error // nil when ready
}

// askMinikubes asks the API servers of all minikubes in a kubeconfig whether they
// are ready, the current context's first. This is what choosing rests upon: a
// minikube that is started has a context there and answers within milliseconds,
// and one that is stopped has none, while the program minikube looks at every
// machine and takes long over it. Unless all are wanted it returns as soon as one
// is known to be the one to use.
func askMinikubes(ctx context.Context, config *api.Config, log *slog.Logger, all bool) []reply {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(config.Contexts)) {
		if providerOf(config, name) == ProviderMinikube {
			names = append(names, name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(btoi(b == config.CurrentContext), btoi(a == config.CurrentContext))
	})
	ctx, cancel := context.WithTimeout(ctx, hangTime)
	defer cancel()
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel()
	type numbered struct {
		i int
		reply
	}
	came := make(chan numbered, len(names))
	for i, name := range names {
		asking.Go(func() { came <- numbered{i, askMinikube(ctx, config, name, log)} })
	}
	replies := make([]reply, len(names))
	for i, name := range names {
		replies[i] = reply{context: name, hung: true, err: context.DeadlineExceeded}
	}
	prompt := time.NewTimer(promptTime)
	defer prompt.Stop()
	late := false
	heard := make([]bool, len(names))
	for range names {
		var r numbered
		select {
		case r = <-came:
		case <-prompt.C:
			late = true
			if !all && slices.ContainsFunc(replies, func(r reply) bool { return r.ready }) {
				return replies
			}
			r = <-came // at the latest when ctx ends
		}
		replies[r.i], heard[r.i] = r.reply, true
		before := slices.Index(heard, false)
		if !all && r.ready && (late || before < 0 || before > r.i) {
			return replies
		}
	}
	return replies
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func askMinikube(ctx context.Context, config *api.Config, name string, log *slog.Logger) reply {
	err := probeMinikube(ctx, config, name, log)
	return reply{
		context: name, ready: err == nil, err: err,
		hung: err != nil && (ctx.Err() != nil || explainedTrouble(err) == lessons.TimedOut),
	}
}

// probeMinikube asks the API server of the minikube of a context whether it is
// ready, and returns what is wrong if it is not.
func probeMinikube(ctx context.Context, config *api.Config, name string, log *slog.Logger) error {
	one, trouble := pick(config, name, "")
	if trouble != nil {
		return trouble
	}
	conn, trouble := dial(one, place{provider: ProviderMinikube, name: name}, log)
	if trouble != nil {
		return trouble
	}
	defer conn.close()
	if err := conn.ready(ctx); err != nil {
		return conn.at.fail("ask the API server whether it is ready", err)
	}
	return nil
}

// readyOf returns the minikube to use.
func readyOf(replies []reply) (string, bool) {
	i := slices.IndexFunc(replies, func(r reply) bool { return r.ready })
	if i < 0 {
		return "", false
	}
	return replies[i].context, true
}

// whySandbox says why no minikube was taken.
func whySandbox(replies []reply) lessons.Text {
	var silent, down []string
	for _, r := range replies {
		if r.hung {
			silent = append(silent, r.context)
		} else {
			down = append(down, r.context)
		}
	}
	switch {
	case len(silent) > 0:
		return say("minikube (%s) hangs: it did not answer within a second; the sandbox needs nothing", "minikube（%s）没有响应：一秒内没有回应，而沙箱不需要任何其他软件", strings.Join(silent, ", "))
	case len(down) > 0:
		return say("minikube (%s) is in the kubeconfig and does not serve now; the sandbox needs nothing", "minikube（%s）在 kubeconfig 里，但现在无法使用，而沙箱不需要任何其他软件", strings.Join(down, ", "))
	}
	return say("no minikube is running, and the sandbox needs nothing", "没有正在运行的 minikube，而沙箱不需要任何其他软件")
}

// minikube finds the program.
func (o Options) minikube() (minikube.Program, error) {
	program, err := minikube.Find(o.Env, o.userFiles())
	if err != nil {
		return program, minikubeTrouble("find minikube", err)
	}
	return program, nil
}

// FindMinikube returns the path of the program minikube, or why it cannot be used.
func FindMinikube(o Options) (string, error) {
	program, err := o.withDefaults().minikube()
	return program.Path, err
}

// IsMinikubeMissing reports whether an error says that minikube is not installed.
func IsMinikubeMissing(err error) bool { return errors.Is(err, minikube.ErrNotInstalled) }

// Minikubes asks the program minikube for its profiles. It returns
// minikube.ErrNotInstalled inside of a *lessons.ClusterError when there is none.
func Minikubes(ctx context.Context, o Options) ([]minikube.Profile, error) {
	o = o.withDefaults()
	program, err := o.minikube()
	if err != nil {
		return nil, err
	}
	profiles, err := program.List(ctx)
	if err != nil {
		fmt.Fprintf(o.Log, "%v\n", err)
		return nil, minikubeTrouble("list minikube's profiles", err)
	}
	return profiles, nil
}

// minikubeTrouble is what the program minikube said, as the error that the
// learner sees.
func minikubeTrouble(op string, err error) error {
	if err == nil {
		return nil
	}
	trouble := &lessons.ClusterError{Trouble: lessons.NotRunning, Op: op, Err: err}
	if errors.Is(err, minikube.ErrNotInstalled) {
		trouble.Hint = say("Install it from https://minikube.sigs.k8s.io/docs/start, or use the sandbox, which needs nothing: `k8stutor --cluster sandbox`.",
			"请从 https://minikube.sigs.k8s.io/docs/start 安装，或者使用什么都不需要的沙箱：`k8stutor --cluster sandbox`。")
	}
	if said, ok := errors.AsType[*minikube.Error](err); ok {
		trouble.Server, trouble.Err, trouble.Hint = said.Command, saidBy(said), said.Hint
		if said.Kind == minikube.Hung {
			trouble.Trouble = lessons.TimedOut
		}
	}
	return trouble
}

// saidBy is a minikube error without the command, which ClusterError shows as the
// place.
func saidBy(e *minikube.Error) error {
	at := ""
	if e.Step != "" {
		at = fmt.Sprintf(" (at the step %q)", e.Step)
	}
	if e.Reason != "" {
		return fmt.Errorf("%w [%s]%s", e.Err, e.Reason, at)
	}
	return fmt.Errorf("%w%s", e.Err, at)
}

// notRunning is the error of a profile that cannot be used as it is.
func notRunning(profile string, c minikube.Condition, because error) *lessons.ClusterError {
	err := errors.New(c.Trouble.In(lessons.English))
	if because != nil {
		err = fmt.Errorf("%w (%w)", err, because)
	}
	return &lessons.ClusterError{Trouble: lessons.NotRunning, Op: "use minikube", Server: profile, Err: err, Hint: c.Hint}
}

// explainMinikube asks minikube itself why the API server of a profile gave no
// answer. What it does not know stays as it is.
func (o Options) explainMinikube(ctx context.Context, profile string, err error) error {
	trouble, ok := errors.AsType[*lessons.ClusterError](err)
	if !ok || ctx.Err() != nil {
		return err
	}
	switch trouble.Trouble {
	case lessons.Unreachable, lessons.TimedOut, lessons.BadConfig, lessons.Unauthorized:
	default:
		return err
	}
	program, missing := o.minikube()
	if missing != nil {
		return err
	}
	condition, asked := program.Status(ctx, profile)
	if asked != nil {
		fmt.Fprintf(o.Log, "%v\n", asked)
		if said, ok := errors.AsType[*minikube.Error](asked); ok && said.Kind == minikube.Hung {
			return minikubeTrouble("ask minikube how it is", asked)
		}
		return err
	}
	if condition.State == minikube.Running {
		// It runs and is not where the kubeconfig says, or is another one by now.
		condition = minikube.Misconfigured(profile)
	}
	return notRunning(profile, condition, trouble.Err)
}
