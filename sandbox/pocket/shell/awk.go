package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// awkFault is said as BusyBox's awk says it.
type awkFault string

func (f awkFault) Error() string { return string(f) }

// awkRule is PATTERN { ACTION } of the small part of awk that one-line scripts
// use: printing fields of the lines that a condition picks.
type awkRule struct {
	when    string // BEGIN, END, or empty
	pattern string
	action  []string
	until   string // the end of a range of lines that pattern begins
	within  *bool  // that range, now
	prints  bool   // the action is the one that a missing one stands for
}

// awk is a run of awk.
type awk struct {
	p         *proc.Process
	separator string
	out       io.Writer
	line      string
	fields    []string
	number    int
	vars      map[string]string
	skip      bool // the rest of the rules, for this line
	exited    bool
	code      int
	err       error
}

func runAwk(ctx context.Context, p *proc.Process) int {
	f := newFilter(ctx, p)
	a := &awk{p: p, separator: " ", out: f.out, vars: map[string]string{}}
	args := p.Args[1:]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		value := arg[2:]
		if value == "" && len(args) > 0 {
			value, args = args[0], args[1:]
		}
		switch arg[1] {
		case 'F':
			a.separator, _ = unescape(value, false)
		case 'v':
			name, v, _ := strings.Cut(value, "=")
			a.vars[name] = v
		default:
			return invalidOption(p, rune(arg[1]))
		}
	}
	if len(args) == 0 {
		return p.Fail(1, "no program text")
	}
	rules, err := awkRules(args[0])
	if err != nil {
		return p.Fail(2, "cmd. line:1: %s", err)
	}
	each := func(when string) {
		for _, r := range rules {
			if r.when == when && a.err == nil && !a.skip && !a.exited && a.picks(r) {
				a.act(r)
			}
		}
	}
	each("BEGIN")
	code := 0
	if len(args) > 1 || slices.ContainsFunc(rules, func(r awkRule) bool { return r.when != "BEGIN" }) {
		code = f.lines(args[1:], func(line string) error {
			if a.err != nil || a.exited {
				return io.EOF
			}
			size := 32 * len(line) // that the fields may take
			if err := f.mem.grow(size); err != nil {
				return err
			}
			defer f.mem.shrink(size)
			a.number++
			a.line, a.fields, a.skip = line, a.split(line), false
			each("")
			return nil
		})
	}
	a.exited = false
	each("END")
	if a.err != nil {
		return f.end(p.Fail(2, "cmd. line:1: %s", a.err))
	}
	if code == 0 {
		code = a.code
	}
	return f.end(code)
}

// picks reports whether a rule is for the line.
func (a *awk) picks(r awkRule) bool {
	if r.within == nil {
		return a.truth(r.pattern)
	}
	if !*r.within && !a.truth(r.pattern) {
		return false
	}
	*r.within = !a.truth(r.until)
	return true
}

func (a *awk) split(line string) []string {
	switch {
	case a.separator == " ":
		return strings.Fields(line)
	case line == "":
		return nil
	case len(a.separator) == 1:
		return strings.Split(line, a.separator)
	}
	re, err := regexp.Compile(extendedExpression(a.separator))
	if err != nil {
		return []string{line}
	}
	return re.Split(line, -1)
}

// awkRules parses a program.
func awkRules(text string) (rules []awkRule, err error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " \t\n;") {
		r := awkRule{}
		open := outside(text, "{")
		head := text
		if open >= 0 {
			head = text[:open]
		}
		switch r.pattern = strings.TrimSpace(head); r.pattern {
		case "BEGIN", "END":
			r.when, r.pattern = r.pattern, ""
		}
		if ends := splitOutside(r.pattern, ","); len(ends) == 2 {
			r.pattern, r.until, r.within = ends[0], ends[1], new(bool)
		}
		if open < 0 {
			r.prints = true
			return append(rules, r), nil
		}
		text = text[open+1:]
		end := outside(text, "}")
		if end < 0 {
			return nil, awkFault("Unexpected end of string")
		}
		for _, statement := range splitOutside(text[:end], ";\n") {
			if statement = strings.TrimSpace(statement); statement != "" {
				r.action = append(r.action, statement)
			}
		}
		text = text[end+1:]
		rules = append(rules, r)
	}
	return rules, nil
}

