package cli

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// clusterOptions says which cluster a command works on: --cluster, then what
// `k8stutor cluster use` remembered, then auto.
func (p *Program) clusterOptions() cluster.Options {
	choice := p.flags.cluster
	if choice == "" {
		if store, _ := p.openStore(); store != nil {
			choice = store.Progress().Cluster
		}
	}
	if choice == "" {
		choice = "auto"
	}
	return cluster.Options{Choice: choice, StateDir: p.StateDir, Env: p.Getenv, Linger: linger}
}

// openCluster opens the cluster, telling on stderr what takes time.
func (p *Program) openCluster(ctx context.Context) (*cluster.Cluster, error) {
	c, err := cluster.Open(ctx, p.clusterOptions(), p.startProgress())
	if err != nil {
		return nil, err
	}
	if warning := lessons.VersionWarning(c.Info().Version); warning != nil {
		p.notef("%s\n", warning.In(p.lang))
	}
	return c, nil
}

// startProgress prints each stage of a starting sandbox once, when it is done.
// Joining one that runs prints nothing: there no stage is ever under way.
func (p *Program) startProgress() func(cluster.Progress) {
	underWay, said := false, map[string]bool{}
	return func(pr cluster.Progress) {
		if p.json() || said[pr.Stage] {
			return
		}
		if pr.State != "done" {
			if !underWay {
				p.notef("%s\n", p.t("Starting the sandbox…", "正在启动沙箱……"))
			}
			underWay = true
			return
		}
		said[pr.Stage] = true
		if underWay {
			p.notef("  ✓ %s %s\n", pad(pr.Stage, 24), pr.Detail)
		}
	}
}

func (p *Program) sandbox() cluster.Sandbox {
	return cluster.Sandbox{Dir: filepath.Join(p.StateDir, "sandbox"), Env: p.Getenv}
}

// troubleOf returns the cluster error inside err, or nil.
func troubleOf(err error) *lessons.ClusterError {
	trouble, _ := errors.AsType[*lessons.ClusterError](err)
	return trouble
}
