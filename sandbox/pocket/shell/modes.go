package shell

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// parseMode reads a mode as chmod takes it: octal, or letters over the old one.
func parseMode(text string, old fs.FileMode, dir bool) (fs.FileMode, bool) {
	special := fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	if n, err := strconv.ParseUint(text, 8, 16); err == nil && n <= 0o7777 {
		m := fs.FileMode(n & 0o777)
		for i, bit := range []fs.FileMode{fs.ModeSticky, fs.ModeSetgid, fs.ModeSetuid} {
			if n&(0o1000<<i) != 0 {
				m |= bit
			}
		}
		return m, true
	}
	m := old & (fs.ModePerm | special)
	for clause := range strings.SplitSeq(text, ",") {
		at := strings.IndexAny(clause, "+-=")
		if at < 0 {
			return 0, false
		}
		var who fs.FileMode
		for _, c := range clause[:at] {
			switch c {
			case 'u':
				who |= 0o700
			case 'g':
				who |= 0o070
			case 'o':
				who |= 0o007
			case 'a':
				who |= 0o777
			default:
				return 0, false
			}
		}
		if who == 0 {
			who = 0o777
		}
		op := clause[at]
		var bits, more fs.FileMode
		for _, c := range clause[at+1:] {
			switch c {
			case 'r':
				bits |= 0o444
			case 'w':
				bits |= 0o222
			case 'x':
				bits |= 0o111
			case 'X':
				if dir || old&0o111 != 0 {
					bits |= 0o111
				}
			case 's':
				if who&0o700 != 0 {
					more |= fs.ModeSetuid
				}
				if who&0o070 != 0 {
					more |= fs.ModeSetgid
				}
			case 't':
				more |= fs.ModeSticky
			case 'u':
				bits |= m >> 6 & 7 * 0o111
			case 'g':
				bits |= m >> 3 & 7 * 0o111
			case 'o':
				bits |= m & 7 * 0o111
			default:
				return 0, false
			}
		}
		switch op {
		case '+':
			m |= bits&who | more
		case '-':
			m &^= bits&who | more
		case '=':
			m = m&^who | bits&who | more
		}
	}
	return m, true
}

// eachFile calls do for the files named and, recursively, those below.
func eachFile(p *proc.Process, names []string, recursive bool, do func(name string, info fs.FileInfo) error, failed func(name string, err error)) {
	var visit func(name string, depth int)
	visit = func(name string, depth int) {
		info, err := p.Files.Stat(p.Path(name))
		if err == nil {
			err = do(name, info)
		}
		if err != nil {
			failed(name, err)
			return
		}
		if !recursive || !info.IsDir() || depth > maxFileDepth {
			return
		}
		entries, err := p.Files.ReadDir(p.Path(name))
		if err != nil {
			failed(name, err)
			return
		}
		for _, e := range entries {
			if e.Type()&fs.ModeSymlink == 0 {
				visit(strings.TrimSuffix(name, "/")+"/"+e.Name(), depth+1)
			}
		}
	}
	for _, name := range names {
		visit(name, 0)
	}
}

func runChmod(_ context.Context, p *proc.Process) int {
	args := p.Args[1:]
	recursive := false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "Rvcf") == "" {
		recursive = recursive || strings.Contains(args[0], "R")
		args = args[1:]
	}
	if len(args) < 2 {
		return p.Fail(1, "requires at least 2 arguments")
	}
	code := 0
	eachFile(p, args[1:], recursive, func(name string, info fs.FileInfo) error {
		m, ok := parseMode(args[0], info.Mode(), info.IsDir())
		if !ok {
			return errors.New("invalid mode '" + args[0] + "'")
		}
		return p.Files.Chmod(p.Path(name), m)
	}, func(name string, err error) {
		if strings.HasPrefix(err.Error(), "invalid mode") {
			code = p.Fail(1, "%s", err)
			return
		}
		code = p.Fail(1, "%s: %s", name, reason(err))
	})
	return code
}

// runChown is chown and chgrp.
func runChown(_ context.Context, p *proc.Process) int {
	set, args := flags(p, "")
	_, recursive := set['R']
	if len(args) < 2 {
		return p.Fail(1, "requires at least 2 arguments")
	}
	user, group, hasGroup := strings.Cut(args[0], ":")
	if !hasGroup {
		user, group, hasGroup = strings.Cut(args[0], ".")
	}
	if p.Name() == "chgrp" {
		user, group, hasGroup = "", args[0], true
	}
	uid, gid := int64(-1), int64(-1)
	if user != "" {
		n, err := strconv.ParseInt(user, 10, 64)
		if entry, ok := lookUpUser(p, user); ok {
			n, err = entry.uid, nil
		}
		if err != nil {
			return p.Fail(1, "unknown user %s", user)
		}
		uid = n
	}
	if hasGroup && group != "" {
		n, err := strconv.ParseInt(group, 10, 64)
		for id, name := range groups(p) {
			if name == group {
				n, err = id, nil
			}
		}
		if err != nil {
			return p.Fail(1, "unknown group %s", group)
		}
		gid = n
	}
	code := 0
	eachFile(p, args[1:], recursive, func(name string, info fs.FileInfo) error {
		u, g := files.Owner(info)
		if uid >= 0 {
			u = uid
		}
		if gid >= 0 {
			g = gid
		}
		return p.Files.Chown(p.Path(name), u, g)
	}, func(name string, err error) { code = p.Fail(1, "%s: %s", name, reason(err)) })
	return code
}
