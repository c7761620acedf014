package shell

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// lines reads all lines of the named files or of standard input.
func lines(t *proc.Process, names []string) (list []string, code int) {
	code = each(t, names, func(_ string, r io.Reader) error {
		scan := bufio.NewScanner(r)
		scan.Buffer(nil, files.MaxFileSize)
		for scan.Scan() {
			list = append(list, scan.Text())
		}
		return scan.Err()
	})
	return list, code
}

func runSort(_ context.Context, t *proc.Process) int {
	set, names := flags(t, "kt")
	list, code := lines(t, names)
	_, numeric := set['n']
	_, reverse := set['r']
	_, unique := set['u']
	slices.SortStableFunc(list, func(a, b string) int {
		if numeric {
			x, _ := strconv.ParseFloat(strings.TrimSpace(a), 64)
			y, _ := strconv.ParseFloat(strings.TrimSpace(b), 64)
			if x < y {
				return -1
			} else if x > y {
				return 1
			}
		}
		return strings.Compare(a, b)
	})
	if reverse {
		slices.Reverse(list)
	}
	if unique {
		list = slices.Compact(list)
	}
	for _, line := range list {
		fmt.Fprintln(t.Stdout, line)
	}
	return code
}

func runUniq(_ context.Context, t *proc.Process) int {
	set, names := flags(t, "")
	list, code := lines(t, names)
	_, counted := set['c']
	for i := 0; i < len(list); {
		n := 1
		for i+n < len(list) && list[i+n] == list[i] {
			n++
		}
		if counted {
			fmt.Fprintf(t.Stdout, "%7d %s\n", n, list[i])
		} else {
			fmt.Fprintln(t.Stdout, list[i])
		}
		i += n
	}
	return code
}

// runCut is `cut -d X -f LIST` and `cut -c LIST`.
func runCut(_ context.Context, t *proc.Process) int {
	set, names := flags(t, "dfc")
	delimiter := "\t"
	if d, ok := set['d']; ok && d != "" {
		delimiter = d
	}
	ranges, byField := set['f']
	if !byField {
		var ok bool
		if ranges, ok = set['c']; !ok {
			return t.Fail(1, "expected a list of characters or fields")
		}
	}
	wanted, err := parseRanges(ranges)
	if err != nil {
		return t.Fail(1, "invalid range '%s'", ranges)
	}
	list, code := lines(t, names)
	for _, line := range list {
		parts, join := strings.Split(line, delimiter), delimiter
		if !byField {
			parts, join = strings.Split(line, ""), ""
		} else if len(parts) == 1 {
			fmt.Fprintln(t.Stdout, line)
			continue
		}
		var kept []string
		for i, p := range parts {
			if wanted(i + 1) {
				kept = append(kept, p)
			}
		}
		fmt.Fprintln(t.Stdout, strings.Join(kept, join))
	}
	return code
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

// runTR translates or deletes characters.
func runTR(_ context.Context, t *proc.Process) int {
	set, args := flags(t, "")
	_, del := set['d']
	if len(args) == 0 || !del && len(args) < 2 {
		return t.Fail(1, "missing operand")
	}
	from := expandSet(args[0])
	var to []rune
	if !del {
		if to = expandSet(args[1]); len(to) == 0 {
			return t.Fail(1, "the second set is empty")
		}
	}
	text, err := io.ReadAll(t.Stdin)
	if err != nil {
		return 1
	}
	fmt.Fprint(t.Stdout, strings.Map(func(r rune) rune {
		i := slices.Index(from, r)
		switch {
		case i < 0:
			return r
		case del:
			return -1
		}
		return to[min(i, len(to)-1)]
	}, string(text)))
	return 0
}

func expandSet(text string) []rune {
	for class, span := range map[string]string{"[:upper:]": "A-Z", "[:lower:]": "a-z", "[:digit:]": "0-9", "[:space:]": " \t\n", `\n`: "\n", `\t`: "\t"} {
		text = strings.ReplaceAll(text, class, span)
	}
	in := []rune(text)
	var out []rune
	for i := 0; i < len(in); i++ {
		if i+2 < len(in) && in[i+1] == '-' && in[i] <= in[i+2] {
			for r := in[i]; r <= in[i+2]; r++ {
				out = append(out, r)
			}
			i += 2
			continue
		}
		out = append(out, in[i])
	}
	return out
}

// runExpr is `expr A OP B`.
func runExpr(_ context.Context, t *proc.Process) int {
	args := t.Args[1:]
	if len(args) == 1 {
		fmt.Fprintln(t.Stdout, args[0])
		return 0
	}
	if len(args) != 3 {
		return t.Fail(2, "syntax error")
	}
	a, errA := strconv.Atoi(args[0])
	b, errB := strconv.Atoi(args[2])
	result := 0
	truth := func(ok bool) int {
		if ok {
			return 1
		}
		return 0
	}
	switch args[1] {
	case "=":
		result = truth(args[0] == args[2])
	case "!=":
		result = truth(args[0] != args[2])
	default:
		if errA != nil || errB != nil {
			return t.Fail(2, "non-numeric argument")
		}
		switch args[1] {
		case "+":
			result = a + b
		case "-":
			result = a - b
		case "*":
			result = a * b
		case "/", "%":
			if b == 0 {
				return t.Fail(2, "division by zero")
			}
			if result = a / b; args[1] == "%" {
				result = a % b
			}
		case "<":
			result = truth(a < b)
		case "<=":
			result = truth(a <= b)
		case ">":
			result = truth(a > b)
		case ">=":
			result = truth(a >= b)
		default:
			return t.Fail(2, "syntax error")
		}
	}
	fmt.Fprintln(t.Stdout, result)
	if result == 0 {
		return 1
	}
	return 0
}
