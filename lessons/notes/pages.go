package notes

import (
	"regexp"
	"strings"
)

// A section is cut at its ### headings when it is longer than longSection, and
// at blank lines when a part is still longer than longPage. In bytes.
const (
	longSection = 12 << 10
	longPage    = 64 << 10
)

// cut makes pages of a text: one for each # and ## heading, with what is before
// the first. There is one page at least.
func cut(text string) []Page {
	lines := strings.SplitAfter(text, "\n")
	defs := definitions(lines)
	var pages []Page
	for _, s := range sections(lines, 2) {
		parts := []section{s}
		if s.size() > longSection {
			parts = sections(s.lines, 3)
			parts[0].level, parts[0].title = s.level, s.title
		}
		for _, part := range parts {
			pages = append(pages, part.pages()...)
		}
	}
	pages = joined(pages)
	for i := range pages {
		pages[i].Body = withDefinitions(pages[i].Body, defs)
	}
	if len(pages) == 0 {
		pages = []Page{{}}
	}
	return pages
}

// section is a heading and the lines below it.
type section struct {
	title string
	level int
	lines []string
}

func (s section) size() (n int) {
	for _, l := range s.lines {
		n += len(l)
	}
	return n
}

// sections parts lines at headings of at most a level, outside of code. The
// first one is what is before the first heading, and may be empty.
func sections(lines []string, most int) []section {
	all := []section{{}}
	var f fence
	for i := 0; i < len(lines); i++ {
		here := &all[len(all)-1]
		line := lines[i]
		if f.within(line) {
			here.lines = append(here.lines, line)
			continue
		}
		if level, title, ok := atxHeading(line); ok && level <= most {
			all = append(all, section{title: title, level: level})
			continue
		}
		if i+1 < len(lines) {
			if level, ok := underlined(line, lines[i+1]); ok && level <= most && (i == 0 || blankLine(lines[i-1]) || startsSection(here)) {
				all = append(all, section{title: plainHeading(line), level: level})
				i++
				continue
			}
		}
		here.lines = append(here.lines, line)
	}
	return all
}

func startsSection(s *section) bool { return len(s.lines) == 0 }

func blankLine(line string) bool { return strings.TrimSpace(line) == "" }

// fence follows code blocks from line to line.
type fence struct{ open string }

// within reports whether a line belongs to a block of code, its fences included.
func (f *fence) within(line string) bool {
	text := strings.TrimLeft(line, " ")
	if len(line)-len(text) > 3 && f.open == "" {
		return false
	}
	text = strings.TrimRight(text, "\r\n \t")
	if f.open == "" {
		for _, mark := range []byte{'`', '~'} {
			n := run(text, mark)
			if n >= 3 && (mark == '~' || !strings.ContainsRune(text[n:], '`')) {
				f.open = text[:n]
				return true
			}
		}
		return false
	}
	if n := run(text, f.open[0]); n >= len(f.open) && n == len(text) {
		f.open = ""
	}
	return true
}

func run(s string, c byte) int {
	n := 0
	for n < len(s) && s[n] == c {
		n++
	}
	return n
}

// atxHeading reads "## Title ##".
func atxHeading(line string) (level int, title string, ok bool) {
	text := strings.TrimLeft(line, " ")
	if len(line)-len(text) > 3 {
		return 0, "", false
	}
	text = strings.TrimSpace(text)
	level = run(text, '#')
	if level == 0 || level > 6 || len(text) > level && text[level] != ' ' && text[level] != '\t' {
		return 0, "", false
	}
	title = strings.TrimSpace(text[level:])
	if end := strings.TrimRight(title, "#"); end == "" || strings.HasSuffix(end, " ") {
		title = strings.TrimSpace(end)
	}
	return level, plainHeading(title), true
}

// underlined reads a heading with a line of = or - below.
func underlined(line, below string) (level int, ok bool) {
	text, mark := strings.TrimSpace(line), strings.TrimSpace(below)
	if text == "" || mark == "" || strings.HasPrefix(line, "    ") || strings.ContainsAny(text[:1], "#>-*+|=") {
		return 0, false
	}
	switch {
	case run(mark, '=') == len(mark):
		return 1, true
	case len(mark) >= 3 && run(mark, '-') == len(mark):
		return 2, true
	}
	return 0, false
}

var (
	headingID   = regexp.MustCompile(`\s*\{#[^{}]*\}\s*$`)
	headingLink = regexp.MustCompile(`!?\[([^\[\]]*)\]\([^()]*\)`)
)

// plainHeading is the text of a heading without its Markdown.
func plainHeading(text string) string {
	text = headingID.ReplaceAllString(strings.TrimSpace(text), "")
	text = headingLink.ReplaceAllString(text, "$1")
	text = strings.NewReplacer("**", "", "__", "", "`", "").Replace(text)
	return strings.TrimSpace(text)
}

// pages is the section as pages: several when it is very long.
func (s section) pages() []Page {
	body := strings.Join(s.lines, "")
	if len(body) <= longPage {
		return []Page{{s.title, s.level, strings.Trim(body, "\n")}}
	}
	var pages []Page
	var part strings.Builder
	var f fence
	for _, line := range s.lines {
		part.WriteString(line)
		if !f.within(line) && part.Len() > longPage/2 && blankLine(line) {
			pages = append(pages, Page{s.title, s.level, strings.Trim(part.String(), "\n")})
			part.Reset()
		}
	}
	if rest := strings.Trim(part.String(), "\n"); rest != "" {
		pages = append(pages, Page{s.title, s.level, rest})
	}
	return pages
}

// joined drops pages without text. The title of one goes before that of the page
// after it, if that is below it: a chapter begins with its first section.
func joined(pages []Page) []Page {
	var out []Page
	waiting := Page{}
	for i, p := range pages {
		if strings.TrimSpace(p.Body) == "" && p.Title != "" && i+1 < len(pages) && pages[i+1].Level > p.Level {
			if waiting.Title != "" {
				p.Title = waiting.Title + " › " + p.Title
				p.Level = waiting.Level
			}
			waiting = p
			continue
		}
		if strings.TrimSpace(p.Body) == "" && p.Title == "" {
			continue
		}
		if waiting.Title != "" {
			p.Title, p.Level = waiting.Title+" › "+p.Title, waiting.Level
			waiting = Page{}
		}
		out = append(out, p)
	}
	return out
}

// definition is a link's address or a footnote that may stand far from where it
// is used.
type definition struct{ label, text string }

var definitionLine = regexp.MustCompile(`^ {0,3}(\[[^\[\]]+\]):[ \t]*\S`)

// definitions finds all of them, so that each page has those that it uses.
func definitions(lines []string) []definition {
	var defs []definition
	var f fence
	open := false
	for _, line := range lines {
		if f.within(line) {
			open = false
			continue
		}
		if m := definitionLine.FindStringSubmatch(line); m != nil {
			defs = append(defs, definition{m[1], line})
			open = strings.HasPrefix(m[1], "[^")
			continue
		}
		if open && (strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")) {
			defs[len(defs)-1].text += line
			continue
		}
		open = false
	}
	return defs
}

// withDefinitions adds to a page the definitions that it uses and does not hold.
func withDefinitions(body string, defs []definition) string {
	var more strings.Builder
	for _, d := range defs {
		if strings.Contains(body, d.label) && !strings.Contains(body, strings.TrimRight(d.text, "\n")) {
			more.WriteString(strings.TrimRight(d.text, "\n") + "\n")
		}
	}
	if more.Len() == 0 {
		return body
	}
	return body + "\n\n" + more.String()
}
