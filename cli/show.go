package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

func (p *Program) showCmd() *cobra.Command {
	inCluster, draw, version := clusterFlag{choice: &p.flags.cluster}, false, ""
	cmd := &cobra.Command{
		Use:   "show LESSON",
		Short: p.t("Print a lesson: its pages and the steps of its exercise", "打印一课：正文和练习步骤"),
		Long: p.t("Print a lesson: its pages and the steps of its exercise.\n\nWith --cluster: what is in its workspace, in sentences; without LESSON that of the lesson you did last. -o json prints nodes and edges.",
			"打印一课：正文和练习步骤。\n\n加上 --cluster：用句子说明工作区里有什么；不带 LESSON 时是你上次做的那一课。-o json 打印节点和连线。"),
		Args: func(cmd *cobra.Command, args []string) error {
			if inCluster.wanted {
				return p.maxArgs(1)(cmd, args)
			}
			return p.rangeArgs(1, 1)(cmd, args)
		},
		ValidArgsFunction: p.completeLesson,
		RunE: func(cmd *cobra.Command, args []string) error {
			if inCluster.wanted {
				l, err := p.lessonOrCurrent(args)
				if err != nil {
					return err
				}
				return p.showCluster(cmd.Context(), l, draw)
			}
			l, err := p.lesson(args[0])
			if err != nil {
				return err
			}
			if _, ok := lessons.MinorOf(version); !ok && version != "" {
				return usage(p.t("It is one like 1.36 or v1.36.2.", "应写成 1.36 或 v1.36.2 这样。"), p.t("%q is no version of Kubernetes", "%q 不是 Kubernetes 版本"), version)
			}
			l = l.For(version)
			if p.json() {
				return p.printJSON(p.showJSON(l))
			}
			p.markdown(p.lessonSource(l))
			return nil
		},
	}
	cmd.Flags().Var(&inCluster, "cluster", p.t("tell what is in the workspace; --cluster=NAME: on that cluster", "说明工作区里有什么；--cluster=NAME 指定集群"))
	cmd.Flags().Lookup("cluster").NoOptDefVal = clusterAsChosen
	cmd.Flags().StringVar(&version, "kubernetes", "", p.t("show what is so in this version of Kubernetes, 1.36 for example; the newest otherwise", "按这个 Kubernetes 版本显示，例如 1.36；默认是最新版本"))
	cmd.Flags().BoolVar(&draw, "draw", false, p.t("with --cluster: draw it", "与 --cluster 同用：画出来"))
	return cmd
}

// lessonSource puts a lesson together as one Markdown text.
func (p *Program) lessonSource(l *lessons.Lesson) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", l.Title.In(p.lang), l.Summary.In(p.lang))
	for _, page := range l.Pages {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", page.Title.In(p.lang), page.Body.In(p.lang))
	}
	fmt.Fprintf(&b, "\n## %s\n\n", p.t("Exercise", "练习"))
	fmt.Fprintf(&b, p.t("`k8stutor start %[1]s` makes your workspace, `k8stutor check %[1]s` judges it.\n",
		"`k8stutor start %[1]s` 准备工作区，`k8stutor check %[1]s` 检查结果。\n"), l.ID)
	for i, s := range l.Steps {
		fmt.Fprintf(&b, "\n### %d. %s (`%s`)\n\n%s\n", i+1, s.Title.In(p.lang), s.ID, s.Task().In(p.lang))
	}
	return b.String()
}

func (p *Program) showJSON(l *lessons.Lesson) any {
	type part struct {
		ID    string `json:"id"`
		Kind  string `json:"kind,omitempty"`
		Title string `json:"title"`
		Text  string `json:"text"`
	}
	var pages, steps []part
	for _, page := range l.Pages {
		pages = append(pages, part{ID: page.ID, Title: page.Title.In(p.lang), Text: page.Body.In(p.lang)})
	}
	for _, s := range l.Steps {
		steps = append(steps, part{ID: s.ID, Kind: string(s.Kind), Title: s.Title.In(p.lang), Text: s.Task().In(p.lang)})
	}
	return map[string]any{"id": l.ID, "title": l.Title.In(p.lang), "summary": l.Summary.In(p.lang), "minutes": l.Minutes,
		"pages": pages, "steps": steps, "questions": len(l.Questions)}
}
