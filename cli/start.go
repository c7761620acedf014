package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

// startTime bounds start: the cluster may have to be started first.
const startTime = 3 * time.Minute

func (p *Program) startCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "start LESSON",
		Short:             p.t("Make the workspace of a lesson and begin its exercise", "准备一课的工作区，开始练习"),
		Args:              p.rangeArgs(1, 1),
		ValidArgsFunction: p.completeLesson,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := p.lesson(args[0])
			if err != nil {
				return err
			}
			return p.start(cmd.Context(), l)
		},
	}
}

func (p *Program) start(ctx context.Context, l *lessons.Lesson) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	store, err := p.progressStore()
	if err != nil {
		return err
	}
	c, err := p.openCluster(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	l = l.For(c.Info().Version)
	p.remember(store, l)
	rep, err := lessons.NewExercise(l, c, store, p.Now).Check(ctx)
	if err != nil {
		return err
	}
	kubeconfig, err := c.WriteKubeconfig(rep.Workspace)
	if err != nil {
		return err
	}
	files, err := p.files().LayAll(l)
	if err != nil {
		p.notef("%v\n", err)
	}
	if p.json() {
		out := map[string]any{"lesson": l.ID, "cluster": c.Info().Name, "server": c.Info().Server,
			"namespace": rep.Workspace.Namespace, "kubeconfig": kubeconfig, "current": rep.Current}
		if files != "" {
			out["files"] = files
		}
		return p.printJSON(out)
	}
	p.printf(p.t("Lesson %s on %s, namespace %s.\n", "%s：集群 %s，命名空间 %s。\n"), l.Title.In(p.lang), c.Info().Name, rep.Workspace.Namespace)
	p.printf("%s\n", p.t("In this terminal:  eval \"$(k8stutor env)\"   then kubectl works in that namespace", "在当前终端里执行  eval \"$(k8stutor env)\"  之后，kubectl 就在这个命名空间里工作"))
	p.printf("%s\n", p.t("Or without it:     k8stutor kubectl get pods", "也可以不设置，直接用  k8stutor kubectl get pods"))
	p.printf("%s\n", p.t("Then:              k8stutor check "+l.ID+" --wait 30s", "做完之后：k8stutor check "+l.ID+" --wait 30s"))
	if files != "" {
		p.printf(p.t("Your files:        %[1]s   (k8stutor edit %[2]s opens them)\n", "要编辑的文件在 %[1]s，也可以用  k8stutor edit %[2]s  打开\n"), files, l.ID)
	}
	if step, ok := l.Step(rep.Current); ok {
		p.printf("\n%s (%s)\n%s", step.Title.In(p.lang), step.ID, p.indented(step.Task().In(p.lang), 2))
	}
	return nil
}
