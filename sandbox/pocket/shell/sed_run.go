package shell

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// run works through all lines and returns the exit code.
func (s *sedRun) run(in *sedInput) int {
	defer in.close()
	s.next = func() (string, bool) {
		if !in.more() {
			return "", false
		}
		line := in.ahead[0]
		in.ahead = in.ahead[:0]
		s.line++
		text, whole := strings.CutSuffix(line, "\n")
		s.unended = !whole
		return text, true
	}
	s.isLast = func() bool { return !in.more() }
	s.owing = false
	for !s.quit && in.failed == nil {
		space, ok := s.next()
		if !ok {
			break
		}
		s.deleted, s.appended = false, nil
		space = s.apply(s.script, space)
		if !s.deleted && !s.quiet {
			s.print(space)
		}
		for _, text := range s.appended {
			s.print(text)
		}
	}
	switch {
	case in.failed == nil && s.failed == nil:
		return max(in.code, s.code)
	case s.failed != nil:
		return s.p.Fail(1, "%s", s.failed)
	case errors.Is(in.failed, errOutOfMemory), errors.Is(in.failed, errWrite):
		return s.p.Fail(1, "%s", in.failed)
	}
	return s.p.Fail(1, "read error: %s", reason(in.failed))
}

// print prints a line. The newline that the last line of the input lacks, the
// output lacks too.
func (s *sedRun) print(line string) {
	if s.owing {
		line = "\n" + line
	}
	if s.owing = s.unended; !s.owing {
		line += "\n"
	}
	if _, err := io.WriteString(s.out, line); err != nil && s.failed == nil {
		s.failed, s.quit = errWrite, true
	}
}

// holds counts what sed keeps, and ends it when that is too much.
func (s *sedRun) holds(space string) bool {
	now := len(space) + len(s.hold)
	err := s.mem.grow(now - s.held)
	if s.held = now; err == nil {
		return true
	}
	s.failed, s.quit, s.deleted = err, true, true
	return false
}

func (a *sedAddress) matches(s *sedRun, space string) bool {
	switch {
	case a.last:
		return s.isLast()
	case a.re != nil:
		return a.re.MatchString(space)
	}
	return s.line == a.line
}

func (c *sedCommand) applies(s *sedRun, space string) bool {
	switch {
	case c.from == nil:
		return true
	case c.to == nil:
		return c.from.matches(s, space)
	case c.inRange:
		if c.to.line > 0 {
			if s.line >= c.to.line {
				c.inRange = false
			}
			return s.line <= c.to.line
		}
		if c.to.matches(s, space) {
			c.inRange = false
		}
		return true
	case c.from.matches(s, space):
		c.inRange = c.to.line == 0 || c.to.line > s.line
		return true
	}
	return false
}

func (s *sedRun) apply(script []*sedCommand, space string) string {
	for _, c := range script {
		if s.deleted {
			return space
		}
		if c.applies(s, space) == c.negated {
			continue
		}
		switch c.verb {
		case '{':
			space = s.apply(c.block, space)
		case 's':
			replaced, ok, err := c.substitute(space)
			if err != nil {
				s.failed, s.quit, s.deleted = err, true, true
				return space
			}
			if space = replaced; ok && c.print {
				s.print(space)
			}
		case 'y':
			from, to := []rune(c.text), []rune(c.with)
			space = strings.Map(func(r rune) rune {
				for i, f := range from {
					if f == r {
						return to[i]
					}
				}
				return r
			}, space)
		case 'p':
			s.print(space)
		case 'P':
			first, _, _ := strings.Cut(space, "\n")
			s.print(first)
		case '=':
			s.print(strconv.Itoa(s.line))
		case 'd', 'D':
			s.deleted = true
		case 'q':
			s.quit = true
			return space
		case 'a':
			s.appended = append(s.appended, c.text)
		case 'i':
			s.print(c.text)
		case 'c':
			s.deleted = true
			if c.to == nil || !c.inRange {
				s.print(c.text)
			}
		case 'n', 'N':
			if c.verb == 'n' && !s.quiet {
				s.print(space)
			}
			line, ok := s.next()
			if !ok {
				s.quit = true
				s.deleted = c.verb == 'n'
				return space
			}
			if c.verb == 'N' {
				line = space + "\n" + line
				if !s.holds(line) {
					return space
				}
			}
			space = line
		case 'g':
			space = string(s.hold)
		case 'h':
			s.hold = []byte(space)
		case 'G', 'H':
			if c.verb == 'G' {
				space += "\n" + string(s.hold)
			} else {
				s.hold = append(append(s.hold, '\n'), space...)
			}
			if !s.holds(space) {
				return space
			}
		case 'x':
			space, s.hold = string(s.hold), []byte(space)
		}
	}
	return space
}

// maxMatches bounds the matches within a line.
const maxMatches = 200_000

func (c *sedCommand) substitute(space string) (result string, done bool, err error) {
	most := maxMatches
	if !c.global {
		most = max(c.nth, 1)
	}
	found := c.re.FindAllStringSubmatchIndex(space, most)
	if len(found) == maxMatches {
		return "", false, errOutOfMemory
	}
	var b strings.Builder
	last := 0
	for i, m := range found {
		if i+1 < c.nth || i+1 > c.nth && !c.global {
			continue
		}
		done = true
		b.WriteString(space[last:m[0]])
		if b.Len() > maxInput {
			return "", false, errOutOfMemory
		}
		for j := 0; j < len(c.with); j++ {
			switch r := c.with[j]; {
			case r == '&':
				b.WriteString(space[m[0]:m[1]])
			case r == '\\' && j+1 < len(c.with):
				j++
				if n := int(c.with[j] - '0'); n >= 0 && n <= 9 {
					if 2*n+1 < len(m) && m[2*n] >= 0 {
						b.WriteString(space[m[2*n]:m[2*n+1]])
					}
				} else if c.with[j] == 't' {
					b.WriteByte('\t')
				} else {
					b.WriteByte(c.with[j])
				}
			default:
				b.WriteByte(r)
			}
		}
		last = m[1]
	}
	b.WriteString(space[last:])
	return b.String(), done, nil
}
