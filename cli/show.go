package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

func (p *Program) showCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "show LESSON",
		Short:             p.t("Print a lesson: its pages and the steps of its exercise", "打印一课：正文和练习步骤"),
		Args:              p.rangeArgs(1, 1),
		ValidArgsFunction: p.completeLesson,
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := p.lesson(args[0])
			if err != nil {
				return err
			}
			if p.json() {
				return p.printJSON(p.showJSON(l))
			}
			p.markdown(p.lessonSource(l))
			return nil
		},
	}
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
