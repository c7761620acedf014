package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/minikube"
	"github.com/k8stutor/k8stutor/lessons"
)

func (p *Program) clusterStartCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "start [PROFILE]",
		Short: p.t("Start a minikube that is stopped or paused, or make one", "启动已停止或已暂停的 minikube，或者新建一个"),
		Args:  p.maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			profile := cluster.ChoiceMinikube
			if len(args) == 1 {
				profile = args[0]
			}
			return p.clusterStart(cmd.Context(), profile)
		},
	}
}

// clusterStart brings a profile of minikube up. One that is not there yet is made
// after a yes.
func (p *Program) clusterStart(ctx context.Context, profile string) error {
	o := p.clusterOptions()
	profiles, err := cluster.Minikubes(ctx, o)
	if err != nil {
		return err
	}
	known := false
	for _, one := range profiles {
		known = known || one.Name == profile
	}
	if !known {
		ok, err := p.confirm(fmt.Sprintf(p.t("minikube has no profile %s. Make it? The first time this downloads about a gigabyte.",
			"minikube 没有名为 %s 的 profile。要新建吗？第一次会下载约 1 GB 的内容。"), lessons.Printable(profile)))
		if err != nil || !ok {
			return err
		}
	}
	if err := cluster.StartMinikube(ctx, o, profile, p.minikubeProgress()); err != nil {
		return err
	}
	if p.json() {
		return p.printJSON(map[string]any{"profile": profile, "running": true})
	}
	p.printf(p.t("minikube %s is running. `k8stutor cluster use %s` makes it the tutor's cluster.\n", "minikube %s 正在运行。`k8stutor cluster use %s` 会把它设为教程使用的集群。\n"), profile, profile)
	return nil
}

// minikubeProgress prints a line for each step of a start when it ends, and how
// far a download is whenever it has come ten percent further.
func (p *Program) minikubeProgress() func(cluster.Progress) {
	tenth, told := byte(0), ""
	return func(pr cluster.Progress) {
		if p.json() {
			return
		}
		title := pr.Title().In(p.lang)
		switch pr.State {
		case "done":
			p.notef("  ✓ %s %s\n", pad(title, 40), pr.Detail)
		case "failed":
			p.notef("  ✗ %s %s\n", pad(title, 40), pr.Detail)
		default:
			if n := len(pr.Detail); n > 1 && n < 5 && pr.Detail[n-1] == '%' && (pr.Stage != told || pr.Detail[0] != tenth) {
				tenth, told = pr.Detail[0], pr.Stage
				p.notef("    %s %s\n", title, pr.Detail)
			}
		}
	}
}

// lookAtMinikube tells which profiles minikube has and how each is. One that is
// not installed, or whose profiles do not run, keeps nobody from learning.
func (p *Program) lookAtMinikube(ctx context.Context) finding {
	f := finding{Name: "minikube", OK: true}
	o := p.clusterOptions()
	path, err := cluster.FindMinikube(o)
	if err != nil {
		f.Detail = p.t("not installed (not needed)", "未安装（不是必需的）")
		if !cluster.IsMinikubeMissing(err) {
			f.OK, f.Detail = false, err.Error()
			f.Hint = troubleOf(err).Hint.In(p.lang)
		}
		return f
	}
	f.Detail = path
	profiles, err := cluster.Minikubes(ctx, o)
	if err != nil {
		f.OK, f.Detail = false, err.Error()
		if t := troubleOf(err); t != nil {
			f.Hint = t.Hint.In(p.lang)
		}
		return f
	}
	if len(profiles) == 0 {
		f.Detail += p.t(": it has no profile yet", "：还没有 profile")
		f.Hint = minikube.NeverStarted(cluster.ChoiceMinikube).Hint.In(p.lang)
	}
	for _, one := range profiles {
		state := one.Trouble.In(p.lang)
		if state == "" {
			state = p.t("it is running", "正在运行")
		}
		f.Detail += fmt.Sprintf(p.t("; %s (%s, Kubernetes %s, nodes: %d): %s", "；%s（%s，Kubernetes %s，%d 个节点）：%s"), one.Name,
			cmp.Or(one.Driver, "?"), cmp.Or(one.Version, "?"), one.Nodes, state)
		if hint := one.Hint.In(p.lang); hint != "" {
			if f.Hint != "" {
				f.Hint += "\n"
			}
			f.Hint += hint
		}
	}
	return f
}
