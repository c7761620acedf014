package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// cleanupTime bounds the deletion of all workspaces.
const cleanupTime = 5 * time.Minute

func (p *Program) cleanupCmd() *cobra.Command {
	all := false
	cmd := &cobra.Command{
		Use:   "cleanup",
		Short: p.t("Remove every trace from the cluster, listing it first", "清除教程在集群里留下的一切（先列出）"),
		Long: p.t("List what k8stutor made on the cluster, ask, remove it, and ask the cluster again whether anything is left: namespaces, and objects outside of namespaces. What other learners have there stays, unless --all is given.",
			"列出 k8stutor 在集群上创建的一切，确认后删除，然后再向集群核实是否还有残留，包括命名空间和不属于命名空间的对象。其他学习者的内容会保留，除非加上 --all。"),
		Args: p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.cleanup(cmd.Context(), all)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, p.t("what other learners have there as well", "连同其他学习者的内容一起清除"))
	return cmd
}

func (p *Program) cleanup(ctx context.Context, all bool) error {
	ctx, cancel := context.WithTimeout(ctx, cleanupTime)
	defer cancel()
	c, err := p.openCluster(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	found, err := c.Traces(ctx)
	if err != nil {
		return err
	}
	var going, others []cluster.Trace
	for _, t := range found {
		if t.Mine || all {
			going = append(going, t)
		} else {
			others = append(others, t)
		}
	}
	if !p.json() {
		p.listTraces(c.Info().Name, going, others)
	}
	if len(going) == 0 {
		return p.cleaned(c, nil, nil, others)
	}
	ok, err := p.confirm(p.t("Delete them with everything in them?", "删除它们以及里面的所有对象？"))
	if err != nil || !ok {
		return err
	}
	left, err := c.Sweep(ctx, going)
	if err != nil {
		return err
	}
	return p.cleaned(c, going, left, others)
}

// listTraces prints what is going to be deleted, and what is not.
func (p *Program) listTraces(name string, going, others []cluster.Trace) {
	if len(going) > 0 {
		p.printf(p.t("On %s this is k8stutor's:\n", "%s 上属于教程的内容：\n"), name)
	}
	for _, t := range going {
		p.printf("  %s\n", p.traceLine(t))
	}
	if len(others) == 0 {
		return
	}
	p.printf("%s\n", p.t("Of other learners; it stays (--all removes it too):", "属于其他学习者，会保留（加 --all 一并清除）："))
	for _, t := range others {
		p.printf("  %s\n", p.traceLine(t))
	}
}

// traceLine says in a line what a trace is and what is in it.
func (p *Program) traceLine(t cluster.Trace) string {
	if t.For != "" {
		return fmt.Sprintf(p.t("%s, made for %s", "%s，为 %s 创建"), t.Ref, t.For)
	}
	var holds []string
	for _, n := range t.Holds {
		holds = append(holds, fmt.Sprintf("%d %s", n.N, n.Kind))
	}
	line := t.Ref.Name + p.t(": ", "：")
	if len(holds) == 0 {
		line += p.t("empty", "空")
	} else {
		line += strings.Join(holds, p.t(", ", "、"))
	}
	if t.Ending {
		line += p.t(" (being deleted)", "（正在删除）")
	}
	return line
}

// cleaned says what is left, as the cluster said when it was asked anew.
func (p *Program) cleaned(c *cluster.Cluster, going []cluster.Trace, left []cluster.Leftover, others []cluster.Trace) error {
	remains := map[lessons.Ref]bool{}
	for _, l := range left {
		remains[l.Ref] = true
	}
	if p.json() {
		removed, still, kept := []string{}, []map[string]any{}, []string{}
		for _, t := range going {
			if !remains[t.Ref] {
				removed = append(removed, traceName(t))
			}
		}
		for _, l := range left {
			still = append(still, map[string]any{"name": traceName(l.Trace), "error": p.errorJSON(troubleOf(l.Why))})
		}
		for _, t := range others {
			kept = append(kept, traceName(t))
		}
		if err := p.printJSON(map[string]any{"cluster": c.Info().Name, "removed": removed, "left": still, "others": kept}); err != nil {
			return err
		}
		if len(left) > 0 {
			return errCannotTell
		}
		return nil
	}
	switch {
	case len(left) > 0:
		p.notef("%s\n", p.t("Not everything is gone:", "没有全部清除："))
		for _, l := range left {
			trouble := troubleOf(l.Why)
			p.notef("  %s: %v\n%s", traceName(l.Trace), trouble.Err, p.indented(trouble.Hint.In(p.lang), 4))
		}
		return errCannotTell
	case len(going) > 0:
		p.printf(p.t("Gone. Asked again, %s has no namespace and no other object of yours from k8stutor.\n", "已清除。再次核实：%s 上没有任何属于你的教程命名空间或其他对象了。\n"), c.Info().Name)
	case len(others) == 0:
		p.printf(p.t("Nothing of k8stutor's is on %s.\n", "%s 上没有教程留下的东西。\n"), c.Info().Name)
	default:
		p.printf(p.t("Nothing of yours is on %s.\n", "%s 上没有属于你的内容。\n"), c.Info().Name)
	}
	return nil
}

// traceName names a trace as scripts know it: a namespace by its name alone.
func traceName(t cluster.Trace) string {
	if t.For != "" {
		return t.Ref.String()
	}
	return t.Ref.Name
}
