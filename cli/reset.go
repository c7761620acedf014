package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

// resetTime bounds the deletion of a workspace.
const resetTime = 2 * time.Minute

func (p *Program) resetCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "reset LESSON [STEP]",
		Short: p.t("Start an exercise, or from one of its steps, anew", "重做整个练习，或从某一步开始重做"),
		Long: p.t("Without STEP the workspace is deleted with everything in it and made again. With STEP that step and the later ones are forgotten and what was made for them is deleted.",
			"不写 STEP：删除整个工作区并重新创建。写 STEP：该步骤及之后的步骤重新开始，为它们创建的对象会被删除。"),
		Args:              p.rangeArgs(1, 2),
		ValidArgsFunction: p.completeLesson,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := p.lesson(args[0])
			if err != nil {
				return err
			}
			id := ""
			if len(args) == 2 {
				step, err := p.step(l, args[1])
				if err != nil {
					return err
				}
				id = step.ID
			}
			return p.reset(cmd.Context(), l, id)
		},
	}
}

func (p *Program) reset(ctx context.Context, l *lessons.Lesson, step string) error {
	if step == "" {
		ok, err := p.confirm(p.t("Delete the workspace of lesson "+l.ID+" with everything in it?", "删除 "+l.ID+" 的工作区和里面的所有对象？"))
		if err != nil || !ok {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, resetTime)
	defer cancel()
	ex, done, err := p.exercise(ctx, l)
	if err != nil {
		return err
	}
	defer done()
	if err := ex.Reset(ctx, step); err != nil {
		return err
	}
	kept, err := p.files().Reset(l, step)
	for _, path := range kept {
		p.notef("%s%s\n", p.t("Your file is kept: ", "原来的文件已保留："), path)
	}
	if err != nil {
		return err
	}
	rep, err := ex.Check(ctx)
	if err != nil {
		return err
	}
	if p.json() {
		return p.printJSON(p.reportJSON(l, rep))
	}
	p.printf("%s\n", p.t("Made anew.", "已重置。"))
	return nil
}
