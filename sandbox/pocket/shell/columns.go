package shell

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// runCut is cut with -b, -c, -f, -d and -s.
func runCut(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "bcdfDO")
	delimiter := "\t"
	if d, ok := set['d']; ok {
		if len([]rune(d)) > 1 {
			return p.Fail(1, "the delimiter must be a single character")
		}
		if d != "" {
			delimiter = d
		}
	}
	list, kinds := "", 0
	for _, o := range "bcf" {
		if l, ok := set[o]; ok {
			list = l
			kinds++
		}
	}
	if kinds != 1 {
		return p.Fail(1, "expected a list of bytes, characters, or fields")
	}
	_, byField := set['f']
	_, onlyDelimited := set['s']
	if _, ok := set['d']; ok && !byField {
		return p.Fail(1, "-d DELIM makes sense only with -f")
	}
	wanted, err := parseRanges(list)
	if err != nil {
		return p.Fail(1, "invalid range '%s'", list)
	}
	f := newFilter(ctx, p)
	return f.end(f.lines(names, func(line string) error {
		size := 16 * len(line) // that the parts may take
		if err := f.mem.grow(size); err != nil {
			return err
		}
		defer f.mem.shrink(size)
		parts, join := strings.Split(line, delimiter), delimiter
		if !byField {
			parts, join = strings.Split(line, ""), ""
		} else if len(parts) == 1 {
			if !onlyDelimited {
				f.println(line)
			}
			return nil
		}
		var kept []string
		for i, part := range parts {
			if wanted(i + 1) {
				kept = append(kept, part)
			}
		}
		f.println(strings.Join(kept, join))
		return nil
	}))
}

// parseRanges reads lists like 1,3-5,7-.
func parseRanges(text string) (func(int) bool, error) {
	type span struct{ from, to int }
	var spans []span
	for _, part := range strings.Split(text, ",") {
		from, to, ranged := strings.Cut(part, "-")
		s := span{from: 1, to: 1 << 30}
		var err error
		if from != "" {
			if s.from, err = strconv.Atoi(from); err != nil {
				return nil, err
			}
		}
		if !ranged {
			s.to = s.from
		} else if to != "" {
			if s.to, err = strconv.Atoi(to); err != nil {
				return nil, err
			}
		}
		spans = append(spans, s)
	}
	return func(n int) bool {
		return slices.ContainsFunc(spans, func(s span) bool { return s.from <= n && n <= s.to })
	}, nil
}

// runPaste is paste with -d and -s.
func runPaste(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "d")
	delimiters := []rune("\t")
	if d, ok := set['d']; ok {
		text, _ := unescape(d, false)
		delimiters = []rune(text)
	}
	if len(delimiters) == 0 {
		return p.Fail(1, "-d '' is not supported")
	}
	f := newFilter(ctx, p)
	if _, serial := set['s']; serial {
		return f.end(f.each(names, func(_ string, r io.Reader) error {
			in := newLineReader(r, &f.mem)
			for n := 0; ; n++ {
				line, err := in.line()
				if err == io.EOF {
					return f.out.WriteByte('\n')
				}
				if err != nil {
					return err
				}
				if n > 0 {
					_, _ = f.out.WriteRune(delimiters[(n-1)%len(delimiters)])
				}
				_, _ = f.out.WriteString(strings.TrimSuffix(line, "\n"))
			}
		}))
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	if len(names) > maxPasted {
		return f.end(p.Fail(1, "Too many open files"))
	}
	return f.end(f.paste(names, nil, delimiters))
}

// maxPasted bounds how many files paste reads at once.
const maxPasted = 500

