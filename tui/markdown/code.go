package markdown

import (
	"strings"

	"github.com/yuin/goldmark/text"
)

// tabWidth is how far apart the tab stops in code are, in cells.
const tabWidth = 4

// code lays out a block of code. Its lines are never broken at words, since
// their columns mean something: a line that is too long goes on in the next
// one, behind a mark, and nothing is lost.
func (r *renderer) code(language string, lines *text.Segments) {
	language = strings.ToLower(Clean(language))
	source := codeSource(lines.Value(r.source))
	block := len(r.doc.Code)
	r.doc.Code = append(r.doc.Code, CodeBlock{Language: language, Source: source})

	p := &r.p
	p.reset()
	emit := r.codeLine
	if r.opts.Sideways && isDiagram(language, source) {
		emit = func(p *paragraph, block int) { r.diagramLine(p, block, codeLead(r.width)) }
	}
	highlight(language, source, func(s string, role Role) {
		st := Style{Role: role}
		for {
			line, rest, more := strings.Cut(s, "\n")
			p.verbatim(line, st)
			if !more {
				return
			}
			emit(p, block)
			p.reset()
			s = rest
		}
	})
	emit(p, block)
}

// codeLead is how far code is indented where there is room for width cells.
func codeLead(width int) int {
	if width < minWidth {
		return 0
	}
	return 2
}

// codeSource makes source safe to show and to copy: control characters but for
// tabs and line ends are replaced, the last line's end is dropped.
func codeSource(source []byte) string {
	s := strings.ReplaceAll(strings.ToValidUTF8(string(source), "\uFFFD"), "\r\n", "\n")
	s = strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t':
			return c
		case isControl(c) || c == '\u2028' || c == '\u2029':
			return '\uFFFD'
		case isDropped(c) || c == '\u200b':
			return -1
		}
		return c
	}, s)
	return strings.TrimRight(s, "\n")
}

// verbatim adds code: tabs are expanded, nothing else changes.
func (p *paragraph) verbatim(s string, st Style) {
	for {
		before, after, tab := strings.Cut(s, "\t")
		p.code(before, st)
		if !tab {
			return
		}
		p.code(strings.Repeat(" ", tabWidth-p.width()%tabWidth), st)
		s = after
	}
}

// codeLine emits one line of source, which p holds.
func (r *renderer) codeLine(p *paragraph, block int) {
	lead := codeLead(r.width)
	room := r.width - lead
	mark := "↪ "
	if r.opts.Plain {
		mark = "> "
	}
	padding := Style{Role: RoleCodeBlock}
	first := Span{strings.Repeat(" ", lead), lead, padding}
	rest := Span{mark[:len(mark)*min(lead, 1)], lead, Style{Role: RoleDim}}

	text := string(p.buf)
	for start := 0; start == 0 || start < len(p.atoms); {
		seg := segment{start: start, end: start}
		for seg.end < len(p.atoms) {
			w := int(p.atoms[seg.end].width)
			if seg.width+w > room && seg.end > start {
				break
			}
			seg.width += w
			seg.end++
		}
		spans := r.begin(seg.end - seg.start + 2)
		if start == 0 && lead > 0 {
			spans = append(spans, first)
		} else if lead > 0 {
			spans = append(spans, rest)
		}
		r.lead += min(lead, 1)
		if start > 0 {
			r.join = JoinTight
		}
		spans = p.spans(spans, text, seg)
		if fill := r.width - lead - seg.width; fill > 0 && !r.opts.Plain {
			spans = append(spans, Span{strings.Repeat(" ", fill), fill, padding})
		}
		r.end(spans, block)
		if seg.end == start {
			return
		}
		start = seg.end
	}
}

// CommandList returns the commands of a block for a shell, each by itself; of any
// other block none. What a command goes on with on further lines is kept with it.
func (c CodeBlock) CommandList() []string {
	switch lexerName(c.Language) {
	case "console", "shell":
	default:
		return nil
	}
	var list []string
	end := "" // of a here-document
	whole := false
	for line := range strings.SplitSeq(c.Commands(), "\n") {
		last := len(list) - 1
		bare := strings.TrimSpace(line)
		switch {
		case end != "":
			list[last] += "\n" + line
			if bare == end {
				end = ""
			}
			continue
		case whole:
			list[last] += "\n" + line
		case bare == "" || strings.HasPrefix(bare, "#"):
			continue
		default:
			list = append(list, line)
		}
		whole = strings.HasSuffix(line, `\`) || strings.HasSuffix(bare, "|") || strings.HasSuffix(bare, "&&")
		if _, after, here := strings.Cut(line, "<<"); here {
			if words := strings.Fields(strings.TrimPrefix(after, "-")); len(words) > 0 {
				end = strings.Trim(words[0], `"'`)
			}
		}
	}
	return list
}

// Commands returns what to paste into a shell to run the block: of a recorded
// session the commands, without prompts and output, of anything else the source.
func (c CodeBlock) Commands() string {
	if lexerName(c.Language) != "console" {
		return c.Source
	}
	var commands []string
	within := false // the line before was a command, or part of one
	for line := range strings.SplitSeq(c.Source, "\n") {
		command, isCommand := strings.CutPrefix(line, "$ ")
		more, isMore := strings.CutPrefix(line, "> ") // the second prompt, as in a here-document
		switch {
		case isCommand:
			commands = append(commands, command)
		case within && isMore:
			commands = append(commands, more)
		case within && strings.HasSuffix(commands[len(commands)-1], `\`):
			commands = append(commands, line)
		default:
			within = false
			continue
		}
		within = true
	}
	return strings.Join(commands, "\n")
}
