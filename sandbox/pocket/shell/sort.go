package shell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// sortKey is a key of sort: from a field and character to another, counted from
// 1; 0 is the whole of it.
type sortKey struct {
	fromField, fromChar, toField, toChar int
	options                              string
}

// sorting is a run of sort.
type sorting struct {
	options   string
	separator string
	keys      []sortKey
	output    string
}

func runSort(ctx context.Context, p *proc.Process) int {
	s := &sorting{}
	names, code := s.parse(p)
	if code != 0 {
		return code
	}
	f := newFilter(ctx, p)
	list, code := f.kept(names)
	if code != 0 {
		if code == 1 {
			code = 2
		}
		return f.end(code)
	}
	equal := func(a, b string) bool { return s.compareKeyed(a, b) == 0 }
	if s.has('c') {
		for i := 1; i < len(list); i++ {
			if s.compare(list[i-1], list[i]) > 0 || s.has('u') && equal(list[i-1], list[i]) {
				fmt.Fprintf(p.Stderr, "Check line %d\n", i)
				return f.end(1)
			}
		}
		return f.end(0)
	}
	slices.SortStableFunc(list, s.compare)
	if s.has('u') {
		list = slices.CompactFunc(list, equal)
	}
	if s.output != "" {
		file, err := p.Files.Open(p.Path(s.output), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o666)
		if err != nil {
			return f.end(p.Fail(2, "can't open '%s': %s", s.output, reason(err)))
		}
		defer file.Close()
		f.out.Reset(file)
	}
	for _, line := range list {
		if ctx.Err() != nil {
			return f.end(killedCode)
		}
		f.println(line)
	}
	return f.end(0)
}

// parse reads the options. A code other than 0 says that they are wrong.
func (s *sorting) parse(p *proc.Process) (operands []string, code int) {
	args := p.Args[1:]
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			return append(operands, args...), 0
		}
		if len(arg) < 2 || arg[0] != '-' {
			operands = append(operands, arg)
			continue
		}
		for i := 1; i < len(arg); i++ {
			c := arg[i]
			if strings.IndexByte("ktoST", c) < 0 {
				if strings.IndexByte("bcdfghiMnrsuVmz", c) < 0 {
					return nil, p.Fail(2, "invalid option -- '%c'", c)
				}
				s.options += string(c)
				continue
			}
			value := arg[i+1:]
			if value == "" {
				if len(args) == 0 {
					return nil, p.Fail(2, "option requires an argument -- '%c'", c)
				}
				value, args = args[0], args[1:]
			}
			switch c {
			case 't':
				if len(value) != 1 && value != `\t` {
					return nil, p.Fail(2, "bad -t parameter")
				}
				s.separator = strings.Replace(value, `\t`, "\t", 1)
			case 'o':
				s.output = value
			case 'k':
				k, err := parseKey(value)
				if err != nil {
					return nil, p.Fail(2, "%s", err)
				}
				s.keys = append(s.keys, k)
			}
			break
		}
	}
	return operands, 0
}

func (s *sorting) has(option byte) bool { return strings.IndexByte(s.options, option) >= 0 }

