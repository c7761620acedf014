package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// lookTime bounds the looking for clusters.
const lookTime = 15 * time.Second

func (p *Program) clusterCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cluster",
		Short: p.t("Say which cluster is used, and why; list, use NAME, start, needs, forget", "查看使用哪个集群、为什么；list、use NAME、start、needs、forget"),
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
	}, p.clusterForgetCmd(), p.clusterNeedsCmd())
	return cmd
}

type candidateJSON struct {
	Name    string     `json:"name"`
	Kind    string     `json:"provider"`
	Context string     `json:"context,omitempty"`
	Server  string     `json:"server,omitempty"`
	Engine  string     `json:"engine,omitempty"`
	User    string     `json:"user,omitempty"`
	Driver  string     `json:"driver,omitempty"`
	Version string     `json:"version,omitempty"`
	Nodes   int        `json:"nodes,omitempty"`
	Running bool       `json:"running"`
	State   string     `json:"state"`
	Shared  bool       `json:"shared"`
	Starts  bool       `json:"startable"`
	Note    string     `json:"note,omitempty"`
	Chosen  bool       `json:"chosen"`
	Why     string     `json:"why,omitempty"`
	Error   *errorJSON `json:"error,omitempty"`
}

func (p *Program) candidateJSON(c cluster.Candidate) candidateJSON {
	out := candidateJSON{Name: c.Name, Kind: string(c.Provider), Context: c.Context, Server: c.Server, Running: c.Running,
		Chosen: c.Chosen, Why: c.Why.In(p.lang)}
	seen := candidate(c)
	out.Engine, out.User, out.Driver, out.Version, out.Nodes = c.Engine, c.User, seen.Driver, seen.Version, seen.Nodes
	out.State, out.Shared, out.Starts, out.Note = string(seen.State), seen.Shared, seen.Startable, c.Note.In(p.lang)
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
	seen := candidate(c)
	nodes := ""
	if seen.Nodes > 0 {
		nodes = fmt.Sprint(seen.Nodes)
	}
	for _, fact := range [][2]string{
		{p.t("state: ", "状态："), tui.StateName(seen.State, p.lang)}, {p.t("driver: ", "驱动："), seen.Driver}, {p.t("version: ", "版本："), seen.Version},
		{p.t("nodes: ", "节点数："), nodes}, {p.t("server: ", "地址："), c.Server}, {p.t("user: ", "用户："), c.User}, {p.t("run by: ", "运行工具："), c.Engine},
	} {
		if fact[1] != "" {
			p.printf("  %s%s\n", fact[0], fact[1])
		}
	}
	if c.Note != nil {
		p.printf("  %s%s\n", p.t("note: ", "说明："), c.Note.In(p.lang))
	}
	if c.Problem != nil {
		p.printf("  %s%v\n", p.t("problem: ", "问题："), c.Problem)
		p.printf("  %s\n", c.Problem.Hint.In(p.lang))
	}
	p.printf("  %s%s\n", p.t("safe: ", "安全性："), p.safety(c))
}

// safety says why a cluster can be worked on without fear.
func (p *Program) safety(c cluster.Candidate) string {
	switch {
	case c.Provider == cluster.ProviderSandbox:
		return p.t("it is yours alone: 127.0.0.1 only, no root, no container engine, and `sandbox down --purge` forgets it",
			"它只属于你：只监听 127.0.0.1，不需要 root 和容器引擎，`sandbox down --purge` 会清除一切")
	case p.flags.readOnly:
		return p.t("--read-only is set: nothing is made, changed or deleted", "设置了 --read-only：不会创建、改动或删除任何东西")
	case isShared(c):
		return p.t("nothing is made there before you have seen what it would be and agreed; it stays in namespaces that start with k8stutor- and carry our label",
			"创建任何东西之前都会先列出来并请你同意；一切都在带有本教程标签、以 k8stutor- 开头的命名空间里")
	}
	return p.t("everything happens in namespaces that start with k8stutor- and carry our label; nothing else is ever changed or deleted",
		"所有操作都在带有本教程标签、以 k8stutor- 开头的命名空间里进行，不会改动或删除其他任何东西")
}

// clusterList lists what was found: aligned, each with its state in a word, and
// below it what to know of it and what mends it.
func (p *Program) clusterList(ctx context.Context) error {
	found := p.found(ctx)
	if p.json() {
		out := []candidateJSON{}
		for _, c := range found {
			out = append(out, p.candidateJSON(c))
		}
		return p.printJSON(out)
	}
	name := 10
	for _, c := range found {
		name = max(name, min(40, len(c.Name)))
	}
	for _, c := range found {
		sign := " "
		if c.Chosen {
			sign = "*"
		}
		seen := candidate(c)
		var facts []string
		if seen.Driver != "" {
			facts = append(facts, seen.Driver)
		}
		if seen.Version != "" {
			facts = append(facts, seen.Version)
		}
		if seen.Nodes > 0 {
			facts = append(facts, fmt.Sprintf(p.t("nodes: %d", "节点：%d"), seen.Nodes))
		}
		if c.Server != "" {
			facts = append(facts, c.Server)
		}
		kind := string(c.Provider)
		if c.Engine != "" {
			kind = c.Engine
		}
		p.printf("%s %s %s %s %s\n", sign, pad(c.Name, name), pad(kind, 9), pad(tui.StateName(seen.State, p.lang), 13), strings.Join(facts, "  "))
		if c.Chosen {
			p.printf("    %s\n", c.Why.In(p.lang))
		}
		switch {
		case c.Note != nil && c.Problem == nil:
			p.printf("%s", p.indented(c.Note.In(p.lang), 4))
		case c.Problem != nil:
			p.printf("    %v\n", c.Problem.Err)
			p.printf("%s", p.indented(c.Problem.Hint.In(p.lang), 4))
		}
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
