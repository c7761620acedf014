package cli

import (
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// maxWidth is the widest text that is comfortable to read, in columns.
const maxWidth = 84

// width is how wide prose is set.
func (p *Program) width() int {
	if p.Width <= 0 {
		return 80
	}
	return min(p.Width, maxWidth)
}

// markdown prints Markdown: with colours and links on a terminal, as plain text
// elsewhere.
func (p *Program) markdown(source string) { p.printf("%s", painted(p.render(source, p.width()))) }

func (p *Program) render(source string, width int) string {
	return p.paint(markdown.Render([]byte(source), width, markdown.Options{Plain: p.flags.plain, CalloutTitle: p.calloutTitle}))
}

// paint writes a page with colours and links on a terminal, as plain text
// elsewhere.
func (p *Program) paint(doc markdown.Doc) string {
	if !p.OutTerminal || p.colourless() {
		return doc.Plain()
	}
	st := styles.New(styles.Options{Dark: true, Colors: styles.SixteenColors})
	return markdown.ANSI(doc, func(s markdown.Span) (open, end string) { return st.Span(s.Style).Sequences() })
}

// indented renders Markdown with a margin.
func (p *Program) indented(source string, margin int) painted {
	text := strings.TrimRight(p.render(source, p.width()-margin), "\n")
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) != "" {
			b.WriteString(strings.Repeat(" ", margin))
		}
		b.WriteString(line + "\n")
	}
	return painted(b.String())
}

func (p *Program) calloutTitle(kind string) string {
	if p.lang != lessons.Chinese {
		return strings.ToUpper(kind[:1]) + kind[1:]
	}
	switch kind {
	case "tip":
		return "提示"
	case "important":
		return "重要"
	case "warning", "caution":
		return "注意"
	}
	return "说明"
}

// pad fills a text with spaces up to width columns; Chinese counts two each.
func pad(s string, width int) string { return markdown.Pad(s, width) }

// mark is the sign and the word of a verdict: colour is never the only sign.
func (p *Program) mark(v lessons.Verdict) (sign, word string) {
	signs := map[lessons.Verdict]string{lessons.Pass: "✓", lessons.NotYet: "○", lessons.CannotTell: "?"}
	if p.flags.plain {
		signs = map[lessons.Verdict]string{lessons.Pass: "[x]", lessons.NotYet: "[ ]", lessons.CannotTell: "[?]"}
	}
	words := map[lessons.Verdict]string{
		lessons.Pass:       p.t("passed", "通过"),
		lessons.NotYet:     p.t("not yet", "未完成"),
		lessons.CannotTell: p.t("cannot tell", "无法判定"),
	}
	return signs[v], words[v]
}

type objectJSON struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name,omitempty"`
}

type checkJSON struct {
	ID       string          `json:"id"`
	Title    string          `json:"title"`
	Verdict  lessons.Verdict `json:"verdict"`
	Expected string          `json:"expected"`
	Found    string          `json:"found"`
	Why      string          `json:"why,omitempty"`
	Object   *objectJSON     `json:"object,omitempty"`
	Path     string          `json:"path,omitempty"`
	Waiting  string          `json:"waiting,omitempty"` // what is on its way
	Cause    *causeJSON      `json:"cause,omitempty"`
}

// causeJSON is what was found to keep a check from passing.
type causeJSON struct {
	ID       string      `json:"id"`
	Text     string      `json:"text"`
	Object   *objectJSON `json:"object,omitempty"`
	Path     string      `json:"path,omitempty"`
	Expected string      `json:"expected,omitempty"`
	Found    string      `json:"found,omitempty"`
	Stuck    bool        `json:"stuck"` // waiting does not mend it
}

type stepJSON struct {
	ID        string          `json:"id"`
	Title     string          `json:"title"`
	Kind      string          `json:"kind"`
	Verdict   lessons.Verdict `json:"verdict"`
	Begun     bool            `json:"begun"`
	Regressed bool            `json:"regressed,omitempty"`
	Broke     string          `json:"broke,omitempty"` // what changed since it was passed
	Mistake   string          `json:"mistake,omitempty"`
	Diagnosis string          `json:"diagnosis,omitempty"`
	*predictionJSON
	Checks []checkJSON `json:"checks"`
}

type errorJSON struct {
	Trouble lessons.Trouble `json:"trouble"`
	Tried   string          `json:"tried"`
	Server  string          `json:"server,omitempty"`
	Said    string          `json:"said"`
	Hint    string          `json:"hint,omitempty"`
}

type reportJSON struct {
	Lesson    string          `json:"lesson"`
	Cluster   string          `json:"cluster,omitempty"`
	Namespace string          `json:"namespace,omitempty"`
	Verdict   lessons.Verdict `json:"verdict"`
	Current   string          `json:"current,omitempty"`
	Steps     []stepJSON      `json:"steps"`
	Notice    string          `json:"notice,omitempty"`
	Error     *errorJSON      `json:"error,omitempty"`
}

func (p *Program) reportJSON(l *lessons.Lesson, rep lessons.Report) reportJSON {
	out := reportJSON{Lesson: l.ID, Cluster: rep.Workspace.Cluster, Namespace: rep.Workspace.Namespace, Verdict: rep.Verdict,
		Current: rep.Current, Steps: []stepJSON{}, Notice: rep.Notice.In(p.lang)}
	for _, res := range rep.Steps {
		out.Steps = append(out.Steps, p.stepJSON(l, res))
		if res.Trouble != nil && out.Error == nil {
			out.Error = p.errorJSON(res.Trouble)
		}
	}
	return out
}

func (p *Program) stepJSON(l *lessons.Lesson, res lessons.StepResult) stepJSON {
	step, _ := l.Step(res.ID)
	out := stepJSON{predictionJSON: predictionOf(res), ID: res.ID, Title: step.Title.In(p.lang), Kind: string(step.Kind), Verdict: res.Verdict, Begun: res.Begun,
		Regressed: res.Regressed, Broke: res.Broke.In(p.lang), Mistake: res.Mistake, Diagnosis: res.Diagnosis.In(p.lang), Checks: []checkJSON{}}
	for _, c := range res.Checks {
		check := checkJSON{ID: c.ID, Title: c.Title.In(p.lang), Verdict: c.Verdict, Expected: c.Expected, Found: c.Found,
			Why: c.Why.In(p.lang), Path: c.Path, Object: objectOf(c.Object), Waiting: c.Waiting.In(p.lang)}
		if why := c.Cause; why != nil {
			check.Cause = &causeJSON{why.ID, why.Text.In(p.lang), objectOf(why.Object), why.Path, why.Expected, why.Found, why.Stuck}
		}
		out.Checks = append(out.Checks, check)
	}
	return out
}

// objectOf is nil when no kind is named.
func objectOf(r lessons.Ref) *objectJSON {
	if r.Kind.Kind == "" {
		return nil
	}
	return &objectJSON{r.Kind.APIVersion(), r.Kind.Kind, r.Namespace, r.Name}
}

func (p *Program) errorJSON(e *lessons.ClusterError) *errorJSON {
	return &errorJSON{Trouble: e.Trouble, Tried: e.Op, Server: e.Server, Said: fmt.Sprint(e.Err), Hint: e.Hint.In(p.lang)}
}
