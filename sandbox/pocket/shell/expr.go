package shell

import (
	"context"
	"fmt"
	"strconv"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

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
