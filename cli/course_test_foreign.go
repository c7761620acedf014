package cli

import (
	"context"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/cluster/proving"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/coursetest"
)

// provesOnOwn reports whether a course is proved on a sandbox that is made for
// it, and not on a cluster that is there.
func (p *Program) provesOnOwn() bool {
	return p.flags.cluster == "" || p.flags.cluster == cluster.ChoiceSandbox
}

// prove proves lessons and tells each result. On a cluster that is not the run's
// own it first has the images pulled, and finds out what must be left alone.
func (p *Program) prove(ctx context.Context, lab *proving.Lab, chosen []*lessons.Lesson, o coursetest.Options) ([]coursetest.Result, error) {
	o.Tell = func(r coursetest.Result) {
		sign, word := p.mark(r.Got)
		switch {
		case r.Left != "":
			sign, word = "-", p.t("left out: ", "未验证：")+r.Left
		case r.Problem != nil:
			sign, word = "✗", p.t("WRONG", "错误")
		}
		p.notef("%s %s: %s (%s)\n", sign, r.ID(), word, r.Took.Round(10*time.Millisecond))
	}
	if o.Run == "" {
		return coursetest.Run(ctx, chosen, o)
	}
	var err error
	if o.KeepOut, err = lab.DefaultInUse(ctx); err != nil {
		return nil, err
	}
	if o.KeepOut {
		p.notef("%s\n", p.t("Namespace default is in use: what acts there is left out.", "default 命名空间里已有对象：不做会动到它的验证。"))
	}
	if o.Lacks, err = p.pullImages(ctx, chosen, o); err != nil {
		return nil, err
	}
	return coursetest.Run(ctx, chosen, o)
}

// pullImages has the cluster pull the images of lessons, and returns those that
// it could not pull.
func (p *Program) pullImages(ctx context.Context, chosen []*lessons.Lesson, o coursetest.Options) ([]string, error) {
	bench, err := o.Bench(ctx)
	if err != nil {
		return nil, err
	}
	defer bench.Close()
	images := coursetest.Images(chosen)
	began := p.Now()
	missing, err := coursetest.Pull(ctx, bench, o.Run, images)
	if err != nil {
		return nil, err
	}
	p.notef(p.t("%d images pulled in %s.\n", "拉取 %d 个镜像，用时 %s。\n"), len(images)-len(missing), p.Now().Sub(began).Round(100*time.Millisecond))
	if len(missing) > 0 {
		p.notef(p.t("This cluster cannot pull %s; some do not exist, on purpose.\n", "这个集群拉取不到 %s；其中有些本来就不存在。\n"), strings.Join(missing, ", "))
	}
	return missing, nil
}

// provedGone waits until nothing of a run is left on the cluster, and says so.
func (p *Program) provedGone(ctx context.Context, lab *proving.Lab, c *cluster.Cluster) error {
	began := p.Now()
	if err := lab.Gone(ctx, c); err != nil {
		return err
	}
	p.notef(p.t("Every namespace of the run is gone (%s).\n", "本次验证的命名空间都已删除（%s）。\n"), p.Now().Sub(began).Round(100*time.Millisecond))
	return nil
}

// tellLeft prints how many proofs were left out, and why, and returns the number.
func (p *Program) tellLeft(results []coursetest.Result) (all int) {
	var why []string
	count := map[string]int{}
	for _, r := range results {
		if r.Left == "" {
			continue
		}
		all++
		if count[r.Left]++; count[r.Left] == 1 {
			why = append(why, r.Left)
		}
	}
	for _, w := range why {
		p.printf(p.t("%d left out: %s\n", "%d 项未验证：%s\n"), count[w], w)
	}
	return all
}
