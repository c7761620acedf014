package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/proving"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursetest"
)

func (p *Program) courseTestCmd() *cobra.Command {
	step, atOnce := "", 0
	cmd := &cobra.Command{
		Use:   "test DIR [LESSON]",
		Short: p.t("Prove a course on a real API server: mistakes, variants, solutions, mutations", "在真实的 API server 上验证课程：错误做法、其他做法、答案、变异"),
		Long: p.t(`Prove every step of a course, or of one lesson, in both directions: before anything was done, each
mistake, each variant, the solution, mutations of the solved state, the API server away, reading
forbidden. It runs on a sandbox of its own, which is deleted afterwards, or on --cluster.

The course's commands are carried out on this machine, in a temporary folder. Test only courses that you trust.`,
			`验证课程（或其中一课）的每个步骤，正反两个方向都验证：什么都没做时、每个错误做法、每个其他做法、答案、
对答案状态的变异、API server 不可用、无读取权限。默认在单独的沙箱上运行，结束后删除；也可以用 --cluster 指定集群。

课程里的命令会在本机的临时目录中执行。只测试你信任的课程。`),
		Args: p.rangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.courseTest(cmd.Context(), args, step, atOnce)
		},
	}
	cmd.Flags().IntVar(&atOnce, "at-once", 0, p.t("steps that are proved beside each other (6 on a sandbox of its own, 4 elsewhere)", "同时验证多少个步骤（单独的沙箱上 6 个，其他集群 4 个）"))
	cmd.Flags().StringVar(&step, "step", "", p.t("prove this step only", "只验证这个步骤"))
	return cmd
}

// courseTest proves the lessons of the course in a folder. The outcome is
// errNotYet when a proof failed.
func (p *Program) courseTest(ctx context.Context, args []string, step string, atOnce int) error {
	if atOnce < 0 {
		return usage("", "%s", p.t("--at-once is 1 or more", "--at-once 至少是 1"))
	}
	chosen, err := p.toProve(args, step)
	if err != nil {
		return err
	}
	ok, err := p.confirm(p.t("The commands of this course will be carried out on this machine. Do you trust it?", "本课程中的命令将在这台机器上执行。你信任它吗？"))
	if err != nil || !ok {
		return err
	}
	dir, err := os.MkdirTemp("", "k8stutor-course-test-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, end, err := p.provingCluster(ctx, dir)
	if err != nil {
		return err
	}
	defer end()
	program, err := cluster.FindCompanion(p.Getenv)
	if err != nil {
		return err
	}
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return err
	}
	o := coursetest.Options{AtOnce: cmp.Or(atOnce, 6), Step: step, Dir: dir}
	if !p.provesOnOwn() {
		o.Run, o.AtOnce = strings.ToLower(rand.Text()[:5]), cmp.Or(atOnce, 4)
	}
	lab, err := proving.NewLab(c, proving.Options{Program: program, Dir: work, Path: p.Getenv("PATH"), Log: io.Discard, Run: o.Run})
	if err != nil {
		return err
	}
	o.Bench = lab.Bench
	began := p.Now()
	results, err := p.prove(ctx, lab, chosen, o)
	if o.Run != "" {
		err = errors.Join(err, p.provedGone(ctx, lab, c))
	}
	if err := lab.Close(ctx); err != nil {
		p.notef("%v\n", err)
	}
	if printed := p.printProofs(results, p.Now().Sub(began)); printed != nil {
		return printed
	}
	if err != nil {
		return err
	}
	return provedOutcome(results)
}

// toProve finds the lessons that the command line names.
func (p *Program) toProve(args []string, step string) ([]*lessons.Lesson, error) {
	course, err := lessons.LoadDir(args[0])
	if problems, ok := errors.AsType[lessons.Problems](err); ok {
		return nil, usage(p.t("`k8stutor course check DIR` says more.", "`k8stutor course check DIR` 会给出更多信息。"),
			p.t("the course in %s cannot be loaded:\n%w", "无法加载 %s 里的课程：\n%w"), args[0], problems)
	}
	if err != nil {
		return nil, usage(p.t("Give the folder that holds course.yaml.", "请给出包含 course.yaml 的文件夹。"), "%w", err)
	}
	chosen := course.Lessons()
	if len(args) > 1 {
		l, _ := course.Find(args[1]) // with its course before it, or without
		if l == nil {
			return nil, usage(p.offer(args[1], lessonIDs(course), ""), p.t("there is no lesson %q", "没有叫 %q 的课"), args[1])
		}
		chosen = []*lessons.Lesson{l}
	}
	if step != "" && !slices.ContainsFunc(chosen, func(l *lessons.Lesson) bool { _, ok := l.Step(step); return ok }) {
		return nil, usage("", p.t("no lesson has a step %q", "没有哪一课有步骤 %q"), step)
	}
	return chosen, nil
}