// outside finds the first of some characters that is not in a string or an expression.
func outside(text, any string) int {
	quote := byte(0)
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '/' && (i == 0 || strings.IndexByte("~!(&|{; ,", text[i-1]) >= 0) && strings.IndexByte(text[i+1:], '/') >= 0 && !strings.HasPrefix(text[i+1:], " "):
			quote = c
		case depth == 0 && strings.IndexByte(any, c) >= 0:
			return i
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
	}
	return -1
}

func splitOutside(text, any string) (parts []string) {
	for {
		i := outside(text, any)
		if i < 0 {
			return append(parts, text)
		}
		parts = append(parts, text[:i])
		text = text[i+1:]
	}
}

func (a *awk) act(r awkRule) {
	if r.prints {
		fmt.Fprintln(a.out, a.line)
		return
	}
	for _, s := range r.action {
		word, rest, _ := strings.Cut(s, " ")
		switch {
		case word == "print" && rest == "":
			fmt.Fprintln(a.out, a.line)
		case word == "print" || strings.HasPrefix(s, "print("):
			if word != "print" {
				rest = strings.TrimSuffix(strings.TrimPrefix(s, "print("), ")")
			}
			var values []string
			for _, e := range splitOutside(rest, ",") {
				values = append(values, a.text(e))
			}
			fmt.Fprintln(a.out, strings.Join(values, orElse(a.vars["OFS"], " ")))
		case word == "printf" || strings.HasPrefix(s, "printf("):
			if word != "printf" {
				rest = strings.TrimSuffix(strings.TrimPrefix(s, "printf("), ")")
			}
			var values []string
			for _, e := range splitOutside(rest, ",") {
				values = append(values, a.text(e))
			}
			printf(a.out, values, a.p.Fail)
		case s == "next":
			a.skip = true
			return
		case word == "exit":
			a.exited = true
			a.code, _ = strconv.Atoi(a.text(rest))
			return
		default:
			a.assign(s)
		}
	}
}

// assign carries out x=…, x+=…, x++.
func (a *awk) assign(s string) {
	name, value, ok := strings.Cut(s, "=")
	number := func(n string) float64 { f, _ := strconv.ParseFloat(strings.TrimSpace(a.vars[n]), 64); return f }
	switch {
	case strings.HasSuffix(s, "++"):
		name = strings.TrimSuffix(s, "++")
		a.vars[name] = awkNumber(number(name) + 1)
	case ok && strings.HasSuffix(name, "+"):
		name = strings.TrimSpace(strings.TrimSuffix(name, "+"))
		f, _ := strconv.ParseFloat(strings.TrimSpace(a.text(value)), 64)
		a.vars[name] = awkNumber(number(name) + f)
	case ok && isName(strings.TrimSpace(name)):
		name = strings.TrimSpace(name)
		if a.vars[name] = a.text(value); name == "FS" {
			a.separator = a.vars[name]
		}
	default:
		a.err = errors.New("the sandbox's awk prints fields; it does not know: " + s)
	}
}

