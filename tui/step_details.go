package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// stepDetails lays out the open step.
type stepDetails struct {
	*stepList
	step   *lessons.Step
	result lessons.StepResult
	passed bool
	w      int
	out    []string
	said   map[string]bool // reasons that have been given
}

// details are the lines of the open step, w cells wide. A step that is passed
// begins with what happened; the task stands below it then.
func (l *stepList) details(w int) []string {
	d := &stepDetails{stepList: l, step: l.step(), w: w - 2, said: map[string]bool{}}
	d.result, _ = l.report.Step(d.step.ID)
	d.passed = d.result.Verdict == lessons.Pass
	if d.passed {
		d.mistake()
		d.debrief()
		d.section(l.styles.Label, l.words.Exercise.Task)
	} else {
		d.add(blank(d.w))
	}
	d.broke()
	d.text(l.in(d.step.Task()))
	switch d.step.Kind {
	case lessons.Ask:
		d.answer()
	case lessons.Predict:
		d.prediction()
		d.checks()
	case lessons.Manifest:
		d.file()
		d.checks()
	default:
		d.checks()
	}
	if !d.passed {
		d.mistake()
		d.diagnosis()
		d.hints()
	}
	if l.solved[d.step.ID] {
		d.section(l.styles.Label, l.words.Exercise.Solution)
		d.text("```console\n$ " + strings.Join(d.step.Solution, "\n$ ") + "\n```")
	}
	d.add(blank(d.w))
	return indented(d.out, 2)
}

// broke says what took back a step that was passed.
func (d *stepDetails) broke() {
	if !d.result.Regressed {
		return
	}
	text := d.in(d.result.Broke)
	if text == "" {
		text = d.words.Exercise.Changed
	}
	d.add(newPen(d.w).put(d.styles.Wait, d.words.Exercise.Broke).line())
	d.text(text)
	d.add(blank(d.w))
}

func (d *stepDetails) add(lines ...string) { d.out = append(d.out, lines...) }

func (d *stepDetails) text(markdown string) { d.add(d.prose.lines(markdown, d.w)...) }

func (d *stepDetails) section(look styles.Style, name string) {
	d.add(blank(d.w), newPen(d.w).put(look, name).line())
}

// debrief says what happened, and what comes now.
func (d *stepDetails) debrief() {
	words, st := d.words.Exercise, d.styles
	d.section(st.Good, st.Glyphs.Pass+" "+words.WhatHappened)
	if d.step.Kind == lessons.Predict {
		d.outcome()
		d.add(blank(d.w))
	}
	d.text(d.in(d.step.Done))
	p := newPen(d.w)
	if next := d.next(); next >= 0 {
		p.put(st.HintKey, "enter").put(st.Dim, " "+st.Glyphs.Arrow+" "+d.in(d.lesson.Steps[next].Title))
	} else {
		p.put(st.Good, words.AllPassed)
	}
	d.add(blank(d.w), p.line())
}

// answer is the line in which the answer is typed, or the right one.
func (d *stepDetails) answer() {
	if !d.passed {
		d.add(blank(d.w))
		d.inputLine = d.header + 1 + len(d.out)
		d.add(d.answerLine(d.w))
		return
	}
	if cs := d.result.Checks; len(cs) > 0 && cs[0].Found != "" {
		d.section(d.styles.Label, d.words.Exercise.YourAnswer+d.words.Colon+cs[0].Found)
	}
}

func (d *stepDetails) checks() {
	d.section(d.styles.Label, d.words.Exercise.Checks)
	results := d.result.Checks
	if len(results) == 0 { // not judged yet
		for _, c := range d.step.Checks {
			results = append(results, lessons.CheckResult{ID: c.ID, Title: c.Title})
		}
	}
	for _, c := range results {
		if c.ID != lessons.AnswerCheck { // it has its place above
			d.check(c)
		}
	}
}

