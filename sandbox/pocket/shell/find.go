package shell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/pattern"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// found is a file that find looks at.
type found struct {
	name  string // as find prints it
	info  fs.FileInfo
	prune bool
}

// condition is a part of find's expression: it tests or acts.
type condition func(f *found) bool

// finder is a run of find.
type finder struct {
	ctx               context.Context
	p                 *proc.Process
	args              []string
	least, most       int
	depthFirst, acted bool
	follow            bool
	finish            []func()
	code, nested      int
}

func runFind(ctx context.Context, p *proc.Process) int {
	f := &finder{ctx: ctx, p: p, most: maxFileDepth, args: p.Args[1:]}
	var roots []string
	for len(f.args) > 0 && (f.args[0] == "-L" || f.args[0] == "-H" || f.args[0] == "-P") {
		f.follow = f.args[0] == "-L"
		f.args = f.args[1:]
	}
	for len(f.args) > 0 && !strings.HasPrefix(f.args[0], "-") && f.args[0] != "(" && f.args[0] != "!" {
		roots = append(roots, f.args[0])
		f.args = f.args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	expression, err := f.or()
	if err == nil && len(f.args) > 0 {
		err = fmt.Errorf("unrecognized: %s", f.args[0])
	}
	if err != nil {
		return p.Fail(1, "%s", err)
	}
	for _, root := range roots {
		f.visit(root, 0, expression)
	}
	for _, do := range f.finish {
		do()
	}
	if ctx.Err() != nil {
		return killedCode
	}
	return f.code
}

func (f *finder) visit(name string, depth int, expression condition) {
	if f.ctx.Err() != nil {
		return
	}
	stat := f.p.Files.Lstat
	if f.follow {
		stat = f.p.Files.Stat
	}
	info, err := stat(f.p.Path(name))
	if err != nil {
		f.code = f.p.Fail(1, "%s: %s", name, reason(err))
		return
	}
	it := &found{name: name, info: info}
	judge := func() {
		if depth >= f.least && expression(it) && !f.acted {
			fmt.Fprintln(f.p.Stdout, name)
		}
	}
	if !f.depthFirst {
		judge()
	}
	if info.IsDir() && depth < f.most && !it.prune {
		entries, err := f.p.Files.ReadDir(f.p.Path(name))
		if err != nil {
			f.code = f.p.Fail(1, "%s: %s", name, reason(err))
		}
		for _, e := range entries {
			f.visit(strings.TrimSuffix(name, "/")+"/"+e.Name(), depth+1, expression)
		}
	}
	if f.depthFirst {
		judge()
	}
}

func (f *finder) or() (condition, error) {
	left, err := f.and()
	for err == nil && len(f.args) > 0 && (f.args[0] == "-o" || f.args[0] == "-or") {
		f.args = f.args[1:]
		before := left
		var right condition
		right, err = f.and()
		left = func(it *found) bool { return before(it) || right(it) }
	}
	return left, err
}

func (f *finder) and() (condition, error) {
	var all []condition
	for len(f.args) > 0 && f.args[0] != "-o" && f.args[0] != "-or" && f.args[0] != ")" {
		if f.args[0] == "-a" || f.args[0] == "-and" {
			f.args = f.args[1:]
			continue
		}
		c, err := f.primary()
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return func(it *found) bool {
		for _, c := range all {
			if !c(it) {
				return false
			}
		}
		return true
	}, nil
}

func (f *finder) primary() (condition, error) {
	word := f.args[0]
	f.args = f.args[1:]
	value := func() (string, error) {
		if len(f.args) == 0 {
			return "", fmt.Errorf("%s requires an argument", word)
		}
		v := f.args[0]
		f.args = f.args[1:]
		return v, nil
	}
	switch word {
	case "!", "-not":
		if len(f.args) == 0 {
			return nil, errors.New("bad expression")
		}
		c, err := f.primary()
		return func(it *found) bool { return !c(it) }, err
	case "(":
		if f.nested++; f.nested > 100 {
			return nil, errors.New("bad expression")
		}
		c, err := f.or()
		if err == nil && (len(f.args) == 0 || f.args[0] != ")") {
			err = errors.New("bad expression")
		}
		if err == nil {
			f.args = f.args[1:]
		}
		return c, err
	case "-print":
		f.acted = true
		return func(it *found) bool { fmt.Fprintln(f.p.Stdout, it.name); return true }, nil
	case "-print0":
		f.acted = true
		return func(it *found) bool { fmt.Fprintf(f.p.Stdout, "%s\x00", it.name); return true }, nil
	case "-prune":
		return func(it *found) bool { it.prune = true; return true }, nil
	case "-depth":
		f.depthFirst = true
		return always, nil
	case "-xdev", "-mount", "-noleaf", "-true":
		return always, nil
	case "-delete":
		f.acted, f.depthFirst = true, true
		return f.remove, nil
	case "-empty":
		return func(it *found) bool {
			if it.info.IsDir() {
				entries, err := f.p.Files.ReadDir(f.p.Path(it.name))
				return err == nil && len(entries) == 0
			}
			return it.info.Mode().IsRegular() && it.info.Size() == 0
		}, nil
	case "-exec", "-ok":
		return f.exec()
	}
	v, err := value()
	if err != nil {
		return nil, fmt.Errorf("unrecognized: %s", word)
	}
	switch word {
	case "-name", "-iname", "-path", "-ipath", "-wholename":
		mode := pattern.EntireString
		if strings.HasPrefix(word, "-i") {
			v = strings.ToLower(v)
		}
		re, err := compile(v, mode)
		if err != nil {
			return nil, fmt.Errorf("bad pattern '%s'", v)
		}
		return func(it *found) bool {
			subject := it.name
			if strings.HasSuffix(word, "name") && word != "-wholename" {
				subject = path.Base(subject)
			}
			if strings.HasPrefix(word, "-i") {
				subject = strings.ToLower(subject)
			}
			return re.MatchString(subject)
		}, nil
	case "-type":
		kinds := map[string]fs.FileMode{"d": fs.ModeDir, "l": fs.ModeSymlink, "p": fs.ModeNamedPipe, "s": fs.ModeSocket, "c": fs.ModeDevice | fs.ModeCharDevice, "b": fs.ModeDevice, "f": 0}
		kind, ok := kinds[v]
		if !ok {
			return nil, fmt.Errorf("unrecognized -type argument: %s", v)
		}
		return func(it *found) bool { return it.info.Mode().Type() == kind }, nil
	case "-maxdepth", "-mindepth":
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("invalid number '%s'", v)
		}
		if word == "-maxdepth" {
			f.most = min(n, maxFileDepth)
		} else {
			f.least = n
		}
		return always, nil
	case "-size", "-mtime", "-mmin", "-uid", "-gid", "-links":
		return numeric(word, v)
	case "-newer":
		info, err := f.p.Files.Stat(f.p.Path(v))
		if err != nil {
			return nil, fmt.Errorf("%s: %s", v, reason(err))
		}
		return func(it *found) bool { return it.info.ModTime().After(info.ModTime()) }, nil
	case "-user":
		entry, ok := lookUpUser(f.p, v)
		if !ok {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("unknown user %s", v)
			}
			entry.uid = n
		}
		return func(it *found) bool { uid, _ := files.Owner(it.info); return uid == entry.uid }, nil
	case "-perm":
		kind := byte(0)
		if v != "" && (v[0] == '-' || v[0] == '/') {
			kind, v = v[0], v[1:]
		}
		m, ok := parseMode(v, 0, false)
		if !ok {
			return nil, fmt.Errorf("invalid mode '%s'", v)
		}
		return func(it *found) bool {
			have := it.info.Mode().Perm()
			switch kind {
			case '-':
				return have&m.Perm() == m.Perm()
			case '/':
				return have&m.Perm() != 0 || m.Perm() == 0
			}
			return have == m.Perm()
		}, nil
	}
	return nil, fmt.Errorf("unrecognized: %s", word)
}

