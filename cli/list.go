package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
)

type countJSON struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

type lessonJSON struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Summary   string    `json:"summary"`
	Module    string    `json:"module"`
	Minutes   int       `json:"minutes"`
	Pages     countJSON `json:"pages"`
	Steps     countJSON `json:"steps"`
	Questions countJSON `json:"questions"`
	// Finished says that all is done, and all steps were passed at one and the
	// same moment.
	Finished bool `json:"finished"`
}

func (p *Program) listCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: p.t("List the lessons and how far you are", "列出课程和进度"),
		Args:  p.maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			course, progress, err := p.courseProgress()
			if err != nil {
				return err
			}
			if p.json() {
				return p.printJSON(map[string]any{"course": course.ID, "title": course.Title.In(p.lang), "lessons": p.lessonsJSON(course, progress), "broken": p.brokenJSON(course)})
			}
			p.printList(course, progress)
			return nil
		},
	}
}

// courseProgress loads the course and what the learner has done of it.
func (p *Program) courseProgress() (*lessons.Course, lessons.Progress, error) {
	course, err := p.loadCourse()
	if err != nil {
		return nil, lessons.Progress{}, err
	}
	store, err := p.progressStore()
	if err != nil {
		return nil, lessons.Progress{}, err
	}
	return course, store.Progress(), nil
}

func (p *Program) lessonsJSON(course *lessons.Course, progress lessons.Progress) []lessonJSON {
	var out []lessonJSON
	for _, m := range course.Modules {
		for _, l := range m.Lessons {
			pages, steps, questions := progress.LessonDone(l)
			out = append(out, lessonJSON{l.ID, l.Title.In(p.lang), l.Summary.In(p.lang), m.ID, l.Minutes,
				countJSON(pages), countJSON(steps), countJSON(questions), progress.Finished(l)})
		}
	}
	return out
}

type brokenJSON struct {
	Dir   string   `json:"dir"`
	Error []string `json:"errors"`
}

// brokenJSON lists the courses that could not be loaded, with every reason.
func (p *Program) brokenJSON(course *lessons.Course) []brokenJSON {
	out := []brokenJSON{}
	for _, b := range course.Broken {
		out = append(out, brokenJSON{b.Dir, strings.Split(b.Err.Error(), "\n")})
	}
	return out
}

func (p *Program) printList(course *lessons.Course, progress lessons.Progress) {
	p.printf("%s\n", course.Title.In(p.lang))
	wide := 14
	for _, l := range course.Lessons() {
		wide = min(max(wide, len(l.ID)), 40)
	}
	for _, m := range course.Modules {
		p.printf("\n%s\n", m.Title.In(p.lang))
		for _, l := range m.Lessons {
			pages, steps, questions := progress.LessonDone(l)
			p.printf("  %s %s %s\n", pad(l.ID, wide), pad(l.Title.In(p.lang), 34),
				fmt.Sprintf(p.t("pages %d/%d  steps %d/%d  questions %d/%d", "讲解 %d/%d  步骤 %d/%d  测验 %d/%d"),
					pages.Done, pages.Total, steps.Done, steps.Total, questions.Done, questions.Total))
		}
	}
	for i, b := range course.Broken {
		if i == 0 {
			p.printf("\n")
		}
		p.printf("%s\n", b.Sentence().In(p.lang))
	}
	if p.OutTerminal {
		p.printf("\n%s\n", p.t("k8stutor LESSON opens one; k8stutor show LESSON prints it.", "k8stutor LESSON 打开一课；k8stutor show LESSON 打印全文。"))
	}
}
