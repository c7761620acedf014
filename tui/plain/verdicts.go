package plain

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// news says what has come about between two reports and is to be heard at once:
// steps that were passed or are no longer, a cluster that went away or came
// back. That a step is not passed yet is told when it has stayed so for a while.
func (t *talk) news(before, after lessons.Report) []string {
	w := t.words
	var out []string
	switch was, is := before.Snapshot.Away, after.Snapshot.Away; {
	case was == nil && is != nil:
		out = append(out, w.Away+" "+t.explain(is), w.RestartHow)
	case was != nil && is == nil:
		out = append(out, w.Back)
	}
	if before.Workspace.UID != after.Workspace.UID {
		return out // another workspace: nothing can be compared
	}
	for i, r := range after.Steps {
		old, ok := before.Step(r.ID)
		if !ok {
			continue
		}
		switch {
		case old.Verdict != lessons.Pass && r.Verdict == lessons.Pass:
			out = append(out, t.passed(i, r, after))
		case !old.Regressed && r.Regressed:
			text := fmt.Sprintf(w.Regressed, i+1)
			if broke := t.flat(t.text(r.Broke)); broke != "" {
				text += " " + broke
			}
			out = append(out, text)
		case !old.Stuck() && r.Stuck():
			out = append(out, fmt.Sprintf(w.Stuck, i+1, t.flat(t.text(r.Diagnosis))))
		}
	}
	if before.Verdict != lessons.Pass && after.Verdict == lessons.Pass {
		out = append(out, w.AllPassed)
	}
	return append(out, t.noticeOf(before, after)...)
}

// passed says that a step was passed, and where to go from there.
func (t *talk) passed(i int, r lessons.StepResult, after lessons.Report) string {
	text := fmt.Sprintf(t.words.Passed, i+1)
	if p := r.Prediction; p != nil && p.Known {
		for _, c := range r.Checks {
			if c.ID == lessons.AnswerCheck && c.Why != nil {
				text += " " + t.flat(t.text(c.Why))
			}
		}
	}
	if i == t.work.at && after.Verdict != lessons.Pass {
		text += " " + t.words.PassedHow
	}
	return text
}

func (t *talk) notice(r lessons.Report) []string { return t.noticeOf(lessons.Report{}, r) }

func (t *talk) noticeOf(before, after lessons.Report) []string {
	if n := t.text(after.Notice); n != "" && n != t.text(before.Notice) {
		return []string{n}
	}
	return nil
}

// brief says in a sentence or two how a step stands, without what changes with
// the clock.
func (t *talk) brief(r lessons.Report, at int) string {
	w := t.words
	if at < 0 || at >= len(r.Steps) {
		return ""
	}
	res := r.Steps[at]
	n := at + 1
	switch {
	case r.Snapshot.Away != nil:
		return w.Away
	case res.Verdict == lessons.Pass:
		return fmt.Sprintf(w.Passed, n)
	case res.Verdict == lessons.CannotTell:
		return fmt.Sprintf(w.CannotTell, n, t.flat(t.text(res.Diagnosis)))
	case !res.Begun:
		return fmt.Sprintf(w.NotBegun, n)
	}
	for _, c := range res.Checks {
		if c.Verdict == lessons.Pass {
			continue
		}
		return t.briefCheck(n, res, c)
	}
	return fmt.Sprintf(w.NotYet, n, t.flat(t.text(res.Diagnosis)))
}

// briefCheck says of the first check that is not passed what was expected, what
// was found, and why.
func (t *talk) briefCheck(n int, res lessons.StepResult, c lessons.CheckResult) string {
	w := t.words
	if waiting := t.flat(t.text(c.Waiting)); waiting != "" {
		return fmt.Sprintf(w.WaitingFor, n, waiting)
	}
	if c.HoldLeft > 0 {
		return fmt.Sprintf(w.Holding, n)
	}
	text := fmt.Sprintf(w.NotYet, n, t.flat(t.text(c.Title))+w.Stop)
	if values := t.values(c); values != "" {
		text += " " + values
	}
	why := t.flat(t.text(res.Diagnosis))
	if why == "" {
		why = t.flat(t.text(c.Why))
	}
	if why != "" {
		text += " " + why
	}
	return text
}

// values says what was expected and what was found; "" when neither is shown.
func (t *talk) values(c lessons.CheckResult) string {
	switch {
	case c.Expected != "":
		return fmt.Sprintf(t.words.ExpectedFound, c.Expected, cmp.Or(c.Found, t.words.NothingFound))
	case c.Found != "":
		return fmt.Sprintf(t.words.JustFound, c.Found)
	}
	return ""
}

