package shell

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// variable is a variable of the shell.
type variable struct {
	value    string
	exported bool
	readOnly bool
	unset    bool // declared by export or local, without a value
}

// Bounds of what one shell keeps, beside the memory of its container.
const (
	maxValue     = 64 << 20 // bytes of one variable or one word
	maxExpansion = 64 << 20 // bytes that one command's words may grow to
)

// outOfMemory is thrown through the expansion of a word, which cannot return
// it, and caught where the expansion began.
type outOfMemory struct{}

// environment is the shell's variables as the expansion of words sees them. It
// counts what it hands out, so that a word cannot grow without bound.
type environment struct {
	sh   *shell
	used *int
}

var _ expand.WriteEnviron = environment{}

func text(value string) expand.Variable {
	return expand.Variable{Set: true, Kind: expand.String, Str: value}
}

// Get implements expand.Environ.
func (e environment) Get(name string) expand.Variable {
	v := e.sh.get(name)
	n := len(v.Str)
	for _, s := range v.List {
		n += len(s) + 16 // and where it lies
	}
	if *e.used += n; *e.used > maxExpansion {
		panic(outOfMemory{})
	}
	return v
}

func (sh *shell) get(name string) expand.Variable {
	switch name {
	case "#":
		return text(strconv.Itoa(len(sh.params)))
	case "@", "*":
		list := sh.params
		if list == nil {
			list = []string{}
		}
		return expand.Variable{Set: true, Kind: expand.Indexed, List: list}
	case "?":
		return text(strconv.Itoa(sh.status))
	case "$":
		return text(strconv.Itoa(sh.mainPID()))
	case "!":
		if sh.background == 0 {
			return text("")
		}
		return text(strconv.Itoa(sh.background))
	case "-":
		return text(sh.opts.letters())
	case "0":
		return text(sh.name)
	case "RANDOM":
		return text(strconv.Itoa(rand.IntN(32768)))
	}
	if user, ok := strings.CutPrefix(name, "HOME "); ok {
		return text(sh.home(user)) // an answer keeps the expansion from asking the machine
	}
	if name[0] >= '0' && name[0] <= '9' {
		if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(sh.params) {
			return text(sh.params[n-1])
		}
		return expand.Variable{}
	}
	v, ok := sh.vars[name]
	if !ok || v.unset {
		return expand.Variable{}
	}
	return expand.Variable{Set: true, Kind: expand.String, Str: v.value, Exported: v.exported, ReadOnly: v.readOnly}
}

// mainPID is $$: the PID of the shell itself, also in its subshells.
func (sh *shell) mainPID() int {
	if sh.pidOfShell != 0 {
		return sh.pidOfShell
	}
	return sh.p.PID
}

