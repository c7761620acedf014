package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// openFor opens the cluster for the exercise of a lesson. On one that is not the
// learner's alone it says first what would be made there, and asks.
func (p *Program) openFor(ctx context.Context, l *lessons.Lesson) (*cluster.Cluster, error) {
	c, err := p.openCluster(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.agree(ctx, c, l); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// agree returns nil when the exercise of a lesson may begin on a cluster.
func (p *Program) agree(ctx context.Context, c *cluster.Cluster, l *lessons.Lesson) error {
	if err := c.Admit(ctx, l); err != nil || !c.Unapproved() {
		return err
	}
	terms, err := c.Terms(ctx, l)
	if err != nil {
		return err
	}
	p.noteTerms(terms)
	op := "begin the lesson " + l.ID
	if terms.Refused != nil {
		return &lessons.ClusterError{Trouble: lessons.Guarded, Op: op, Server: terms.Server,
			Err: errors.New("it cannot be done here"), Hint: terms.Refused}
	}
	unasked := &lessons.ClusterError{Trouble: lessons.Unapproved, Op: op, Server: terms.Server,
		Err: errors.New("nothing was made: you have to agree first"),
		Hint: lessons.Text{
			lessons.English: "Add --yes to agree to what is listed above, or use the sandbox: k8stutor --cluster sandbox",
			lessons.Chinese: "加 --yes 表示同意上面列出的内容，或者使用沙箱：k8stutor --cluster sandbox",
		}}
	if !p.flags.yes && !p.InTerminal {
		return unasked
	}
	ok, err := p.confirm(p.t("May k8stutor make this on the cluster? It asks once for each cluster.", "允许 k8stutor 在这个集群上创建这些内容吗？每个集群只问一次。"))
	if err != nil {
		return err
	}
	if !ok {
		return unasked
	}
	if err := c.Approve(); err != nil {
		p.notef("%v\n", err)
	}
	return nil
}

// noteTerms writes what a learner is asked to agree to.
func (p *Program) noteTerms(t lessons.Terms) {
	p.notef(p.t("The cluster of context %s is not known to be yours alone.\n", "上下文 %s 的集群可能不只你一个人在用。\n"), t.Context)
	p.notef("  %s%s\n", p.t("server:    ", "地址：    "), t.Server)
	if t.User != "" {
		p.notef("  %s%s\n", p.t("you are:   ", "你的身份："), t.User)
	}
	p.notef("  %s%s\n", p.t("namespace: ", "命名空间："), t.Namespace)
	p.notef("  %s\n", p.t("made there:", "将会创建："))
	for _, what := range t.Makes {
		p.notef("    - %s\n", what.In(p.lang))
	}
	if len(t.Lacks) > 0 {
		p.notef("  %s\n", p.t("you may not do there, though the lesson wants it:", "这一课需要、但你没有的权限："))
		for _, what := range t.Lacks {
			p.notef("    - %s\n", what)
		}
	}
}

type approvedJSON struct {
	Name   string `json:"name"`
	Server string `json:"server"`
	UID    string `json:"uid"`
}

func (p *Program) clusterForgetCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "forget [NAME]",
		Short: p.t("Take back that k8stutor may work on a cluster; without NAME, on all", "收回允许 k8stutor 使用某个集群的许可；不写 NAME 则收回全部"),
		Long: p.t("k8stutor asks before it makes anything on a cluster that is not known to be yours alone, and remembers the answer. This forgets it, so that it asks again. Nothing on the cluster is changed; `k8stutor cleanup` does that.",
			"在可能不只你一个人使用的集群上，k8stutor 会先询问再创建，并记住你的回答。此命令忘掉该回答，下次会重新询问。集群上的内容不受影响，清除请用 `k8stutor cleanup`。"),
		Args: p.maxArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := ""
			if len(args) == 1 {
				name = args[0]
			}
			return p.clusterForget(name)
		},
	}
}

func (p *Program) clusterForget(name string) error {
	gone, err := cluster.Forget(p.clusterOptions(), name)
	if err != nil {
		return err
	}
	if p.json() {
		out := []approvedJSON{}
		for _, a := range gone {
			out = append(out, approvedJSON{a.Name, a.Server, a.UID})
		}
		return p.printJSON(map[string]any{"forgotten": out})
	}
	if len(gone) == 0 && name != "" {
		var names []string
		for _, a := range cluster.Approvals(p.clusterOptions()) {
			names = append(names, a.Name)
		}
		return usage(p.offer(name, names, p.t("Without a name all are forgotten.", "不写名字则全部忘掉。")),
			p.t("you have not agreed to a cluster %q", "没有对集群 %q 的许可"), name)
	}
	for _, a := range gone {
		p.printf("%s\n", fmt.Sprintf(p.t("Forgotten: %s (%s)", "已忘掉：%s（%s）"), a.Name, a.Server))
	}
	if len(gone) == 0 {
		p.printf("%s\n", p.t("There was nothing to forget.", "没有需要忘掉的许可。"))
	}
	return nil
}
