package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

func (p *Program) solveCmd() *cobra.Command {
	run := false
	cmd := &cobra.Command{
		Use:   "solve LESSON [STEP]",
		Short: p.t("Print the solution of a step; --run carries it out", "打印某一步的答案；--run 会执行它"),
		Long: p.t("Print the commands that solve a step. With --run they are carried out with the built-in kubectl, in the lesson's namespace, after asking.",
			"打印解决某一步的命令。加 --run 会在确认后用内置 kubectl 在本课的命名空间里执行。"),
		Args:              p.rangeArgs(1, 2),
		ValidArgsFunction: p.completeLesson,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, step, _, err := p.lessonStep(args)
			if err != nil {
				return err
			}
			if p.json() && !run {
				return p.printJSON(map[string]any{"lesson": l.ID, "step": step.ID, "solution": step.Solution})
			}
			for _, line := range step.Solution {
				p.printf("%s\n", line)
			}
			if !run {
				return nil
			}
			return p.runSolution(cmd.Context(), l, step)
		},
	}
	cmd.Flags().BoolVar(&run, "run", false, p.t("carry it out", "执行答案"))
	return cmd
}

// runSolution runs the solution's lines, after asking. Only plain kubectl
// commands are run, and only those that stay in the workspace: nothing that a
// course contains reaches a shell. For somebody else's course a person must say
// yes; --yes, which a script may have set for other reasons, is not enough.
func (p *Program) runSolution(ctx context.Context, l *lessons.Lesson, step *lessons.Step) error {
	if p.flags.readOnly {
		return usage(p.t("Leave --read-only out to have it run.", "要执行答案，请去掉 --read-only。"),
			"%s", p.t("a solution changes the cluster, and --read-only is set", "执行答案会改动集群，而现在设置了 --read-only"))
	}
	var lines [][]string
	for _, line := range step.Solution {
		words, err := plainKubectl(line, l.Foreign())
		if err != nil {
			return usage(p.t("Read it, and copy it into your shell if it is what you want.", "请先读懂它，确认无误后再复制到自己的 shell 里执行。"),
				p.t("this solution is not run for you: %s: %w", "这个答案不会自动执行：%s：%w"), line, err)
		}
		lines = append(lines, words)
	}
	ask := p.confirm
	if l.Foreign() {
		ask = p.confirmInPerson
	}
	ok, err := ask(p.t("Run this in the workspace of lesson "+l.ID+"?", "在 "+l.ID+" 的工作区里执行？"))
	if err != nil || !ok {
		return err
	}
	if err := p.workspaceReady(ctx, l); err != nil {
		return err
	}
	for _, words := range lines {
		if err := p.kubectl(ctx, words); err != nil {
			return err
		}
	}
	return nil
}

// workspaceReady points the tutor's kubeconfig at the lesson's workspace.
func (p *Program) workspaceReady(ctx context.Context, l *lessons.Lesson) error {
	c, err := p.openFor(ctx, l)
	if err != nil {
		return err
	}
	defer c.Close()
	ws, err := c.Prepare(ctx, l.ID)
	if err != nil {
		return err
	}
	_, err = c.WriteKubeconfig(ws)
	return err
}
