package tui

import (
	"strings"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/reading"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// proseLimit bounds the cache of laid out texts; a lesson has far fewer.
const proseLimit = 400

// prose lays Markdown out as lines of a fixed width, and remembers them by text
// and width: View runs after each message, and a page is laid out once. It
// belongs to one look and one language.
type prose struct {
	styles  *styles.Styles
	callout func(kind string) string
	known   map[proseKey][]string
	pages   map[pageKey]*reading.Page
	parts   map[pageKey]bool // pages of which only the beginning is laid out
	wanted  []pageKey        // long pages that nobody lays out yet

	runnable map[string][]string // commands by text
}

type proseKey struct {
	source string
	width  int
}

func newProse(st *styles.Styles, callout func(kind string) string) *prose {
	return &prose{styles: st, callout: callout, known: map[proseKey][]string{},
		pages: map[pageKey]*reading.Page{}, parts: map[pageKey]bool{}, runnable: map[string][]string{}}
}

// lines returns source laid out in lines of exactly w cells. The result is
// shared and must not be changed.
func (p *prose) lines(source string, w int) []string {
	if source == "" || w <= 0 {
		return nil
	}
	key := proseKey{source, w}
	if lines, ok := p.known[key]; ok {
		return lines
	}
	doc := markdown.Render([]byte(source), w, markdown.Options{Plain: p.styles.Options.Plain, CalloutTitle: p.callout})
	text := markdown.ANSI(doc, func(s markdown.Span) (string, string) { return p.styles.Span(s.Style).Sequences() })
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] += blank(w - drawnWidth(l))
	}
	if len(p.known) >= proseLimit {
		clear(p.known)
	}
	p.known[key] = lines
	return lines
}
