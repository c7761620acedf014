package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// basicExpression turns a POSIX basic regular expression into Go's syntax.
func basicExpression(pat string) string {
	var b strings.Builder
	for i := 0; i < len(pat); i++ {
		c := pat[i]
		switch {
		case c == '\\' && i+1 < len(pat):
			i++
			switch next := pat[i]; {
			case strings.IndexByte("(){}|+?", next) >= 0:
				b.WriteByte(next)
			case next == '<' || next == '>':
				b.WriteString(`\b`)
			default:
				b.WriteByte('\\')
				b.WriteByte(next)
			}
		case c == '[':
			end := bracketEnd(pat, i)
			b.WriteString(bracket(pat[i:end]))
			i = end - 1
		case strings.IndexByte("(){}|+?", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '*' && (i == 0 || pat[i-1] == '(' || i == 1 && pat[0] == '^'):
			b.WriteString(`\*`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// extendedExpression turns a POSIX extended regular expression into Go's syntax.
func extendedExpression(pat string) string {
	var b strings.Builder
	for i := 0; i < len(pat); i++ {
		switch c := pat[i]; {
		case c == '\\' && i+1 < len(pat):
			i++
			if pat[i] == '<' || pat[i] == '>' {
				b.WriteString(`\b`)
				break
			}
			b.WriteByte('\\')
			b.WriteByte(pat[i])
		case c == '[':
			end := bracketEnd(pat, i)
			b.WriteString(bracket(pat[i:end]))
			i = end - 1
		case c == '{' && (i+1 == len(pat) || pat[i+1] < '0' || pat[i+1] > '9'):
			b.WriteString(`\{`)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// bracketEnd is where the bracket expression that begins at i ends.
func bracketEnd(pat string, i int) int {
	j := i + 1
	if j < len(pat) && pat[j] == '^' {
		j++
	}
	if j < len(pat) && pat[j] == ']' {
		j++
	}
	for j < len(pat) && pat[j] != ']' {
		if pat[j] == '[' && j+1 < len(pat) && strings.IndexByte(":.=", pat[j+1]) >= 0 {
			if end := strings.Index(pat[j+2:], string(pat[j+1])+"]"); end >= 0 {
				j += end + 3
			}
		}
		j++
	}
	return min(j+1, len(pat))
}

// bracket escapes what Go reads differently in a bracket expression.
func bracket(s string) string {
	body := strings.ReplaceAll(s, `\`, `\\`)
	if strings.HasPrefix(body, "[]") {
		return `[\]` + body[2:]
	}
	if strings.HasPrefix(body, "[^]") {
		return `[^\]` + body[3:]
	}
	return body
}

// compilePOSIX compiles a regular expression as grep and sed read it.
func compilePOSIX(pat string, extended, fold bool) (*regexp.Regexp, error) {
	if extended {
		pat = extendedExpression(pat)
	} else {
		pat = basicExpression(pat)
	}
	if fold {
		pat = "(?i)" + pat
	}
	return regexp.Compile(pat)
}

// grep is a run of grep.
type grep struct {
	f                                                  *filter
	p                                                  *proc.Process
	re                                                 *regexp.Regexp
	invert, quiet, count, number, only, names, without bool
	noNames, withNames, silent, whole                  bool
	most, before, after                                int
	found                                              bool
	failed                                             bool
}

func runGrep(ctx context.Context, p *proc.Process) int {
	var patterns []string
	args := p.Args[1:]
	g := &grep{p: p, f: newFilter(ctx, p)}
	extended, fixed, fold, word, recursive := p.Name() == "egrep", p.Name() == "fgrep", false, false, false
	var operands []string
	given := false
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			operands = append(operands, args...)
			break
		}
		if long, ok := strings.CutPrefix(arg, "--"); ok {
			short := map[string]string{"ignore-case": "-i", "invert-match": "-v", "quiet": "-q", "silent": "-q", "count": "-c", "line-number": "-n", "recursive": "-r", "only-matching": "-o", "extended-regexp": "-E", "fixed-strings": "-F", "word-regexp": "-w", "files-with-matches": "-l", "line-regexp": "-x", "no-messages": "-s", "perl-regexp": "-E"}[long]
			if short == "" {
				if strings.HasPrefix(long, "color") || strings.HasPrefix(long, "colour") || long == "line-buffered" {
					continue
				}
				return p.Fail(2, "unrecognized option: %s", long)
			}
			arg = short
		}
		if len(arg) < 2 || arg[0] != '-' {
			operands = append(operands, arg)
			continue
		}
		for i := 1; i < len(arg); i++ {
			c := arg[i]
			if strings.IndexByte("efmABC", c) >= 0 {
				value := arg[i+1:]
				if value == "" {
					if len(args) == 0 {
						return p.Fail(2, "option requires an argument -- '%c'", c)
					}
					value, args = args[0], args[1:]
				}
				n, err := strconv.Atoi(value)
				switch c {
				case 'e':
					patterns, given, err = append(patterns, strings.Split(value, "\n")...), true, nil
				case 'f':
					text, rerr := p.Files.ReadFile(p.Path(value))
					if rerr != nil {
						return p.Fail(2, "%s: %s", value, reason(rerr))
					}
					patterns, given, err = append(patterns, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...), true, nil
				case 'm':
					g.most = n
				case 'A':
					g.after = n
				case 'B':
					g.before = n
				case 'C':
					g.after, g.before = n, n
				}
				if err != nil || n < 0 {
					return p.Fail(2, "invalid number '%s'", value)
				}
				break
			}
			switch c {
			case 'i', 'y':
				fold = true
			case 'E', 'P':
				extended = true
			case 'F':
				fixed = true
			case 'G':
			case 'v':
				g.invert = true
			case 'q':
				g.quiet = true
			case 'c':
				g.count = true
			case 'n':
				g.number = true
			case 'o':
				g.only = true
			case 'l':
				g.names = true
			case 'L':
				g.without = true
			case 'h':
				g.noNames = true
			case 'H':
				g.withNames = true
			case 's':
				g.silent = true
			case 'w':
				word = true
			case 'x':
				g.whole = true
			case 'r', 'R':
				recursive = true
			case 'a', 'z', 'I', 'U':
			default:
				return p.Fail(2, "invalid option -- '%c'", c)
			}
		}
	}
	if !given {
		if len(operands) == 0 {
			return p.Fail(2, "no pattern")
		}
		patterns, operands = strings.Split(operands[0], "\n"), operands[1:]
	}
	for i, pat := range patterns {
		switch {
		case fixed:
			pat = regexp.QuoteMeta(pat)
		case extended:
			pat = extendedExpression(pat)
		default:
			pat = basicExpression(pat)
		}
		if word {
			pat = `\b(?:` + pat + `)\b`
		}
		if g.whole {
			pat = "^(?:" + pat + ")$"
		}
		patterns[i] = "(?:" + pat + ")"
	}
	expr := strings.Join(patterns, "|")
	if fold {
		expr = "(?i)" + expr
	}
	var err error
	if g.re, err = regexp.Compile(expr); err != nil {
		return p.Fail(2, "bad regex '%s': Invalid regexp", strings.Join(patterns, "|"))
	}
	if len(operands) == 0 {
		operands = []string{"-"}
		if recursive {
			operands = []string{"."}
		}
	}
	g.withNames = (g.withNames || len(operands) > 1 || recursive) && !g.noNames
	for _, name := range operands {
		g.search(ctx, name, recursive, 0)
		if g.quiet && g.found {
			return g.f.end(0)
		}
	}
	g.f.end(0)
	switch {
	case ctx.Err() != nil:
		return killedCode
	case g.found && (!g.failed || g.quiet):
		return 0
	case g.failed:
		return 2
	}
	return 1
}

func (g *grep) search(ctx context.Context, name string, recursive bool, depth int) {
	if ctx.Err() != nil || depth > maxFileDepth {
		return
	}
	if name != "-" {
		info, err := g.p.Files.Stat(g.p.Path(name))
		if err == nil && info.IsDir() {
			if !recursive {
				return
			}
			entries, err := g.p.Files.ReadDir(g.p.Path(name))
			if err != nil && !g.silent {
				g.p.Fail(2, "%s: %s", name, reason(err))
			}
			for _, e := range entries {
				if e.Type()&fs.ModeSymlink == 0 {
					g.search(ctx, strings.TrimSuffix(name, "/")+"/"+e.Name(), true, depth+1)
				}
			}
			return
		}
	}
	if err := with(ctx, g.p, name, g.lines); err != nil {
		g.failed = true
		if errors.Is(err, errOutOfMemory) || errors.Is(err, errWrite) {
			g.p.Fail(2, "%s", err)
		} else if !g.silent {
			g.p.Fail(2, "%s: %s", name, reason(err))
		}
	}
}

// lines searches one file. A line is shown when it comes, so that grep can
// watch a log that grows.
func (g *grep) lines(name string, r io.Reader) error {
	shown := name
	if name == "-" {
		shown = "(standard input)"
	}
	in := newLineReader(g.f.reader(r), &g.f.mem)
	matched, trailing, lastShown := 0, 0, 0
	var held []string
	show := func(n int, mark byte, line string) {
		if (g.before > 0 || g.after > 0) && lastShown > 0 && n > lastShown+1 {
			fmt.Fprintln(g.f.out, "--")
		}
		lastShown = n
		prefix := ""
		if g.withNames {
			prefix = shown + string(mark)
		}
		if g.number {
			prefix += strconv.Itoa(n) + string(mark)
		}
		fmt.Fprintln(g.f.out, prefix+line)
	}
	for n := 1; ; n++ {
		line, err := in.line()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		line = strings.TrimSuffix(line, "\n")
		if g.re.MatchString(line) == g.invert {
			switch {
			case trailing > 0:
				trailing--
				show(n, '-', line)
			case g.before > 0:
				if err := g.f.mem.grow(len(line) + stringSize); err != nil {
					return err
				}
				if held = append(held, line); len(held) > g.before {
					g.f.mem.shrink(len(held[0]) + stringSize)
					held = held[1:]
				}
			}
			continue
		}
		matched++
		g.found = g.found || !g.without
		switch {
		case g.quiet || g.names || g.without:
			if g.names && !g.quiet {
				fmt.Fprintln(g.f.out, shown)
			}
			return nil
		case g.count:
		case g.only:
			if !g.invert {
				for _, m := range g.re.FindAllString(line, maxMatches) {
					if m != "" {
						show(n, ':', m)
					}
				}
			}
		default:
			for i, h := range held {
				show(n-len(held)+i, '-', h)
			}
			held, trailing = nil, g.after
			show(n, ':', line)
		}
		if g.most > 0 && matched == g.most {
			break
		}
	}
	if g.count && !g.quiet {
		if g.withNames {
			fmt.Fprintf(g.f.out, "%s:", shown)
		}
		fmt.Fprintln(g.f.out, matched)
	}
	if g.without && matched == 0 {
		g.found = true
		fmt.Fprintln(g.f.out, shown)
	}
	return nil
}
