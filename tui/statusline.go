package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// How long a notice stays on the line of state.
const (
	noticeShown = 5 * time.Second
	badShown    = 20 * time.Second
)

// notice is a message on the line of state.
type notice struct {
	text  string
	bad   bool // something went wrong
	since time.Time
}

func (n notice) over(now time.Time) bool {
	shown := noticeShown
	if n.bad {
		shown = badShown
	}
	return n.text == "" || now.Sub(n.since) >= shown
}

// titleLine is the line at the top: where one is, and in which language.
func (s *scene) titleLine(w int, title []string) string {
	st := s.styles
	p := newPen(w).put(st.BarName, " k8stutor ")
	language := " " + s.words.LanguageName + " "
	room := p.left - markdown.Width(language)
	text := ""
	if len(title) > 0 {
		sep := " " + st.Glyphs.Separator + " "
		text = sep[1:] + strings.Join(title, sep)
	}
	p.column(st.Bar, text, room)
	return p.put(st.Bar, language).filled(st.Bar)
}

// hintLine is the line of keys: as many of those that work now as fit. The keys
// of the program come last and are never left out.
func (s *scene) hintLine(w int, screen, program []bound) string {
	st := s.styles
	hint := func(b bound) (text string, width int) {
		name := b.Help().Key
		if i := strings.IndexByte(name, ' '); i > 0 {
			name = name[:i] // the first of a key's names is enough here
		}
		return st.HintKey.Paint(name) + st.HintText.Paint(" "+b.Help().Desc), markdown.Width(name) + 1 + markdown.Width(b.Help().Desc)
	}
	var tail []bound
	reserved := 0
	for _, b := range program {
		if !b.quiet {
			_, n := hint(b)
			tail = append(tail, b)
			reserved += n + 2
		}
	}
	p := newPen(w).space(styles.Style{}, 1)
	for _, b := range screen {
		if b.quiet {
			continue
		}
		text, n := hint(b)
		if n+2 > p.left-reserved {
			break
		}
		p.raw(text, n).space(styles.Style{}, 2)
	}
	for _, b := range tail {
		text, n := hint(b)
		p.raw(text, n).space(styles.Style{}, 2)
	}
	return p.line()
}

// statusLine is the line at the bottom: the cluster, and what there is to say.
func (s *scene) statusLine(w int, n notice) string {
	st := s.styles
	text, look := s.clusterText()
	if s.notes != "" {
		text, look = s.words.Reading.Notes+s.words.Colon+s.notes, st.Status
	}
	p := newPen(w).put(st.Status, " ").put(look, text).put(st.Status, "  ")
	if !n.over(s.now) {
		style := st.Notice
		if n.bad {
			style = st.NoticeBad
		}
		return p.put(style, n.text).filled(st.Status)
	}
	last := s.lesson(s.progress.LastLesson)
	if last == nil || s.notes != "" {
		return p.columnFilled(st.Status, s.version+" ").filled(st.Status)
	}
	_, steps, _ := s.progress.LessonDone(last)
	return p.columnFilled(st.Status, fmt.Sprintf("%s %s %s ", s.in(last.Title), s.words.Home.Steps, countText(steps))).filled(st.Status)
}

// columnFilled writes text at the right end of the line, the space before it in
// the same style.
func (p *pen) columnFilled(s styles.Style, text string) *pen {
	p.space(s, p.left-markdown.Width(text))
	return p.put(s, text)
}

// clusterText says how the cluster is: glyph, word and look.
func (s *scene) clusterText() (string, styles.Style) {
	c, st, g, w := &s.cluster, s.styles, s.styles.Glyphs, s.words.Cluster
	if c.doing() {
		return g.Progressing + " " + s.choreProgress(), st.StatusWait
	}
	switch c.phase {
	case clusterOpening, clusterRestarting:
		return g.Progressing + " " + s.openingText(), st.StatusWait
	case clusterFailed:
		return g.Broken + " " + w.Failed, st.StatusBad
	case clusterOpen:
		if c.away != nil {
			return g.Broken + " " + fmt.Sprintf(w.IsAway, c.info.Name, age(s.now.Sub(c.awaySince))), st.StatusBad
		}
		text := g.Good + " " + strings.TrimSpace(c.info.Name+" "+c.info.Version)
		if c.info.ReadOnly {
			text += " [" + s.words.Choosing.ROBadge + "]"
		}
		return text, st.StatusGood
	}
	return g.New + " " + w.Closed, st.Status
}
