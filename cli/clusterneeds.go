package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui"
)

// needsTime bounds the asking what a cluster has; one may have to be opened.
const needsTime = 3 * time.Minute

// toldStage prints each stage of something that takes minutes, once when it
// begins and once when it has ended.
func (p *Program) toldStage(what string) tui.StageFunc {
	begun := map[string]bool{}
	first := true
	return func(stage, state, detail string) {
		if p.json() {
			return
		}
		if first {
			p.notef("%s\n", fmt.Sprintf(p.t("%s (Ctrl-C stops it):", "%s（按 Ctrl-C 中止）："), what))
			first = false
		}
		title := stageTitle(stage).In(p.lang)
		if title == "" {
			title = stage
		}
		switch {
		case state == "running" && !begun[stage]:
			begun[stage] = true
			p.notef("  … %s\n", title)
		case state == "done":
			p.notef("  ✓ %s  %s\n", title, detail)
		case state == "failed":
			p.notef("  ✗ %s  %s\n", title, detail)
		}
	}
}

func (p *Program) clusterNeedsCmd() *cobra.Command {
	add := ""
	cmd := &cobra.Command{
		Use:   "needs [LESSON]",
		Short: p.t("Say what lessons need of a cluster, and whether the chosen one has it; --add NEED adds it", "查看课程对集群的要求，以及选定的集群是否满足；--add NEED 会添加"),
		Args:  p.maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.clusterNeeds(cmd.Context(), args, add)
		},
		ValidArgsFunction: p.completeLesson,
	}
	cmd.Flags().StringVar(&add, "add", "", p.t("add this need to the cluster, after asking, and wait until it works", "在集群上添加这一项（会先询问），并等到它可用"))
	return cmd
}

type supplyJSON struct {
	Need    string   `json:"need"`
	State   string   `json:"state"`
	How     string   `json:"how,omitempty"`
	Lessons []string `json:"lessons"`
}

func (p *Program) clusterNeeds(ctx context.Context, args []string, add string) error {
	course, err := p.loadCourse()
	if err != nil {
		return err
	}
	needs := append(tui.SuppliedNeeds(course), lessons.NeedClusterScoped)
	if len(args) == 1 {
		l, err := p.lesson(args[0])
		if err != nil {
			return err
		}
		if needs = l.AllNeeds(); len(needs) == 0 && add == "" {
			if p.json() {
				return p.printJSON(map[string]any{"needs": []supplyJSON{}})
			}
			p.printf(p.t("Lesson %s needs nothing beyond the API of a cluster.\n", "%s 这一课只需要集群的 API。\n"), l.ID)
			return nil
		}
	}
	ask, cancel := context.WithTimeout(ctx, needsTime)
	defer cancel()
	c, err := p.openCluster(ask)
	if err != nil {
		return err
	}
	defer c.Close()
	if add != "" {
		return p.addNeed(ctx, c, add, tui.SuppliedNeeds(course))
	}
	var asked []string
	for _, n := range needs {
		if n != lessons.NeedClusterScoped {
			asked = append(asked, n)
		}
	}
	supplies := c.Supplies(ask, asked)
	if slices.Contains(needs, lessons.NeedClusterScoped) {
		i := c.Info()
		supplies = append(supplies, tui.ScopedSupply(i.Provider == cluster.ProviderExisting))
	}
	out := []supplyJSON{}
	for _, s := range supplies {
		one := supplyJSON{Need: s.Need, State: string(s.State), How: s.How.In(p.lang), Lessons: []string{}}
		for _, l := range tui.Needed(course, s.Need) {
			one.Lessons = append(one.Lessons, l.ID)
		}
		out = append(out, one)
	}
	if p.json() {
		return p.printJSON(map[string]any{"cluster": c.Info().Name, "needs": out})
	}
	p.printf(p.t("On %s:\n", "在 %s 上：\n"), c.Info().Name)
	for i, s := range supplies {
		who := p.t("no lesson needs it", "没有课程需要")
		if n := out[i].Lessons; len(n) > 0 {
			who = p.t("for: ", "用于：") + strings.Join(n, ", ")
		}
		p.printf("%s %s %s %s\n", supplySign(s.State), pad(s.Need, 14), pad(tui.SupplyName(s.State, p.lang), 13), who)
		if how := s.How.In(p.lang); how != "" {
			p.printf("%s", p.indented(how, 4))
		}
	}
	return nil
}

func supplySign(s lessons.SupplyState) string {
	switch s {
	case lessons.Supplied:
		return "✓"
	case lessons.Addable:
		return "+"
	case lessons.Lacking:
		return "✗"
	}
	return "?"
}

// addNeed adds what a lesson needs to the cluster, after asking.
func (p *Program) addNeed(ctx context.Context, c *cluster.Cluster, need string, known []string) error {
	if !slices.Contains(known, need) && !strings.HasPrefix(need, "nodes>=") {
		return usage(p.offer(need, known, p.t("`k8stutor cluster needs` shows what there is.", "`k8stutor cluster needs` 列出有哪些。")),
			p.t("there is no need %q", "没有 %q 这一项"), need)
	}
	name := c.Info().Name
	supply := c.Supplies(ctx, []string{need})[0]
	how := supply.How.In(p.lang)
	switch supply.State {
	case lessons.Supplied:
		p.printf(p.t("%s has it already: %s\n", "%s 已经有了：%s\n"), name, how)
		return nil
	case lessons.Addable:
	default:
		return &lessons.ClusterError{Trouble: lessons.Refused, Op: "add " + need, Server: name,
			Err: errors.New("k8stutor cannot add it here"), Hint: supply.How}
	}
	p.notef("%s", p.indented(how, 2))
	ok, err := p.confirm(fmt.Sprintf(p.t("Add %[1]s to %[2]s?", "在 %[2]s 上添加 %[1]s？"), tui.NeedName(need, p.lang), name))
	if err != nil || !ok {
		return err
	}
	if err := c.Add(ctx, need, p.toldStage(tui.NeedName(need, p.lang))); err != nil {
		return err
	}
	if p.json() {
		return p.printJSON(map[string]any{"cluster": name, "added": need})
	}
	p.printf(p.t("%[2]s has it now: %[1]s.\n", "%[2]s 现在有了：%[1]s。\n"), tui.NeedName(need, p.lang), name)
	return nil
}