// check is one check with its verdict; unless it is passed, with what was
// expected, found and where, and why. What several checks have to say is said
// once.
func (d *stepDetails) check(c lessons.CheckResult) {
	glyph, word, look := d.checkVerdict(c)
	p := newPen(d.w).put(look, glyph+" ")
	p.column(styles.Style{}, d.in(c.Title), p.left-markdown.Width(word)-1)
	d.add(p.put(look, " "+word).line())
	if c.Verdict == lessons.Pass || c.Verdict == "" {
		return
	}
	words, st := d.words.Exercise, d.styles
	d.fact(words.Expected, c.Expected, st.Good)
	d.fact(words.Found, c.Found, look)
	d.fact(words.Where, place(c), st.Dim)
	if waiting := d.in(c.Waiting); waiting != "" {
		d.say(waiting)
	} else {
		d.say(d.in(c.Why))
	}
	// The cause that is the diagnosis of the step stands under its own heading.
	// What a Repair step is about is not told before a hint was asked for.
	told := d.step.Kind != lessons.Repair || d.stepList.hints() > 0
	if c.Cause != nil && told && d.result.Mistake == "" && d.in(c.Cause.Text) != d.in(d.result.Diagnosis) {
		d.say(d.in(c.Cause.Text))
	}
}

// say gives a reason under a check, unless it was given before.
func (d *stepDetails) say(text string) {
	if text != "" && !d.said[text] {
		d.add(indented(d.prose.lines(text, d.w-4), 4)...)
		d.said[text] = true
	}
}

func (d *stepDetails) checkVerdict(c lessons.CheckResult) (glyph, word string, look styles.Style) {
	g, st, v := d.styles.Glyphs, d.styles, d.words.Verdict
	switch {
	case c.Verdict == lessons.Pass:
		return g.Pass, v.Pass, st.Good
	case c.Verdict == lessons.CannotTell:
		return g.CannotTell, v.CannotTell, st.Unknown
	case c.HoldLeft > 0:
		left := max(0, c.HoldLeft-d.now.Sub(d.report.Time))
		return g.Waiting, fmt.Sprintf(v.Holding, age(left+time.Second-1)), st.Active
	case c.Waiting != nil:
		return g.Waiting, v.Waiting, st.Active
	case c.Cause != nil && c.Cause.Stuck:
		return g.NotYet, v.Stuck, st.Wait
	case c.Verdict == lessons.NotYet && d.result.Begun:
		return g.NotYet, v.NotYet, st.Wait
	}
	return g.Waiting, v.Waiting, st.Dim
}

// fact is a labelled value; nothing when there is none.
func (d *stepDetails) fact(label, value string, look styles.Style) {
	if value == "" {
		return
	}
	words, room := d.words.Exercise, 0
	for _, l := range []string{words.Expected, words.Found, words.Where} {
		room = max(room, markdown.Width(l)+2)
	}
	for i, part := range markdown.Wrap(value, d.w-4-room) {
		if i > 0 {
			label = ""
		}
		d.add(newPen(d.w).space(styles.Style{}, 4).column(d.styles.Dim, label, room).put(look, part).line())
	}
}

// place says which field of which object a check looks at.
func place(c lessons.CheckResult) string {
	where := c.Object.Kind.Resource
	if c.Object.Name != "" {
		where = c.Object.String()
	}
	return strings.TrimSpace(where + " " + c.Path)
}

// diagnosis is the foreseen mistake that explains what is wrong, or what keeps
// the step from being judged, unless a check has said it.
func (d *stepDetails) diagnosis() {
	look := d.styles.Wait
	if d.result.Verdict == lessons.CannotTell {
		look = d.styles.Unknown
	}
	if text := d.in(d.result.Diagnosis); text != "" && !d.said[text] {
		head := d.words.Exercise.Diagnosis
		if d.result.Stuck() {
			head = d.words.Exercise.StuckBecause
		}
		d.section(look, head)
		d.text(text)
	}
	t := d.result.Trouble
	if t != nil && d.result.Verdict == lessons.CannotTell && t != d.report.Snapshot.Away {
		d.text(d.in(t.Hint))
	}
}

func (d *stepDetails) hints() {
	for i := range min(d.stepList.hints(), len(d.step.Hints)) {
		d.section(d.styles.Label, fmt.Sprintf(d.words.Exercise.HintOf, i+1, len(d.step.Hints)))
		d.text(d.in(d.step.Hints[i]))
	}
}