// parseKey reads F[.C][OPTIONS][,F[.C][OPTIONS]].
func parseKey(text string) (k sortKey, err error) {
	from, to, _ := strings.Cut(text, ",")
	for i, part := range []string{from, to} {
		end := strings.IndexFunc(part, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if end >= 0 {
			for _, c := range part[end:] {
				if !strings.ContainsRune("bdfghiMnrV", c) {
					return k, errors.New("unknown key option")
				}
			}
			k.options += part[end:]
			part = part[:end]
		}
		if part == "" {
			continue
		}
		field, char, _ := strings.Cut(part, ".")
		f, ferr := strconv.Atoi(field)
		c, cerr := strconv.Atoi(orElse(char, "0"))
		if ferr != nil || cerr != nil || i == 0 && f < 1 {
			return k, errors.New("bad field specification")
		}
		if i == 0 {
			k.fromField, k.fromChar = f, c
		} else {
			k.toField, k.toChar = f, c
		}
	}
	if k.fromField == 0 {
		return k, errors.New("bad field specification")
	}
	return k, nil
}

// cut is the part of a line that a key stands for.
func (k sortKey) cut(line, separator, options string) string {
	start := skipFields(line, separator, k.fromField-1)
	end := len(line)
	if k.toField > 0 {
		if k.toChar > 0 {
			end = min(skipFields(line, separator, k.toField-1)+k.toChar, len(line))
		} else if end = skipFields(line, separator, k.toField); separator != "" && end > 0 && end <= len(line) && line[end-1] == separator[0] && (end < len(line) || strings.Count(line, separator) >= k.toField) {
			end--
		}
	}
	if strings.Contains(options, "b") {
		for start < len(line) && isSpace(line[start]) {
			start++
		}
	}
	if k.fromChar > 0 {
		start = min(start+k.fromChar-1, len(line))
	}
	return line[start:max(start, end)]
}

// skipFields is where a line goes on after some fields. Without a separator, a
// field begins with the blanks before it.
func skipFields(line, separator string, fields int) (at int) {
	for ; fields > 0 && at < len(line); fields-- {
		if separator != "" {
			next := strings.Index(line[at:], separator)
			if next < 0 {
				return len(line)
			}
			at += next + 1
			continue
		}
		for at < len(line) && isSpace(line[at]) {
			at++
		}
		for at < len(line) && !isSpace(line[at]) {
			at++
		}
	}
	return at
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// compare orders two lines: by the keys, and if they are equal by all of it.
func (s *sorting) compare(a, b string) int {
	if c := s.compareKeyed(a, b); c != 0 || s.has('s') {
		return c
	}
	c := strings.Compare(a, b)
	if s.has('r') {
		return -c
	}
	return c
}

// compareKeyed orders two lines by the keys alone.
func (s *sorting) compareKeyed(a, b string) int {
	keys := s.keys
	if len(keys) == 0 {
		keys = []sortKey{{fromField: 1}}
	}
	for _, k := range keys {
		options := k.options
		if strings.Trim(options, "b") == "" {
			options += s.options
		}
		if c := compareKeys(k.cut(a, s.separator, options), k.cut(b, s.separator, options), options); c != 0 {
			if strings.Contains(options, "r") {
				return -c
			}
			return c
		}
	}
	return 0
}

func compareKeys(a, b, options string) int {
	keep := func(keep func(c byte) bool) {
		for _, s := range []*string{&a, &b} {
			var kept []byte
			for i := range len(*s) {
				if keep((*s)[i]) {
					kept = append(kept, (*s)[i])
				}
			}
			*s = string(kept)
		}
	}
	if strings.Contains(options, "d") {
		keep(func(c byte) bool { return isSpace(c) || isWordByte(c) && c != '_' })
	}
	if strings.Contains(options, "i") {
		keep(func(c byte) bool { return c >= ' ' && c <= '~' })
	}
	if strings.Contains(options, "f") {
		a, b = strings.ToUpper(a), strings.ToUpper(b)
	}
	for _, o := range options {
		switch o {
		case 'n', 'g':
			return cmp.Compare(leadingNumber(a), leadingNumber(b))
		case 'h':
			return cmp.Compare(humanNumber(a), humanNumber(b))
		case 'M':
			return cmp.Compare(monthNumber(a), monthNumber(b))
		case 'V':
			return compareVersions(a, b)
		}
	}
	return strings.Compare(a, b)
}

// leadingNumber is the number that a text begins with, as atof(3) reads it.
func leadingNumber(text string) float64 {
	number, _ := splitNumber(text)
	f, _ := strconv.ParseFloat(number, 64)
	return f
}

func splitNumber(text string) (number, rest string) {
	text = strings.TrimLeft(text, " \t\n\v\f\r")
	end, dot := 0, false
	for end < len(text) {
		c := text[end]
		if !(c >= '0' && c <= '9' || end == 0 && (c == '-' || c == '+') || c == '.' && !dot) {
			break
		}
		dot = dot || c == '.'
		end++
	}
	return text[:end], text[end:]
}

// humanNumber is a number with a suffix such as K or G.
func humanNumber(text string) float64 {
	number, rest := splitNumber(text)
	f, _ := strconv.ParseFloat(number, 64)
	if rest != "" {
		for i := 0; i <= strings.IndexByte("kMGTPEZY", rest[0]) || rest[0] == 'K' && i == 0; i++ {
			f *= 1024
		}
	}
	return f
}

func monthNumber(text string) int {
	text = strings.ToUpper(strings.TrimLeft(text, " \t"))
	if len(text) < 3 {
		return 0
	}
	at := strings.Index("JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", text[:3])
	return (at + 3) / 3
}

// compareVersions orders the numbers in two texts as numbers.
func compareVersions(a, b string) int {
	digits := func(s string) int {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		return n
	}
	for a != "" && b != "" {
		if m, n := digits(a), digits(b); m > 0 && n > 0 {
			x, y := strings.TrimLeft(a[:m], "0"), strings.TrimLeft(b[:n], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[m:], b[n:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}