func always(*found) bool { return true }

func (f *finder) remove(it *found) bool {
	if it.name == "." {
		return true
	}
	remove := func(name string) error { return f.p.Files.Remove(name, false) }
	if it.info.IsDir() {
		remove = f.p.Files.Rmdir
	}
	if err := remove(f.p.Path(it.name)); err != nil {
		f.code = f.p.Fail(1, "%s: %s", it.name, reason(err))
		return false
	}
	return true
}

// numeric makes a test like -size +10k.
func numeric(word, text string) (condition, error) {
	sign := 0
	number := text
	switch {
	case strings.HasPrefix(text, "+"):
		sign, number = 1, text[1:]
	case strings.HasPrefix(text, "-"):
		sign, number = -1, text[1:]
	}
	unit := int64(512)
	if word == "-size" && number != "" {
		units := map[byte]int64{'c': 1, 'w': 2, 'b': 512, 'k': 1 << 10, 'M': 1 << 20, 'G': 1 << 30}
		if u, ok := units[number[len(number)-1]]; ok {
			unit, number = u, number[:len(number)-1]
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("invalid number '%s'", text)
	}
	return func(it *found) bool {
		var have int64
		uid, gid := files.Owner(it.info)
		switch word {
		case "-size":
			have = (it.info.Size() + unit - 1) / unit
		case "-mtime":
			have = int64(time.Since(it.info.ModTime()) / (24 * time.Hour))
		case "-mmin":
			have = int64(time.Since(it.info.ModTime()) / time.Minute)
		case "-uid":
			have = uid
		case "-gid":
			have = gid
		case "-links":
			attr, _ := it.info.Sys().(files.Attr)
			have = int64(attr.Links)
		}
		switch sign {
		case 1:
			return have > n
		case -1:
			return have < n
		}
		return have == n
	}, nil
}

// exec is -exec COMMAND {} ; or with + for many at once.
func (f *finder) exec() (condition, error) {
	f.acted = true
	var command []string
	together := false
	for {
		if len(f.args) == 0 {
			return nil, errors.New("-exec requires an argument")
		}
		arg := f.args[0]
		f.args = f.args[1:]
		if arg == ";" {
			break
		}
		if arg == "+" && len(command) > 0 && command[len(command)-1] == "{}" {
			together = true
			break
		}
		command = append(command, arg)
	}
	if len(command) == 0 {
		return nil, errors.New("-exec requires an argument")
	}
	call := func(args []string) bool {
		code, err := run(f.ctx, f.p, args...)
		if err != nil {
			f.code = f.p.Fail(1, "%s: %s", args[0], reason(err))
		}
		return err == nil && code == 0
	}
	if together {
		var names []string
		f.finish = append(f.finish, func() {
			if len(names) > 0 && !call(append(command[:len(command)-1:len(command)-1], names...)) {
				f.code = 1
			}
		})
		return func(it *found) bool { names = append(names, it.name); return true }, nil
	}
	return func(it *found) bool {
		args := make([]string, len(command))
		for i, a := range command {
			args[i] = strings.ReplaceAll(a, "{}", it.name)
		}
		return call(args)
	}, nil
}
