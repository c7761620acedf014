package shell

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// tester evaluates the expressions of test(1).
type tester struct {
	p     *proc.Process
	path  func(string) string
	args  []string
	depth int
}

// testError is an expression that test cannot read.
type testError string

func builtinTest(sh *shell, _ context.Context, args []string) int {
	return testCommand(args, &tester{p: sh.p, path: sh.path}, sh.fail)
}

func runTest(_ context.Context, p *proc.Process) int {
	return testCommand(p.Args, &tester{p: p, path: p.Path}, p.Fail)
}

func testCommand(args []string, t *tester, fail func(int, string, ...any) int) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			message, mine := fault.(testError)
			if !mine {
				panic(fault)
			}
			code = fail(2, "%s", string(message))
		}
	}()
	name := args[0][strings.LastIndex(args[0], "/")+1:]
	args = args[1:]
	if name != "test" {
		closing := "]"
		if name == "[[" {
			closing = "]]"
		}
		if len(args) == 0 || args[len(args)-1] != closing {
			return fail(2, "missing %s", closing)
		}
		args = args[:len(args)-1]
	}
	if len(args) == 0 {
		return 1
	}
	t.args = args
	ok := t.or()
	if len(t.args) > 0 {
		panic(testError(t.args[0] + ": unknown operand"))
	}
	return truth(ok)
}

func (t *tester) peek() string {
	if len(t.args) == 0 {
		return ""
	}
	return t.args[0]
}

func (t *tester) or() bool {
	ok := t.and()
	for t.peek() == "-o" && len(t.args) > 0 {
		t.args = t.args[1:]
		right := t.and()
		ok = ok || right
	}
	return ok
}

func (t *tester) and() bool {
	ok := t.not()
	for t.peek() == "-a" && len(t.args) > 0 {
		t.args = t.args[1:]
		right := t.not()
		ok = ok && right
	}
	return ok
}

func (t *tester) not() bool {
	negated := false
	for t.peek() == "!" && len(t.args) > 1 && !(len(t.args) >= 3 && binaryOperator(t.args[1])) {
		t.args = t.args[1:]
		negated = !negated
	}
	return t.primary() != negated
}

func (t *tester) primary() bool {
	if len(t.args) == 0 {
		panic(testError("argument expected"))
	}
	if len(t.args) >= 3 && binaryOperator(t.args[1]) {
		x, op, y := t.args[0], t.args[1], t.args[2]
		t.args = t.args[3:]
		return t.binary(x, op, y)
	}
	first := t.args[0]
	if first == "(" && len(t.args) > 1 {
		if t.depth++; t.depth > 100 {
			panic(testError("too many nested levels"))
		}
		t.args = t.args[1:]
		ok := t.or()
		if t.peek() != ")" {
			panic(testError("closing paren expected"))
		}
		t.args = t.args[1:]
		t.depth--
		return ok
	}
	if len(first) == 2 && first[0] == '-' && len(t.args) > 1 && strings.IndexByte("bcdefghkLnOprSstuwxzGN", first[1]) >= 0 {
		operand := t.args[1]
		t.args = t.args[2:]
		return t.unary(first[1], operand)
	}
	t.args = t.args[1:]
	return first != ""
}

func binaryOperator(s string) bool {
	switch s {
	case "=", "==", "!=", "<", ">", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef":
		return true
	}
	return false
}

func (t *tester) binary(x, op, y string) bool {
	switch op {
	case "=", "==":
		return x == y
	case "!=":
		return x != y
	case "<":
		return x < y
	case ">":
		return x > y
	case "=~":
		re, err := regexp.Compile(y)
		return err == nil && re.MatchString(x)
	case "-nt", "-ot", "-ef":
		a, errA := t.p.Files.Stat(t.path(x))
		b, errB := t.p.Files.Stat(t.path(y))
		switch op {
		case "-nt":
			return errA == nil && (errB != nil || a.ModTime().After(b.ModTime()))
		case "-ot":
			return errB == nil && (errA != nil || a.ModTime().Before(b.ModTime()))
		}
		return errA == nil && errB == nil && t.path(x) == t.path(y)
	}
	a, b := number(x), number(y)
	switch op {
	case "-eq":
		return a == b
	case "-ne":
		return a != b
	case "-lt":
		return a < b
	case "-le":
		return a <= b
	case "-gt":
		return a > b
	}
	return a >= b
}