func (o *options) letters() string {
	var b strings.Builder
	for _, c := range "eufnaxCvisc" {
		if *o.flag(c) {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// Each implements expand.Environ.
func (e environment) Each(yield func(string, expand.Variable) bool) {
	for name := range e.sh.vars {
		if !yield(name, e.sh.get(name)) {
			return
		}
	}
}

// Set implements expand.WriteEnviron, for ${x:=word} and $((x=1)).
func (e environment) Set(name string, v expand.Variable) error { return e.sh.set(name, v.Str) }

// readOnlyError is an attempt to change a variable that readonly protects.
type readOnlyError string

func (r readOnlyError) Error() string { return string(r) + ": is read only" }

// set gives a variable a value.
func (sh *shell) set(name, value string) error {
	old := sh.vars[name]
	if old.readOnly {
		return readOnlyError(name)
	}
	if !sh.hold(int64(len(value)) - int64(len(old.value))) {
		panic(outOfMemory{})
	}
	old.value, old.unset = value, false
	old.exported = old.exported || sh.opts.allexport
	sh.vars[name] = old
	return nil
}

func (sh *shell) unset(name string) error {
	old, ok := sh.vars[name]
	if old.readOnly {
		return readOnlyError(name)
	}
	if ok {
		sh.hold(-int64(len(old.value)))
		delete(sh.vars, name)
	}
	return nil
}

// hold counts memory of the container that this shell takes.
func (sh *shell) hold(bytes int64) bool {
	if bytes == 0 {
		return true
	}
	sh.held += bytes
	return sh.p.Usage.Allocate(bytes) == nil && sh.held < maxValue*2
}

// release gives all memory back.
func (sh *shell) release() {
	if sh.held != 0 {
		_ = sh.p.Usage.Allocate(-sh.held)
		sh.held = 0
	}
}

// value is a variable's, empty when it is not set.
func (sh *shell) value(name string) string { return sh.get(name).Str }

// exported is the environment of a child.
func (sh *shell) exported() map[string]string {
	env := map[string]string{}
	for name, v := range sh.vars {
		if v.exported && !v.unset {
			env[name] = v.value
		}
	}
	return env
}

// home is a user's home directory in the container's /etc/passwd.
func (sh *shell) home(user string) string {
	if entry, ok := lookUpUser(sh.p, user); ok {
		return entry.home
	}
	return "~" + user
}

// expansion makes the settings for expanding words once.
func (sh *shell) expansion() *expand.Config {
	cfg := &expand.Config{Env: environment{sh, new(int)}, CmdSubst: sh.substitute, NoUnset: sh.opts.nounset}
	if !sh.opts.noglob {
		cfg.ReadDir2 = sh.readDir
	}
	return cfg
}

// expanding runs an expansion and turns what went wrong into the shell's end.
func (sh *shell) expanding(do func(cfg *expand.Config) error) (ok bool) {
	defer func() {
		if fault := recover(); fault != nil {
			if _, mine := fault.(outOfMemory); !mine {
				panic(fault)
			}
			sh.fail(2, "out of memory")
			sh.abort(2)
			ok = false
		}
	}()
	err := do(sh.expansion())
	if err == nil {
		return true
	}
	message := err.Error()
	if unset, ok := err.(expand.UnsetParameterError); ok {
		switch {
		case unset.Message == "unbound variable", unset.Message == "" && unset.Node.Exp != nil && unset.Node.Exp.Op == syntax.ErrorUnset:
			message = unset.Node.Param.Value + ": parameter not set"
		case unset.Message == "":
			message = unset.Node.Param.Value + ": parameter not set or null"
		}
	}
	switch message {
	case "division by zero":
		message = "divide by zero"
	}
	if !sh.exiting {
		sh.fail(2, "%s", message)
	}
	sh.abort(2)
	return false
}

// fields expands words into arguments.
func (sh *shell) fields(words []*syntax.Word) (list []string, ok bool) {
	// A word without anything to expand is what most words are.
	plain := true
	for _, w := range words {
		if lit := w.Lit(); lit == "" || strings.ContainsAny(lit, "\\*?[~{") {
			plain = false
			break
		}
	}
	if plain {
		for _, w := range words {
			list = append(list, w.Lit())
		}
		return list, true
	}
	ok = sh.expanding(func(cfg *expand.Config) (err error) {
		if err = boundReplacements(cfg, words...); err != nil {
			return err
		}
		list, err = expand.Fields(cfg, words...)
		return err
	})
	return list, ok
}

// literal expands a word into one string, as in an assignment.
func (sh *shell) literal(w *syntax.Word) (s string, ok bool) {
	if w == nil {
		return "", true
	}
	ok = sh.expanding(func(cfg *expand.Config) (err error) {
		if err = boundReplacements(cfg, w); err != nil {
			return err
		}
		s, err = expand.Literal(cfg, w)
		return err
	})
	return s, ok
}

// document expands the text of a here-document.
func (sh *shell) document(w *syntax.Word) (s string, ok bool) {
	if w == nil {
		return "", true
	}
	ok = sh.expanding(func(cfg *expand.Config) (err error) {
		if err = boundReplacements(cfg, w); err != nil {
			return err
		}
		s, err = expand.Document(cfg, w)
		return err
	})
	return s, ok
}

// pattern expands a word of case or [[.
func (sh *shell) pattern(w *syntax.Word) (s string, ok bool) {
	ok = sh.expanding(func(cfg *expand.Config) (err error) {
		s, err = expand.Pattern(cfg, w)
		return err
	})
	return s, ok
}

func (sh *shell) arithmetic(x syntax.ArithmExpr) (n int, ok bool) {
	ok = sh.expanding(func(cfg *expand.Config) (err error) {
		n, err = expand.Arithm(cfg, x)
		return err
	})
	return n, ok
}

// boundReplacements refuses ${x//a/b} that would multiply two long values: the
// expansion itself would only see its parts.
func boundReplacements(cfg *expand.Config, words ...*syntax.Word) (err error) {
	for _, w := range words {
		if w.Lit() != "" {
			continue
		}
		syntax.Walk(w, func(n syntax.Node) bool {
			pe, ok := n.(*syntax.ParamExp)
			if !ok || pe.Repl == nil || pe.Param == nil {
				return true
			}
			in := cfg.Env.Get(pe.Param.Value)
			size := len(in.Str)
			for _, s := range in.List {
				size += len(s)
			}
			with := 0
			if pe.Repl.With != nil {
				syntax.Walk(pe.Repl.With, func(n syntax.Node) bool {
					switch n := n.(type) {
					case *syntax.Lit:
						with += len(n.Value)
					case *syntax.ParamExp:
						if n.Param != nil {
							with += len(cfg.Env.Get(n.Param.Value).Str)
						}
					case *syntax.CmdSubst:
						with += maxExpansion / 64
					}
					return true
				})
			}
			if size*max(with, 1) > maxExpansion {
				panic(outOfMemory{})
			}
			return true
		})
	}
	return err
}

// printVariables lists variables as `set`, `export` and `readonly` do.
func (sh *shell) printVariables(w io.Writer, prefix string, which func(variable) bool) {
	for _, name := range slices.Sorted(maps.Keys(sh.vars)) {
		v := sh.vars[name]
		switch {
		case !which(v):
		case v.unset:
			if prefix != "" {
				fmt.Fprintf(w, "%s%s\n", prefix, name)
			}
		default:
			fmt.Fprintf(w, "%s%s=%s\n", prefix, name, singleQuoted(v.value))
		}
	}
}

// singleQuoted quotes as ash prints values.
func singleQuoted(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

// traced quotes an argument as `set -x` of ash prints it.
func traced(s string) string {
	if s == "" {
		return "''"
	}
	for i := range len(s) {
		if c := s[i]; !isWordByte(c) && !strings.ContainsRune("%+,-./:@]^_", rune(c)) {
			return singleQuoted(s)
		}
	}
	return s
}
