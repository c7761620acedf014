package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// lookTime bounds the looking for clusters.
const lookTime = 15 * time.Second

func (p *Program) clusterCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cluster",
		Short: p.t("Say which cluster is used, and why; list, use NAME, start", "查看使用哪个集群、为什么；list、use NAME、start"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.clusterNow(cmd.Context())
		},
	}
	cmd.AddCommand(p.clusterStartCmd(), &cobra.Command{
		Use:   "list",
		Short: p.t("List the clusters that were found", "列出找到的集群"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.clusterList(cmd.Context())
		},
	}, &cobra.Command{
		Use:   "use NAME",
		Short: p.t("Use a cluster from now on: auto, sandbox, minikube, or a context", "以后使用指定的集群：auto、sandbox、minikube 或 context 名"),
		Args:  p.rangeArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.clusterUse(cmd.Context(), args[0])
		},
	})
	return cmd
}

type candidateJSON struct {
	Name    string     `json:"name"`
	Kind    string     `json:"provider"`
	Context string     `json:"context,omitempty"`
	Server  string     `json:"server,omitempty"`
	Running bool       `json:"running"`
	Chosen  bool       `json:"chosen"`
	Why     string     `json:"why,omitempty"`
	Error   *errorJSON `json:"error,omitempty"`
}

func (p *Program) candidateJSON(c cluster.Candidate) candidateJSON {
	out := candidateJSON{Name: c.Name, Kind: string(c.Provider), Context: c.Context, Server: c.Server, Running: c.Running,
		Chosen: c.Chosen, Why: c.Why.In(p.lang)}
	if c.Problem != nil {
		out.Error = p.errorJSON(c.Problem)
	}
	return out
}

func (p *Program) found(ctx context.Context) []cluster.Candidate {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return cluster.Found(ctx, p.clusterOptions())
}

// clusterNow says which cluster is chosen; it starts nothing.
func (p *Program) clusterNow(ctx context.Context) error {
	o := p.clusterOptions()
	for _, c := range p.found(ctx) {
		if !c.Chosen {
			continue
		}
		if p.json() {
			return p.printJSON(p.candidateJSON(c))
		}
		p.printf("%s: %s\n", c.Name, c.Why.In(p.lang))
		p.printCandidate(c)
		return nil
	}
	return usage(p.t("`k8stutor cluster list` shows what there is; `k8stutor cluster use auto` lets the tutor choose.",
		"`k8stutor cluster list` 列出可用的集群；`k8stutor cluster use auto` 由教程自动选择。"),
		p.t("the chosen cluster %q was not found", "没有找到选定的集群 %q"), o.Choice)
}

func (p *Program) printCandidate(c cluster.Candidate) {
	if c.Server != "" {
		p.printf("  %s%s\n", p.t("server: ", "地址："), c.Server)
	}
	if c.Problem != nil {
		p.printf("  %s%v\n", p.t("problem: ", "问题："), c.Problem)
		p.printf("  %s\n", c.Problem.Hint.In(p.lang))
	}
	safe := p.t("everything happens in namespaces that start with k8stutor- and carry our label; nothing else is ever changed or deleted",
		"所有操作都在带有本教程标签、以 k8stutor- 开头的命名空间里进行，不会改动或删除其他任何东西")
	if c.Provider == cluster.ProviderSandbox {
		safe = p.t("it is yours alone: 127.0.0.1 only, no root, no container engine, and `sandbox down --purge` forgets it",
			"它只属于你：只监听 127.0.0.1，不需要 root 和容器引擎，`sandbox down --purge` 会清除一切")
	}
	p.printf("  %s%s\n", p.t("safe: ", "安全性："), safe)
}

func (p *Program) clusterList(ctx context.Context) error {
	found := p.found(ctx)
	if p.json() {
		out := []candidateJSON{}
		for _, c := range found {
			out = append(out, p.candidateJSON(c))
		}
		return p.printJSON(out)
	}
	for _, c := range found {
		sign := " "
		if c.Chosen {
			sign = "*"
		}
		state := ""
		switch {
		case c.Note != nil && !c.Running:
			state = c.Note.In(p.lang)
		case c.Problem != nil:
			state = c.Problem.Err.Error()
		case c.Running:
			state = p.t("running", "运行中")
		case c.Provider != cluster.ProviderExisting:
			state = p.t("stopped", "已停止")
		}
		p.printf("%s %s %s %s %s\n", sign, pad(c.Name, 20), pad(string(c.Provider), 9), pad(c.Server, 28), state)
	}
	return nil
}

func (p *Program) clusterUse(ctx context.Context, name string) error {
	p.flags.cluster = name
	known := name == "auto"
	names := []string{"auto"}
	for _, c := range p.found(ctx) {
		names = append(names, c.Name)
		known = known || c.Name == name
	}
	if !known && name != "minikube" {
		return usage(p.offer(name, names, p.t("`k8stutor cluster list` shows what there is.", "`k8stutor cluster list` 列出可用的集群。")),
			p.t("there is no cluster %q", "没有叫 %q 的集群"), name)
	}
	store, err := p.progressStore()
	if err != nil {
		return err
	}
	if err := store.Update(func(pr *lessons.Progress) { pr.Cluster = name }); err != nil {
		return err
	}
	if !p.json() {
		p.printf(p.t("From now on: %s\n", "以后使用：%s\n"), name)
	}
	return nil
}
