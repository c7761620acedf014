package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

// defaultWait is how long check gives the cluster to react to what was done a
// moment ago.
const defaultWait = time.Second

func (p *Program) checkCmd() *cobra.Command {
	wait := defaultWait
	cmd := &cobra.Command{
		Use:   "check [LESSON [STEP]]",
		Short: p.t("Judge the exercise now", "立即检查练习"),
		Long: p.t("Judge the exercise: what is expected, what was found, and why it is not right yet.\nExit code 0: passed, 1: not yet, 3: cannot tell.",
			"检查练习：期望什么、实际是什么、为什么还不对。\n退出码 0 通过，1 未完成，3 无法判定。"),
		Args:              p.maxArgs(2),
		ValidArgsFunction: p.completeLesson,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := p.lessonOrCurrent(args)
			if err != nil {
				return err
			}
			var only *lessons.Step
			if len(args) == 2 {
				if only, err = p.step(l, args[1]); err != nil {
					return err
				}
			}
			return p.check(cmd.Context(), l, only, wait)
		},
	}
	cmd.Flags().DurationVar(&wait, "wait", wait, p.t("follow the cluster until the step (the next one, if none is named) is passed or this time is up", "跟踪集群，直到该步骤（不指定时为下一步）通过，或超过该时长"))
	return cmd
}

func (p *Program) check(ctx context.Context, l *lessons.Lesson, only *lessons.Step, wait time.Duration) error {
	ex, done, err := p.exercise(ctx, l)
	var rep lessons.Report
	if err == nil {
		defer done()
		rep, err = p.follow(ctx, ex, p.goal(l, only), wait)
	}
	var trouble *lessons.ClusterError
	if errors.As(err, &trouble) && p.json() {
		if perr := p.printJSON(p.reportJSON(l, unjudged(l, trouble))); perr != nil {
			return perr
		}
		return errCannotTell
	}
	if err != nil {
		return err
	}
	verdict := verdictOf(rep, only)
	if p.json() {
		if err := p.printJSON(p.reportJSON(l, rep)); err != nil {
			return err
		}
	} else {
		p.printReport(l, rep, only)
	}
	return outcome(verdict)
}

// goal is the step that is waited for: the one that was named, else the first
// that was never passed; nil, which means all of them, when there is none.
func (p *Program) goal(l *lessons.Lesson, only *lessons.Step) *lessons.Step {
	if only != nil {
		return only
	}
	store, err := p.progressStore()
	if err != nil {
		return nil
	}
	if s := p.current(l, store); !p.passed(l, s, store) {
		return s
	}
	return nil
}

// follow judges until the step that is waited for, or all, are passed or time is up. What is
// still being settled at that time, such as a state that must be held, is
// waited for.
func (p *Program) follow(ctx context.Context, ex *lessons.Exercise, goal *lessons.Step, wait time.Duration) (lessons.Report, error) {
	ctx, stop := context.WithTimeout(ctx, wait+settleTime)
	defer stop()
	var (
		mu   sync.Mutex
		last lessons.Report
		over bool // time is up
	)
	look := func(change func()) {
		mu.Lock()
		defer mu.Unlock()
		change()
		if last.Lesson != "" && last.Settled() && (over || verdictOf(last, goal) == lessons.Pass) {
			stop()
		}
	}
	timer := time.AfterFunc(wait, func() { look(func() { over = true }) })
	defer timer.Stop()
	err := ex.Run(ctx, func(r lessons.Report) { look(func() { last = r }) })
	mu.Lock()
	defer mu.Unlock()
	if err == nil && last.Lesson == "" {
		err = &lessons.ClusterError{Trouble: lessons.TimedOut, Op: p.t("judge the exercise", "检查练习"),
			Err: fmt.Errorf("%s", p.t("no answer within the time", "在时限内没有得到应答"))}
	}
	return last, err
}

// unjudged is the report when there was no cluster to judge on.
func unjudged(l *lessons.Lesson, trouble *lessons.ClusterError) lessons.Report {
	rep := lessons.Report{Lesson: l.ID, Verdict: lessons.CannotTell}
	for _, s := range l.Steps {
		rep.Steps = append(rep.Steps, lessons.StepResult{ID: s.ID, Verdict: lessons.CannotTell, Trouble: trouble, Diagnosis: trouble.Sentence()})
	}
	return rep
}

