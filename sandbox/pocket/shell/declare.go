package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// declare is export, readonly, local and their like.
func (sh *shell) declare(c *syntax.DeclClause) {
	name := c.Variant.Value
	sh.status = 0
	var mark func(*variable)
	switch name {
	case "export":
		mark = func(v *variable) { v.exported = true }
	case "readonly":
		mark = func(v *variable) { v.readOnly = true }
	case "local":
		if len(sh.scopes) == 0 {
			sh.abort(sh.failBuiltin(2, name, "not in a function"))
			return
		}
		mark = func(*variable) {}
	default:
		sh.status = sh.fail(127, "%s: not found", name)
		return
	}
	if len(c.Args) == 0 || c.Args[0].Naked && c.Args[0].Name == nil && c.Args[0].Value.Lit() == "-p" {
		sh.printVariables(sh.stdout(), name+" ", func(v variable) bool { return name == "export" && v.exported || name == "readonly" && v.readOnly })
		return
	}
	for _, as := range c.Args {
		if as.Name != nil {
			value, ok := sh.literal(as.Value)
			if !ok {
				return
			}
			if as.Append {
				value = sh.value(as.Name.Value) + value
			}
			if sh.declareOne(name, as.Name.Value, value, !as.Naked, mark); sh.exiting {
				return
			}
			continue
		}
		fields, ok := sh.fields([]*syntax.Word{as.Value})
		if !ok {
			return
		}
		for _, f := range fields {
			if f == "-n" && name == "export" {
				mark = func(v *variable) { v.exported = false }
				continue
			}
			n, value, given := strings.Cut(f, "=")
			if !syntax.ValidName(n) {
				sh.abort(sh.failBuiltin(2, name, "%s: bad variable name", f))
				return
			}
			if sh.declareOne(name, n, value, given, mark); sh.exiting {
				return
			}
		}
	}
}

func (sh *shell) declareOne(command, name, value string, given bool, mark func(*variable)) {
	old, had := sh.vars[name]
	if command == "local" {
		scope := sh.scopes[len(sh.scopes)-1]
		if _, done := scope[name]; !done {
			scope[name] = nil
			if had {
				scope[name] = &old
			}
		}
	}
	if given && !sh.assignValue(name, value) {
		return
	}
	v, ok := sh.vars[name]
	v.unset = v.unset || !ok
	mark(&v)
	sh.vars[name] = v
}
