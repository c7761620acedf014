package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// welcomeOverlay is the first run: the language, what the cluster is and why it
// is safe, three keys. It is shown once; esc ends it at any moment.
type welcomeOverlay struct {
	*scene
	page int
	x, y int // of its upper left corner, as it was drawn last
}

// The pages of the welcome.
const (
	welcomeLanguage = iota
	welcomeCluster
	welcomeKeys
	welcomePages
)

const welcomeWidth = 68

func newWelcomeOverlay(s *scene) *welcomeOverlay { return &welcomeOverlay{scene: s} }

// welcomed remembers that the first run is over.
func (o *welcomeOverlay) welcomed() action {
	now := o.now
	return save{func(p *lessons.Progress) { p.Screen.Welcomed = now }}
}

func (o *welcomeOverlay) done() (action, tea.Cmd) {
	return closeOverlay{then: func() (action, tea.Cmd) { return o.welcomed(), nil }}, nil
}

func (o *welcomeOverlay) turn(n int) (action, tea.Cmd) {
	if o.page += n; o.page == welcomeCluster && n > 0 && o.cluster.candidates == nil {
		return lookForClusters{}, nil
	}
	return nil, nil
}

func (o *welcomeOverlay) bindings() []bound {
	k := o.keys
	forth := k.WelcomeNext
	if o.page == welcomePages-1 {
		forth.SetHelp(forth.Help().Key, o.words.Welcome.Begin)
	}
	bs := []bound{on(forth, o.forth)}
	if o.page > 0 {
		bs = append(bs, on(k.WelcomeBefore, func() (action, tea.Cmd) { return o.turn(-1) }))
	}
	if o.page == welcomeLanguage {
		bs = append(bs, asks(k.WelcomeChoose, switchLanguage{}))
	}
	return append(bs, on(k.WelcomeSkip, o.done))
}

func (o *welcomeOverlay) forth() (action, tea.Cmd) {
	if o.page == welcomePages-1 {
		return o.done()
	}
	return o.turn(1)
}

func (o *welcomeOverlay) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		a, cmd, _ := press(msg, o.bindings())
		return a, cmd
	case tea.MouseClickMsg:
		if lang, ok := o.languageAt(msg.Y); o.page == welcomeLanguage && ok {
			if lang != o.lang {
				return switchLanguage{}, nil
			}
		}
		return o.forth()
	}
	return nil, nil
}

// languagesFrom is the line of the block in which the first language stands.
const languagesFrom = 3

func (o *welcomeOverlay) languageAt(y int) (lessons.Lang, bool) {
	if i := y - o.y - languagesFrom; i >= 0 && i < len(lessons.Languages()) {
		return lessons.Languages()[i], true
	}
	return "", false
}

func (o *welcomeOverlay) block(w, h int) ([]string, int) {
	width := min(w-4, welcomeWidth)
	inner := width - 6
	var lines []string
	switch o.page {
	case welcomeLanguage:
		lines = o.languages(inner)
	case welcomeCluster:
		lines = o.where(inner)
	default:
		lines = o.threeKeys(inner)
	}
	lines = append([]string{blank(inner)}, lines...)
	height := min(h, max(len(lines)+3, 14))
	o.x, o.y = (w-width)/2, linesAbove+max(0, (h-height)/2)
	lines = padded(indented(sized(lines, inner, height-2), 2), 2)
	title := "k8stutor " + o.styles.Glyphs.Dot + " " + o.words.Welcome.Title
	return box(o.styles, title, fmt.Sprintf(o.words.Welcome.StepOf, o.page+1, welcomePages), lines, width, height, true), width
}

// languages shows both languages, each in itself; the one that is marked is the
// one of the whole screen.
func (o *welcomeOverlay) languages(w int) []string {
	st := o.styles
	lines := []string{newPen(w).put(st.Label, "Language "+st.Glyphs.Dot+" 语言").line()}
	for _, lang := range lessons.Languages() {
		p := newPen(w)
		if lang == o.lang {
			lines = append(lines, p.put(st.Selected, " "+st.Glyphs.Cursor+" "+wordsIn(lang).LanguageName+" ").line())
			continue
		}
		lines = append(lines, p.put(styles.Style{}, "   "+wordsIn(lang).LanguageName).line())
	}
	lines = append(lines, blank(w))
	for _, lang := range lessons.Languages() {
		look := styles.Style{}
		if lang != o.lang {
			look = st.Dim
		}
		for _, l := range markdown.Wrap(wordsIn(lang).Welcome.Intro, w) {
			lines = append(lines, newPen(w).put(look, l).line())
		}
	}
	return lines
}

// where says where exercises run, and why nothing else is touched.
func (o *welcomeOverlay) where(w int) []string {
	words := o.words.Welcome
	lines := append([]string(nil), o.prose.lines(words.Where, w)...)
	lines = append(lines, blank(w))
	for _, c := range o.cluster.candidates {
		if !c.Chosen {
			continue
		}
		provider := c.Provider
		if why := o.in(c.Why); why != "" {
			provider = why
		}
		safe := words.Shared
		if c.Provider == "sandbox" {
			safe = words.Sandbox
		}
		chosen := fmt.Sprintf(words.Chosen, escaped(c.Name), escaped(provider))
		lines = append(lines, o.prose.lines(chosen, w)...)
		lines = append(lines, blank(w))
		return append(lines, o.prose.lines(safe, w)...)
	}
	if o.cluster.candidates == nil {
		return append(lines, newPen(w).put(o.styles.Dim, words.Looking).line())
	}
	return append(lines, o.prose.lines(words.Sandbox, w)...)
}

// escaped keeps a name from being Markdown.
func escaped(name string) string {
	var b []rune
	for _, r := range markdown.Clean(name) {
		switch r {
		case '*', '_', '`', '[', ']', '<', '\\', '~', '!':
			b = append(b, '\\')
		}
		b = append(b, r)
	}
	return string(b)
}

func (o *welcomeOverlay) threeKeys(w int) []string {
	st, k, words := o.styles, o.keys, o.words.Welcome
	lines := []string{newPen(w).put(st.Strong, words.Keys).line(), blank(w)}
	for _, b := range []struct{ key, what string }{
		{"?", k.Help.Help().Desc}, {"/", k.Palette.Help().Desc}, {"esc", k.Back.Help().Desc},
	} {
		lines = append(lines, newPen(w).space(styles.Style{}, 2).column(st.HintKey, b.key, 6).put(styles.Style{}, b.what).line())
	}
	lines = append(lines, blank(w))
	for _, l := range markdown.Wrap(words.Later, w) {
		lines = append(lines, newPen(w).put(styles.Style{}, l).line())
	}
	return lines
}