func isName(s string) bool {
	for i := range len(s) {
		if !isWordByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func awkNumber(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }

// truth evaluates a pattern: comparisons and matches, joined by && and ||.
func (a *awk) truth(pattern string) bool {
	pattern = strings.TrimSpace(pattern)
	if pattern == "" {
		return true
	}
	if left, right, ok := strings.Cut(pattern, "||"); ok {
		return a.truth(left) || a.truth(right)
	}
	if left, right, ok := strings.Cut(pattern, "&&"); ok {
		return a.truth(left) && a.truth(right)
	}
	if strings.HasPrefix(pattern, "!") && !strings.HasPrefix(pattern, "!=") {
		return !a.truth(pattern[1:])
	}
	match := func(subject, expr string) bool {
		expr = strings.TrimSpace(expr)
		if len(expr) >= 2 && (expr[0] == '/' || expr[0] == '"') {
			expr = expr[1 : len(expr)-1]
		}
		re, err := regexp.Compile(extendedExpression(strings.ReplaceAll(expr, `\/`, "/")))
		if err != nil {
			a.err = fmt.Errorf("bad regex '%s'", expr)
			return false
		}
		return re.MatchString(subject)
	}
	if pattern[0] == '/' && strings.HasSuffix(pattern, "/") && len(pattern) > 1 {
		return match(a.line, pattern)
	}
	for _, op := range []string{"!~", "~", "==", "!=", ">=", "<=", ">", "<"} {
		left, right, ok := strings.Cut(pattern, op)
		if !ok {
			continue
		}
		x := a.text(left)
		switch op {
		case "~":
			return match(x, right)
		case "!~":
			return !match(x, right)
		}
		y := a.text(right)
		c := strings.Compare(x, y)
		f, errX := strconv.ParseFloat(x, 64)
		g, errY := strconv.ParseFloat(y, 64)
		if errX == nil && errY == nil {
			c = 0
			if f < g {
				c = -1
			} else if f > g {
				c = 1
			}
		}
		return map[string]bool{"==": c == 0, "!=": c != 0, ">": c > 0, "<": c < 0, ">=": c >= 0, "<=": c <= 0}[op]
	}
	v := a.text(pattern)
	return v != "" && v != "0"
}

// text evaluates an expression: fields, variables, strings and numbers, side by
// side or added up.
func (a *awk) text(expr string) string {
	expr = strings.TrimSpace(expr)
	var b strings.Builder
	for expr != "" && a.err == nil {
		switch c := expr[0]; {
		case c == ' ' || c == '\t':
			expr = expr[1:]
		case c == '"':
			end := 1
			for end < len(expr) && expr[end] != '"' {
				if expr[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(expr) {
				a.err = awkFault("Unexpected end of string")
				return ""
			}
			s, _ := unescape(strings.ReplaceAll(expr[1:end], `\"`, `"`), false)
			b.WriteString(s)
			expr = expr[end+1:]
		case c == '$':
			end := 1
			for end < len(expr) && (isWordByte(expr[end])) {
				end++
			}
			index := expr[1:end]
			expr = expr[end:]
			if rest, ok := strings.CutPrefix(expr, "-1"); index == "NF" && ok || index == "" && strings.HasPrefix(expr, "(NF-1)") {
				if index == "" {
					rest = strings.TrimPrefix(expr, "(NF-1)")
				}
				b.WriteString(a.field(len(a.fields) - 1))
				expr = rest
				continue
			}
			n, err := strconv.Atoi(index)
			if err != nil {
				n, _ = strconv.Atoi(a.variable(index))
			}
			b.WriteString(a.field(n))
		case isWordByte(c):
			end := 0
			for end < len(expr) && (isWordByte(expr[end]) || expr[end] == '.') {
				end++
			}
			word := expr[:end]
			expr = expr[end:]
			if c >= '0' && c <= '9' {
				b.WriteString(word)
			} else if strings.HasPrefix(expr, "(") {
				close := strings.IndexByte(expr, ')')
				if close < 0 || word != "length" && word != "toupper" && word != "tolower" {
					a.err = errors.New("the sandbox's awk prints fields; it has no " + word + "()")
					return ""
				}
				value := a.text(expr[1:close])
				if expr[1:close] == "" {
					value = a.line
				}
				expr = expr[close+1:]
				b.WriteString(map[string]string{"length": strconv.Itoa(len([]rune(value))), "toupper": strings.ToUpper(value), "tolower": strings.ToLower(value)}[word])
			} else {
				b.WriteString(a.variable(word))
			}
		case strings.IndexByte("+-*/%", c) >= 0:
			x, _ := strconv.ParseFloat(strings.TrimSpace(b.String()), 64)
			y, _ := strconv.ParseFloat(strings.TrimSpace(a.text(expr[1:])), 64)
			switch c {
			case '+':
				x += y
			case '-':
				x -= y
			case '*':
				x *= y
			case '/', '%':
				if y == 0 {
					a.err = awkFault("Division by zero")
					return ""
				}
				if c == '/' {
					x /= y
				} else {
					x = float64(int64(x) % max(int64(y), 1))
				}
			}
			return awkNumber(x)
		default:
			a.err = errors.New("the sandbox's awk prints fields; it does not know: " + expr)
			return ""
		}
	}
	return b.String()
}

func (a *awk) field(n int) string {
	switch {
	case n == 0:
		return a.line
	case n > 0 && n <= len(a.fields):
		return a.fields[n-1]
	}
	return ""
}

func (a *awk) variable(name string) string {
	switch name {
	case "NR", "FNR":
		return strconv.Itoa(a.number)
	case "NF":
		return strconv.Itoa(len(a.fields))
	}
	return a.vars[name]
}
