package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

func (p *Program) answerCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "answer LESSON STEP ANSWER...",
		Short: p.t("Answer an ask step or a quiz question, or foretell a predict step", "回答提问步骤或测验题，或给出预测步骤的预测"),
		Long: p.t("Answer a step that asks (judged on the live cluster) or a question of the quiz: a letter, letters in order, true or false, or a command line.\nOf a predict step it says what you think will happen; that is compared when the step's state is reached.",
			"回答提问步骤（按集群此刻的状态判定）或测验题：选项字母、按顺序的字母、true/false，或一条命令。\n对预测步骤，则是说出你认为会发生什么；到达该步骤的状态时再对照结果。"),
		Args:               p.rangeArgs(2, 1000),
		ValidArgsFunction:  p.completeLesson,
		DisableFlagParsing: false,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := p.lesson(args[0])
			if err != nil {
				return err
			}
			answer := strings.Join(args[2:], " ")
			if q, ok := l.Question(args[1]); ok {
				return p.answerQuestion(l, q, answer)
			}
			var ids []string
			for _, q := range l.Questions {
				ids = append(ids, q.ID)
			}
			for _, s := range l.Steps {
				if s.Answered() {
					ids = append(ids, s.ID)
				}
			}
			step, ok := l.Step(args[1])
			if !ok {
				return usage(p.offer(args[1], ids, p.t("Can be answered: ", "可以回答的有：")+strings.Join(ids, ", ")),
					p.t("lesson %s has no step or question %q", "%s 这一课没有步骤或题目 %q"), l.ID, args[1])
			}
			if !step.Answered() {
				return usage(p.t("`k8stutor check ", "`k8stutor check ")+l.ID+p.t("` judges it.", "` 用来检查它。"),
					p.t("step %s asks for a state of the cluster, not for an answer", "步骤 %s 要求的是集群状态，不是回答"), step.ID)
			}
			return p.answerStep(cmd.Context(), l, step, answer)
		},
	}
}

func (p *Program) answerStep(ctx context.Context, l *lessons.Lesson, step *lessons.Step, answer string) error {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	ex, done, err := p.exercise(ctx, l)
	if err != nil {
		return err
	}
	defer done()
	rep, err := ex.Answer(ctx, step.ID, answer)
	if err != nil {
		return err
	}
	res, _ := rep.Step(step.ID)
	if p.json() {
		if err := p.printJSON(p.stepJSON(l, res)); err != nil {
			return err
		}
		return answered(res, answer)
	}
	sign, word := p.mark(res.Verdict)
	p.printf("%s %s\n", sign, word)
	if step.Kind == lessons.Predict {
		p.printPrediction(l, res, 2)
	}
	if d := res.Diagnosis.In(p.lang); d != "" {
		p.printf("%s", p.indented(d, 2))
	}
	if res.Verdict == lessons.Pass {
		p.printf("\n%s", p.indented(step.Done.In(p.lang), 2))
	}
	return answered(res, answer)
}

// answered is the outcome of the command: that of the step, and done when a
// prediction was taken, whose step is passed only later.
func answered(res lessons.StepResult, answer string) error {
	if pr := res.Prediction; pr != nil && strings.EqualFold(pr.Said, strings.TrimSpace(answer)) {
		return nil
	}
	return outcome(res.Verdict)
}