// paste opens one file after the other, and then joins their lines.
func (f *filter) paste(names []string, open []*lineReader, delimiters []rune) int {
	if len(names) > 0 {
		stdin := slices.IndexFunc(open, func(l *lineReader) bool { return l.stdin })
		if names[0] == "-" && stdin >= 0 {
			return f.paste(names[1:], append(open, open[stdin]), delimiters)
		}
		code := 0
		failed := each(f.ctx, f.p, names[:1], func(name string, r io.Reader) error {
			in := newLineReader(f.reader(r), &f.mem)
			in.stdin = name == "-"
			code = f.paste(names[1:], append(open, in), delimiters)
			return nil
		})
		return max(code, failed)
	}
	for {
		ended, size := 0, 0
		var row strings.Builder
		for i, in := range open {
			line, err := in.line()
			switch {
			case err == io.EOF:
				ended++
			case err != nil:
				return f.p.Fail(1, "%s", reason(err))
			}
			if err := f.mem.grow(2 * len(line)); err != nil {
				return f.p.Fail(1, "%s", err)
			}
			size += 2 * len(line)
			row.WriteString(strings.TrimSuffix(line, "\n"))
			if i+1 < len(open) {
				row.WriteRune(delimiters[i%len(delimiters)])
			}
		}
		if ended == len(open) {
			return 0
		}
		f.println(row.String())
		f.mem.shrink(size)
	}
}

// runTac is tac.
func runTac(ctx context.Context, p *proc.Process) int {
	_, names := flags(p, "")
	f := newFilter(ctx, p)
	var list []string
	code := f.each(names, func(_ string, r io.Reader) error {
		in := newLineReader(r, &f.mem)
		for {
			line, err := in.line()
			if err == io.EOF {
				return nil
			}
			if err == nil {
				err = f.mem.grow(len(line) + stringSize)
			}
			if err != nil {
				return err
			}
			list = append(list, line)
		}
	})
	for _, line := range slices.Backward(list) {
		if code != 0 || ctx.Err() != nil {
			break
		}
		_, _ = f.out.WriteString(line)
	}
	return f.end(code)
}

// runRev is rev.
func runRev(ctx context.Context, p *proc.Process) int {
	_, names := flags(p, "")
	f := newFilter(ctx, p)
	return f.end(f.lines(names, func(line string) error {
		if err := f.mem.grow(8 * len(line)); err != nil {
			return err
		}
		defer f.mem.shrink(8 * len(line))
		r := []rune(line)
		slices.Reverse(r)
		f.println(string(r))
		return nil
	}))
}

// runNL is nl with -b, -w, -s, -v and -i.
func runNL(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "bwsvi")
	number := map[rune]int{'w': 6, 'v': 1, 'i': 1}
	for o := range number {
		if text, ok := set[o]; ok {
			n, err := strconv.Atoi(text)
			if err != nil || o == 'w' && (n < 1 || n > 100) {
				return p.Fail(1, "invalid number '%s'", text)
			}
			number[o] = n
		}
	}
	separator := "\t"
	if s, ok := set['s']; ok {
		separator = s
	}
	n := number['v']
	f := newFilter(ctx, p)
	return f.end(f.lines(names, func(line string) error {
		if set['b'] == "n" || set['b'] != "a" && line == "" {
			fmt.Fprintf(f.out, "%*s%s\n", number['w']+len(separator), "", line)
			return nil
		}
		fmt.Fprintf(f.out, "%*d%s%s\n", number['w'], n, separator, line)
		n += number['i']
		return nil
	}))
}

// runFold is fold with -w, -s and -b.
func runFold(ctx context.Context, p *proc.Process) int {
	set, names := flags(p, "w")
	width := 80
	if text, ok := set['w']; ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxWidth {
			return p.Fail(1, "invalid number '%s'", text)
		}
		width = n
	}
	_, atSpaces := set['s']
	f := newFilter(ctx, p)
	return f.end(f.each(names, func(_ string, r io.Reader) error {
		in := bufio.NewReader(r)
		var line []rune
		for {
			c, _, err := in.ReadRune()
			if err == io.EOF {
				_, _ = f.out.WriteString(string(line))
				return nil
			}
			if err != nil {
				return err
			}
			if c == '\n' {
				f.println(string(line))
				line = line[:0]
				continue
			}
			if len(line) == width {
				end := width
				if atSpaces {
					if at := strings.LastIndexByte(string(line), ' '); at >= 0 {
						end = len([]rune(string(line)[:at])) + 1
					}
				}
				f.println(string(line[:end]))
				line = append(line[:0], line[end:]...)
			}
			line = append(line, c)
		}
	}))
}
