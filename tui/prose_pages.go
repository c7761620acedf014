package tui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/reading"
)

const (
	// longSource is how many bytes of Markdown are laid out while a key waits: a
	// few milliseconds' worth. Of a longer text the first firstPart are, and the
	// whole by a command.
	longSource = 24 << 10
	firstPart  = 8 << 10
	// pageLimit bounds the cache of pages.
	pageLimit = 100
)

// pageKey says which text is laid out how.
type pageKey struct {
	source       string
	width, shift int
}

// pageLaidMsg: a long page has been laid out. From layOutPage; handled by App.
type pageLaidMsg struct {
	prose *prose
	key   pageKey
	page  *reading.Page
}

// page returns source laid out as a page to be read. part is true when it is
// only the beginning: the rest is on its way.
func (p *prose) page(source string, w, shift int) (page *reading.Page, part bool) {
	key := pageKey{source, max(w, 1), shift}
	if page := p.pages[key]; page != nil {
		return page, p.parts[key]
	}
	if len(source) <= longSource {
		page = p.laidOut(key, source)
	} else {
		page = p.laidOut(key, beginning(source, firstPart))
		part = true
		p.wanted = append(p.wanted, key)
	}
	p.keep(key, page, part)
	return page, part
}

func (p *prose) keep(key pageKey, page *reading.Page, part bool) {
	if len(p.pages) >= pageLimit {
		clear(p.pages)
		clear(p.parts)
	}
	p.pages[key] = page
	if part {
		p.parts[key] = true
	} else {
		delete(p.parts, key)
	}
}

// laidOut does the work; it reads nothing of p that changes.
func (p *prose) laidOut(key pageKey, source string) *reading.Page {
	return reading.New(markdown.Render([]byte(source), key.width, markdown.Options{Plain: p.styles.Options.Plain, CalloutTitle: p.callout,
		Sideways: true, Shift: key.shift, HTML: true}))
}

// line returns line i of a page, painted and exactly w cells wide.
func (p *prose) line(page *reading.Page, i, w int, marks []reading.Mark) string {
	doc := markdown.Doc{Lines: []markdown.Line{page.Marked(i, marks)}}
	text := markdown.ANSI(doc, func(s markdown.Span) (string, string) { return p.styles.Span(s.Style).Sequences() })
	text = strings.TrimSuffix(text, "\n")
	return text + blank(w-drawnWidth(text))
}

// layOutLong returns the command that lays out the long pages that were asked
// for, nil when there are none.
func (p *prose) layOutLong(c *crew) tea.Cmd {
	var cmds []tea.Cmd
	for _, key := range p.wanted {
		cmds = append(cmds, layOutPage(c, p, key))
	}
	p.wanted = nil
	return tea.Batch(cmds...)
}

func layOutPage(c *crew, p *prose, key pageKey) tea.Cmd {
	return c.cmd(func(context.Context) tea.Msg {
		return pageLaidMsg{p, key, p.laidOut(key, key.source)}
	})
}

// pageLaid takes in a long page, unless look or language have changed since.
func (a *App) pageLaid(msg pageLaidMsg) {
	if msg.prose != a.prose {
		return
	}
	a.prose.keep(msg.key, msg.page, false)
	a.resize()
}

// beginning returns the first size bytes of a text or a little more: up to a
// blank line outside of code, or up to a line's end if there is none near.
func beginning(source string, size int) string {
	fence, at, lineEnd := "", 0, 0
	for line := range strings.SplitAfterSeq(source, "\n") {
		at += len(line)
		text := strings.TrimSpace(line)
		switch {
		case fence == "" && (strings.HasPrefix(text, "```") || strings.HasPrefix(text, "~~~")):
			fence = text[:3]
		case fence != "" && strings.HasPrefix(text, fence):
			fence = ""
		}
		if at >= size && lineEnd == 0 {
			lineEnd = at
		}
		if at >= size && text == "" && fence == "" {
			return source[:at]
		}
		if at >= 2*size {
			break
		}
	}
	if lineEnd == 0 || lineEnd > 4*size { // a line without end
		return strings.ToValidUTF8(source[:min(len(source), size)], "")
	}
	return source[:lineEnd]
}

// layOutAll lays out all pages of a lesson, to be searched.
func layOutAll(c *crew, p *prose, what layOutPages) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		pages := make([]reading.Text, len(what.sources))
		for i, source := range what.sources {
			if ctx.Err() != nil {
				return nil
			}
			pages[i] = p.laidOut(pageKey{source, max(what.width, 1), 0}, source).Text
		}
		return pagesLaidMsg{what.asked, pages}
	})
}
