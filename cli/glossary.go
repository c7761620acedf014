package cli

import (
	"cmp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

func (p *Program) glossaryCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "glossary [TERM]",
		Short: p.t("Explain a term of Kubernetes, or list all terms", "解释一个 Kubernetes 术语，或列出全部术语"),
		Long: p.t("Explain a term, given in English or Chinese. Without TERM, list all of them.",
			"解释一个术语，中文英文都可以。不给 TERM 就列出全部术语。"),
		RunE: func(_ *cobra.Command, args []string) error {
			course, err := p.readAll()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return p.listTerms(course)
			}
			return p.showTerm(course, strings.Join(args, " ")) // readiness probe, without quotes
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			course, err := p.readAll()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			var names []string
			for _, t := range course.Glossary {
				names = append(names, t.Name[lessons.English])
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

type termJSON struct {
	EN     string   `json:"en"`
	ZH     string   `json:"zh"`
	Also   []string `json:"also,omitempty"`
	Course string   `json:"course,omitempty"`
	Means  string   `json:"means,omitempty"`
	Page   string   `json:"page,omitempty"` // LESSON/PAGE
}

func (p *Program) termJSON(t lessons.Term) termJSON {
	out := termJSON{EN: t.Name[lessons.English], ZH: t.Name[lessons.Chinese], Also: t.Also, Course: t.Course, Means: t.Means.In(p.lang)}
	if t.Lesson != "" {
		out.Page = t.Lesson + "/" + t.Page
	}
	return out
}

// termTitle is a term in both languages, the learner's first.
func (p *Program) termTitle(t lessons.Term) string {
	en, zh := t.Name[lessons.English], t.Name[lessons.Chinese]
	switch {
	case en == zh:
		return en
	case p.lang == lessons.Chinese:
		return zh + "（" + en + "）"
	}
	return en + " (" + zh + ")"
}

func (p *Program) listTerms(course *lessons.Course) error {
	terms := slices.Clone(course.Glossary)
	slices.SortStableFunc(terms, func(a, b lessons.Term) int {
		return cmp.Compare(strings.ToLower(a.Name[lessons.English]), strings.ToLower(b.Name[lessons.English]))
	})
	if p.json() {
		out := []termJSON{}
		for _, t := range terms {
			out = append(out, p.termJSON(t))
		}
		return p.printJSON(map[string]any{"terms": out})
	}
	for _, t := range terms {
		p.printf("%s\n", p.termTitle(t))
	}
	return nil
}

func (p *Program) showTerm(course *lessons.Course, word string) error {
	t, ok := course.Term(word)
	if !ok {
		return usage(p.offer(word, course.Words(), p.t("`k8stutor glossary` lists all terms.", "`k8stutor glossary` 列出全部术语。")),
			p.t("the glossary has no term %q", "术语表里没有 %q"), word)
	}
	if p.json() {
		return p.printJSON(p.termJSON(t))
	}
	p.markdown("# " + markdownEscape(p.termTitle(t)) + "\n\n" + t.Means.In(p.lang) + "\n")
	if len(t.Also) > 0 {
		p.printf("\n%s%s\n", p.t("Also: ", "又作："), strings.Join(t.Also, p.t(", ", "、")))
	}
	if l, ok := course.Lesson(t.Lesson); ok {
		for _, page := range l.Pages {
			if page.ID == t.Page {
				p.printf("\n%s%s / %s   k8stutor show %s\n", p.t("Explained in: ", "详见："), l.Title.In(p.lang), page.Title.In(p.lang), l.ID)
			}
		}
	}
	return nil
}

// markdownEscape makes text mean itself in Markdown.
func markdownEscape(s string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "<", "\\<", "[", "\\[", "{", "\\{").Replace(s)
}
