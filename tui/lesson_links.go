package tui

import (
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"path"
	"runtime"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// openTimeout is how long a program that opens a browser may take to start it.
const openTimeout = 20 * time.Second

// openLink asks the App to open an address in the browser.
type openLink struct{ url string }

// copyText asks the App to put a text on the clipboard of the terminal.
type copyText struct{ text, shown string }

// overlaying asks the App to lay something over the screen.
type overlaying struct{ what overlay }

func (openLink) action()   {}
func (copyText) action()   {}
func (overlaying) action() {}

// linkOpenedMsg: a browser was asked to show an address. From openInBrowser;
// handled by App.
type linkOpenedMsg struct {
	url string
	err error
}

// openInBrowser has the system open an address. Nothing but the web is opened:
// an address of another kind could start any program.
func openInBrowser(c *crew, open func(context.Context, string) error, address string) tea.Cmd {
	return c.cmd(func(ctx context.Context) tea.Msg {
		if !isWeb(address) {
			return linkOpenedMsg{address, fmt.Errorf("only http and https are opened")}
		}
		ctx, cancel := context.WithTimeout(ctx, openTimeout)
		defer cancel()
		return linkOpenedMsg{address, open(ctx, address)}
	})
}

func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// systemOpen is how the system opens an address.
func systemOpen(ctx context.Context, address string) error {
	var cmd *exec.Cmd
	switch runtime.GOOS {
	case "darwin":
		cmd = exec.CommandContext(ctx, "open", address)
	case "windows":
		cmd = exec.CommandContext(ctx, "rundll32", "url.dll,FileProtocolHandler", address)
	default:
		cmd = exec.CommandContext(ctx, "xdg-open", address)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		if said := strings.TrimSpace(string(out)); said != "" {
			return fmt.Errorf("%w: %s", err, said)
		}
		return err
	}
	return nil
}

// linkOpened says how that went.
func (a *App) linkOpened(msg linkOpenedMsg) {
	if msg.err != nil {
		a.say(notice{text: fmt.Sprintf(a.words.Reading.NotOpened, msg.url, msg.err), bad: true})
		return
	}
	a.say(notice{text: fmt.Sprintf(a.words.Reading.Opened, msg.url)})
}

// copied puts a text on the clipboard (OSC 52), and says so.
func (a *App) copied(what copyText) tea.Cmd {
	first, _, more := strings.Cut(what.shown, "\n")
	if more {
		first += " …"
	}
	a.say(notice{text: a.words.Reading.Copied + first})
	return tea.SetClipboard(what.text)
}

// pageLink is a link of a page, or a footnote.
type pageLink struct {
	text, url string
	note      string // of a footnote
}

// links are those of the page, each address once, then its footnotes.
func (s *lessonScreen) links() []pageLink {
	var links []pageLink
	known := map[string]bool{}
	for _, l := range s.text.Doc.Links {
		if l.URL == "" || known[l.URL] {
			continue
		}
		known[l.URL] = true
		links = append(links, pageLink{text: l.Text, url: l.URL})
	}
	for _, n := range s.text.Doc.Notes {
		links = append(links, pageLink{text: fmt.Sprintf("[%d]", n.Number), note: n.Text})
	}
	return links
}

// follow lists the links of the page to choose from, or follows the only one.
func (s *lessonScreen) follow() (action, tea.Cmd) {
	links := s.links()
	if len(links) == 1 {
		return s.followLink(links[0]), nil
	}
	choices := make([]choice, len(links))
	for i, l := range links {
		note := l.url
		if l.note != "" {
			note = l.note
		}
		choices[i] = choice{text: l.text, note: note, pick: func() (action, tea.Cmd) { return s.followLink(l), nil }}
	}
	return overlaying{newPickOverlay(s.scene, s.words.Reading.Links, choices)}, nil
}

// followLink goes to a page of the course; an address outside of it is shown, to
// be copied or opened, and never opened by itself.
func (s *lessonScreen) followLink(l pageLink) action {
	k := s.keys
	if l.note != "" {
		return overlaying{&textOverlay{scene: s.scene, title: s.words.Reading.Note + " " + l.text, source: literal(l.note)}}
	}
	if to := s.pageOf(l.url); to != nil {
		return to
	}
	o := &textOverlay{scene: s.scene, title: markdown.Truncate(l.text, 40, "…"), source: literal(l.url)}
	o.more = append(o.more, asks(k.CopyLink, closeOverlay{then: func() (action, tea.Cmd) { return copyText{l.url, l.url}, nil }}))
	if isWeb(l.url) {
		o.more = append(o.more, asks(k.OpenLink, closeOverlay{then: func() (action, tea.Cmd) { return openLink{l.url}, nil }}))
	} else {
		o.source += "\n\n" + s.words.Reading.LinkInert
	}
	return overlaying{o}
}

// literal makes Markdown of a text that stands for itself.
func literal(s string) string {
	longest, run := 0, 0
	for _, r := range s {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	return fence + " " + strings.TrimSpace(s) + " " + fence
}

// pageOf returns the action that goes to the page a link means: #page of this
// lesson, or ../lesson/#page of another; nil when it means none.
func (s *lessonScreen) pageOf(link string) action {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "" || u.Host != "" {
		return nil
	}
	l := s.lesson
	if u.Path != "" {
		dir := strings.TrimSuffix(u.Path, path.Base(u.Path))
		if !strings.Contains(path.Base(u.Path), ".") {
			dir = u.Path
		}
		id := path.Base(path.Clean(dir))
		if s.lesson.Course != "" {
			id = s.lesson.Course + "/" + id
		}
		if l = s.lesson0(id); l == nil {
			return nil
		}
	}
	page := ""
	for _, p := range l.Pages {
		if p.ID == u.Fragment {
			page = p.ID
		}
	}
	if page == "" && (u.Fragment != "" || l == s.lesson) {
		return nil
	}
	return goLesson{l.ID, page}
}

// copyable are the blocks of code that can be copied: those on the screen, or
// where there are none, those of the page. Drawings are left out.
func (s *lessonScreen) copyable() []markdown.CodeBlock {
	var seen, every []markdown.CodeBlock
	last := -1
	for i, l := range s.text.Doc.Lines {
		if l.Block < 0 || l.Block == last {
			continue
		}
		last = l.Block
		code := s.text.Doc.Code[l.Block]
		if code.Diagram() || code.Commands() == "" {
			continue
		}
		every = append(every, code)
		end := i
		for end+1 < len(s.text.Doc.Lines) && s.text.Doc.Lines[end+1].Block == l.Block {
			end++
		}
		if end >= s.view.top && i < s.view.top+s.view.height {
			seen = append(seen, code)
		}
	}
	if len(seen) > 0 {
		return seen
	}
	return every
}

// copyCode copies the only block of code, or asks which.
func (s *lessonScreen) copyCode() (action, tea.Cmd) {
	blocks := s.copyable()
	if len(blocks) == 1 {
		return copyText{blocks[0].Commands(), blocks[0].Commands()}, nil
	}
	choices := make([]choice, len(blocks))
	for i, b := range blocks {
		text := b.Commands()
		first, rest, _ := strings.Cut(text, "\n")
		note := ""
		if rest != "" {
			note = fmt.Sprintf(s.words.Reading.Lines, strings.Count(text, "\n")+1)
		}
		choices[i] = choice{text: first, note: note, pick: func() (action, tea.Cmd) { return copyText{text, text}, nil }}
	}
	return overlaying{newPickOverlay(s.scene, s.words.Reading.Code, choices)}, nil
}

// clicked follows what is under the mouse.
func (s *lessonScreen) clicked(x, y int) action {
	if s.wide() && x < contentsWidth {
		return s.clickedContents(y)
	}
	if s.browsing {
		return s.clickedContents(y)
	}
	line := s.view.top + y - linesOfHeading
	if y < linesOfHeading || y >= linesOfHeading+s.view.height {
		return nil
	}
	if line == len(s.text.Doc.Lines)+1 {
		return s.goOnward()
	}
	span, offset, ok := s.text.At(line, x-s.left()-textMargin)
	if !ok {
		return nil
	}
	if n, is := markdown.NoteOf(span.Link); is {
		for _, note := range s.text.Doc.Notes {
			if note.Number == n {
				return s.followLink(pageLink{text: fmt.Sprintf("[%d]", n), note: note.Text})
			}
		}
		return nil
	}
	if span.Link != "" {
		return s.followLink(pageLink{text: span.Text, url: span.Link})
	}
	for i, t := range s.terms.at {
		if offset >= t.Start && offset < t.End {
			return s.explainTerm(i)
		}
	}
	return s.sendAt(line, x-s.left()-textMargin)
}
