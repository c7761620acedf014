package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// sedAddress is what a command of sed applies to.
type sedAddress struct {
	line int // 0: by re or last
	last bool
	re   *regexp.Regexp
}

// sedCommand is one command of a sed script.
type sedCommand struct {
	from, to *sedAddress
	negated  bool
	inRange  bool
	verb     byte
	text     string // of a, i, c, y
	re       *regexp.Regexp
	with     string
	global   bool
	print    bool
	nth      int
	block    []*sedCommand
}

// sedRun is a run of sed.
type sedRun struct {
	p               *proc.Process
	quiet, extended bool
	script          []*sedCommand
	out             io.Writer
	line            int
	hold            []byte
	quit, deleted   bool
	appended        []string
	next            func() (string, bool)
	isLast          func() bool
	unended, owing  bool // the line read last, and the one printed last, without a newline
	mem             *memory
	held            int // bytes counted for the spaces
	failed          error
	code            int
}

func runSed(ctx context.Context, p *proc.Process) int {
	s := &sedRun{p: p, out: p.Stdout}
	args := p.Args[1:]
	var scripts, files []string
	inPlace, given := false, false
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "-n" || arg == "--quiet" || arg == "--silent":
			s.quiet = true
		case arg == "-E" || arg == "-r" || arg == "--regexp-extended":
			s.extended = true
		case arg == "-i" || strings.HasPrefix(arg, "-i") || arg == "--in-place":
			inPlace = true
		case arg == "-ne" || arg == "-en":
			s.quiet = true
			args = append([]string{"-e"}, args...)
		case (arg == "-e" || arg == "-f") && len(args) > 0:
			text := args[0]
			args = args[1:]
			if arg == "-f" {
				content, err := p.Files.ReadFile(p.Path(text))
				if err != nil {
					return p.Fail(1, "%s: %s", text, reason(err))
				}
				text = string(content)
			}
			scripts, given = append(scripts, text), true
		case arg == "--":
			files, args = append(files, args...), nil
		case len(arg) > 1 && arg[0] == '-':
			return invalidOption(p, rune(arg[1]))
		case !given:
			scripts, given = append(scripts, arg), true
		default:
			files = append(files, arg)
		}
	}
	if !given {
		return p.Fail(1, "no script")
	}
	rest := strings.Join(scripts, "\n")
	var err error
	if s.script, rest, err = s.parse(rest, 0); err == nil && strings.TrimSpace(rest) != "" {
		err = errors.New("unexpected }")
	}
	if err != nil {
		return p.Fail(1, "%s", err)
	}
	f := newFilter(ctx, p)
	s.mem = &f.mem
	if !inPlace {
		if len(files) == 0 {
			files = []string{"-"}
		}
		s.out = f.out
		return f.end(s.run(&sedInput{f: f, names: files}))
	}
	for _, name := range files {
		out := &boundedBuffer{mem: &f.mem}
		s.out, s.line, s.quit, s.hold = out, 0, false, nil
		if s.code = s.run(&sedInput{f: f, names: []string{name}}); s.code == 0 {
			s.code = s.replaceFile(name, out)
		}
		if s.code != 0 {
			break
		}
		f.mem.free()
	}
	return f.end(s.code)
}

// parse reads commands to the end of the script or of a block.
func (s *sedRun) parse(text string, depth int) (list []*sedCommand, rest string, err error) {
	if depth > 50 {
		return nil, "", errors.New("too many nested levels")
	}
	for {
		text = strings.TrimLeft(text, " \t\n;")
		if text == "" {
			return list, "", nil
		}
		if text[0] == '}' {
			if depth == 0 {
				return nil, "", errors.New("unexpected }")
			}
			return list, text[1:], nil
		}
		if text[0] == '#' {
			_, text, _ = strings.Cut(text, "\n")
			continue
		}
		c := &sedCommand{}
		if c.from, text, err = s.address(text); err != nil {
			return nil, "", err
		}
		if c.from != nil && strings.HasPrefix(text, ",") {
			if c.to, text, err = s.address(text[1:]); err != nil || c.to == nil {
				return nil, "", errors.Join(errors.New("no address after comma"), err)
			}
		}
		text = strings.TrimLeft(text, " \t")
		for strings.HasPrefix(text, "!") {
			c.negated, text = true, strings.TrimLeft(text[1:], " \t")
		}
		if text == "" {
			return nil, "", errors.New("missing command")
		}
		c.verb, text = text[0], text[1:]
		if text, err = s.arguments(c, text, depth); err != nil {
			return nil, "", err
		}
		list = append(list, c)
	}
}