func verdictOf(rep lessons.Report, only *lessons.Step) lessons.Verdict {
	if only == nil {
		return rep.Verdict
	}
	if res, ok := rep.Step(only.ID); ok {
		return res.Verdict
	}
	return lessons.CannotTell
}

func outcome(v lessons.Verdict) error {
	switch v {
	case lessons.Pass:
		return nil
	case lessons.NotYet:
		return errNotYet
	}
	return errCannotTell
}

// printReport prints the verdict of each step, and in full where it stands.
func (p *Program) printReport(l *lessons.Lesson, rep lessons.Report, only *lessons.Step) {
	if n := rep.Notice.In(p.lang); n != "" {
		p.notef("%s\n", n)
	}
	for i, res := range rep.Steps {
		if only != nil && res.ID != only.ID {
			continue
		}
		step, _ := l.Step(res.ID)
		sign, word := p.mark(res.Verdict)
		if res.Verdict == lessons.NotYet && !res.Begun && res.ID != rep.Current {
			word = p.t("later", "稍后")
		}
		p.printf("%s %d. %s (%s): %s\n", sign, i+1, step.Title.In(p.lang), res.ID, word)
		if res.Regressed {
			p.printf("    %s\n", p.t("It was passed before; something has changed since.", "之前通过过，后来状态变了。"))
			if broke := res.Broke.In(p.lang); broke != "" {
				p.printf("%s", p.indented(broke, 4))
			}
		}
		if pr := res.Prediction; pr != nil && pr.Known {
			p.printPrediction(l, res, 4)
		}
		if res.Verdict != lessons.Pass && (res.Begun || res.ID == rep.Current) {
			p.printStep(res, step.Kind != lessons.Repair || p.hinted(l, step))
		}
	}
	if rep.Verdict == lessons.Pass && only == nil {
		p.printf("\n%s\n", p.t("All steps are passed. Next: k8stutor quiz "+l.ID, "所有步骤都通过了。接下来：k8stutor quiz "+l.ID))
	}
}

// hinted reports whether a hint for the step was asked for.
func (p *Program) hinted(l *lessons.Lesson, s *lessons.Step) bool {
	store, err := p.progressStore()
	if err != nil {
		return false
	}
	lp := store.Progress().Lessons[l.ID]
	return lp != nil && lp.Hints[s.ID] > 0
}

// printStep prints the checks of a step; causes only when they may be told.
func (p *Program) printStep(res lessons.StepResult, causes bool) {
	for _, c := range res.Checks {
		sign, _ := p.mark(c.Verdict)
		p.printf("    %s %s\n", sign, c.Title.In(p.lang))
		if c.Verdict == lessons.Pass || c.Blocked || c.ID == lessons.AnswerCheck && c.Found == "" {
			continue
		}
		if c.Expected != "" || c.Found != "" {
			if c.Expected != "" {
				p.printf("        %s%s\n", p.t("expected: ", "期望："), c.Expected)
			}
			p.printf("        %s%s\n", p.t("found:    ", "实际："), c.Found)
		}
		if where := place(c); where != "" {
			p.printf("        %s%s\n", p.t("where:    ", "位置："), where)
		}
		diagnosis := res.Diagnosis.In(p.lang)
		if waiting := c.Waiting.In(p.lang); waiting != "" {
			p.printf("        %s\n", p.t("waiting:", "等待中："))
			p.printf("%s", p.indented(waiting, 8))
		} else if why := c.Why.In(p.lang); why != "" && why != diagnosis {
			p.printf("%s", p.indented(why, 8))
		}
		if c.Cause != nil && causes && res.Mistake == "" && c.Cause.Text.In(p.lang) != diagnosis {
			p.printf("%s", p.indented(c.Cause.Text.In(p.lang), 8))
		}
	}
	if d := res.Diagnosis.In(p.lang); d != "" {
		if res.Stuck() {
			p.printf("    %s\n", p.t("stuck, waiting does not help, because:", "卡住了，等下去没有用，原因："))
		}
		p.printf("%s", p.indented(d, 4))
	}
}

// place names the object and the field that a check looked at.
func place(c lessons.CheckResult) string {
	if c.Object.Kind.Kind == "" {
		return ""
	}
	where := c.Object.Kind.Resource
	if c.Object.Name != "" {
		where = c.Object.String()
	}
	if c.Path != "" {
		where += " " + c.Path
	}
	return where
}
