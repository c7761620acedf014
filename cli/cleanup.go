package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

// cleanupTime bounds the deletion of all workspaces.
const cleanupTime = 5 * time.Minute

func (p *Program) cleanupCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "cleanup",
		Short: p.t("Remove every trace from the cluster, listing it first", "清除教程在集群里留下的一切（先列出）"),
		Args:  p.maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.cleanup(cmd.Context())
		},
	}
}

func (p *Program) cleanup(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, cleanupTime)
	defer cancel()
	c, err := p.openCluster(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	all, err := c.Workspaces(ctx)
	if err != nil {
		return err
	}
	names := []string{}
	for _, ws := range all {
		names = append(names, ws.Namespace)
	}
	if len(all) == 0 {
		if p.json() {
			return p.printJSON(map[string]any{"cluster": c.Info().Name, "removed": names})
		}
		p.printf(p.t("Nothing of k8stutor's is on %s.\n", "%s 上没有教程留下的东西。\n"), c.Info().Name)
		return nil
	}
	if !p.json() {
		p.printf(p.t("On %s these namespaces are k8stutor's:\n", "%s 上属于教程的命名空间：\n"), c.Info().Name)
		for _, name := range names {
			p.printf("  %s\n", name)
		}
	}
	ok, err := p.confirm(p.t("Delete them with everything in them?", "删除它们以及里面的所有对象？"))
	if err != nil || !ok {
		return err
	}
	if _, err := c.Cleanup(ctx); err != nil {
		return err
	}
	if p.json() {
		return p.printJSON(map[string]any{"cluster": c.Info().Name, "removed": names})
	}
	p.printf("%s\n", p.t("Gone.", "已清除。"))
	return nil
}
