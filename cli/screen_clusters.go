package cli

import (
	"context"
	"errors"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/minikube"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// candidates are the clusters there are, as the screens see them.
func (p *Program) candidates(ctx context.Context) []tui.Candidate {
	var out []tui.Candidate
	for _, c := range p.found(ctx) {
		out = append(out, candidate(c))
	}
	return out
}

func candidate(c cluster.Candidate) tui.Candidate {
	one := tui.Candidate{Choice: c.Name, Name: c.Name, Provider: string(c.Provider), Engine: c.Engine, Context: c.Context, Server: c.Server,
		User: c.User, Running: c.Running, State: stateOf(c), Shared: isShared(c), Startable: c.Startable, Note: c.Note, Chosen: c.Chosen, Why: c.Why}
	if m := c.Minikube; m != nil {
		one.Driver, one.Version, one.Nodes = m.Driver, m.Version, m.Nodes
	}
	if c.Problem != nil {
		one.Problem = c.Problem
	}
	return one
}

// isShared reports whether the learner is asked before anything is made on it.
func isShared(c cluster.Candidate) bool {
	return c.Provider == cluster.ProviderExisting && c.Engine == ""
}

// stateOf says how a cluster is, as far as that was found out.
func stateOf(c cluster.Candidate) tui.ClusterState {
	hangs := c.Problem != nil && c.Problem.Trouble == lessons.TimedOut
	switch {
	case c.Running:
		return tui.ClusterRunning
	case c.Minikube != nil && !hangs:
		switch c.Minikube.State {
		case minikube.Running:
			return tui.ClusterRunning
		case minikube.Stopped:
			return tui.ClusterStopped
		case minikube.Paused:
			return tui.ClusterPaused
		case minikube.Moving:
			return tui.ClusterMoving
		case minikube.Absent:
			return tui.ClusterAbsent
		case minikube.Broken:
			return tui.ClusterBroken
		}
		return tui.ClusterHangs
	case hangs:
		return tui.ClusterHangs
	case c.Problem != nil:
		return tui.ClusterBroken
	case c.Provider == cluster.ProviderSandbox:
		return tui.ClusterStopped
	case isShared(c):
		return tui.ClusterUnasked
	}
	return tui.ClusterStopped
}

// startCluster brings a stopped minikube up.
func (p *Program) startCluster(ctx context.Context, choice string, progress tui.StageFunc) error {
	err := cluster.StartMinikube(ctx, p.clusterOptions(), choice, stages(progress))
	if err != nil && ctx.Err() != nil {
		return errors.Join(context.Canceled, err)
	}
	return err
}

// stageTitle is what a stage of a start is, in words.
func stageTitle(stage string) lessons.Text { return cluster.Progress{Stage: stage}.Title() }