func number(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		panic(testError(s + ": bad number"))
	}
	return n
}

func (t *tester) unary(op byte, operand string) bool {
	switch op {
	case 'n':
		return operand != ""
	case 'z':
		return operand == ""
	case 't':
		return operand == "0" && t.p.Terminal() != nil || (operand == "1" || operand == "2") && t.p.Terminal() != nil
	case 'L', 'h':
		info, err := t.p.Files.Lstat(t.path(operand))
		return err == nil && info.Mode()&fs.ModeSymlink != 0
	}
	info, err := t.p.Files.Stat(t.path(operand))
	if err != nil {
		if _, ok := ownStream(t.path(operand), t.p.PID); ok {
			return op == 'e' || op == 'r' || op == 'w'
		}
		return false
	}
	mode := info.Mode()
	switch op {
	case 'e':
		return true
	case 'f':
		return mode.IsRegular()
	case 'd':
		return mode.IsDir()
	case 's':
		return info.Size() > 0
	case 'p':
		return mode&fs.ModeNamedPipe != 0
	case 'S':
		return mode&fs.ModeSocket != 0
	case 'b':
		return mode&fs.ModeDevice != 0 && mode&fs.ModeCharDevice == 0
	case 'c':
		return mode&fs.ModeCharDevice != 0
	case 'u':
		return mode&fs.ModeSetuid != 0
	case 'g':
		return mode&fs.ModeSetgid != 0
	case 'k':
		return mode&fs.ModeSticky != 0
	case 'r':
		return t.p.Files.Access(t.path(operand), 4) == nil
	case 'w':
		return t.p.Files.Access(t.path(operand), 2) == nil
	case 'x':
		return t.p.Files.Access(t.path(operand), 1) == nil
	case 'O', 'G':
		uid, gid := files.Owner(info)
		return op == 'O' && uid == t.p.User.UID || op == 'G' && gid == t.p.User.GID
	}
	return false
}

// testClause evaluates [[ … ]].
func (sh *shell) testClause(x syntax.TestExpr) bool {
	switch x := x.(type) {
	case *syntax.Word:
		s, _ := sh.literal(x)
		return s != ""
	case *syntax.ParenTest:
		return sh.testClause(x.X)
	case *syntax.UnaryTest:
		if x.Op == syntax.TsNot {
			return !sh.testClause(x.X)
		}
		s, ok := sh.testWord(x.X)
		return ok && testCommand([]string{"test", x.Op.String(), s}, &tester{p: sh.p, path: sh.path}, sh.fail) == 0
	case *syntax.BinaryTest:
		switch x.Op {
		case syntax.AndTest:
			return sh.testClause(x.X) && sh.testClause(x.Y)
		case syntax.OrTest:
			return sh.testClause(x.X) || sh.testClause(x.Y)
		}
		left, ok := sh.testWord(x.X)
		if !ok {
			return false
		}
		w, isWord := x.Y.(*syntax.Word)
		switch x.Op {
		case syntax.TsMatch, syntax.TsMatchShort, syntax.TsNoMatch:
			if !isWord {
				return false
			}
			pat, ok := sh.pattern(w)
			return ok && matches(pat, left) == (x.Op != syntax.TsNoMatch)
		}
		right, ok := sh.testWord(x.Y)
		return ok && testCommand([]string{"test", left, fmt.Sprint(x.Op), right}, &tester{p: sh.p, path: sh.path}, sh.fail) == 0
	}
	return false
}

func (sh *shell) testWord(x syntax.TestExpr) (string, bool) {
	w, ok := x.(*syntax.Word)
	if !ok {
		return "", false
	}
	return sh.literal(w)
}