func (s *sedRun) arguments(c *sedCommand, text string, depth int) (rest string, err error) {
	switch c.verb {
	case '{':
		c.block, text, err = s.parse(text, depth+1)
		return text, err
	case 's':
		return s.substitution(c, text)
	case 'y':
		if text == "" {
			return "", errors.New("bad y")
		}
		parts, rest, ok := delimited(text[1:], text[0], 2)
		if !ok || len([]rune(parts[0])) != len([]rune(parts[1])) {
			return "", errors.New("y/// strings have different lengths")
		}
		c.text, c.with = parts[0], parts[1]
		return rest, nil
	case 'a', 'i', 'c':
		text = strings.TrimLeft(text, " \t")
		if strings.HasPrefix(text, "\\") {
			text = strings.TrimPrefix(strings.TrimLeft(text[1:], " \t"), "\n")
		}
		var b strings.Builder
		for i := 0; i < len(text); i++ {
			if text[i] == '\\' && i+1 < len(text) {
				i++
				b.WriteByte(text[i])
				continue
			}
			if text[i] == '\n' {
				c.text = b.String()
				return text[i:], nil
			}
			b.WriteByte(text[i])
		}
		c.text = b.String()
		return "", nil
	case 'p', 'd', 'q', 'n', 'N', 'D', 'P', 'g', 'G', 'h', 'H', 'x', '=', 'l':
		return text, nil
	}
	return "", fmt.Errorf("unsupported command %c", c.verb)
}

// address reads a line's number, $ or /expression/.
func (s *sedRun) address(text string) (*sedAddress, string, error) {
	text = strings.TrimLeft(text, " \t")
	switch {
	case text == "":
		return nil, text, nil
	case text[0] == '$':
		return &sedAddress{last: true}, text[1:], nil
	case text[0] >= '0' && text[0] <= '9':
		i := 0
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(text[:i])
		return &sedAddress{line: n}, text[i:], err
	case text[0] == '/' || text[0] == '\\' && len(text) > 1:
		if text[0] == '\\' {
			text = text[1:]
		}
		parts, rest, ok := delimited(text[1:], text[0], 1)
		if !ok {
			return nil, "", errors.New("unterminated /")
		}
		fold := strings.HasPrefix(rest, "I")
		re, err := compilePOSIX(parts[0], s.extended, fold)
		if err != nil {
			return nil, "", fmt.Errorf("bad regex '%s'", parts[0])
		}
		return &sedAddress{re: re}, strings.TrimPrefix(rest, "I"), nil
	}
	return nil, text, nil
}

// delimited cuts parts that each end with a delimiter; a backslash before it
// makes it part of the text.
func delimited(text string, delimiter byte, count int) (parts []string, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			switch {
			case text[i] == delimiter && delimiter != '|':
				b.WriteByte(delimiter)
			case text[i] == delimiter:
				b.WriteByte(delimiter)
			case text[i] == 'n':
				b.WriteByte('\n')
			default:
				b.WriteByte('\\')
				b.WriteByte(text[i])
			}
		case c == delimiter:
			parts = append(parts, b.String())
			b.Reset()
			if len(parts) == count {
				return parts, text[i+1:], true
			}
		default:
			b.WriteByte(c)
		}
	}
	return nil, "", false
}

func (s *sedRun) substitution(c *sedCommand, text string) (string, error) {
	if text == "" {
		return "", errors.New("bad s")
	}
	parts, rest, ok := delimited(text[1:], text[0], 2)
	if !ok {
		return "", errors.New("unterminated s")
	}
	c.with = parts[1]
	c.nth = 1
	fold := false
	for rest != "" {
		switch f := rest[0]; {
		case f == 'g':
			c.global = true
		case f == 'p':
			c.print = true
		case f == 'i' || f == 'I':
			fold = true
		case f >= '1' && f <= '9':
			c.nth = int(f - '0')
		case f == ';' || f == '}' || f == '\n' || f == ' ' || f == '#':
			goto done
		default:
			return "", errors.New("bad option in substitution expression")
		}
		rest = rest[1:]
	}
done:
	var err error
	if c.re, err = compilePOSIX(parts[0], s.extended, fold); err != nil {
		return "", fmt.Errorf("bad regex '%s'", parts[0])
	}
	return rest, nil
}