// hardDriven is the environment of a sandbox that proves a course: its collector,
// which took a fifth of the processor time, runs less often, at up to 1 GB.
func (p *Program) hardDriven(name string) string {
	value := p.Getenv(name)
	if value == "" {
		value = map[string]string{"GOGC": "400", "GOMEMLIMIT": "1GiB"}[name]
	}
	return value
}

// provingCluster opens the cluster to prove on: a sandbox of its own, unless
// --cluster says otherwise. End closes it, and deletes such a sandbox.
func (p *Program) provingCluster(ctx context.Context, dir string) (c *cluster.Cluster, end func(), err error) {
	o := p.clusterOptions()
	o.StateDir = filepath.Join(dir, "state")
	own := p.provesOnOwn()
	if own {
		o.Choice, o.Env = cluster.ChoiceSandbox, p.hardDriven
	}
	if c, err = cluster.Open(ctx, o, p.startProgress()); err != nil {
		if own {
			_ = cluster.NewSandbox(o).Down(context.WithoutCancel(ctx), true) // what has started of it
		}
		return nil, nil, err
	}
	return c, func() {
		c.Close()
		if !own {
			return
		}
		if err := cluster.NewSandbox(o).Down(context.WithoutCancel(ctx), true); err != nil {
			p.notef("%v\n", err)
		}
	}, nil
}

// provedOutcome is that of a command whose proofs came out so.
func provedOutcome(results []coursetest.Result) error {
	wrong, untold := false, false
	for _, r := range results {
		if r.Problem == nil {
			continue
		}
		wrong = true
		_, cluster := errors.AsType[*lessons.ClusterError](r.Problem)
		untold = untold || cluster
	}
	switch {
	case untold:
		return errCannotTell
	case wrong:
		return errNotYet
	}
	return nil
}

type proofJSON struct {
	Lesson  string          `json:"lesson"`
	Step    string          `json:"step"`
	Sort    coursetest.Sort `json:"sort"`
	Name    string          `json:"name,omitempty"`
	Want    lessons.Verdict `json:"want"`
	Got     lessons.Verdict `json:"got"`
	Right   bool            `json:"right"`
	Fine    bool            `json:"fine,omitempty"`
	Problem string          `json:"problem,omitempty"`
	Left    string          `json:"leftOut,omitempty"`
	Played  []string        `json:"played,omitempty"`
	Said    string          `json:"said,omitempty"`
	Seconds float64         `json:"seconds"`
}

// printProofs prints failures in full, then a table.
func (p *Program) printProofs(results []coursetest.Result, took time.Duration) error {
	if p.json() {
		out := []proofJSON{}
		right := true
		for _, r := range results {
			proof := proofJSON{Lesson: r.Lesson, Step: r.Step, Sort: r.Sort, Name: r.Name, Want: r.Want, Got: r.Got,
				Right: r.Problem == nil && r.Left == "", Fine: r.Fine, Left: r.Left, Played: r.Played, Said: r.Said, Seconds: r.Took.Seconds()}
			if r.Problem != nil {
				proof.Problem, right = r.Problem.Error(), false
			}
			out = append(out, proof)
		}
		return p.printJSON(map[string]any{"right": right, "seconds": took.Seconds(), "proofs": out})
	}
	for _, r := range results {
		if r.Problem == nil {
			continue
		}
		p.printf("\n%s\n  %v\n", r.ID(), r.Problem)
		for _, line := range r.Played {
			p.printf("  $ %s\n", line)
		}
		for line := range strings.Lines(r.Said) {
			p.printf("    %s\n", strings.TrimRight(line, "\n"))
		}
	}
	p.printf("\n%s%s\n", pad(p.t("lesson", "课程"), 20), p.t("steps  before  mistakes  variants  solutions  mutations (fine)  api away  forbidden  wrong",
		"步骤   初始    错误做法  其他做法  答案       变异（允许）      API 不可用 无权限   不符"))
	for _, t := range coursetest.Tallies(results) {
		p.printf("%s%-7d%-8d%-10d%-10d%-11d%-18s%-10d%-11d%d\n", pad(t.Lesson, 20), t.Steps, t.Proofs[coursetest.Before], t.Proofs[coursetest.Mistake],
			t.Proofs[coursetest.Variant], t.Proofs[coursetest.Solution], fmt.Sprintf("%d (%d)", t.Proofs[coursetest.Mutation], t.Fine),
			t.Proofs[coursetest.Away], t.Proofs[coursetest.Forbidden], t.Wrong)
	}
	p.printf(p.t("%d proofs in %s.\n", "%d 项验证，用时 %s。\n"), len(results)-p.tellLeft(results), took.Round(100*time.Millisecond).String())
	return nil
}
