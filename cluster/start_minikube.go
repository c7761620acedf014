package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/k8stutor/k8stutor/cluster/minikube"
	"github.com/k8stutor/k8stutor/lessons"
)

// settleTime is how long the API server of a minikube that has just started may
// take to be ready.
const settleTime = time.Minute

// settling is the stage after minikube's own steps.
const settling = "k8stutor: settling"

// StartMinikube brings a profile of minikube up, whatever keeps it from running,
// and waits until its API server serves; "" is the profile minikube. One that was
// never started is made, which downloads a gigabyte the first time: the learner
// should have agreed. Progress tells the steps by their names, of which
// Progress.Title has the words. The end of ctx ends minikube with everything that
// it runs. Nothing is deleted, and the current context stays as it is.
func StartMinikube(ctx context.Context, o Options, profile string, progress func(Progress)) error {
	o = o.withDefaults()
	profile = cmp.Or(profile, ChoiceMinikube)
	program, err := o.minikube()
	if err != nil {
		return err
	}
	condition, err := program.Status(ctx, profile)
	if err != nil {
		return minikubeTrouble("ask minikube how it is", err)
	}
	steps := &steps{tell: progress, began: time.Now()}
	switch {
	case condition.State == minikube.Running:
		if o.usable(ctx, profile) != nil {
			return notRunning(profile, minikube.Misconfigured(profile), nil)
		}
		return nil
	case condition.State == minikube.Paused:
		err = minikubeTrouble("let minikube go on", program.Unpause(ctx, profile, steps.took(o)))
	case condition.Startable:
		err = minikubeTrouble("start minikube", program.Start(ctx, profile, steps.took(o)))
	default:
		err = notRunning(profile, condition, nil)
	}
	if err != nil {
		steps.end("failed")
		return err
	}
	steps.begin(settling, "")
	if err := o.settled(ctx, profile); err != nil {
		steps.end("failed")
		return err
	}
	steps.end("done")
	return nil
}

// settled waits until the API server of a profile is ready.
func (o Options) settled(ctx context.Context, profile string) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		err := o.usable(ctx, profile)
		if err == nil {
			return nil
		}
		if t := explainedTrouble(err); t == lessons.BadConfig || t == lessons.NotRunning {
			return err // waiting does not change it
		}
		select {
		case <-ctx.Done():
			return err
		case <-again.C:
		}
	}
}

// usable asks the API server of a profile once whether it is ready, at the
// address that the kubeconfig tells.
func (o Options) usable(ctx context.Context, profile string) error {
	config, trouble := loadUser(o.userFiles())
	if trouble != nil && !errors.Is(trouble, fs.ErrNotExist) {
		return trouble
	}
	if config == nil || config.Contexts[profile] == nil {
		return notRunning(profile, minikube.Misconfigured(profile), nil)
	}
	return probeMinikube(ctx, config, profile, slog.New(slog.DiscardHandler))
}

// steps turns the steps of a start into stages: a step has ended when another
// begins.
type steps struct {
	tell  func(Progress)
	now   string
	began time.Time
}

func (s *steps) took(o Options) func(minikube.Step) {
	return func(step minikube.Step) {
		if step.Warning {
			fmt.Fprintf(o.Log, "minikube warns: %s\n", step.Text.In(lessons.English))
			return
		}
		if step.Name != "" {
			s.begin(step.Name, step.Detail)
		}
	}
}

// begin tells a step, or more of the one that is under way.
func (s *steps) begin(name, detail string) {
	if s.tell == nil {
		return
	}
	if name != s.now {
		s.end("done")
		s.now, s.began = name, time.Now()
	}
	s.tell(Progress{Stage: name, State: "running", Detail: detail})
}

// end tells how the step under way ended.
func (s *steps) end(state string) {
	if s.now == "" || s.tell == nil {
		return
	}
	s.tell(Progress{Stage: s.now, State: state, Detail: fmt.Sprintf("%.1f s", time.Since(s.began).Seconds())})
	s.now = ""
}
