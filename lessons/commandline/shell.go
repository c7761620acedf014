package commandline

import (
	"slices"
	"strings"
	"unicode"
)

// Unfinished is the error of a command line that a shell would wait for more of.
type Unfinished struct{ Notice Sentence }

func (u *Unfinished) Error() string { return u.Notice.English }

// Check returns an *Unfinished when a shell would wait for more of the line.
func Check(line string) error {
	_, err := split(line)
	return err
}

// word is one word of a command line, or an operator.
type word struct {
	text string // without quotes and backslashes
	raw  string // as it was typed
	bare string // the characters that stood in no quotes
	op   bool   // | && > and their like
}

// Words splits a command line into words as a shell does: by spaces, with quotes
// and backslashes, and with operators as words of their own. Variables, patterns
// and $(…) are left as they are. The error is an *Unfinished.
func Words(line string) ([]string, error) {
	words, err := split(line)
	var out []string
	for _, w := range words {
		out = append(out, w.text)
	}
	return out, err
}

// operators lists the operators, the longest of those that begin alike first.
func operators() []string {
	return []string{"<<<", "<<-", "&>>", "<<", "<&", "<>", ">>", ">|", ">&", "&>", "&&", "||", "|&", ";;", "<", ">", "|", "&", ";", "\n"}
}

// splitter takes a line apart.
type splitter struct {
	line  []rune
	at    int
	words []word
	text  strings.Builder // of the word under way
	bare  strings.Builder
	begun int // where it began; -1 while there is none
}

func split(line string) ([]word, error) {
	s := &splitter{line: []rune(line), begun: -1}
	for s.at < len(s.line) {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	s.end()
	for len(s.words) > 0 && s.words[len(s.words)-1].text == "\n" && s.words[len(s.words)-1].op {
		s.words = s.words[:len(s.words)-1]
	}
	return s.words, nil
}

// step takes what stands at s.at.
func (s *splitter) step() error {
	r := s.line[s.at]
	switch {
	case r == '\\':
		return s.escape()
	case r == '\'' || r == '"':
		return s.quoted(r)
	case r == '`' || r == '$' && s.next(1) == '(':
		return s.substitution(true)
	case r == ' ' || r == '\t' || r == '\r':
		s.end()
		s.at++
		return nil
	case r == '#' && s.begun < 0 && len(s.words) > 0:
		for s.at < len(s.line) && s.line[s.at] != '\n' { // a comment
			s.at++
		}
		return nil
	}
	if op := s.operator(); op != "" {
		if d := s.text.String(); s.begun >= 0 && strings.ContainsAny(op, "<>") && strings.Trim(d, "0123456789") == "" {
			op = d + op // 2>
			s.drop()
			s.at -= len(d)
		}
		s.end()
		s.at += len(op)
		s.words = append(s.words, word{text: op, raw: op, op: true})
		return nil
	}
	s.take(r, true)
	s.at++
	return nil
}

func (s *splitter) next(n int) rune {
	if s.at+n < len(s.line) {
		return s.line[s.at+n]
	}
	return 0
}

func (s *splitter) operator() string {
	for _, op := range operators() {
		if string(s.line[s.at:min(s.at+len(op), len(s.line))]) == op {
			return op
		}
	}
	return ""
}

func (s *splitter) begin() {
	if s.begun < 0 {
		s.begun = s.at
	}
}

func (s *splitter) take(r rune, bare bool) {
	s.begin()
	s.text.WriteRune(r)
	if bare {
		s.bare.WriteRune(r)
	}
}

func (s *splitter) drop() {
	s.text.Reset()
	s.bare.Reset()
	s.begun = -1
}

func (s *splitter) end() {
	if s.begun >= 0 {
		s.words = append(s.words, word{text: s.text.String(), raw: string(s.line[s.begun:s.at]), bare: s.bare.String()})
		s.drop()
	}
}

func (s *splitter) escape() error {
	switch {
	case s.at+1 >= len(s.line):
		return &Unfinished{say("it ends with a backslash", "以反斜杠结尾")}
	case s.next(1) == '\n':
		s.at += 2 // a line continued
		return nil
	}
	s.take(s.line[s.at+1], false)
	s.at += 2
	return nil
}

func (s *splitter) quoted(quote rune) error {
	s.begin()
	for s.at++; s.at < len(s.line); s.at++ {
		r := s.line[s.at]
		switch {
		case r == quote:
			s.at++
			return nil
		case quote == '"' && r == '\\' && s.next(1) == '\n':
			s.at++
		case quote == '"' && r == '\\' && strings.ContainsRune("\"\\$`", s.next(1)) && s.at+1 < len(s.line):
			s.at++
			s.take(s.line[s.at], false)
		case quote == '"' && r == '$' && s.next(1) == '(':
			if err := s.substitution(false); err != nil {
				return err
			}
			s.at--
		default:
			s.take(r, false)
		}
	}
	return &Unfinished{say("the quote %c is not closed", "引号 %c 没有闭合", quote)}
}

// substitution takes $(…) or `…` whole: what the shell makes of it is not known.
func (s *splitter) substitution(bare bool) error {
	s.begin()
	from := s.at
	if s.line[s.at] == '`' {
		end := slices.Index(s.line[s.at+1:], '`')
		if end < 0 {
			return &Unfinished{say("the ` is not closed", "反引号 ` 没有闭合")}
		}
		s.at += end + 2
	} else {
		depth, quote := 0, rune(0)
		for s.at++; ; s.at++ {
			if s.at >= len(s.line) {
				return &Unfinished{say("the bracket of $( is not closed", "$( 的括号没有闭合")}
			}
			switch r := s.line[s.at]; {
			case quote != 0:
				if r == quote {
					quote = 0
				}
			case r == '\'' || r == '"':
				quote = r
			case r == '(':
				depth++
			case r == ')':
				depth--
			}
			if depth == 0 && quote == 0 {
				s.at++
				break
			}
		}
	}
	for _, r := range s.line[from:s.at] {
		s.text.WriteRune(r)
	}
	if bare {
		s.bare.WriteString("$()")
	}
	return nil
}

// simple is one of the commands of a line: what stands between | && ; and their
// like.
type simple struct {
	env       []string // NAME=value before it
	words     []word
	redirects []string // "> out.yaml"
	op        string   // the operator behind it
}

// commands takes the words of a line apart into commands.
func commands(words []word) []simple {
	var out []simple
	var c simple
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w.op && strings.ContainsAny(w.text, "<>"):
			target := ""
			if i+1 < len(words) && !words[i+1].op {
				i++
				target = words[i].text
			}
			c.redirects = append(c.redirects, strings.TrimSpace(w.text+" "+target))
		case w.op:
			c.op = w.text
			out = append(out, c)
			c = simple{}
		case len(c.words) == 0 && isAssignment(w):
			c.env = append(c.env, w.text)
		default:
			c.words = append(c.words, w)
		}
	}
	if len(c.words)+len(c.env)+len(c.redirects) > 0 || len(out) == 0 {
		out = append(out, c)
	}
	return out
}

// isAssignment reports whether a word before a command sets a variable for it.
func isAssignment(w word) bool {
	name, _, ok := strings.Cut(w.bare, "=")
	return ok && name != "" && !unicode.IsDigit(rune(name[0])) &&
		strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