// flat is Markdown as one line.
func (t *talk) flat(source string) string {
	var parts []string
	for _, block := range markdown.Speak([]byte(source), 1<<16, t.words.Speech).Blocks {
		parts = append(parts, strings.Join(block, " "))
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// verdict says in full how a step stands: every check with what was expected
// and found, and what is wrong.
func (t *talk) verdict(r lessons.Report, at int) [][]string {
	w := t.words
	if at >= len(r.Steps) {
		return nil
	}
	res, step := r.Steps[at], t.work.lesson.Steps[at]
	var blocks [][]string
	head := fmt.Sprintf(w.StepVerdict, at+1, t.word(r, res))
	blocks = append(blocks, t.paragraph(head))
	if res.Regressed {
		text := w.BrokeHead
		if broke := t.flat(t.text(res.Broke)); broke != "" {
			text += " " + broke
		}
		blocks = append(blocks, t.paragraph(text))
	}
	said := map[string]bool{}
	// What a Repair step is about is not told before a hint was asked for.
	told := step.Kind != lessons.Repair || t.progress(t.work.lesson.ID).Hints[step.ID] > 0
	var lines []string
	for _, c := range res.Checks {
		if c.ID != lessons.AnswerCheck || c.Found != "" {
			lines = append(lines, t.check(res, c, told, said)...)
		}
	}
	blocks = append(blocks, lines)
	if text := t.text(res.Diagnosis); text != "" && !said[text] && res.Verdict != lessons.Pass {
		head := w.Diagnosis
		if res.Stuck() {
			head = w.StuckHead
		}
		blocks = append(blocks, t.paragraph(head))
		blocks = append(blocks, t.markdown(text)...)
	}
	if trouble := res.Trouble; trouble != nil && res.Verdict == lessons.CannotTell {
		blocks = append(blocks, t.markdown(t.text(trouble.Hint))...)
	}
	return compact(blocks)
}

// check says one check; what several have to say is said once.
func (t *talk) check(res lessons.StepResult, c lessons.CheckResult, causes bool, said map[string]bool) []string {
	w := t.words
	lines := t.out.wrap("- ", "  ", t.flat(t.text(c.Title))+w.Colon+t.checkWord(res, c))
	if c.Verdict == lessons.Pass || c.Verdict == "" {
		return lines
	}
	add := func(text string) {
		if text != "" && !said[text] {
			said[text] = true
			for _, block := range t.markdown(text) {
				for _, line := range block {
					lines = append(lines, t.out.wrap("  ", "  ", line)...)
				}
			}
		}
	}
	if values := t.values(c); values != "" {
		lines = append(lines, t.out.wrap("  ", "    ", values)...)
	}
	if where := placeOf(c); where != "" {
		lines = append(lines, t.out.wrap("  ", "    ", w.Where+where+w.Stop)...)
	}
	if waiting := t.text(c.Waiting); waiting != "" {
		add(waiting)
	} else {
		add(t.text(c.Why))
	}
	if c.Cause != nil && causes && res.Mistake == "" && t.text(c.Cause.Text) != t.text(res.Diagnosis) {
		add(t.text(c.Cause.Text))
	}
	return lines
}

func (t *talk) checkWord(res lessons.StepResult, c lessons.CheckResult) string {
	w := t.words
	switch {
	case c.Verdict == lessons.Pass:
		return w.PassWord
	case c.Verdict == lessons.CannotTell:
		return w.CannotTellWord
	case c.HoldLeft > 0:
		return w.HoldingWord
	case c.Waiting != nil, !res.Begun:
		return w.WaitingWord
	case c.Cause != nil && c.Cause.Stuck:
		return w.StuckWord
	}
	return w.NotYetWord
}

// word says how a step stands.
func (t *talk) word(r lessons.Report, res lessons.StepResult) string {
	w := t.words
	switch {
	case res.Verdict == lessons.Pass:
		return w.PassWord
	case res.Verdict == lessons.CannotTell && (res.Begun || res.Trouble != nil):
		return w.CannotTellWord
	case !res.Begun && res.ID != r.Current:
		return w.LaterWord
	case !res.Begun, res.Waiting():
		return w.WaitingWord
	case res.Regressed:
		return w.RegressedWord
	case res.Stuck():
		return w.StuckWord
	}
	return w.NotYetWord
}

// placeOf says which field of which object a check looks at.
func placeOf(c lessons.CheckResult) string {
	where := c.Object.Kind.Resource
	if c.Object.Name != "" {
		where = c.Object.String()
	}
	return strings.TrimSpace(where + " " + c.Path)
}

// compact leaves out blocks without lines.
func compact(blocks [][]string) [][]string {
	var out [][]string
	for _, b := range blocks {
		if len(b) > 0 {
			out = append(out, b)
		}
	}
	return out
}
