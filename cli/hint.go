package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

func (p *Program) hintCmd() *cobra.Command {
	all := false
	cmd := &cobra.Command{
		Use:               "hint LESSON [STEP]",
		Short:             p.t("Print the next hint for a step", "打印某一步的下一条提示"),
		Args:              p.rangeArgs(1, 2),
		ValidArgsFunction: p.completeLesson,
		RunE: func(_ *cobra.Command, args []string) error {
			l, step, store, err := p.lessonStep(args)
			if err != nil {
				return err
			}
			return p.hint(l, step, store, all)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, p.t("print every hint", "打印所有提示"))
	return cmd
}

// lessonStep finds the lesson and step that the arguments name; without a step
// it is the one the learner is at.
func (p *Program) lessonStep(args []string) (*lessons.Lesson, *lessons.Step, *lessons.Store, error) {
	l, err := p.lesson(args[0])
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := p.progressStore()
	if err != nil {
		return nil, nil, nil, err
	}
	if len(args) < 2 {
		return l, p.current(l, store), store, nil
	}
	step, err := p.step(l, args[1])
	return l, step, store, err
}

// hint prints one more hint of a step each time it is called.
func (p *Program) hint(l *lessons.Lesson, step *lessons.Step, store *lessons.Store, all bool) error {
	shown := len(step.Hints)
	if !all {
		shown = min(p.hintsShown(store, l, step)+1, len(step.Hints))
		err := store.Update(func(pr *lessons.Progress) {
			pr.Lesson(l.ID).Hints[step.ID] = shown
		})
		if err != nil {
			p.notef("%s: %v\n", p.t("Progress could not be saved", "进度无法保存"), err)
		}
	}
	if p.json() {
		hints := []string{}
		for _, h := range step.Hints[:shown] {
			hints = append(hints, h.In(p.lang))
		}
		return p.printJSON(map[string]any{"lesson": l.ID, "step": step.ID, "hints": hints, "total": len(step.Hints)})
	}
	p.printf("%s\n", step.Title.In(p.lang))
	for i, h := range step.Hints[:shown] {
		p.printf("\n%s %d/%d\n%s", p.t("Hint", "提示"), i+1, len(step.Hints), p.indented(h.In(p.lang), 2))
	}
	if shown < len(step.Hints) {
		p.printf("\n%s\n", p.t("Again for one more: k8stutor hint ", "再看一条：k8stutor hint ")+l.ID+" "+step.ID)
	} else {
		p.printf("\n%s\n", p.t("That was hint "+strconv.Itoa(shown)+", the last. The solution: k8stutor solve ",
			"这是最后一条提示。看答案：k8stutor solve ")+l.ID+" "+step.ID)
	}
	return nil
}

func (p *Program) hintsShown(store *lessons.Store, l *lessons.Lesson, step *lessons.Step) int {
	if lp := store.Progress().Lessons[l.ID]; lp != nil {
		return lp.Hints[step.ID]
	}
	return 0
}
