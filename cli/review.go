package cli

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/review"
)

func (p *Program) reviewCmd() *cobra.Command {
	var all, known bool
	cmd := &cobra.Command{
		Use:   "review",
		Short: p.t("Answer again what you are about to forget", "复习快要忘记的题"),
		Long: p.t("Asks the questions of all lessons that are due, one at a time; what was wrong comes again at the end.\nThe more often a question was answered right, the longer it rests. With -o json it lists what is due and how well each question is known, and asks nothing.",
			"逐题复习各课中到期的题；答错的最后再问一次。\n一道题答对的次数越多，隔得越久。加 -o json 时不提问，只列出到期的题和每道题的掌握情况。"),
		Args: p.maxArgs(0),
		RunE: func(*cobra.Command, []string) error {
			course, progress, err := p.courseProgress()
			if err != nil {
				return err
			}
			switch items := review.Survey(course, progress, p.Now()); {
			case p.json():
				return p.printJSON(p.reviewJSON(course, progress, items))
			case known:
				p.printKnown(items)
				return nil
			case all:
				return p.review(course, review.Asked(items, p.Now()))
			default:
				return p.review(course, review.Due(items, p.Now()))
			}
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, p.t("ask everything that was answered before, due or not", "不管到没到期，答过的题全部再问一遍"))
	cmd.Flags().BoolVar(&known, "map", false, p.t("show how well each question is known, and ask nothing", "不提问，只看每道题的掌握情况"))
	return cmd
}

// review asks questions until each was answered right, or the input ends.
func (p *Program) review(course *lessons.Course, items []review.Item) error {
	session := review.Begin(items)
	if session.Left() == 0 {
		p.printf("%s\n", p.t("Nothing is due.", "现在没有要复习的题。"))
		return p.printComing(course)
	}
	p.notef("%s\n", p.t("? shows the answer; it counts as not known.", "输入 ? 查看答案，算作没答对。"))
	for {
		item, ok := session.Now()
		if !ok {
			break
		}
		if session.Again() {
			p.printf("%s", p.t("Once more: ", "再答一次："))
		}
		lesson, question, err := p.wholeQuestion(item)
		if err != nil {
			return err
		}
		p.printf(p.t("%s · %d left\n", "%s · 还剩 %d 道\n"), lesson.Title.In(p.lang), session.Left())
		p.printQuestion(question)
		marking, err := p.askQuestion(lesson, question)
		if errors.Is(err, io.EOF) {
			p.printf("\n")
			return errNotYet // left before the end
		}
		if err != nil {
			return err
		}
		session.Answered(marking.Right)
		p.printf("\n")
	}
	right, askings := 0, session.Askings()
	for _, a := range askings {
		if a.Right {
			right++
		}
	}
	p.printf(p.t("%d of %d right at once.\n", "一次答对 %d 题，共 %d 题。\n"), right, len(askings))
	if err := p.printComing(course); err != nil {
		return err
	}
	if right < len(askings) {
		return errNotYet
	}
	return nil
}

// wholeQuestion returns the question of an item, of which the outline of a course
// has the title only.
func (p *Program) wholeQuestion(item review.Item) (*lessons.Lesson, *lessons.Question, error) {
	l, err := p.whole(item.Lesson)
	if err != nil {
		return nil, nil, err
	}
	q, ok := l.Question(item.Question.ID)
	if !ok {
		return nil, nil, fmt.Errorf("lesson %s has no question %s any more", l.ID, item.Question.ID)
	}
	return l, q, nil
}

// printComing says when the next questions are due.
func (p *Program) printComing(course *lessons.Course) error {
	store, err := p.progressStore()
	if err != nil {
		return err
	}
	f := review.Outlook(course, store.Progress(), p.Now())
	switch coming := f.Coming().In(p.lang); {
	case f.Asked == 0:
		p.printf("%s\n", p.t("No question has been answered yet; `k8stutor quiz LESSON` asks those of a lesson.",
			"还没有答过题；用 `k8stutor quiz LESSON` 做一课的测验。"))
	case coming != "":
		p.printf(p.t("Next: %s.\n", "接下来：%s。\n"), coming)
	}
	return nil
}

// printKnown prints the map of what is known.
func (p *Program) printKnown(items []review.Item) {
	for i, item := range items {
		if i == 0 || items[i-1].Lesson != item.Lesson {
			if i > 0 {
				p.printf("\n")
			}
			p.printf("%s\n", item.Lesson.Title.In(p.lang))
		}
		state := item.State.Text().In(p.lang)
		if item.State != review.Unasked {
			state = pad(state, 14) + " " + review.When(item.In).In(p.lang)
		}
		p.printf("  %s %s %s\n", p.stateMark(item.State), pad(item.Question.Title.In(p.lang), 34), state)
	}
}

// stateMark is the sign of a state: colour is never the only one.
func (p *Program) stateMark(s review.State) string {
	plain := p.flags.plain
	mark := func(sign, ascii string) string {
		if plain {
			return ascii
		}
		return sign
	}
	switch s {
	case review.Remembered:
		return mark("✓", "[x]")
	case review.Fading:
		return mark("◐", "[~]")
	case review.Forgotten:
		return mark("✗", "[!]")
	}
	return mark("○", "[ ]")
}

type laterJSON struct {
	Days      int `json:"days"`
	Questions int `json:"questions"`
}

type forecastJSON struct {
	Due  int         `json:"due"`
	Next []laterJSON `json:"next"`
}

func forecast(f review.Forecast) forecastJSON {
	out := forecastJSON{f.Due, []laterJSON{}}
	for _, l := range f.Later {
		out.Next = append(out.Next, laterJSON(l))
	}
	return out
}

type knownJSON struct {
	Lesson   string       `json:"lesson"`
	Question string       `json:"question"`
	Title    string       `json:"title"`
	State    review.State `json:"state"`
	Due      bool         `json:"due"`
	// InDays and Chance (of a right answer now, 0 to 1) are there for questions
	// that have been answered.
	InDays *int     `json:"inDays,omitempty"`
	Chance *float64 `json:"chance,omitempty"`
}

// reviewJSON lists what is due, in the order in which it is asked, and all
// questions, in the order of the course.
func (p *Program) reviewJSON(course *lessons.Course, progress lessons.Progress, items []review.Item) any {
	list := func(items []review.Item) []knownJSON {
		out := []knownJSON{}
		for _, i := range items {
			one := knownJSON{Lesson: i.Lesson.ID, Question: i.Question.ID, Title: i.Question.Title.In(p.lang), State: i.State, Due: i.Due()}
			if i.State != review.Unasked {
				chance := math.Round(i.Chance*1000) / 1000
				one.InDays, one.Chance = &i.In, &chance
			}
			out = append(out, one)
		}
		return out
	}
	return map[string]any{"course": course.ID, "due": list(review.Due(items, p.Now())), "next": forecast(review.Outlook(course, progress, p.Now())).Next,
		"questions": list(items)}
}
