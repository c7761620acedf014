package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/review"
)

func (p *Program) quizCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "quiz LESSON",
		Short:             p.t("Answer a lesson's questions, one at a time", "逐题回答一课的测验"),
		Args:              p.rangeArgs(1, 1),
		ValidArgsFunction: p.completeLesson,
		RunE: func(_ *cobra.Command, args []string) error {
			l, err := p.lesson(args[0])
			if err != nil {
				return err
			}
			if p.json() {
				return p.printJSON(p.quizJSON(l))
			}
			return p.quiz(l)
		},
	}
}

// quizJSON lists the questions without saying what is right.
func (p *Program) quizJSON(l *lessons.Lesson) any {
	type question struct {
		ID      string   `json:"id"`
		Kind    string   `json:"kind"`
		Prompt  string   `json:"prompt"`
		Options []string `json:"options,omitempty"`
		// Manifest is what a field or a spot question shows.
		Manifest string `json:"manifest,omitempty"`
	}
	var out []question
	for _, q := range l.Questions {
		one := question{ID: q.ID, Kind: string(q.Kind), Prompt: p.promptOf(q), Manifest: q.Manifest}
		for _, i := range q.Presented() {
			one.Options = append(one.Options, q.Options[i].Text.In(p.lang))
		}
		out = append(out, one)
	}
	return map[string]any{"lesson": l.ID, "questions": out}
}

// promptOf is the question: its title, and its text where it has one.
func (p *Program) promptOf(q *lessons.Question) string {
	prompt := q.Title.In(p.lang)
	if text := strings.TrimSpace(q.Prompt.In(p.lang)); text != "" {
		prompt += "\n\n" + text
	}
	return prompt
}

func (p *Program) quiz(l *lessons.Lesson) error {
	right := 0
	for i, q := range l.Questions {
		p.printf("%s %d/%d\n", p.t("Question", "第"), i+1, len(l.Questions))
		p.printQuestion(q)
		marking, err := p.askQuestion(l, q)
		if errors.Is(err, io.EOF) {
			p.printf("\n")
			return errNotYet // left before the end
		}
		if err != nil {
			return err
		}
		if marking.Right {
			right++
		}
		p.printf("\n")
	}
	p.printf(p.t("%d of %d right.\n", "答对 %d 题，共 %d 题。\n"), right, len(l.Questions))
	if right < len(l.Questions) {
		return errNotYet
	}
	return nil
}

func (p *Program) printQuestion(q *lessons.Question) {
	p.markdown(p.promptOf(q))
	if figure := q.Figure(); figure != "" {
		p.printf("\n")
		p.markdown(figure)
	}
	for n, i := range q.Presented() {
		text := p.indented(q.Options[i].Text.In(p.lang), 5).trim()
		p.printf("  %c) %s\n", 'a'+n, text)
	}
}

// askQuestion reads answers until one can be understood.
func (p *Program) askQuestion(l *lessons.Lesson, q *lessons.Question) (lessons.Marking, error) {
	for {
		p.printf("> ")
		line, err := p.readLine()
		if strings.TrimSpace(line) == "" {
			if err != nil {
				return lessons.Marking{}, err
			}
			continue
		}
		if said := strings.TrimSpace(line); said == "?" || said == "？" {
			return p.mark1(l, q, lessons.Response{}), nil // not known: the answer is shown
		}
		r, perr := lessons.ParseResponse(q, strings.TrimSpace(line))
		if perr != nil {
			p.printf("%s\n", sentence(perr, p.lang))
			if err != nil {
				return lessons.Marking{}, err
			}
			continue
		}
		return p.mark1(l, q, r), nil
	}
}

// mark1 marks one answer, remembers it and prints the reasons.
func (p *Program) mark1(l *lessons.Lesson, q *lessons.Question, r lessons.Response) lessons.Marking {
	m := q.Mark(r)
	if store, _ := p.openStore(); store != nil {
		err := store.Update(func(pr *lessons.Progress) { review.Answer(pr, l.ID, q.ID, m.Right, p.Now()) })
		if err != nil {
			p.notef("%s: %v\n", p.t("Progress could not be saved", "进度无法保存"), err)
		}
	}
	if !p.json() {
		p.printMarking(q, m)
	}
	return m
}

func (p *Program) printMarking(q *lessons.Question, m lessons.Marking) {
	sign, word := "✓", p.t("Right.", "答对了。")
	if !m.Right {
		sign, word = "✗", p.t("Not right.", "不对。")
	}
	p.printf("%s %s\n", sign, word)
	if n := m.Note.In(p.lang); n != "" {
		p.printf("%s", p.indented(n, 2))
	}
	switch {
	case m.Right:
	case q.Kind == lessons.Order:
		p.printf("  %s\n", p.t("The right order:", "正确顺序："))
		for n, o := range q.Options {
			p.printf("  %d. %s\n", n+1, p.indented(o.Text.In(p.lang), 5).trim())
		}
	case m.Want != "":
		p.printf("  %s%s\n", p.t("Right is: ", "正确答案："), m.Want)
	}
	letters := map[int]rune{}
	for n, i := range q.Presented() {
		letters[i] = 'a' + rune(n)
	}
	for _, o := range m.Options {
		if reason := o.Reason.In(p.lang); reason != "" {
			sign := "✗"
			if q.Options[o.Index].Right {
				sign = "✓"
			}
			p.printf("  %s %c) %s\n", sign, letters[o.Index], p.indented(reason, 7).trim())
		}
	}
	for _, l := range m.Lines {
		if reason := l.Reason.In(p.lang); reason != "" {
			sign := "✗"
			if l.Right {
				sign = "✓"
			}
			p.printf(p.t("  %s line %d: %s\n", "  %s 第 %d 行：%s\n"), sign, l.Number, p.indented(reason, 7).trim())
		}
	}
	if w := m.Why.In(p.lang); w != "" {
		p.printf("%s", p.indented(w, 2))
	}
}

// answerQuestion answers one question from the command line.
func (p *Program) answerQuestion(l *lessons.Lesson, q *lessons.Question, answer string) error {
	r, err := lessons.ParseResponse(q, answer)
	if err != nil {
		return usage("", "%s", sentence(err, p.lang))
	}
	m := p.mark1(l, q, r)
	if p.json() {
		verdict := lessons.NotYet
		if m.Right {
			verdict = lessons.Pass
		}
		out := map[string]any{"lesson": l.ID, "question": q.ID, "verdict": verdict, "right": m.Right, "want": m.Want,
			"note": m.Note.In(p.lang), "why": m.Why.In(p.lang)}
		if err := p.printJSON(out); err != nil {
			return err
		}
	}
	if !m.Right {
		return errNotYet
	}
	return nil
}

// sentence words an error for a person; what is wrong with an answer is known
// in both languages.
func sentence(err error, lang lessons.Lang) string {
	if e, ok := errors.AsType[*lessons.ResponseError](err); ok {
		return e.Notice.In(lang)
	}
	return fmt.Sprint(err)
}
